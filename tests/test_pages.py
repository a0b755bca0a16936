"""Every page without a browser: empty, loaded, with links that are wrong, and the way from a file to a build."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from examples import SENTENCES, three_clouds
from garbage import SHOWN_GARBAGE
from streamlit.testing.v1 import AppTest
from visits import SCRIPTS, drawn, go, healthy, link_of, maps, page_text, press, visit

from explorer.app.groups import Groups
from explorer.app.pages import PAGES
from explorer.app.theme import THEMES
from explorer.app.visit import Visit
from explorer.geometry.clusters import Clusters
from explorer.library.samples import SAMPLES, open_sample

MAP = "pages/map.py"

COMPUTED = ["group", "outlier score", "rows with this content"]
COLORS = {
    "support_tickets": [COMPUTED[0], "topic", "product", "channel", "urgency", "created", "split", *COMPUTED[1:]],
    "digits": [COMPUTED[0], "digit", *COMPUTED[1:]],
}


def upload(name: str, content: bytes, at: AppTest | None = None) -> AppTest:
    at = at or visit()
    at.file_uploader[0].upload(name, content)
    return healthy(at.run())


def keyed(elements: Any, start: str) -> Any:
    """The one widget whose key starts so; the rest of a key names the file it belongs to."""
    found = [element for element in elements if (element.key or "").startswith(start)]
    assert len(found) == 1, [element.key for element in elements]
    return found[0]


def samples(at: AppTest) -> set[str]:
    """The samples that a page offers."""
    linked = {link.proto.query_string.removeprefix("sample=") for link in at.page_link if link.label in TITLES}
    return linked | {key.removeprefix("open-") for key in buttons(at) if key.startswith("open-")} & set(SAMPLES)


TITLES = {sample.title for sample in SAMPLES.values()}


def buttons(at: AppTest) -> list[str]:
    return [button.key or "" for button in at.button]


# ---- empty and loaded ----------------------------------------------------------------------------------


@pytest.mark.parametrize("script", SCRIPTS)
def test_an_empty_page_says_what_to_do_and_offers_each_sample(script):
    at = visit(script)
    assert at.markdown[0].value.startswith("# ")
    assert samples(at) == set(SAMPLES)
    assert "file" in page_text(at) + "".join(uploader.label for uploader in at.file_uploader)
    assert not maps(at)


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("sample", SAMPLES)
def test_a_sample_opens_from_an_empty_page_which_names_it_and_reports_nothing_wrong(script, sample):
    at = visit(script)
    if script == SCRIPTS[0]:
        at = go(at, script, sample=sample)  # where its card leads, but to the map
    else:
        press(at, f"open-{sample}")
    assert at.query_params["sample"] in (sample, [sample])
    assert any(SAMPLES[sample].title in text.value for text in at.text)
    assert not at.error
    assert not at.warning


@pytest.mark.parametrize("sample", SAMPLES)
def test_home_tells_five_numbers_and_each_is_a_link(sample):
    at = visit(sample=sample)
    numbers = [link for link in at.page_link if link.label.startswith("**") and link.label[2].isdigit()]
    for link, page in zip(numbers, ("map", "clusters", "outliers", "map"), strict=True):
        assert page in link.page
        assert f"sample={sample}" in link.proto.query_string
    assert at.button(key="list-errors").label.endswith("errors or cut")
    assert numbers[0].label == f"**{len(open_sample(sample)[0]):,}** rows"
    assert f"{drawn(go(at, MAP))['points']['n']:,} distinct" in page_text(visit(sample=sample))


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_map_draws_every_item_and_lists_every_group(sample):
    at = visit(MAP, sample=sample)
    data = drawn(at)
    table, _ = open_sample(sample)
    assert 0.9 * len(table) < data["points"]["n"] <= len(table)
    groups = [key for key in buttons(at) if key.startswith("group-")]
    assert len(groups) == sum(not label["level"] for label in data["labels"]) >= 5
    assert data["color"]["kind"] == "category"
    assert "nearest neighbors" in page_text(at)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_page_links_to_every_other_and_keeps_the_dataset(script):
    at = visit(script, sample="digits")
    header = [link for link in at.page_link if link.label.strip("*") in {page.title for page in PAGES.values()}]
    assert [link.label.strip("*") for link in header] == [page.title for page in PAGES.values()]
    assert all("sample=digits" in link.proto.query_string for link in header)


# ---- links that are wrong ------------------------------------------------------------------------------


WRONG_LINKS = (
    {"sample": "no_such_sample"},
    {"space": "0" * 32},
    {"space": "../../etc/passwd"},
    {"space": "0" * 32, "w": "a" * 30},
    {"space": "x" * 5000, "w": "../.."},
    {"sample": "<b>:red[x]</b>"},
)


# Every wrong link on some page, and on every page some wrong link: what answers is the same code.
@pytest.mark.parametrize(("script", "link"), [(SCRIPTS[n % len(SCRIPTS)], link) for n, link in enumerate(WRONG_LINKS)])
def test_a_link_to_what_is_not_there_gives_one_sentence_and_a_way_on(script, link):
    at = visit(script, **link)
    assert len(at.warning) + len(at.error) == 1
    assert (at.warning or at.error)[0].value.rstrip().endswith(".")
    assert "Traceback" not in page_text(at)
    assert samples(at) == set(SAMPLES)


@pytest.mark.parametrize("value", SHOWN_GARBAGE)
def test_garbage_in_the_address_does_no_harm(value):
    at = visit(
        MAP, sample="support_tickets", **dict.fromkeys(("row", "sel", "color", "show", "view", "why", "w"), value)
    )
    assert drawn(at)["points"]["n"] == 433
    assert drawn(at)["color"]["title"] == "group"
    assert any(key.startswith("group-") for key in buttons(at))


def test_a_row_of_another_table_is_let_go():
    at = visit(MAP, sample="support_tickets", at="445")
    assert drawn(at)["highlight"]["focus"] is None
    at = visit(MAP, sample="support_tickets", at="444")
    assert drawn(at)["highlight"]["focus"] is not None


def test_views_of_the_wrong_shape_reach_the_browser_as_a_view_or_not_at_all():
    for value in ('{"x":[1],"y":"a"}', "[1,2]", '{"x":[NaN,1],"y":[0,1]}', '{"x":[5,5],"y":[0,0]}', "[" * 90_000):
        view = drawn(visit(MAP, sample="support_tickets", view=value))["view"]
        assert view is None or isinstance(view, dict)


# ---- what the address says -----------------------------------------------------------------------------


@pytest.mark.parametrize("sample", COLORS)
def test_the_map_offers_what_is_worth_a_color(sample):
    box = visit(MAP, sample=sample).selectbox(key="color")
    assert box.options == COLORS[sample]


@pytest.mark.parametrize(
    ("sample", "choice"), [(sample, choice) for sample, choices in COLORS.items() for choice in choices]
)
def test_a_color_in_the_address_is_the_color_of_the_map(sample, choice):
    at = visit(MAP, sample=sample, color=choice)
    assert at.selectbox(key="color").value == choice
    color = drawn(at)["color"]
    assert color["title"] == choice
    assert color["kind"] == ("number" if choice in ("urgency", "created", *COMPUTED[1:]) else "category")


def test_recoloring_changes_the_colors_and_nothing_else_of_the_map():
    at = visit(MAP, sample="support_tickets", at="11")
    before = drawn(at)
    healthy(at.selectbox(key="color").set_value("channel").run())
    after = drawn(at)
    assert before["color"]["version"] != after["color"]["version"]
    for part in ("points", "labels", "highlight", "view", "view_version", "height", "hover_path"):
        assert before[part] == after[part]


def dots(at: AppTest) -> dict[str, str]:
    """The color before each name in the list of groups, as its style says; empty where there is none."""
    styles = " ".join(element.proto.body for element in at.get("html"))
    return dict(re.findall(r"\.st-key-group-(\w+) { --dot: (#\w+); }", styles))


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_list_of_groups_is_the_legend_of_a_map_of_groups(sample):
    at = visit(MAP, sample=sample)
    data, found = drawn(at), dots(at)
    assert not data["legend"]
    listed = [key.removeprefix("group-") for key in buttons(at) if key.startswith("group-")]
    palette = data["color"]["palette"]
    assert [found[group] for group in listed] == [palette[min(i, len(palette) - 1)] for i in range(len(listed))]
    healthy(at.selectbox(key="color").set_value("outlier score").run())
    assert drawn(at)["legend"]
    assert not dots(at)  # the list names groups, the map shows something else


def test_what_is_in_no_group_is_listed_too(monkeypatch):
    at = visit(MAP, sample="support_tickets")
    labels = np.arange(drawn(at)["points"]["n"]) % 3 - 1  # every third item is left over
    groups = Groups(Clusters(labels, ("one", "two")), "every third left over")
    monkeypatch.setattr(Visit, "groups", groups)
    healthy(at.run())
    assert [key for key in buttons(at) if key.startswith("group-")] == ["group-0", "group-1", "group-none"]
    assert dots(at)["none"] == THEMES["light"].missing
    press(at, "group-none")
    assert len(drawn(at)["highlight"]["items"]) == (labels == -1).sum()


def test_a_row_in_the_address_shows_the_row_and_its_true_neighbors():
    table, _ = open_sample("support_tickets")
    at = visit(MAP, sample="support_tickets", at="11")
    assert table.arrow.column("text")[11].as_py() in [text.value for text in at.text]
    near = [key for key in buttons(at) if key.startswith("near-")]
    assert len(near) == len(drawn(at)["highlight"]["neighbors"]) == 10
    press(at, near[0])
    assert drawn(at)["highlight"]["focus"] == int(near[0].removeprefix("near-"))


@pytest.mark.parametrize("what", ["repeated", "cut"])  # possible outliers: test_outliers_page.py
def test_a_number_of_the_home_page_shows_its_rows(what):
    at = visit(MAP, sample="support_tickets", show=what)
    assert len(at.dataframe) == 1
    shown = at.dataframe[0].value
    assert f"{len(shown)} rows selected" in page_text(at)
    assert len(shown) >= 3
    assert len(drawn(at)["highlight"]["items"]) > 0
    assert "sel" in at.query_params
    assert "show" not in at.query_params


def test_a_selection_survives_in_its_link_and_can_be_cleared():
    first = visit(MAP, sample="support_tickets")
    press(first, "group-1")
    chosen = drawn(first)["highlight"]["items"]
    again = visit(MAP, **link_of(first))
    assert drawn(again)["highlight"]["items"] == chosen
    press(again, "clear-selection")
    assert drawn(again)["highlight"]["items"] == []


def test_a_question_needs_a_model_and_says_so_without_one():
    assert visit(MAP, sample="digits").text_input(key="q").disabled
    at = visit(MAP, sample="digits", q="where is three")
    assert drawn(at)["highlight"]["star"] is None


def test_a_question_gets_a_star_and_its_answers():
    at = visit(MAP, sample="support_tickets", q="my parcel never came")
    assert drawn(at)["highlight"]["star"]["text"] == "my parcel never came"
    answers = [button for button in at.button if (button.key or "").startswith("answer-")]
    assert len(answers) == 10
    assert any("parcel" in button.label for button in answers)


# ---- from a file to a map ------------------------------------------------------------------------------


def test_a_csv_is_previewed_its_roles_guessed_and_built():
    at = upload("sentences.csv", SENTENCES.read_bytes())
    assert "59 rows · 3 columns · CSV" in page_text(at)
    assert list(at.dataframe[0].value.columns) == ["id", "text", "topic"]
    assert keyed(at.multiselect, "role-text").value == ["text"]
    assert keyed(at.selectbox, "role-Label").value == "topic"
    assert at.radio(key="model").value == "minilm"
    press(at, "build")
    numbers = [link.label for link in at.page_link if link.label.startswith("**")]
    assert "**59** rows" in numbers
    at = go(at, MAP)
    assert drawn(at)["points"]["n"] == 58
    assert at.selectbox(key="color").options == [COMPUTED[0], "topic", *COMPUTED[1:]]
    assert drawn(at)["hover_path"].startswith("/explorer-map/data/")


def vectors_parquet() -> bytes:
    vectors, belongs = three_clouds(each=8)
    flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    file = io.BytesIO()
    pq.write_table(pa.table({"cloud": [f"cloud {one}" for one in belongs], "vector": flat}), file)
    return file.getvalue()


def vectors_npy(rows: int) -> bytes:
    file = io.BytesIO()
    np.save(file, np.random.default_rng(rows).standard_normal((rows, 5)).astype(np.float32))
    return file.getvalue()


def build(at: AppTest) -> AppTest:
    press(at, "build")
    assert not at.error, page_text(at)
    return go(at, MAP)


def test_ready_made_vectors_need_no_model():
    at = upload("clouds.parquet", vectors_parquet())
    assert "model" not in [radio.key for radio in at.radio]
    at = build(at)
    assert drawn(at)["points"]["n"] == 24
    assert "cloud" in at.selectbox(key="color").options


@pytest.mark.parametrize("rows", [1, 2, 3, 12])
def test_a_table_of_few_rows_has_its_map(rows):
    at = build(upload(f"{rows}.npy", vectors_npy(rows)))
    assert drawn(at)["points"]["n"] == rows
    for choice in at.selectbox(key="color").options:
        healthy(at.selectbox(key="color").set_value(choice).run())
    go(at, MAP, at="0")


@pytest.mark.parametrize("address", [{}, {"color": "rows with this content", "row": "2"}])
def test_the_same_settings_in_three_dimensions(address):
    at = visit(MAP, **link_of(build(upload("12.npy", vectors_npy(12)))), **address)
    dimensions = [group for group in at.segmented_control if group.label == "Dimensions"]
    healthy(dimensions[0].set_value(3).run())
    press(at, "apply-settings")
    healthy(at.run())
    assert drawn(at)["points"]["dims"] == 3
    assert drawn(at)["color"]["title"] == address.get("color", "group")


@pytest.mark.parametrize("address", [{}, {"color": "digit"}])
def test_only_these_rows_become_a_map_of_their_own(address):
    at = visit(MAP, sample="digits", **address)
    press(at, "group-9")
    chosen = len(drawn(at)["highlight"]["items"])
    press(at, "only-these")
    assert drawn(at)["points"]["n"] == chosen
    assert f"{chosen:,} rows" in page_text(at)
    assert any(link.label == "Handwritten digits" for link in at.page_link), "the way back to all rows"
    assert "sample" not in at.query_params


def test_what_was_built_is_listed_under_recent_and_can_be_forgotten():
    at = upload("recent.npy", vectors_npy(11))
    press(at, "build")
    space = at.query_params["space"]
    at = go(at, SCRIPTS[0], sample="digits")
    reopen = keyed(at.button, "reopen-")
    healthy(reopen.click().run())
    assert at.query_params["space"] == space
    at = go(at, SCRIPTS[0], sample="digits")
    healthy(keyed(at.button, "forget-").click().run())
    assert not [key for key in buttons(at) if key.startswith("reopen-")]


@pytest.mark.parametrize(
    ("name", "content", "hint"),
    [
        ("empty.csv", b"", "empty"),
        ("blank.csv", b"\n\n  \n", ""),
        ("zeros.parquet", b"\x00" * 400, "Parquet"),
        ("cut.parquet", b"PAR1 and no more", "Parquet"),
        ("cut.json", b'{"a": [1, 2', "JSON"),
        ("cut.npy", b"\x93NUMPY\x01\x00v\x00{'descr'", ""),
        ("book.xlsx", b"PK\x03\x04 not a workbook", ""),
        ("numbers.csv", b"a,b\n1,2\n3,4\n5,6\n7,8\n", "text"),
        ("program.exe", bytes(range(256)) * 8, ""),
    ],
)
def test_a_file_of_no_use_gets_one_sentence_and_no_build(name, content, hint):
    at = upload(name, content)
    sentences = [*at.error, *at.warning]
    assert len(sentences) == 1
    assert hint.lower() in sentences[0].value.lower()
    assert sentences[0].value.rstrip().endswith(".")
    assert "build" not in buttons(at)


def test_the_next_file_takes_the_place_of_one_that_could_not_be_read():
    at = upload("empty.csv", b"")
    assert at.error
    at = upload("clouds.parquet", vectors_parquet(), at)
    assert not at.error
    assert "build" in buttons(at)


def test_without_any_text_column_nothing_is_built():
    at = upload("sentences.csv", SENTENCES.read_bytes())
    healthy(keyed(at.multiselect, "role-text").set_value([]).run())
    assert len(at.warning) == 1
    assert "build" not in buttons(at)


def test_foreign_texts_are_noticed_before_the_wait():
    german = [
        "Die Lieferung kam erst gestern Abend bei mir an.", "Wo finde ich bitte meine Rechnung vom letzten Monat?",
        "Das Gerät lässt sich seit heute Morgen nicht mehr einschalten.", "Ich möchte meinen Vertrag gerne kündigen.",
        "Warum wurde der Betrag schon wieder doppelt abgebucht?", "Der Kundendienst war sehr freundlich zu uns.",
        "Bitte schicken Sie mir eine neue Anleitung zu.", "Leider passt die bestellte Größe überhaupt nicht.",
    ]  # fmt: skip
    at = upload("deutsch.csv", ("text\n" + "\n".join(f'"{line}"' for line in german)).encode())
    assert any("German" in warning.value for warning in at.warning)
    press(at, "model-multilingual")
    assert "multilingual" in at.selectbox(key="model-other").value


@pytest.mark.parametrize("model", ["../x", "/etc", "http://127.0.0.1/x", "owner/none-of-that-name"])
def test_a_model_that_is_not_to_be_had_is_one_sentence(model):
    at = upload("sentences.csv", SENTENCES.read_bytes())
    healthy(at.radio(key="model").set_value("other").run())
    healthy(at.selectbox(key="model-other").set_value("by name").run())
    healthy(at.text_input(key="model-name").set_value(model).run())
    if "build" in buttons(at):
        press(at, "build")
    assert len(at.error) == 1
    assert model.rsplit("/", 1)[-1] in at.error[0].value.replace("\\", "")


def test_a_path_on_the_server_is_open_to_no_one_by_default():
    assert not visit().text_input


@pytest.mark.parametrize("path", ["../outside.csv", "/etc/passwd", "absent.csv", "", "\x00", "a" * 5000])
def test_a_path_stays_below_the_folder_that_the_operator_named(path, tmp_path, monkeypatch):
    folder = tmp_path / "open"
    folder.mkdir()
    (tmp_path / "outside.csv").write_text("text\nsecret words of somebody else\n")
    monkeypatch.setenv("EXPLORER_DATA_FOLDER", str(folder))
    at = visit()
    healthy(keyed(at.text_input, "path").set_value(path).run())
    assert len(at.error) == bool(path)
    assert "secret" not in page_text(at)
    assert "build" not in buttons(at)


def test_a_file_below_that_folder_opens(tmp_path, monkeypatch):
    (tmp_path / "clouds.parquet").write_bytes(vectors_parquet())
    monkeypatch.setenv("EXPLORER_DATA_FOLDER", str(tmp_path))
    at = visit()
    healthy(keyed(at.text_input, "path").set_value("clouds.parquet").run())
    assert drawn(build(at))["points"]["n"] == 24


# ---- work that continues -------------------------------------------------------------------------------


def test_a_new_version_goes_on_with_tags_and_settings():
    first = pq.read_table(io.BytesIO(vectors_parquet()))
    first = first.append_column("id", pa.array([f"r{number}" for number in range(first.num_rows)]))
    at = build(upload("clouds.parquet", as_parquet(first)))
    press(at, "group-0")
    healthy(at.text_input(key="tag").set_value("mine").run())
    press(at, "tag-rows")
    tagged = re.search(r"(\d+) rows? selected", page_text(at))

    at = go(at, SCRIPTS[0])
    later = pa.concat_tables([first.slice(5), first.slice(0, 5)]).set_column(
        first.column_names.index("id"), "id", pa.array([f"r{n}" for n in (*range(5, first.num_rows), *range(5))])
    )
    at = upload("clouds-june.parquet", as_parquet(later), at)
    assert "These are the 24 rows of" in page_text(at)
    assert "in another order" in page_text(at)
    assert keyed(at.segmented_control, "version-").value == "Its next version"
    at = build(at)
    tag = next(button for button in at.button if button.key == "show-tag-0")
    assert "mine" in tag.label
    healthy(tag.click().run())
    assert tagged is not None
    assert tagged.group(0) in page_text(at)


def test_what_was_said_last_can_be_taken_back_from_every_page():
    at = build(upload("clouds.parquet", vectors_parquet()))
    press(at, "group-1")
    healthy(at.text_input(key="tag").set_value("mine").run())
    press(at, "tag-rows")
    at = go(at, SCRIPTS[0])
    press(at, "undo")
    assert "redo" in buttons(at)
    assert "undo" not in buttons(at)


def as_parquet(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


@pytest.mark.parametrize(("corner", "kept"), [(1e6, True), (-1e6, False)])
def test_a_shape_around_nothing_leaves_the_selection_and_says_so(corner, kept):
    def page(corner: float) -> None:
        import numpy as np
        import streamlit as st

        from explorer.app import session
        from explorer.app.selecting import select_shape
        from explorer.library.workspaces import sample_entry

        space = session.space_of(sample_entry("digits"))
        shape = {"type": "box", "x": [corner, 1e7], "y": [corner, 1e7]}
        select_shape(space, shape, space.layout, np.ones(len(space.items), bool))
        st.text(str(st.query_params.get("sel")))

    at = AppTest.from_function(page, args=(corner,), default_timeout=120)
    at.query_params["sel"] = "before"
    healthy(at.run())
    assert (at.text[0].value == "before") is kept
    assert [toast.value for toast in at.toast] == (["No points inside: nothing selected."] if kept else [])

"""What stands beside the map, without a browser: a row and the ways on, groups under a filter, answers, selections."""

from __future__ import annotations

import re

import numpy as np
import pytest
from examples import WRONG_LABEL, sentence_table, stored_recipe, table_of
from streamlit.testing.v1 import AppTest
from visits import drawn, go, healthy, link_of, opened, page_text, press, visit

from explorer.analysis.filters import Condition, to_link
from explorer.answers.view import View
from explorer.app import session
from explorer.building import build
from explorer.library.samples import SAMPLES
from explorer.library.workspaces import sample_entry
from explorer.space import Space
from explorer.table.table import Table
from explorer.views import map_content

MAP, OUTLIERS = "pages/map.py", "pages/outliers.py"


def built(table: Table, columns: tuple[str, ...], **choices: object) -> Space:
    recipe = stored_recipe(session.store(), table, columns, **choices)
    return build(recipe, store=session.store())


@pytest.fixture(scope="module")
def sentences() -> Space:
    return built(sentence_table(), ("text",))


def on(space: Space, /, **params: str) -> AppTest:
    return opened(MAP, space.recipe, space.wrapped, **params)


def filtered(**values: str) -> str:
    return to_link(tuple(Condition(column, values=(value,)) for column, value in values.items()))


def heading(at: AppTest) -> str:
    return next(part.value for part in at.markdown if part.value.startswith("#### ")).replace("\\", "")


def near(at: AppTest) -> list[str]:
    return [button.label for button in at.button if (button.key or "").startswith("near-")]


def facts(at: AppTest) -> str:
    return " ".join(element.proto.body for element in at.get("html"))


# ---- a row ---------------------------------------------------------------------------------------------


def test_a_wrong_label_differs_from_those_of_its_neighbors_by_a_sign_and_in_words(sentences):
    table = sentence_table().arrow
    row = table.column("id").to_pylist().index(WRONG_LABEL)  # football, labeled cooking
    at = on(sentences, at=str(row))
    labels, topics = near(at), table.column("topic").to_pylist()
    assert len(labels) == 10
    for label in labels:
        other = int(re.search(r"row (\d+)", label)[1])  # type: ignore[index]
        assert topics[other] in label
        assert ("≠" in label) == (topics[other] != "cooking")
    same = sum("≠" not in label for label in labels)
    assert f"{same} of 10 have the same topic, cooking" in page_text(at).replace("\\", "")
    assert same <= 3  # its neighbors are about football


def test_previous_and_next_follow_the_table_and_the_filter(sentences):
    topics = sentence_table().arrow.column("topic").to_pylist()
    football = [row for row, topic in enumerate(topics) if topic == "football"]
    at = on(sentences, at=str(football[0]), f=filtered(topic="football"))
    assert at.button(key="previous-row").disabled
    seen = [football[0]]
    while not at.button(key="next-row").disabled:
        press(at, "next-row")
        seen.append(int(link_of(at)["at"]))
    assert seen == football
    press(at, "previous-row")
    assert int(link_of(at)["at"]) == football[-2]


def test_equal_rows_are_visited_one_after_the_other_and_rows_without_content_left_out():
    table = table_of(text=["a red fox", "", "a red fox", "a blue whale", "a green frog"], color=list("vwxyz"))
    at = on(built(table, ("text",)), at="0")
    for row, cell in ((2, "x"), (3, "y")):
        press(at, "next-row")
        assert heading(at) == f"#### Row {row}"
        assert f"<dd>{cell}</dd>" in facts(at)
        assert ("2 rows" in facts(at)) == (row == 2)  # with the same content
    press(at, "previous-row")
    assert heading(at) == "#### Row 2"


def test_a_group_is_selected_alike_from_a_row_and_from_the_list(sentences):
    at = on(sentences, at="20")
    press(at, "row-group")
    from_row = link_of(at)["sel"]
    group = View(sentences).cluster_of_row[20]
    at = on(sentences)
    press(at, f"group-{group}")
    assert link_of(at)["sel"] == from_row


def test_what_is_removed_on_the_map_is_removed_on_outliers_and_undone_there(sentences):
    at = on(sentences, at="5")
    assert not at.get("badge")
    press(at, "remove-row")
    assert "undo-decision" in [button.key for button in at.button]
    elsewhere = go(at, OUTLIERS, at="5")
    assert "undo" in [button.key for button in elsewhere.button]
    assert "1 row" in page_text(elsewhere)
    at = go(elsewhere, MAP, at="5")
    press(at, "undo-decision")
    assert "remove-row" in [button.key for button in at.button]


def test_a_row_can_be_tagged_and_says_so(sentences):
    at = on(sentences, at="5")
    healthy(at.text_input(key="tag").set_value("to read").run())
    press(at, "tag-rows")
    assert "<dd>to read</dd>" in facts(at)
    press(at, "close-row")
    assert next(button for button in at.button if button.key == "show-tag-0").label.endswith(":gray[1]")


def test_all_fields_of_a_row_are_there():
    columns = {f"field {number}": [f"{number} of {row}" for row in range(6)] for number in range(12)}
    texts = [f"a sentence about {word}" for word in ("bread", "cats", "seas", "tea", "iron", "snow")]
    table = table_of(text=texts, **columns)
    at = on(built(table, ("text",)), at="3")
    assert all(f"<dd>{number} of 3</dd>" in facts(at) for number in range(12))
    assert any("more field" in part.label for part in at.expander)


def test_without_label_or_id_a_row_has_its_number_and_plain_neighbors():
    words = ["bread", "cats", "seas", "tea", "iron", "snow", "glass", "wolves"]
    at = on(built(table_of(text=[f"a sentence about {word}" for word in words]), ("text",)), at="3")
    assert heading(at) == "#### Row 3"
    assert len(near(at)) == 7
    assert not any("≠" in label for label in near(at))
    assert "have the same" not in page_text(at)


# ---- groups under a filter -----------------------------------------------------------------------------


@pytest.mark.parametrize(("sample", "column"), [("support_tickets", "topic"), ("digits", "digit"), ("words", None)])
def test_the_groups_count_the_rows_that_meet_the_filter(sample, column):
    space = session.space_of(sample_entry(sample))
    mask, params = np.ones(space.table.num_rows, bool), {}
    if column:
        value = str(space.table.column(column)[0].as_py())
        mask = np.array([str(cell) == value for cell in space.table.column(column).to_pylist()])
        params = {"f": filtered(**{column: value})}
    at = visit(MAP, sample=sample, **params)
    met = View(space, rows=mask).counted
    listed = {
        button.key: int(re.search(r":gray\[([\d,]+)", button.label)[1].replace(",", ""))  # type: ignore[index]
        for button in at.button
        if (button.key or "").startswith("group-")
    }
    assert sum(listed.values()) == met.sum()
    assert min(listed.values()) > 0
    assert f"{met.sum():,}" in next(caption.value for caption in at.caption if "similar meaning" in caption.value)
    first = max(listed, key=lambda key: listed[key])
    press(at, first)
    assert heading(at).startswith(f"#### {listed[first]:,} rows selected")


def test_a_selection_shows_those_of_its_rows_that_meet_a_later_filter(sentences):
    at = on(sentences)
    press(at, "group-0")
    topics = np.array(sentence_table().arrow.column("topic").to_pylist())
    rows = at.dataframe[0].value["row"].to_numpy()
    wanted = topics[rows[0]]
    narrowed = visit(MAP, **link_of(at), f=filtered(topic=str(wanted)))
    left = rows[topics[rows] == wanted]
    assert narrowed.dataframe[0].value["row"].tolist() == left.tolist()
    assert heading(narrowed).startswith(f"#### {len(left)} rows selected")
    if len(left) < len(rows):
        assert f"{len(rows) - len(left)} more do not meet the filter" in page_text(narrowed)
    none = visit(MAP, **link_of(at), f=filtered(topic="no such topic"))
    assert heading(none).startswith("#### 0 rows selected")
    assert not none.dataframe


# ---- answers -------------------------------------------------------------------------------------------


def test_answers_meet_the_filter_say_how_many_rows_and_close(sentences):
    topics = sentence_table().arrow.column("topic").to_pylist()
    at = on(sentences, q="a goal in the last minute", f=filtered(topic="astronomy"))
    labels = [button.label for button in at.button if (button.key or "").startswith("answer-")]
    rows = [int(re.search(r"row (\d+)", label)[1]) for label in labels]  # type: ignore[index]
    assert len(rows) == 10
    assert {topics[row] for row in rows} == {"astronomy"}
    shown = [float(re.search(r":gray\[(-?[\d.]+)\]", label)[1]) for label in labels]  # type: ignore[index]
    assert shown == sorted(shown, reverse=True)
    assert re.search(r"1\d rows|10 rows", page_text(at))
    links = [link for link in at.page_link if link.label == "Open in Search"]
    assert "q=a+goal" in links[0].proto.query_string.replace("%20", "+")
    press(at, "close-answers")
    assert "q" not in link_of(at)
    assert at.text_input(key="q").value == ""
    assert drawn(at)["highlight"]["star"] is None


def test_a_question_closes_a_selection_and_a_row(sentences):
    at = on(sentences)
    press(at, "group-0")
    at = visit(MAP, **{**link_of(at), "at": "3"})
    at.text_input(key="q").set_value("planets")
    press(at, "ask-now")
    assert {"at", "sel"}.isdisjoint(link_of(at))
    assert drawn(at)["highlight"]["star"]["text"] == "planets"
    press(at, next(button.key for button in at.button if (button.key or "").startswith("answer-")))
    assert drawn(at)["highlight"]["focus"] is not None
    press(at, "ask-now")  # the same question again
    assert drawn(at)["highlight"]["star"]["text"] == "planets"


# ---- choices in the address ----------------------------------------------------------------------------


def test_the_tab_beside_the_map_is_kept_in_the_address():
    at = visit(MAP, sample="support_tickets")
    healthy(at.segmented_control(key="beside").set_value("Columns").run())
    assert link_of(at)["beside"] == "Columns"
    again = visit(MAP, **link_of(at))
    assert not [button for button in again.button if (button.key or "").startswith("group-")]
    healthy(again.segmented_control(key="beside").set_value("Groups").run())
    assert "beside" not in link_of(again)


@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.parametrize(("before", "now"), [("cluster", "GROUP"), ("strangeness", "OUTLIER_SCORE")])
def test_colors_in_saved_links_are_found_under_their_new_names(sample, before, now):
    assert visit(MAP, sample=sample, color=before).selectbox(key="color").value == getattr(map_content, now)

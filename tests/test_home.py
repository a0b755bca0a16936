"""Home: numbers that are links and follow the filter, what was not read, samples, and maps of selections."""

from __future__ import annotations

from pathlib import Path

import pytest
from examples import sentence_table
from map_driver import PATIENCE, Visitor
from test_pages import keyed, upload
from visits import go, healthy, link_of, opened, page_text, press, visit

from explorer.analysis.filters import Condition, to_link
from explorer.app import session
from explorer.building import build
from explorer.library.samples import SAMPLES, open_sample
from explorer.recipe import Recipe

CASES = Path(__file__).parent / "data" / "cases"
HOME, MAP = "streamlit_app.py", "pages/map.py"
HANDED = [f"the {word} was handed in at the desk" for word in ("hat", "bag", "key", "pen", "cup", "map", "fan", "box")]


def numbers(at) -> dict[str, str]:
    """What the tiles say, by their nouns: {"rows": "55 of 445"}."""
    labels = [part.label for part in (*at.page_link, *at.button) if part.label.startswith("**")]
    found = [label.removeprefix("**").split("** ") for label in labels if "** " in label]
    return {noun: number for number, noun in found}


def sentences(**params: str):
    table = sentence_table()
    store = session.store()
    store.put("table", table.digest, table.arrow, {"name": table.name})
    recipe = Recipe(table.digest, ("text",), model="fast")
    build(recipe, store=store)
    return opened(HOME, recipe, table, **params)


def test_numbers_count_rows_and_follow_the_filter():
    at = sentences()
    assert numbers(at)["rows"] == "59"
    assert "58 distinct" in page_text(at)  # two on one star say the same
    assert numbers(at)["repeated row"] == "1"
    cooking = to_link((Condition("topic", values=("cooking",)),))
    kept = numbers(sentences(f=cooking))
    assert kept["rows"] == "20 of 59"  # nineteen, and one that the file calls so
    assert kept["repeated row"] == "0 of 1"
    assert kept["groups"].endswith(f" of {numbers(at)['groups']}")
    assert all(" of " in number or number == "0" for number in kept.values())


def test_home_says_why_there_are_no_groups():
    said = "No groups: these 30 texts are about as alike as the same numbers shuffled."
    at = press(upload("alike.csv", (CASES / "near_constant_30.csv").read_bytes()), "build")
    assert [note.value.replace("\\", "") for note in at.info] == [said]
    assert not sentences().info


def test_repeated_rows_are_the_ones_that_the_link_selects():
    at = sentences()
    (link,) = [link for link in at.page_link if "repeated row" in link.label]
    assert "why=repeated+rows" in link.proto.query_string
    digest = link.proto.query_string.split("sel=")[1].split("&")[0]
    on_map = go(at, MAP, sel=digest)
    assert "#### 1 row selected" in page_text(on_map)


def test_what_was_not_read_is_listed_with_the_reason():
    body = "\n".join(f"{number},{text}" for number, text in enumerate(HANDED))
    at = upload("odd.csv", f"id,text\n{body}\n8,\n9,=too,many,cells\n".encode())
    press(at, "build")
    assert numbers(at)["errors or cut"] == "2"
    assert "1 without content, 1 not readable" in page_text(at)
    press(at, "list-errors")
    skipped, rejected = (frame.value for frame in at.dataframe)
    assert skipped[["row", "reason"]].values.tolist() == [[8, "the text is empty"]]
    assert rejected["row"].tolist() == ["9,=too,many,cells"]
    press(at, "close-errors")
    assert not at.dataframe
    assert "errors" not in link_of(at)


def test_rejected_rows_are_deleted_with_their_dataset():
    at = upload("gone.csv", ("id,text\n" + "\n".join(f"{n},{t}" for n, t in enumerate(HANDED)) + "\n9,a,b,c").encode())
    press(at, "build")
    kept = [name.name for name in session.store().entries() if name.kind == "library" and "rejected" in name.name]
    assert len(kept) >= 1
    from explorer.library import holdings
    from explorer.library.workspaces import Workspace

    workspace = Workspace(session.store(), link_of(at)["w"])
    entry = workspace.find(link_of(at)["space"])
    assert f"library-{entry.rejected_key}" in kept
    holdings.delete(workspace, entry)
    left = [name.name for name in session.store().entries()]
    assert f"library-{entry.rejected_key}" not in left


def test_samples_fold_away_with_a_dataset_open():
    at = visit()
    assert {link.label for link in at.page_link} >= {sample.title for sample in SAMPLES.values()}
    at = visit(sample="digits")
    assert not {link.label for link in at.page_link} & {sample.title for sample in SAMPLES.values()}
    assert "Samples" in [expander.label for expander in at.expander]


@pytest.mark.parametrize("why", ["", "ones and sevens"])
def test_a_map_of_a_selection_is_called_so_and_leads_back(why):
    at = visit(MAP, sample="digits")
    press(at, "group-9")
    if why:
        at.query_params["why"] = why
        healthy(at.run())
    press(at, "only-these")
    at = go(at, HOME)
    part = numbers(at)["rows"]
    name = at.markdown[0].value.replace("\\", "")
    assert name == f"# Handwritten digits › {f'{why or at_name(at)}, '}{part} rows"
    assert int(part) < len(open_sample("digits")[0]) / 5
    (parent,) = [link for link in at.page_link if link.label == "Handwritten digits"]
    assert "sample=digits" in parent.proto.query_string
    at = go(at, HOME, sample="digits")
    assert at.markdown[0].value == "# Handwritten digits"
    assert any(name.endswith(f"{part} rows") for name in [text.value.split(" &nbsp;")[0] for text in at.markdown])
    keyed(at.button, "reopen-")


def at_name(at) -> str:
    """The name of the selection that is open."""
    from explorer.library.workspaces import Workspace

    return Workspace(session.store(), link_of(at)["w"]).find(link_of(at)["space"]).part


def test_all_of_a_card_is_its_link(browser, app_url):
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(PATIENCE)
        visitor = Visitor(context, app_url)
        visitor.go()
        corner(visitor, ".st-key-sample-digits")
        assert visitor.page.url.endswith("/map?sample=digits")
        visitor.go("?sample=digits")
        heights = {round(box["height"]) for box in map(_box, visitor.page.locator("[class*=st-key-tile-]").all())}
        assert len(heights) == 1
        corner(visitor, ".st-key-tile-groups")
        assert visitor.page.url.endswith("/clusters?sample=digits")
        visitor.go("?sample=digits")
        corner(visitor, ".st-key-tile-errors-or-cut")
        visitor.page.locator(".st-key-errors-or-cut").wait_for()
        visitor.page.go_back()
        visitor.page.locator(".st-key-errors-or-cut").wait_for(state="detached")
        assert not visitor.wrongs


def _box(place):
    box = place.bounding_box()
    assert box
    return box


def corner(visitor: Visitor, place: str) -> None:
    """Click into the lower right corner, far from all words."""
    found = visitor.page.locator(place)
    found.locator("[data-testid=stPageLink] a, [data-testid=stButton] button").wait_for()
    box = _box(found)
    visitor.page.mouse.click(box["x"] + box["width"] - 6, box["y"] + box["height"] - 6)
    visitor.page.wait_for_timeout(500)
    visitor.idle()

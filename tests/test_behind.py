"""Fast first: a map to look at at once, the accurate one behind it, and the reader's place kept when they change."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from visits import drawn, go, healthy, link_of, page_text, press, visit

from explorer.app import behind, session
from explorer.geometry.placement import frame_of
from explorer.library.workspaces import Entry, entry_from_json, entry_to_json
from explorer.recipe import Projection, Recipe
from explorer.table.roles import Roles

TEXTS = [f"{what} {how}" for what in ("bread", "rivers", "taxes", "violins") for how in ["old", "new", "red", "small"]]
ENTRY = Entry("made-up", Recipe("0" * 32, ("text",)), Roles(text=("text",)), rows=100_000)
TELL = behind.tell
LONG = 60.0  # seconds that the accurate model takes


@pytest.fixture
def dropped(monkeypatch, request) -> AppTest:
    """Home after a file was dropped and built, with the accurate map not begun."""
    monkeypatch.setattr(behind, "WORTH_IT", 0)
    monkeypatch.setattr(behind, "tell", lambda entry: None)
    at = visit()
    at.file_uploader[0].upload("small.csv", "\n".join(["text", *TEXTS[:-1], request.node.name]).encode())
    return press(healthy(at.run()), "build")


def test_the_fast_map_is_there_first_and_the_accurate_one_takes_its_place(dropped, monkeypatch):
    assert "static MiniLM" in page_text(dropped)
    assert "16 rows" in page_text(dropped)
    at = go(dropped, "pages/map.py", at="5", q="old violins", color="text", view='{"x":[-1,1],"y":[-1,1]}')
    fast, before = link_of(at), drawn(at)
    monkeypatch.setattr(behind, "tell", TELL)  # from here on the accurate one is made behind
    at = healthy(at.run())
    assert "static MiniLM" not in page_text(at)
    after = link_of(at)
    assert after["space"] != fast["space"]
    assert [toast.value for toast in at.toast] == ["This is the Accurate map now."]
    assert {name: after.get(name) for name in ("row", "q", "color", "w")} == {
        name: fast.get(name) for name in ("row", "q", "color", "w")
    }
    assert drawn(at)["points"]["version"] != before["points"]["version"]
    assert drawn(at)["highlight"]["focus"] == before["highlight"]["focus"] == 5


def test_an_old_link_to_the_fast_map_opens_the_accurate_one(dropped, monkeypatch):
    link = link_of(dropped)
    monkeypatch.setattr(behind, "tell", TELL)
    healthy(dropped.run())
    assert link_of(visit("pages/map.py", **link))["space"] != link["space"]


def test_a_small_file_is_not_made_twice():
    assert behind.fast_first(ENTRY, seconds=9.9) == ENTRY


@pytest.mark.parametrize("model", ["glove", "fast", "owner/name"])
def test_only_the_packaged_model_has_a_fast_one_before_it(model):
    entry = replace(ENTRY, recipe=replace(ENTRY.recipe, model=model))
    assert behind.fast_first(entry, LONG) == entry


def test_a_large_file_comes_with_the_fast_model_first(monkeypatch):
    monkeypatch.setattr(session, "complete", lambda recipe: False)
    first = behind.fast_first(ENTRY, LONG)
    assert (first.recipe.model, first.better) == ("fast", ENTRY.recipe)
    assert first.dataset == ENTRY.dataset  # one dataset in the list, whichever map is looked at
    monkeypatch.setattr(session, "complete", lambda recipe: True)
    assert behind.fast_first(ENTRY, LONG) == ENTRY


def test_new_settings_leave_no_build_behind_that_nobody_waits_for(monkeypatch):
    other = replace(ENTRY.recipe, projection=Projection(n_neighbors=40))
    first = replace(ENTRY, recipe=replace(ENTRY.recipe, model="fast"), better=ENTRY.recipe)
    done = []

    class Queue:
        def by_key(self, key):
            return key

        def cancel(self, job, owner):
            done.append(("cancelled", job))

        def submit(self, recipe, owner, rows):
            done.append(("asked for", recipe.key))

    def script(first, recipe):
        from explorer.app import session

        session.set_recipe(first, recipe)

    monkeypatch.setattr(session, "jobs", Queue)
    at = AppTest.from_function(script, args=(first, replace(other, model="fast"))).run()
    assert not at.exception
    assert done == [("cancelled", ENTRY.recipe.key), ("asked for", other.key)]


def test_what_is_behind_is_kept_with_the_entry():
    first = replace(ENTRY, better=replace(ENTRY.recipe, model="minilm"))
    assert entry_from_json(json.loads(json.dumps(entry_to_json(first)))) == first
    older = {name: value for name, value in entry_to_json(ENTRY).items() if name != "better"}
    assert entry_from_json(older) == ENTRY  # written before there was such a thing


# -- the reader's place --------------------------------------------------------------------------------


def grid(count: int = 10) -> np.ndarray:
    """Items on a square grid, one apart."""
    return np.stack(np.meshgrid(np.arange(count), np.arange(count)), axis=-1).reshape(-1, 2).astype(np.float32)


def test_a_frame_goes_where_its_items_went():
    """The nine items of a corner, on a map that is turned around and twice as large."""
    layout = grid()
    other = -2 * layout
    frame = frame_of(layout, np.array([[-0.5, -0.5], [2.5, 2.5]]), other)
    inside = ((other >= frame[0]) & (other <= frame[1])).all(axis=1)
    assert (layout[inside] <= 3).all()
    assert inside[(layout <= 2).all(axis=1)].all()


def test_a_frame_keeps_its_shape():
    low, high = frame_of(grid(), np.array([[0, 0], [4, 2]]), grid())
    width, height = high - low
    assert width / height == pytest.approx(2)


@pytest.mark.parametrize("frame", [[[-1, -1], [20, 20]], [[50, 50], [60, 60]], [[0.1, 0.1], [0.2, 0.2]]])
def test_whoever_sees_all_or_nothing_sees_the_whole_map(frame):
    assert frame_of(grid(), np.array(frame), grid()) is None


def test_a_single_item_is_shown_with_its_surroundings():
    low, high = frame_of(grid(), np.array([[-0.1, -0.1], [0.1, 0.1]]), grid())
    assert (high - low > 0.1).all()

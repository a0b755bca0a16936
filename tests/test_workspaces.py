"""A workspace holds what its token opened, and nobody finds another's."""

import json
import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from explorer.errors import BadInput
from explorer.library import holdings
from explorer.library.workspaces import (
    Entry,
    Workspace,
    keep_selection,
    new_token,
    sample_entry,
    shared_by_all,
    stored_selection,
)
from explorer.recipe import Projection, Recipe
from explorer.store.store import Store
from explorer.table.roles import Roles

ENTRY = Entry("reviews.csv", Recipe("a" * 32, ("text",)), Roles(text=("text",), label="topic"), rows=7, rejected=2)


@pytest.fixture
def token():
    return new_token()


def test_what_was_opened_is_found_again_by_the_same_token(store, token):
    kept = Workspace(store, token).remember(ENTRY)
    later = Workspace(Store(store.home), token)
    assert later.find(ENTRY.recipe.key) == kept
    assert replace(kept, opened=0) == ENTRY
    assert later.recent() == [kept]


def test_a_full_workspace_says_so_and_loses_nothing(store, token, monkeypatch):
    monkeypatch.setattr("explorer.library.workspaces.MAX_DATASETS", 1)
    workspace = Workspace(store, token)
    kept = workspace.remember(ENTRY)
    other = replace(ENTRY, recipe=Recipe("b" * 32, ("text",)))
    with pytest.raises(BadInput, match="holds 1 datasets, as many as it may. Delete one"):
        workspace.remember(other)
    assert Workspace(store, token).recent() == [kept]
    assert workspace.remember(replace(kept, recipe=replace(ENTRY.recipe, projection=Projection("pca"))))  # the same one


def test_what_another_version_wrote_stays_for_it_and_stops_nothing(store, token):
    theirs = Workspace(store, new_token())
    newer = theirs.remember(replace(ENTRY, recipe=replace(ENTRY.recipe, medium="a later medium")))
    store.put("table", ENTRY.recipe.table, pa.table({"text": ["a"]}))
    mine = Workspace(store, token)
    holdings.delete(mine, mine.remember(ENTRY))
    assert store.has("table", ENTRY.recipe.table), "the other dataset is made of it"
    theirs = Workspace(store, theirs.token)
    assert theirs.all() == []
    theirs.remember(replace(ENTRY, recipe=Recipe("b" * 32, ("text",))))
    assert newer.recipe.key in store.read_json("workspaces", theirs.token)


def test_another_token_finds_nothing(store, token):
    Workspace(store, token).remember(ENTRY)
    other = Workspace(store, new_token())
    assert other.find(ENTRY.recipe.key) is None
    assert other.recent() == []


def test_tokens_cannot_be_guessed():
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(re.fullmatch(r"[\w-]{32}", token) for token in tokens)  # 24 random bytes


@pytest.mark.parametrize(
    "token", ["", "short", "../../../../etc/passwd", "a" * 19, "a" * 65, "a" * 20 + "/", "ü" * 24, "a" * 24 + "\n"]
)
def test_what_is_no_token_is_refused(store, token):
    with pytest.raises(ValueError, match="token"):
        Workspace(store, token)


def test_settings_tried_on_a_dataset_are_one_entry_of_the_list(store, token):
    space = Workspace(store, token)
    space.remember(ENTRY)
    tried = replace(ENTRY, recipe=replace(ENTRY.recipe, projection=Projection("pca")))
    latest = space.remember(tried)
    assert space.recent() == [latest]
    assert space.find(ENTRY.recipe.key) is not None  # its link goes on working


def test_the_newest_comes_first_and_opening_again_makes_new(store, token, monkeypatch):
    clock = iter([1.0, 2.0, 3.0])
    monkeypatch.setattr("explorer.library.workspaces.time.time", lambda: next(clock))
    space = Workspace(store, token)
    other = replace(ENTRY, name="other.csv", recipe=Recipe("b" * 32, ("text",)))
    for entry in (ENTRY, other, ENTRY):
        space.remember(entry)
    assert [entry.name for entry in space.recent()] == ["reviews.csv", "other.csv"]


def test_a_dataset_is_forgotten_with_all_its_settings(store, token):
    space = Workspace(store, token)
    space.remember(ENTRY)
    space.remember(replace(ENTRY, recipe=replace(ENTRY.recipe, projection=Projection("pca"))))
    space.forget(ENTRY)
    assert Workspace(store, token).recent() == []
    assert space.find(ENTRY.recipe.key) is None


def test_entries_that_another_version_wrote_are_left_out(store, token):
    Workspace(store, token).remember(ENTRY)
    path = store.home / "workspaces" / f"{token}.json"
    values = {**json.loads(path.read_text())["value"], "other": {"name": "old.csv"}}
    store.write_json("workspaces", token, values)
    assert [entry.name for entry in Workspace(store, token).recent()] == ["reviews.csv"]


def test_a_damaged_list_is_an_empty_one(store, token):
    Workspace(store, token).remember(ENTRY)
    path = store.home / "workspaces" / f"{token}.json"
    for content in (path.read_bytes()[:-20], b"", b"\xff\xfe"):
        path.write_bytes(content)
        assert Workspace(store, token).recent() == []


def test_a_sample_as_it_ships_has_its_name_for_a_link():
    entry = sample_entry("digits")
    assert entry.link == {"sample": "digits"}
    assert (entry.rows, entry.roles.label) == (1797, "digit")
    tried = replace(entry, recipe=replace(entry.recipe, projection=Projection("pca")))
    assert tried.link == {"space": tried.recipe.key}
    with pytest.raises(BadInput, match="No sample is named 'digit'"):
        sample_entry("digit")


@pytest.mark.parametrize(("value", "shared"), [(None, False), ("private", False), ("shared", True), ("", False)])
def test_workspaces_are_private_unless_said_otherwise(monkeypatch, value, shared):
    monkeypatch.delenv("EXPLORER_WORKSPACES", raising=False)
    if value is not None:
        monkeypatch.setenv("EXPLORER_WORKSPACES", value)
    assert shared_by_all() is shared


# -- maps of selections ------------------------------------------------------------------------------


def test_a_map_of_a_selection_is_called_so():
    some = ENTRY.of_selection("d" * 32, 3, "card, refund")
    assert (ENTRY.title, some.title) == ("reviews.csv", "reviews.csv › card, refund, 3 rows")
    assert some.of_selection("e" * 32, 1, "late").title == "reviews.csv › card, refund › late, 1 row"
    assert ENTRY.of_selection("d" * 32, 2).title == "reviews.csv › 2 rows"
    before = replace(ENTRY, recipe=replace(ENTRY.recipe, subset="d" * 32))  # its rows were those of the whole
    assert before.title == "reviews.csv › a selection"


def test_it_is_listed_beside_its_dataset_and_knows_it(store, token):
    space = Workspace(store, token)
    whole, some = space.remember(ENTRY), space.remember(ENTRY.of_selection("d" * 32, 3, "card, refund"))
    later = Workspace(store, token)
    assert later.recent(selections=True) == [some, whole]
    assert later.recent() == [whole]  # one dataset takes room and has a name
    assert later.parent_of(some) == whole
    assert later.parent_of(whole) is None
    later.forget_selection(some)
    assert later.all() == [whole]
    space.remember(some)
    space.forget(whole)
    assert Workspace(store, token).all() == []


def test_one_of_a_sample_knows_the_sample_as_it_ships(store, token):
    sample = sample_entry("digits")
    space = Workspace(store, token)
    some = space.remember(sample.of_selection("d" * 32, 3))
    assert space.parent_of(some) == sample
    assert some.link == {"space": some.recipe.key}
    assert space.recent() == [some]


# -- selections --------------------------------------------------------------------------------------


def test_a_selection_comes_back_sorted_and_once(store):
    digest = keep_selection(store, [5, 3, 5, 100_000])
    assert stored_selection(Store(store.home), digest).tolist() == [3, 5, 100_000]
    assert keep_selection(store, np.array([100_000, 3, 5])) == digest


def test_an_empty_selection_is_one_too(store):
    assert stored_selection(store, keep_selection(store, [])).tolist() == []


@pytest.mark.parametrize("digest", ["", "0" * 32, "../../x", "A" * 32, "0" * 33])
def test_a_selection_that_nobody_made(store, digest):
    assert stored_selection(store, digest) is None

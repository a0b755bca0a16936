"""Deleting takes what nobody else holds; sharing opens one dataset; the cap takes what was longest not used."""

import os
import time

import numpy as np
import pytest
from examples import random_unit, stored_recipe, table_of, vector_recipe

from explorer.building import build
from explorer.embedding import models
from explorer.library import holdings
from explorer.library.annotations import Operation, Project
from explorer.library.workspaces import Entry, Workspace, new_token
from explorer.space import Space
from explorer.store.store import Store
from explorer.table.roles import Roles
from faults import encoder

HOUR = 3600.0


@pytest.fixture(autouse=True)
def letters(monkeypatch):
    """The quick model "letters"."""
    monkeypatch.setattr(models, "MODELS", dict(models.MODELS))
    encoder.register(models.MODELS)
    models._HELD.clear()
    yield
    models._HELD.clear()


def opened(store, texts, name="a.csv", token=None, project=None):
    """A built dataset in a workspace."""
    recipe = stored_recipe(store, table_of(text=texts), ("text",), model="letters")
    build(recipe, store=store)
    space = Workspace(store, token or new_token())
    return space, space.remember(Entry(name, recipe, Roles(text=("text",)), len(texts), project=project))


def texts(first, count):
    return [f"text number {number}" for number in range(first, first + count)]


def kinds(store):
    return sorted(entry.kind for entry in store.entries() if entry.kind != "documents")


def test_a_dataset_that_nobody_else_holds_leaves_nothing_behind(store):
    space, entry = opened(store, texts(0, 20))
    assert kinds(store) == ["clusters", "items", "layout", "neighbors", "table", "vectors"]
    sizes = holdings.sizes(store, space.settings(entry))
    assert sizes.total == sum(item.bytes for item in store.entries() if item.kind != "documents")
    holdings.delete(space, entry)
    assert kinds(store) == []
    assert Workspace(store, space.token).recent() == []
    assert store.warnings == []


def test_what_another_workspace_holds_is_not_taken_from_under_it(store):
    mine, entry = opened(store, texts(0, 20))
    theirs, same = opened(store, texts(0, 20))
    holdings.delete(mine, entry)
    assert mine.recent() == []
    later = Space(same.recipe, Store(store.home, shipped=None))
    assert all(later.has(stage) for stage in ("vectors", "neighbors", "layout", "clusters"))
    holdings.delete(theirs, same)
    assert kinds(store) == []


def test_vectors_that_another_dataset_needs_stay(store):
    mine, entry = opened(store, texts(0, 20))
    _, other = opened(store, texts(10, 20))
    digests = Space(entry.recipe, store).items.digests
    holdings.delete(mine, entry)
    assert store.known_vectors("letters", digests)[0].tolist() == [False] * 10 + [True] * 10
    assert Space(other.recipe, Store(store.home, shipped=None)).has("vectors")


def test_names_and_tags_wait_for_the_file_to_come_back(store):
    project = Project.create(store, "a.csv")
    project.do(Operation("tag", ("00" * 16,), "urgent"))
    space, entry = opened(store, texts(0, 20), project=project.id)
    holdings.delete(space, entry)
    again = Workspace(store, space.token).remember(Entry("a.csv", entry.recipe, entry.roles, 20))
    assert Project.load(store, again.project).tags() == {"urgent": {"00" * 16}}
    holdings.delete(space, again, annotations=True)
    assert Project.load(store, project.id) is None
    assert Workspace(store, space.token).remember(Entry("a.csv", entry.recipe, entry.roles, 20)).project is None


def test_deleting_all_that_was_computed_leaves_tables_and_what_people_said(store):
    project = Project.create(store, "a.csv")
    _, entry = opened(store, texts(0, 20), project=project.id)
    assert holdings.delete_computed(store) > 0
    assert kinds(store) == ["table"]
    assert Project.load(store, project.id) is not None
    assert build(entry.recipe, store=Store(store.home, shipped=None)).layout.shape == (20, 2)


# -- sharing -----------------------------------------------------------------------------------------


def test_a_shared_link_opens_one_dataset_and_what_guests_change_stays_theirs(store):
    project = Project.create(store, "a.csv")
    project.do(Operation("tag", ("00" * 16,), "urgent"))
    space, entry = opened(store, texts(0, 20), project=project.id)
    opened(store, texts(50, 5), "secret.csv", space.token)
    share = Workspace(store, space.token).share(entry)
    assert len(share.token) == 32
    assert share.token != space.token

    guest = Workspace(store, share.token)
    (seen,) = guest.recent()
    assert (seen.name, seen.recipe) == ("a.csv", entry.recipe)
    theirs = Project.load(store, seen.project)
    assert theirs.tags() == {"urgent": {"00" * 16}}
    theirs.do(Operation("untag", ("00" * 16,), "urgent"))
    assert Project.load(store, project.id).tags() == {"urgent": {"00" * 16}}
    with pytest.raises(ValueError, match="shared"):
        guest.share(seen)


def test_what_a_guest_opens_besides_goes_into_a_workspace_of_their_own(store):
    space, entry = opened(store, texts(0, 20))
    share = space.share(entry)
    guest, own = opened(store, texts(50, 5), "own.csv", share.token)
    assert guest.token != share.token
    assert [other.name for other in Workspace(store, share.token).recent()] == ["a.csv"]
    assert [other.name for other in Workspace(store, guest.token).recent()] == ["own.csv"]
    assert own.name == "own.csv"


def test_a_revoked_link_opens_nothing_and_collects_nothing(store):
    space, entry = opened(store, texts(0, 20))
    share = space.share(entry)
    assert Workspace(store, space.token).shares(entry) == [share]
    Workspace(store, new_token()).revoke(share.token)  # somebody else's word counts for nothing
    assert Workspace(store, share.token).find(share.recipe) is not None
    space.revoke(share.token)
    assert space.shares(entry) == []
    guest = Workspace(store, share.token)
    assert guest.all() == []
    assert guest.remember(entry).recipe == entry.recipe
    assert guest.token != share.token
    assert Workspace(store, share.token).all() == []


def test_deleting_a_dataset_revokes_its_links(store):
    space, entry = opened(store, texts(0, 20))
    share = space.share(entry)
    holdings.delete(space, entry)
    assert Workspace(store, share.token).all() == []
    assert kinds(store) == []


# -- the cap -----------------------------------------------------------------------------------------


def used(store, name, hours_ago):
    moment = time.time() - hours_ago * HOUR
    os.utime(store.home / "store" / f"{name}.lance", (moment, moment))


def test_what_was_longest_not_used_goes_first_and_tables_last(store):
    for key, hours in (("a", 3), ("b", 5), ("c", 4)):
        store.put_arrays("layout", key * 32, layout=random_unit(100, 8))
        used(store, f"layout-{key * 32}", hours)
    store.add_vectors("m", np.array([b"0" * 16]), random_unit(1), np.zeros(1, bool))
    used(store, next(entry.name for entry in store.entries() if entry.kind == "vectors"), 90)
    store.put_arrays("table", "d" * 32, text=np.arange(10))
    used(store, "table-" + "d" * 32, 99)
    store.put_arrays("selection", "e" * 32, row=np.arange(10))
    used(store, "selection-" + "e" * 32, 99)
    Workspace(store, new_token()).remember(Entry("a.csv", vector_recipe(store, random_unit(3)), Roles(), 3))

    total = sum(entry.bytes for entry in store.entries())
    assert store.trim(total) == []
    assert [entry.key[0] for entry in store.trim(total - 1)] == ["b"]
    assert [entry.kind for entry in store.trim(0)] == ["layout", "layout", "vectors", "table"]
    assert kinds(store) == ["selection", "table"]  # the second table was put a moment ago: somebody works with it
    assert len(store.documents.names("workspaces")) == 1


def test_reading_marks_as_used(store):
    for key in "ab":
        store.put_arrays("layout", key * 32, layout=random_unit(100, 8))
        used(store, f"layout-{key * 32}", 2)
    later = Store(store.home, shipped=None)
    assert later.get_arrays("layout", "a" * 32) is not None
    assert [entry.key[0] for entry in later.trim(0)] == ["b"]


def test_what_was_damaged_goes_first_however_new(store):
    store.put_arrays("layout", "a" * 32, layout=random_unit(100, 8))
    store.put_arrays("layout", "b" * 32, layout=random_unit(100, 8))
    for file in (store.home / "store" / f"layout-{'b' * 32}.lance" / "data").iterdir():
        file.write_bytes(b"")
    assert store.get_arrays("layout", "b" * 32) is None
    used(store, f"layout-{'a' * 32}", 2)
    assert kinds(store) == ["damaged", "layout"]
    total = sum(entry.bytes for entry in store.entries())
    assert [entry.kind for entry in store.trim(total - 1)] == ["damaged"]


@pytest.mark.parametrize(("value", "gigabytes"), [("2.5", 2.5), ("", 20), ("lots", 20), ("nan", 20), ("inf", 20)])
def test_the_cap_is_what_the_operator_says(monkeypatch, value, gigabytes):
    from explorer.store import eviction as storage

    monkeypatch.setenv("EXPLORER_STORE_GB", value)
    assert storage.limit() == gigabytes * 10**9

"""Home's Storage and Share: what is there, deleting it, a link that opens one dataset and can be taken back."""

import pytest
from examples import random_unit, vector_recipe
from visits import healthy, page_text, press, visit

from explorer.building import build
from explorer.library.annotations import Operation, Project
from explorer.library.workspaces import Entry, Workspace, new_token
from explorer.store.store import Store
from explorer.table.roles import Roles

PRIVATE = "private <b>plans</b>.csv"


@pytest.fixture
def opened():
    """A workspace with two datasets in the app's own store; the first is named and tagged."""
    store = Store()
    workspace = Workspace(store, new_token())
    project = Project.create(store, "a.csv")
    project.do(Operation("tag", ("00" * 16,), "urgent"))
    entries = []
    for name, rows in (("a.csv", 30), (PRIVATE, 12)):
        recipe = vector_recipe(store, random_unit(rows, seed=len(workspace.token) + rows))
        build(recipe, store=store)
        kept = project.id if name == "a.csv" else None
        entries.append(workspace.remember(Entry(name, recipe, Roles(), rows, project=kept)))
    yield workspace, entries[0]
    for entry in Workspace(store, workspace.token).recent():
        workspace.forget(entry)


def storage(**params):
    """Home with its Storage open."""
    at = visit(**params)
    at.session_state["storage"] = True
    return healthy(at.run())


def labels(at):
    return [button.label for button in at.button]


def test_each_dataset_stands_with_its_size_and_a_way_to_delete_it(opened):
    workspace, _ = opened
    at = storage(w=workspace.token)
    assert labels(at).count("Delete") == 2
    assert "Your datasets take" in page_text(at)
    assert "private \\<b\\>plans\\</b\\>\\.csv" in page_text(at)  # shown as it is, not as markup
    assert "Delete everything computed" not in labels(at)


def test_a_stranger_sees_none_of_it(opened):
    at = storage(w=new_token())
    assert "Nothing of yours is stored yet" in page_text(at)
    assert "Delete" not in labels(at)


def test_deleting_keeps_tags_unless_they_are_to_go(opened):
    workspace, entry = opened
    link = {"w": workspace.token, **entry.link}
    at = press(storage(**link), f"delete-{entry.recipe.key}")
    assert "They stay, and come back when the file is opened again." in page_text(at)
    at = press(at, "delete-now")
    store = Store()
    assert [other.name for other in Workspace(store, workspace.token).recent()] == [PRIVATE]
    assert not store.has("table", entry.recipe.table)
    assert Project.load(store, entry.project).tags()
    assert "a\\.csv" not in page_text(at)


def test_everybody_who_shares_one_list_may_sweep(monkeypatch, opened):
    monkeypatch.setenv("EXPLORER_WORKSPACES", "shared")
    at = press(storage(), "sweep")
    assert "Tables, names, tags, decisions and selections stay." in page_text(at)
    press(at, "sweep-not")


def test_a_link_is_made_shown_opened_and_revoked(opened):
    workspace, entry = opened
    link = {"w": workspace.token, **entry.link}
    at = press(visit(**link), "share")
    (share,) = Workspace(Store(), workspace.token).shares(entry)
    assert share.token in at.code[0].value
    assert workspace.token not in at.code[0].value

    guest = visit(**share.link)
    assert "a\\.csv" in page_text(guest)
    assert "plans" not in page_text(guest)
    assert "Share" not in [button.label for button in guest.button]
    assert not [expander for expander in guest.expander if expander.label == "Storage"]

    press(at, "revoke-0")
    assert "not in this workspace" in page_text(visit(**share.link))


def test_a_full_disk_is_said(monkeypatch, opened):
    monkeypatch.setattr(Store, "only_in_memory", 3)
    monkeypatch.setattr(Store, "flush", lambda self: 0)
    workspace, _ = opened
    assert "The server's disk takes no more. 3 results can be used" in page_text(visit(w=workspace.token))


def test_a_damaged_list_is_said_and_shown_as_it_was_before(opened):
    workspace, _ = opened
    path = workspace.store.home / "workspaces" / f"{workspace.token}.json"
    path.write_bytes(path.read_bytes()[:-20])
    at = visit(w=workspace.token)
    assert "shown as it was before the last change" in page_text(at)
    assert "a\\.csv" in page_text(at)
    assert workspace.token not in page_text(at)

"""Several columns of open text: a map for each, with a switch that keeps what concerns the rows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import keyed, upload
from visits import go, healthy, link_of, page_text, press

from explorer.app import session
from explorer.library.annotations import Project
from explorer.library.workspaces import Entry, Workspace, new_token
from explorer.recipe import Recipe
from explorer.store.store import Store
from explorer.table.roles import Roles

GOOD = ("the bread", "the music", "the garden", "the staff", "the soup", "the view", "the price", "the stairs")
BAD = ("the lights", "the chairs", "the door", "the heating", "the website", "the queue", "the parking", "the lift")
ROWS = [f"I liked {good} most of all days,Please mend {bad} as soon as may be" for good, bad in zip(GOOD, BAD)]  # noqa: B905
SURVEY = "\n".join(["liked,mend,day", *(f"{row},{'Mon' if n % 2 else 'Tue'}" for n, row in enumerate(ROWS))]).encode()
HOME, MAP = "streamlit_app.py", "pages/map.py"


def page_with_switch() -> None:
    """What a page with the switch in its header does."""
    import streamlit as st

    from explorer.app import session
    from explorer.app.text_switch import text_switch
    from explorer.app.visit import Visit

    entry = session.current()
    text_switch(Visit(entry))
    st.text(" + ".join(entry.recipe.columns) if entry else "")


def switch(**params: str) -> AppTest:
    at = AppTest.from_function(page_with_switch, default_timeout=60)
    for name, value in params.items():
        at.query_params[name] = value
    return healthy(at.run())


@pytest.fixture(scope="module")
def built() -> dict[str, str]:
    """The link to a survey that was built with a map for each of its questions."""
    at = upload("survey.csv", SURVEY)
    assert keyed(at.multiselect, "role-text").value == ["liked", "mend"]
    assert keyed(at.segmented_control, "maps-").value == "A map for each column"
    healthy(at.radio(key="model").set_value("fast").run())
    press(at, "build")
    return link_of(at)


def entry_of(link: dict[str, str]) -> Entry:
    found = Workspace(session.store(), link["w"]).find(link["space"])
    assert found
    return found


def test_all_maps_are_built_and_the_first_is_open(built):
    entry = entry_of(built)
    assert (entry.texts, entry.recipe.columns) == (("liked", "mend"), ("liked",))
    assert all(session.complete(entry.map_of(column).recipe) for column in entry.texts)


def test_the_switch_keeps_filter_selection_and_row(built):
    kept = {"f": '[["day",["Mon"]]]', "sel": "0" * 32, "at": "3", "q": "music"}
    at = switch(**built, **kept, view="{}", level="4")
    assert page_text(at) == "liked"
    healthy(keyed(at.segmented_control, "text-switch-").set_value("mend").run())
    assert page_text(at) == "mend"
    now = link_of(at)
    assert {name: now.get(name) for name in kept} == kept
    assert not {"view", "level"} & set(now)
    healthy(keyed(at.segmented_control, "text-switch-").set_value("liked").run())
    assert link_of(at)["space"] == built["space"]


def test_it_is_one_dataset_with_one_project(built):
    at = switch(**built)
    healthy(keyed(at.segmented_control, "text-switch-").set_value("mend").run())
    other = link_of(at)
    workspace = Workspace(session.store(), built["w"])
    assert len(workspace.recent()) == 1
    project = Project.create(session.store(), "survey.csv")
    workspace.remember(replace(entry_of(other), project=project.id))
    assert entry_of(built).project == project.id


def test_one_map_of_all_texts_can_be_chosen_and_has_no_switch():
    at = upload("joined.csv", SURVEY.replace(b"liked the", b"loved the"))
    healthy(keyed(at.segmented_control, "maps-").set_value("One map of all texts").run())
    healthy(at.radio(key="model").set_value("fast").run())
    press(at, "build")
    assert entry_of(link_of(at)).recipe.columns == ("liked", "mend")
    assert not switch(**link_of(at)).segmented_control


def test_a_title_is_joined_to_its_body_at_first():
    body = "\n".join(
        f"Story {n} of the {word},{'Once upon a time there was ' + word} here" for n, word in enumerate(BAD)
    )
    at = upload("titled.csv", f"title,body\n{body}\n".encode())
    assert keyed(at.segmented_control, "maps-").value == "One map of all texts"


def test_a_column_can_get_its_map_later(built):
    at = upload("later.csv", SURVEY.replace(b"mend", b"fix"))
    healthy(keyed(at.segmented_control, "maps-").set_value("One map of all texts").run())
    healthy(at.radio(key="model").set_value("fast").run())
    press(at, "build")
    healthy(
        keyed(at.segmented_control, f"maps-{entry_of(link_of(at)).recipe.key}").set_value("A map for each column").run()
    )
    press(at, "change-apply")
    assert entry_of(link_of(at)).texts == ("liked", "fix")
    healthy(go(at, MAP))


def test_an_entry_without_the_field_opens_as_before(store):
    token = new_token()
    entry = Entry("a.csv", Recipe("a" * 32, ("title", "body")), Roles(text=("title", "body")), rows=3)
    Workspace(store, token).remember(entry)
    values = store.read_json("workspaces", token)
    for name in ("texts", "part", "parent", "rejected_key"):
        del values[entry.recipe.key][name]
    store.write_json("workspaces", token, values)
    found = Workspace(Store(store.home), token).find(entry.recipe.key)
    assert replace(found, opened=0) == entry
    assert len(found.dataset) == 3

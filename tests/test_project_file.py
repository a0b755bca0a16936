"""A project leaves as one file and comes back elsewhere; a new version of a dataset keeps its annotations."""

import json

import numpy as np
import pytest

from explorer.app import session
from explorer.app.project import project_of
from explorer.errors import BadInput
from explorer.library import project_file
from explorer.library.annotations import Operation, Project, hexes, row_keys, rows_of
from explorer.library.workspaces import Entry
from explorer.reading.readers import read
from explorer.recipe import Projection, Recipe
from explorer.store.store import Store
from explorer.table.roles import guess_roles

FIRST = b"id,text,topic\n1,late refund,billing\n2,cannot log in,login\n3,where is my parcel,delivery\n"
LATER = b"id,text,topic\n4,app crashes,bug\n1,late refund,billing\n3,where is my parcel,delivery\n"


@pytest.fixture
def entry():
    """Three tickets, opened with a seed of its own, the first tagged."""
    table = read(FIRST, name="tickets.csv")
    session.store().put("table", table.digest, table.arrow)
    project = Project.create(session.store(), "tickets.csv")
    keys = row_keys(table.arrow, "id")
    project.do(Operation("tag", hexes(keys[:1]), "urgent"))
    recipe = Recipe(table.digest, ("text",), projection=Projection(seed=7))
    return Entry("tickets.csv", recipe, guess_roles(table), 3, project=project.id)


def test_a_project_file_opens_elsewhere_with_all_that_was_said(entry, tmp_path):
    data = project_file.project_file(entry, session.store())
    assert project_file.looks_like_project(data)
    elsewhere = Store(tmp_path, shipped=None)
    opened = project_file.open_project_file(data, elsewhere)
    assert (opened.name, opened.recipe, opened.roles) == (entry.name, entry.recipe, entry.roles)
    assert elsewhere.get("table", opened.recipe.table).column("text").to_pylist()[0] == "late refund"
    project = Project.load(elsewhere, opened.project)
    assert list(project.tags()) == ["urgent"]
    assert opened.project != entry.project, "a copy of its own: annotations there do not appear here"


def test_a_tag_stays_with_its_row_in_a_later_version(entry):
    later = read(LATER, name="tickets.csv")
    tagged = rows_of(row_keys(later.arrow, "id"), project_of(entry).tags()["urgent"])
    assert tagged.tolist() == [1]
    assert later.frame["text"][1] == "late refund"


@pytest.mark.parametrize("damage", ["not json", "other format", "no table", "other table"])
def test_a_project_file_that_is_not_one_is_refused_in_a_sentence(entry, tmp_path, damage):
    document = json.loads(project_file.project_file(entry, session.store()))
    if damage == "other format":
        document["format"] = "something else"
    elif damage == "no table":
        del document["table"]
    elif damage == "other table":
        document["entry"]["recipe"] = document["entry"]["recipe"].replace(entry.recipe.table, "0" * 32)
    data = b"{" if damage == "not json" else json.dumps(document).encode()
    with pytest.raises(BadInput, match=r"project file.*\."):
        project_file.open_project_file(data, Store(tmp_path, shipped=None))


def test_a_table_is_not_taken_for_a_project():
    assert not project_file.looks_like_project(FIRST)
    assert not project_file.looks_like_project(np.zeros(8).tobytes())

"""What version 0.1.0 wrote, before recipes knew of passages, is opened as it was: links, projects, a store.

tests/data/written_by_0.1.0.zip holds a home folder in which the sentences were mapped with the fast model, once all
and once twelve of them, a project file, and what that version showed of them (expected.json).
"""

import hashlib
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from explorer.analysis.search import search
from explorer.building import build
from explorer.library.annotations import Project, row_keys
from explorer.library.grouping import edited
from explorer.library.project_file import open_project_file
from explorer.library.workspaces import Workspace, stored_selection
from explorer.recipe import Recipe
from explorer.stages import STAGES, key
from explorer.store.store import Store

# Groups are named by phrases since: they are made again, which takes a moment, and all else stays.
NAMED_ANEW = "clusters"
ARCHIVE = Path(__file__).parent / "data" / "written_by_0.1.0.zip"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("before") / "home"
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def expected(home):
    return json.loads((home / "expected.json").read_text(encoding="utf-8"))


@pytest.fixture
def store(home):
    return Store(home, shipped=None)


def test_its_recipe_means_what_it_meant(expected):
    recipe = Recipe.from_json(expected["recipe"])
    assert not recipe.passages
    assert recipe.to_json() == expected["recipe"]
    assert recipe.key == expected["key"]
    plain = Recipe("0" * 32, ("text",), passages=False)
    keys = {name: key(name, plain) for name in STAGES if name not in ("words", NAMED_ANEW)} | {"recipe": plain.key}
    assert keys == {name: held for name, held in expected["minilm_keys"].items() if name != NAMED_ANEW}


def test_its_links_open(store, expected):
    entry = Workspace(store).find(expected["link"]["space"])
    assert entry.recipe == Recipe.from_json(expected["recipe"])
    assert entry.rows == expected["rows"]
    shared = Workspace(store, expected["share"]["w"])
    assert shared.find(expected["share"]["space"]).recipe == entry.recipe


@pytest.mark.parametrize("which", ["all rows", "a selection"])
def test_its_store_serves_every_stage(store, expected, which):
    workspace = Workspace(store)
    entry = workspace.find(expected["key"] if which == "all rows" else expected["subset_key"])
    keys = expected["stages"] if which == "all rows" else expected["subset_stages"]
    assert {name for name in keys if key(name, entry.recipe) != keys[name]} == {NAMED_ANEW}
    seen = []
    space = build(entry.recipe, lambda step, *_: seen.append(step), store)
    assert set(seen) == {"read", "cluster"}, "nothing else is computed again"
    assert store.warnings == []
    if which == "all rows":
        assert len(space.items) == expected["items"]
        assert hashlib.sha256(np.ascontiguousarray(space.layout).tobytes()).hexdigest() == expected["layout_digest"]
        assert len(space.clusters) == len(expected["names"])
        assert space.has("words")
        assert search(space, "telescope stars", 5, "keyword").items.tolist() == expected["words"]
    else:
        assert stored_selection(store, entry.recipe.subset).tolist() == expected["selection"]
        assert len(space.items) == len(expected["selection"])


def test_its_annotations_hold(store, expected):
    entry = Workspace(store).find(expected["key"])
    space, project = build(entry.recipe, store=store), Project.load(store, entry.project)
    assert list(project.tags()) == ["urgent"]
    assert list(project.decisions().values()) == ["remove"]
    keys = row_keys(space.table, entry.roles.id)
    clusters = edited(space.clusters, project.group_edits(), keys, space.labels_of_rows, space.unit, lambda labels: ())
    assert clusters.names[0] == "First group"


def test_its_project_file_opens(home, expected, tmp_path):
    elsewhere = Store(tmp_path / "elsewhere", shipped=None)
    entry = open_project_file((home / "legacy_project.explorer.json").read_bytes(), elsewhere)
    assert entry.recipe.key == expected["key"]
    assert list(Project.load(elsewhere, entry.project).tags()) == ["urgent"]

"""Versions of a file on the command line: which rows are new, and what people did in the app on this computer."""

import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from examples import SENTENCES

import explorer
from explorer.library.annotations import Operation, Project, anchors, hexes, row_keys
from explorer.library.workspaces import Entry, Workspace
from explorer.media.registry import recipe_for
from explorer.store.store import Store
from explorer.table.roles import guess_roles

DATA = Path(__file__).parent / "data"
YESTERDAY, TODAY = DATA / "yesterday.csv", DATA / "today.csv"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))


def remembered(file: Path, model: str = "fast") -> Entry:
    """A file as the app on this computer has it."""
    store, table = Store(), explorer.read(file, apart=False)
    store.put("table", table.digest, table.arrow, {"name": table.name})
    roles = guess_roles(table)
    project = Project.create(store, table.name)
    return Workspace(store).remember(
        Entry(table.name, recipe_for(table, roles, model), roles, len(table), project=project.id)
    )


def test_the_next_version_says_how_many_rows_are_new_and_which(run, tmp_path):
    out = tmp_path / "mapped"
    code, text, err = run("map", TODAY, "--next-version-of", YESTERDAY, "--model", "fast", "--json", "--out", out)
    report = json.loads(text)
    assert code == 0
    assert report["version"] == {"new": 50, "changed": 0, "same": 300, "gone": 0}
    assert "The next version of yesterday.csv: 50 new rows." in report["notes"]
    assert "The next version of yesterday.csv: 50 new rows" in err
    assert report["columns"] == ["text"]
    states = pq.read_table(out / "map.parquet").column("_version").to_pylist()
    assert states == ["same"] * 300 + ["new"] * 50


def test_a_file_that_looks_like_a_newer_version_is_named_and_compared_with_none(run):
    remembered(YESTERDAY)
    code, text, _ = run("map", TODAY, "--model", "fast", "--json")
    report = json.loads(text)
    assert code == 0
    assert report["version"] is None
    assert "This looks like a newer version of yesterday.csv: 50 new rows." in report["notes"][0]
    itself = json.loads(run("map", YESTERDAY, "--model", "fast", "--json")[1])["notes"]
    assert not [note for note in itself if "newer version" in note]


def test_names_and_tags_of_the_app_are_in_the_file_also_of_the_next_version(run, tmp_path):
    entry, out = remembered(YESTERDAY), tmp_path / "mapped"
    run("map", YESTERDAY, "--model", "fast", "--out", out)
    frame = pq.read_table(out / "map.parquet").to_pandas()
    rows = (frame["_cluster"] == 0).to_numpy().nonzero()[0]
    keys = row_keys(explorer.read(YESTERDAY, apart=False).arrow, entry.roles.id)
    project = Project.load(Store(), entry.project)
    project.do(Operation("rename", anchors(keys[rows]), "named by hand", len(rows), of=len(keys)))
    project.do(Operation("tag", hexes(keys[rows[:2]]), "mine"))

    _, text, _ = run("map", YESTERDAY, "--model", "fast", "--out", out)
    after = pq.read_table(out / "map.parquet").to_pandas()
    assert set(after["_cluster_name"][rows]) == {"named by hand"}
    assert after["_tags"].dropna().map(list).to_dict() == {row: ["mine"] for row in rows[:2]}
    assert "named by hand" in text
    assert "named by hand" in (out / "map.html").read_text(encoding="utf-8")

    run("map", TODAY, "--model", "fast", "--out", out, "--next-version-of", YESTERDAY)
    later = pq.read_table(out / "map.parquet").to_pandas()
    assert later["_tags"].dropna().map(list).to_dict() == {row: ["mine"] for row in rows[:2]}
    assert "named by hand" in set(later["_cluster_name"])

    code, text, err = run("map", out / "map.parquet", "--model", "fast", "--json")
    assert code == 0
    assert json.loads(text)["columns"] == ["text"]
    assert "This file came from here. The app can take over its" in err
    assert "1 tag: python -m explorer app" in err


def test_files_that_have_no_text_column_in_common_are_refused(run):
    code, _, err = run("map", TODAY, "--next-version-of", SENTENCES, "--text", "label", "--json")
    assert code == 2
    assert "today.csv and sentences.csv are compared by 'label', which is not in both" in err


def test_a_file_that_is_opened_again_keeps_its_project(store):
    workspace = Workspace(store)
    table = explorer.read(YESTERDAY, apart=False)
    roles = guess_roles(table)
    entry = Entry(table.name, recipe_for(table, roles, "fast"), roles, len(table))
    named = workspace.remember(replace(entry, project="p"))
    assert workspace.remember(entry).project == named.project

"""Our own exports come back: their columns are no texts, no vectors and no label, and their names and tags can be taken
over, from CSV, Excel and Parquet alike."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from examples import sentence_space, sentence_table, stored_recipe

import explorer
from explorer.building import build
from explorer.geometry.clusters import Clusters, largest_first
from explorer.library.annotations import Project, row_keys, rows_of
from explorer.library.brought import brought, take_over
from explorer.library.on_screen import groups_on_screen, tags_of_rows
from explorer.recipe import Clustering
from explorer.store.store import Store
from explorer.table import excel
from explorer.table.download import flat, safe_csv, to_parquet
from explorer.table.roles import guess_roles, kinds
from explorer.views.export import mapped_table

WRITE = {
    "csv": lambda table: safe_csv(flat(table)),
    "xlsx": lambda table: excel.to_excel(flat(table)),
    "parquet": to_parquet,
}
# As people edited them: by the first letter of the id, but three rows of cooking are a group that nobody would compute.
NAMES = {"a": "the sky", "c": "=kitchen", "f": "ball games"}
OWN = {"c03", "c05", "c08"}


def name_of(key: str) -> str | None:
    return "picked by hand" if key in OWN else NAMES.get(key[0])


def exported(kind: str) -> tuple[bytes, str]:
    """The sentences with groups and tags of people, as a file."""
    space = sentence_space()
    ids = sentence_table().arrow.column("id").to_pylist()
    names = ["=kitchen", "the sky", "ball games", "picked by hand"]
    of_item = [name_of(ids[row]) for row in space.items.first_rows]
    labels = np.array([names.index(name) if name else -1 for name in of_item], np.int32)
    ordered = largest_first(labels)
    clusters = Clusters(ordered, tuple(names[int(labels[np.flatnonzero(ordered == n)[0]])] for n in range(4)))
    tags = {"later": np.array([3, 5]), "now": np.array([5])}
    return WRITE[kind](mapped_table(space, clusters, tags)), f"sentences_groups.{kind}"


@pytest.mark.parametrize("kind", WRITE)
def test_the_columns_of_an_export_are_no_texts_no_vectors_and_no_label(kind):
    data, name = exported(kind)
    table = explorer.read(data, name=name, apart=False)
    roles, before = guess_roles(table), guess_roles(sentence_table())
    assert roles == before
    assert kinds(table)["_neighbors"] == "other"
    assert not [note for note in table.notes if "_neighbors" in note]
    neighbors = table.arrow.column("_neighbors")[0].as_py()
    nearest = sentence_space().neighbors.indices[0]
    rows = sentence_space().items.first_rows[nearest].tolist()
    assert neighbors == (rows if kind == "parquet" else str(rows))


@pytest.mark.parametrize("kind", WRITE)
def test_names_and_tags_are_taken_over_for_the_same_rows(kind, store):
    data, name = exported(kind)
    table = explorer.read(data, name=name, apart=False)
    found = brought(table.arrow)
    assert str(found) == "4 group names and 2 tags"
    project = Project.create(store, name)
    take_over(found, table.arrow, "id", project)

    keys = row_keys(table.arrow, "id")
    assert (keys == row_keys(sentence_table().arrow, "id")).all()
    assert {tag: rows.tolist() for tag, rows in tags_of_rows(project, keys).items()} == {"later": [3, 5], "now": [5]}
    space = build(stored_recipe(store, table, ("text",)), store=store)
    clusters = groups_on_screen(space, space.clusters, project.group_edits(), keys)
    of_row = space.labels_of_rows(clusters.labels)
    ids = table.arrow.column("id").to_pylist()
    assert [clusters.names[group] if group >= 0 else None for group in of_row] == [name_of(key) for key in ids]

    project.undo()
    assert groups_on_screen(space, space.clusters, project.group_edits(), keys).names == space.clusters.names


def test_another_level_and_other_settings_show_their_own_groups(store):
    table = explorer.read(exported("csv")[0], name="sentences.csv", apart=False)
    project = Project.create(store, "sentences.csv")
    take_over(brought(table.arrow), table.arrow, "id", project)
    space, keys = sentence_space(), row_keys(table.arrow, "id")
    assert groups_on_screen(space, space.clusters, project.group_edits(), keys, level=3).names == space.clusters.names
    other = replace(space.recipe, clustering=Clustering("kmeans", n_clusters=2))
    built = build(other, store=space.store)
    assert len(groups_on_screen(built, built.clusters, project.group_edits(), keys)) == 2


def test_rows_that_were_added_since_go_with_those_they_are_like(store):
    """The file's rows are two groups; a later version has more rows in each."""
    from test_grouping import keys_for, rows_by

    from explorer.library.grouping import edited, groups_operation

    keys = keys_for(range(30))
    operation = groups_operation(["left"] * 10 + ["right"] * 8 + [None] * 2, keys[:20])
    labels = np.repeat([0, 1], [14, 16]).astype(np.int32)  # of 30 rows: 0 to 13 are alike, and 14 to 29
    labels[20:25], labels[25:] = 0, 1
    found = edited(
        Clusters(largest_first(labels), ("auto", "other")), [operation], keys, rows_by(np.arange(30)),
        np.zeros((30, 2), np.float32), lambda labels: (), lambda of_row: of_row,
    )  # fmt: skip
    of_row = [found.names[group] if group >= 0 else None for group in found.labels]
    assert of_row[:18] == ["left"] * 10 + ["right"] * 8
    assert of_row[18:20] == [None, None]
    assert set(of_row[20:25]) == {"left"}
    assert set(of_row[25:]) == {"right"}


def test_a_file_that_is_no_export_brings_nothing():
    assert brought(sentence_table().arrow) is None
    assert brought(pa.table({"text": ["a"], "_tags": [["x"]]})) is None, "the names of other people's columns"
    assert brought(pa.table({"_cluster": [None], "_cluster_name": pa.array([None], pa.string())})) is None


def test_keys_of_rows_do_not_depend_on_what_an_export_adds():
    plain = pa.table({"text": ["a", "b"], "stars": ["1", "2"]})
    more = plain.append_column("_cluster_name", pa.array(["x", "y"])).append_column("_x", pa.array([0.1, 0.2]))
    assert (row_keys(plain, None) == row_keys(more, None)).all()
    other = plain.append_column("_x", pa.array([0.1, 0.2]))
    assert (row_keys(plain, None) != row_keys(other, None)).all(), "not ours without a group's name"
    assert rows_of(row_keys(more, None), []).tolist() == []


def test_a_project_with_groups_survives_its_file(tmp_path):
    store = Store(tmp_path / "other")
    table = explorer.read(exported("csv")[0], name="sentences.csv", apart=False)
    project = Project.create(store, "sentences.csv")
    take_over(brought(table.arrow), table.arrow, "id", project)
    assert Project.load(store, project.id).operations == project.operations

"""What people say stays with its rows over new versions of a file, can be taken back, and travels as a file."""

import json

import numpy as np
import pyarrow as pa
import pytest
from examples import random_unit, table_of

from explorer.errors import BadInput
from explorer.library.annotations import Operation, Project, anchors, hexes, read_project_file, row_keys, rows_of
from explorer.store.store import Store


def test_rows_keep_their_keys_when_others_come_and_go():
    old = pa.table({"text": ["a", "b", "c"], "n": [1, 2, None]})
    new = pa.table({"text": ["z", "c", "a"], "n": [9, None, 1]})
    one, other = row_keys(old, None), row_keys(new, None)
    assert (other[1], other[2]) == (one[2], one[0])
    assert other[0] not in one


def test_an_id_names_the_row_whatever_else_changes():
    old, new = pa.table({"id": [1, 2], "text": ["a", "b"]}), pa.table({"id": [2, 1], "text": ["B", "A"]})
    assert row_keys(new, "id").tolist() == row_keys(old, "id").tolist()[::-1]


def test_an_id_that_repeats_names_nothing():
    keys = row_keys(pa.table({"id": [1, 1], "text": ["a", "b"]}), "id")
    assert (keys == row_keys(pa.table({"id": [1, 1], "text": ["a", "b"]}), None)).all()
    assert len(set(keys.tolist())) == 2


def test_equal_rows_are_the_first_and_the_second():
    keys = row_keys(pa.table({"text": ["ok", "ok", "no", "ok"]}), None)
    assert len(set(keys.tolist())) == 4
    assert (row_keys(pa.table({"text": ["ok", "no"]}), None) == keys[[0, 2]]).all()


def test_a_missing_cell_is_no_empty_one():
    keys = row_keys(pa.table({"text": ["", None]}), None)
    assert keys[0] != keys[1]


def test_vectors_made_anew_are_the_same_rows():
    one, other = (table_of(text=["a", "b", "c"], vector=random_unit(3, seed=seed)).arrow for seed in (0, 1))
    assert (row_keys(one, None) == row_keys(other, None)).all()


def test_vectors_tell_rows_apart_where_nothing_else_does():
    unit = random_unit(6)
    one = table_of(digit=["7"] * 6, vector=unit).arrow
    other = table_of(digit=["7"] * 6, vector=unit[::-1]).arrow
    assert (row_keys(one, None) == row_keys(other, None)[::-1]).all()
    alone = table_of(vector=unit).arrow
    assert (row_keys(alone.slice(2, 3), None) == row_keys(alone, None)[2:5]).all()


def test_pictures_that_are_no_text_have_keys():
    table = pa.table({"image": pa.array([b"\x89PNG\xff", b"\xff\xd8", None], pa.binary())})
    assert len(set(row_keys(table, None).tolist())) == 3


@pytest.mark.parametrize(
    "table", [pa.table({"text": pa.array([], pa.string())}), pa.table({"tags": [["a"], ["b", "a"]]})]
)
def test_odd_tables_have_keys(table):
    assert len(row_keys(table, None)) == table.num_rows


def test_anchors_are_some_of_many_rows_and_find_them_again():
    keys = row_keys(pa.table({"n": list(range(2000))}), None)
    kept = anchors(keys)
    assert len(kept) == 500
    assert (keys[rows_of(keys, kept)] == keys[np.unique(np.linspace(0, 1999, 500).astype(int))]).all()
    assert anchors(keys[:0]) == ()
    assert rows_of(keys, ()).tolist() == []
    assert rows_of(keys, anchors(keys[3:5])).tolist() == [3, 4]


def keys_abc():
    return hexes(row_keys(pa.table({"text": ["a", "b", "c"]}), None))


def test_the_last_word_can_be_taken_back_and_said_again(store):
    a, b, _ = keys_abc()
    project = Project.create(store, "reviews")
    project.do(Operation("tag", (a, b), "urgent"))
    project.do(Operation("untag", (a,), "urgent"))
    assert project.tags() == {"urgent": {b}}
    assert project.undo().kind == "untag"
    again = Project.load(store, project.id)
    assert again.tags() == {"urgent": {a, b}}
    again.redo()
    assert again.tags() == {"urgent": {b}}
    again.undo()
    again.do(Operation("decide", (a,), "keep"))
    assert again.redo() is None
    again.do(Operation("decide", (a,), "remove"))
    assert again.decisions() == {a: "remove"}
    again.do(Operation("decide", (a,), ""))
    assert again.decisions() == {}


def test_nothing_said_nothing_taken_back(store):
    project = Project.create(store, "x")
    assert project.undo() is None
    assert project.redo() is None


@pytest.mark.parametrize("id", ["", "../../etc/passwd", "a b", "never-made"])
def test_no_project_of_that_id(store, id):
    assert Project.load(store, id) is None


def test_a_project_travels_as_a_file(store, tmp_path):
    from explorer.store.store import Store

    a, b, c = keys_abc()
    project = Project.create(store, "reviews")
    project.do(Operation("merge", (a,), "both", 10, ((b,), (c,)), of=40, sizes=(7, 3)))
    sent = json.dumps(project.document(more=1)).encode()
    found, document = read_project_file(sent, Store(tmp_path / "elsewhere", shipped=None))
    assert found.operations == project.operations
    assert document["more"] == 1
    assert found.id != project.id


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"format": "other"}', b"[" * 100_000,
        *(
            json.dumps({"format": "embedding-explorer-project", "version": version, "operations": operations}).encode()
            for version, operations in [
                (99, []), ("1", []), (1, None), (1, [{}]), (1, [{"kind": "burn", "rows": []}]),
                (1, [{"kind": "tag", "rows": ["zz"]}]), (1, [{"kind": "tag", "rows": ["ab"]}]),
                (1, [{"kind": "tag", "rows": 5}]), (1, [{"kind": "merge", "rows": [], "sizes": ["x"]}]),
            ]
        ),
    ],
)  # fmt: skip
def test_a_file_that_is_no_project_is_refused(store, data):
    with pytest.raises(BadInput, match="project file"):
        read_project_file(data, store)


def test_a_name_from_a_file_is_cut(store):
    operations = [{"kind": "rename", "rows": [], "value": "\ud800" + "x" * 10_000}]
    document = {"format": "embedding-explorer-project", "version": 1, "operations": operations}
    found, _ = read_project_file(json.dumps(document).encode(), store)
    assert found.operations[0].value == "?" + "x" * 199


def test_what_two_people_say_at_once_is_all_kept(store):
    project = Project.create(store, "a.csv")
    pages = [Project.load(Store(store.home), project.id) for _ in range(2)]
    for page, tag in zip(pages, ("urgent", "late"), strict=True):
        page.do(Operation("tag", ("00" * 16,), tag))
    assert set(Project.load(store, project.id).tags()) == {"urgent", "late"}

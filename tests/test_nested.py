"""Nested JSON: leaves are columns, the list that people mean is the rows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from explorer.errors import BadInput
from explorer.reading.readers import read
from explorer.table.table import Table

CASES = Path(__file__).parent / "data" / "cases"


def table_of(value: object, name: str = "a.json") -> Table:
    """What is read from a value as JSON; a list of values as lines, if the name ends in .jsonl."""
    lines = name.endswith(".jsonl")
    text = "\n".join(map(json.dumps, value)) if lines and isinstance(value, list) else json.dumps(value)
    return read(text.encode(), name=name)


def cells(table: Table, name: str) -> list:
    return table.arrow.column(name).to_pylist()


# --- cases -----------------------------------------------------------------------------------------------------------


def test_squad():
    table = read(CASES / "squad_nested.json")
    assert len(table) == 72
    assert table.columns == ["title", "context", "id", "question", "answers", "answers.text"]
    assert len(set(cells(table, "context"))) == 24
    assert "'version' left out" in table.notes[0]
    assert "72 objects in 'paragraphs[].qas[]'" in table.notes[1]


def test_geojson():
    table = read(CASES / "reports.geojson")
    assert len(table) == 12
    assert table.columns == ["id", "geometry.type", "geometry.coordinates", "kind", "note", "opened"]
    assert cells(table, "geometry.coordinates")[0] == "[13.0, 52.0]"
    assert "named without it" in table.notes[1]


def test_tweets_archive():
    table = read(CASES / "tweets.js")
    assert len(table) == 6
    assert cells(table, "full_text")[0] == "Wrong address on the shipping label, parcel went back"
    assert table.notes[0] == "'window.YTD.tweets.part0 =' before the data was skipped."


def test_discord():
    table = read(CASES / "discord_export.json")
    assert len(table) == 8
    assert cells(table, "author.name")[:2] == ["user0", "user1"]
    assert "'guild'" in table.notes[0]


# --- objects become columns ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_objects_become_dotted_columns(name):
    rows = [
        {"id": 1, "user": {"name": "Ana", "geo": {"city": "Bonn"}}},
        {"id": 2, "user": None},
        {"id": 3, "user": {"name": "Li"}},
    ]
    table = table_of(rows, name)
    assert table.arrow.to_pydict() == {
        "id": [1, 2, 3], "user.name": ["Ana", None, "Li"], "user.geo.city": ["Bonn", None, None]
    }  # fmt: skip


def test_a_cell_that_is_no_object_keeps_its_column():
    table = table_of([{"by": "Ana"}, {"by": {"name": "Li"}}])
    assert table.arrow.to_pydict() == {"by": ["Ana", None], "by.name": [None, "Li"]}


def test_a_name_that_is_there_already_gets_a_number():
    table = table_of([{"a.b": 1, "a": {"b": 2}}])
    assert table.arrow.to_pydict() == {"a.b": [1], "a.b (2)": [2]}


def test_a_map_from_ids_to_values_stays_text():
    table = table_of([{"id": i, "votes": {f"user{i}": 1, f"user{i + 1}": 2}} for i in range(200)])
    assert table.columns == ["id", "votes"]
    assert cells(table, "votes")[0] == '{"user0": 1, "user1": 2}'
    assert table.notes == ("Objects with very many keys stay JSON text: 'votes'.",)


def test_depth_is_limited():
    value: object = "deep"
    for _ in range(50):
        value = {"a": value, "b": 1}
    table = table_of([value, value])
    assert len(table.columns) == 9 + 1
    assert cells(table, ".".join(["a"] * 9))[0].startswith('{"a": {')


def test_mongodb():
    rows = [
        {
            "_id": {"$oid": "5f0000000000000000000001"}, "at": {"$date": "2026-03-01T10:00:00Z"},
            "n": {"$numberLong": "9007199254740993"}, "price": {"$numberDecimal": "9.90"}, "by": {"at": {"$date": 0}},
            "x": {"$numberDouble": "1.5"}, "ids": [{"$oid": "a"}, {"$oid": "b"}],
        },
        {
            "_id": {"$oid": "5f0000000000000000000002"}, "at": {"$date": {"$numberLong": "1772000000000"}},
            "x": {"$numberDouble": "NaN"},
        },
    ]  # fmt: skip
    table = table_of(rows)
    assert table.arrow.to_pydict() == {
        "_id": ["5f0000000000000000000001", "5f0000000000000000000002"],
        "at": ["2026-03-01T10:00:00Z", "2026-02-25T06:13:20.000Z"],
        "n": [9007199254740993, None],
        "price": ["9.90", None],
        "by.at": ["1970-01-01T00:00:00.000Z", None],
        "x": [1.5, None],
        "ids": ["a, b", None],
    }


def test_lists_of_texts_are_joined_and_lists_of_objects_are_not():
    rows = [
        {"tags": ["a", "b"], "tokens": ["The", "cat"], "places": ["Bonn, DE", "Rome"], "files": [{"id": 1}],
         "lines": ["one two three four five six"] * 2, "text": "Some text that stands by itself"},
        {"tags": [], "tokens": ["Sat"], "files": []},
    ]  # fmt: skip
    table = table_of(rows)
    assert cells(table, "tags") == ["a, b", None]
    assert cells(table, "tokens") == ["The cat", "Sat"]
    assert cells(table, "places") == ["Bonn, DE; Rome", None]
    assert cells(table, "lines")[0] == "one two three four five six\none two three four five six"
    assert cells(table, "files") == ['[{"id": 1}]', None]


@pytest.mark.parametrize("name", ["coordinates", "bbox", "input_ids", "attention_mask", "display_text_range"])
def test_numbers_that_are_no_embedding(name):
    table = table_of([{"text": "a", name: [1, 2.5]}, {"text": "b", name: [3, 4]}])
    assert cells(table, name) == ["[1, 2.5]", "[3, 4]"]


def test_vectors_inside_objects():
    table = table_of([{"text": "a", "out": {"embedding": [1, 2.5, 3]}}, {"text": "b", "out": {"embedding": [3, 4, 5]}}])
    assert cells(table, "out.embedding") == [[1, 2.5, 3], [3, 4, 5]]


# --- the list that is the rows ---------------------------------------------------------------------------------------

SAID = ["the parcel came late", "nobody answered my call", "the app crashes at start"]
ROWS = [{"id": i, "body": text} for i, text in enumerate(SAID)]
SHOPS = [{"name": "North", "reviews": ROWS[:2]}, {"name": "South", "reviews": ROWS[2:]}]


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"took": 3, "hits": {"total": 3, "hits": [{"_index": "i", "_source": row} for row in ROWS]}}, "hits.hits"),
        ({"data": ROWS, "meta": {"next": "abc"}}, "data"),
        ({"items": ROWS, "tags": ["x", "y", "z", "w"]}, "items"),
        ({"response": {"docs": ROWS}, "header": {"fields": [{"name": "id"}, {"name": "body"}] * 9}}, "response.docs"),
        ({"data": {"posts": {"edges": [{"node": row, "cursor": "x"} for row in ROWS]}}}, "data.posts.edges"),
        ({"kind": "Listing", "data": {"children": [{"kind": "t3", "data": row} for row in ROWS]}}, "data.children"),
        ({"query": {"pages": {str(i): row for i, row in enumerate(ROWS)}}}, "query.pages"),
        ([{"page": 1, "results": ROWS[:2]}, {"page": 2, "results": ROWS[2:]}], "results"),
        ([ROWS[:2], ROWS[2:]], ""),
        (SHOPS, "reviews"),
    ],
)  # fmt: skip
def test_rows_are_found_at_any_depth(value, where):
    table = table_of(value)
    assert cells(table, "body") == SAID
    assert cells(table, "id") == [0, 1, 2]
    assert where in " ".join(table.notes)


def test_the_list_with_text_is_taken_and_the_others_are_named():
    value = {
        "images": [{"id": i} for i in range(9)],
        "annotations": [{"id": i, "caption": text} for i, text in enumerate(SAID)],
    }
    table = table_of(value)
    assert cells(table, "caption") == SAID
    assert "'images' left out" in table.notes[0]


def test_another_list_can_be_chosen():
    value = {
        "users": [{"login": name, "about": "likes to cook"} for name in "abcd"],
        "blog": {"posts": [{"id": i, "body": text} for i, text in enumerate(SAID)], "tags": ["x", "y"]},
    }
    table = table_of(value)
    assert (table.sheet, table.sheets) == ("blog.posts", ("users", "blog.posts", "blog.tags"))
    table = read(json.dumps(value).encode(), name="a.json", sheet="users")
    assert (cells(table, "login"), table.sheet) == (["a", "b", "c", "d"], "users")
    assert "The list under 'users' was read" in table.notes[0]
    with pytest.raises(BadInput, match="no list 'blog'. Its lists are users, blog.posts, blog.tags. Name one"):
        read(json.dumps(value).encode(), name="a.json", sheet="blog")
    assert table_of({"posts": [{"body": text} for text in SAID]}).sheets == ()  # nothing to choose


def test_fields_above_a_list_repeat():
    table = table_of([{"id": "s", "name": "North", "reviews": ROWS[:2]}, {"id": "t", "name": "South", "reviews": []}])
    assert table.arrow.to_pydict() == {"above.id": ["s"] * 2, "name": ["North"] * 2, "id": [0, 1], "body": SAID[:2]}
    assert "1 objects with nothing in 'reviews' give no row." in table.notes


@pytest.mark.parametrize(
    "extra",
    [
        {"comments": [{"by": "x", "body": "I had the very same problem last week, and it went on for days"}]},
        {"entities": {"mentions": [{"name": "A person with a long name"}]}},
        {"blocks": [{"elements": [{"text": "nobody answered my call and nobody answered my call"}]}]},
    ],
)
def test_rows_with_a_text_of_their_own_stay_rows(extra):
    table = table_of([row | extra for row in ROWS])
    assert cells(table, "body") == SAID


# --- texts that are not quite JSON -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
@pytest.mark.parametrize(
    "text",
    ['{\n "a": 1\n}\n{\n "a": 2\n}\n', '{"a": 1}{"a": 2}', '\x1e{"a": 1}\n\x1e{"a": 2}\n', '{"a": 1},\n{"a": 2},\n'],
)
def test_values_one_after_the_other(text, name):
    if name == "a.jsonl" and text.startswith('{"a": 1}{'):
        return  # a bad line, which is listed
    assert cells(read(text.encode(), name=name), "a") == [1, 2]


@pytest.mark.parametrize(
    "text", ["var data = [{}];", "const a=[{}]\n", "export default [{}];", "callback([{}]);", 'x["y"].z =\n[{}];;']
)
def test_javascript_around_the_value_is_skipped(text):
    table = read(text.replace("{}", '{"a": 1}').encode(), name="a.js")
    assert cells(table, "a") == [1]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[\n{"a": 1},\n]', "a comma before a closing bracket at line"),
        ('{\n"a": 1,\n}', "a comma before a closing bracket at line"),
        ('[\n// note\n{"a": 1}]', "a comment, which JSON does not allow, at line 2"),
        ("[{'a': 1}]", "other quotation marks"),
        ('[{"a": None}]', "None is Python's word"),
        ('[{"a": 1},\n{"a": ', "it ends too early, as if cut off, at line 2"),
    ],
)
def test_why_a_text_is_not_json(text, reason):
    with pytest.raises(BadInput, match=reason):
        read(text.encode(), name="a.json")


def test_numbers_without_an_end():
    table = read(b'[{"a": 1e999, "b": 1}, {"a": 2.5, "b": Infinity}]', name="a.json")
    assert table.arrow.to_pydict() == {"a": [None, 2.5], "b": [1, None]}
    assert "2 values were NaN or infinite" in table.notes[0]


def test_columns_from_objects_are_limited():
    rows = [{"id": 1} | {f"part{i}": {f"k{j}": 1 for j in range(50)} for i in range(10)}]
    table = table_of(rows * 3)
    assert len(table.columns) == 1 + 6 * 50 + 4
    assert table.notes == ("Objects with very many keys stay JSON text: 'part6', 'part7', 'part8', 'part9'.",)

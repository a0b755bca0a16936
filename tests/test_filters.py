"""Conditions on columns: which rows meet them, what they are in words, and in an address."""

import numpy as np
import pytest
from examples import table_of

from explorer.analysis.filters import Condition, from_link, rows_meeting, to_link, with_condition
from explorer.reading.readers import read

CSV = b"text,topic,stars,created\na,x,1,2026-01-01\nb,y,2,2026-01-31\nc,x,,2026-02-01\nd,,5,\n"


@pytest.fixture
def table():
    return read(CSV, name="four.csv")


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("topic", values=("x",)), [True, False, True, False]),
        (Condition("stars", 2, None), [False, True, False, True]),
        (Condition("stars", None, 2), [True, True, False, False]),
        (Condition("stars", 2, 2), [False, True, False, False]),
        (Condition("created", "2026-01-31", None), [False, True, True, False]),
        (Condition("created", None, "2026-01-31"), [True, True, False, False]),  # all of that day
        (Condition("not there", 1, 2), [True, True, True, True]),
        (Condition("stars", values=("",)), [False, False, True, False]),
        (Condition("topic", values=("", "y")), [False, True, False, True]),
        (Condition("created", values=("",)), [False, False, False, True]),
        (Condition("topic", values=()), [False, False, False, False]),
    ],
    ids=str,
)
def test_a_condition_holds_for_the_rows_one_would_name(table, condition, expected):
    assert rows_meeting(table, [condition]).tolist() == expected


def test_conditions_on_two_columns_must_both_hold(table):
    both = [Condition("topic", values=("x",)), Condition("created", "2026-02-01", None)]
    assert rows_meeting(table, both).tolist() == [False, False, True, False]


def test_a_filter_survives_the_address():
    conditions = (
        Condition("topic", values=("x", "ü & <b>")),
        Condition("stars", 1.5, None),
        Condition("created", None, "2026-01-31"),
    )
    assert from_link(to_link(conditions)) == conditions
    assert to_link(()) == ""
    assert from_link("") == ()


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[1]", '[["a"]]', '[["a",{},2]]', "[" * 5000, '"x"', "null", '[["a",1,2,3]]', '[["a","soon",null]]'),
        *('[["a",null,null]]', '[["a",1,"2026-01-01"]]', '[["a",NaN,2]]', '[["a","nat",null]]'),
        f'[["a",1{"0" * 400},null]]',
    ],
    ids=lambda text: text[:30],
)
def test_garbage_in_the_address_is_no_filter(text):
    assert from_link(text) == ()


def test_a_column_has_one_condition():
    first, second = Condition("a", 1, 2), Condition("b", 3, 4)
    assert with_condition((first, second), "a", Condition("a", 5, 6)) == (second, Condition("a", 5, 6))
    assert with_condition((first, second), "a", None) == (second,)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition("topic", values=("billing",)), "topic: billing"),
        (Condition("topic", values=("a", "b", "c")), "topic: a, b, c"),
        (Condition("topic", values=tuple("abcdefg")), "topic: a, b, c and 4 more"),
        (Condition("topic", values=("", "x")), "topic: no value, x"),
        (Condition("topic", values=()), "topic: none of its values"),
        (Condition("stars", 2, 4), "stars: 2 to 4"),
        (Condition("stars", 2.0, 2), "stars: 2"),
        (Condition("stars", 2, None), "stars: at least 2"),
        (Condition("share", None, 0.25), "share: at most 0.25"),
        (Condition("year", 1994, 2003), "year: 1994 to 2003"),
        (Condition("views", 12_500, 3_000_000.0), "views: 12,500 to 3,000,000"),
        (Condition("created", "2026-01-31", None), "created: from 31 Jan 2026"),
        (Condition("created", None, "2026-01-31"), "created: until 31 Jan 2026"),
        (Condition("created", "2026-01-02", "2026-02-03T08:30"), "created: 2 Jan 2026 to 3 Feb 2026 08:30"),
        (Condition("two\n lines", 1, 2), "two lines: 1 to 2"),
    ],
    ids=lambda value: str(value),
)
def test_a_condition_in_words(condition, words):
    assert str(condition) == words


def test_long_names_and_values_are_shortened():
    words = str(Condition("n" * 200, values=("v" * 200,) * 9))
    assert len(words) < 200
    assert words.endswith(" and 6 more")


def test_a_condition_on_pictures_or_vectors_is_ignored():
    table = table_of(vector=np.eye(2), picture=[b"\x89PNG", b"\xff\xfe"])
    for column in table.columns:
        assert rows_meeting(table, [Condition(column, values=("a",))]).tolist() == [True, True]


def test_values_of_any_type_are_wanted_as_text():
    table = table_of(flag=[True, False, None], n=[1, 2, None])
    assert rows_meeting(table, [Condition("flag", values=("true",))]).tolist() == [True, False, False]
    assert rows_meeting(table, [Condition("n", values=("2", ""))]).tolist() == [False, True, True]

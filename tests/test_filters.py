"""Conditions on columns, and the bars and histograms they are chosen in."""

import numpy as np
import pytest

from explorer.analysis.filters import Condition, from_link, rows_meeting, to_link, with_condition
from explorer.reading.readers import read
from explorer.views.facets import facet, facet_figure

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
    "text", ["{", "[1]", '[["a"]]', '[["a",{},2]]', "[" * 5000, '"x"', "null", '[["a",1,2,3]]', '[["a","soon",null]]']
)
def test_garbage_in_the_address_is_no_filter(text):
    assert from_link(text) == ()


def test_a_column_has_one_condition():
    first, second = Condition("a", 1, 2), Condition("b", 3, 4)
    assert with_condition((first, second), "a", Condition("a", 5, 6)) == (second, Condition("a", 5, 6))
    assert with_condition((first, second), "a", None) == (second,)


def test_a_facet_counts_all_rows_and_those_left(table):
    found = facet(table, "topic", "category", np.array([True, False, False, True]))
    assert (found.labels, found.everywhere.tolist(), found.left.tolist()) == (("x", "y", ""), [2, 1, 1], [1, 0, 1])
    stars = facet(table, "stars", "number")
    assert stars.edges.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert stars.everywhere.tolist() == [1, 1, 0, 0, 1]
    assert facet(table, "created", "date").everywhere.sum() == 3


def test_a_column_of_one_value_has_no_facet():
    table = read(b"text,same\na,x\nb,x\n", name="same.csv")
    assert facet(table, "same", "category") is None


def test_names_of_values_are_shown_as_written():
    table = read(b"text,tag\na,<b>x</b>\nb,y\nc,<b>x</b>\n", name="tags.csv")
    figure = facet_figure(facet(table, "tag", "category"), "#00f", "#ccc", "#000")
    assert "&lt;b&gt;x&lt;/b&gt;" in figure.layout.yaxis.ticktext

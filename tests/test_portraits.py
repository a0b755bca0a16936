"""What is said of a group: the values that are common in it, and its rows over time, by hand."""

from __future__ import annotations

import numpy as np
import pytest
from examples import random_unit, stored_recipe, table_of, vector_recipe

from explorer.analysis.portraits import Common, common_values, over_time
from explorer.building import build
from explorer.geometry.clusters import Clusters
from explorer.recipe import READY_MADE
from explorer.space import Space
from explorer.store.store import Store


def made_up(store: Store, **columns: list) -> Space:
    """A space of ten rows with these columns."""
    table = table_of(vector=random_unit(10), **columns)
    return build(stored_recipe(store, table, ("vector",), model=READY_MADE), store=store)


GROUP, ALL = np.arange(4), np.arange(10)


def test_the_value_that_is_more_common_in_a_group_is_named(store):
    topic = ["red", "red", "red", "blue", *["blue"] * 5, "red"]  # red: 3 of 4 in the group, 4 of 10 of all
    assert common_values(made_up(store, topic=topic), GROUP, ALL, ["topic"]) == (Common("topic", "red", 0.75, 0.4),)


def test_rows_without_a_value_are_not_counted(store):
    topic = ["red", "red", None, None, "blue", "blue", *[None] * 4]
    assert common_values(made_up(store, topic=topic), GROUP, ALL, ["topic"]) == (Common("topic", "red", 1.0, 0.5),)


@pytest.mark.parametrize(
    "topic",
    [
        ["red"] * 10,  # as common as everywhere
        ["red", "green", "blue", "white", *["black"] * 6],  # each once
        [None] * 4 + ["red"] * 6,
    ],
)
def test_nothing_is_said_where_nothing_stands_out(store, topic):
    assert common_values(made_up(store, topic=topic), GROUP, ALL, ["topic"]) == ()


def test_what_stands_out_most_comes_first(store):
    color = ["red", "red", "red", "blue", *["blue"] * 5, "red"]
    size = [*["small"] * 4, *["large"] * 6]
    found = common_values(made_up(store, color=color, size=size), GROUP, ALL, ["color", "size"])
    assert [each.column for each in found] == ["size", "color"]


def test_columns_that_hold_no_words_are_passed_over(store):
    space = build(vector_recipe(store, random_unit(10)), store=store)
    assert common_values(space, GROUP, ALL, ["vector"]) == ()


def test_rows_over_time_have_their_first_and_last_date(store):
    space = made_up(store, day=[f"2026-01-{day:02}" for day in range(1, 11)])
    clusters = Clusters(np.array([0] * 5 + [1] * 5, np.int32), ("early", "late"))
    found = over_time(space, clusters, "day")
    assert found is not None
    assert (str(found.first)[:10], str(found.last)[:10]) == ("2026-01-01", "2026-01-10")
    assert found.counts.sum(axis=1).tolist() == [5, 5]
    assert found.counts[0, 0] == found.counts[1, -1] == 1
    only = over_time(space, clusters, "day", np.arange(10) < 5)
    assert only is not None
    assert str(only.last)[:10] == "2026-01-05"
    assert over_time(space, clusters, "day", np.arange(10) < 1) is None

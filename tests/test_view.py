"""One way of counting: the rows that meet the filter, and how many of them are distinct."""

import numpy as np
import pytest
from examples import sentence_space, stored_recipe, table_of

from explorer.answers.view import View
from explorer.building import build
from explorer.table.roles import Roles
from explorer.wording import Amount

TEXTS = ["A cat sleeps.", "A cat sleeps.", "", "A dog barks.", "A cat sleeps."]


@pytest.fixture
def view(store):
    space = build(stored_recipe(store, table_of(text=TEXTS), ["text"], model="fast"), store=store)
    return lambda rows=None: View(space, rows=None if rows is None else np.array(rows))


def test_rows_are_counted_and_the_distinct_ones_named_where_they_differ(view):
    every = view()
    assert every.amount(np.ones(2, bool)) == Amount(4, 2), "an empty row has no content"
    assert str(every.amount(np.array([0]))) == "3 rows (1 distinct)"
    assert str(every.amount(np.array([1]))) == "1 row"
    assert str(Amount(1204, 1204)) == "1,204 rows"


def test_a_filter_bounds_what_is_counted(view):
    filtered = view([True, False, True, True, False])
    assert filtered.amount(np.array([0])) == Amount(1, 1)
    assert filtered.amount_of_rows(np.arange(5)) == Amount(2, 2)


def test_groups_and_their_rows_add_up():
    view = View(sentence_space())
    parts = [view.rows_in(cluster) for cluster in range(-1, len(view.clusters))]
    assert sorted(np.concatenate(parts).tolist()) == np.flatnonzero(view.counted).tolist()


def test_the_files_own_id_stands_beside_the_number(store):
    view = View(sentence_space())
    assert view.roles.id == "id"
    assert view.row_name(4) == f"row 4 · {view.space.table.column('id')[4].as_py()}"
    assert View(sentence_space(), Roles(text=("text",))).row_name(1204) == "row 1,204"

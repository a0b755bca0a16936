"""Groups against a column: AMI by its ends, the table of counts by hand, and its order along the diagonal."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from explorer.analysis.agreement import Agreement, agreement, diagonal
from explorer.views.label_matrix import label_matrix


def test_the_same_partition_under_other_names_is_one():
    found = agreement(np.array([0, 0, 1, 1, 2, 2]), ["x", "x", "z", "z", "y", "y"], 3)
    assert found.ami == pytest.approx(1)
    assert found.rows == 6


def test_chance_is_about_zero():
    numbers = np.random.default_rng(0)
    found = agreement(numbers.integers(0, 5, 3000), [str(n) for n in numbers.integers(0, 5, 3000)], 5)
    assert abs(found.ami) < 0.01


def test_the_counts_by_hand():
    """Six rows; one without a value and one in no group are left out. "b" is the commonest value."""
    found = agreement(np.array([0, 0, 0, 1, -1, 1]), ["a", "b", "b", "b", "a", None], 2)
    assert found.values == ("b", "a")
    assert found.counts.tolist() == [[2, 1], [1, 0]]
    assert (found.rows, found.left_out) == (4, 2)


@pytest.mark.parametrize(
    ("groups", "values"),
    [
        ([], []),
        ([0], ["a"]),
        ([0, 0], ["a", "b"]),
        ([0, 1], ["a", "a"]),
        ([-1, -1], ["a", "b"]),
        ([0, 1], [None, None]),
    ],
)
def test_nothing_to_compare(groups, values):
    found = agreement(np.array(groups, int), values, 2)
    assert math.isnan(found.ami)
    assert found.counts.shape[0] == 2


def test_a_group_without_compared_rows_has_a_line_of_zeros():
    assert agreement(np.array([0, 2]), ["a", "b"], 3).counts.tolist() == [[1, 0], [0, 0], [0, 1]]


def test_a_column_that_names_rows_is_refused():
    with pytest.raises(ValueError, match="201 distinct"):
        agreement(np.zeros(201, int), [str(n) for n in range(201)], 1)


def test_only_the_rows_asked_for_are_compared():
    rows = np.array([True, True, False, True, False])
    found = agreement(np.array([0, 0, 1, 1, -1]), ["a", "a", "b", "b", "a"], 2, rows)
    assert (found.counts.tolist(), found.rows, found.left_out) == ([[2, 0], [0, 1]], 3, 0)
    assert found.ami == pytest.approx(1)
    assert agreement(np.array([0, -1]), ["a", "b"], 1, np.array([True, True])).left_out == 1


@pytest.mark.parametrize("seed", range(5))
def test_a_permuted_diagonal_is_found_again(seed):
    """The largest count of each line lies on the diagonal, the largest group first."""
    numbers = np.random.default_rng(seed)
    table = np.diag(numbers.integers(50, 900, 12)) + numbers.integers(0, 4, (12, 12))
    shuffled = table[numbers.permutation(12)][:, numbers.permutation(12)]
    lines, columns = diagonal(shuffled)
    ordered = shuffled[lines][:, columns]
    assert (ordered.argmax(axis=1) == np.arange(12)).all()
    assert (np.diff(ordered.sum(axis=1)) <= 0).all()


def test_what_has_no_partner_of_its_own_stands_beside_its_main_one():
    """Two groups of "a" and one of "b", and a rare value "c" that only the group of "b" has."""
    lines, columns = diagonal(np.array([[0, 30, 2], [40, 0, 0], [10, 1, 0]]))
    assert lines.tolist() == [1, 2, 0]
    assert columns.tolist() == [0, 1, 2]
    few = np.array([[9, 0, 5], [0, 8, 0]])
    lines, columns = diagonal(few)
    assert (lines.tolist(), columns.tolist()) == ([0, 1], [0, 2, 1])


@given(arrays(np.int64, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 5)))
def test_every_line_and_column_that_holds_rows_is_shown_once(counts):
    lines, columns = diagonal(counts)
    assert sorted(lines.tolist()) == np.flatnonzero(counts.any(axis=1)).tolist()
    assert sorted(columns.tolist()) == np.flatnonzero(counts.any(axis=0)).tolist()


def test_the_table_has_each_count_once_and_leaves_zeros_out():
    counts = np.random.default_rng(0).integers(0, 3, (40, 60))
    found = Agreement(0.0, counts, tuple(f"value {n}" for n in range(60)), 0)
    html = label_matrix(found, [f"group {n}" for n in range(40)], "topic")
    assert html.count("<button") == (counts > 0).sum()
    assert html.count('scope="row"') == (counts.any(axis=1)).sum()
    assert ">0<" not in html

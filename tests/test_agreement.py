"""Groups against a column: AMI by its ends, and the table of who meets whom by hand."""

import math

import numpy as np
import pytest

from explorer.analysis.agreement import agreement


def test_the_same_partition_under_other_names_is_one():
    found = agreement(np.array([0, 0, 1, 1, 2, 2]), ["x", "x", "z", "z", "y", "y"], 3)
    assert found.ami == pytest.approx(1)
    assert found.rows == 6


def test_chance_is_about_zero():
    numbers = np.random.default_rng(0)
    found = agreement(numbers.integers(0, 5, 3000), [str(n) for n in numbers.integers(0, 5, 3000)], 5)
    assert abs(found.ami) < 0.01


def test_who_meets_whom_by_hand():
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


def test_a_group_that_nobody_meets_has_a_line_of_zeros():
    assert agreement(np.array([0, 2]), ["a", "b"], 3).counts.tolist() == [[1, 0], [0, 0], [0, 1]]


def test_a_column_that_names_rows_is_refused():
    with pytest.raises(ValueError, match="201 distinct"):
        agreement(np.zeros(201, int), [str(n) for n in range(201)], 1)

"""Data without a shape, and what must be refused: the short version of `python -m faults --only degenerate`."""

import numpy as np
import pytest

from explorer.analysis import outliers
from faults import degenerate

FAULTS = 13


@pytest.fixture(scope="module")
def results():
    return degenerate.run(short=True)


@pytest.mark.parametrize("place", range(FAULTS))
def test_every_case_has_an_answer_or_one_sentence(results, place):
    result = results[place]
    assert result.cases
    assert result.bad == []
    assert result.lost == 0


def test_no_fault_is_left_out(results):
    assert len(results) == FAULTS


def test_an_algorithm_that_answers_with_nothing_is_noticed(monkeypatch):
    monkeypatch.setattr(outliers, "distance_from_all", lambda unit: np.full(len(unit), np.nan))
    unit = np.eye(3, dtype=np.float32)
    case = ("three directions", unit, degenerate.nearest_neighbors(unit))
    found = degenerate._over("outliers", [case], degenerate._outliers)
    assert found.bad == ["three directions: AssertionError: covariance is not finite"]

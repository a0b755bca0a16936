"""The line of possible outliers: planted ones are above it, and in data without any hardly a row is."""

import numpy as np
import pytest
from examples import three_clouds

from explorer.analysis.outlier_line import CHANCE, FARTHEST, FEWEST, GAP, NONE, SHARE, draw_line
from explorer.analysis.outliers import OUTLIER_METHODS, find_outliers
from explorer.geometry.neighbors import nearest_neighbors
from explorer.geometry.vectors import unit_length


def groups(count: int, dimensions: int, seed: int) -> np.ndarray:
    """Up to five groups of differing spread, of twenty rows at least: (count, dimensions) float32, unit length."""
    numbers = np.random.default_rng(seed)
    many = min(count // 25, 5)
    centers = np.eye(many, dimensions)
    which = np.arange(count) % many
    spread = np.linspace(0.25, 0.45, many)[which, None] / np.sqrt(dimensions)
    return unit_length((centers[which] + spread * numbers.standard_normal((count, dimensions))).astype(np.float32))


def one_blob(count: int, dimensions: int, seed: int) -> np.ndarray:
    numbers = np.random.default_rng(seed)
    noise = 0.4 * numbers.standard_normal((count, dimensions)) / np.sqrt(dimensions)
    return unit_length((np.eye(1, dimensions) + noise).astype(np.float32))


def nothing_alike(count: int, dimensions: int, seed: int) -> np.ndarray:
    return unit_length(np.random.default_rng(seed).standard_normal((count, dimensions)).astype(np.float32))


CLEAN = [groups, one_blob, nothing_alike]


# ---- on vectors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("dimensions", [24, 128])
@pytest.mark.parametrize("count", [60, 300, 1200])
def test_planted_outliers_are_above_the_line_and_ordinary_rows_are_not(count, dimensions, seed):
    """The planted ones are random directions among those that no group takes."""
    usual = groups(count, dimensions, seed)
    odd = nothing_alike(max(count // 60, 1), dimensions, seed + 100)
    odd[:, :5] = 0
    unit = np.vstack([usual, unit_length(odd)])
    found = find_outliers(unit, nearest_neighbors(unit))
    assert found.line in (GAP, CHANCE)
    assert found.possible[count:].all()
    assert found.possible[:count].sum() <= count / 100


@pytest.mark.parametrize("method", OUTLIER_METHODS)
@pytest.mark.parametrize("made", CLEAN)
def test_in_data_without_outliers_hardly_a_row_is_above_the_line(made, method):
    flagged = rows = 0
    for count, dimensions, seed in ((100, 12, 0), (100, 64, 1), (400, 12, 2), (400, 64, 3), (1200, 24, 4)):
        unit = made(count, dimensions, seed)
        found = find_outliers(unit, nearest_neighbors(unit), method)
        flagged += int(found.possible.sum())
        rows += count
    assert flagged / rows <= 0.005  # the share of the farthest would be 0.03


@pytest.mark.parametrize("made", CLEAN)
def test_where_nothing_stands_out_the_line_says_that_it_holds_the_farthest(made):
    lines = []
    for seed in range(6):
        unit = made(300, 32, seed)
        found = find_outliers(unit, nearest_neighbors(unit))
        lines.append(found.line)
        if found.line == FARTHEST:
            assert found.flagged.sum() == 300 * SHARE / 100
            assert not found.possible.any()
    assert lines.count(FARTHEST) >= 5


def test_a_line_that_somebody_chose_makes_possible_outliers_of_what_is_above():
    unit, _ = three_clouds()
    found = find_outliers(unit, nearest_neighbors(unit))
    moved = found.with_threshold(float(np.median(found.scores)))
    assert moved.possible.sum() == len(unit) // 2


@pytest.mark.parametrize("method", OUTLIER_METHODS)
def test_vectors_that_are_all_the_same_have_no_line(method):
    unit = np.tile(unit_length(np.arange(1, 9, dtype=np.float32)[None]), (50, 1))
    found = find_outliers(unit, nearest_neighbors(unit), method)
    assert not found.possible.any()


# ---- on scores ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 1, FEWEST - 1])
def test_too_few_to_say_what_is_usual(count):
    assert draw_line(np.linspace(0, 1, count)) == (float("inf"), NONE)


def test_a_gap_is_found_where_it_is_and_the_line_is_in_it():
    scores = np.array([*np.linspace(0.2, 0.4, 200), 0.8, 0.82, 0.85])
    line, how = draw_line(scores)
    assert 0.4 < line < 0.8
    assert how in (GAP, CHANCE)


@pytest.mark.parametrize("odd", [1.0, 100.0])
@pytest.mark.parametrize("many", [1, 4])
def test_outliers_do_not_hide_each_other(odd, many):
    usual = np.random.default_rng(0).normal(0.5, 0.05, 96)
    line, _ = draw_line(np.array([*usual, *[odd] * many]))
    assert usual.max() < line < odd


def test_a_long_tail_is_no_gap():
    """Each score is the same part above the one below it."""
    line, how = draw_line(np.exp(np.linspace(0, 5, 1000)))
    assert how == FARTHEST
    assert (np.exp(np.linspace(0, 5, 1000)) > line).sum() == 30


def test_scores_that_come_in_steps_have_no_gap_at_a_step():
    numbers = np.random.default_rng(0)
    assert draw_line(numbers.integers(5, 10, 500) / 10)[1] in (FARTHEST, NONE)
    assert draw_line(np.ones(300)) == (float("inf"), NONE)
    line, how = draw_line(np.append(np.ones(300), 1.5))
    assert (1 < line < 1.5, how) == (True, GAP)


def test_scores_that_differ_by_rounding_have_no_gap():
    numbers = np.random.default_rng(0)
    assert draw_line(1e-7 * numbers.random(200))[1] in (FARTHEST, NONE)


@pytest.mark.parametrize("seed", range(5))
def test_the_scale_of_scores_does_not_move_the_line(seed):
    scores = np.random.default_rng(seed).gamma(4, size=300)
    (line, how), (wide, also) = draw_line(scores), draw_line(1000 * scores)
    assert how == also
    assert wide == pytest.approx(1000 * line)

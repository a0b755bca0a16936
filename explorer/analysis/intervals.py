"""Confidence intervals of shares, of differences of shares, and of means; the exact test that two shares differ.

Each interval takes arrays of shape (k,) and gives `low` and `high` of the same shape.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

LEVEL = 0.95


class Interval(NamedTuple):
    """Where the true value lies, 95 times of 100."""

    low: float
    high: float


def wilson(count: np.ndarray, total: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """The score interval of a share, `count` of `total`, 0 to 1 (Wilson 1927). Of no rows at all: 0 to 1."""
    from scipy.stats import norm

    count, total = np.asarray(count, float), np.asarray(total, float)
    z = norm.ppf(0.5 + level / 2)
    size = np.maximum(total, 1)
    share = count / size
    middle = share + z * z / (2 * size)
    half = z * np.sqrt(share * (1 - share) / size + z * z / (4 * size * size))
    low, high = ((middle + sign * half) / (1 + z * z / size) for sign in (-1, 1))
    # Rounding must not move an end that is 0 or 1 exactly.
    return np.where(count == 0, 0.0, np.maximum(low, 0)), np.where(count == total, 1.0, np.minimum(high, 1))


def newcombe(
    earlier: np.ndarray, before: np.ndarray, later: np.ndarray, after: np.ndarray, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """The interval of later/after - earlier/before, -1 to 1: the hybrid score interval, method 10 of Newcombe 1998,
    "Interval estimation for the difference between independent proportions", Statistics in Medicine 17, 873-890."""
    earlier, before, later, after = (np.asarray(each, float) for each in (earlier, before, later, after))
    one, two = earlier / before, later / after
    (low1, high1), (low2, high2) = wilson(earlier, before, level), wilson(later, after, level)
    change = two - one
    return change - np.hypot(two - low2, high1 - one), change + np.hypot(high2 - two, one - low1)


def fisher(one: int, of_one: int, two: int, of_two: int) -> float:
    """How likely chance gives two shares that differ as much, `one` of `of_one` and `two` of `of_two`: the p of
    Fisher's exact test, two-sided."""
    from scipy.stats import fisher_exact

    return float(fisher_exact([[one, of_one - one], [two, of_two - two]]).pvalue)


def mean_interval(
    total: np.ndarray, squares: np.ndarray, count: np.ndarray, level: float = LEVEL
) -> tuple[np.ndarray, np.ndarray]:
    """Student's interval of a mean, by the standard error. NaN where fewer than two values, or none that differ, tell
    nothing of how they vary.

    total, squares : the sum of the values, and of their squared distances from their mean
    """
    from scipy.stats import t

    count = np.asarray(count, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.where((count > 1) & (squares > 0), squares / (count - 1), np.nan)
        half = t.ppf(0.5 + level / 2, np.maximum(count - 1, 1)) * np.sqrt(spread / count)
        return total / count - half, total / count + half

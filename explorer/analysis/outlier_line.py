"""The line above which items are possible outliers: drawn from the scores, where they have one.

A share such as "the 3 % farthest" is no finding: every table has one. It is used only so that there is something to
look at where nothing stands out, and is named so.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

GAP = "gap"  # the scores leave a gap that is wider than chance explains
CHANCE = "chance"  # as the other scores fall off, one table in ten would have a score above the line
FARTHEST = "farthest"  # neither: nothing stands out, and the line holds the few percent with the highest scores
CHOSEN = "chosen"  # somebody chose it
NONE = "none"  # too few items to say what is usual, or many share the highest score

FEWEST = 20  # items; fewer are too few to say what is usual
SHARE = 3  # percent of the items that are the farthest
_SEARCHED = 0.05  # of the items, the highest, are searched for a gap: more than that is a group of its own
_BY_CHANCE = 0.01  # of tables without outliers, how many would have such a gap
_EXPECTED = 0.1  # scores above the line in a table without outliers
_SHOULDER = 0.25, 0.06  # shares of the items above the two scores that say how the others fall off
_SAME = 1e-4  # scores below differ by rounding


def draw_line(scores: np.ndarray) -> tuple[float, str]:
    """The score above which items are possible outliers, and how it was drawn: `GAP`, `CHANCE`, `FARTHEST` or `NONE`.

    Of a gap and of what chance explains, the lower. Measured on made tables with and without outliers, beside the
    share alone: `python -m benchmarks --only outliers`. In tables without, 1 row in 1,000 is above the line. What a
    copy of the vectors with shuffled principal components reaches was tried too: where rows are fewer than
    dimensions, such a copy lies nearer to the rows than they to each other, so that many seem to stand out.

    scores : float array of shape (m,), 0 or more, higher is farther
    """
    if len(scores) < FEWEST:
        return float("inf"), NONE
    # Differences are relative: from 0.2 to 0.3 is as far as from 2 to 3.
    logs = np.sort(np.log(np.maximum(scores, _SAME)))
    lines = [(line, how) for line, how in ((first_gap(logs), GAP), (beyond_chance(logs), CHANCE)) if line < logs[-1]]
    if lines:
        line, how = min(lines)
        return float(np.exp(line)), how
    share = float(np.percentile(scores, 100 - SHARE))
    return (share, FARTHEST) if (scores > share).any() else (float("inf"), NONE)


def first_gap(ordered: np.ndarray) -> float:
    """The middle of the lowest gap among the highest twentieth of the scores that chance does not explain; infinite
    where there is none.

    In a tail without outliers the i-th highest gap, times i, is about exponential, whatever i is (Weissman 1978; used
    so by Talagala, Hyndman and Smith-Miles 2021). A gap counts where this product exceeds that of the gaps below it by
    so much that one table in a hundred has such a gap by chance.

    ordered : ascending float array of shape (m,), m at least `FEWEST`
    """
    half = ordered[len(ordered) // 2 :]
    gaps = np.diff(half)
    products = gaps * np.arange(len(gaps), 0, -1)
    searched = max(int(np.ceil(_SEARCHED * len(ordered))), 3)
    below, above = products[:-searched], products[-searched:]
    # A tail may change its course on the way up: compare with the gaps just below too.
    usual = max(below.mean(), below[-max(2 * searched, 20) :].mean())
    wide = -np.log(1 - (1 - _BY_CHANCE) ** (1 / searched)) * usual
    # Scores that come in steps have a gap at each step; an outlier is farther than a step.
    found = np.flatnonzero((above > wide) & (gaps[-searched:] > 1.001 * gaps[:-searched].max()))
    if not len(found):
        return float("inf")
    at = len(below) + int(found[0])
    return float(half[at] + half[at + 1]) / 2


def beyond_chance(ordered: np.ndarray) -> float:
    """The score that one table in ten would exceed, were its highest scores to go on as those below them begin;
    infinite where half of the scores are the same.

    The tail is that of a power of a normal variable, no shorter than the normal one itself. Its power and its width
    are those of two scores on the shoulder, which the highest 6 % of the items do not touch.

    ordered : ascending float array of shape (m,), m at least `FEWEST`
    """
    middle, near, far = np.quantile(ordered, (0.5, *(1 - share for share in _SHOULDER)))
    if near <= middle:
        return float("inf")
    z_near, z_far, z_line = norm.isf((*_SHOULDER, _EXPECTED / len(ordered)))
    power = max(np.log((far - middle) / (near - middle)) / np.log(z_far / z_near), 1.0)
    return float(middle + (far - middle) * (z_line / z_far) ** power)

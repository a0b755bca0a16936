"""Possible outliers: a score for each item, by one of several methods, the line above which it is a possible outlier,
and the reason in words.

`OUTLIER_METHODS` is a dict: an entry added to it appears in the app, on the command line and in the contract
tests. Each method finds items that another misses. On five planted sets, items that two methods flag are odd about as
often as those of the method that does best there: `python -m benchmarks --only outliers`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.analysis.outlier_line import CHOSEN, FARTHEST, FEWEST, draw_line
from explorer.analysis.outlier_scores import K, distance_from_all, distance_to_neighbors, local_outlier_factor, reach
from explorer.errors import BadInput
from explorer.geometry.neighbors import Neighbors

_PAIRS = 4096  # random pairs that say how similar unrelated items are
_UNRELATED = 0.4  # of the way from a random pair to a typical nearest: what has no closer one is far from everything
_RARE = 0.95  # of the others have a lower score than an item that is far from everything


@dataclass(frozen=True, eq=False)
class Outliers:
    """The result of one method for m items.

    Attributes
    ----------
    scores : float array of shape (m,), higher is farther; the unit is the method's
    threshold : the score above which an item is flagged
    method : a key of `OUTLIER_METHODS`
    line : how the threshold was drawn, a name of `outlier_line`: `GAP`, `FARTHEST`, `NONE` or `CHOSEN`
    unrelated : the median similarity of random pairs of items; NaN for few items
    """

    scores: np.ndarray
    threshold: float
    method: str
    line: str = CHOSEN
    unrelated: float = math.nan

    @property
    def flagged(self) -> np.ndarray:
        """The items above the threshold, however it was drawn: (m,) bool."""
        return self.scores > self.threshold

    @property
    def possible(self) -> np.ndarray:
        """The possible outliers: (m,) bool. None where the line only holds the farthest, which every table has."""
        return self.flagged & (self.line != FARTHEST)

    @property
    def ranking(self) -> np.ndarray:
        """All items, highest score first, the earlier one first among equals: (m,) int64."""
        return np.argsort(-self.scores, kind="stable")

    def with_threshold(self, threshold: float) -> Outliers:
        """The same scores under a line that somebody chose."""
        return replace(self, threshold=threshold, line=CHOSEN)


@dataclass(frozen=True)
class OutlierMethod:
    """A way to score.

    Attributes
    ----------
    title : its name for people
    unit : what a score means
    about : what it finds and what it misses
    score : `(unit, neighbors) -> scores (m,)`, where `unit` is a float32 array of shape (m, d), unit length
    why : `(found, neighbors, items) -> reasons`, one for each of the items
    """

    title: str
    unit: str
    about: str
    score: Callable[[np.ndarray, Neighbors], np.ndarray]
    why: Callable[[Outliers, Neighbors, np.ndarray], list[str]]


def find_outliers(unit: np.ndarray, neighbors: Neighbors, method: str = "distance") -> Outliers:
    """Scores of m items by a method, with the line of `draw_line`.

    unit : float32 array of shape (m, d), unit length
    method : a key of `OUTLIER_METHODS`

    Raises
    ------
    BadInput : for an unknown method
    """
    if method not in OUTLIER_METHODS:
        raise BadInput(f"No outlier method is named {method!r}. Choose one of: {', '.join(OUTLIER_METHODS)}.")
    scores = OUTLIER_METHODS[method].score(unit, neighbors)
    threshold, line = draw_line(scores)
    return Outliers(scores, threshold, method, line, unrelated_similarity(unit))


def unrelated_similarity(unit: np.ndarray) -> float:
    """The median similarity of random pairs: what to expect of items that have nothing to do with each other.

    NaN for fewer than `FEWEST` items.

    unit : float32 array of shape (m, d), unit length
    """
    if len(unit) < FEWEST:
        return math.nan
    random = np.random.default_rng(0)
    one = random.integers(len(unit), size=_PAIRS)
    other = (one + random.integers(1, len(unit), size=_PAIRS)) % len(unit)  # never itself
    return float(np.median(np.einsum("pd,pd->p", unit[one], unit[other])))


def _why_far(found: Outliers, neighbors: Neighbors, items: np.ndarray) -> list[str]:
    if neighbors.k == 0:
        return ["there is nothing else to compare it with"] * len(items)
    nearest = 1 - neighbors.distances[:, 0]
    usual, usual_mean = float(np.median(nearest)), float(np.median(found.scores))
    why = []
    for item in items:
        near = f"nearest similarity {nearest[item]:.2f}, typical {usual:.2f}"
        score = found.scores[item]
        if score <= usual_mean:
            why.append(f"no farther than usual: {near}")
        elif nearest[item] >= usual:
            why.append(
                f"has a lookalike (similarity {nearest[item]:.2f}), but its {min(K, neighbors.k)} nearest are at "
                f"distance {score:.2f} on average, typical {usual_mean:.2f}"
            )
        elif _lower(found, item) >= _RARE and nearest[item] - found.unrelated < _UNRELATED * (usual - found.unrelated):
            why.append(f"far from everything: {near}, two random rows {found.unrelated:.2f}")
        else:
            why.append(f"{_place(found, item, 'farthest', 'farther')}: {near}")
    return why


def _why_sparse(found: Outliers, neighbors: Neighbors, items: np.ndarray) -> list[str]:
    own, theirs = reach(neighbors, K)
    usual = float(np.median(found.scores))
    why = []
    for item in items:
        place = _place(found, item, "sparsest", "sparser") if found.scores[item] > usual else "no sparser than usual"
        why.append(f"{place}: {own[item]:.2f} from its neighbors, which are {theirs[item]:.2f} from theirs")
    return why


def _why_unlike(found: Outliers, neighbors: Neighbors, items: np.ndarray) -> list[str]:
    usual = float(np.median(found.scores))
    why = []
    for item in items:
        place = _place(found, item, "farthest", "farther") if found.scores[item] > usual else "no farther than usual"
        why.append(f"{place}: {found.scores[item]:.1f} standard deviations from the average, typical {usual:.1f}")
    return why


def _lower(found: Outliers, item: int) -> float:
    """The share of the other items with a lower score."""
    return float((found.scores < found.scores[item]).sum()) / max(len(found.scores) - 1, 1)


def _place(found: Outliers, item: int, most: str, more: str) -> str:
    """Where an item stands among all: "the farthest of all", "farther than 97 % of the others"."""
    lower = _lower(found, item)
    if lower == 1:
        return f"the {most} of all"
    percent = np.floor(lower * 1000) / 10 if lower > 0.99 else np.floor(lower * 100)
    return f"{more} than {percent:g} % of the others"


OUTLIER_METHODS: dict[str, OutlierMethod] = {
    "distance": OutlierMethod(
        "Far from its neighbors",
        f"mean cosine distance to the {K} nearest: 0 is the same direction, 1 is nothing in common",
        "The general first choice. It misses a row that has ten others like it, and in a table of tight and "
        "loose groups it flags the loose ones.",
        lambda unit, neighbors: distance_to_neighbors(neighbors),
        _why_far,
    ),
    "density": OutlierMethod(
        "In a sparse area",
        f"local outlier factor over the {K} nearest: 1 is usual, at 2 it is twice as far from its neighbors as they "
        "are from theirs",
        "Compares each row with its own surroundings: it finds what is just outside a tight group. It misses rows that "
        "are far from everything where all rows are.",
        lambda unit, neighbors: local_outlier_factor(neighbors),
        _why_sparse,
    ),
    "covariance": OutlierMethod(
        "Unlike the average row",
        "Mahalanobis distance from the mean of all, in standard deviations over all dimensions",
        "Asks no neighbors, so it also finds a handful of outliers that are alike. It misses what is unusual only "
        "within its own group.",
        lambda unit, neighbors: distance_from_all(unit),
        _why_unlike,
    ),
}


def votes(results: Sequence[Outliers]) -> np.ndarray:
    """How many of several methods flag each item: (m,) int64."""
    return np.stack([result.flagged for result in results]).sum(axis=0)


def reasons(found: Outliers, neighbors: Neighbors, items: Sequence[int] | np.ndarray) -> list[str]:
    """Why each of some items has its score: sentences with its numbers and the usual ones, one an item.

    items : int array of shape (r,)
    """
    items = np.asarray(items, np.int64)
    return OUTLIER_METHODS[found.method].why(found, neighbors, items) if len(items) else []


def repeats(weight: int, what: str = "text") -> str:
    """A note on an item that several rows hold; empty for an item of one row."""
    return f"{weight:,} rows hold this {what}" if weight > 1 else ""

"""What does not belong: a score for each item, by one of several methods, and the reason in words.

`OUTLIER_METHODS` is a dict: an entry added to it appears in the app, on the command line and in the contract
tests. Each method finds items that another misses. On three of five planted sets, items that two methods flag are odd
more often than items that one flags; on the other two, about as often: `python -m benchmarks --only outliers`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from explorer.errors import BadInput
from explorer.geometry.neighbors import Neighbors
from explorer.geometry.vectors import lengths

K = 10  # neighbors used by distance and density; Breunig et al. give 10 as the least that is stable
_DEVIATIONS = 2.0  # robust standard deviations above the median; in a table without oddities 2 in 100 items are above
_AT_MOST = 3.0  # percent of the items: a long tail alone does not make items odd
_LEAST = 1e-9  # used for a distance of 0 between different contents, which float32 may give
_WIDEST = 4096  # dimensions of a covariance whose axes are found within a minute
_BLOCK = 8192  # items copied at once


@dataclass(frozen=True, eq=False)
class Outliers:
    """The result of one method for m items.

    Attributes
    ----------
    scores : float array of shape (m,), higher is stranger; the unit is the method's
    threshold : the score above which an item is flagged
    method : a key of `OUTLIER_METHODS`
    """

    scores: np.ndarray
    threshold: float
    method: str

    @property
    def flagged(self) -> np.ndarray:
        """The items above the threshold: (m,) bool."""
        return self.scores > self.threshold

    @property
    def ranking(self) -> np.ndarray:
        """All items, strangest first, the earlier one first among equals: (m,) int64."""
        return np.argsort(-self.scores, kind="stable")

    def with_threshold(self, threshold: float) -> Outliers:
        """The same scores under another threshold."""
        return replace(self, threshold=threshold)


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
    """Scores of m items by a method, with the threshold of `strange_above`.

    unit : float32 array of shape (m, d), unit length
    method : a key of `OUTLIER_METHODS`

    Raises
    ------
    BadInput : for an unknown method
    """
    if method not in OUTLIER_METHODS:
        raise BadInput(f"No outlier method is named {method!r}. Choose one of: {', '.join(OUTLIER_METHODS)}.")
    scores = OUTLIER_METHODS[method].score(unit, neighbors)
    return Outliers(scores, strange_above(scores), method)


def distance_to_neighbors(neighbors: Neighbors, k: int = K) -> np.ndarray:
    """Mean cosine distance of each item to its k nearest others: (m,) float32, 0 to 2, higher is stranger.

    Zero for an item without neighbors. Source: Angiulli and Pizzuti 2002.
    """
    if neighbors.k == 0:
        return np.zeros(len(neighbors), np.float32)
    return neighbors.distances[:, :k].mean(axis=1)


def local_outlier_factor(neighbors: Neighbors, k: int = K) -> np.ndarray:
    """How many times sparser the space is around an item than around its k neighbors: (m,) float64, about 1 is usual.

    One for items without neighbors. Source: Breunig, Kriegel, Ng and Sander 2000, but always with k neighbors,
    also where more are equally far.
    """
    own, theirs = _reach(neighbors, k)
    return own / theirs


def distance_from_all(unit: np.ndarray) -> np.ndarray:
    """Mahalanobis distance of each item from the mean of them all: (m,) float64, in standard deviations.

    A difference counts for more in a direction in which items hardly differ. The covariance is shrunk towards a sphere,
    since there may be fewer items than dimensions (Ledoit and Wolf 2004). Zero where all items are the same.

    unit : float32 array of shape (m, d), unit length
    """
    count, width = unit.shape
    if count < 2:
        return np.zeros(count)
    if min(count, width) > _WIDEST:
        unit, width = _narrowed(unit), _WIDEST
    mean = unit.mean(axis=0, dtype=np.float64).astype(np.float32)
    if count < width:
        return _from_all_but_few(unit - mean)
    blocks = [slice(start, start + _BLOCK) for start in range(0, count, _BLOCK)]
    covariance, fourth = np.zeros((width, width)), 0.0
    for block in blocks:
        part = unit[block] - mean
        covariance += part.T @ part
        fourth += float((np.einsum("md,md->m", part, part, dtype=np.float64) ** 2).sum())
    covariance /= count
    values, axes = np.linalg.eigh(covariance)
    scales = _shrunk(values, fourth, count, width)
    if scales is None:
        return np.zeros(count)
    whiten = (axes / np.sqrt(scales)).astype(np.float32)
    return np.concatenate([lengths((unit[block] - mean) @ whiten) for block in blocks])


def _from_all_but_few(centered: np.ndarray) -> np.ndarray:
    """The same for fewer items than dimensions, from their inner products: (m, m) instead of (d, d)."""
    count, width = centered.shape
    products = centered.astype(np.float64) @ centered.T.astype(np.float64)
    values, axes = np.linalg.eigh(products)
    # Those of the covariance. Its other eigenvalues are zero, and no item lies in their directions.
    values = np.maximum(values, 0) / count
    scales = _shrunk(values, float((np.diag(products) ** 2).sum()), count, width)
    if scales is None:
        return np.zeros(count)
    return np.sqrt((axes**2 * (count * values / scales)).sum(axis=1))


def _shrunk(values: np.ndarray, fourth: float, count: int, width: int) -> np.ndarray | None:
    """The variances along the axes after shrinkage (Ledoit and Wolf 2004); None where all items are the same.

    values : eigenvalues of the covariance, all that are not zero
    fourth : sum over the items of the fourth power of their length
    """
    sphere, squares = float(values.sum()) / width, float((values**2).sum())
    if sphere * width < 1e-10:  # rounding of unit vectors gives less than this
        return None
    apart = squares - width * sphere**2  # squared distance of the covariance to the sphere
    uncertain = (fourth / count - squares) / count
    shrinkage = min(max(uncertain, 0.0) / apart, 1.0) if apart > 0 else 1.0
    return np.maximum((1 - shrinkage) * values + shrinkage * sphere, 1e-6 * sphere)


def _narrowed(unit: np.ndarray) -> np.ndarray:
    """Vectors projected on `_WIDEST` random directions, which keeps distances to a few percent (Achlioptas 2003)."""
    random = np.random.default_rng(0)
    narrow = np.zeros((len(unit), _WIDEST), np.float32)
    for start in range(0, unit.shape[1], 1024):
        part = unit[:, start : start + 1024]
        narrow += part @ random.choice(np.array([-1, 1], np.float32), (part.shape[1], _WIDEST))
    return narrow / np.float32(np.sqrt(_WIDEST))


def _reach(neighbors: Neighbors, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The mean reachability distance of each item, and the harmonic mean of its neighbors': (m,) float64 each.

    Their quotient is the local outlier factor: a density is 1 / mean reachability distance.
    """
    if neighbors.k == 0:
        return np.ones(len(neighbors)), np.ones(len(neighbors))
    near = neighbors.indices[:, :k]
    distances = neighbors.distances[:, :k].astype(np.float64)
    reach = np.maximum(distances, distances[:, -1][near])  # no nearer than the neighbor's own k-th
    own = np.maximum(reach.mean(axis=1), _LEAST)
    return own, 1 / (1 / own)[near].mean(axis=1)


def _why_far(found: Outliers, neighbors: Neighbors, items: np.ndarray) -> list[str]:
    if neighbors.k == 0:
        return ["there is nothing else to compare it with"] * len(items)
    nearest = 1 - neighbors.distances[:, 0]
    usual, usual_mean = float(np.median(nearest)), float(np.median(found.scores))
    why = []
    for item in items:
        near = f"nearest similarity {nearest[item]:.2f}, typical {usual:.2f}"
        if found.scores[item] <= usual_mean:
            why.append(f"no farther than usual: {near}")
        elif nearest[item] >= usual:
            why.append(
                f"has a lookalike (similarity {nearest[item]:.2f}), but its {min(K, neighbors.k)} nearest stand at "
                f"distance {found.scores[item]:.2f} on average, typical {usual_mean:.2f}"
            )
        else:
            start = "far from everything" if found.scores[item] > found.threshold else "farther than usual"
            why.append(f"{start}: {near}")
    return why


def _why_sparse(found: Outliers, neighbors: Neighbors, items: np.ndarray) -> list[str]:
    own, theirs = _reach(neighbors, K)
    why = []
    for item in items:
        than = "sparser than" if own[item] > theirs[item] else "no sparser than"
        why.append(f"{than} its neighbors: their distance {theirs[item]:.2f}, its own {own[item]:.2f}")
    return why


def _why_unlike(found: Outliers, neighbors: Neighbors, items: np.ndarray) -> list[str]:
    usual = float(np.median(found.scores))
    return [
        f"{'' if found.scores[item] > usual else 'no more '}unlike the table as a whole"
        f"{'' if found.scores[item] > usual else ' than usual'}: {found.scores[item]:.1f} standard deviations from "
        f"its mean, typical {usual:.1f}"
        for item in items
    ]


OUTLIER_METHODS: dict[str, OutlierMethod] = {
    "distance": OutlierMethod(
        "Far from its neighbors",
        f"mean cosine distance to the {K} nearest: 0 the same direction, 1 nothing in common",
        "The general first choice. It misses an odd item that has ten others like it, and in a table of tight and "
        "loose topics it flags the loose ones.",
        lambda unit, neighbors: distance_to_neighbors(neighbors),
        _why_far,
    ),
    "density": OutlierMethod(
        "Sparser than its neighbors",
        f"local outlier factor over the {K} nearest: 1 is usual, 2 is twice as sparse as around its neighbors",
        "Judges each item by its own surroundings: it finds what stands just outside a tight topic. It misses what is "
        "far from everything where everything is far from everything.",
        lambda unit, neighbors: local_outlier_factor(neighbors),
        _why_sparse,
    ),
    "covariance": OutlierMethod(
        "Unlike the table as a whole",
        "Mahalanobis distance from the mean of all items, in standard deviations over all dimensions",
        "Asks no neighbors, so it also finds a handful of odd items that are alike. It misses what is odd only within "
        "its own topic.",
        lambda unit, neighbors: distance_from_all(unit),
        _why_unlike,
    ),
}


def strange_above(scores: np.ndarray) -> float:
    """The score above which an item is worth a look: two robust deviations above the median, at most 3 in 100.

    The deviation is 1.4826 times the median absolute deviation (Rousseeuw and Croux 1993), which odd items hardly
    change. Infinite for fewer than 20 items, which are too few to say what is usual.

    scores : float array of shape (m,), higher is stranger
    """
    if len(scores) < 20:
        return float("inf")
    median = float(np.median(scores))
    fence = median + _DEVIATIONS * 1.4826 * float(np.median(np.abs(scores - median)))
    return max(fence, float(np.percentile(scores, 100 - _AT_MOST)))


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

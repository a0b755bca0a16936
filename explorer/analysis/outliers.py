"""What does not belong: a score for each item from the shared neighbor graph."""

from __future__ import annotations

import numpy as np

from explorer.geometry.neighbors import Neighbors

K = 10
_DEVIATIONS = 2.0  # robust standard deviations above the median; 2 in 100 lie there in a table without oddities
_AT_MOST = 3.0  # percent of the items: a long tail of its own is no oddity


def distance_to_neighbors(neighbors: Neighbors, k: int = K) -> np.ndarray:
    """Mean cosine distance of each item to its k nearest others: (m,) float32, 0 to 2, higher is stranger.

    Zero for an item that is alone. Source: Angiulli and Pizzuti 2002.
    """
    if neighbors.k == 0:
        return np.zeros(len(neighbors), np.float32)
    return neighbors.distances[:, :k].mean(axis=1)


def strange_above(scores: np.ndarray) -> float:
    """The score above which an item is worth a look: two robust deviations above the median, at most 3 in 100.

    The deviation is 1.4826 times the median absolute one (Rousseeuw and Croux 1993), so that the odd ones do
    not hide themselves. Infinite where there are too few items to say what is usual (below 20).
    """
    if len(scores) < 20:
        return float("inf")
    median = float(np.median(scores))
    fence = median + _DEVIATIONS * 1.4826 * float(np.median(np.abs(scores - median)))
    return max(fence, float(np.percentile(scores, 100 - _AT_MOST)))

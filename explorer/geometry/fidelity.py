"""How far a map can be trusted: how much of the neighborhoods of the original space it kept."""

from __future__ import annotations

import numpy as np

from explorer.geometry.neighbors import Neighbors
from explorer.geometry.siblings import Siblings

K = 15
_ALL_UP_TO = 10_000  # items; above, both measures are taken on a sample of a fifth of this number


def neighbor_preservation(
    neighbors: Neighbors, layout: np.ndarray, k: int = K, links: np.ndarray | None = None
) -> float:
    """The mean share of an item's k nearest neighbors that are among its k nearest on the map, 0 to 1.

    NaN where there are fewer than two items.

    Parameters
    ----------
    neighbors : the graph of the m items in the original space
    layout : float array of shape (m, 2 or 3)
    links : int array of shape (p, 2), pairs (row, item), where some rows hold several items: items of one row do not
        count as neighbors, in the original space or on the map; None where no row holds two
    """
    k = min(k, neighbors.k)
    if k < 1:
        return float("nan")
    rows = _sample(len(layout))
    near = _map_neighbors(layout, rows, k, None if links is None else Siblings(links, len(layout)))
    kept = (near[:, :, None] == neighbors.indices[rows, :k][:, None, :]).any(axis=2)
    return float(kept.mean())


def trustworthiness(unit: np.ndarray, layout: np.ndarray, k: int = K) -> float:
    """Venna and Kaski's trustworthiness on cosine distances, 0 to 1: are neighbors on the map true ones?

    Each neighbor on the map that is not among the k nearest originally costs its original rank beyond k.
    Exact up to 10,000 items; above, measured on a sample of 2,000. NaN where there are fewer than 2k + 1 items.

    unit : float32 array of shape (m, d), unit length
    layout : float array of shape (m, 2 or 3)
    """
    count = len(unit)
    if count < 2 * k + 1:
        return float("nan")
    rows = _sample(count)
    near = _map_neighbors(layout, rows, k)
    penalty = 0.0
    for start in range(0, len(rows), 256):
        mine = rows[start : start + 256]
        similarity = unit[mine] @ unit.T
        similarity[np.arange(len(mine)), mine] = np.inf  # rank 0: the item itself
        found = np.take_along_axis(similarity, near[start : start + 256], axis=1)
        ordered = np.sort(similarity, axis=1)
        for i in range(len(mine)):
            ranks = count - np.searchsorted(ordered[i], found[i], side="right")  # 1 = nearest other
            penalty += float(np.maximum(ranks - k, 0).sum())
    return 1 - penalty * 2 / (len(rows) * k * (2 * count - 3 * k - 1))


def _map_neighbors(layout: np.ndarray, rows: np.ndarray, k: int, siblings: Siblings | None = None) -> np.ndarray:
    """The k nearest others on the map of each given item, without items of its own rows: int (len(rows), k)."""
    from scipy.spatial import KDTree  # scikit-learn's takes several times as long to import

    more = 0 if siblings is None else siblings.most()
    _, found = KDTree(layout).query(layout[rows], min(k + 1 + more, len(layout)))
    others = found != rows[:, None]
    if siblings is not None:
        others &= ~siblings.among(rows, found)
    others &= np.cumsum(others, axis=1) <= k
    return found[others].reshape(len(rows), k)


def _sample(count: int) -> np.ndarray:
    if count <= _ALL_UP_TO:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, _ALL_UP_TO // 5, replace=False))

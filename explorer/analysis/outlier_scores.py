"""Outlier scores: how far each item is from the others, in three ways. Higher is farther."""

from __future__ import annotations

import numpy as np

from explorer.geometry.neighbors import Neighbors
from explorer.geometry.vectors import lengths

K = 10  # neighbors used by distance and density; Breunig et al. give 10 as the least that is stable
_LEAST = 1e-6  # distances below are rounding of float32: equal contents are as dense as each other
_WIDEST = 4096  # dimensions of a covariance whose axes are found within a minute
_BLOCK = 8192  # items copied at once


def distance_to_neighbors(neighbors: Neighbors, k: int = K) -> np.ndarray:
    """Mean cosine distance of each item to its k nearest others: (m,) float32, 0 to 2, higher is farther.

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
    own, theirs = reach(neighbors, k)
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


def reach(neighbors: Neighbors, k: int) -> tuple[np.ndarray, np.ndarray]:
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

"""The one neighbor graph: each item's k nearest others in the original space, by cosine distance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

K = 30
EXACT_UP_TO = 60_000  # items; above, compiling NN-descent (48 s and more in a fresh process) is quicker than exact
BLOCK = 1 << 26  # similarities held at once: 256 MB of float32
_RECALL_SAMPLE = 500


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The k-nearest-neighbor graph of m items; an item is never its own neighbor.

    Attributes
    ----------
    indices : int32 array of shape (m, k), nearest first; k is smaller than asked for when m <= k
    distances : float32 array of shape (m, k), cosine distance, 0 (same direction) to 2 (opposite)
    recall : share of true neighbors that the graph holds: 1.0 when exact, else measured on a sample
    """

    indices: np.ndarray
    distances: np.ndarray
    recall: float = 1.0

    @property
    def exact(self) -> bool:
        return self.recall == 1.0

    def __len__(self) -> int:
        return len(self.indices)

    @property
    def k(self) -> int:
        return self.indices.shape[1]


def lengths(vectors: np.ndarray) -> np.ndarray:
    """The length of each row: (m,) float64, in which no square of a float32 runs over or vanishes."""
    return np.sqrt(np.einsum("md,md->m", vectors, vectors, dtype=np.float64))


def unit_length(vectors: np.ndarray) -> np.ndarray:
    """Vectors of shape (m, d) divided by their lengths, float32; zero vectors stay zero."""
    by = lengths(vectors)[:, None]
    return np.divide(vectors, by, out=np.zeros_like(vectors, np.float32), where=by > 0, casting="same_kind")


def nearest_neighbors(
    unit: np.ndarray,
    k: int = K,
    exact_up_to: int = EXACT_UP_TO,
    progress: Callable[[int, int], None] | None = None,
) -> Neighbors:
    """The k nearest others of each item, exactly up to `exact_up_to` items, by NN-descent above.

    Parameters
    ----------
    unit : float32 array of shape (m, d), unit length
    progress : called with (items done, items)

    Sources: blocked matrix product; Dong, Moses and Li 2011 (NN-descent) as implemented by pynndescent.
    """
    count = len(unit)
    k = max(min(k, count - 1), 0)
    if k == 0:
        return Neighbors(np.zeros((count, 0), np.int32), np.zeros((count, 0), np.float32))
    if count <= exact_up_to:
        return Neighbors(*_exact(unit, np.arange(count), k, progress))
    return _approximate(unit, k)


def _exact(
    unit: np.ndarray, rows: np.ndarray, k: int, progress: Callable[[int, int], None] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest others of the given rows among all: indices and cosine distances, (len(rows), k)."""
    indices = np.empty((len(rows), k), np.int32)
    distances = np.empty((len(rows), k), np.float32)
    block = max(BLOCK // len(unit), 1)
    for start in range(0, len(rows), block):
        mine = rows[start : start + block]
        similarity = unit[mine] @ unit.T
        similarity[np.arange(len(mine)), mine] = -np.inf
        nearest = np.argpartition(similarity, -k, axis=1)[:, -k:].copy()  # a view would keep all of it
        near = np.take_along_axis(similarity, nearest, axis=1)
        # Ties go to the smaller index, so that a graph does not depend on the order of partition: first where
        # more are as near as the last one taken, then among those taken.
        last = near.min(axis=1, keepdims=True)
        for row in np.flatnonzero((similarity >= last).sum(axis=1) > k):
            nearer = np.flatnonzero(similarity[row] > last[row])
            alike = np.flatnonzero(similarity[row] == last[row])[: k - len(nearer)]
            nearest[row] = np.concatenate([nearer, alike])
            near[row] = similarity[row, nearest[row]]
        order = np.lexsort((nearest, -near), axis=1)
        indices[start : start + block] = np.take_along_axis(nearest, order, axis=1)
        distances[start : start + block] = 1 - np.take_along_axis(near, order, axis=1)
        if progress:
            progress(min(start + block, len(rows)), len(rows))
    return indices, np.clip(distances, 0, 2)


def _approximate(unit: np.ndarray, k: int) -> Neighbors:
    import pynndescent

    # On unit vectors the Euclidean order is the cosine order; one more neighbor, since each finds itself.
    index = pynndescent.NNDescent(unit, metric="dot", n_neighbors=k + 1, random_state=0)
    found, _ = index.neighbor_graph
    keep = found != np.arange(len(unit))[:, None]
    keep &= np.cumsum(keep, axis=1) <= k
    indices = found[keep].reshape(len(unit), k).astype(np.int32)
    unfilled = np.flatnonzero((indices < 0).any(axis=1))  # NN-descent may find fewer: those are done exactly
    if len(unfilled):
        indices[unfilled] = _exact(unit, unfilled, k)[0]
    similarity = _pairs(unit, indices)
    order = np.argsort(-similarity, axis=1, kind="stable")
    indices = np.take_along_axis(indices, order, axis=1)
    distances = np.clip(1 - np.take_along_axis(similarity, order, axis=1), 0, 2).astype(np.float32)
    sample = np.random.default_rng(0).choice(len(unit), _RECALL_SAMPLE, replace=False)
    truth, _ = _exact(unit, sample, k)
    hits = sum(len(np.intersect1d(truth[i], indices[row])) for i, row in enumerate(sample))
    # Never reported as exactly 1: only the exact way may say so.
    return Neighbors(indices, distances, min(hits / truth.size, 0.9999))


def _pairs(unit: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Cosine similarity of each item with each of its neighbors, in blocks: (m, k) float32."""
    similarity = np.empty(indices.shape, np.float32)
    for start in range(0, len(unit), 1024):
        part = slice(start, start + 1024)
        similarity[part] = np.einsum("mkd,md->mk", unit[indices[part]], unit[part])
    return similarity

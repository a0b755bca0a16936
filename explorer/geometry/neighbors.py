"""The one neighbor graph: each item's k nearest others in the original space, by cosine distance."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from explorer.geometry.siblings import Siblings
from explorer.machine import cores
from explorer.progress import Counts

K = 30
EXACT_UP_TO = 60_000  # items; above, NN-descent is quicker, although it compiles (48 s and more in a new process)
BLOCK = 512  # rows that each core compares with all others at once
GROUP = 64  # columns of a row whose largest value is found first; see `_largest`
_THREADS = 16  # at most
_RECALL_SAMPLE = 500
_SIBLINGS = 30  # the most additional candidates of NN-descent, where some may be of the same row
_BLOCK_OF_SIBLINGS = 8_192


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The k-nearest-neighbor graph of m items; an item is never its own neighbor.

    Attributes
    ----------
    indices : int32 array of shape (m, k), nearest first; k is smaller than asked for when m <= k
    distances : float32 array of shape (m, k), cosine distance, 0 (same direction) to 2 (opposite)
    recall : share of the true neighbors that the graph holds: 1.0 where it is exact, else measured on a sample
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


def nearest_neighbors(
    unit: np.ndarray,
    k: int = K,
    exact_up_to: int = EXACT_UP_TO,
    progress: Counts | None = None,
    links: np.ndarray | None = None,
) -> Neighbors:
    """The k nearest others of each item, exactly up to `exact_up_to` items, by NN-descent above.

    Parameters
    ----------
    unit : float32 array of shape (m, d), unit length
    progress : called with (items done, items)
    links : pairs of (row, item), int of shape (p, 2): items of one row do not become neighbors; None where no row
        has two

    Sources: blocked matrix product; Dong, Moses and Li 2011 (NN-descent) as implemented by pynndescent.
    """
    count = len(unit)
    siblings = None if links is None else Siblings(links, count)
    k = max(min(k, count - 1 - (siblings.most() if siblings else 0)), 0)
    if k == 0:
        return Neighbors(np.zeros((count, 0), np.int32), np.zeros((count, 0), np.float32))
    if count <= exact_up_to:
        return Neighbors(*_exact(unit, np.arange(count), k, progress, siblings))
    return _approximate(unit, k, siblings)


def exact_threads() -> int:
    """How many blocks of the exact graph are made at the same time. Each takes memory of its own."""
    return min(cores(), _THREADS)


def _exact(
    unit: np.ndarray, rows: np.ndarray, k: int, progress: Counts | None = None, siblings: Siblings | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest others of the given rows among all: indices and cosine distances, (len(rows), k)."""
    indices = np.empty((len(rows), k), np.int32)
    distances = np.empty((len(rows), k), np.float32)
    turned = unit.T

    def block(start: int) -> int:
        mine = rows[start : start + BLOCK]
        similarity = np.empty((len(mine), -(-len(unit) // GROUP) * GROUP), np.float32)
        similarity[:, len(unit) :] = -np.inf
        np.matmul(unit[mine], turned, out=similarity[:, : len(unit)])
        similarity[np.arange(len(mine)), mine] = -np.inf
        if siblings is not None:
            similarity[siblings.pairs(mine)] = -np.inf
        nearest, near = _largest(similarity, k)
        indices[start : start + BLOCK], distances[start : start + BLOCK] = nearest, 1 - near
        return min(start + BLOCK, len(rows))

    # Several blocks at once, each on one core: choosing the largest values takes as long as the product, on one core.
    with threadpool_limits(1, "blas"), ThreadPoolExecutor(exact_threads()) as threads:
        try:
            for done in threads.map(block, range(0, len(rows), BLOCK)):
                if progress:
                    progress(done, len(rows))
        except BaseException:  # `progress` raises to stop the work
            threads.shutdown(cancel_futures=True)
            raise
    return indices, np.clip(distances, 0, 2, out=distances)


def _largest(values: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the k largest values of each row are, largest first, and those values: (n, k) each.

    Ties go to the smaller index, so that a graph does not depend on the order of a partition. The columns, a multiple
    of `GROUP`, are divided into groups: the k + 1 groups with the largest maxima hold the k + 1 largest values, so that
    whole rows need not be partitioned.
    """
    count = values.shape[1] // GROUP
    if count > 2 * (k + 1):
        grouped = values.reshape(len(values), GROUP, count)  # a column is a group: quick to read
        groups = np.argpartition(grouped.max(axis=1), -k - 1, axis=1)[:, None, -k - 1 :]
        part = np.take_along_axis(grouped, groups, axis=2).reshape(len(values), -1)
        columns = (np.arange(0, values.shape[1], count)[:, None] + groups).reshape(len(values), -1)
    else:
        part, columns = values, np.broadcast_to(np.arange(values.shape[1]), values.shape)
    chosen = np.argpartition(part, -k - 1, axis=1)[:, -k - 1 :]
    nearest, near = np.take_along_axis(columns, chosen, axis=1), np.take_along_axis(part, chosen, axis=1)
    order = np.lexsort((nearest, -near), axis=1)
    nearest, near = np.take_along_axis(nearest, order, axis=1), np.take_along_axis(near, order, axis=1)
    # Where the next value is as large as the last one taken, there may be more of them: look at the whole row.
    for row in np.flatnonzero(near[:, k - 1] == near[:, k]):
        last = near[row, k - 1]
        larger = near[row, :k] > last
        alike = np.flatnonzero(values[row] == last)[: k - int(larger.sum())]
        nearest[row, :k] = np.concatenate([nearest[row, :k][larger], alike])
    return nearest[:, :k], near[:, :k]


def _approximate(unit: np.ndarray, k: int, siblings: Siblings | None) -> Neighbors:
    from explorer.geometry.compiled import pynndescent

    # On unit vectors the Euclidean order is the cosine order. Each item finds itself, so ask for one neighbor more, and
    # for some more where siblings may be among them.
    extra = 1 if siblings is None else 1 + min(siblings.most(), _SIBLINGS)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Cannot cache compiled function")  # two of its functions compile each time
        index = pynndescent().NNDescent(unit, metric="dot", n_neighbors=k + extra, random_state=0)
        found, _ = index.neighbor_graph
    keep = (found != np.arange(len(unit))[:, None]) & (found >= 0)
    if siblings is not None:
        for start in range(0, len(unit), _BLOCK_OF_SIBLINGS):
            part = np.arange(start, min(start + _BLOCK_OF_SIBLINGS, len(unit)))
            keep[part] &= ~siblings.among(part, found[part])
    keep &= np.cumsum(keep, axis=1) <= k
    filled = keep.sum(axis=1) == k
    indices = np.empty((len(unit), k), np.int32)
    indices[filled] = found[filled][keep[filled]].reshape(-1, k)
    if not filled.all():  # NN-descent may find fewer than k: find these exactly
        unfilled = np.flatnonzero(~filled)
        indices[unfilled] = _exact(unit, unfilled, k, None, siblings)[0]
    similarity = _pairs(unit, indices)
    order = np.argsort(-similarity, axis=1, kind="stable")
    indices = np.take_along_axis(indices, order, axis=1)
    distances = np.clip(1 - np.take_along_axis(similarity, order, axis=1), 0, 2).astype(np.float32)
    sample = np.random.default_rng(0).choice(len(unit), min(_RECALL_SAMPLE, len(unit)), replace=False)
    truth, _ = _exact(unit, sample, k, None, siblings)
    hits = sum(len(np.intersect1d(truth[i], indices[row])) for i, row in enumerate(sample))
    # Never exactly 1: that means an exact graph.
    return Neighbors(indices, distances, min(hits / truth.size, 0.9999))


def _pairs(unit: np.ndarray, indices: np.ndarray) -> np.ndarray:
    """Cosine similarity of each item with each of its neighbors, in blocks: (m, k) float32."""
    similarity = np.empty(indices.shape, np.float32)
    for start in range(0, len(unit), 1024):
        part = slice(start, start + 1024)
        similarity[part] = np.einsum("mkd,md->mk", unit[indices[part]], unit[part])
    return similarity

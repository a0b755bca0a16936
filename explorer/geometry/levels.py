"""From few clusters to many and back: one tree, so that every finer cluster lies inside one coarser cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.geometry.clusters import UNGROUPED, largest_first
from explorer.geometry.communities import communities
from explorer.geometry.neighbors import Neighbors
from explorer.recipe import Clustering

SMALLEST = 8  # items: a cluster of fewer than twice this is not split further
_FINER = 1.0  # Leiden's resolution inside one cluster
_MOST_CLUSTERS = 200  # of the given level; where there are more, no finer level is made


@dataclass(frozen=True, eq=False)
class Levels:
    """A tree of clusters over m items, which can be cut at any number of clusters.

    Attributes
    ----------
    finest : int32 array of shape (m,), labels of the leaves, -1 for items in no cluster
    merges : int64 array of shape (leaves - 1, 2); merge i joins two clusters into cluster `leaves + i`
    given : how many clusters the given clustering has; a cut at that number gives exactly that clustering
    """

    finest: np.ndarray
    merges: np.ndarray
    given: int

    @property
    def leaves(self) -> int:
        return len(self.merges) + 1 if self.given else 0

    def cut(self, count: int) -> np.ndarray:
        """Labels of `count` clusters (1 to `leaves`), largest first: (m,) int32."""
        if not self.given:
            return self.finest
        count = min(max(count, 1), self.leaves)
        parent = np.arange(2 * self.leaves - 1)
        for number, (one, other) in enumerate(self.merges[: self.leaves - count]):
            parent[one] = parent[other] = self.leaves + number
        for node in range(len(parent) - 1, -1, -1):  # a parent's number is larger than its children's
            parent[node] = parent[parent[node]] if parent[node] != node else node
        labels = np.where(self.finest >= 0, parent[np.maximum(self.finest, 0)], UNGROUPED)
        return largest_first(labels)


def levels(unit: np.ndarray, neighbors: Neighbors, labels: np.ndarray, clustering: Clustering) -> Levels:
    """The tree around a clustering. Its clusters are split by Leiden, each on its own part of the graph, and merged by
    the cosine distance of their means (average linkage; Müllner 2011, SciPy).

    Parameters
    ----------
    unit : float32 array of shape (m, d), unit length
    labels : int32 array of shape (m,), the clustering to build around; -1 for items in no cluster
    """
    given = int(labels.max(initial=-1)) + 1
    finest = np.full(len(labels), UNGROUPED, np.int32)
    parts: list[np.ndarray] = []
    for number in range(given):
        mine = np.flatnonzero(labels == number)
        inside = np.zeros(len(mine), np.int32)
        if len(mine) >= 2 * SMALLEST and given <= _MOST_CLUSTERS:
            finer = largest_first(communities(part_of(neighbors, mine), _FINER, clustering.seed))
            inside = _join_small(unit[mine], finer)
        first = int(finest.max(initial=-1)) + 1
        finest[mine] = first + inside
        parts.append(np.arange(first, first + int(inside.max(initial=0)) + 1))
    leaves = int(finest.max(initial=-1)) + 1
    means = _means(unit, finest, leaves)
    tree = _Tree(leaves)
    # Splits are undone first, the nearest halves first; then whole clusters are joined. Average linkage
    # never inverts, so sorting by height keeps children before their parents.
    inner = [_linkage(means[part]) for part in parts]
    nodes = [list(part) for part in parts]
    for _, which, step in sorted(
        (row[2], which, step) for which, rows in enumerate(inner) for step, row in enumerate(rows)
    ):
        one, other = inner[which][step, :2].astype(int)
        nodes[which].append(tree.join(nodes[which][one], nodes[which][other]))
    roots = [part[-1] for part in nodes]
    for one, other in _linkage(_means(unit, labels, given))[:, :2].astype(int):
        roots.append(tree.join(roots[one], roots[other]))
    return Levels(finest, np.array(tree.merges, np.int64).reshape(-1, 2), given)


class _Tree:
    def __init__(self, leaves: int):
        self._next = leaves
        self.merges: list[tuple[int, int]] = []

    def join(self, one: int, other: int) -> int:
        self.merges.append((int(one), int(other)))
        self._next += 1
        return self._next - 1


def part_of(neighbors: Neighbors, items: np.ndarray) -> Neighbors:
    """The graph among some items only. An edge to any other item points back to its own item, at distance 2."""
    place = np.full(len(neighbors), -1, np.int32)
    place[items] = np.arange(len(items))
    indices = place[neighbors.indices[items]]
    outside = indices < 0
    indices = np.where(outside, np.arange(len(items), dtype=np.int32)[:, None], indices)
    return Neighbors(indices, np.where(outside, np.float32(2), neighbors.distances[items]), neighbors.recall)


def _join_small(unit: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Labels from 0. Clusters of fewer than `SMALLEST` items are joined to the cluster whose mean is nearest."""
    sizes = np.bincount(labels)
    kept = np.flatnonzero(sizes >= SMALLEST)
    if len(kept) < 2:
        return np.zeros(len(labels), np.int32)
    means = _means(unit, labels, len(sizes))
    nearest = kept[(means @ means[kept].T).argmax(axis=1)]
    nearest[kept] = kept
    return np.unique(nearest[labels], return_inverse=True)[1].astype(np.int32)


def _means(unit: np.ndarray, labels: np.ndarray, count: int) -> np.ndarray:
    """The mean direction of each cluster, unit length: float32 (count, d)."""
    from explorer.geometry.vectors import unit_length

    means = np.zeros((count, unit.shape[1]), np.float32)
    grouped = labels >= 0
    np.add.at(means, labels[grouped], unit[grouped])
    return unit_length(means)


def _linkage(means: np.ndarray) -> np.ndarray:
    from scipy.cluster.hierarchy import linkage

    return linkage(np.asarray(means, np.float64), "average", metric="euclidean") if len(means) > 1 else np.zeros((0, 4))

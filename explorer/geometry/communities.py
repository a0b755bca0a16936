"""Communities of the neighbor graph by Leiden, and how clear they are."""

from __future__ import annotations

import ctypes
import sys
import threading

import numpy as np
from scipy import sparse

from explorer.geometry.neighbors import Neighbors

_LARGE = 50_000  # items; from here on a graph is far larger than a core's cache
_SEEDING = threading.Lock()  # C has one `rand` for the whole process


def communities(neighbors: Neighbors, resolution: float, seed: int) -> np.ndarray:
    """Leiden communities of the neighbor graph (Traag, Waltman and van Eck 2019; scikit-network): int32 (m,), from 0.

    resolution : above 0; higher gives more, smaller communities
    """
    from scipy.sparse.csgraph import reverse_cuthill_mckee
    from sknetwork.clustering import Leiden

    graph = similarity_graph(neighbors)
    order = np.arange(len(neighbors))
    if len(neighbors) > _LARGE:
        # Put neighbors side by side in memory: that halves the time at 400,000 items.
        order = reverse_cuthill_mckee(graph, symmetric_mode=True)
        graph = graph[order][:, order]
    model = Leiden(resolution=resolution, return_probs=False, return_aggregate=False)
    labels = np.empty(len(order), np.int32)
    with _SEEDING:
        _seed_c(seed)
        labels[order] = model.fit_predict(graph)
    return labels


def _seed_c(seed: int) -> None:
    """Seed C's `rand`, which scikit-network's Leiden uses. Its own `random_state` does not set that seed."""
    ctypes.CDLL("ucrtbase" if sys.platform == "win32" else None).srand(ctypes.c_uint(seed))


def modularity(neighbors: Neighbors, labels: np.ndarray, resolution: float) -> float:
    """What Leiden maximizes: the share of the graph's weight inside groups, less `resolution` times what it would be if
    links were drawn at random (Newman 2004; Reichardt and Bornholdt 2006). At most 1.

    labels : int array of shape (m,), from 0
    """
    graph = similarity_graph(neighbors).tocoo()
    inside = graph.data[labels[graph.row] == labels[graph.col]].sum()
    of_group = np.bincount(labels[graph.row], graph.data)
    whole = graph.data.sum()
    return float(inside / whole - resolution * (of_group**2).sum() / whole**2)


def similarity_graph(neighbors: Neighbors) -> sparse.csr_matrix:
    """The symmetric graph of all k nearest neighbors, weighted by cosine similarity: (m, m), weights above 0."""
    count, k = neighbors.indices.shape
    rows = np.repeat(np.arange(count), k)
    weights = np.maximum(1 - neighbors.distances.ravel(), 1e-6)
    graph = sparse.csr_matrix((weights, (rows, neighbors.indices.ravel())), shape=(count, count))
    return graph.maximum(graph.T).tocsr()

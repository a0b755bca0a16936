"""Clusters of items on the shared neighbor graph: Leiden by default, k-means and HDBSCAN by choice.

`CLUSTERINGS` is a dict: an entry added to it appears in the app and in the contract tests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.errors import BadInput
from explorer.geometry.communities import communities
from explorer.geometry.neighbors import Neighbors
from explorer.geometry.structure import has_structure
from explorer.recipe import Clustering

UNGROUPED = -1  # the label of items that belong to no cluster (HDBSCAN's noise)


Phrased = tuple[tuple[str, float], ...]  # phrases, each with the share of a cluster's texts that hold it, 0 to 1


@dataclass(frozen=True)
class Name:
    """The name of a cluster. `str` gives it as people read it: "Red Sox, Yankees, pitcher".

    Attributes
    ----------
    head : the phrase that stands first
    qualifiers : up to two more
    phrases : the phrases of the cluster's texts that it is made of, the head first; empty where it is made of none
    """

    head: str
    qualifiers: tuple[str, ...] = ()
    phrases: Phrased = ()

    def __str__(self) -> str:
        return ", ".join((self.head, *self.qualifiers))

    @classmethod
    def of(cls, phrases: Phrased) -> Name:
        """The name that consists of just these phrases, at least one."""
        head, *qualifiers = (text for text, _ in phrases)
        return cls(head, tuple(qualifiers), phrases)


@dataclass(frozen=True, eq=False)
class Clusters:
    """A clustering of m items.

    Attributes
    ----------
    labels : int32 array of shape (m,), 0 the largest cluster, -1 for items in none
    names : one a cluster, made of its own phrases or given by a person
    phrases : the phrases of each cluster, the one that says most first; () where none were looked for
    """

    labels: np.ndarray
    names: tuple[str, ...]
    phrases: tuple[Phrased, ...] = ()

    @classmethod
    def named(cls, labels: np.ndarray, names: Sequence[Name]) -> Clusters:
        """Clusters with the names that were made for them."""
        return cls(labels, tuple(str(name) for name in names), tuple(name.phrases for name in names))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def said(self) -> tuple[Phrased, ...]:
        """The phrases of each cluster, one entry a cluster."""
        return self.phrases or ((),) * len(self)

    @property
    def sizes(self) -> np.ndarray:
        """Items in each cluster: (len(self),) int64."""
        return np.bincount(self.labels[self.labels >= 0], minlength=len(self))


@dataclass(frozen=True)
class ClusteringMethod:
    """A way to cluster: its name for people and its function `(unit, neighbors, clustering) -> labels`; see `group`."""

    title: str
    group: Callable[[np.ndarray, Neighbors, Clustering], np.ndarray]


def group(unit: np.ndarray, neighbors: Neighbors, clustering: Clustering) -> np.ndarray:
    """Labels of m items, int32, numbered from the largest cluster down; -1 where an item is in none.

    Parameters
    ----------
    unit : float32 array of shape (m, d), unit length
    neighbors : the graph of these m items
    clustering : the method, a key of `CLUSTERINGS`, and its settings

    Raises
    ------
    BadInput : for an unknown method or a setting out of range
    """
    if clustering.method not in CLUSTERINGS:
        raise BadInput(f"No clustering named {clustering.method!r}. Choose one of: {', '.join(CLUSTERINGS)}.")
    if not clustering.resolution > 0 or clustering.n_clusters < 1 or clustering.min_size < 2:
        raise BadInput("A resolution must be above 0, groups at least 1 and the smallest size at least 2.")
    if len(unit) < 3 or not neighbors.k:  # too few items, or all of one row: there is no graph to cluster
        return np.zeros(len(unit), np.int32)
    return largest_first(CLUSTERINGS[clustering.method].group(unit, neighbors, clustering))


def leiden(unit: np.ndarray, neighbors: Neighbors, clustering: Clustering) -> np.ndarray:
    """Leiden communities of the neighbor graph, or one group where it shows no more structure than a twin: int (m,)."""
    labels = communities(neighbors, clustering.resolution, clustering.seed)
    return labels if has_structure(unit, labels, clustering) else np.zeros(len(unit), np.int32)


def kmeans(unit: np.ndarray, neighbors: Neighbors, clustering: Clustering) -> np.ndarray:
    """Spherical k-means: k-means on unit vectors (scikit-learn): int32 of shape (m,)."""
    from sklearn.cluster import KMeans, MiniBatchKMeans

    count = min(clustering.n_clusters, len(np.unique(unit, axis=0)) if len(unit) < 1000 else len(unit))
    kind = KMeans if len(unit) <= 20_000 else MiniBatchKMeans
    return kind(count, n_init=4, random_state=clustering.seed).fit_predict(unit)


def hdbscan(unit: np.ndarray, neighbors: Neighbors, clustering: Clustering) -> np.ndarray:
    """HDBSCAN on the first ten principal components (Campello et al. 2013; scikit-learn): (m,), noise -1."""
    from sklearn.cluster import HDBSCAN
    from sklearn.decomposition import PCA

    components = min(10, *unit.shape)
    reduced = PCA(components, random_state=0).fit_transform(unit)
    size = min(clustering.min_size, len(unit))
    return HDBSCAN(min_cluster_size=size, min_samples=min(5, len(unit)), copy=True).fit_predict(reduced)


CLUSTERINGS = {
    "leiden": ClusteringMethod("Leiden: every item in a group", leiden),
    "kmeans": ClusteringMethod("k-means: as many groups as you say", kmeans),
    "hdbscan": ClusteringMethod("HDBSCAN: dense groups, the rest in no group", hdbscan),
}


def largest_first(labels: np.ndarray) -> np.ndarray:
    """Labels renumbered by size, the cluster of the earlier item first among equals; negative labels become -1.

    labels : int array of shape (m,); the result is int32 of that shape
    """
    found, first, counts = np.unique(labels[labels >= 0], return_index=True, return_counts=True)
    if not len(found):
        return np.full(len(labels), UNGROUPED, np.int32)
    rank = np.empty(int(found.max()) + 1, np.int32)
    rank[found[np.lexsort((first, -counts))]] = np.arange(len(found))
    return np.where(labels >= 0, rank[np.maximum(labels, 0)], UNGROUPED).astype(np.int32)

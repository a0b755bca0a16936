"""Where the names of groups stand on a map: on the densest part of each group, and on each of its larger islands.

A group may lie on the map as several islands, between which there is nothing of it: a layout in two dimensions tears
some neighbors apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from explorer.geometry.clusters import Clusters

MOST = 1_500  # items of a group that are looked at; the shape of a group shows in fewer than all
WITHIN = 20  # at the usual density of a group, so many of its items lie within the distance that still connects two
CORE = 3  # an item with fewer others within that distance is a stray, and no bridge between islands
FAIR = 0.1  # the share of a group that an island needs for a name of its own
FINEST = 0.01  # of the whole map: nearer items are connected, whatever their density


@dataclass(frozen=True)
class Label:
    """A name on the map.

    Attributes
    ----------
    size : items of the group, or of the island where `level` is not 0; the larger wins where two names would touch
    above : how far above y the island's items reach, in the units of the map; where that is little on the screen, the
        name stands above them and hides none
    level : 0 for the name of a group, 1 and higher for the same name on its other islands, the largest first: these
        show when the reader looks closer
    reach : how far most of the island's items lie from the name, in the units of the map
    """

    x: float
    y: float
    text: str
    size: float
    z: float = 0.0
    above: float = 0.0
    level: int = 0
    reach: float = 0.0


@dataclass(frozen=True, eq=False)
class Island:
    """A part of a group with nothing of the group around it.

    Attributes
    ----------
    at : (2 or 3,) float64, the place of an item in its densest part
    share : the share of the group's items that it holds
    above, reach : as of `Label`
    """

    at: np.ndarray
    share: float
    above: float
    reach: float


def group_labels(clusters: Clusters, layout: np.ndarray) -> list[Label]:
    """The names of all groups, level by level of each group; none for a group without items.

    layout : float array of shape (m, 2 or 3)
    """
    if not len(layout):
        return []
    finest = FINEST * float(np.ptp(layout, axis=0).max())
    order = np.argsort(clusters.labels, kind="stable")
    starts = np.searchsorted(clusters.labels[order], np.arange(len(clusters) + 1))
    labels = []
    for group, name in enumerate(clusters.names):
        mine = layout[order[starts[group] : starts[group + 1]]].astype(np.float64)
        for level, island in enumerate(islands(mine, finest)):
            x, y, *z = (float(value) for value in island.at)
            size = round(len(mine) * (island.share if level else 1))
            labels.append(Label(x, y, name, size, z[0] if z else 0.0, island.above, level, island.reach))
    return labels


def islands(places: np.ndarray, finest: float = 0.0) -> list[Island]:
    """The islands of one group that hold a fair share of it. The first is the densest of those that are not much
    smaller than the largest; the others follow by size.

    Two items are on one island where a chain of items connects them, each step short: a step may be as long as the
    radius within which, at the group's usual density, `WITHIN` others lie. Items with fewer than `CORE` others so near
    join an island but connect none: DBSCAN (Ester et al., 1996).

    places : float array of shape (g, 2 or 3)
    finest : steps up to this length are short whatever the density
    """
    places = places[:: -(-len(places) // MOST) or 1]
    if not len(places):
        return []
    tree = cKDTree(places)
    step = max(_usual_step(tree, places), finest)
    count, pairs = len(places), tree.query_pairs(step, output_type="ndarray")
    crowd = np.bincount(pairs.ravel(), minlength=count)  # items within a step of each
    inner = crowd >= min(CORE, count // 8)
    inside, rim = pairs[inner[pairs].all(axis=1)], pairs[inner[pairs].sum(axis=1) == 1]
    graph = coo_matrix((np.ones(len(inside), bool), (inside[:, 0], inside[:, 1])), shape=(count, count))
    _, island = connected_components(graph, directed=False)
    outer = np.where(inner[rim[:, 0]], rim.T[::-1], rim.T)
    island[outer[0]] = island[outer[1]]
    sizes, peaks = np.bincount(island), np.zeros(island.max() + 1)
    np.maximum.at(peaks, island, crowd)
    found = np.flatnonzero((sizes >= FAIR * count) | (sizes == sizes.max()))
    found = found[np.argsort(-sizes[found], kind="stable")].tolist()
    first = max((one for one in found if 2 * sizes[one] >= sizes.max()), key=lambda one: peaks[one])
    found.sort(key=lambda one: one != first)
    return list(_described(places, [np.flatnonzero(island == one) for one in found], crowd, step))


def _usual_step(tree: cKDTree, places: np.ndarray) -> float:
    """The radius within which `WITHIN` others lie at the usual density, from the distances of near ones."""
    count, dimensions = places.shape
    if count == 1:
        return 0.0
    k = int(np.clip(count // 8, 1, 5))
    distances = tree.query(places, k=[k + 1])[0]
    return float(np.median(distances)) * (WITHIN / k) ** (1 / dimensions)


def _described(places: np.ndarray, found: list[np.ndarray], crowd: np.ndarray, step: float) -> Iterator[Island]:
    for members in found:
        mine = places[members]
        peak = mine[crowd[members].argmax()]
        near = mine[((mine - peak) ** 2).sum(axis=1) <= step**2]
        # The item nearest to the middle of the crowd: in a ring, that is still on the ring.
        at = mine[((mine - near.mean(axis=0)) ** 2).sum(axis=1).argmin()]
        up = mine[:, 1] - at[1]
        reach = float(np.quantile(np.sqrt(((mine - at) ** 2).sum(axis=1)), 0.9))
        yield Island(at, len(mine) / len(places), max(float(np.quantile(up, 0.97)), 0.0), reach)

"""How stable clusters are: whether they are found again when a tenth of the items is left out."""

from __future__ import annotations

import numpy as np

from explorer.geometry.clusters import group
from explorer.geometry.levels import levels, part_of
from explorer.geometry.neighbors import Neighbors
from explorer.recipe import Clustering

LEFT_OUT = 0.1
REPEATS = 3  # each leaves other items out


def stability(unit: np.ndarray, neighbors: Neighbors, labels: np.ndarray, clustering: Clustering) -> float | None:
    """How well clusters are found again, as many, when a tenth of the items is left out: adjusted mutual information, 1
    where they are the same each time, 0 where they agree as by chance. None where there are fewer than two clusters.

    A cluster that is not found again may be there by chance (Lange, Roth, Braun and Buhmann 2004, "Stability-based
    validation of clustering solutions"). The items left out are drawn with fixed seeds.

    Parameters
    ----------
    unit : float32 array of shape (m, d), unit length
    labels : int array of shape (m,), the clusters; -1 for items in none
    clustering : how they were made
    """
    from sklearn.metrics import adjusted_mutual_info_score

    count = int(labels.max(initial=-1)) + 1
    if count < 2 or not neighbors.k:
        return None
    found = []
    for seed in range(REPEATS):
        kept = np.flatnonzero(np.random.default_rng(seed).random(len(labels)) >= LEFT_OUT)
        graph, mine = part_of(neighbors, kept), unit[kept]
        again = group(mine, graph, clustering)
        if int(again.max(initial=-1)) + 1 != count:
            again = levels(mine, graph, again, clustering).cut(count)
        both = (again >= 0) & (labels[kept] >= 0)
        found.append(adjusted_mutual_info_score(labels[kept][both], again[both]))
    return float(np.mean(found))

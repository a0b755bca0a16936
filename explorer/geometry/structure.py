"""Whether groups are more than pieces of one cloud: compared with a twin that is one cloud of the same shape."""

from __future__ import annotations

import numpy as np

from explorer.geometry.communities import communities, modularity
from explorer.geometry.neighbors import nearest_neighbors
from explorer.geometry.twin import blended_twin, sample_of
from explorer.recipe import Clustering

# A few groups that lie far apart are seen best where few groups are asked for: at the usual resolution a long cloud is
# cut into pieces about as neatly.
_COARSE = 0.3
_TWINS = 8
_DEVIATIONS = 3.0  # of the twins' modularity, by which the vectors must exceed their mean
_LEAST = 0.01  # of modularity; nearly constant vectors deviate by less, and in nothing that a reader would see
_EVIDENT = 1.2  # of modularity, over the root of the items: six deviations of clouds from their twins
_SEEN = 10  # items that a group has in the sample, for the sample to speak for it


def has_structure(unit: np.ndarray, labels: np.ndarray, clustering: Clustering) -> bool:
    """Whether a grouping shows more than the same method finds in twins that are one cloud: see `blended_twin`.

    On made data (`python -m benchmarks --only groups`), 11 of 720 clouds with 12 to 200 items in 5, 50 or 384
    dimensions were split; of two, three or eight clouds that lie apart in 50 or more, none was lost from 30 items on.
    A long cloud around the origin is often split: as directions, its two ends are two groups.

    The measure is the modularity of Leiden's communities, at the resolution asked for and at a coarse one. Large tables
    are judged by a sample. Where no twin can be made, or the groups are too small for the sample, the answer is yes.

    Parameters
    ----------
    unit : float32 array of shape (m, d), unit length
    labels : int array of shape (m,), from 0, Leiden's communities of these items
    clustering : its settings
    """
    if labels.max(initial=0) == 0 or unit.shape[1] < 2:  # on a line all twins are lumps of the same two directions
        return True
    chosen = sample_of(len(unit), clustering.seed)
    sizes = np.bincount(labels)
    usual = np.median(sizes[labels])  # the size of the group that an item is in
    if len(chosen) < len(unit) and usual * len(chosen) / len(unit) < _SEEN:
        return True
    sample = unit[chosen]
    found = _clearness(sample, clustering)
    twins = np.empty((_TWINS, len(found)))
    for number in range(_TWINS):
        twins[number] = _clearness(blended_twin(sample, clustering.seed + number), clustering)
        if (found - twins[: number + 1].mean(axis=0) > _EVIDENT / np.sqrt(len(sample))).any():
            return True
    beyond = np.maximum(_DEVIATIONS * twins.std(axis=0, ddof=1), _LEAST)
    return bool((found - twins.mean(axis=0) > beyond).any())


def _clearness(unit: np.ndarray, clustering: Clustering) -> np.ndarray:
    """The modularity of Leiden's communities at both resolutions: (2,)."""
    neighbors = nearest_neighbors(unit)
    resolutions = (clustering.resolution, min(_COARSE, clustering.resolution))
    found = (communities(neighbors, each, clustering.seed) for each in resolutions)
    return np.array([modularity(neighbors, labels, each) for labels, each in zip(found, resolutions, strict=True)])

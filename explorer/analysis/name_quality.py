"""Whether groups are good ones: whether their names tell their texts apart, and whether they are found again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.analysis.naming import encode_of
from explorer.geometry.clusters import Clusters
from explorer.geometry.stability import stability

if TYPE_CHECKING:
    from explorer.space import Space


@dataclass(frozen=True)
class Quality:
    """Two numbers about groups, each 1 at best and 0 as by chance.

    Attributes
    ----------
    names_ami : how well the names recover the groups; None where no model can read the names
    stability : how well the groups are found again when a tenth of the items is left out; None below two groups
    """

    names_ami: float | None
    stability: float | None


def quality(space: Space, clusters: Clusters) -> Quality:
    """Both numbers. Takes seconds: the groups are found several times again."""
    encode = encode_of(space)
    ami = None
    if encode is not None and len(clusters) > 1:
        near = nearest_names(space.unit, encode(list(clusters.names)))
        ami = recovered(clusters.labels, near)
    found = stability(space.unit, space.neighbors, clusters.labels, space.recipe.clustering)
    return Quality(ami, found)


def nearest_names(unit: np.ndarray, names: np.ndarray) -> np.ndarray:
    """The name nearest to each text: int (m,).

    unit, names : float arrays of shape (m, d) and (groups, d), unit length
    """
    return (unit @ names.T).argmax(axis=1)


def recovered(labels: np.ndarray, assigned: Sequence[int] | np.ndarray) -> float:
    """The adjusted mutual information of groups with the groups that texts were assigned to by the names alone.

    labels : int array of shape (m,), -1 for texts in no group, which do not count
    """
    from sklearn.metrics import adjusted_mutual_info_score

    grouped = np.asarray(labels) >= 0
    return float(adjusted_mutual_info_score(np.asarray(labels)[grouped], np.asarray(assigned)[grouped]))

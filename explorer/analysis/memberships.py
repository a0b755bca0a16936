"""Which rows are in which groups: a row is in one, or, where its sentences are items, in as many as they are in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.geometry.clusters import Clusters

if TYPE_CHECKING:
    from explorer.space import Space


@dataclass(frozen=True, eq=False)
class Memberships:
    """Pairs of a row and a group that it is in, each pair once, in row order.

    Attributes
    ----------
    rows : int64 array of shape (p,)
    groups : int64 array of shape (p,)
    count : how many groups there are
    """

    rows: np.ndarray
    groups: np.ndarray
    count: int

    def among(self, chosen: np.ndarray) -> Memberships:
        """Those of some rows. chosen : bool array of shape (n,)"""
        kept = chosen[self.rows]
        return Memberships(self.rows[kept], self.groups[kept], self.count)

    def of(self, group: int) -> np.ndarray:
        """The rows of a group: int64, ascending."""
        return self.rows[self.groups == group]

    @property
    def sizes(self) -> np.ndarray:
        """How many rows each group has: int64 of shape (count,)."""
        return np.bincount(self.groups, minlength=self.count)

    def tallies(self, codes: np.ndarray, values: int) -> np.ndarray:
        """How many rows of each group have each value: int64 of shape (count, values).

        codes : int array of shape (n,), the value of each row, negative where it has none
        """
        of_pair = codes[self.rows]
        held = of_pair >= 0
        flat = np.bincount(self.groups[held] * values + of_pair[held], minlength=self.count * values)
        return flat.reshape(self.count, values)


def memberships(space: Space, clusters: Clusters) -> Memberships:
    """Which rows are in which clusters. A row in passages is in the one that most of its text is in; a row whose
    sentences are items of their own is in the cluster of each."""
    if space.recipe.sentences:
        pairs = np.column_stack([space.links[:, 0], clusters.labels[space.links[:, 1]]])
        pairs = np.unique(pairs[pairs[:, 1] >= 0], axis=0).astype(np.int64)
        return Memberships(pairs[:, 0], pairs[:, 1], len(clusters))
    of_row = space.labels_of_rows(clusters.labels)
    rows = np.flatnonzero(of_row >= 0)
    return Memberships(rows, of_row[rows].astype(np.int64), len(clusters))

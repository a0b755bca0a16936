"""A space as somebody looks at it: with edited clusters and a filter in the app, bare on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.analysis.naming import names_for
from explorer.geometry.clusters import Clusters
from explorer.geometry.levels import Levels, levels
from explorer.library.annotations import Project
from explorer.space import Space
from explorer.table.roles import Roles, guess_roles

Encode = Callable[[list[str]], np.ndarray]


@dataclass(frozen=True)
class Line:
    """One item in a list: its first row (from 0), how many rows hold it, its text."""

    row: int
    weight: int
    text: str


class View:
    """What an answer is given.

    Attributes
    ----------
    space : what was computed
    roles : what its columns mean
    name : of the dataset, for people
    project : what people did about it; None where nobody did anything
    rows : bool array of shape (n,), the rows that meet the filter; None where there is no filter
    encode : makes query vectors of texts, (n, d) float32 of unit length; None for the space's own model
    """

    def __init__(
        self,
        space: Space,
        roles: Roles | None = None,
        name: str = "",
        *,
        project: Project | None = None,
        rows: np.ndarray | None = None,
        clusters: Callable[[], Clusters] | None = None,
        encode: Encode | None = None,
    ):
        self.space = space
        self.name = name
        self.project = project
        self.rows = rows
        self.encode = encode
        self._roles = roles
        self._clusters = clusters

    @cached_property
    def roles(self) -> Roles:
        return self._roles or guess_roles(self.space.wrapped)

    @cached_property
    def clusters(self) -> Clusters:
        """The clusters as people see them: at their level of detail, renamed, merged and split."""
        return self._clusters() if self._clusters else self.space.clusters

    @cached_property
    def levels(self) -> Levels:
        """The tree of clusters, finer and coarser, around the computed ones."""
        space = self.space
        return levels(space.unit, space.neighbors, space.clusters.labels, space.recipe.clustering)

    def clusters_at(self, level: int | None) -> Clusters:
        """So many clusters, of those that were computed split or joined; as people see them where None."""
        if level is None:
            return self.clusters
        labels = self.levels.cut(level)
        return Clusters(labels, names_for(self.space, labels))

    @cached_property
    def items(self) -> np.ndarray | None:
        """The items that have a row which meets the filter: bool (m,); None where there is no filter."""
        if self.rows is None:
            return None
        items = np.zeros(len(self.space.items), bool)
        items[self.space.links[self.rows[self.space.links[:, 0]], 1]] = True
        return items

    def first_row(self, item: int) -> int:
        """The first row of an item, of those that meet the filter."""
        if self.rows is not None:
            mine = self.space.links[self.space.links[:, 1] == item, 0]
            mine = mine[self.rows[mine]]
            if len(mine):
                return int(mine[0])
        return int(self.space.items.first_rows[item])

    def lines(self, items: Sequence[int] | np.ndarray) -> list[Line]:
        """Items as an answer lists them."""
        items = np.asarray(items, np.int64)
        weights, texts = self.space.items.weights[items], self.space.texts(items)
        return [
            Line(self.first_row(item), int(weight), text)
            for item, weight, text in zip(items.tolist(), weights, texts, strict=True)
        ]

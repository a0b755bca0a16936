"""A space as somebody looks at it: with edited clusters and a filter in the app, bare on the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.analysis.naming import clusters_at
from explorer.analysis.outliers import Outliers, find_outliers
from explorer.geometry.clusters import Clusters
from explorer.geometry.levels import Levels, levels
from explorer.library.annotations import Project
from explorer.media.text import joined_texts
from explorer.space import Space
from explorer.table.roles import Roles, guess_roles
from explorer.table.row_names import row_name
from explorer.wording import Amount

Encode = Callable[[list[str]], np.ndarray]


@dataclass(frozen=True)
class Line:
    """One item in a list.

    Attributes
    ----------
    row : the first row (from 0) that holds it, of those that meet the filter
    weight : how many rows hold it
    text : its own text, of a long row one passage
    item : its number
    passage, passages : which passage of its row it is, from 1, and how many that row has
    """

    row: int
    weight: int
    text: str
    item: int
    passage: int = 1
    passages: int = 1


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
    scored : gives the outlier scores of a method under its usual threshold, where somebody keeps them
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
        scored: Callable[[str], Outliers] | None = None,
    ):
        self.space = space
        self.name = name
        self.project = project
        self.rows = rows
        self.encode = encode
        self._roles = roles
        self._clusters = clusters
        self._scored = scored

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
        return clusters_at(self.space, self.levels, level)

    @cached_property
    def items(self) -> np.ndarray | None:
        """The items that have a row which meets the filter: bool (m,); None where there is no filter."""
        if self.rows is None:
            return None
        return self.space.items.with_rows(self.rows)

    @cached_property
    def counted(self) -> np.ndarray:
        """The rows that have content and meet the filter: bool (n,). All counts that people see are of these."""
        content = self.space.item_of_row >= 0
        return content if self.rows is None else content & self.rows

    def amount(self, items: np.ndarray) -> Amount:
        """How many rows some items stand for, of those that meet the filter.

        items : bool array of shape (m,), or int array of items
        """
        chosen = np.zeros(len(self.space.items), bool)
        chosen[items] = True
        links = self.space.links
        of_row = np.zeros(self.space.table.num_rows, bool)
        of_row[links[chosen[links[:, 1]], 0]] = True
        return self.amount_of_rows(np.flatnonzero(of_row))

    def amount_of_rows(self, rows: np.ndarray) -> Amount:
        """How many of some rows, an int array, have content and meet the filter, and how many are distinct. A row of
        several passages counts as distinct."""
        rows = rows[self.counted[rows]]
        distinct = len(rows) if self.space.items.several else len(np.unique(self.space.item_of_row[rows]))
        return Amount(len(rows), distinct)

    @cached_property
    def cluster_of_row(self) -> np.ndarray:
        """The cluster of each row, the one that most of its text is in; -1 where it is in none: (n,) int32."""
        return self.space.labels_of_rows(self.clusters.labels)

    def rows_in(self, cluster: int) -> np.ndarray:
        """The rows of a cluster (-1: of none) that have content and meet the filter: int64, ascending."""
        return np.flatnonzero(self.counted & (self.cluster_of_row == cluster))

    def outliers(self, method: str) -> Outliers:
        """The outlier scores of a method (a key of `OUTLIER_METHODS`) under its usual threshold."""
        if self._scored is not None:
            return self._scored(method)
        return find_outliers(self.space.unit, self.space.neighbors, method)

    def with_scores(self, scored: Callable[[str], Outliers]) -> View:
        """The same view, whose outlier scores somebody keeps."""
        view = copy(self)
        view._scored = scored
        return view

    @cached_property
    def first_links(self) -> np.ndarray:
        """The first link of each item whose row meets the filter, else its first: (m,) int64."""
        first = self.space.items.first_links
        if self.rows is None:
            return first
        links = self.space.links
        first, met = first.copy(), np.flatnonzero(self.rows[links[:, 0]])[::-1]
        first[links[met, 1]] = met
        return first

    def lines(self, items: Sequence[int] | np.ndarray) -> list[Line]:
        """Items as an answer lists them."""
        items = np.asarray(items, np.int64)
        links, of_link = self.first_links[items], self.space.links[:, 0]
        rows = of_link[links]
        firsts, ends = np.searchsorted(of_link, rows), np.searchsorted(of_link, rows, side="right")
        weights, texts = self.space.items.weights[items], self.space.texts(items)
        return [
            Line(int(row), int(weight), text, int(item), int(link - first) + 1, int(end - first))
            for row, weight, text, item, link, first, end in zip(
                rows, weights, texts, items, links, firsts, ends, strict=True
            )
        ]

    def row_name(self, row: int) -> str:
        """A row's number and, where the file has an id of its own, that too: "row 4 · T0004"."""
        return row_name(self.space.table, self.roles, row)

    def whole_texts(self, lines: Sequence[Line]) -> list[str]:
        """The text of each line's row, of which the line may hold one passage."""
        rows = sorted({line.row for line in lines if line.passages > 1})
        if not rows:
            return [line.text for line in lines]
        columns = list(dict.fromkeys(self.space.describing))
        texts = joined_texts(self.space.table.select(columns).take(rows), columns, self.space.recipe.markup)
        whole = dict(zip(rows, texts, strict=True))
        return [((whole[line.row] if line.passages > 1 else line.text) or "").strip() for line in lines]

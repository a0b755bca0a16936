"""What the colors of a map mean for rows: how many have each value, and what a click on one selects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from explorer.answers.view import View
from explorer.app.cache import cached
from explorer.app.groups import Groups
from explorer.app.selecting import select_rows
from explorer.app.visit import Visit
from explorer.geometry.clusters import Clusters
from explorer.space import Space
from explorer.views import map_content
from explorer.views.coloring import NO_VALUE, Coloring


@dataclass(frozen=True, eq=False)
class MapColors:
    """The colors of a map and what its legend counts and selects: rows that have content and meet the filter.

    Attributes
    ----------
    items : the colors of the points
    rows : the same colors for all rows of the table
    """

    visit: Visit
    items: Coloring
    rows: Coloring

    def counts(self) -> dict[str, object]:
        """Rows of each name in the legend, see `Coloring.counts`."""
        return self.rows.counts(self.visit.view.counted)

    def select(self, code: int, more: bool) -> None:
        """Select the rows of one entry of the legend, as a click on a group in the list does.

        more : add them to what is selected
        """
        if code != NO_VALUE and not 0 <= code < len(self.rows.names):
            return  # what comes from a browser may be anything
        rows = np.flatnonzero(self.visit.view.counted & self.rows.holding(code))
        before, why = self.visit.selection, [self.rows.name_of(code)]
        if more and before is not None and len(before):
            rows = np.union1d(before, rows)
            why = [name for name in (st.query_params.get("why"), *why) if name]
        if len(rows):
            select_rows(rows, ", ".join(why))


def colors_by(visit: Visit, choice: str) -> MapColors:
    """The colors of a map by one of `map_content.color_choices`."""
    if choice == map_content.GROUP:
        return MapColors(visit, group_colors(visit.groups), _rows_by_group(visit.groups.key, _view=visit.view))
    label, space = visit.entry.roles.label, visit.space
    rows = _rows(space.recipe.table, space.key("neighbors"), choice, label, _space=space)
    if choice in map_content.COMPUTED:
        return MapColors(visit, map_content.coloring(space, choice), rows)
    return MapColors(visit, rows.at(space.links[visit.view.first_links, 0]), rows)


def shown_as(visit: Visit, items: Coloring) -> MapColors:
    """Colors of items that a page made itself: a row has the color of its item."""
    return MapColors(visit, items, items.at(np.maximum(visit.space.item_of_row, 0)))


def group_colors(groups: Groups) -> Coloring:
    """Each group its own color, worked out once: it takes a while for many items."""
    return _group_colors(groups.key, _groups=groups.clusters)


@cached()
def _group_colors(key: str, _groups: Clusters) -> Coloring:
    return map_content.color_clusters(_groups)


@cached()
def _rows_by_group(key: str, _view: View) -> Coloring:
    return map_content.coloring_of_rows(_view.space, map_content.GROUP, clusters=_view.clusters)


@cached()
def _rows(table: str, neighbors: str, choice: str, label: str | None, _space: Space) -> Coloring:
    return map_content.coloring_of_rows(_space, choice, label)

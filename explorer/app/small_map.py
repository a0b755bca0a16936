"""A small map beside a list: where the things listed lie. The pages about results share it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import streamlit as st

from explorer.app import session
from explorer.app.cache import cached
from explorer.app.links import page_link
from explorer.app.map_colors import colors_by, shown_as
from explorer.app.map_component import NOTHING, Highlight, Points, map_view
from explorer.app.selecting import close_innermost, open_item, select_items, select_shape
from explorer.app.visit import Visit
from explorer.geometry.clusters import Clusters
from explorer.library.workspaces import keep_selection
from explorer.space import Space
from explorer.views import map_content, map_labels
from explorer.views.coloring import Coloring
from explorer.views.map_labels import Label

HEIGHT = 460  # pixels


def small_map(
    visit: Visit,
    key: str,
    highlight: Highlight | None,
    height: int = HEIGHT,
    color: Coloring | None = None,
    *,
    lit: np.ndarray | None = None,
    labels: list[Label] | None = None,
    legend: bool = True,
    on_click: Callable[[int | None], None] | None = None,
) -> None:
    """Draw the map with what is highlighted; it keeps its zoom while the highlight changes.

    Rows that the reader draws a shape around are counted below it, with the way to them on the big map.

    Parameters
    ----------
    key : the page's own, such as "search-map"; the dimensions are added to it
    highlight : the items that stand out; None for none
    height : pixels
    color : of all items; by group where None
    lit : bool array of shape (m,), the items that meet the filter; None for all
    labels : names on the map; those of the groups where None
    legend : whether the map says what its colors mean; not where a list beside it does
    on_click : called with the item clicked, or None for a click on nothing, before the page runs again;
        where None, a click opens the row
    """

    space = visit.space

    def to_address(item: int | None) -> None:
        open_item(visit.view, item)

    def drawn_around(shape: Mapping[str, Any] | None) -> None:
        select_shape(space, shape, space.layout, lit)

    colors = colors_by(visit, map_content.GROUP) if color is None else shown_as(visit, color)
    points = map_points(space.key("layout"), _layout=space.layout, _weights=space.items.weights)
    map_view(
        f"{key}-{points.xy.shape[1]}d",
        points,
        color=colors.items,
        counts=colors.counts(),
        labels=labels if labels is not None else group_labels(visit),
        highlight=highlight,
        lit=lit,
        **described(visit),
        view_version=points.version,
        report_view=False,
        height=height,
        legend=legend,
        file_name=f"{visit.entry.name}-{key}.png",
        on_click=on_click or to_address,
        on_select=drawn_around,
        on_value=colors.select,
        on_escape=close_innermost,
    )
    rows = visit.selection
    if rows is not None and len(rows):
        with st.container(horizontal=True, vertical_alignment="center", key=f"selected-on-{key}"):
            st.markdown(f"{visit.view.amount_of_rows(rows)} selected", width="content")
            page_link("map", "Open on the map", sel=st.query_params["sel"])
            st.button(
                "", key=f"clear-{key}", type="tertiary", icon=":material/close:", help="Clear the selection",
                on_click=select_items, args=(space, NOTHING),
            )  # fmt: skip


def kept(space: Space, items: np.ndarray) -> str:
    """The name of a stored selection that holds all rows of these items, for `sel` in a link."""
    return keep_selection(session.store(), space.links[np.isin(space.links[:, 1], items), 0])


@cached()
def map_points(layout_key: str, _layout: np.ndarray, _weights: np.ndarray) -> Points:
    """The points of a layout, drawn larger where more rows stand behind one; all of a size where none do."""
    return Points(_layout, _weights if _weights.max(initial=1) > 1 else None)


def described(visit: Visit) -> dict[str, Any]:
    """What `map_view` is told of the text that shows at a point: of its first row that meets the filter."""
    describe = map_content.describe(visit.space, visit.entry.roles, visit.view.first_links)
    return {"hover": describe, "hover_version": f"{visit.entry.recipe.key} {visit.address['f']}"}


def group_labels(visit: Visit) -> list[Label]:
    """The names of groups where they go on the map, worked out once."""
    space = visit.space
    return _group_labels(visit.groups.key, space.key("layout"), _groups=visit.groups.clusters, _layout=space.layout)


@cached()
def _group_labels(key: str, layout: str, _groups: Clusters, _layout: np.ndarray) -> list[Label]:
    return map_labels.group_labels(_groups, _layout)

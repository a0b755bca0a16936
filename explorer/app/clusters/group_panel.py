"""What an open group shows: what can be done with it, what its rows say, and what is common in it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.analysis import portraits
from explorer.analysis.filters import Condition
from explorer.analysis.portraits import Common, Quote
from explorer.answers.clusters import TYPICAL, Cluster
from explorer.app.address import address_of
from explorer.app.cache import cached
from explorer.app.clusters.group_edits import edit_buttons, on_map
from explorer.app.links import page_link
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.geometry.clusters import UNGROUPED, Clusters
from explorer.space import Space
from explorer.views import map_content
from explorer.wording import shorten

EDGE = 2  # texts shown of a group's edge
COMMON = 4  # values that are said to be common in a group


def group_panel(visit: Visit, group: int, cluster: Cluster, outside: np.ndarray) -> None:
    """An open group.

    outside : (m,) int64, how many of an item's nearest neighbors are in other groups
    """
    edit_buttons(visit, group)
    typical, edge = _quotes(
        visit.groups.key, visit.conditions, group, _space=visit.space, _clusters=visit.groups.clusters,
        _cluster=cluster, _outside=outside, _lit=visit.items,
    )  # fmt: skip
    if typical:
        st.caption("Typical: nearest to the middle of the group")
        _quoted(visit, typical)
        if edge:
            far = " and ".join(str(count) for _, count in edge)
            near = min(portraits.NEAR, visit.space.neighbors.k)
            others = any(count for _, count in edge)
            about = f"{far} of {near} nearest neighbors are in other groups" if others else "farthest from the middle"
            st.caption(f"At the edge: {about}", help=_EDGE_HELP)
            _quoted(visit, tuple(quote for quote, _ in edge))
    else:  # its items have no text to quote
        _pictures(visit, group, outside)
    common = _common(
        visit.groups.key, visit.conditions, group, _space=visit.space, _rows=visit.view.rows_in(group),
        _counted=visit.view.counted, _columns=_columns(visit),
    )  # fmt: skip
    if common:
        st.caption("More common here than elsewhere")
        st.markdown(" &nbsp;·&nbsp; ".join(_said(each) for each in common[:COMMON]))


def panel_of_the_rest(visit: Visit) -> None:
    """The rows in no group."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("No group is dense enough around these rows.", width="stretch")
        on_map(visit, UNGROUPED, "in no group")


_EDGE_HELP = (
    f"The rows with most of their {portraits.NEAR} nearest neighbors in other groups; among equals, those farthest "
    "from the group's middle. They may fit two groups, or show where a group should be split or merged."
)


def _said(common: Common) -> str:
    """A value that is common in a group, as Markdown."""
    value = literal(shorten(common.value, 40))
    here, everywhere = (f"{100 * share:.0f} %" for share in (common.share, common.overall))
    return f":small[{literal(common.column)} **{value}** {here}] :small[:gray[({everywhere} of all rows)]]"


def _quoted(visit: Visit, quotes: tuple[Quote, ...]) -> None:
    """What rows say, each a way to its point on the map."""
    with st.container(gap="xxsmall"):
        for quote in quotes:
            name = visit.view.row_name(quote.row)
            page_link(
                "map", f"“{literal(quote.text)}” :small[:gray[{literal(name)}]]", icon="", **address_of(quote.row)
            )


def _columns(visit: Visit) -> list[str]:
    """The columns of few values, the label first."""
    label = visit.entry.roles.label
    kinds = visit.space.kinds
    columns = map_content.field_columns(visit.space, visit.entry.roles)
    return [name for name in columns if name == label or kinds.get(name) == "category"]


@cached()
def _quotes(
    key: str, conditions: tuple[Condition, ...], group: int, _space: Space, _clusters: Clusters, _cluster: Cluster,
    _outside: np.ndarray, _lit: np.ndarray | None,
) -> tuple[tuple[Quote, ...], list[tuple[Quote, int]]]:  # fmt: skip
    """What the typical items of a group say, and what those at its edge say, of other rows, with their `_outside`."""
    typical = np.array([line.item for line in _cluster.typical], np.int64)
    edge = _edge(_space, _clusters, group, _outside, _lit, typical)
    edge = portraits.apart(_space, edge, EDGE)
    quoted = portraits.quoted(_space, edge)
    return portraits.quoted(_space, typical), list(zip(quoted, _outside[edge].tolist(), strict=False))


@cached()
def _common(
    key: str, conditions: tuple[Condition, ...], group: int, _space: Space, _rows: np.ndarray, _counted: np.ndarray,
    _columns: list[str],
) -> tuple[Common, ...]:  # fmt: skip
    return portraits.common_values(_space, _rows, np.flatnonzero(_counted), _columns)


def _edge(
    space: Space, clusters: Clusters, group: int, outside: np.ndarray, lit: np.ndarray | None, typical: np.ndarray
) -> np.ndarray:
    """The items at the edge of a group, of other rows than the typical ones."""
    edge, first_rows = portraits.edge(space, clusters, group, outside, lit), space.items.first_rows
    return edge[~np.isin(first_rows[edge], first_rows[typical])]


def _pictures(visit: Visit, group: int, outside: np.ndarray) -> None:
    """The most typical items and those at the edge, as pictures where there are some, else by what they are."""
    space, clusters = visit.space, visit.groups.clusters
    typical = portraits.typical_rows(space, clusters, group, 2 * TYPICAL, visit.items)
    edge = _edge(space, clusters, group, outside, visit.items, typical)[: 2 * EDGE]
    left, right = st.columns([TYPICAL, EDGE], gap="medium")
    for place, items, title in ((left, typical, "Typical"), (right, edge, "At the edge")):
        with place:
            st.caption(title, help=_EDGE_HELP if items is edge else None)
            images = [
                map_content.picture_of(space, visit.entry.roles, int(space.items.first_rows[item])) for item in items
            ]
            drawn = [image for image in images if image]
            if drawn:
                with st.container(horizontal=True, gap="small"):
                    for image in drawn:
                        st.image(image, width=44)
            else:
                st.text(" · ".join(shorten(text, 40) for text in space.texts(items)))

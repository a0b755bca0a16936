"""The parts of the page of clusters: how well they agree with a label, and each group with what is in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from explorer.analysis import portraits
from explorer.analysis.filters import Condition
from explorer.analysis.portraits import Quote
from explorer.answers.clusters import TYPICAL, Ask, Cluster, Found
from explorer.answers.registry import ask
from explorer.answers.view import View
from explorer.app import filtering
from explorer.app.address import bound, one_of
from explorer.app.cache import cached
from explorer.app.clusters import grouping_panel
from explorer.app.clusters.agreement_panel import explain, label_column
from explorer.app.clusters.group_edits import edit_buttons, just_done, merge_bar, name_box, waiting_note
from explorer.app.clusters.themes_panel import report
from explorer.app.map_colors import group_colors
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.geometry.clusters import Clusters
from explorer.space import Space
from explorer.views import map_content
from explorer.views.themes import number as written
from explorer.wording import counted, shorten

PAGE = 30  # groups on one page of the list
EDGE = 2  # texts shown of each group's edge
GROUPS, REPORT = "Groups", "Themes report"


def draw(visit: Visit) -> None:
    """How many groups, then each of them, or the themes report."""
    with st.container(key="clusters-controls"):
        level, settings = st.columns([7, 1], gap="medium", vertical_alignment="bottom")
    with level:
        grouping_panel.level_slider(visit.space)
    with settings:
        grouping_panel.advanced(visit.entry)
    column = label_column(visit)
    found = _found(visit.groups.key, filtering.conditions(), column, visit.entry.roles.label, _view=visit.view)
    summary(visit, found, column)
    filter_note(visit, found)
    if tab() == REPORT:
        report(visit)
    else:
        group_list(visit, found)


def summary(visit: Visit, found: Found, column: str | None) -> None:
    """How many groups, how many items in none, and how far they agree with a label."""
    just_done(visit)
    left_over = int((visit.groups.clusters.labels < 0).sum())
    over = f"{counted(left_over, 'item')} left over" if left_over else "none left over"
    line = f"**{counted(len(found.clusters), 'group')}**, {over}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="clusters-summary"):
        if column is None or found.agreement is None:
            st.markdown(line, width="content")
        else:
            ami = found.agreement.ami
            verdict = "cannot be compared with" if math.isnan(ami) else "agrees with"
            score = "" if math.isnan(ami) else f": AMI **{ami:.2f}**"
            st.markdown(f"{line} &nbsp;·&nbsp; {verdict} “{literal(column)}”{score}", width="content")
            with st.popover("What this means", type="tertiary"):
                explain(visit, found.agreement, column)
    waiting_note(visit)


def filter_note(visit: Visit, found: Found) -> None:
    """Says that counts are of the rows that meet the filter."""
    if visit.rows is not None:
        st.caption(
            f"Counts and texts are of the {counted(found.counted, 'row')} that meet the filter. The groups themselves "
            "are those of all rows, and an edit is about whole groups."
        )


def tab() -> str:
    """Whether the groups or the report is shown, kept in the address as `tab`."""
    tabs = [GROUPS, REPORT]
    return bound(
        st.segmented_control, "Show", "tab", usual=GROUPS, read=one_of(tabs), options=tabs, required=True,
        label_visibility="collapsed",
    )  # fmt: skip


# ---- the groups ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Details:
    """What is shown of each group beside its answer.

    Attributes
    ----------
    time : (groups, periods) int64, rows over time; None without dates
    means : (groups,) float64, of the number column; None without one
    outside : (m,) int64, how many of an item's nearest neighbors are in other groups
    """

    time: np.ndarray | None
    means: np.ndarray | None
    outside: np.ndarray


@st.fragment
def group_list(visit: Visit, found: Found) -> None:
    """Every group, the largest first: how large, what it says, and what can be done with it.

    Turning its pages, and typing a name, redraws nothing else.
    """
    space, groups = visit.space, visit.groups
    if not len(groups):
        st.info(
            "Every item was left over: no group is dense enough. Lower the smallest group under Advanced, or choose "
            "another method there.", icon=":material/scatter_plot:",
        )  # fmt: skip
        return
    roles = visit.entry.roles
    number = roles.number if roles.number != roles.label else None  # a label's mean says nothing
    details = _details(
        groups.key, filtering.conditions(), roles.date, number, _space=space, _clusters=groups.clusters,
        _rows=visit.rows,
    )  # fmt: skip
    rows = np.array([cluster.rows for cluster in found.clusters])
    order = np.argsort(-rows, kind="stable")
    listed = order[rows[order] > 0]
    if len(listed) < len(groups):
        st.caption(f"{counted(len(groups) - len(listed), 'group')} hold no row that meets the filter.")
    pages = max(math.ceil(len(listed) / PAGE), 1)
    page_key = f"clusters-page-{space.key('clusters')}"
    page = min(max(int(st.session_state.get(page_key, 1)), 1), pages)
    merge_bar(visit, listed)
    colors = group_colors(groups)
    for group in listed[(page - 1) * PAGE : page * PAGE].tolist():
        _card(visit, group, found.clusters[group], details, map_content.group_color(colors, group))
    if pages > 1:
        st.session_state[page_key] = page
        st.pagination(pages, key=page_key)


def _card(visit: Visit, group: int, cluster: Cluster, details: Details, color: str) -> None:
    space, roles = visit.space, visit.entry.roles
    with st.container(border=True, key=f"card-{group}", gap="small"):
        head, actions = st.columns([5, 4], vertical_alignment="center")
        with head, st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.html(_dot(color), width="content")
            name_box(visit, group)
        with actions:
            edit_buttons(visit, group)
        facts = [f"**{counted(cluster.rows, 'row')}** · {cluster.share:.1%}"]
        if details.means is not None and roles.number:
            mean = details.means[group]
            value = "none" if math.isnan(mean) else written(float(mean))
            facts.append(f"mean {literal(roles.number)} **{value}**")
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.markdown(" &nbsp;·&nbsp; ".join(facts), width="content")
            if details.time is not None and roles.date:
                st.html(_spark(details.time[group], color, roles.date), width="content")
        typical, edge = _quotes(
            visit.groups.key, filtering.conditions(), group, _space=space, _clusters=visit.groups.clusters,
            _cluster=cluster, _outside=details.outside, _lit=visit.items,
        )  # fmt: skip
        if not typical:  # its items have no text to quote
            _pictures(visit, group, details)
            return
        left, right = st.columns([TYPICAL, EDGE], gap="medium")
        with left:
            st.caption("Typical: nearest to the middle of the group")
            for quote in typical:
                st.text(f"“{quote.text}”")
        with right:
            far = " and ".join(str(outside) for _, outside in edge) or "none"
            near = min(portraits.NEAR, space.neighbors.k)
            st.caption(f"At the edge: {far} of {near} nearest neighbors are in other groups", help=_EDGE_HELP)
            for quote, _ in edge:
                st.text(f"“{quote.text}”")


_EDGE_HELP = (
    "The members with most of their 15 nearest neighbors in other groups; among equals, those farthest from the "
    "group's middle. They may belong to two groups, or show where a group should be split or merged."
)


@cached()
def _found(key: str, conditions: tuple[Condition, ...], against: str | None, label: str | None, _view: View) -> Found:
    return ask("clusters", _view, Ask(against=against), mend=False)


@cached()
def _details(
    key: str, conditions: tuple[Condition, ...], date: str | None, number: str | None, _space: Space,
    _clusters: Clusters, _rows: np.ndarray | None,
) -> Details:  # fmt: skip
    return Details(
        portraits.over_time(_space, _clusters, date, _rows) if date else None,
        portraits.means(_space, _clusters, number, _rows) if number else None,
        portraits.foreign(_space, _clusters),
    )


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


def _edge(
    space: Space, clusters: Clusters, group: int, outside: np.ndarray, lit: np.ndarray | None, typical: np.ndarray
) -> np.ndarray:
    """The items at the edge of a group, of other rows than the typical ones."""
    edge, first_rows = portraits.edge(space, clusters, group, outside, lit), space.items.first_rows
    return edge[~np.isin(first_rows[edge], first_rows[typical])]


def _pictures(visit: Visit, group: int, details: Details) -> None:
    """The most typical items and those at the edge, as pictures where there are some, else by what they are."""
    space, clusters = visit.space, visit.groups.clusters
    typical = portraits.typical_rows(space, clusters, group, 2 * TYPICAL, visit.items)
    edge = _edge(space, clusters, group, details.outside, visit.items, typical)[: 2 * EDGE]
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


def _dot(color: str) -> str:
    return f'<span style="display:inline-block;width:12px;height:12px;border-radius:50%;background:{color}"></span>'


def _spark(counts: np.ndarray, color: str, column: str) -> str:
    """Small bars of rows over time."""
    high = max(int(counts.max()), 1)
    bars = "".join(
        f'<span style="display:inline-block;width:6px;margin-right:2px;height:{max(round(22 * count / high), 1)}px;'
        f'background:{color}"></span>'
        for count in counts.tolist()
    )
    alt = escape(f"Rows over {column}, from the first date to the last: {', '.join(map(str, counts.tolist()))}", True)
    return (
        f'<span role="img" aria-label="{alt}" title="{alt}" style="display:inline-block;height:24px;'
        f'white-space:nowrap;line-height:1;vertical-align:bottom">{bars}</span>'
    )

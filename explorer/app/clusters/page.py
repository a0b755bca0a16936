"""The parts of the page of clusters: how well they agree with a label, and each group with what is in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from explorer.analysis import portraits
from explorer.app import filtering
from explorer.app.clusters import grouping_panel
from explorer.app.clusters.agreement_panel import agreement_with, explain, label_column
from explorer.app.clusters.group_edits import edit_buttons, just_done, merge_bar, name_box, waiting_note
from explorer.app.clusters.themes_panel import report
from explorer.app.groups import Shown
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.geometry.clusters import Clusters
from explorer.library.workspaces import Entry
from explorer.space import Space
from explorer.views import map_content
from explorer.views.themes import number as written
from explorer.wording import counted, shorten

PAGE = 30  # groups on one page of the list
TYPICAL, EDGE = 3, 2  # texts shown of each group
GROUPS, REPORT = "Groups", "Themes report"


def draw(visit: Visit) -> None:
    """How many groups, then each of them, or the themes report."""
    entry, space = visit.entry, visit.space
    with st.container(key="clusters-controls"):
        level, settings = st.columns([7, 1], gap="medium", vertical_alignment="bottom")
    with level:
        grouping_panel.level_slider(entry, space)
    with settings:
        grouping_panel.advanced(entry)
    groups = visit.groups
    summary(entry, space, groups)
    filter_note(space)
    if tab() == REPORT:
        report(entry, space, groups)
    else:
        group_list(entry, space, groups)


def summary(entry: Entry, space: Space, groups: Shown) -> None:
    """How many groups, how many items in none, and how far they agree with a label."""
    just_done(entry)
    left_over = int((groups.clusters.labels < 0).sum())
    over = f"{counted(left_over, 'item')} left over" if left_over else "none left over"
    line = f"**{counted(len(groups), 'group')}**, {over}"
    column = label_column(entry, space)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="clusters-summary"):
        if column is None:
            st.markdown(line, width="content")
        else:
            found = agreement_with(space, groups, column)
            verdict = "cannot be compared with" if math.isnan(found.ami) else "agrees with"
            score = "" if math.isnan(found.ami) else f": AMI **{found.ami:.2f}**"
            st.markdown(f"{line} &nbsp;·&nbsp; {verdict} “{literal(column)}”{score}", width="content")
            with st.popover("What this means", type="tertiary"):
                explain(entry, space, groups, found, column)
    waiting_note(entry, space, groups)


def filter_note(space: Space) -> None:
    """Says that counts are of the rows that meet the filter."""
    rows = filtering.rows(space)
    if rows is not None:
        met = int((rows & (space.item_of_row >= 0)).sum())
        st.caption(
            f"Counts and texts are of the {counted(met, 'row')} that meet the filter. The groups themselves are those "
            "of all rows, and an edit is about whole groups."
        )


def tab() -> str:
    """Whether the groups or the report is shown, kept in the address as `tab`."""
    if st.query_params.get("tab") not in (None, REPORT):
        st.query_params.pop("tab", None)
    return st.segmented_control(
        "Show", [GROUPS, REPORT], default=GROUPS, required=True, key="tab", bind="query-params",
        label_visibility="collapsed",
    ) or GROUPS  # fmt: skip


# ---- the groups ------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Portraits:
    """What is shown of each group: rows counted, its part of them, counts over time, mean, texts.

    rows : (groups,) int64. time : (groups, periods) or None. means : (groups,) or None.
    outside : (m,) how many of an item's nearest neighbors are in other groups.
    """

    rows: np.ndarray
    total: int
    time: np.ndarray | None
    means: np.ndarray | None
    outside: np.ndarray
    lit: np.ndarray | None


def group_list(entry: Entry, space: Space, groups: Shown) -> None:
    """Every group, the largest first: how large, what it says, and what can be done with it."""
    if not len(groups):
        st.info(
            "Every item was left over: no group is dense enough. Lower the smallest group under Advanced, or choose "
            "another method there.", icon=":material/scatter_plot:",
        )  # fmt: skip
        return
    number = entry.roles.number if entry.roles.number != entry.roles.label else None  # a label's mean says nothing
    found = _portraits(
        groups.key, filtering.conditions(), entry.roles.date, number, _space=space, _clusters=groups.clusters
    )
    order = np.argsort(-found.rows, kind="stable")
    listed = order[found.rows[order] > 0]
    if len(listed) < len(groups):
        st.caption(f"{counted(len(groups) - len(listed), 'group')} hold no row that meets the filter.")
    pages = max(math.ceil(len(listed) / PAGE), 1)
    page_key = f"clusters-page-{space.key('clusters')}"
    page = min(max(int(st.session_state.get(page_key, 1)), 1), pages)
    merge_bar(entry, space, groups, listed)
    colors = map_content.color_clusters(groups.clusters)
    for group in listed[(page - 1) * PAGE : page * PAGE].tolist():
        _card(entry, space, groups, group, found, map_content.group_color(colors, group))
    if pages > 1:
        st.session_state[page_key] = page
        st.pagination(pages, key=page_key)


def _card(entry: Entry, space: Space, groups: Shown, group: int, found: Portraits, color: str) -> None:
    clusters = groups.clusters
    with st.container(border=True, key=f"card-{group}", gap="small"):
        head, actions = st.columns([5, 4], vertical_alignment="center")
        with head, st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.html(_dot(color), width="content")
            name_box(entry, space, groups, group)
        with actions:
            edit_buttons(entry, space, groups, group)
        share = found.rows[group] / max(found.total, 1)
        facts = [f"**{counted(int(found.rows[group]), 'row')}** · {share:.1%}"]
        if found.means is not None and entry.roles.number:
            mean = found.means[group]
            value = "none" if math.isnan(mean) else written(float(mean))
            facts.append(f"mean {literal(entry.roles.number)} **{value}**")
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.markdown(" &nbsp;·&nbsp; ".join(facts), width="content")
            if found.time is not None and entry.roles.date:
                st.html(_spark(found.time[group], color, entry.roles.date), width="content")
        typical, edge = _texts(
            groups.key, filtering.conditions(), group, _space=space, _clusters=clusters, _found=found
        )
        if not typical:  # its items have no text to quote
            _pictures(entry, space, clusters, group, found)
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


@st.cache_resource(show_spinner=False, max_entries=32)
def _portraits(
    key: str, conditions: tuple, date: str | None, number: str | None, _space: Space, _clusters: Clusters
) -> Portraits:
    rows, lit = filtering.rows(_space), filtering.items(_space)
    group = portraits.clusters_of_rows(_space, _clusters)
    counted_rows = _space.item_of_row >= 0 if rows is None else rows & (_space.item_of_row >= 0)
    held = group[counted_rows]
    return Portraits(
        np.bincount(held[held >= 0], minlength=len(_clusters)),
        int(counted_rows.sum()),
        portraits.over_time(_space, _clusters, date, rows) if date else None,
        portraits.means(_space, _clusters, number, rows) if number else None,
        portraits.foreign(_space, _clusters),
        lit,
    )


@st.cache_data(show_spinner=False, max_entries=512)
def _texts(
    key: str, conditions: tuple, group: int, _space: Space, _clusters: Clusters, _found: Portraits
) -> tuple[tuple[portraits.Quote, ...], list[tuple[portraits.Quote, int]]]:
    typical = portraits.apart(_space, portraits.typical(_space, _clusters, group, _found.lit), TYPICAL)
    edge = portraits.edge(_space, _clusters, group, _found.outside, _found.lit)
    edge = portraits.apart(_space, edge[~np.isin(edge, typical)], EDGE)
    quoted = portraits.quoted(_space, edge)
    return portraits.quoted(_space, typical), list(zip(quoted, _found.outside[edge].tolist(), strict=False))


def _pictures(entry: Entry, space: Space, clusters: Clusters, group: int, found: Portraits) -> None:
    """The most typical items and those at the edge, as pictures where there are some, else by what they are."""
    typical = portraits.typical(space, clusters, group, found.lit)[: 2 * TYPICAL]
    edge = portraits.edge(space, clusters, group, found.outside, found.lit)
    edge = edge[~np.isin(edge, typical)][: 2 * EDGE]
    left, right = st.columns([TYPICAL, EDGE], gap="medium")
    for place, items, title in ((left, typical, "Typical"), (right, edge, "At the edge")):
        with place:
            st.caption(title, help=_EDGE_HELP if items is edge else None)
            images = [map_content.picture_of(space, entry.roles, int(space.items.first_rows[item])) for item in items]
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

"""The parts of the page of clusters: how many, how well they agree with a label, each group with what can be said
of it, and the themes report."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from html import escape

import numpy as np
import streamlit as st

from explorer.analysis import grouping, portraits
from explorer.analysis.clusters import CLUSTERINGS, Clusters
from explorer.app import filtering, project, session
from explorer.app.agreement_panel import agreement_with, explain, label_column
from explorer.app.groups import Shown
from explorer.app.shell import counted, literal
from explorer.data.annotations import MOST_VALUE, Operation
from explorer.data.workspaces import Entry, keep_selection
from explorer.recipe import Clustering
from explorer.space import Space
from explorer.views import map_content
from explorer.views.themes import number as written

PAGE = 30  # groups on one page of the list
TYPICAL, EDGE = 3, 2  # texts shown of each group
GROUPS, REPORT = "Groups", "Themes report"
_RENAMING = "clusters-renaming"  # session key: which group's name is being typed
_DONE = "clusters-done"  # session key: what was just done, said once with a way back
_SAID = {"rename": "Renamed.", "merge": "Merged.", "split": "Split."}


def level_slider(entry: Entry, space: Space) -> None:
    """Fewer groups or more, kept in the address as `level`; the number that the clustering found by default."""
    tree = project.levels_of(space)
    if tree.leaves < 2:
        return
    key = f"level-{entry.recipe.clusters_key}"
    st.session_state[key] = min(project.chosen_level() or tree.given, tree.leaves)

    def moved() -> None:
        st.session_state.pop(_RENAMING, None)
        st.query_params.pop("level", None)
        if st.session_state[key] != tree.given:
            st.query_params["level"] = str(st.session_state[key])

    st.slider(
        "Fewer groups … more groups", 1, tree.leaves, key=key, on_change=moved,
        help=f"The clustering found {counted(tree.given, 'group')}. To the left, the groups whose means are most alike "
        "become one; to the right, groups come apart into smaller ones. Each smaller group lies within one larger.",
    )  # fmt: skip


def advanced(entry: Entry) -> None:
    """How the groups are made."""
    with st.popover("Advanced", icon=":material/tune:", width="stretch"):
        chosen = grouping_settings(entry.recipe.clustering, "clusters")
        if st.button("Apply", type="primary", key="apply-grouping", disabled=chosen == entry.recipe.clustering):
            session.set_recipe(entry, replace(entry.recipe, clustering=chosen))
            st.rerun()


def grouping_settings(now: Clustering, key: str) -> Clustering:
    """Method and settings of the clustering: those that the method reads. key : the place's own."""
    methods = list(CLUSTERINGS)
    method = st.selectbox(
        "Method", methods, methods.index(now.method), key=f"{key}-method", format_func=lambda m: CLUSTERINGS[m].title
    )
    chosen = replace(now, method=method)
    if method == "leiden":
        resolution = st.slider(
            "Resolution", 0.2, 4.0, min(max(now.resolution, 0.2), 4.0), 0.05, key=f"{key}-resolution",
            help="How densely a group's items must be linked to stay together: higher gives more, smaller groups.",
        )  # fmt: skip
        chosen = replace(chosen, resolution=resolution)
    elif method == "kmeans":
        wanted = st.slider("Number of groups", 2, 60, min(max(now.n_clusters, 2), 60), key=f"{key}-count")
        chosen = replace(chosen, n_clusters=wanted)
    elif method == "hdbscan":
        smallest = st.slider(
            "Smallest group, items", 2, 100, min(max(now.min_size, 2), 100), key=f"{key}-smallest",
            help="Items in no group of this size are left over.",
        )  # fmt: skip
        chosen = replace(chosen, min_size=smallest)
    if method != "hdbscan":
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, now.seed, key=f"{key}-seed", help="The same seed, the same groups."
        )
        chosen = replace(chosen, seed=int(seed))
    return chosen


def summary(entry: Entry, space: Space, groups: Shown) -> None:
    """How many groups, how many items in none, and how far they agree with a label."""
    _just_done(entry)
    left_over = int((groups.clusters.labels < 0).sum())
    over = f"{counted(left_over, 'item')} left over" if left_over else "none left over"
    line = f"**{counted(len(groups), 'group')}**, {over}"
    column = label_column(entry, space)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="clusters-summary"):
        if column is None:
            st.markdown(line, width="content")
        else:
            found = agreement_with(space, groups, column)
            said = "cannot be compared with" if math.isnan(found.ami) else "agrees with"
            score = "" if math.isnan(found.ami) else f": AMI **{found.ami:.2f}**"
            st.markdown(f"{line} &nbsp;·&nbsp; {said} “{literal(column)}”{score}", width="content")
            with st.popover("What this means", type="tertiary"):
                explain(space, groups, found, column)
    _waiting_note(entry, space, groups)


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
    told = _portraits(
        groups.key, filtering.conditions(), entry.roles.date, number, _space=space, _clusters=groups.clusters
    )
    order = np.argsort(-told.rows, kind="stable")
    listed = order[told.rows[order] > 0]
    if len(listed) < len(groups):
        st.caption(f"{counted(len(groups) - len(listed), 'group')} hold no row that meets the filter.")
    pages = max(math.ceil(len(listed) / PAGE), 1)
    page_key = f"clusters-page-{entry.recipe.clusters_key}"
    page = min(max(int(st.session_state.get(page_key, 1)), 1), pages)
    _merge_bar(entry, space, groups, listed)
    colors = map_content.color_clusters(groups.clusters)
    for group in listed[(page - 1) * PAGE : page * PAGE].tolist():
        _card(entry, space, groups, group, told, map_content.group_color(colors, group))
    if pages > 1:
        st.session_state[page_key] = page
        st.pagination(pages, key=page_key)


def _card(entry: Entry, space: Space, groups: Shown, group: int, told: Portraits, color: str) -> None:
    clusters = groups.clusters
    with st.container(border=True, key=f"card-{group}", gap="small"):
        head, actions = st.columns([5, 4], vertical_alignment="center")
        with head, st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.html(_dot(color), width="content")
            _name(entry, space, groups, group)
        with actions:
            _actions(entry, space, groups, group)
        share = told.rows[group] / max(told.total, 1)
        facts = [f"**{counted(int(told.rows[group]), 'row')}** · {share:.1%}"]
        if told.means is not None and entry.roles.number:
            mean = told.means[group]
            said = "none" if math.isnan(mean) else written(float(mean))
            facts.append(f"mean {literal(entry.roles.number)} **{said}**")
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            st.markdown(" &nbsp;·&nbsp; ".join(facts), width="content")
            if told.time is not None and entry.roles.date:
                st.html(_spark(told.time[group], color, entry.roles.date), width="content")
        if not space.has_text:
            _pictures(entry, space, clusters, group, told)
            return
        typical, edge = _texts(groups.key, filtering.conditions(), group, _space=space, _clusters=clusters, _told=told)
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


def _name(entry: Entry, space: Space, groups: Shown, group: int) -> None:
    name = groups.clusters.names[group]
    if st.session_state.get(_RENAMING) != (groups.key, group):
        st.markdown(f"**{literal(name)}**")
        return
    key = f"new-name-{group}"

    def renamed() -> None:
        typed = " ".join(st.session_state[key].split())
        st.session_state.pop(_RENAMING, None)
        if typed and typed != name:
            _say(entry, space, groups, "rename", [group], typed)

    st.text_input(
        "New name", value=name, key=key, max_chars=MOST_VALUE, on_change=renamed, label_visibility="collapsed",
        help="Enter keeps it.",
    )  # fmt: skip


def _actions(entry: Entry, space: Space, groups: Shown, group: int) -> None:
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"):
        if st.session_state.get(_RENAMING) == (groups.key, group):
            st.button("Cancel", key=f"cancel-{group}", type="tertiary", on_click=_rename, args=(None,))
        else:
            st.button(
                "Rename", key=f"rename-{group}", type="tertiary", icon=":material/edit:", on_click=_rename,
                args=((groups.key, group),),
            )  # fmt: skip
        size = int(groups.clusters.sizes[group])
        if size > 1:
            with st.popover("Split", type="tertiary", icon=":material/call_split:"):
                st.caption("Into so many groups, by k-means on this group's own items:")
                with st.container(horizontal=True):
                    for parts in range(2, min(grouping.MOST_PARTS, size) + 1):
                        st.button(
                            f"{parts}", key=f"split-{group}-{parts}", on_click=_say,
                            args=(entry, space, groups, "split", [group], str(parts)),
                        )  # fmt: skip
        if st.button("On map", key=f"map-{group}", type="tertiary", icon=":material/scatter_plot:"):
            rows = np.flatnonzero(portraits.groups_of_rows(space, groups.clusters) == group)
            digest = keep_selection(session.store(), rows)
            st.switch_page(
                "pages/map.py",
                query_params={**dict(st.query_params), "sel": digest, "why": groups.clusters.names[group]},
            )
        if len(groups) > 1:
            st.checkbox("Merge", key=_check_key(groups, group))


def _merge_bar(entry: Entry, space: Space, groups: Shown, listed: np.ndarray) -> None:
    ticked = [group for group in listed.tolist() if st.session_state.get(_check_key(groups, group))]
    if not ticked:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        names = ", ".join(f"“{literal(groups.clusters.names[group])}”" for group in ticked[:4])
        more = f" and {len(ticked) - 4} more" if len(ticked) > 4 else ""
        st.markdown(f"{counted(len(ticked), 'group')} ticked: {names}{more}", width="stretch")
        if len(ticked) < 2:
            st.caption("Tick one more to merge.", width="content")
        st.button(
            "Merge selected", key="merge-selected", type="primary", icon=":material/call_merge:",
            disabled=len(ticked) < 2, on_click=_say, args=(entry, space, groups, "merge", ticked, ""),
            help="They become one group with the name of the largest.",
        )  # fmt: skip


def _check_key(groups: Shown, group: int) -> str:
    return f"tick-{groups.key}-{group}"


def _rename(which: tuple[str, int] | None) -> None:
    st.session_state[_RENAMING] = which


def _say(entry: Entry, space: Space, groups: Shown, kind: str, which: list[int], value: str) -> None:
    keys = project.keys_of(space, entry)
    operation = grouping.operation_on(kind, groups.clusters, which, keys, space.item_of_row, value)
    project.say(entry, operation)
    st.session_state[_DONE] = _said(operation)


def _said(operation: Operation) -> str:
    return _SAID[operation.kind]


def _just_done(entry: Entry) -> None:
    """What was just done, once, with a way back."""
    done = st.session_state.pop(_DONE, None)
    if done is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/check: {done}", width="content")
        st.button("Undo", key="undo-here", type="tertiary", icon=":material/undo:", on_click=_undo, args=(entry,))


def _undo(entry: Entry) -> None:
    project.project_of(entry).undo()


def _waiting_note(entry: Entry, space: Space, groups: Shown) -> None:
    edits = project.project_of(entry).group_edits()
    if not edits:
        return
    lost = _waiting(groups.key, _space=space, _entry=entry, _edits=edits)
    if lost:
        st.caption(
            f"{counted(lost, 'edit')} of yours {'waits' if lost == 1 else 'wait'}: what "
            f"{'it was' if lost == 1 else 'they were'} said of is not a group at this level and with these settings. "
            "With the group, the edit comes back."
        )


@st.cache_data(show_spinner=False, max_entries=64)
def _waiting(key: str, _space: Space, _entry: Entry, _edits: list[Operation]) -> int:
    clusters = _space.clusters
    level = project.chosen_level()
    if level is not None:
        clusters = Clusters(project.levels_of(_space).cut(level), ())
        clusters = Clusters(clusters.labels, ("",) * (int(clusters.labels.max(initial=-1)) + 1))
    keys = project.keys_of(_space, _entry)
    return len(grouping.waiting(clusters, _edits, keys, _space.item_of_row, _space.unit))


@st.cache_resource(show_spinner=False, max_entries=32)
def _portraits(
    key: str, conditions: tuple, date: str | None, number: str | None, _space: Space, _clusters: Clusters
) -> Portraits:
    rows, lit = filtering.rows(_space), filtering.items(_space)
    group = portraits.groups_of_rows(_space, _clusters)
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
    key: str, conditions: tuple, group: int, _space: Space, _clusters: Clusters, _told: Portraits
) -> tuple[tuple[portraits.Quote, ...], list[tuple[portraits.Quote, int]]]:
    typical = portraits.apart(_space, portraits.typical(_space, _clusters, group, _told.lit), TYPICAL)
    edge = portraits.edge(_space, _clusters, group, _told.outside, _told.lit)
    edge = portraits.apart(_space, edge[~np.isin(edge, typical)], EDGE)
    quoted = portraits.quoted(_space, edge)
    return portraits.quoted(_space, typical), list(zip(quoted, _told.outside[edge].tolist(), strict=True))


def _pictures(entry: Entry, space: Space, clusters: Clusters, group: int, told: Portraits) -> None:
    """The most typical items and those at the edge, as pictures where there are some, else by what they are."""
    typical = portraits.typical(space, clusters, group, told.lit)[: 2 * TYPICAL]
    edge = portraits.edge(space, clusters, group, told.outside, told.lit)
    edge = edge[~np.isin(edge, typical)][: 2 * EDGE]
    left, right = st.columns([TYPICAL, EDGE], gap="medium")
    for place, items, said in ((left, typical, "Typical"), (right, edge, "At the edge")):
        with place:
            st.caption(said, help=_EDGE_HELP if items is edge else None)
            images = [map_content.picture_of(space, entry.roles, int(space.items.first_rows[item])) for item in items]
            drawn = [image for image in images if image]
            if drawn:
                with st.container(horizontal=True, gap="small"):
                    for image in drawn:
                        st.image(image, width=44)
            else:
                st.text(" · ".join(map_content.shorten(text, 40) for text in space.texts(items)))


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
    said = escape(f"Rows over {column}, from the first date to the last: {', '.join(map(str, counts.tolist()))}", True)
    return (
        f'<span role="img" aria-label="{said}" title="{said}" style="display:inline-block;height:24px;'
        f'white-space:nowrap;line-height:1;vertical-align:bottom">{bars}</span>'
    )

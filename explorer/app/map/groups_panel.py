"""The groups beside the map, with what else there is to see: tags, and possible outliers."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.analysis.findings import typical_first
from explorer.app.cache import cached
from explorer.app.group_notes import group_notes
from explorer.app.groups import Groups
from explorer.app.map_colors import group_colors
from explorer.app.selecting import SHOW, select_rows
from explorer.app.theme import theme
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.geometry.clusters import UNGROUPED, Clusters
from explorer.library.annotations import rows_of
from explorer.media.medium import Shown
from explorer.space import Space
from explorer.views import map_content
from explorer.views.coloring import Coloring
from explorer.wording import counted, shorten

_LINES = 27  # that fit beside the map


def groups_panel(visit: Visit, colored: bool) -> None:
    """Groups, tags and possible outliers, each with the number of its rows that meet the filter; a click selects them.

    colored : whether the map shows the groups by their colors; the list then says which is whose
    """
    _groups(visit, colored)
    _tags(visit)
    _outliers(visit)


def _groups(visit: Visit, colored: bool) -> None:
    view, clusters = visit.view, visit.groups.clusters
    rows = np.bincount(view.cluster_of_row[view.counted] + 1, minlength=len(clusters) + 1)
    in_none, sizes = int(rows[0]), rows[1:]
    present = np.flatnonzero(sizes)
    typical = typical_of(visit.space, visit.groups)
    reads = any(shown.text for shown in typical)
    st.markdown("#### Groups")
    st.caption(_explanation(visit, len(present), colored, reads))
    group_notes(visit)
    if colored:
        st.html(_dots(group_colors(visit.groups), len(clusters)))
    every = max(int(rows.sum()), 1)
    scrolls = len(present) * (3 if reads else 1) > _LINES
    with st.container(height=470 if scrolls else "content", border=False, gap=None, key="groups"):
        for group in present.tolist():
            _group_button(visit, group, clusters.names[group], int(sizes[group]), every, typical[group].text)
        if in_none:
            _group_button(visit, UNGROUPED, "in no group", in_none, every, "")
    if visit.rows is not None and (absent := len(clusters) - len(present)):
        st.caption(f"{counted(absent, 'group')} without a row that meets the filter {'is' if absent == 1 else 'are'} "
                   "left out.")  # fmt: skip


def _explanation(visit: Visit, present: int, colored: bool, reads: bool) -> str:
    """How many rows there are in how many groups, and what the list shows of each."""
    space, clusters = visit.space, visit.groups.clusters
    amount = visit.view.amount_of_rows(np.arange(space.table.num_rows))
    groups = counted(len(clusters), "group")
    if visit.rows is None:
        count = f"{amount} in {groups}"
    else:
        count = (
            f"{amount.rows:,} of {counted(visit.entry.rows, 'row')}{amount.distinct_ones} meet the filter, in "
            f"{present:,} of {groups}"
        )
    shown = "Each has its most typical text" if reads else "Each is named after most of it"
    color = " and share a color" if colored else ""
    return f"{count}. Rows of a group have similar meaning{color}. {shown}; click a group to select its rows."


def _group_button(visit: Visit, group: int, name: str, size: int, every: int, text: str) -> None:
    label = f"**{literal(name)}** &nbsp; :gray[{size:,} · {100 * size / every:.0f} %]"
    if text:
        label += f"  \n:small[:gray[{literal(shorten(text, 110))}]]"
    st.button(
        label,
        key=f"group-{'none' if group == UNGROUPED else group}",
        type="tertiary",
        width="stretch",
        on_click=select_group,
        args=(visit, group, name),
    )


def select_group(visit: Visit, group: int, name: str) -> None:
    """Select the rows of a group that meet the filter."""
    select_rows(visit.view.rows_in(group), name)


def _tags(visit: Visit) -> None:
    tags = {tag: _met(visit, rows_of(visit.keys, keys)) for tag, keys in sorted(visit.project.tags().items())}
    if not tags:
        return
    st.markdown("#### Tags")
    with st.container(horizontal=True):
        for number, (tag, rows) in enumerate(tags.items()):
            st.button(
                f"{literal(tag)} &nbsp; :gray[{len(rows):,}]", key=f"show-tag-{number}", disabled=not len(rows),
                on_click=select_rows, args=(rows, tag),
            )  # fmt: skip


def _outliers(visit: Visit) -> None:
    st.markdown("#### Possible outliers")
    rows = _met(visit, visit.space.items.rows_of(np.flatnonzero(visit.space.strange)))
    if not len(rows):
        st.caption("None." if visit.rows is None else "None that meets the filter.")
        return
    amount = visit.view.amount_of_rows(rows)
    st.button(
        amount.of("possible outlier"),
        key="strange",
        icon=":material/explore_off:",
        on_click=select_rows,
        args=(rows, SHOW["strange"]),
        help="Rows that are far from their 10 nearest neighbors. They are candidates, not proof: the page Outliers "
        "says why each one was found.",
    )


def _met(visit: Visit, rows: np.ndarray) -> np.ndarray:
    """Those of some rows that have content and meet the filter."""
    return rows[visit.view.counted[rows]]


def _dots(colors: Coloring, count: int) -> str:
    """A style that puts each group's color before its name in the list of groups: the list is the map's legend."""
    painted = [(str(group), map_content.group_color(colors, group)) for group in range(count)]
    painted.append(("none", theme().missing))
    return f"""
<style>
.st-key-groups [class*="st-key-group-"] button {{ position: relative; padding-left: 1.5rem; }}
.st-key-groups [class*="st-key-group-"] button::before {{ content: ""; position: absolute; left: .45rem; top: .57rem;
  width: 10px; height: 10px; border-radius: 50%; background: var(--dot); }}
{" ".join(f".st-key-group-{name} {{ --dot: {color}; }}" for name, color in painted)}
</style>
"""


def typical_of(space: Space, groups: Groups) -> list[Shown]:
    """The item nearest to the middle of each group, looked for once: it goes through all vectors."""
    return _typical(groups.key, _space=space, _groups=groups.clusters)


@cached()
def _typical(key: str, _space: Space, _groups: Clusters) -> list[Shown]:
    middles = [typical_first(_space, np.flatnonzero(_groups.labels == group))[0] for group in range(len(_groups))]
    return _space.shown(np.array(middles, np.int64))

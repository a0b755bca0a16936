"""The page of groups: how many there are, what each is about beside where it lies, and a report to hand on."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
import streamlit as st

from explorer.analysis.filters import Condition
from explorer.answers.clusters import Ask, Found
from explorer.answers.registry import ask
from explorer.answers.view import View
from explorer.app import downloads
from explorer.app.address import bound, one_of
from explorer.app.cache import cached
from explorer.app.clusters import grouping_panel
from explorer.app.clusters.agreement_panel import explain, groups_by_label, label_column
from explorer.app.clusters.group_edits import just_done, waiting_note
from explorer.app.clusters.group_lines import group_lines, open_clicked, opened_group
from explorer.app.clusters.themes_panel import report
from explorer.app.map_component import Highlight
from explorer.app.small_map import small_map
from explorer.app.visit import Visit, part
from explorer.app.wording import literal
from explorer.geometry.clusters import UNGROUPED
from explorer.wording import counted

GROUPS, REPORT, LABELS = "Groups", "Themes report", "Groups by label"
_MAP_HEIGHT = 560  # pixels: with the controls above, all of it is seen on a screen of 900
_STYLE = """
<style>
.st-key-clusters-summary { gap: .2rem 1rem; }
[data-testid="stLayoutWrapper"]:has(> .st-key-clusters-side) { position: sticky; top: .6rem; }
[class*="st-key-clusters-map-"] { min-height: 560px; }  /* its place, before its scripts have come */
@media (max-width: 640px) {
  [class*="st-key-clusters-map-"] { min-height: 0; }
  .st-key-clusters-controls [data-testid="stHorizontalBlock"] { gap: 0 .5rem; }
}
</style>
"""


def draw(visit: Visit) -> None:
    """How many groups, then each of them, or the themes report."""
    st.html(_STYLE)
    with st.container(key="clusters-controls"):
        level, settings = st.columns([6, 2], gap="medium", vertical_alignment="bottom")
    with level:
        grouping_panel.level_slider(visit.space)
    with settings, st.container(horizontal=True, horizontal_alignment="right"):
        downloads.all_rows(visit)
        grouping_panel.advanced(visit.entry)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="clusters-summary"):
        found = found_groups(visit)
        shown = tab(found)
        summary(visit, found)
        just_done(visit)
    notes(visit)
    if shown == REPORT:
        report(visit)
    elif shown == LABELS and found.agreement is not None and found.label is not None:
        groups_by_label(visit, found.agreement, found.label)
    else:
        list_and_map(visit)


def tab(found: Found) -> str:
    """Whether the groups, the report or the groups by label are shown, kept in the address as `tab`."""
    tabs = [GROUPS, REPORT, *([LABELS] if found.agreement is not None else [])]
    return bound(
        st.segmented_control, "Show", "tab", usual=GROUPS, read=one_of(tabs), options=tabs, required=True,
        label_visibility="collapsed", width="content",
    )  # fmt: skip


def summary(visit: Visit, found: Found) -> None:
    """How many groups, how many rows in none, and how far they agree with a label."""
    rest = visit.view.amount_of_rows(visit.view.rows_in(UNGROUPED))
    line = f"**{counted(len(found.clusters), 'group')}** · "
    line += f"{literal(str(rest))} in no group" if rest.rows else "every row is in a group"
    if found.label is None or found.agreement is None:
        st.markdown(line, width="content")
        return
    ami = found.agreement.ami
    verdict = "cannot be compared with" if math.isnan(ami) else "agrees with"
    score = "" if math.isnan(ami) else f": AMI **{ami:.2f}**"
    st.markdown(f"{line} · {verdict} “{literal(found.label)}”{score}", width="content")
    with st.popover("What this means", type="tertiary"):
        explain(visit, found.agreement, found.label)


def notes(visit: Visit) -> None:
    """What to know before groups are read, which edits wait, and that counts are of the rows that meet the filter."""
    for note in found_groups(visit).notes:
        st.info(literal(note), icon=":material/info:")
    waiting_note(visit)
    if visit.rows is not None:
        st.caption(
            f"Counts and texts are of the {counted(found_groups(visit).counted, 'row')} that meet the filter. The "
            "groups themselves are those of all rows, and an edit is about whole groups."
        )


@part
def list_and_map(visit: Visit) -> None:
    """The groups and where they lie: a click on either opens a group, and nothing else on the page is drawn again."""
    found, opened = found_groups(visit), opened_group(visit)
    lines, beside = st.columns([7, 5], gap="medium")
    with lines:
        group_lines(visit, found, opened)
    with beside, st.container(key="clusters-side"):
        small_map(
            visit, "clusters-map", _members(visit, opened), _MAP_HEIGHT, lit=visit.items, legend=False,
            on_click=partial(open_clicked, visit, found),
        )  # fmt: skip


def _members(visit: Visit, group: int | None) -> Highlight | None:
    """The points of the open group that meet the filter."""
    if group is None:
        return None
    members = visit.groups.clusters.labels == group
    return Highlight(np.flatnonzero(members if visit.items is None else members & visit.items).astype(np.int32))


def found_groups(visit: Visit) -> Found:
    """The groups at the level and under the filter that the address names."""
    column = label_column(visit)
    return _found(visit.groups.key, visit.conditions, column, visit.entry.roles.label, _view=visit.view)


@cached()
def _found(key: str, conditions: tuple[Condition, ...], against: str | None, label: str | None, _view: View) -> Found:
    return ask("clusters", _view, Ask(against=against), mend=False)

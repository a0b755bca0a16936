"""What people do to groups: rename, merge, split, and take it back."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.analysis import portraits
from explorer.app import project, session
from explorer.app.cache import cached
from explorer.app.groups import Groups
from explorer.app.links import go_to
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.geometry.clusters import Clusters
from explorer.library import grouping
from explorer.library.annotations import MOST_VALUE, Operation, Project
from explorer.library.workspaces import keep_selection
from explorer.space import Space
from explorer.wording import counted

_RENAMING = "clusters-renaming"  # session key: which group's name is being typed
_DONE = "clusters-done"  # session key: what was just done, shown once with a way back
_DONE_WORDS = {"rename": "Renamed.", "merge": "Merged.", "split": "Split."}


def name_box(visit: Visit, group: int) -> None:
    """A group's name, or the box where a new one is typed."""
    groups = visit.groups
    name = groups.clusters.names[group]
    if st.session_state.get(_RENAMING) != (groups.key, group):
        st.markdown(f"**{literal(name)}**")
        return
    key = f"new-name-{group}"

    def renamed() -> None:
        typed = " ".join(st.session_state[key].split())
        leave_renaming()
        if typed and typed != name:
            _edit(visit, "rename", [group], typed)

    st.text_input(
        "New name", value=name, key=key, max_chars=MOST_VALUE, on_change=renamed, label_visibility="collapsed",
        help="Enter keeps it.",
    )  # fmt: skip


def edit_buttons(visit: Visit, group: int) -> None:
    """What can be done with a group: rename, split, see on the map, tick to merge."""
    groups = visit.groups
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
                            f"{parts}", key=f"split-{group}-{parts}", on_click=_edit,
                            args=(visit, "split", [group], str(parts)),
                        )  # fmt: skip
        if st.button("On map", key=f"map-{group}", type="tertiary", icon=":material/scatter_plot:"):
            rows = np.flatnonzero(portraits.clusters_of_rows(visit.space, groups.clusters) == group)
            digest = keep_selection(session.store(), rows)
            go_to("map", sel=digest, why=groups.clusters.names[group])
        if len(groups) > 1:
            st.checkbox("Merge", key=_check_key(groups, group))


def merge_bar(visit: Visit, listed: np.ndarray) -> None:
    """The groups that are ticked, and the button that makes one of them."""
    groups = visit.groups
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
            disabled=len(ticked) < 2, on_click=_edit, args=(visit, "merge", ticked, ""),
            help="They become one group with the name of the largest.",
        )  # fmt: skip


def _check_key(groups: Groups, group: int) -> str:
    return f"tick-{groups.key}-{group}"


def leave_renaming() -> None:
    """Stop typing a name, where one was being typed."""
    st.session_state.pop(_RENAMING, None)


def _rename(which: tuple[str, int] | None) -> None:
    st.session_state[_RENAMING] = which


def _edit(visit: Visit, kind: str, which: list[int], value: str) -> None:
    """Keep an edit of groups. A callback: the whole page is drawn again, since all of it follows from the groups."""
    clusters, space = visit.groups.clusters, visit.space
    operation = grouping.operation_on(kind, clusters, which, visit.keys, space.labels_of_rows, value)
    project.say(visit.entry, operation)
    st.session_state[_DONE] = _DONE_WORDS[operation.kind]
    st.rerun()


def just_done(visit: Visit) -> None:
    """What was just done, once, with a way back."""
    done = st.session_state.pop(_DONE, None)
    if done is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/check: {done}", width="content")
        st.button(
            "Undo", key="undo-here", type="tertiary", icon=":material/undo:", on_click=_undo, args=(visit.project,)
        )


def _undo(project: Project) -> None:
    project.undo()


def waiting_note(visit: Visit) -> None:
    """How many edits find no group to apply to, where there are such."""
    edits = visit.project.group_edits()
    if not edits:
        return
    lost = _waiting(visit.groups.key, project.chosen_level(), _space=visit.space, _keys=visit.keys, _edits=edits)
    if lost:
        st.caption(
            f"{counted(lost, 'edit')} of yours {'waits' if lost == 1 else 'wait'}: "
            f"{'its group is' if lost == 1 else 'their groups are'} not there at this level and with these settings. "
            "With the group, the edit comes back."
        )


@cached()
def _waiting(key: str, level: int | None, _space: Space, _keys: np.ndarray, _edits: list[Operation]) -> int:
    clusters = _space.clusters
    if level is not None:
        labels = project.levels_of(_space).cut(level)
        clusters = Clusters(labels, ("",) * (int(labels.max(initial=-1)) + 1))
    return len(grouping.waiting(clusters, _edits, _keys, _space.labels_of_rows, _space.unit))

"""What people do to groups: rename, merge, split, and undo it."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.app import downloads, project, session
from explorer.app.cache import cached
from explorer.app.links import go_to
from explorer.app.visit import Visit
from explorer.geometry.clusters import Clusters
from explorer.library import grouping
from explorer.library.annotations import MOST_VALUE, Operation
from explorer.library.on_screen import waiting_here
from explorer.library.workspaces import keep_selection
from explorer.space import Space
from explorer.wording import counted

_RENAMING = "clusters-renaming"  # session key: which group's name is being typed
_DONE = "clusters-done"  # session key: what was just done, shown once with a way back
_DONE_WORDS = {"rename": "Renamed.", "merge": "Merged.", "split": "Split."}


def edit_buttons(visit: Visit, group: int) -> None:
    """What can be done with a group: rename, split, merge, see on the map."""
    groups = visit.groups
    if st.session_state.get(_RENAMING) == (groups.key, group):
        _name_box(visit, group)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key="open-actions"):
        st.button(
            "Rename", key=f"rename-{group}", type="tertiary", icon=":material/edit:", on_click=_rename,
            args=((groups.key, group),),
        )  # fmt: skip
        if int(groups.clusters.sizes[group]) > 1:
            _split(visit, group)
        if len(groups) > 1:
            _merge(visit, group)
        on_map(visit, group, groups.clusters.names[group])
        downloads.download_rows(visit, visit.view.rows_in(group), key="download-group", name="group")


def _name_box(visit: Visit, group: int) -> None:
    """Where a new name is typed, in place of the buttons."""
    name, key = visit.groups.clusters.names[group], f"new-name-{group}"

    def renamed() -> None:
        typed = " ".join(st.session_state[key].split())
        leave_renaming()
        if typed and typed != name:
            _edit(visit, "rename", [group], typed)

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            "New name", value=name, key=key, max_chars=MOST_VALUE, on_change=renamed, label_visibility="collapsed",
            help="Enter keeps it.",
        )  # fmt: skip
        st.button("Cancel", key=f"cancel-{group}", type="tertiary", on_click=leave_renaming)


def _split(visit: Visit, group: int) -> None:
    size = int(visit.groups.clusters.sizes[group])
    with st.popover("Split", type="tertiary", icon=":material/call_split:", width="content"):
        st.caption("Into how many groups? By k-means on this group's own rows.")
        with st.container(horizontal=True):
            for parts in range(2, min(grouping.MOST_PARTS, size) + 1):
                st.button(
                    f"{parts}", key=f"split-{group}-{parts}", on_click=_edit,
                    args=(visit, "split", [group], str(parts)),
                )  # fmt: skip


def _merge(visit: Visit, group: int) -> None:
    groups = visit.groups
    names = groups.clusters.names
    with st.popover("Merge", type="tertiary", icon=":material/call_merge:", width="content"):
        others = st.multiselect(
            "With which groups?", [other for other in range(len(groups)) if other != group],
            key=f"merge-with-{groups.key}-{group}", format_func=lambda other: names[other],
            placeholder="Choose one or more",
        )  # fmt: skip
        st.button(
            "Merge", key=f"merge-{group}", type="primary", disabled=not others, on_click=_edit,
            args=(visit, "merge", [group, *others], ""), help="They become one group with the name of the largest.",
        )  # fmt: skip


def on_map(visit: Visit, group: int, name: str) -> None:
    """The way to a group's rows on the map."""
    if st.button("On map", key=f"map-{group}", type="tertiary", icon=":material/scatter_plot:"):
        go_to("map", sel=keep_selection(session.store(), visit.view.rows_in(group)), why=name)


def leave_renaming() -> None:
    """Stop typing a name, where one was being typed."""
    st.session_state.pop(_RENAMING, None)


def _rename(which: tuple[str, int]) -> None:
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
    with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
        st.markdown(f":material/check: {done}", width="content")
        st.button(
            "Undo",
            key="undo-here",
            type="tertiary",
            icon=":material/undo:",
            on_click=project.undo,
            args=(visit.project,),
        )


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
    return len(waiting_here(_space, clusters, _edits, _keys, level))

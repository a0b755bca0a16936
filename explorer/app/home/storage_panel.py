"""What this workspace keeps on the server, how large it is, and deleting it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.app import session
from explorer.app.wording import literal
from explorer.library import holdings
from explorer.library.workspaces import Entry, shared_by_all
from explorer.store import eviction as storage
from explorer.wording import bytes_in_words, counted, shorten

_STYLE = """<style>@media (max-width: 640px) {
[class*="st-key-storage-parts-"], .st-key-storage-head { display: none; }
[class*="st-key-storage-row-"] { flex-wrap: nowrap; }
}</style>"""
_MEANS = """
- **table**: your rows, as they were read
- **vectors**: its share of all vectors of its model; what two datasets have in common counts for both
- **maps**: neighbor graphs and layouts, for all settings that were tried
- **groups**: clusters and their names
- **words**: the index that keyword search reads
"""


def alerts(entry: Entry | None) -> None:
    """What a visitor must know about what is kept of theirs: a full disk, a damaged list."""
    store = session.store()
    store.flush()
    if store.only_in_memory:
        st.warning(
            f"The server's disk takes no more. {counted(store.only_in_memory, 'result')} can be used but will be lost "
            "when the app stops. Delete something under Storage, or download your project.",
            icon=":material/hard_drive:",
        )
    if message := session.workspace().recovered:
        st.warning(message, icon=":material/history:")
    if entry is not None and entry.project and ("projects", entry.project) in store.documents.recovered:
        st.warning(
            "Your names, tags and decisions were damaged on disk. They are shown as they were before the last change.",
            icon=":material/history:",
        )


@st.fragment
def draw() -> None:
    """The section: a line for each dataset of this workspace, then what it all comes to."""
    workspace = session.workspace()
    if workspace.shared:
        return  # a link to one dataset of somebody else's
    panel = st.expander("Storage", icon=":material/hard_drive:", key="storage", on_change="rerun")
    if not panel.open:
        return
    with panel:
        kept = [(entry, holdings.sizes(workspace.store, workspace.settings(entry))) for entry in workspace.recent()]
        if kept:
            _table(kept)
        else:
            st.markdown("Nothing of yours is stored yet. The samples come with the app.")
        _total(sum(sizes.total for _, sizes in kept))


def _table(kept: list[tuple[Entry, holdings.Sizes]]) -> None:
    st.html(_STYLE)
    with st.container(key="storage-rows", gap="small"):
        with _row("storage-head"):
            st.caption("dataset", width="stretch")
            _cells("head", [*holdings.parts(), "in all"], st.caption)
            st.caption("", width=88)
        for number, (entry, sizes) in enumerate(sorted(kept, key=lambda pair: -pair[1].total)):
            with _row(f"storage-row-{number}"):
                st.markdown(literal(shorten(entry.name, 50)), width="stretch")
                written = [bytes_in_words(size) if size else "–" for size in sizes.parts.values()]
                _cells(str(number), [*written, f"**{bytes_in_words(sizes.total)}**"], st.markdown)
                if st.button("Delete", key=f"delete-{entry.recipe.key}", icon=":material/delete:", width=88):
                    _confirm(entry, sizes)


def _row(key: str) -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="center", key=key)


def _cells(key: str, texts: list[str], write: Callable[..., object]) -> None:
    """The sizes of one dataset; a phone has room for the last alone."""
    with st.container(horizontal=True, width="content", key=f"storage-parts-{key}"):
        for text in texts[:-1]:
            write(text, width=72, text_alignment="right")
    write(texts[-1], width=72, text_alignment="right")


def _total(own: int) -> None:
    limit = bytes_in_words(storage.limit())
    if shared_by_all():
        stored = session.store().entries()
        total = sum(entry.bytes for entry in stored)
        damaged = sum(entry.kind == "damaged" for entry in stored)
        st.progress(
            min(total / max(storage.limit(), 1), 1.0), f"{bytes_in_words(total)} of at most {limit} are stored."
        )
        if damaged:
            st.caption(f"{counted(damaged, 'damaged result')} were found and set aside: they are the first to go.")
    elif own:
        st.markdown(f"Your datasets take **{bytes_in_words(own)}**.")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"The server keeps at most {limit}. Beyond that, what was longest not used goes first and is made again "
            "when it is opened. Names, tags, decisions and selections never go by themselves.",
            width="stretch",
            help=_MEANS,
        )
        if shared_by_all() and st.button("Delete everything computed", icon=":material/delete_sweep:", key="sweep"):
            _confirm_sweep()


@st.dialog("Delete this dataset?")
def _confirm(entry: Entry, sizes: holdings.Sizes) -> None:
    st.text(shorten(entry.name, 200))
    st.markdown(
        f"Its table, vectors, maps, groups and index of words leave this server: "
        f"**{bytes_in_words(sizes.total)}**. Links to it stop working. What somebody else opened too stays for them "
        "alone."
    )
    annotations = False
    if entry.project:
        annotations = st.checkbox("Delete my names, tags and decisions too", key="delete-annotations")
        if not annotations:
            st.caption("They stay, and come back when the file is opened again.")
    with st.container(horizontal=True):
        if st.button(
            "Delete", type="primary", icon=":material/delete:", key="delete-now",
            on_click=_delete, args=(entry, annotations),
        ):  # fmt: skip
            st.rerun()
        if st.button("Keep it", key="delete-not"):
            st.rerun()


def _delete(entry: Entry, annotations: bool) -> None:
    for other in session.workspace().settings(entry):
        job = session.jobs().find(other.recipe)
        if job is not None and not job.over:
            session.jobs().cancel(job, session.owner())
        session.release(other)
    opened = session.current()
    holdings.delete(session.workspace(), entry, annotations)
    if opened is not None and opened.dataset == entry.dataset:
        session.close()


@st.dialog("Delete everything computed?")
def _confirm_sweep() -> None:
    st.markdown(
        "Vectors, maps, groups and indexes of all datasets leave this computer. Tables, names, tags, decisions and "
        "selections stay. What you open next is computed again, which takes a while for large datasets."
    )
    with st.container(horizontal=True):
        if st.button(
            "Delete", type="primary", icon=":material/delete_sweep:", key="sweep-now",
            on_click=_sweep,
        ):  # fmt: skip
            st.rerun()
        if st.button("Keep it", key="sweep-not"):
            st.rerun()


def _sweep() -> None:
    holdings.delete_computed(session.store())

"""The switch between the maps of a dataset whose text columns have a map each."""

from __future__ import annotations

import streamlit as st

from explorer.app import session
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.library.workspaces import Entry
from explorer.wording import shorten

_BESIDE = 60  # characters of all names together that stand side by side; more of them are a list
_LEAVES = ("w", "sample", "space", "view", "level", "passage")  # what the address says of one map only


def text_switch(visit: Visit) -> None:
    """Which text column's map is open, and the others: for the header of every page. Filter, selection, question and
    row stay, since the rows are the same. Draws nothing where a dataset has one map."""
    entry = visit.opened
    if entry is None or len(entry.texts) < 2:
        return
    now, key = entry.recipe.columns[0], f"text-switch-{entry.recipe.key}"

    def switched() -> None:
        column = st.session_state[key]
        if column in entry.texts and column != now:
            _open(entry, column)

    if sum(map(len, entry.texts)) <= _BESIDE:
        st.segmented_control(
            "Text", entry.texts, default=now, key=key, required=True, on_change=switched, width="content",
            label_visibility="collapsed", format_func=literal,
        )  # fmt: skip
    else:
        st.selectbox(
            "Text", entry.texts, entry.texts.index(now), key=key, on_change=switched, width=320,
            label_visibility="collapsed", format_func=lambda name: shorten(name, 60),
        )  # fmt: skip


def _open(entry: Entry, column: str) -> None:
    kept = {name: value for name, value in st.query_params.items() if name not in _LEAVES}
    session.open_entry(session.workspace().map_of(entry, column), kept)

"""What this workspace opened before, newest first."""

from __future__ import annotations

import time

import streamlit as st

from explorer.app import session
from explorer.app.wording import literal
from explorer.library.workspaces import Entry
from explorer.wording import counted, shorten

_MOST = 20
_STYLE = """
<style>
[class*="st-key-recent-"] { flex-wrap: nowrap; gap: .75rem; }
[class*="st-key-recent-"] p { overflow-wrap: anywhere; }
</style>
"""


def recent(opened: Entry | None) -> None:
    """A line for each dataset and each map of a selection, without what is open."""
    workspace = session.workspace()
    found = [other for other in workspace.recent(selections=True) if not _same(other, opened)]
    if not found:
        return
    st.html(_STYLE)
    st.markdown("## Recent")
    for number, other in enumerate(found[:_MOST]):
        with st.container(horizontal=True, vertical_alignment="center", key=f"recent-{number}"):
            rows = "" if other.recipe.subset else f"{counted(other.rows, 'row')} · "
            st.markdown(
                f"{literal(shorten(other.title, 90))} &nbsp; :gray[{rows}{_ago(other.opened)}]", width="stretch"
            )
            if st.button("Open", key=f"reopen-{other.recipe.key}"):
                session.open_entry(other)
                st.rerun()
            if st.button("Forget", key=f"forget-{other.recipe.key}", type="tertiary", help="Removes it from this list"):
                (workspace.forget_selection if other.recipe.subset else workspace.forget)(other)
                st.rerun()


def _same(entry: Entry, opened: Entry | None) -> bool:
    """Whether an entry is what is open, with whatever settings."""
    return opened is not None and (entry.dataset, entry.recipe.subset) == (opened.dataset, opened.recipe.subset)


def _ago(moment: float) -> str:
    minutes = (time.time() - moment) / 60
    if minutes < 2:
        return "just now"
    if minutes < 90:
        return f"{minutes:.0f} minutes ago"
    return f"{minutes / 60:.0f} hours ago" if minutes < 36 * 60 else f"{minutes / 60 / 24:.0f} days ago"

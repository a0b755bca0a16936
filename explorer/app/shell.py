"""What every page has: its settings, one header, the way to the other pages, and an honest empty state."""

from __future__ import annotations

import logging
import secrets
from itertools import groupby
from pathlib import Path

import streamlit as st

from explorer.app import behind, filtering, login, session
from explorer.app.history import keep_history
from explorer.app.links import entry_link, page_link
from explorer.app.pages import PAGES, Page
from explorer.app.progress import previewable, show_progress
from explorer.app.project import redo, undo
from explorer.app.sample_tiles import sample_tiles
from explorer.app.text_switch import text_switch
from explorer.app.visit import Visit
from explorer.app.wording import literal, model_title
from explorer.errors import BadInput
from explorer.wording import counted, shorten

_STYLE = Path(__file__).parent / "style.css"


def run(name: str) -> None:
    """Run a page: its header, then what it shows, or what it is waiting for. `name` is a key of `PAGES`."""
    page = PAGES[name]
    st.set_page_config(page_title=f"{page.title} · Embedding Explorer", page_icon="◈", layout="wide")
    st.html(_STYLE)
    login.require()
    visit = _open(page)
    if not page.needs:
        page.draw(visit)
        return
    if visit.opened is None:
        _nothing_open(page)
        return
    if visit.job is not None:
        show_progress(visit.job, visit.entry)
        if not (page.early and previewable(visit.job)):
            return
    if visit.ready and (lacks := page.lacks(visit.space)):
        st.markdown(f"# {page.shows}")
        st.markdown(literal(lacks))
        return
    with session.made_again(visit.entry):
        page.draw(visit)


def _open(page: Page) -> Visit:
    """Draw the header of a page. Gives the visit, with what is open."""
    try:
        entry = session.current()
    except BadInput as error:
        visit = Visit(None)
        _header(page, visit)
        st.warning(literal(str(error)), icon=":material/link_off:")
        return visit
    visit = Visit(None if entry is None else behind.latest(entry))
    _header(page, visit)
    if visit.opened is not None:
        behind.tell(visit.opened)
    for warning in session.news():
        st.toast(literal(warning), icon=":material/warning:", duration="long")
    return visit


def script_failed(error: Exception) -> bool:
    """What Streamlit calls when a page's script fails: the reader gets one sentence, the log what happened.

    Streamlit logs the traceback itself; the reference leads from the reader's sentence to it.
    """
    if isinstance(error, BadInput):
        message = str(error)
    else:
        reference = secrets.token_hex(3)
        logging.getLogger("streamlit").error("Reference %s: the traceback stands above.", reference)
        message = (
            "This page could not be drawn, and it is not your doing. Nothing stored is lost: reload the page, and if "
            f"that does not help, give whoever runs this server the reference {reference}."
        )
    with st.container(key="script-error"):
        st.error(literal(message), icon=":material/error:")
    return True


def _nothing_open(page: Page) -> None:
    """An empty state that says what the page would show, with a sample to open."""
    st.markdown(f"# {page.shows}")
    st.markdown("No dataset is open yet. Open a sample to look around, or drop your own file on Home.")
    sample_tiles()
    page_link("home", "Use my own data", icon=":material/upload:")


def _header(here: Page, visit: Visit) -> None:
    """The way to the pages; below it, in a line that keeps its height, what is open, the filter, and Undo."""
    with st.container(key="header", gap=None):
        with st.container(key="header-pages", horizontal=True, vertical_alignment="center", gap="medium"):
            for group, pages in groupby(PAGES.items(), lambda named: named[1].group):
                if group:
                    st.caption(group, width="content")
                for name, page in pages:
                    page_link(name, f"**{page.title}**" if page is here else page.title)
        with st.container(key="header-dataset", horizontal=True, vertical_alignment="center", gap="small"):
            if visit.opened is None:
                st.text("No dataset yet: open a sample")
            else:
                _dataset(visit)
                text_switch(visit)
                _filter_chips(visit)
                _undo(visit)
            login.way_out()
        keep_history()


def _dataset(visit: Visit) -> None:
    """What is open: its name, its rows (those that meet the filter, of all), the text it is mapped by, the model."""
    entry = visit.entry
    parent = session.workspace().parent_of(entry) if entry.parent else None  # looking for it reads the workspace
    if parent is not None:
        entry_link(parent, literal(shorten(parent.title, 40)))
    rows = counted(entry.rows, "row")
    if visit.rows is not None:
        rows = f"{int(visit.view.counted.sum()):,} of {rows}"
    name = entry.name if parent is None else f"› {entry.part or 'a selection'}"
    columns = "" if len(entry.texts) > 1 else " + ".join(entry.recipe.columns)  # beside it stands the switch
    parts = [shorten(name, 60), rows, columns, model_title(entry.recipe.model)]
    st.text(" · ".join(part for part in parts if part))


def _filter_chips(visit: Visit) -> None:
    """The linked filter, each condition with a way to remove it."""
    for number, condition in enumerate(visit.conditions):
        st.button(
            f"{literal(str(condition))} &nbsp; ✕", key=f"unfilter-{number}", icon=":material/filter_alt:",
            help="Remove this filter", on_click=filtering.set_condition, args=(condition.column, None),
        )  # fmt: skip


def _undo(visit: Visit) -> None:
    project = visit.project
    if project.operations:
        last = project.operations[-1]
        st.button(
            "Undo", key="undo", type="tertiary", icon=":material/undo:", on_click=undo, args=(project,),
            help=literal(f"Undoes: {_DONE[last.kind]} {last.value}".strip()),
        )  # fmt: skip
    if project.undone:
        st.button("Redo", key="redo", type="tertiary", icon=":material/redo:", on_click=redo, args=(project,))


_DONE = {
    "rename": "renamed to",
    "merge": "merged into",
    "split": "split into",
    "groups": "groups taken over from the file",
    "tag": "tagged",
    "untag": "untagged",
    "decide": "decided:",
}

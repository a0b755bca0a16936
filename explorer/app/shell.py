"""What every page has: its settings, one header, the way to the other pages, and an honest empty state."""

from __future__ import annotations

import logging
import secrets

import streamlit as st

from explorer.app import behind, filtering, login, session
from explorer.app.links import page_link
from explorer.app.pages import PAGES, Page
from explorer.app.progress import previewable, show_progress
from explorer.app.sample_tiles import sample_tiles
from explorer.app.visit import Visit
from explorer.app.wording import literal, model_title
from explorer.errors import BadInput
from explorer.library.annotations import Project
from explorer.wording import counted, shorten

_STYLE = """
<style>
.block-container { padding: 1rem 2rem 3rem; max-width: 1720px; }
header[data-testid="stHeader"] { display: none; }
[data-testid="stMarkdownContainer"] h1 { font-size: 1.9rem; letter-spacing: -0.015em; padding: .2rem 0 .45rem; }
[data-testid="stMarkdownContainer"] h2 { font-size: 1.3rem; padding: 1.1rem 0 .2rem; }
[data-testid="stMarkdownContainer"] h3 { font-size: 1.15rem; padding: .8rem 0 .2rem; }
[data-testid="stMarkdownContainer"] h4 { font-size: 1.08rem; padding: .2rem 0; }
[class*="st-key-tile-"] a { padding: 0; }
[class*="st-key-tile-"] a strong { font-size: 1.7rem; font-weight: 600; display: block; line-height: 1.25; }
[class*="st-key-tile-"] { padding: .7rem .9rem; }
.st-key-tiles [data-testid="stHorizontalBlock"] {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: .75rem; }
.st-key-tiles [data-testid="stColumn"] { min-width: 0; width: auto; }
[class*="st-key-outliers-map-"], [class*="st-key-clusters-map-"] { min-height: 400px; }
.st-key-map-2d, .st-key-map-3d { min-height: 660px; }  /* its place, before its scripts have come */
.st-key-header { border-bottom: 1px solid color-mix(in srgb, currentColor 14%, transparent); padding-bottom: .35rem; }
.st-key-header [data-testid="stText"] { font-size: .86rem; opacity: .75; font-family: inherit; white-space: normal; }
[class*="st-key-group-"] button, [class*="st-key-answer-"] button, [class*="st-key-near-"] button {
  justify-content: flex-start; text-align: left; padding: .28rem .4rem; border-radius: 6px; min-height: 0; }
[class*="st-key-group-"] button:hover, [class*="st-key-answer-"] button:hover, [class*="st-key-near-"] button:hover {
  background: color-mix(in srgb, currentColor 6%, transparent); }
[class*="st-key-group-"] button p, [class*="st-key-answer-"] button p, [class*="st-key-near-"] button p {
  text-align: left; line-height: 1.35; }
[class*="st-key-answer-"] button [data-testid="stMarkdownContainer"],
[class*="st-key-near-"] button [data-testid="stMarkdownContainer"],
[class*="st-key-answer-"] button p, [class*="st-key-near-"] button p {
  white-space: normal; overflow: visible; }  /* a text is there to be read, not only its first words */
[class*="st-key-group-"] button > div, [class*="st-key-answer-"] button > div, [class*="st-key-near-"] button > div {
  width: 100%; justify-content: flex-start; }
.st-key-facts [data-testid="stText"], .st-key-facts pre { font-size: .84rem; opacity: .8; line-height: 1.45; }
@media (min-width: 641px) {  /* a button beside something wide keeps its words */
  .st-key-map-controls [data-testid="stColumn"]:last-child,
  .st-key-clusters-controls [data-testid="stColumn"]:last-child { min-width: 8.5rem; }
  .st-key-map-trust [data-testid="stColumn"]:last-child { min-width: 10rem; }
}
@media (max-width: 640px) {
  .block-container { padding: .5rem .9rem 2rem; }
  .st-key-header { gap: 0 .3rem; padding-bottom: .2rem; }
  .st-key-header [data-testid="stPageLink"] a { padding: .2rem .4rem; min-height: 2rem; }
  .st-key-header [data-testid="stPageLink"] a > span:first-child { display: none; }  /* icons */
}
</style>
"""


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
    with st.container(key="header", horizontal=True, vertical_alignment="center", gap="medium"):
        for name, page in PAGES.items():
            page_link(name, f"**{page.title}**" if page is here else page.title)
        entry = visit.opened
        if entry is None:
            st.text("No dataset yet: open a sample")
            login.way_out()
            return
        parts = [
            shorten(entry.name, 60),
            " + ".join(entry.recipe.columns),
            counted(entry.rows, "row"),
            model_title(entry.recipe.model),
        ]
        if entry.recipe.subset:
            parts.insert(3, "a selection of them")
        st.text(" · ".join(parts))
        _filter_chips(visit)
        _undo(visit)
        login.way_out()


def _filter_chips(visit: Visit) -> None:
    """The linked filter, each condition with a way to take it away."""
    for number, condition in enumerate(visit.conditions):
        st.button(
            literal(str(condition)), key=f"unfilter-{number}", icon=":material/filter_alt:", icon_position="left",
            help="Take this filter away", on_click=filtering.set_condition, args=(condition.column, None),
        )  # fmt: skip


def _undo(visit: Visit) -> None:
    project = visit.project
    if project.operations:
        last = project.operations[-1]
        st.button(
            "Undo", key="undo", type="tertiary", icon=":material/undo:", on_click=_take_back, args=(project,),
            help=literal(f"Takes back: {_DONE[last.kind]} {last.value}".strip()),
        )  # fmt: skip
    if project.undone:
        st.button("Redo", key="redo", type="tertiary", icon=":material/redo:", on_click=_redo, args=(project,))


_DONE = {
    "rename": "renamed to",
    "merge": "merged into",
    "split": "split into",
    "tag": "tagged",
    "untag": "untagged",
    "decide": "decided:",
}


def _take_back(project: Project) -> None:
    project.undo()


def _redo(project: Project) -> None:
    project.redo()

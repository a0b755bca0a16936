"""The home page: what is open, then the ways to open something else."""

from __future__ import annotations

import streamlit as st

from explorer.app import session
from explorer.app.group_notes import group_notes
from explorer.app.home import intake, storage_panel
from explorer.app.home.choices import change
from explorer.app.home.recent import recent
from explorer.app.home.share_panel import share
from explorer.app.home.tiles import draw_tiles
from explorer.app.home.unread import list_unread
from explorer.app.home.versions import what_changed
from explorer.app.links import go_to, page_link
from explorer.app.progress import previewable, show_progress
from explorer.app.sample_tiles import sample_tiles
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.library.project_file import SUFFIX, project_file
from explorer.wording import shorten


def draw(visit: Visit) -> None:
    """What is open, then the ways to open something else."""
    entry = visit.opened
    storage_panel.alerts(entry)
    choosing = intake.waiting()
    if entry is not None and not choosing:
        _found(visit)
        st.markdown("## Open something else")
    elif not choosing:
        st.markdown("# See what your data means")
        st.markdown(
            "Every text becomes a point, and points close together have similar meaning. Drop a file to see its map. "
            "Nothing leaves this server."
        )
    intake.drop_zone()
    if choosing:
        intake.choose_and_build()
        return
    if entry is None:
        st.markdown("## Samples")
        sample_tiles("map")
    recent(entry)
    if entry is not None:
        _folded_samples()
    storage_panel.draw()


def _folded_samples() -> None:
    with st.expander("Samples", icon=":material/dataset:", key="samples-folded", on_change="rerun") as panel:
        if panel.open:
            sample_tiles("map")


def _found(visit: Visit) -> None:
    """Progress while the entry is built, then what was found in five numbers, each a link."""
    entry, job = visit.entry, visit.job
    st.markdown(f"# {literal(shorten(entry.title, 120))}")
    if job is not None:
        show_progress(job, entry)
        if previewable(job):
            page_link("map", "See a first picture meanwhile")
        return
    draw_tiles(visit)
    group_notes(visit)
    what_changed(visit)
    list_unread(visit)
    with st.container(horizontal=True):
        if st.button("Open the map", type="primary", icon=":material/scatter_plot:", key="open-map"):
            go_to("map")
        with st.popover("Change text, label or model", icon=":material/edit:"):
            change(entry)
        st.download_button(
            "Download the project",
            lambda: project_file(entry, session.store()),
            f"{entry.name.rsplit('.', 1)[0]}{SUFFIX}",
            "application/json",
            on_click="ignore",
            icon=":material/download:",
            help="Data, settings, tags, names and decisions in one file. Drop it here or elsewhere to go on.",
        )
        share(entry)

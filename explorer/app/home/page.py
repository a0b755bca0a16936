"""The home page: what is open, then the ways to open something else."""

from __future__ import annotations

import time

import streamlit as st

from explorer.app import session
from explorer.app.home import intake, storage_panel
from explorer.app.home.choices import change
from explorer.app.home.share_panel import share
from explorer.app.links import go_to, page_link
from explorer.app.progress import previewable, show_progress
from explorer.app.sample_tiles import sample_tiles
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.library.project_file import SUFFIX, project_file
from explorer.library.workspaces import Entry
from explorer.wording import counted, shorten


def draw(visit: Visit) -> None:
    """What is open, then the ways to open something else."""
    entry = visit.opened
    storage_panel.alerts(entry)
    choosing = intake.waiting()
    if entry is not None and not choosing:
        _found(visit)
        st.markdown("## Open something else")
    elif not choosing:
        st.markdown("# See what your data means.")
        st.markdown(
            "Every text becomes a point; points that mean alike lie together. "
            "Drop a file and read its meaning as a map. Nothing leaves this server."
        )
    intake.drop_zone()
    if choosing:
        intake.choose_and_build()
        return
    st.markdown("## Samples")
    sample_tiles("map")
    _recent(entry)
    storage_panel.draw()


def _found(visit: Visit) -> None:
    """Progress while the entry is built, then what was found in five numbers, each a link."""
    entry, job = visit.entry, visit.job
    st.markdown(f"# {literal(shorten(entry.name, 80))}")
    if job is not None:
        show_progress(job, entry)
        if previewable(job):
            page_link("map", "Look at a first picture meanwhile")
        return
    space, found = visit.space, visit.findings
    repeated = {"color": "rows per item", "show": "repeated"}
    tiles = [
        (f"{found.items:,}", "distinct items", f"in {counted(found.rows, 'row')}", "map", {}),
        (f"{found.groups:,}", "groups", "that mean alike", "clusters", {}),
        (f"{found.strange:,}", "worth a look", "far from all others", "outliers", {}),
        (
            f"{found.repeated:,}",
            "repeated row" if found.repeated == 1 else "repeated rows",
            "same text as an earlier row",
            "map",
            repeated,
        ),
        _unread(found.cut, found.skipped, entry.rejected),
    ]
    with st.container(key="tiles"):
        columns = st.columns(len(tiles))
    for column, (number, noun, more, page, params) in zip(columns, tiles, strict=True):
        with column.container(key=f"tile-{noun.replace(' ', '-')}", border=True, gap=None):
            page_link(page, f"**{number}** {noun}", icon="", **params)
            st.caption(more)
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
    if found.skipped:
        with st.expander(f"{counted(found.skipped, 'row')} without content"):
            st.dataframe(
                {
                    "row": [row for row, _ in space.items.skipped[:1000]],
                    "why": [why for _, why in space.items.skipped[:1000]],
                },
                hide_index=True,
            )


def _unread(cut: int, skipped: int, rejected: int) -> tuple[str, str, str, str, dict[str, str]]:
    more = [f"{cut:,} cut at the model's limit" if cut else "", f"{skipped:,} empty" if skipped else ""]
    more += [f"{rejected:,} rejected" if rejected else ""]
    reasons = ", ".join(part for part in more if part) or "every row was read whole"
    params = {"show": "cut"} if cut else {}
    return (f"{cut + skipped + rejected:,}", "not read whole", reasons, "map", params)


def _recent(entry: Entry | None) -> None:
    recent = [other for other in session.workspace().recent() if entry is None or other.dataset != entry.dataset]
    if not recent:
        return
    st.markdown("## Recent")
    for other in recent[:20]:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f"{literal(shorten(other.name, 60))} &nbsp; {counted(other.rows, 'row')} · {_ago(other.opened)}",
                width="stretch",
            )
            if st.button("Open", key=f"reopen-{other.recipe.key}"):
                session.open_entry(other)
                st.rerun()
            if st.button("Forget", key=f"forget-{other.recipe.key}", type="tertiary", help="Takes it off this list."):
                session.workspace().forget(other)
                st.rerun()


def _ago(moment: float) -> str:
    minutes = (time.time() - moment) / 60
    if minutes < 2:
        return "just now"
    if minutes < 90:
        return f"{minutes:.0f} minutes ago"
    return f"{minutes / 60:.0f} hours ago" if minutes < 36 * 60 else f"{minutes / 60 / 24:.0f} days ago"

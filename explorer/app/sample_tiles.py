"""The samples as tiles, for Home and for pages with nothing open."""

from __future__ import annotations

import streamlit as st

from explorer.app import session
from explorer.app.links import go_to
from explorer.library.samples import SAMPLES, open_sample
from explorer.library.workspaces import sample_entry
from explorer.views.thumbnail import thumbnail


def sample_tiles(page: str | None = None) -> None:
    """The samples side by side, each with a picture of its map; Open leads to `page`, or stays on this one."""
    for column, (name, sample) in zip(st.columns(4), SAMPLES.items(), strict=False):
        with column.container(border=True, key=f"sample-{name}"):
            space = session.space_of(sample_entry(name))
            if space.has("layout") and space.has("clusters"):
                st.image(_picture(name), width="stretch")
            table, _ = open_sample(name)
            st.markdown(f"**{sample.title}**  \n{sample.about}")
            with st.container(horizontal=True, vertical_alignment="center"):
                if st.button("Open", key=f"open-{name}", type="secondary"):
                    session.open_entry(sample_entry(name))
                    if page is None:
                        st.rerun()
                    go_to(page)
                st.caption(f"{len(table):,} rows")


@st.cache_data(show_spinner=False, max_entries=16)
def _picture(name: str) -> str:
    return thumbnail(session.space_of(sample_entry(name)), SAMPLES[name].title)

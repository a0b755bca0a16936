"""The samples as tiles, for Home and for pages with nothing open."""

from __future__ import annotations

import streamlit as st

from explorer.app import session
from explorer.app.cache import cached
from explorer.app.links import go_to
from explorer.library.samples import SAMPLES
from explorer.space import Space
from explorer.views.thumbnail import thumbnail


def sample_tiles(page: str | None = None) -> None:
    """The samples side by side, each with a picture of its map; Open leads to `page`, or stays on this one."""
    for column, (name, sample) in zip(st.columns(4), SAMPLES.items(), strict=False):
        with column.container(border=True, key=f"sample-{name}"):
            entry = session.sample(name)
            space = session.space_of(entry)
            if space.has("layout") and space.has("clusters"):
                st.image(_picture(name, space.key("layout"), _space=space), width="stretch")
            st.markdown(f"**{sample.title}**  \n{sample.about}")
            with st.container(horizontal=True, vertical_alignment="center"):
                if st.button("Open", key=f"open-{name}", type="secondary"):
                    session.open_entry(entry)
                    if page is None:
                        st.rerun()
                    go_to(page)
                st.caption(f"{entry.rows:,} rows")


@cached()
def _picture(name: str, layout: str, _space: Space) -> str:
    return thumbnail(_space, SAMPLES[name].title)

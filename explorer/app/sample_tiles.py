"""The samples as cards, for Home and for pages with nothing open."""

from __future__ import annotations

import streamlit as st

from explorer.app import session
from explorer.app.cache import cached
from explorer.app.cards import cards
from explorer.app.pages import PAGES
from explorer.library.samples import SAMPLES
from explorer.library.workspaces import Entry
from explorer.space import Space
from explorer.views.thumbnail import thumbnail
from explorer.wording import counted

_STYLE = """
.st-key-samples [data-testid="stImage"] img { height: auto; }
.st-key-samples :is(a, button) [data-testid="stMarkdownContainer"] p { font-weight: 600; padding-top: .5rem; }
"""


def sample_tiles(page: str | None = None) -> None:
    """The samples side by side, each with a picture of its map. A click anywhere on a card opens it.

    page : the key in `PAGES` of the page to open it on; None for the one that shows the cards
    """
    with cards("samples", "sample", list(SAMPLES), 150, _STYLE) as boxes:
        for box, (name, sample) in zip(boxes, SAMPLES.items(), strict=True):
            with box:
                entry = session.sample(name)
                space = session.space_of(entry)
                if space.has("layout") and space.has("clusters"):
                    st.image(_picture(name, space.key("layout"), _space=space), width="stretch")
                if page is None:
                    st.button(sample.title, key=f"open-{name}", type="tertiary", on_click=_open, args=(entry,))
                else:
                    st.page_link(PAGES[page].script, label=sample.title, query_params={"sample": name})
                st.caption(sample.about)
                st.caption(counted(entry.rows, "row"))


@cached()
def _picture(name: str, layout: str, _space: Space) -> str:
    return thumbnail(_space, SAMPLES[name].title)


def _open(entry: Entry) -> None:
    session.open_entry(entry)

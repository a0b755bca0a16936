"""Links from page to page: what is open, its filter and level come along."""

from __future__ import annotations

import streamlit as st

from explorer.app import session
from explorer.app.pages import PAGES
from explorer.library.workspaces import Entry


def page_link(page: str, label: str, *, icon: str | None = None, **params: str) -> None:
    """A link to a page, by its key in `PAGES`, with more parameters, such as `row="12"`.

    icon : the page's own by default; "" for none
    """
    to = PAGES[page]
    shown = to.icon if icon is None else icon or None
    st.page_link(to.script, label=label, icon=shown, query_params={**session.link(), **params})


def entry_link(entry: Entry, label: str, page: str = "map") -> None:
    """A link to a page with another dataset open."""
    st.page_link(PAGES[page].script, label=label, query_params=session.link_to(entry))


def go_to(page: str, **params: str) -> None:
    """Leave for a page at once."""
    st.switch_page(PAGES[page].script, query_params={**session.link(), **params})

"""A link that opens one dataset and nothing else, and can be revoked."""

from __future__ import annotations

import time
from urllib.parse import urlencode

import streamlit as st

from explorer.app import login, session
from explorer.library.workspaces import Entry, shared_by_all


def share(entry: Entry) -> None:
    """The Share button of an open dataset. Where everybody has the same list there is nothing to share."""
    workspace = session.workspace()
    if shared_by_all() or login.required() or workspace.shared or "sample" in entry.link:
        return
    with st.popover("Share", icon=":material/share:"):
        st.markdown(
            "A link opens **this dataset only**, never your other files. Whoever has it reads every row. Your names "
            "and tags go along as they are now; what others change does not change yours."
        )
        made = workspace.shares(entry)
        if st.button("Make another link" if made else "Make a link", type="primary", key="share"):
            workspace.share(entry)
            st.rerun()
        for number, link in enumerate(reversed(made)):
            st.code(f"{(st.context.url or '').split('?')[0]}?{urlencode(link.link)}", language=None, wrap_lines=True)
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(f"made {time.strftime('%d %B %Y, %H:%M', time.localtime(link.at))}", width="stretch")
                if st.button("Revoke", key=f"revoke-{number}", type="tertiary", help="It opens nothing from then on."):
                    workspace.revoke(link.token)
                    st.rerun()

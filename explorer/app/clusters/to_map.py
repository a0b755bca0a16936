"""From a click on a picture or a table to the rows that it stands for, on the map."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.app import session
from explorer.app.links import go_to
from explorer.library.workspaces import keep_selection

_WANTED = "clusters-to-map"  # session key: the selection that a click asked for, and what it is


def open_rows(rows: np.ndarray, why: str) -> None:
    """Have the page leave for the map with these rows selected; none change nothing. For callbacks, which cannot leave
    themselves: a callback runs once a click, while the state of a chart stays and would be read again."""
    if len(rows):
        st.session_state[_WANTED] = keep_selection(session.store(), rows), why


def leave_for_map() -> None:
    """Leave for the map, where a click asked for it."""
    wanted = st.session_state.pop(_WANTED, None)
    if wanted is not None:
        go_to("map", sel=wanted[0], why=wanted[1])

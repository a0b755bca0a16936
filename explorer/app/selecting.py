"""Selections: some rows or items chosen, kept in the address so that a link brings them back."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.app import session
from explorer.data.workspaces import keep_selection
from explorer.space import Space

SHOW = {"strange": "worth a look", "repeated": "repeated", "cut": "cut at the model's limit"}


def select_items(space: Space, items: np.ndarray, why: str = "") -> None:
    """Select the rows of items, in the address; none clears the selection."""
    select_rows(space.links[np.isin(space.links[:, 1], items), 0], why)


def select_rows(rows: np.ndarray, why: str = "") -> None:
    """Select rows, in the address; none clears the selection."""
    for name in ("sel", "row", "why"):
        st.query_params.pop(name, None)
    if len(rows):
        st.query_params["sel"] = keep_selection(session.store(), rows)
        if why:
            st.query_params["why"] = why


def show(space: Space, what: str) -> None:
    """Select the items of one finding: a key of `SHOW`."""
    masks = {"strange": space.strange, "repeated": space.items.weights > 1, "cut": space.truncated}
    select_items(space, np.flatnonzero(masks[what]), SHOW[what])


def apply_show(space: Space) -> None:
    """Do what a link with `show` asks for, once."""
    what = st.query_params.pop("show", None)
    if what in SHOW:
        show(space, what)

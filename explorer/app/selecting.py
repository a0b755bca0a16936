"""Selections: some rows or items chosen, kept in the address so that a link brings them back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import streamlit as st

from explorer.answers.view import View
from explorer.app import session
from explorer.app.address import NO_ROW, close_row, open_row, put
from explorer.library.workspaces import keep_selection
from explorer.space import Space
from explorer.views.selection import inside

SHOW = {"strange": "possible outliers", "repeated": "repeated", "cut": "cut at the model's limit"}


# What Escape closes, the innermost first: parameters of the address that belong together.
_OPEN = (tuple(NO_ROW), ("sel", "why"), ("group",), ("q",))


def close_innermost() -> None:
    """Close what is open: the row; else the selection; else the question."""
    for names in _OPEN:
        if not st.query_params.keys().isdisjoint(names):
            put(**dict.fromkeys(names))
            if "q" in names:
                st.rerun()  # the box with the question is another part of the page
            return


def open_item(view: View, item: int | None) -> None:
    """Open an item, in the address: the first of its rows that meets the filter; None closes the row."""
    if item is None:
        close_row()
    else:
        (line,) = view.lines([item])
        open_row(line.row, line.passage, line.passages)


def select_items(space: Space, items: np.ndarray, why: str = "") -> None:
    """Select the rows of items, in the address; none clears the selection."""
    select_rows(space.links[np.isin(space.links[:, 1], items), 0], why)


def select_shape(space: Space, shape: Mapping[str, Any] | None, layout: np.ndarray, lit: np.ndarray | None) -> None:
    """Select what lies inside a shape drawn on the map and meets the filter (`lit`, of items); None clears.

    A shape with nothing inside leaves the selection as it was, and says so.
    """
    items = inside(shape, layout) if shape else np.empty(0, np.int32)
    if lit is not None:
        items = items[lit[items]]
    if shape and not len(items):
        st.toast("No points inside: nothing selected.", icon=":material/lasso_select:")
    else:
        select_items(space, items)


def select_rows(rows: np.ndarray, why: str = "") -> None:
    """Select rows, in the address; none clears the selection."""
    kept = keep_selection(session.store(), rows) if len(rows) else None
    put(**NO_ROW, sel=kept, why=(why or None) if kept else None, show=None)


def show(space: Space, what: str) -> None:
    """Select the items of one finding: a key of `SHOW`."""
    masks = {"strange": space.strange, "repeated": space.items.weights > 1, "cut": space.truncated}
    select_items(space, np.flatnonzero(masks[what]), SHOW[what])


def apply_show(space: Space) -> None:
    """Do what a link with `show` asks for, once."""
    what = st.query_params.get("show", "")
    if what in SHOW:
        show(space, what)
    else:
        put(show=None)

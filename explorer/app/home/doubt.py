"""One question where a guess is weak: the two likeliest readings side by side, the better one chosen already."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from explorer.app.home.reading_options import Key, choose
from explorer.app.wording import literal
from explorer.reading.options import Choices
from explorer.table.doubts import SHOWN_ROWS, Doubt
from explorer.table.table import Table
from explorer.wording import one_line, shorten

_CELL = 60
_COLUMNS = 8


def ask_doubt(table: Table, key: Key) -> None:
    """Ask about the first doubt of a table, if it has one. A click on either reading settles it."""
    if not table.doubts:
        return
    doubt = table.doubts[0]
    first = table.arrow.slice(0, SHOWN_ROWS)
    rows = list(zip(*(column.to_pylist() for column in first.columns), strict=True))
    with st.container(border=True, key="doubt"):
        st.markdown(f"**{literal(doubt.question)}** Two readings fit about equally well.")
        here, other = st.columns(2)
        with here:
            _reading(f"Now: {doubt.here}", tuple(table.columns), rows)
            _settle("Keep this", key, doubt, "keep")
        with other:
            _reading(f"Or: {doubt.other}", doubt.names, doubt.rows)
            _settle("Read it so", key, doubt, "change")


def _reading(title: str, names: tuple[str, ...], rows: object) -> None:
    st.caption(literal(title))
    frame = pd.DataFrame(list(rows), columns=list(names)).iloc[:, :_COLUMNS]  # type: ignore[call-overload]
    shown = frame.map(lambda cell: shorten(one_line(str(cell)), _CELL) if cell is not None else None)
    st.dataframe(shown, hide_index=True, height="content")


def _settle(label: str, key: Key, doubt: Doubt, which: str) -> None:
    choices: Choices = doubt.keep if which == "keep" else doubt.change  # type: ignore[assignment]
    st.button(label, key=key(f"doubt-{which}"), on_click=choose, args=(key, choices))

"""A selection as a table: look at it, open a row, download it, tag it, or make a new map of it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from explorer.app import session
from explorer.app.address import NO_ROW, open_row, put
from explorer.app.cache import cached
from explorer.app.downloads import download_rows
from explorer.app.map.lists import heading
from explorer.app.project import say
from explorer.app.visit import Visit
from explorer.library.annotations import Operation, hexes
from explorer.library.workspaces import Entry, keep_selection
from explorer.space import Space
from explorer.wording import counted, shorten

SHOWN_ROWS = 500
_CLICKS = "selected-rows-clicks"  # session key: how often a row of the table was opened
_ROW_HEIGHT, _MOST_HEIGHT = 35, 360  # pixels, of the table


def selection_table(visit: Visit, rows: np.ndarray) -> None:
    """Show rows and what can be done with them; those that do not meet the filter are counted and left out."""
    entry, space = visit.entry, visit.space
    met = rows[visit.view.counted[rows]]
    amount = visit.view.amount_of_rows(met)
    distinct = f" :gray[:small[{amount.distinct_ones.strip()}]]" if amount.distinct_ones else ""
    heading(f"{counted(len(met), 'row')} selected{distinct}", "clear-selection", _clear, "Clear the selection")
    if why := st.query_params.get("why"):
        st.text(why)
    if len(met) < len(rows):
        st.caption(f"{len(rows) - len(met):,} more do not meet the filter.")
    if not len(met):
        return
    label = entry.roles.label
    version = f"{visit.selected}-{visit.address['f']}"
    if label and (commonest := _commonest(space.recipe.table, label, version, _space=space, _rows=met)):
        st.text(f"{label}: {commonest}")
    _table(visit, met[:SHOWN_ROWS])
    if len(met) > SHOWN_ROWS:
        st.caption(f"The first {SHOWN_ROWS:,} of {len(met):,} rows; a download holds them all.")
    _actions(visit, met)


def _table(visit: Visit, rows: np.ndarray) -> None:
    """The rows, of which a click on a cell opens one."""
    # A table of its own after each click: the browser would keep the cell marked, and a click on a marked cell edits,
    # so that a row that was closed could not be opened again.
    clicks = st.session_state.get(_CLICKS, 0)
    key = f"selected-rows-{clicks}"

    def clicked() -> None:
        cells = st.session_state[key]["selection"]["cells"]
        if cells and 0 <= cells[0][0] < len(rows):
            st.session_state[_CLICKS] = clicks + 1
            open_row(int(rows[cells[0][0]]))

    st.dataframe(
        _readable(visit.entry, visit.space.table.take(rows), rows), hide_index=True, key=key,
        height=min(_ROW_HEIGHT * (len(rows) + 1) + 2, _MOST_HEIGHT),
        on_select=clicked, selection_mode="single-cell",
    )  # fmt: skip


def _actions(visit: Visit, rows: np.ndarray) -> None:
    entry, space = visit.entry, visit.space
    with st.container(horizontal=True):
        download_rows(visit, rows, key="download-selection", name="selection")
        with st.popover("Tag", icon=":material/sell:"):
            tag_form(visit, rows)
        if 3 <= len(rows) < space.table.num_rows:
            st.button(
                "New map from selection", key="only-these", icon=":material/filter_center_focus:",
                help="A map of these rows alone: their own groups, their own neighbors.",
                on_click=_only_these, args=(entry, rows),
            )  # fmt: skip


def tag_form(visit: Visit, rows: np.ndarray) -> None:
    """Give these rows a tag, new or used before; it stays with them in later versions of the file."""
    used = sorted(visit.project.tags())
    typed = st.text_input("Tag", key="tag", placeholder="a word of your own")
    chosen = st.pills("Used before", used, key="used-tag") if used else None
    wanted = (typed.strip() or chosen or "")[:80]
    with st.container(horizontal=True):
        if st.button(f"Tag {counted(len(rows), 'row')}", key="tag-rows", type="primary", disabled=not wanted):
            say(visit.entry, Operation("tag", hexes(visit.keys[rows]), wanted))
            st.rerun()
        if st.button("Remove the tag", key="untag-rows", type="tertiary", disabled=wanted not in used):
            say(visit.entry, Operation("untag", hexes(visit.keys[rows]), wanted))
            st.rerun()


def _clear() -> None:
    put(**NO_ROW, sel=None, why=None)


def _only_these(entry: Entry, rows: np.ndarray) -> None:
    subset = keep_selection(session.store(), rows)
    kept = {"color": st.query_params["color"]} if "color" in st.query_params else {}
    session.open_entry(entry.of_selection(subset, len(rows), st.query_params.get("why", "")[:80]), kept)


@cached()
def _commonest(table: str, label: str, version: str, _space: Space, _rows: np.ndarray) -> str:
    """The commonest values of the label among selected rows: "billing 29 · login 8"."""
    values = _space.table.column(label).take(_rows).to_pylist()
    common = Counter(str(value) for value in values if value is not None).most_common(4)
    return " · ".join(f"{shorten(value, 30)} {count:,}" for value, count in common)


def _readable(entry: Entry, table: pa.Table, rows: np.ndarray) -> pd.DataFrame:
    hidden = [name for name in (entry.roles.vector, entry.roles.image) if name]
    columns = [*entry.recipe.columns, *(name for name in table.column_names if name not in entry.recipe.columns)]
    columns = [
        name
        for name in columns
        if name not in hidden and not pa.types.is_fixed_size_list(table.schema.field(name).type)
    ]
    frame = table.select(columns).to_pandas()
    frame.insert(0, "row" if "row" not in frame else "row number", rows)
    return frame

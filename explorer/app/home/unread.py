"""Rows that were not read, or not to their end: how many, why, and the list of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from explorer.app import session
from explorer.app.address import address_of, put
from explorer.app.links import go_to
from explorer.app.visit import Visit
from explorer.library.rejected import kept_rejected
from explorer.media.text import joined_texts
from explorer.table.download import safe_csv
from explorer.wording import counted, one_line, shorten

LIST = "errors"  # in the address: the list is open
_CUT = "longer than the model reads: its end is cut"
_SHOWN = 1_000
_SHOWN_CHARACTERS = 200


@dataclass(frozen=True, eq=False)
class Unread:
    """Rows of a dataset that were not read, or not to their end.

    Attributes
    ----------
    cut, skipped : rows that meet the filter (int arrays, ascending): cut at what the model reads, and without content
    why : the reason for each skipped row
    rejected : rows of the file that are no rows of the table. They meet no filter, so that there are none under one
    all : how many there are without a filter
    """

    cut: np.ndarray
    skipped: np.ndarray
    why: tuple[str, ...]
    rejected: int
    all: int

    @property
    def here(self) -> int:
        """How many meet the filter."""
        return len(self.cut) + len(self.skipped) + self.rejected

    @property
    def reasons(self) -> str:
        """ "3 cut, 4 empty", or that there are none."""
        parts = ((len(self.cut), "cut"), (len(self.skipped), "without content"), (self.rejected, "not readable"))
        return ", ".join(f"{number:,} {what}" for number, what in parts if number) or "every row was read to its end"


def unread(visit: Visit) -> Unread:
    """The rows of what is open."""
    space, meets = visit.space, visit.rows
    cut = space.items.rows_of(np.flatnonzero(space.truncated)).astype(np.int64)
    numbers = [(int(row), why) for row, why in space.items.skipped]
    found = len(cut) + len(numbers) + visit.entry.rejected
    if meets is not None:
        cut, numbers = cut[meets[cut]], [(row, why) for row, why in numbers if meets[row]]
    rows = np.array([row for row, _ in numbers], np.int64)
    return Unread(cut, rows, tuple(why for _, why in numbers), visit.entry.rejected if meets is None else 0, found)


def list_unread(visit: Visit) -> None:
    """The list, open where the address asks for it: a click on a row opens it on the map."""
    found = unread(visit)
    if LIST not in st.query_params:
        return
    with st.container(border=True, key="errors-or-cut"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown("**Errors or cut**", width="stretch")
            st.button("Close", key="close-errors", type="tertiary", icon=":material/close:", on_click=_close)
        if not found.here:
            st.markdown("Every row was read to its end.")
        if len(found.cut) + len(found.skipped):
            _rows(visit, found)
        if found.rejected:
            _rejected(visit)


def _rows(visit: Visit, found: Unread) -> None:
    rows = np.concatenate([found.cut, found.skipped])
    texts = joined_texts(visit.space.table.take(rows[:_SHOWN]), visit.space.describing, visit.space.recipe.markup)
    shown = pd.DataFrame(
        {
            "row": rows[:_SHOWN],
            "reason": [*([_CUT] * len(found.cut)), *found.why][:_SHOWN],
            "text": [shorten(one_line(text or ""), _SHOWN_CHARACTERS) for text in texts],
        }
    )
    event = st.dataframe(
        shown, hide_index=True, on_select="rerun", selection_mode="single-row", key="errors-rows",
        height=min(35 * (len(shown) + 1) + 3, 360), column_config={
            "row": st.column_config.NumberColumn(width=80),
            "reason": st.column_config.TextColumn(width=280),
            "text": st.column_config.TextColumn(width="large"),
        },
    )  # fmt: skip
    st.caption(
        (f"The first {_SHOWN:,} of {counted(len(rows), 'row')}. " if len(rows) > _SHOWN else "")
        + "Click a row to see it on the map."
    )
    chosen = event.selection.rows
    if chosen and chosen[0] < len(found.cut):  # a row without content is at no place
        go_to("map", **address_of(int(rows[chosen[0]])))


def _rejected(visit: Visit) -> None:
    rows = kept_rejected(session.store(), visit.entry.rejected_key)
    if rows is None:
        st.markdown(f"{counted(visit.entry.rejected, 'row')} of the file could not be read.")
        return
    frame = rows.to_pandas()
    st.markdown(f"{counted(len(frame), 'row')} of the file could not be read:")
    st.dataframe(shortened(frame.head(_SHOWN)), hide_index=True, height=min(35 * (len(frame) + 1) + 3, 360))
    st.download_button(
        "Download them", lambda: safe_csv(rows), "rejected_rows.csv", "text/csv", on_click="ignore", key="rejected-csv"
    )


def shortened(frame: pd.DataFrame) -> pd.DataFrame:
    """Rejected rows as a page shows them: each by its first characters."""
    return frame.assign(row=frame["row"].str.slice(0, 300))


def open_list() -> None:
    """Have the address ask for the list."""
    put(**{LIST: "1"})


def _close() -> None:
    put(**{LIST: None})

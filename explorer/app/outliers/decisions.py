"""What was decided about rows, to keep or to remove them, and the downloads that follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import streamlit as st

from explorer.app.project import say
from explorer.app.visit import Visit
from explorer.library.annotations import Operation, hexes, rows_of
from explorer.space import Space
from explorer.table.download import flat, safe_csv, to_parquet
from explorer.wording import counted


def downloads(visit: Visit) -> None:
    """Downloads: the table without what was removed, and what was removed."""
    space, removed = visit.space, rows_decided(visit.project.decisions(), visit.keys, "remove")
    every = space.table.num_rows
    st.markdown("#### Download")
    if not len(removed):
        remain = "it remains" if every == 1 else f"all {every:,} rows remain"
        st.caption(
            f"No row is removed yet: {remain}. Removing changes no file of yours; it decides what the downloads hold, "
            "and can be undone."
        )
        return
    name = visit.entry.name.rsplit(".", 1)[0]
    rest = np.setdiff1d(np.arange(every), removed)
    for what, rows, file in (("What remains", rest, "remaining"), ("What was removed", removed, "removed")):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{what}: **{counted(len(rows), 'row')}**", width="stretch")
            st.download_button(
                "CSV", _csv(space, rows), f"{name}_{file}.csv", "text/csv", on_click="ignore",
                icon=":material/download:", key=f"csv-{file}",
                help="Cells that a spreadsheet would run get an apostrophe; pictures and vectors are left out.",
            )  # fmt: skip
            st.download_button(
                "Parquet", _parquet(space, rows), f"{name}_{file}.parquet", on_click="ignore",
                icon=":material/download:", key=f"parquet-{file}", help="Exactly as read.",
            )  # fmt: skip


def decided_items(decisions: Mapping[str, str], keys: np.ndarray, space: Space) -> tuple[np.ndarray, np.ndarray]:
    """Which items are kept, and which removed: two bool arrays of shape (m,).

    An item is removed when all its rows are; it is kept when one of them is, unless it is removed.

    Parameters
    ----------
    decisions : row key to "keep" or "remove", as a project has them
    keys : S16 array of shape (n,), row keys
    """
    counts = []
    for wanted in ("keep", "remove"):
        held = np.isin(space.links[:, 0], rows_decided(decisions, keys, wanted))
        counts.append(np.bincount(np.unique(space.links[held], axis=0)[:, 1], minlength=len(space.items)))
    removed = counts[1] == space.items.weights
    return (counts[0] > 0) & ~removed, removed


def rows_decided(decisions: Mapping[str, str], keys: np.ndarray, wanted: str) -> np.ndarray:
    """The rows that somebody decided to "keep" or "remove", on any page: ascending int64."""
    return rows_of(keys, [key for key, value in decisions.items() if value == wanted])


def decide(visit: Visit, items: np.ndarray, value: str) -> None:
    """Decide about all rows of these items: "keep", "remove", or "" to undo a decision. A callback: the whole page
    is drawn again, since downloads and Undo follow from it."""
    rows = visit.space.items.rows_of(items)
    say(visit.entry, Operation("decide", hexes(visit.keys[rows]), value, len(rows)))
    st.rerun()


def _csv(space: Space, rows: np.ndarray) -> Callable[[], bytes]:
    def make() -> bytes:
        return safe_csv(flat(space.table.take(rows)))

    return make


def _parquet(space: Space, rows: np.ndarray) -> Callable[[], bytes]:
    return lambda: to_parquet(space.table.take(rows))

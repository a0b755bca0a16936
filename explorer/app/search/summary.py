"""How much was found, by numbers a reader can judge."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.answers.search import Found
from explorer.app.links import go_to
from explorer.app.search.asked import Asked, in_words
from explorer.app.small_map import kept
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.space import Space
from explorer.wording import counted


def summary(visit: Visit, asked: Asked, found: Found) -> None:
    """How much there is, and all of it on the map."""
    space, hits, close = visit.space, found.hits, _close(visit, asked, found)
    by_words = hits.with_words if hits.mode == "keyword" else None
    everything = by_words if by_words is not None else np.union1d(close, hits.items)
    best_of = "the best" if by_words is not None and hits.more_with_words else "all"
    parts = [] if by_words is not None else [f"**{_amount(space, close)}** above {asked.above:.2f}"]
    if hits.with_words is not None:
        words = ("more than " if hits.more_with_words else "") + _amount(space, hits.with_words)
        verb = "holds" if _count(space, hits.with_words) == 1 else "hold"
        parts.append(f"**{words}** {verb} at least one of the words")
    if visit.rows is not None and visit.items is not None:
        parts.append(f"within the filter: {_within(space, visit.rows, visit.items)}")
    count = _count(space, everything)
    with st.container(horizontal=True, vertical_alignment="center", key="summary"):
        st.markdown(" · ".join(parts), width="content")
        if count and st.button(
            f"Show {best_of} {count:,} on the map" if count > 1 else "Show it on the map",
            key="show-all", type="tertiary", icon=":material/scatter_plot:",
        ):  # fmt: skip
            go_to("map", sel=kept(space, everything), why=in_words(asked))
    if hits.mode == "keyword":
        st.caption("The number before a row is its BM25 score: rare words count more, long texts less. Compare it only "
                   "within this list. Words found are bold.")  # fmt: skip
    else:
        bold = " Words found are bold." if asked.query and space.medium.has_words(space) else ""
        order = " Both rankings, by meaning and by words, decide the order." if hits.mode == "hybrid" else ""
        order = " Rows near to those you do not want are moved down." if asked.unlike else order
        st.caption(f"The number before a row is its cosine similarity to what you ask: 1 means the same direction, 0 "
                   f"nothing in common.{order}{bold}")  # fmt: skip
    for note in found.notes:
        st.caption(literal(note))
    if by_words is None and len(hits) and not len(close):
        st.info(
            f"Nothing here is close to this: the best is {float(np.nanmax(hits.similarity)):.2f}. What comes nearest "
            "is listed all the same.", icon=":material/info:",
        )  # fmt: skip


def _close(visit: Visit, asked: Asked, found: Found) -> np.ndarray:
    """Items above the similarity asked for, within the filter, without the examples."""
    close = found.hits.everywhere > asked.above
    if visit.items is not None:
        close &= visit.items
    if found.hits.left_out is not None:
        close[found.hits.left_out] = False
    return np.flatnonzero(close)


def _count(space: Space, items: np.ndarray) -> int:
    """How many contents are meant by some items; where rows hold several, how many rows."""
    return len(space.items.rows_of(items)) if space.items.several else len(items)


def _amount(space: Space, items: np.ndarray) -> str:
    return counted(_count(space, items), _noun(space))


def _noun(space: Space) -> str:
    return "row" if space.items.several else "item"


def _within(space: Space, rows: np.ndarray, items: np.ndarray) -> str:
    """How many meet the filter, of how many. rows : bool (n,). items : bool (m,)."""
    placed = space.item_of_row >= 0
    met, every = ((rows & placed).sum(), placed.sum()) if space.items.several else (items.sum(), len(items))
    return f"{int(met):,} of {counted(int(every), _noun(space))}"

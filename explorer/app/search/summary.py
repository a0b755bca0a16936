"""How much was found, by numbers a reader can judge."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.analysis.search import word_weight
from explorer.answers.search import Found
from explorer.app import session
from explorer.app.links import go_to
from explorer.app.search.asked import Asked, in_words
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.library.workspaces import keep_selection
from explorer.wording import counted


def summary(visit: Visit, asked: Asked, found: Found) -> None:
    """How many rows match, and all of them on the map."""
    view, hits = visit.view, found.hits
    by_words = hits.mode == "keyword"
    parts = [] if by_words else [f"**{view.amount(found.close)}** above {asked.above:.2f}"]
    if hits.with_words is not None and len(hits.with_words):
        holding = view.amount(hits.with_words)
        more = "more than " if hits.more_with_words else ""
        parts.append(f"**{more}{holding}** {'holds' if holding.rows == 1 else 'hold'} at least one of the words")
    if visit.rows is not None:
        every = int((visit.space.item_of_row >= 0).sum())
        parts.append(f"within the filter: {int(view.counted.sum()):,} of {counted(every, 'row')}")
    with st.container(horizontal=True, vertical_alignment="center", key="summary"):
        st.markdown(" · ".join(parts), width="content")
        _show_all(visit, asked, found)
    if any(found.matches):
        st.caption(meaning_of_numbers(visit, asked, found))
    elif len(hits):
        st.markdown(f"Nothing here is close to what you ask: the best score is {float(hits.scores[0]):.2f}.")
    for note in found.notes:
        st.caption(literal(note))


def _show_all(visit: Visit, asked: Asked, found: Found) -> None:
    """A button that shows all matches on the map."""
    view, hits = visit.view, found.hits
    if hits.mode == "keyword":
        items = hits.with_words if hits.with_words is not None else hits.items
    else:
        items = np.flatnonzero(found.close)
    rows = visit.space.items.rows_of(items)
    rows = rows[view.counted[rows]]
    if not len(rows):
        return
    which = "the best" if hits.more_with_words else "all"
    label = f"Show {which} {counted(len(rows), 'row')} on the map" if len(rows) > 1 else "Show it on the map"
    if st.button(label, key="show-all", type="tertiary", icon=":material/scatter_plot:"):
        go_to("map", sel=keep_selection(session.store(), rows), why=in_words(view, asked))


def meaning_of_numbers(visit: Visit, asked: Asked, found: Found) -> str:
    """What the number before each result is, and so what the order is."""
    hits = found.hits
    bold = " Your words are bold." if asked.query and visit.space.medium.has_words(visit.space) else ""
    if hits.mode == "keyword":
        return f"The number is the BM25 score: rare words count more, long texts less. Compare it only here.{bold}"
    meaning = "cosine similarity in meaning, where 1 is the same and 0 nothing in common"
    if hits.mode == "hybrid":
        return (
            f"The number decides the order: {meaning}, plus up to {word_weight(visit.space):.1f} for your words, "
            f"more for rarer ones.{bold}"
        )
    if asked.unlike:
        return f"The number decides the order: {meaning}, less 0.6 of that to the rows you want less of.{bold}"
    return f"The number decides the order: {meaning}.{bold}"

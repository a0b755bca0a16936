"""Beside the map: one row, a selection, the answers to a question, or what there is to see."""

from __future__ import annotations

import streamlit as st

from explorer.answers.view import Line
from explorer.app.address import bound, one_of, put
from explorer.app.links import page_link
from explorer.app.map.facets import facets_panel
from explorer.app.map.focus import Focus
from explorer.app.map.groups_panel import groups_panel
from explorer.app.map.lists import heading, row_list
from explorer.app.map.row_panel import row_panel
from explorer.app.map.table_panel import selection_table
from explorer.app.visit import Visit
from explorer.views import map_content

_BESIDE = ("Groups", "Columns")


def panel(visit: Visit, focus: Focus, choice: str) -> None:
    """What is open, the innermost first: a row, then a selection, then answers; else groups or columns.

    choice : what the map is colored by
    """
    if focus.row is not None and focus.item is not None:
        row_panel(visit, focus.row, focus.item)
    elif focus.rows is not None and focus.selects:
        selection_table(visit, focus.rows)
    elif focus.query:
        _answers(visit, focus)
    else:
        what = bound(
            st.segmented_control, "Beside the map", "beside", usual=_BESIDE[0], read=one_of(_BESIDE), options=_BESIDE,
            required=True, label_visibility="collapsed",
        )  # fmt: skip
        if what == "Columns":
            facets_panel(visit)
        else:
            groups_panel(visit, colored=choice == map_content.GROUP)


def _answers(visit: Visit, focus: Focus) -> None:
    heading("Nearest to your question", "close-answers", _close_answers, help="Close the answers")
    if not len(focus.found):
        st.caption("No row meets the filter.")
        return
    amount = visit.view.amount(focus.found)
    st.caption(
        f"{amount} with the cosine similarity of each: 1 means the same direction, 0 nothing in common. The star "
        "lies among them."
    )
    page_link("search", "Open in Search", q=focus.query)
    similarity = dict(zip(focus.found.tolist(), focus.similarity.tolist(), strict=True))

    def about(line: Line) -> str:
        return f":gray[{similarity[line.item]:.2f}]"

    row_list(visit, focus.found, "answer", about, height=520)


def _close_answers() -> None:
    put(q=None)
    st.rerun()  # the box with the question is another part of the page

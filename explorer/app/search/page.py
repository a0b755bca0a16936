"""The search page: what is asked, what was found and why, and where it lies."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import streamlit as st

from explorer.analysis.findings import typical_first
from explorer.analysis.keywords import word_index
from explorer.answers.registry import ask
from explorer.answers.search import Ask, Found, asks_model
from explorer.app import filtering, session
from explorer.app.search.asked import (
    COLUMNS,
    MODES,
    Asked,
    clear_examples,
    modes,
    named,
    question_box,
    set_example,
    set_query,
)
from explorer.app.search.picture import picture
from explorer.app.search.results import mark_sentences, results
from explorer.app.search.summary import summary
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.errors import BadInput
from explorer.space import Space
from explorer.wording import shorten


def draw(visit: Visit) -> None:
    """What is asked, what was found and why, and where it lies."""
    session.warm_questions(visit.entry)
    asked = question_box(visit.space)
    left, beside = st.columns(COLUMNS, gap="medium")
    with left:
        examples(visit, asked)
        found = answer(visit, asked)
        if found is None:
            begin(visit, asked)
        else:
            summary(visit, asked, found)
            places = results(visit, asked, found)
    with beside:
        picture(visit, asked, found)
    if found is not None:
        mark_sentences(visit.space, asked, found, places)


def examples(visit: Visit, asked: Asked) -> None:
    """The rows that results should be more like and less like, each with a way to remove it."""
    if not asked.by_example:
        return
    space, view = visit.space, visit.view
    line = ", ".join(f"**{word}** {literal(named(view, rows))}" for word, rows in asked.kinds)
    if asked.query:
        line += (
            ", and what you ask, by meaning"
            if space.medium.reads_questions
            else "; the words above are not searched for"
        )
    with st.container(horizontal=True, vertical_alignment="center", key="examples"):
        st.markdown(line[:2] + line[2].upper() + line[3:], width="content")
        st.button(
            "Clear", key="clear-examples", type="tertiary", icon=":material/close:", on_click=clear_examples,
            help="Search without examples",
        )  # fmt: skip
    rows = np.array([*asked.like, *asked.unlike])
    with st.container(gap=None, key="example-rows"):
        for row, text in zip(rows.tolist(), space.texts(space.item_of_row[rows]), strict=True):
            sign = "+" if row in asked.like else "−"
            name = view.row_name(row)
            st.button(
                f"{sign} {literal(name)}: {literal(shorten(text, 110))}", key=f"drop-{row}", type="tertiary",
                icon=":material/close:", icon_position="right", on_click=set_example, args=(space, row, ""),
                help=f"Search without {literal(name)}",
            )  # fmt: skip


def answer(visit: Visit, asked: Asked) -> Found | None:
    """What was found; None where nothing is asked, or where what is asked cannot be answered (it says why)."""
    if not (asked.query or asked.by_example) or _filtered_out(visit):
        return None
    space, view = visit.space, visit.view
    question = Ask(asked.query, MODES[asked.mode], asked.k, asked.like, asked.unlike, asked.above)
    if view.encode is not None and asks_model(view, question):
        try:
            view.encode([asked.query])  # kept, for the answer to use
        except BadInput as error:
            st.warning(literal(str(error)), icon=":material/error:")
            if not space.medium.has_words(space) and not asked.like:
                return None
            question = replace(question, query="") if asked.by_example else replace(question, mode="keyword")
    no_words = asked.by_example or question.mode == "semantic" or word_index(space).ready
    try:
        with nullcontext() if no_words else st.spinner("Making an index of the words, once for this dataset…"):
            return ask("search", view, question, mend=False)
    except BadInput as error:
        st.info(literal(str(error)), icon=":material/info:")
        return None


def begin(visit: Visit, asked: Asked) -> None:
    """What to do where there is nothing to show yet."""
    if _filtered_out(visit):
        st.markdown("#### No row meets the filter")
        st.button("Remove the filter", key="clear-filter", icon=":material/filter_alt_off:", on_click=filtering.clear)
        return
    if asked.query or asked.by_example:
        return  # `answer` says why
    space, groups = visit.space, visit.groups.clusters
    st.markdown("#### Ask in your own words" if modes(space) else "#### Find more like a row")
    if modes(space):
        st.markdown("Type above what you look for, or start with the words of a group:")
        with st.container(horizontal=True):
            for number, name in enumerate(groups.names[:3]):
                query = name.replace(",", "")
                st.button(literal(query), key=f"try-{number}", on_click=set_query, args=(query,))
    else:
        st.markdown("Start with a typical row of a group:")
        with st.container(horizontal=True):
            for number, name in enumerate(groups.names[:3]):
                item = typical_first(space, np.flatnonzero(groups.labels == number))[0]
                row = int(space.items.first_rows[item])
                st.button(
                    f"Row {row:,} of {literal(name)}",
                    key=f"try-{number}",
                    on_click=set_example,
                    args=(space, row, "like"),
                )
    st.caption("Or click a point on the map to search for more like it. Or give the number of a row:")
    _row_box(space)


def _filtered_out(visit: Visit) -> bool:
    """Whether there is a filter that no row with content meets."""
    return visit.items is not None and not visit.items.any()


def _row_box(space: Space) -> None:
    def chosen() -> None:
        row = st.session_state.get("row-number")
        if isinstance(row, int) and 0 <= row < space.table.num_rows and space.item_of_row[row] >= 0:
            set_example(space, row, "like")

    st.number_input(
        "Row number", 0, space.table.num_rows - 1, None, 1, key="row-number", on_change=chosen, width=160,
        placeholder=f"0 to {space.table.num_rows - 1:,}",
    )  # fmt: skip

"""The parts of the search page: what is asked, what was found and why, and where it lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from explorer.analysis.findings import typical_first
from explorer.analysis.keywords import word_index
from explorer.analysis.search import Hits, like_these, search
from explorer.app import filtering, session
from explorer.app.address import item_in_address, row_of_item
from explorer.app.links import go_to, page_link
from explorer.app.map_component import NOTHING, Highlight, Star
from explorer.app.marked import marked
from explorer.app.project import groups_of
from explorer.app.questions import closest, query_vector
from explorer.app.search.asked import (
    MODES,
    Asked,
    ask,
    clear_examples,
    in_words,
    modes,
    named,
    set_example,
    set_mode,
    set_query,
)
from explorer.app.small_map import kept, small_map
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.errors import BadInput
from explorer.geometry.placement import place
from explorer.geometry.vectors import best
from explorer.library.workspaces import Entry
from explorer.space import Space
from explorer.views import map_content
from explorer.wording import counted, shorten

LINES = 10  # from the star to its nearest neighbors
_LONG = 200  # characters from which the closest sentence is worth a mark
_FIELDS = 3
_STYLE = """
<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-search-side) { position: sticky; top: .6rem; }
[class*="st-key-hit-"] { border-top: 1px solid color-mix(in srgb, currentColor 10%, transparent); padding-top: .25rem;
  gap: 0; }
[class*="st-key-hit-"] button, [class*="st-key-hit-"] a, .st-key-example-rows button {
  min-height: 0; padding-top: .1rem; padding-bottom: .1rem; }
.st-key-example-rows button { justify-content: flex-start; text-align: left; }
.st-key-search-map-2d, .st-key-search-map-3d { min-height: 460px; }  /* its place, before its scripts have come */
</style>
"""


def draw(visit: Visit) -> None:
    """What is asked, what was found and why, and where it lies."""
    entry, space = visit.entry, visit.space
    session.warm_questions(entry)
    asked = ask(space)
    found, beside = st.columns([7, 5], gap="medium")
    slots: list[Any] = []
    with found:
        examples(space, asked)
        hits = answer(space, asked)
        if hits is None:
            begin(entry, space, asked)
        else:
            summary(space, asked, hits)
            slots = results(entry, space, asked, hits)
    with beside:
        picture(entry, space, asked, hits)
    if hits is not None:
        mark_sentences(space, asked, hits, slots)


def examples(space: Space, asked: Asked) -> None:
    """The rows that results should be like and unlike, each with a way to take it away."""
    if not asked.by_example:
        return
    line = ", ".join(f"**{word}** {named(rows)}" for word, rows in asked.kinds)
    if asked.query:
        line += (
            ", and what you ask, by meaning" if space.medium.reads_questions else "; the words above are not looked for"
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
            st.button(
                f"{sign} {row + 1:,}: {literal(shorten(text, 110))}", key=f"drop-{row}", type="tertiary",
                icon=":material/close:", icon_position="right", on_click=set_example, args=(row, ""),
                help=f"Row {row + 1} is an example no more",
            )  # fmt: skip


def answer(space: Space, asked: Asked) -> Hits | None:
    """What was found; None where nothing is asked, or where what is asked cannot be answered (it says why)."""
    if not asked.query and not asked.by_example:
        return None
    if asked.allowed is not None and not asked.allowed.any():
        return None
    wanted, vector = MODES[asked.mode], None
    if asked.query and space.medium.reads_questions and (wanted != "keyword" or asked.by_example):
        try:
            vector = query_vector(space.recipe.model, asked.query)
        except BadInput as error:
            st.warning(literal(str(error)), icon=":material/error:")
            if not space.medium.has_words(space) and not asked.like:
                return None
            wanted = "keyword"
    try:
        if asked.by_example:
            like, unlike = (space.items.of_rows(np.array(rows, np.int64)) for rows in (asked.like, asked.unlike))
            return like_these(space, like, unlike, asked.k, asked.allowed, vector)
        if wanted == "semantic" or word_index(space).ready:
            return _search(space, asked, wanted, vector)
        with st.spinner("Making an index of the words, once for this dataset…"):
            return _search(space, asked, wanted, vector)
    except BadInput as error:
        st.info(literal(str(error)), icon=":material/info:")
        return None


def begin(entry: Entry, space: Space, asked: Asked) -> None:
    """What to do where there is nothing to show yet."""
    if asked.allowed is not None and not asked.allowed.any():
        st.markdown("#### No row meets the filter")
        st.button(
            "Take the filter away", key="clear-filter", icon=":material/filter_alt_off:", on_click=filtering.clear
        )
        return
    if asked.query or asked.by_example:
        return  # `answer` has said why
    groups = groups_of(space, entry)
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
                    f"Row {row + 1} of {literal(name)}", key=f"try-{number}", on_click=set_example, args=(row, "like")
                )
    st.caption("Or click a point on the map, and look for rows like it. Or name a row:")
    _row_box(space)


def summary(space: Space, asked: Asked, hits: Hits) -> None:
    """How much there is, by numbers a reader can judge, and all of it on the map."""
    by_words = hits.with_words if hits.mode == "keyword" else None
    everything = by_words if by_words is not None else np.union1d(_close(asked, hits), hits.items)
    best_of = "the best" if by_words is not None and hits.more_with_words else "all"
    parts = [] if by_words is not None else [f"**{counted(len(_close(asked, hits)), 'item')}** above {asked.above:.2f}"]
    if hits.with_words is not None:
        words = ("more than " if hits.more_with_words else "") + counted(len(hits.with_words), "item")
        verb = "holds" if len(hits.with_words) == 1 else "hold"
        parts.append(f"**{words}** {verb} at least one of the words")
    if asked.allowed is not None:
        parts.append(f"within the filter: {int(asked.allowed.sum()):,} of {counted(len(asked.allowed), 'item')}")
    with st.container(horizontal=True, vertical_alignment="center", key="summary"):
        st.markdown(" · ".join(parts), width="content")
        if len(everything) and st.button(
            f"Show {best_of} {len(everything):,} on the map" if len(everything) > 1 else "Show it on the map",
            key="show-all", type="tertiary", icon=":material/scatter_plot:",
        ):  # fmt: skip
            go_to("map", sel=kept(space, everything), why=in_words(asked))
    if hits.mode == "keyword":
        st.caption("The number before a row is its BM25 score: rare words count more, long texts less. Compare it only "
                   "within this list. Words found are bold.")  # fmt: skip
    else:
        marked = " Words found are bold." if asked.query and space.medium.has_words(space) else ""
        order = " Both rankings, by meaning and by words, decide the order." if hits.mode == "hybrid" else ""
        order = " Rows near to those you do not want are moved down." if asked.unlike else order
        st.caption(f"The number before a row is its cosine similarity to what you ask: 1 means the same direction, 0 "
                   f"nothing in common.{order}{marked}")  # fmt: skip
    if hits.with_words is not None and word_index(space).note:
        st.caption(literal(word_index(space).note))
    if by_words is None and len(hits) and not len(_close(asked, hits)):
        st.info(
            f"Nothing here is close to this: the best is {float(np.nanmax(hits.similarity)):.2f}. What comes nearest "
            "is listed all the same.", icon=":material/info:",
        )  # fmt: skip


def results(entry: Entry, space: Space, asked: Asked, hits: Hits) -> list[Any]:
    """The list. Gives the place of each text, so that its closest sentence can be marked later."""
    if not len(hits):
        _nothing(space, asked)
        return []
    texts = space.texts(hits.items)
    words, language = word_index(space).marks(asked.query if space.medium.has_words(space) else "")
    slots = []
    for spot, (item, text) in enumerate(zip(hits.items.tolist(), texts, strict=True)):
        row = _row_of(space, item, asked.rows)
        score = hits.scores[spot] if hits.mode == "keyword" else hits.similarity[spot]
        with st.container(key=f"hit-{item}", gap="xsmall"):
            bold = marked(text, words, language=language)
            slots.append(_result(entry, space, row, item, f"{score:.2f}", bold, asked))
    return slots


def mark_sentences(space: Space, asked: Asked, hits: Hits, slots: Sequence[Any]) -> None:
    """Mark in each long text the sentence nearest to the question: when all else shows, since it takes a moment."""
    if not asked.query or hits.mode == "keyword" or not space.medium.reads_questions or not slots:
        return
    texts = space.texts(hits.items)
    long = [spot for spot, text in enumerate(texts) if len(text) >= _LONG]
    try:
        found = closest(space.recipe.model, asked.query, tuple(texts[spot] for spot in long)) if long else []
    except BadInput:  # the list stands without it
        return
    words, language = word_index(space).marks(asked.query if space.medium.has_words(space) else "")
    for spot, sentence in zip(long, found, strict=True):
        if sentence:
            slots[spot].markdown(marked(texts[spot], words, sentence, language=language))


def picture(entry: Entry, space: Space, asked: Asked, hits: Hits | None) -> None:
    """Where the results lie, the star where the question belongs, and the point that was clicked."""
    clicked = item_in_address(space)
    with st.container(key="search-side"):
        st.html(_STYLE)
        small_map(entry, space, "search-map", _highlight(space, asked, hits, clicked), lit=asked.allowed)
        if clicked is not None:
            row = int(space.items.first_rows[clicked])
            with st.container(border=True, key="clicked"):
                text = space.texts(np.array([clicked]))[0]
                _result(entry, space, row, clicked, "", marked(text), asked, "clicked")
        elif hits is not None and len(hits):
            st.caption(
                "Lit: the results. The star stands where what you ask belongs, by its true nearest neighbors."
                if _has_star(hits) else "Lit: the results."
            )  # fmt: skip


def _result(
    entry: Entry, space: Space, row: int, item: int, score: str, text: str, asked: Asked, where: str = "hit"
) -> Any:  # fmt: skip
    """One row: its number, what it says, its fields, and what can be done with it. Gives the place of its text."""
    weight = int(space.items.weights[item])
    fields = " · ".join(literal(field) for field in _fields(entry, space, row))
    shown = space.shown(np.array([item]))[0]
    again = f"and {counted(weight - 1, 'row')} with the same {shown.noun}"
    said = [f"**{score}**" if score else "", f":gray[{fields}]" if fields else "", again if weight > 1 else ""]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        page_link("map", f"Row {row + 1}", **_place(space, row, item))
        st.markdown(" &nbsp; ".join(part for part in said if part), width="stretch")
        for kind, icon, chosen in (
            ("like", ":material/add:", asked.like),
            ("unlike", ":material/remove:", asked.unlike),
        ):
            st.button(
                f"{kind} this", key=f"{kind}-{where}-{item}", type="tertiary", icon=icon, disabled=row in chosen,
                on_click=set_example, args=(row, kind),
            )  # fmt: skip
    data = map_content.picture_of(space, entry.roles, row)
    if data:
        st.image(data, width=56)
    slot = st.empty()
    if text and (shown.text or not data):
        slot.markdown(text)
    return slot


def _place(space: Space, row: int, item: int) -> dict[str, str]:
    """Where a result is on the map: its passage in this row, where the row has several."""
    return row_of_item(space, item) if space.items.several else {"row": str(row + 1)}


def _nothing(space: Space, asked: Asked) -> None:
    st.markdown("#### No text holds these words")
    others = [mode for mode in modes(space) if mode != "words"]
    if asked.mode == "words" and others:
        st.markdown("Search by meaning finds what says the same in other words.")
        st.button("Search by meaning", key="by-meaning", type="primary", on_click=set_mode, args=(others[0],))
    else:
        st.markdown("Try other words, fewer letters of punctuation, or a row like what you look for.")
    if asked.allowed is not None:
        st.button("Search without the filter", key="clear-filter", icon=":material/filter_alt_off:",
                  on_click=filtering.clear)  # fmt: skip
    for number, name in enumerate(space.clusters.names[:3]):
        query = name.replace(",", "")
        st.button(literal(query), key=f"try-{number}", on_click=set_query, args=(query,))


def _highlight(space: Space, asked: Asked, hits: Hits | None, clicked: int | None) -> Highlight | None:
    if hits is None or not len(hits):
        return Highlight(focus=clicked) if clicked is not None else None
    found = np.unique(hits.items)
    if not _has_star(hits):
        return Highlight(found, clicked)
    nearest = best(hits.everywhere, LINES)  # of all: a filter does not move the question
    at = place(space.layout, nearest, hits.everywhere[nearest])
    said = asked.query or f"like {named(asked.like)}"
    star = Star(float(at[0]), float(at[1]), shorten(said, 60), float(at[2]) if len(at) > 2 else 0.0)
    return Highlight(found, clicked, hits.items[:LINES] if clicked is None else NOTHING, star)


def _has_star(hits: Hits) -> bool:
    return bool(np.isfinite(hits.everywhere).all())


def _search(space: Space, asked: Asked, mode: str, vector: np.ndarray | None) -> Hits:
    return search(space, asked.query, asked.k, mode, lambda _: np.asarray(vector)[None], asked.allowed)


def _close(asked: Asked, hits: Hits) -> np.ndarray:
    """Items above the similarity asked for, within the filter, without the examples."""
    close = hits.everywhere > asked.above
    if asked.allowed is not None:
        close &= asked.allowed
    if hits.left_out is not None:
        close[hits.left_out] = False
    return np.flatnonzero(close)


def _row_of(space: Space, item: int, rows: np.ndarray | None) -> int:
    """The first row of an item, of those that meet the filter."""
    if rows is not None:
        mine = space.links[space.links[:, 1] == item, 0]
        return int(mine[rows[mine]][0])
    return int(space.items.first_rows[item])


def _row_box(space: Space) -> None:
    def chosen() -> None:
        row = st.session_state.get("row-number")
        if isinstance(row, int) and 1 <= row <= space.table.num_rows and space.item_of_row[row - 1] >= 0:
            set_example(row - 1, "like")

    st.number_input(
        "Row number", 1, space.table.num_rows, None, 1, key="row-number", on_change=chosen, width=160,
        placeholder=f"1 to {space.table.num_rows:,}",
    )  # fmt: skip


def _fields(entry: Entry, space: Space, row: int) -> list[str]:
    """A row's first fields; a number with its column's name, since "3" says nothing."""
    told: list[str] = []
    for name in dict.fromkeys(map_content.field_columns(space, entry.roles)):
        cell = shorten(map_content.cell(space, row, name), 60)
        if cell and len(told) < _FIELDS:
            told.append(f"{name} {cell}" if space.kinds[name] == "number" else cell)
    return told

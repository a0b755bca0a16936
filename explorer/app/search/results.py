"""The results of a search: each row with what it says, why it was found, and what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from explorer.analysis.keywords import word_index
from explorer.answers.search import Found
from explorer.answers.view import Line
from explorer.app import filtering
from explorer.app.address import address_of, close_row
from explorer.app.links import page_link
from explorer.app.marked import marked
from explorer.app.questions import closest
from explorer.app.search.asked import Asked, modes, set_example, set_mode, set_query
from explorer.app.search.summary import meaning_of_numbers
from explorer.app.visit import Visit
from explorer.app.wording import literal, passage_of
from explorer.errors import BadInput
from explorer.space import Space
from explorer.views import map_content
from explorer.wording import capital, counted, shorten

_LONG = 200  # characters from which the closest sentence is worth a mark
_FIELDS = 3


def results(visit: Visit, asked: Asked, found: Found) -> list[Any]:
    """The list, with what is no close match folded below it. Gives the place of each text, so that its closest sentence
    can be marked later."""
    if not found.results:
        _nothing(visit, asked)
        return []
    texts = _texts(visit, asked, found.results)
    places: dict[int, Any] = {}

    def listed(numbers: list[int]) -> None:
        for number in numbers:
            line = found.results[number]
            with st.container(key=f"hit-{line.item}", gap="xsmall"):
                places[number] = result(visit, asked, line, texts[number], _score(found, number))

    far = [number for number, close in enumerate(found.matches) if not close]
    listed([number for number, close in enumerate(found.matches) if close])
    if far:
        label = f"No close match: {visit.view.amount(found.hits.items[far])} below {found.minimum:.2f}"
        with st.expander(label, key="no-close-match"):
            if len(far) == len(found.results):
                st.caption(meaning_of_numbers(visit, asked, found))
            listed(far)
    return [places[number] for number in range(len(found.results))]


def _score(found: Found, number: int) -> str:
    """The number that decides the place of a result, and the parts it is made of."""
    hits = found.hits
    score, parts = f"{hits.scores[number]:.2f}", ""
    if hits.mode in ("hybrid", "example"):
        similarity = f"{hits.similarity[number]:.2f}"
        rest = round(float(score) - float(similarity), 2)  # so that the parts add up as they are shown
        if rest:
            sign = "+" if rest > 0 else "−"
            near, by = ("meaning", "words") if hits.mode == "hybrid" else ("similarity", "less like")
            parts = f"= {similarity} {near} {sign} {abs(rest):.2f} {by}"
        if hits.words is not None and hits.scores[number] < found.minimum and found.matches[number]:
            parts += ", all your words"
    return f"**{score}**" + (f" :small[:gray[{parts}]]" if parts else "")


def mark_sentences(space: Space, asked: Asked, found: Found, places: Sequence[Any]) -> None:
    """Mark in each long text the sentence nearest to the question: when all else shows, since it takes a moment.

    A passage is marked as it is: it is what the question found.
    """
    if not asked.query or found.hits.mode == "keyword" or not space.medium.reads_questions or not places:
        return
    long = [
        (place, line.text)
        for place, line in zip(places, found.results, strict=True)
        if len(line.text) >= _LONG and line.passages == 1
    ]
    try:
        sentences = closest(space.recipe.model, asked.query, tuple(text for _, text in long)) if long else []
    except BadInput:  # the list stands without it
        return
    words, language = _words(space, asked)
    for (place, text), sentence in zip(long, sentences, strict=True):
        if sentence:
            place.markdown(marked(text, words, sentence, language=language))


def clicked_result(visit: Visit, asked: Asked, item: int) -> None:
    """The point that was clicked on the map, as results are shown, until it is closed."""
    (line,) = visit.view.lines([item])
    (text,) = _texts(visit, None, [line])
    with st.container(border=True, key="clicked"):
        result(visit, asked, line, text, "", "clicked")


def result(visit: Visit, asked: Asked, line: Line, text: str, score: str, where: str = "hit") -> Any:
    """One row: its number, what it says, its fields, and what can be done with it. Gives the place of its text."""
    entry, space = visit.entry, visit.space
    fields = " · ".join(literal(field) for field in _fields(visit, line.row))
    shown = space.shown(np.array([line.item]))[0]
    again = f"and {counted(line.weight - 1, 'row')} with the same {shown.noun}" if line.weight > 1 else ""
    about = [score, passage_of(line), f":small[:gray[{fields}]]" if fields else "", again]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        name = visit.view.row_name(line.row)
        page_link("map", literal(capital(name)), **address_of(line.row, line.passage, line.passages))
        st.markdown(" &nbsp; ".join(part for part in about if part), width="stretch")
        if where == "clicked":
            st.button("", key="close-clicked", type="tertiary", icon=":material/close:", help="Close",
                      on_click=close_row)  # fmt: skip
        with st.container(horizontal=True, gap="small", width="content"):  # they wrap together
            for kind, label, icon, chosen in (
                ("like", "more like this", ":material/add:", asked.like),
                ("unlike", "less like this", ":material/remove:", asked.unlike),
            ):
                st.button(
                    label, key=f"{kind}-{where}-{line.item}", type="tertiary", icon=icon,
                    disabled=line.row in chosen, on_click=set_example, args=(space, line.row, kind),
                )  # fmt: skip
    image = map_content.picture_of(space, entry.roles, line.row)
    if image:
        st.image(image, width=56)
    place = st.empty()
    if text and (shown.text or not image):
        place.markdown(text)
    return place


def _texts(visit: Visit, asked: Asked | None, lines: Sequence[Line]) -> list[str]:
    """Markdown of each line's row: the words asked for bold, and of a row in passages its passage tinted, with as
    much around it as there is room for."""
    words, language = ("", "English") if asked is None else _words(visit.space, asked)
    return [
        marked(whole, words, line.text if line.passages > 1 else "", language=language)
        for line, whole in zip(lines, visit.view.whole_texts(lines), strict=True)
    ]


def _words(space: Space, asked: Asked) -> tuple[str, str]:
    """The words to mark and the language of their endings."""
    return word_index(space).marks(asked.query if space.medium.has_words(space) else "")


def _nothing(visit: Visit, asked: Asked) -> None:
    st.markdown("#### No text holds these words")
    others = [mode for mode in modes(visit.space) if mode != "words"]
    if asked.mode == "words" and others:
        st.markdown("Search by meaning finds what says the same in other words.")
        st.button("Search by meaning", key="by-meaning", type="primary", on_click=set_mode, args=(others[0],))
    else:
        st.markdown("Try other words, or search for more like a row.")
    if visit.rows is not None:
        st.button("Search without the filter", key="clear-filter", icon=":material/filter_alt_off:",
                  on_click=filtering.clear)  # fmt: skip
    for number, name in enumerate(visit.space.clusters.names[:3]):
        query = name.replace(",", "")
        st.button(literal(query), key=f"try-{number}", on_click=set_query, args=(query,))


def _fields(visit: Visit, row: int) -> list[str]:
    """A row's first fields; a number with its column's name, since "3" says nothing."""
    space = visit.space
    fields: list[str] = []
    for name in dict.fromkeys(map_content.field_columns(space, visit.entry.roles)):
        cell = shorten(map_content.cell(space, row, name), 60)
        if cell and len(fields) < _FIELDS and name != visit.view.roles.id:  # it stands beside the row's number
            fields.append(f"{shorten(name, 30)} {cell}" if space.kinds[name] == "number" else cell)
    return fields

"""What is asked on the search page: the question, its mode, the examples. The address holds all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from explorer.analysis.search import usual_minimum
from explorer.answers.view import View
from explorer.app.address import NO_ROW, bound, one_of, put, whole_number
from explorer.app.cache import cached
from explorer.space import Space
from explorer.wording import shorten

MODES = {"both": "hybrid", "meaning": "semantic", "words": "keyword"}
AMOUNTS = (10, 25, 50)
COLUMNS = (13, 11)  # shares of the width: the results, and what is beside them
_MOST_QUERY = 2000  # characters; a model reads about half of them
_MOST_EXAMPLES = 20
_EXAMPLES = {"like": ("more", "like"), "unlike": ("less", "unlike")}  # kind: its parameter, and that of version 0.1
_NO_MODEL = "These vectors came ready-made, and no model here reads a question in their space"


@dataclass(frozen=True)
class Asked:
    """What the reader wants, all of it from the address.

    Attributes
    ----------
    query : the question, a phrase or words; empty where none is asked
    mode : a key of `MODES`
    like, unlike : rows the results should be more like and less like
    k : results shown
    above : the score from which a result is a close match
    """

    query: str
    mode: str
    like: tuple[int, ...]
    unlike: tuple[int, ...]
    k: int
    above: float

    @property
    def by_example(self) -> bool:
        return bool(self.like or self.unlike)

    @property
    def kinds(self) -> list[tuple[str, tuple[int, ...]]]:
        """The examples by kind, those without any left out."""
        return [(word, rows) for word, rows in (("more like", self.like), ("less like", self.unlike)) if rows]


def question_box(space: Space) -> Asked:
    """The box, the mode, and how much to show."""
    ways = modes(space)
    box, right = st.columns(COLUMNS, gap="medium", vertical_alignment="bottom")
    with box:
        query = bound(
            st.text_input, "Search", "q", usual="", read=str, disabled=not ways,
            forgets=NO_ROW,
            placeholder="Type a question, a phrase or a few words" if ways else f"{_NO_MODEL}: search by example",
        )  # fmt: skip
    with right, st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        mode = ways[0] if ways else "meaning"
        if len(ways) > 1:
            mode = bound(
                st.segmented_control, "Compare", "mode", usual=ways[0], read=one_of(ways), options=ways, required=True,
                help="Meaning finds texts that say the same in other words. Words finds the very words, names and "
                "numbers. Both goes by meaning, and moves up texts that hold your words: the rarer the words, and the "
                "more of them, the further.",
            )  # fmt: skip
        k = bound(
            st.segmented_control, "Results", "k", usual=AMOUNTS[0],
            read=lambda text: next((k for k in AMOUNTS if str(k) == text), None), options=AMOUNTS, required=True,
        )  # fmt: skip
        above = bound(
            st.number_input, "Minimum similarity", "above", usual=_usual_minimum(space.key("vectors"), _space=space),
            read=_similarity, min_value=-1.0, max_value=1.0, step=0.05, width=150,
            help="From this number on, a result is a close match; the others fold away below. The usual one is 0.35 "
            "for the models Accurate and Fast, above which nearly all right answers lay when we measured. For other "
            "models it is what 95 in 100 pairs of your rows, drawn by chance, do not reach.",
        )  # fmt: skip
    if ways == ["words"]:
        st.caption(f"{_NO_MODEL}, so words are looked for. Rows like a row are found by their vectors.")
    return Asked(
        query.strip()[:_MOST_QUERY] if ways else "",
        mode,
        *_examples_in_address(space),
        k,
        above,
    )


def modes(space: Space) -> list[str]:
    """The ways of searching that this space allows; none where its items have neither words nor a model."""
    if not space.medium.reads_questions:
        return ["words"] if space.medium.has_words(space) else []
    return list(MODES) if space.medium.has_words(space) else ["meaning"]


@cached()
def _usual_minimum(key: str, _space: Space) -> float:
    return usual_minimum(_space)


def named(view: View, rows: Sequence[int]) -> str:
    """ "row 4 · T0004", "rows 4, 9 and 18"."""
    if len(rows) == 1:
        return view.row_name(rows[0])
    names = [f"{row:,}" for row in rows]
    return f"rows {', '.join(names[:-1])} and {names[-1]}"


def in_words(view: View, asked: Asked) -> str:
    """What is asked, in one line."""
    parts = [f"{word} {named(view, rows)}" for word, rows in asked.kinds]
    return ", ".join([f"“{shorten(asked.query, 80)}”", *parts] if asked.query else parts)


def _similarity(text: str) -> float | None:
    """The cosine similarity that a text writes; None where it writes none."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if -1 <= number <= 1 else None


def _examples_in_address(space: Space) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The rows of `more` and `less`. What is no row of this table is left out.

    Links made by version 0.1 name them `like` and `unlike`, and count from 1.
    """
    found: list[tuple[int, ...]] = []
    for name, before in _EXAMPLES.values():
        first = 0 if name in st.query_params else 1
        parts = st.query_params.get(name, st.query_params.get(before, ""))[:1000].split(",")
        numbers = [whole_number(part, first, space.table.num_rows - 1 + first) for part in parts]
        rows = [number - first for number in numbers if number is not None]
        rows = [row for row in rows if space.item_of_row[row] >= 0]
        found.append(tuple(dict.fromkeys(rows))[:_MOST_EXAMPLES])
    like, unlike = found
    return like, tuple(row for row in unlike if row not in like)


def set_example(space: Space, row: int, kind: str) -> None:
    """Make a row an example of a kind of `_EXAMPLES`, "" for none."""
    changes: dict[str, str | None] = {}
    for (of_kind, (name, before)), rows in zip(_EXAMPLES.items(), _examples_in_address(space), strict=True):
        others = [other for other in rows if other != row]
        chosen = [*others, row] if of_kind == kind else others
        changes |= {before: None, name: ",".join(map(str, chosen)) or None}
    put(**NO_ROW, **changes)


def clear_examples() -> None:
    put(**dict.fromkeys(name for names in _EXAMPLES.values() for name in names))


def set_query(query: str) -> None:
    put(**NO_ROW, q=query)


def set_mode(mode: str) -> None:
    put(mode=mode)

"""What is asked on the search page: the question, its mode, the examples. The address holds all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from explorer.app.address import bound, one_of, put, whole_number
from explorer.app.cache import cached
from explorer.space import Space
from explorer.wording import shorten

MODES = {"both": "hybrid", "meaning": "semantic", "words": "keyword"}
AMOUNTS = (10, 25, 50)
_CLOSE = 0.35  # cosine similarity from which MiniLM's answers are mostly to the point
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
    like, unlike : rows the results should be like and unlike
    k : results shown
    above : cosine similarity from which an item counts as close
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
        return [(word, rows) for word, rows in (("like", self.like), ("unlike", self.unlike)) if rows]


def question_box(space: Space) -> Asked:
    """The box, the mode, and how much to show."""
    ways = modes(space)
    box, right = st.columns([7, 5], gap="medium", vertical_alignment="bottom")
    with box:
        query = bound(
            st.text_input, "Search", "q", usual="", read=str, disabled=not ways,
            placeholder="Type a question, a phrase or a few words" if ways else f"{_NO_MODEL}: search by example",
        )  # fmt: skip
    with right, st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        mode = ways[0] if ways else "meaning"
        if len(ways) > 1:
            mode = bound(
                st.segmented_control, "Compare", "mode", usual=ways[0], read=one_of(ways), options=ways, required=True,
                help="Meaning finds what says the same in other words; words finds the very words, names and "
                "numbers; both ranks first what either finds high up (reciprocal rank fusion).",
            )  # fmt: skip
        k = bound(
            st.segmented_control, "Results", "k", usual=AMOUNTS[0],
            read=lambda text: next((k for k in AMOUNTS if str(k) == text), None), options=AMOUNTS, required=True,
        )  # fmt: skip
        usual = _CLOSE if space.medium.reads_questions else _usual_similarity(space.key("neighbors"), _space=space)
        above = bound(
            st.number_input, "Close from", "above", usual=usual, read=_similarity, min_value=-1.0, max_value=1.0,
            step=0.05, width=120,
            help="Cosine similarity from which an item counts as close: 1 is the same direction, 0 nothing in "
            "common. Where it should lie depends on the model and on your data: look at the results around it.",
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
def _usual_similarity(key: str, _space: Space) -> float:
    """As near as an item's ten neighbors usually are: what is close where no model is known."""
    usual = 1 - float(np.median(_space.outlier_scores)) if len(_space.items) > 1 else _CLOSE
    return round(usual, 2) if np.isfinite(usual) else _CLOSE


def named(rows: Sequence[int]) -> str:
    """ "row 4", "rows 4, 9 and 18."""
    names = [f"{row:,}" for row in rows]
    return f"row {names[0]}" if len(names) == 1 else f"rows {', '.join(names[:-1])} and {names[-1]}"


def in_words(asked: Asked) -> str:
    """What is asked, in one line."""
    parts = [f"{word} {named(rows)}" for word, rows in asked.kinds]
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
    put(**changes)


def clear_examples() -> None:
    put(**dict.fromkeys(name for names in _EXAMPLES.values() for name in names))


def set_query(query: str) -> None:
    put(q=query)


def set_mode(mode: str) -> None:
    put(mode=mode)

"""What is asked on the search page: the question, its mode, the examples. The address holds all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from explorer.app.address import whole_number
from explorer.app.cache import cached
from explorer.space import Space
from explorer.wording import shorten

MODES = {"both": "hybrid", "meaning": "semantic", "words": "keyword"}
AMOUNTS = (10, 25, 50)
_CLOSE = 0.35  # cosine similarity from which MiniLM's answers are mostly to the point
_MOST_QUERY = 2000  # characters; a model reads about half of them
_MOST_EXAMPLES = 20
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
        query = st.text_input(
            "Search",
            key="q",
            bind="query-params",
            disabled=not ways,
            placeholder="Type a question, a phrase or a few words" if ways else f"{_NO_MODEL}: search by example",
        )
    with right, st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        mode = ways[0] if ways else "meaning"
        if len(ways) > 1:
            mode = st.segmented_control(
                "Compare", ways, key="mode", bind="query-params", default=ways[0], required=True,
                help="Meaning finds what says the same in other words; words finds the very words, names and "
                "numbers; both ranks first what either finds high up (reciprocal rank fusion).",
            ) or mode  # fmt: skip
        k = st.segmented_control("Results", AMOUNTS, key="k", bind="query-params", default=AMOUNTS[0], required=True)
        usual = _CLOSE if space.medium.reads_questions else _usual_similarity(space.key("neighbors"), _space=space)
        above = st.number_input(
            "Close from", -1.0, 1.0, usual, 0.05, key="above", bind="query-params", width=120,
            help="Cosine similarity from which an item counts as close: 1 is the same direction, 0 nothing in "
            "common. Where it should lie depends on the model and on your data: look at the results around it.",
        )  # fmt: skip
    if ways == ["words"]:
        st.caption(f"{_NO_MODEL}, so words are looked for. Rows like a row are found by their vectors.")
    return Asked(
        query.strip()[:_MOST_QUERY] if ways else "",
        mode if mode in MODES else "meaning",
        *_examples_in_address(space),
        int(k) if k in AMOUNTS else AMOUNTS[0],
        float(above) if above is not None and -1 <= above <= 1 else usual,
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
    """ "row 4", "rows 4, 9 and 18": as people count them."""
    names = [f"{row + 1:,}" for row in rows]
    return f"row {names[0]}" if len(names) == 1 else f"rows {', '.join(names[:-1])} and {names[-1]}"


def in_words(asked: Asked) -> str:
    """What is asked, in one line."""
    parts = [f"{word} {named(rows)}" for word, rows in asked.kinds]
    return ", ".join([f"“{shorten(asked.query, 80)}”", *parts] if asked.query else parts)


def _examples_in_address(space: Space) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The rows of `like` and `unlike`, from 0; the address counts from 1. What is no row of this table is left out."""
    found: list[tuple[int, ...]] = []
    for name in ("like", "unlike"):
        parts = st.query_params.get(name, "")[:1000].split(",")
        numbers = [whole_number(part, 1, space.table.num_rows) for part in parts]
        rows = [number - 1 for number in numbers if number is not None and space.item_of_row[number - 1] >= 0]
        found.append(tuple(dict.fromkeys(rows))[:_MOST_EXAMPLES])
    like, unlike = found
    return like, tuple(row for row in unlike if row not in like)


def set_example(row: int, kind: str) -> None:
    """Make a row, counted from 0, an example of that kind, "" for none."""
    number = str(row + 1)
    for name in ("like", "unlike"):
        others = [part for part in st.query_params.get(name, "").split(",") if part and part != number]
        chosen = [*others, number] if name == kind else others
        if chosen:
            st.query_params[name] = ",".join(chosen)
        else:
            st.query_params.pop(name, None)


def clear_examples() -> None:
    for name in ("like", "unlike"):
        st.query_params.pop(name, None)


def set_query(query: str) -> None:
    st.session_state["q"] = query


def set_mode(mode: str) -> None:
    st.session_state["mode"] = mode

"""Search: the rows that answer a question best, or that are like some rows and unlike others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.analysis import search
from explorer.analysis.keywords import word_index
from explorer.analysis.search import MODES, Hits
from explorer.answers.answer import Answer, asked, count, in_json, row_number
from explorer.answers.view import Line, View
from explorer.errors import BadInput
from explorer.progress import Progress
from explorer.wording import one_line, shorten

SHOWN = 100  # characters of a text in a terminal


@dataclass(frozen=True)
class Ask:
    """What is looked for."""

    query: str = asked("", help="a question, a phrase, or words", metavar="QUERY", positional=True)
    mode: str | None = asked(None, help="default hybrid; semantic where there is no running text", choices=MODES)
    k: int = asked(10, help="results at most (default 10)", kind=count, flag="-k", metavar="N")
    like: tuple[int, ...] = asked(
        (), help="a row (from 0) that results should be like", kind=row_number, metavar="ROW", several=True
    )
    unlike: tuple[int, ...] = asked(
        (), help="a row (from 0) that they should be unlike", kind=row_number, metavar="ROW", several=True
    )


@dataclass(frozen=True, eq=False)
class Found:
    """What was found, best first.

    Attributes
    ----------
    query : what was asked
    hits : the items with their scores, and every item's similarity
    results : the items as they are listed
    notes : what the reader should know of how it was found
    """

    query: str
    hits: Hits
    results: tuple[Line, ...]
    notes: tuple[str, ...] = ()


def run(view: View, ask: Ask, progress: Progress) -> Found:
    """Search a view; a filter bounds what may be found."""
    space = view.space
    notes: tuple[str, ...] = ()
    if ask.like or ask.unlike:
        encode = view.encode or search.own_encoder(space)
        question = encode([ask.query])[0] if ask.query and space.medium.reads_questions else None
        hits = search.like_these(space, _items(view, ask.like), _items(view, ask.unlike), ask.k, view.items, question)
    else:
        mode = ask.mode or search.usual_mode(space)
        hits = search.search(space, ask.query, ask.k, mode, view.encode, view.items)
        if hits.mode != mode:
            notes = (f"These vectors came ready-made: searched by {hits.mode} instead of {mode}.",)
        if hits.with_words is not None and (note := word_index(space).note):
            notes += (note,)
    return Found(ask.query, hits, tuple(view.lines(hits.items)), notes)


def asks_model(view: View, ask: Ask) -> bool:
    """Whether the model is asked for the vector of the question."""
    by_words = ask.mode == "keyword" and not (ask.like or ask.unlike)
    return bool(ask.query) and view.space.medium.reads_questions and not by_words


def _items(view: View, rows: tuple[int, ...]) -> np.ndarray:
    of_row = view.space.item_of_row
    for row in rows:
        if row >= len(of_row) or of_row[row] < 0:
            raise BadInput(f"Row {row} is not there or holds nothing to compare. Rows are counted from 0.")
    return view.space.items.of_rows(np.array(rows, np.int64))


def report(found: Found) -> dict[str, Any]:
    results = [
        {"row": line.row, "score": in_json(score), "text": line.text, "weight": line.weight}
        for line, score in zip(found.results, found.hits.scores, strict=True)
    ]
    return {"query": found.query, "mode": found.hits.mode, "results": results}


def lines(found: Found) -> Iterator[str]:
    yield f"by {found.hits.mode}: score, row (from 0), text"
    for line, score in zip(found.results, found.hits.scores, strict=True):
        again = f"  ({line.weight:,} rows hold it)" if line.weight > 1 else ""
        yield f"{score:7.3f}  {line.row:>7}  {shorten(one_line(line.text), SHOWN)}{again}"
    if not found.results:
        yield "nothing found"


ANSWER = Answer(
    help="the rows that answer a question best",
    asks=Ask,
    needs=("vectors",),
    run=run,
    report=report,
    lines=lines,
)

"""Search: the rows that answer a question best, or that are more like some rows and less like others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.analysis import search
from explorer.analysis.keywords import held_words, indexed_words, word_index
from explorer.analysis.search import MODES, Hits
from explorer.answers.answer import Answer, asked, count, in_json, number, row_number
from explorer.answers.view import Line, View
from explorer.errors import BadInput
from explorer.progress import Progress
from explorer.space import Space
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
        (), help="a row (from 0) that they should be less like", kind=row_number, metavar="ROW", several=True
    )
    minimum: float | None = asked(
        None, help="score from which a result is a close match; usual for the model where not given", kind=number,
        metavar="SCORE",
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Found:
    """What was found, best first.

    Attributes
    ----------
    query : what was asked
    hits : the items with their scores, and every item's score and similarity
    results : the items as they are listed
    minimum : the score from which a result is a close match; not used where words alone were searched
    close : bool array of shape (m,), which of all items are; see `Hits.close`
    words : for each result, the words asked for that its text holds, of those that count
    notes : what the reader should know of how it was found
    """

    query: str
    hits: Hits
    results: tuple[Line, ...]
    minimum: float
    close: np.ndarray
    words: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()

    @property
    def matches(self) -> list[bool]:
        """Whether each result is a close match."""
        return self.close[self.hits.items].tolist()


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
        if hits.words is not None:
            notes += hits.words.notes
        if hits.with_words is not None and (note := word_index(space).note):
            notes += (note,)
    minimum = search.usual_minimum(space) if ask.minimum is None else ask.minimum
    close = hits.close(minimum)
    if view.items is not None:
        close &= view.items
    results = tuple(view.lines(hits.items))
    return Found(ask.query, hits, results, minimum, close, _words(space, ask.query, hits, results), notes)


def _words(space: Space, query: str, hits: Hits, results: tuple[Line, ...]) -> tuple[tuple[str, ...], ...]:
    if hits.with_words is None:  # words were not searched
        return ((),) * len(results)
    index = word_index(space)
    words = hits.words.words if hits.words is not None else tuple(indexed_words(index.searched(query)))
    return tuple(held_words(words, line.text, index.language) for line in results)


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
        {
            "row": line.row, "score": in_json(score), "similarity": in_json(similarity), "words": list(words),
            "close": close, "text": line.text, "weight": line.weight,
        }
        for line, score, similarity, words, close in zip(
            found.results, found.hits.scores, found.hits.similarity, found.words, found.matches, strict=True
        )
    ]  # fmt: skip
    return {"query": found.query, "mode": found.hits.mode, "results": results}


def lines(found: Found) -> Iterator[str]:
    yield f"by {found.hits.mode}: score, row (from 0), text"
    scored = list(zip(found.results, found.hits.scores, found.matches, strict=True))
    for line, score, close in scored:
        if close:
            yield _line(line, score)
    if not all(found.matches):
        yield f"no close match, below {found.minimum:.2f}:"
    for line, score, close in scored:
        if not close:
            yield _line(line, score)
    if not found.results:
        yield "nothing found"


def _line(line: Line, score: float) -> str:
    again = f"  ({line.weight:,} rows hold it)" if line.weight > 1 else ""
    return f"{score:7.3f}  {line.row:>7}  {shorten(one_line(line.text), SHOWN)}{again}"


ANSWER = Answer(
    help="the rows that answer a question best",
    asks=Ask,
    needs=("vectors",),
    run=run,
    report=report,
    lines=lines,
)

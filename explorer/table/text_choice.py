"""Which column is the text: what people wrote, before all that programs write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from explorer.table.belonging import StandsIn, belonging, why_together
from explorer.table.writing import CODE, LANGUAGE, SEQUENCES

if TYPE_CHECKING:
    from explorer.table.roles import Column

TEXT_NAMES = (
    *("text", "review", "review_text", "comment", "comments", "description", "body", "content", "message", "sentence"),
    *("document", "abstract", "question", "answer", "tweet", "summary", "article", "utterance", "prompt", "lyrics"),
    *("full_text", "complaint", "feedback", "note", "notes", "post", "transcript", "story", "reply", "remarks"),
)  # fmt: skip
# Where no column is language, sequences and code are embedded rather than addresses.
_WORTH = {LANGUAGE: 1.0, SEQUENCES: 0.02, CODE: 0.02, "log lines": 0.015, "markup": 0.01, "JSON": 0.005}
_LEAST = 0.001


def simple(name: str) -> str:
    """A column's name as it is compared with others."""
    return name.strip().lower().replace("-", "_")


def says_text(name: str) -> bool:
    """Whether a column's name says that it is text: "text", "user.comment"."""
    return simple(name) in TEXT_NAMES or simple(name).rpartition(".")[2] in TEXT_NAMES


def choose_text(columns: Mapping[str, Column], has_content: bool, stands_in: StandsIn) -> tuple[str, ...]:
    """The column that people wrote, with those that belong to it, such as its title; empty where there is none.

    has_content : whether the table has vectors or pictures
    """
    texts = [name for name, column in columns.items() if column.kind == "text"]
    if not texts:
        # The only column may repeat a few words: it is the only thing to embed.
        strings = [name for name, column in columns.items() if column.kind == "category" and column.words > 0]
        return (strings[0],) if len(columns) == 1 and strings and not has_content else ()

    best = max(texts, key=lambda name: _weight(name, columns[name]))
    return belonging(columns, best, stands_in)


def _weight(name: str, column: Column) -> float:
    bonus = 2.0 if says_text(name) else 1.0
    worth = _WORTH.get(column.writing, _LEAST)
    # Above fifty words, a longer text does not count for more; a nearly empty column counts for less.
    return worth * bonus * min(column.words, 50) * column.unique * column.filled


def reason(columns: Mapping[str, Column], chosen: tuple[str, ...]) -> str:
    """Why `choose_text` chose these columns, as a clause that stands after "because"."""
    name, column = chosen[-1], columns[chosen[-1]]
    others = {other: found for other, found in columns.items() if found.kind == "text" and other not in chosen}
    if column.writing != LANGUAGE:
        rest = "nothing in the file is language" if others or len(columns) > 1 else "the file has no other column"
        return f"{rest}; it holds {column.writing}"
    if len(chosen) > 1:
        return why_together(chosen)
    words = f", {round(column.words)} words a cell" if round(column.words) > 1 else ""
    language = {other: found for other, found in others.items() if found.writing == LANGUAGE}
    longer = [other for other, found in language.items() if found.words > column.words]
    machine = [name for name, found in others.items() if found.writing != LANGUAGE and found.words >= column.words / 2]
    named = "its name says so" if says_text(name) else ""
    if len(columns) == 1:
        return "the file has no other column"
    if machine and not language:
        return f"nothing else in the file is language{words}; `{machine[0]}` holds {columns[machine[0]].writing}"
    if not longer:
        longest = "it holds the longest running text" if language else "it is the only column of running text"
        return f"{named} and {longest}{words}" if named else f"{longest}{words}"
    if column.filled > 1.2 * columns[longer[0]].filled:
        return f"it is filled in more rows than `{longer[0]}`{words}"
    return f"{named or 'it holds text that hardly repeats'}{words}"

"""Which columns belong to one text: a report's title with what stands below it, a question with its context.

Answers to two questions of a survey do not: each says something of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from explorer.table.writing import LANGUAGE

if TYPE_CHECKING:
    from explorer.table.roles import Column

StandsIn = Callable[[str, str], bool]  # whether the cells of the first column stand in those of the second

TITLE_NAMES = ("title", "headline", "subject")
_SHORT_FORMS = ("summary", "heading")  # a title beside a body, and a text of its own where there is none
_DESCRIPTIONS = ("description", "body", "details")  # what a report says at first
_COMMENTS = ("comment", "comments", "replies")  # and what was added to it
_BODIES = (*_DESCRIPTIONS, *_COMMENTS, "text", "content", "message", "review", "post")
_QUESTIONS, _CONTEXTS = ("question", "query"), ("context", "contexts", "passage", "paragraph")
_ANSWERS = ("answer", "answers")
_REPORTS = {"review", "issue", "ticket", "post", "article", "news", "email", "mail", "message", "thread", "report"}
_TITLE_WORDS = 3.0  # a column of few values whose cells are shorter is a topic
_VARIED = 0.2  # and so is one whose values come back more often than in five rows
_LONGEST_TITLE = 20.0  # mean words


def own_text(column: Column) -> bool:
    """Whether a column of few values holds a text of its own in nearly each row, rather than names of groups."""
    varied = column.unique >= _VARIED and column.distinct > 10
    return column.kind == "category" and column.words >= _TITLE_WORDS and varied and column.writing == LANGUAGE


def belonging(columns: Mapping[str, Column], best: str, stands_in: StandsIn) -> tuple[str, ...]:
    """The best text column with those that belong to it, in the order in which people read them."""
    asked = _question_and_context(columns, best)
    if asked:
        return asked
    if _is_title(best, columns[best]):
        bodies = [name for name in _named(columns, _DESCRIPTIONS + _COMMENTS) if _one_thing(best, name)]
        if not bodies:
            return (best,)
        title, body = best, max(bodies, key=lambda name: columns[name].words * columns[name].filled)
    else:
        titles = [name for name in columns if name != best and _titles(columns, name, best, stands_in)]
        if not titles:
            return (best,)
        title, body = titles[0], best
    return (title, *(_thread(columns, body) if columns[title].unique >= _VARIED else (body,)))


def why_together(columns: tuple[str, ...]) -> str:
    """Why columns that `belonging` gave are one text, as a clause."""
    pair = "a question and its context" if _parts(columns[-1])[-1] in _CONTEXTS else "a title and what stands below it"
    return f"they belong together, {pair}"


def _question_and_context(columns: Mapping[str, Column], best: str) -> tuple[str, ...]:
    questions, contexts = _named(columns, _QUESTIONS), _named(columns, _CONTEXTS)
    pairs = ((question, context) for question in questions for context in contexts if _one_thing(question, context))
    found = next(pairs, ())
    return found if best in found or _parts(best)[-1] in _ANSWERS else ()


def _titles(columns: Mapping[str, Column], name: str, body: str, stands_in: StandsIn) -> bool:
    """Whether a column holds the titles of another one, which do not stand in it already."""
    column, *before, last = columns[name], *_parts(name)
    if column.kind == "text" and not before and last in TITLE_NAMES:
        return not stands_in(name, body)
    report = before == _parts(body)[:-1] or (len(before) == 1 and before[0] in _REPORTS)
    return _is_title(name, column) and report and _parts(body)[-1] in _BODIES and not stands_in(name, body)


def _is_title(name: str, column: Column) -> bool:
    named = _parts(name)[-1] in (*TITLE_NAMES, *_SHORT_FORMS)
    return named and column.words <= _LONGEST_TITLE and (column.kind == "text" or own_text(column))


def _thread(columns: Mapping[str, Column], body: str) -> tuple[str, ...]:
    """What a report says, then its comments, where it has both."""
    told, added = _named(columns, _DESCRIPTIONS), _named(columns, _COMMENTS)
    pairs = ((one, other) for one in told for other in added if _one_thing(one, other))
    return next((pair for pair in pairs if body in pair), (body,))


def _named(columns: Mapping[str, Column], wanted: tuple[str, ...]) -> list[str]:
    """Columns of running text with such a name."""
    return [
        name for name, column in columns.items()
        if column.kind == "text" and column.writing == LANGUAGE and _parts(name)[-1] in wanted
    ]  # fmt: skip


def _one_thing(one: str, other: str) -> bool:
    """Whether names begin alike: "ticket_title" and "ticket_body", or one word each."""
    return _parts(one)[:-1] == _parts(other)[:-1]


def _parts(name: str) -> list[str]:
    """The words of a name in lower case: "fields.issueTitle" has three; at least one, which may be empty."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return [part for part in re.split(r"[\W_]+", spaced) if part] or [""]

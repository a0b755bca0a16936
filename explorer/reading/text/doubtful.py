"""Where the delimiter or the header of a text was decided by little: the question, and the other reading's rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from explorer.errors import BadInput
from explorer.reading.options import ONE_COLUMN, Options, Parsed
from explorer.reading.text.body import Body, show
from explorer.reading.text.dialect import Detected
from explorer.table.doubts import SHOWN_ROWS, Doubt

_NEARLY = 0.85  # of the best score: another delimiter fits about as well
_LINES, _CHARACTERS = 80, 65_536  # of the file, for the first rows of another reading

Parse = Callable[[str, Options], Parsed]


def doubts_of(body: Body, detected: Detected, options: Options, parse: Parse) -> list[Doubt]:
    """At most one of each kind, none about what was chosen by the user.

    parse : reads a text with other options
    """
    found = []
    for question, here, other, keep, change in [*_delimiter(body, detected, options), *_header(body, options)]:
        shown = _first_rows(body, replace(options, **_checked(change)), parse)
        if shown is not None:
            found.append(Doubt(question, here, other, keep, change, *shown))
    return found


_Question = tuple[str, str, str, dict, dict]


def _delimiter(body: Body, detected: Detected, options: Options) -> Iterator[_Question]:
    if options.delimiter or len(body.lines) < 2:
        return
    best = detected.dialect.delimiter if detected.delimited else ONE_COLUMN
    scores = {**detected.scores, ONE_COLUMN: detected.single}
    second = max((mark for mark in scores if mark != best), key=lambda mark: scores[mark], default=None)
    if second is None or scores[second] < _NEARLY * scores.get(best, 1.0):
        return
    named = lambda mark: "nothing: each line is a text" if mark == ONE_COLUMN else show(mark)  # noqa: E731
    yield (
        "What stands between two cells?", named(best), named(second), {"delimiter": best}, {"delimiter": second},
    )  # fmt: skip


def _header(body: Body, options: Options) -> Iterator[_Question]:
    if options.header is not None:
        return
    line = body.first_line
    if body.named and body.wide_above:
        first = body.wide_above
        yield (
            "In which line are the column names?", f"line {line}", f"line {first}",
            {"header_row": line}, {"header_row": first},
        )  # fmt: skip
    elif body.header_in_doubt:
        held = (f"line {line} holds the column names", {"header_row": line})
        none = (f"line {line} is a row; there is no header", {"header_row": 0})
        (here, keep), (other, change) = (held, none) if body.named else (none, held)
        yield f"Does line {line} hold the column names?", here, other, keep, change


def _checked(change: dict) -> dict:
    """Options as `Options.of` makes them."""
    if "header_row" in change:
        return {"header": change["header_row"] > 0, "header_row": change["header_row"] or None}
    return change


def _first_rows(
    body: Body, options: Options, parse: Parse
) -> tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]] | None:
    lines, characters = [], 0
    for line in body.lines[:_LINES]:
        lines.append(line)
        characters += len(line)
        if characters > _CHARACTERS:
            break
    try:
        arrow = parse("".join(lines), replace(options, skip_rows=())).arrow.slice(0, SHOWN_ROWS)
    except BadInput:
        return None
    cells = [column.to_pylist() for column in arrow.columns]
    return tuple(arrow.column_names), tuple(zip(*cells, strict=True))

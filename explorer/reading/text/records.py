"""The records of a delimited text in a given dialect, broken ones included."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from explorer.limits import MAX_FILE_BYTES

csv.field_size_limit(min(MAX_FILE_BYTES, 2**31 - 1))  # the effective limit is that of decode() on lines

LONG_LINE = 2_000  # characters; for a longer broken line, fewer readings are tried
REPAIR_LINES = 50  # the most lines of a cell with unescaped quotes inside


@dataclass(frozen=True)
class Dialect:
    """How cells are separated and quoted in a delimited text."""

    delimiter: str = ","
    quote: str = '"'
    escape: bool = False  # quotes inside a cell are written \" instead of ""
    skip_space: bool = False  # a space after each delimiter is not part of the cell


def split_lines(text: str) -> list[str]:
    r"""Lines with their ends, which may be \n, \r\n or \r, mixed. (str.splitlines cuts at more characters.)"""
    return list(io.StringIO(text, newline=""))


def records(
    lines: list[str], dialect: Dialect, width: int | None = None, position: int = 0
) -> Iterator[tuple[int, list[str], bool, int]]:
    """Each record from line `position` on, as (first line from 1, cells, whether it was repaired, last line).

    Blank lines are skipped.

    Python's csv module reads well-formed records. Where its strict mode fails (a stray quote, text after a closing
    quote, a quote that is never closed), or a record of several lines has the wrong `width`, `_repair` reads the record
    again, so that a stray quote spoils only its own line and not the rest of the file.
    """
    while position < len(lines):
        reader = csv.reader(map(lines.__getitem__, range(position, len(lines))), strict=True, **_options(dialect))
        begin = start = position
        position = len(lines)
        try:
            for cells in reader:
                end = start + reader.line_num
                if width is not None and _swallowed(lines, begin, end, cells, dialect, width):
                    yield begin + 1, lenient_row(lines[begin], dialect, width), True, begin + 1
                    position = begin + 1
                    break
                if cells and not (len(cells) == 1 and not lines[begin].strip()):
                    yield begin + 1, cells, False, end
                begin = end
        except csv.Error:
            cells, used = _repair(lines, begin, dialect, width)
            yield begin + 1, cells, True, begin + used
            position = begin + used


def _options(dialect: Dialect) -> dict[str, Any]:
    return {
        "delimiter": dialect.delimiter,
        "quotechar": dialect.quote,
        "doublequote": True,
        "escapechar": "\\" if dialect.escape else None,
        "skipinitialspace": dialect.skip_space,
    }


def _swallowed(lines: list[str], begin: int, end: int, cells: list[str], dialect: Dialect, width: int) -> bool:
    """Whether an unclosed quote joined several rows: the record's width is wrong, but its first line's is right.

    A record of the right width is always accepted, so that well-formed CSV is read exactly.
    """
    return end - begin > 1 and len(cells) != width and len(lenient_row(lines[begin], dialect, width)) == width


def _repair(lines: list[str], begin: int, dialect: Dialect, width: int | None) -> tuple[list[str], int]:
    """The best reading of the broken record at `begin`, and its number of lines."""
    row = lenient_row(lines[begin], dialect, width)
    if width is None or len(row) == width:
        return row, 1
    # It may be a cell of several lines with quotes inside: join lines until the width fits, unless a line is a row.
    joined = lines[begin]
    for used in range(2, REPAIR_LINES + 1):
        if begin + used > len(lines):
            break
        line = lines[begin + used - 1]
        if width > 1 and len(lenient_row(line, dialect, width)) == width:
            break
        joined += line
        cells = _lenient(joined, dialect)
        if len(cells) == width:
            return cells, used
    return row, 1


def lenient_row(line: str, dialect: Dialect, width: int | None) -> list[str]:
    """One line as a row. Where the width is wrong, each opening quote is tried as a plain character."""
    row = _lenient(line, dialect)
    if width is None or len(row) == width:
        return row
    tries = 20 if len(line) < LONG_LINE else 2
    for literal in range(-1, min(line.count(dialect.quote), tries)):
        for eager in (False, True):
            other = _lenient(line, dialect, literal, eager)
            if len(other) == width:
                return other
    return row


def _lenient(text: str, dialect: Dialect, literal: int = -1, eager: bool = False) -> list[str]:
    """The fields of `text`, where quotes count only if they enclose a whole field.

    A closing quote stands before a delimiter or the end; other quotes inside are plain characters, as in
    `"A "big" hit"`. `literal` is the number of an opening quote that is taken as a plain character. With `eager`, the
    second of two quotes before a delimiter closes the field (`"600 dpi"",next`).
    """
    text = text.rstrip("\r\n")
    quote, delimiter = dialect.quote, dialect.delimiter
    closing = re.compile(f"{re.escape(quote)}[ ]*(?={re.escape(delimiter)}|$)")
    cells, at, opened = [], 0, 0
    while True:
        if dialect.skip_space:
            while text.startswith(" ", at):
                at += 1
        end = None
        if text.startswith(quote, at):
            if opened != literal:
                end = _close(text, at + 1, closing, dialect, eager)
            opened += 1
        if end is not None:
            inner = text[at + 1 : end.start()].replace(quote * 2, quote)
            cells.append(re.sub(r"\\(.)", r"\1", inner, flags=re.S) if dialect.escape else inner)
            at = end.end()
        else:
            stop = text.find(delimiter, at)
            stop = len(text) if stop < 0 else stop
            cells.append(text[at:stop])
            at = stop
        if at >= len(text):
            return cells
        at += len(delimiter)


def _close(text: str, at: int, closing: re.Pattern[str], dialect: Dialect, eager: bool) -> re.Match[str] | None:
    for match in closing.finditer(text, at):
        end = match.start()
        if dialect.escape and _run(text, at, end, "\\") % 2:
            continue
        # An odd run of quotes before it: this one is the second half of a doubled quote.
        if _run(text, at, end, dialect.quote) % 2 and match.end() < len(text) and not eager:
            continue
        return match
    return None


def _run(text: str, start: int, end: int, mark: str) -> int:
    """How many times `mark` is repeated just before `end`."""
    first = end
    while first > start and text[first - 1] == mark:
        first -= 1
    return end - first

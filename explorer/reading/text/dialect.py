"""The records of a delimited text, and its delimiter, quote and escape."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from explorer.limits import MAX_FILE_BYTES

csv.field_size_limit(min(MAX_FILE_BYTES, 2**31 - 1))  # the effective limit is that of decode() on lines

SAMPLE_CHARACTERS = 256 * 1024
SAMPLE_RECORDS = 300
LONG_LINE = 2_000  # characters; for a longer broken line, fewer readings are tried
REPAIR_LINES = 50  # the most lines of a cell with unescaped quotes inside

# The weight of each delimiter: rare ones must fit clearly better.
DELIMITERS = {",": 1.0, "\t": 1.05, ";": 1.0, "|": 1.0, "\x01": 1.0, "\x1f": 1.0, "\x1e": 1.0}
RARE_DELIMITERS = {"^": 0.8, "~": 0.8, "¦": 0.8, "§": 0.8, ":": 0.7, "#": 0.6, "!": 0.6, "&": 0.6, "*": 0.6, " ": 0.5}
ALL_DELIMITERS = DELIMITERS | RARE_DELIMITERS


@dataclass(frozen=True)
class Dialect:
    """How cells are separated and quoted in a delimited text."""

    delimiter: str = ","
    quote: str = '"'
    escape: bool = False  # quotes inside a cell are written \" instead of ""
    skip_space: bool = False  # a space after each delimiter is not part of the cell


@dataclass(frozen=True)
class Detected:
    """The likeliest dialect of a text, and how certain it is."""

    dialect: Dialect
    score: float  # of the best delimiter, 0 to about 1
    single: float  # of "one column, no delimiter" on the same scale

    @property
    def delimited(self) -> bool:
        """Whether there are columns at all."""
        return self.score > self.single


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
                if cells and not (len(cells) == 1 and width != 1 and not lines[begin].strip()):
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


_PLAIN_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)([.,]\d+)?([eE][-+]?\d+)?%?")
_TIME = re.compile(r"(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})?[T ]?(\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[-+]\d\d:?\d\d)?")
_TIGHT = re.compile(r"[^\s,][,;|][^\s,;|]|\t|[\x01\x1e\x1f]")
_NUMBERS = re.compile(r"[-+\d.,]+( +[-+\d.,]+)+")


def _natural(cell: str, dialect: Dialect) -> bool:
    """Whether a cell looks like one value: without another delimiter inside, and not half of a quoted field."""
    cell = cell.strip()
    if not cell or _PLAIN_NUMBER.fullmatch(cell) or _TIME.fullmatch(cell):
        return True
    for mark in "\"'":
        if (cell[0] == mark) != (cell[-1] == mark) and mark == dialect.quote:
            return False
    if not dialect.escape and "\\" + dialect.quote in cell:
        return False
    return not (_TIGHT.search(cell[:400]) or _NUMBERS.fullmatch(cell))


def detect(text: str, delimiter: str | None = None, prefer: str | None = None) -> Detected:
    """The dialect of a delimited text, by its first few hundred records.

    A candidate is better where more records have the usual width (their share is c), where they are wide, and where
    cells look like single values: score = c^2 * sqrt(1 - 1/width) * share of natural cells * prior.

    delimiter : the only candidate
    prefer : a delimiter (from the file's extension) that is taken where several are about equally good
    """
    sample = text[:SAMPLE_CHARACTERS]
    lines = split_lines(sample)
    if len(text) > len(sample) and len(lines) > 1:
        lines.pop()
    single = 0.5 * _naturalness([[line.rstrip("\r\n")] for line in lines[:SAMPLE_RECORDS]], Dialect())
    best, best_score = Dialect(delimiter or ","), 0.0
    for candidate in [delimiter] if delimiter else [mark for mark in ALL_DELIMITERS if mark in sample]:
        prior = ALL_DELIMITERS.get(candidate, 1.0) * (1.15 if candidate == prefer else 1.0)
        if prior < 1 and _between_quotes(lines, candidate):
            prior = 1.0  # this is certainly the delimiter, however rare
        for dialect in _variants(candidate, sample):
            # The plain reading comes first; a variant must be clearly better.
            score = prior * _score(lines, dialect)
            if score > best_score + 0.005:
                best, best_score = dialect, score
    return Detected(best, best_score, single)


def _between_quotes(lines: list[str], delimiter: str) -> bool:
    """Whether the lines are quoted cells with this character between them."""
    sample = [line.strip() for line in lines[:50] if line.strip()]
    shown = sum(line[0] == '"' == line[-1] and f'"{delimiter}"' in line for line in sample)
    return shown > 0.9 * len(sample)


def doubled(lines: list[str], dialect: Dialect) -> bool:
    """Whether the delimiter always comes twice, as in "a::b": then it is two characters long."""
    rows = [cells for _, cells, _, _ in islice(records(lines, dialect), 50)]
    return all(len(row) > 2 and len(row) % 2 == 1 and not any(row[1::2]) and any(row[::2]) for row in rows)


def _variants(delimiter: str, sample: str) -> Iterator[Dialect]:
    plain = Dialect(delimiter)
    edge = f"(?:^|{re.escape(delimiter)})"
    yield plain
    if delimiter != " " and re.search(f'{edge} +"', sample, re.M):
        yield replace(plain, skip_space=True)
    if '\\"' in sample:
        yield replace(plain, escape=True)
    if re.search(f"{edge} ?'", sample, re.M) and re.search(rf"'\s*(?:{re.escape(delimiter)}|$)", sample, re.M):
        yield replace(plain, quote="'")
        yield replace(plain, quote="'", skip_space=True)
        if "\\'" in sample:
            yield replace(plain, quote="'", escape=True)


def _score(lines: list[str], dialect: Dialect) -> float:
    rows, broken = [], 0
    for _, cells, repaired, _ in records(lines, dialect):
        rows.append(cells)
        broken += repaired
        if len(rows) == SAMPLE_RECORDS:
            break
    widths = Counter(map(len, rows))
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width < 2:
        return 0.0
    consistency = count / len(rows)
    intact = 1 - 0.5 * broken / len(rows)
    # A rare mark that is not in the first line is probably part of cells.
    if len(rows[0]) < 2 and dialect.delimiter in RARE_DELIMITERS:
        intact *= 0.5
    wrapped = _wrapped(rows, '"' if dialect.quote == "'" else "'")
    return float(consistency**2 * (1 - 1 / width) ** 0.5 * _naturalness(rows, dialect) * intact * wrapped)


def _wrapped(rows: list[list[str]], mark: str) -> float:
    """A factor below 1 where cells are still enclosed in the other quotation mark."""
    cells = [cell for row in rows[:100] for cell in row if len(cell) > 1]
    share = sum(cell[0] == mark == cell[-1] for cell in cells) / len(cells) if cells else 0.0
    return 1 - 0.5 * share if len(rows) > 2 and share > 0.2 else 1.0


def _naturalness(rows: list[list[str]], dialect: Dialect) -> float:
    cells = [cell for row in rows[:100] for cell in row[:200]]
    return sum(_natural(cell, dialect) for cell in cells) / len(cells) if cells else 0.0

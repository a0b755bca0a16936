"""CSV, TSV and other delimited text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from itertools import islice

import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import BadInput
from explorer.limits import MAX_COLUMNS
from explorer.reading.header import NUMBERED, has_header, is_repeat, names_its_columns, unique_names
from explorer.reading.options import Options, Parsed
from explorer.reading.text.decode import decode
from explorer.reading.text.dialect import (
    DELIMITERS,
    SAMPLE_CHARACTERS,
    SAMPLE_RECORDS,
    Dialect,
    detect,
    doubled,
    records,
    split_lines,
)
from explorer.reading.text.fitting import RowFitter, stripped, usual_width
from explorer.table.table import string_array

BLOCK = 65_536  # rows held as Python lists at once
MAX_PREAMBLE = 20
_UNUSED = ("\x1f", "\x1e", "\x01", "\ue001", "\ue002")  # used as the delimiter of files with a single column
_MARKED_ENDS = {"\ue003": "\r\n", "\ue004": "\r", "\ue005": "\n"}


def read_csv(data: bytes, options: Options) -> Parsed:
    """Columns of strings exactly as written, null where missing; in doubt the delimiter is a comma."""
    return _read(data, options, prefer=",")


def read_tsv(data: bytes, options: Options) -> Parsed:
    """Like `read_csv`; in doubt the delimiter is a tab."""
    return _read(data, options, prefer="\t")


def _read(data: bytes, options: Options, prefer: str) -> Parsed:
    decoded = decode(data, options.name, options.encoding)
    parsed = parse(decoded.text, options, prefer)
    parsed.notes[:0] = decoded.notes
    parsed.encoding = decoded.encoding
    return parsed


def parse(text: str, options: Options, prefer: str = ",") -> Parsed:
    """A delimited text as a table of strings.

    Raises BadInput when there are no rows, or too many columns.
    """
    notes: list[str] = []
    text = text.removesuffix("\x1a")  # the end of a file, as DOS wrote it
    delimiter = options.delimiter
    declared = re.match(r"sep=([^\r\n])\r?\n?", text)
    if declared and not delimiter:
        delimiter, text = declared[1], text[declared.end() :]
        notes.append(f"The first line says that {_show(delimiter)} is the delimiter.")
    offset = 1 if declared and delimiter == declared[1] else 0
    shown = delimiter
    restore: dict[str, str] = {}
    if delimiter and len(delimiter) > 1:
        # The csv module needs a single character: take a private one of Unicode that is not in the text.
        mark = next(chr(code) for code in range(0xE010, 0xF8FF) if chr(code) not in text)
        text, delimiter, restore = text.replace(delimiter, mark), mark, {mark: delimiter}
    detected = detect(text, delimiter, prefer)
    dialect = detected.dialect
    if not delimiter and not detected.delimited:
        # One column: commas are part of cells, but quotes still count.
        dialect = Dialect(next(mark for mark in _UNUSED if mark not in text))
    elif not delimiter and doubled(split_lines(text[:SAMPLE_CHARACTERS]), dialect):
        parsed = parse(text, replace(options, delimiter=2 * dialect.delimiter), prefer)
        parsed.notes[:0] = notes
        return parsed
    if dialect.skip_space:
        notes.append("A space after each delimiter was taken as part of the delimiter.")
    lines = split_lines(text)
    body = _Body(lines, dialect, options, offset, restore)
    if body.repaired and not dialect.escape and '\\"' in text:
        other = _Body(lines, replace(dialect, escape=True), options, offset, restore)
        body = other if other.trouble < body.trouble else body
    if body.trouble and len(ends := Counter(re.findall("\r\n|\r|\n", text))) > 1:
        # Line ends of a rarer kind may be line breaks inside unquoted cells.
        usual = ends.most_common(1)[0][0]
        others = {mark: end for mark, end in _MARKED_ENDS.items() if end != usual and mark not in text}
        marks = {end: mark for mark, end in others.items()}
        marked = re.sub("\r\n|\r|\n", lambda end: marks.get(end[0], end[0]), text)
        other = _Body(split_lines(marked), body.dialect, options, offset, restore | others)
        body = other if other.trouble < body.trouble else body
    parsed = body.parsed()
    parsed.notes[:0] = notes
    parsed.delimiter = shown or (None if dialect.delimiter in _UNUSED else dialect.delimiter)
    return parsed


def _show(delimiter: str) -> str:
    return {"\t": "a tab", " ": "a space"}.get(delimiter, repr(delimiter))


class _Body:
    """The rows as read in one dialect: where they begin, how many cells they have, and which had to be repaired."""

    def __init__(
        self, lines: list[str], dialect: Dialect, options: Options, offset: int, restore: dict[str, str]
    ) -> None:
        self.restore = restore  # private characters in the text, and what they replace
        self.lines, self.dialect, self.options, self.offset = lines, dialect, options, offset
        self.rejected: list[tuple[int, str]] = []
        self.contents: dict[int, str] = {}
        self.notes: list[str] = []
        self.repaired = 0
        sample = list(islice(records(lines, dialect), SAMPLE_RECORDS))
        if not sample:
            raise BadInput(f"{options.name} holds no rows. Choose a file with at least one row of data.")
        rows = [cells for _, cells, _, _ in sample]
        first = self._skip_preamble(sample, rows)
        self._name_columns(sample, rows, first)
        self._read()

    @property
    def trouble(self) -> int:
        return self.repaired + self.fitter.short + len(self.rejected)

    def _skip_preamble(self, sample: list[tuple[int, list[str], bool, int]], rows: list[list[str]]) -> int:
        """The index of the record where the table begins. Lines above it are rejected."""
        width = usual_width(rows)
        wide = [index for index, row in enumerate(rows) if len(stripped(row)) >= width or len(row) == width]
        # A title may be saved with all delimiters: one cell with text, the others empty.
        titles = next((place for place, index in enumerate(wide) if len(stripped(rows[index])) > 1), 0)
        if width > 2 and titles and names_its_columns(rows[wide[titles]], rows[wide[titles] + 1 :]):
            wide = wide[titles:]
        first = wide[0]
        regular = sum(len(row) == width for row in rows) >= max(2, len(rows) / 2)
        if not regular or not 0 < first <= MAX_PREAMBLE or any(len(row) == width - 1 > 1 for row in rows[:first]):
            return 0
        parted = first and sample[first][0] > sample[first - 1][3] + 1  # by a blank line
        title_only = (width > 2 or parted) and all(len(stripped(row)) < 2 for row in rows[:first])
        mostly_filled = sum(bool(cell.strip()) for cell in rows[first]) > 0.6 * width
        if not mostly_filled or not (title_only or names_its_columns(rows[first], rows[first + 1 :])):
            return 0
        for line, _, _, last in sample[:first]:
            self._reject(line, last, "before the table begins")
        self.notes.append(f"{first} {_rows(first)} above the table {_were(first)} left out.")
        return first

    def _name_columns(self, sample: list[tuple[int, list[str], bool, int]], rows: list[list[str]], first: int) -> None:
        header, below = rows[first], rows[first + 1 :]
        self._check_width(len(header))
        self.named = has_header(header, below) if self.options.header is None else self.options.header
        if self.named:
            raw = list(header)
            wide = [row for row in below if len(row) > len(raw)]
            texts = sum(RowFitter.prose(row, len(row) - len(raw)) is not None for row in wide)
            if below and len(wide) >= 0.9 * len(below) and texts < 0.9 * len(wide):
                raw += [""] * (usual_width(below) - len(raw))
                self.notes.append(f"The rows have more fields than the {len(header)} column names.")
            # Where there are too many names, drop empty ones.
            blank = [index for index, name in enumerate(raw) if not name.strip()]
            surplus = len(raw) - usual_width(below) if below else 0
            if 0 < surplus <= len(blank):
                for index in blank[-surplus:][::-1]:
                    raw.pop(index)
                self.notes.append("The column names have more fields than the rows; empty ones were left out.")
        else:
            raw = [""] * usual_width(rows[first:])
            self.notes.append(NUMBERED)
        self._check_width(len(raw))
        self.header, self.start = header, sample[first][0] - 1
        self.names, notes = unique_names(raw)
        self.notes += notes if self.named else []
        self.width = len(raw)
        usual = [row for row in below if len(row) == self.width] or [raw]
        self.fitter = RowFitter(self.dialect, self.width, usual)

    def _check_width(self, width: int) -> None:
        if width > MAX_COLUMNS:
            raise BadInput(
                f"{self.options.name} has {width:,} columns, and at most {MAX_COLUMNS:,} can be read. "
                "Put vectors into an NPY or Parquet file, or leave columns out."
            )

    def _read(self) -> None:
        fitter = self.fitter
        width, block, columns = self.width, [], [[] for _ in self.names]  # type: ignore[var-annotated]

        def flush() -> None:
            for chunks, cells in zip(columns, zip(*block, strict=True), strict=True):
                chunks.append(string_array(cells))
            block.clear()

        held: list[tuple[int, int, list[str]]] = []  # lines of one field; at the end of the file, no rows
        found = records(self.lines, self.dialect, width, self.start)
        other_quote = '"' if self.dialect.quote == "'" else "'"
        for line, cells, repaired, last in islice(found, int(self.named), None):
            if self.named and cells[0] == self.header[0] and is_repeat(cells, self.header):
                self._reject(line, last, "the column names again")
                continue
            self.repaired += repaired
            if len(cells) == 1 and width > 2 and not any(mark in cells[0] for mark in DELIMITERS):
                held.append((line, last, cells))
                continue
            for held_line, _, single in held:  # more rows follow: it was a short row of the table
                block.append(fitter.fit(single, self.lines[held_line - 1]))
            held.clear()
            row: list[str | None] | list[str] | None = (
                cells if len(cells) == width else fitter.fit(cells, self.lines[line - 1])
            )
            if cells[0][:1] == other_quote and width > 1:
                row = fitter.in_other_quotes("".join(self.lines[line - 1 : last]), other_quote) or row
            if row is None:
                plural = "field" if len(cells) == 1 else "fields"
                self._reject(line, last, f"{len(cells)} {plural} where {width} are expected")
                continue
            block.append(row)
            if len(block) >= BLOCK:
                flush()
        for line, last, _ in held:
            self._reject(line, last, "after the table ends")
        if block:
            flush()
        self.columns = [pa.chunked_array(chunks, pa.string()) for chunks in columns]

    def _reject(self, line: int, last: int, reason: str) -> None:
        self.rejected.append((line + self.offset, reason))
        self.contents[line + self.offset] = "".join(self.lines[line - 1 : last]).rstrip("\r\n")

    def _rejects(self) -> tuple[list[tuple[int, str]], dict[int, str]]:
        """The rejected rows and their texts, by line numbers that count marked line ends too."""
        contents = self.contents
        for mark, original in self.restore.items():
            contents = {line: content.replace(mark, original) for line, content in contents.items()}
        marks = [mark for mark, original in self.restore.items() if original.strip("\r\n") == ""]
        if not marks or not self.rejected:
            return sorted(self.rejected), contents
        hidden = [0]
        for line in self.lines:
            hidden.append(hidden[-1] + sum(map(line.count, marks)))
        true = {line: line + hidden[line - 1 - self.offset] for line in contents}
        rejected = sorted((true[line], reason) for line, reason in self.rejected)
        return rejected, {true[line]: content for line, content in contents.items()}

    def parsed(self) -> Parsed:
        """The table with its notes. Raises BadInput when no row is left."""
        name = self.options.name
        if not self.columns or not len(self.columns[0]):
            if self.rejected:
                line, reason = self.rejected[0]
                raise BadInput(f"{name} has no row that can be used (line {line}: {reason}). Check its delimiter.")
            listed = ", ".join(self.names[:8])
            raise BadInput(f"{name} has column names ({listed}) but no rows. Choose a file with rows of data.")
        names, columns = list(self.names), list(self.columns)
        delimiter = _show(self.dialect.delimiter)
        for count, text in (
            (self.fitter.short, "short {rows} {were} padded with missing cells"),
            (self.fitter.trimmed, "{rows} ended in extra empty fields, which were left out"),
            (self.fitter.merged, f"{{rows}} had an unquoted {delimiter} in a text, which was kept as text"),
            (self.repaired, "{rows} with stray quotation marks {were} read as plain text"),
            *((count, f"{{rows}} used {_show(mark)} as delimiter") for mark, count in self.fitter.other.items()),
        ):
            if count:
                self.notes.append(f"{count:,} {text.format(rows=_rows(count), were=_were(count))}.")
        for mark, original in self.restore.items():
            names = [label.replace(mark, original) for label in names]
            columns = [
                pa.chunked_array([pc.replace_substring(chunk, mark, original) for chunk in column.chunks])
                for column in columns
            ]
        rejected, contents = self._rejects()
        return Parsed(pa.table(columns, names=names), rejected, self.notes, contents=contents)


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"

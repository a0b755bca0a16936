"""The table in a delimited text: where it begins and ends, its column names, and its rows."""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import BadInput
from explorer.limits import MAX_COLUMNS
from explorer.reading.header import NUMBERED, has_header, header_in_doubt, is_repeat, unique_names
from explorer.reading.header_rows import HeaderRows, header_rows
from explorer.reading.options import Options, Parsed
from explorer.reading.text.dialect import DELIMITERS, first_records
from explorer.reading.text.edges import MAX_ENDING, joined_repeats, rows_above, rows_below
from explorer.reading.text.fitting import RowFitter, stripped, usual_width
from explorer.reading.text.records import Dialect, records
from explorer.reading.text.signed import parted
from explorer.table.notes import Note
from explorer.table.table import string_array
from explorer.wording import counted

BLOCK = 65_536  # rows held as Python lists at once


def show(delimiter: str) -> str:
    """A delimiter as people call it."""
    return {"\t": "a tab", " ": "a space"}.get(delimiter, repr(delimiter))


class Body:
    """The rows as read in one dialect: where they begin, how many cells they have, and which had to be repaired."""

    def __init__(
        self,
        lines: list[str],
        dialect: Dialect,
        options: Options,
        offset: int,
        restore: dict[str, str],
        in_doubt: bool,
    ) -> None:
        self.in_doubt = in_doubt  # whether a word above words is the name of the only column
        self.restore = restore  # private characters in the text, and what they replace
        self.lines, self.dialect, self.options, self.offset = lines, dialect, options, offset
        self.rejected: list[tuple[int, str]] = []
        self.contents: dict[int, str] = {}
        self.notes: list[str] = []
        self.repaired = 0
        chosen = (options.header_row or 1) - offset - 1  # the place where the reader begins
        sample = first_records(lines, dialect, position=max(chosen, 0))
        if not sample:
            more = "" if options.header_row is None else f" from line {options.header_row} on"
            raise BadInput(f"{options.name} holds no rows{more}. Choose a file with at least one row of data.")
        above = list(records(lines[:chosen], dialect)) if options.header_row else sample[: rows_above(sample)]
        first = 0 if options.header_row else len(above)
        for line, _, _, last in above:
            self._reject(line, last, "before the table begins")
        wide = [line for line, cells, _, _ in above if len(stripped(cells)) > 1] if not options.header_row else []
        self.first_line = sample[first][0] + offset  # where the table begins
        self.wide_above = wide[0] + offset if wide else 0  # a line above it that has several cells
        self._name_columns(sample, [cells for _, cells, _, _ in sample], first)
        self._note_header(sample[first][0] + offset, len(above))
        self._read()

    @property
    def trouble(self) -> int:
        return self.repaired + self.fitter.short + len(self.rejected)

    def _note_header(self, line: int, above: int) -> None:
        """Say where the column names are, where that is not simply the first line."""
        self.header_row = line if self.named else None
        if self.more.joined:
            rows = f"{self.more.joined + 1} rows"
            self.notes.append(Note(f"Header from {rows}, from line {line} on, joined.", "header"))
        elif above:
            begins = "Header from" if self.named else "The table begins in"
            self.notes.append(Note(f"{begins} line {line}.", "header"))
        if above:
            self.notes.append(Note(f"{counted(above, 'row')} above the table left out.", "rows"))
        if self.more.left_out:
            held = " and ".join(self.more.left_out)
            left = counted(len(self.more.left_out), "row")
            self.notes.append(Note(f"{left} below the names left out ({held}).", "rows"))

    def _name_columns(self, sample: list[tuple[int, list[str], bool, int]], rows: list[list[str]], first: int) -> None:
        header, below = rows[first], rows[first + 1 :]
        self._check_width(len(header))
        self.named = has_header(header, below, self.in_doubt) if self.options.header is None else self.options.header
        self.header_in_doubt = self.options.header is None and header_in_doubt(header, below, self.named)
        self.more = HeaderRows(header)
        if self.named:
            if all(len(row) == len(header) for row in below[:2]):
                self.more = header_rows(header, below, marks_only=self.options.header_row is not None)
            raw, below = list(self.more.names), below[self.more.count :]
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
            self.notes.append(Note(NUMBERED, "header"))
        self._check_width(len(raw))
        self.header, self.start = header, sample[first][0] - 1
        self.raw, self.width = raw, len(raw)
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
        width, block, columns = self.width, [], [[] for _ in self.raw]  # type: ignore[var-annotated]
        last_lines: deque[tuple[int, int]] = deque(maxlen=MAX_ENDING)

        def flush() -> None:
            for chunks, cells in zip(columns, zip(*block, strict=True), strict=True):
                chunks.append(string_array(cells))
            block.clear()

        held: list[tuple[int, int, list[str]]] = []  # lines of one field; at the end of the file, no rows
        found = records(self.lines, self.dialect, width, self.start)
        other_quote = '"' if self.dialect.quote == "'" else "'"
        for line, cells, repaired, last in islice(found, self.named + self.more.count, None):
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
            last_lines.append((line, last))
            if len(block) >= BLOCK:
                flush()
        for line, last, _ in held:
            self._reject(line, last, "after the table ends")
        self._end(block, columns, last_lines)
        if block:
            flush()
        self.columns = [pa.chunked_array(chunks, pa.string()) for chunks in columns]

    def _end(self, block: list[Any], columns: list[list[pa.Array]], lines: deque[tuple[int, int]]) -> None:
        """Leave out what stands below the table: notes and totals."""
        before = sum(map(len, columns[0]))
        reasons = rows_below(block, before, self.fitter.filled) if len(block) + before > 3 else []
        for reason in reasons[: len(lines)]:
            block.pop()
            self._reject(*lines.pop(), reason)
        totals = reasons.count("a row of totals")
        if totals:
            self.notes.append(Note(f"{counted(totals, 'row')} of totals at the end {_were(totals)} left out.", "rows"))

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
            named = ", ".join(unique_names(self.raw)[0][:8])
            raise BadInput(f"{name} has column names ({named}) but no rows. Choose a file with rows of data.")
        raw, columns, signed = parted(self.raw, self.columns)
        raw, columns, joined = joined_repeats(raw, columns)
        names, notes = unique_names(raw)
        self.notes += [*filter(None, (signed, joined)), *(notes if self.named else [])]
        delimiter = show(self.dialect.delimiter)
        for count, text in (
            (self.fitter.short, "short {rows} {were} padded with missing cells"),
            (self.fitter.trimmed, "{rows} ended in extra empty fields, which were left out"),
            (self.fitter.merged, f"{{rows}} had an unquoted {delimiter} in a text, which was kept as text"),
            (self.repaired, "{rows} with stray quotation marks {were} read as plain text"),
            *((count, f"{{rows}} used {show(mark)} as delimiter") for mark, count in self.fitter.other.items()),
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
        made = pa.table(columns, names=names)
        return Parsed(made, rejected, self.notes, contents=contents, header_row=self.header_row)


def _rows(count: int) -> str:
    return "row" if count == 1 else "rows"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"

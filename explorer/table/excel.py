"""Tables as an Excel workbook: numbers and dates as such, everything else as the text that it is."""

from __future__ import annotations

import datetime
import io
import json
import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from explorer.table.table import holds_text

# Limits of a sheet, from Microsoft's "Excel specifications and limits".
MOST_ROWS = 1_048_575  # below the header
MOST_COLUMNS = 16_384
MOST_CHARACTERS = 32_767  # of a cell, in UTF-16
# A cell takes 20 microseconds to write (60,000 rows of 14 columns: 17 s of one core), and a browser that waits for a
# file gives up after three minutes.
MOST_CELLS = 2_500_000
_EXACT = 10**15  # a number in a sheet has 15 digits
_FIRST_DAY = datetime.datetime(1900, 3, 1)  # earlier days are off by one in Excel, or are no dates at all
_FORBIDDEN = "[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]"  # characters that XML cannot hold
_BAD = re.compile(_FORBIDDEN)
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")  # Excel reads _x0041_ as the letter A
_NUMBER = r"^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]\d+)?$"
_CODE = r"^[-+]?0\d|\d{16}|^[-+]?\d+\.\d*\d{15}"  # digits that a number would not keep: 007, a card's number
_DATE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
_MOSTLY = 0.9  # of a text column's filled cells are numbers where it is one of numbers
_WIDEST = 60  # characters


def fits(rows: int, columns: int) -> bool:
    """Whether a sheet can hold so many rows and columns, and is written soon enough."""
    return rows <= MOST_ROWS and columns <= MOST_COLUMNS and rows * columns <= MOST_CELLS


def to_excel(table: pa.Table, sheet: str = "rows") -> bytes:
    """The rows as a workbook of one sheet; see `workbook`."""
    return workbook({sheet: table})


def workbook(sheets: Mapping[str, pa.Table]) -> bytes:
    """Tables as a workbook, a sheet for each, whose first row has the names of the columns.

    A column of numbers or ISO dates holds numbers or dates, in a text format too. All other cells are text as written:
    none is a formula, and codes such as 007 keep their digits. Text is cut at `MOST_CHARACTERS`, and characters that
    XML cannot hold are left out.

    Parameters
    ----------
    sheets : by name; tables such as `flat` gives, without pictures and vectors; see `fits`
    """
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for name, table in sheets.items():
        _fill(book.create_sheet(name), table)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _fill(sheet: Any, table: pa.Table) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        text = sheet_text(value)
        if not text.startswith(("=", "#")):  # openpyxl takes these for formulas and errors
            return text
        made = WriteOnlyCell(sheet, text)
        made.data_type = "s"
        made.quotePrefix = True  # it stays text when somebody edits it in Excel
        return made

    sheet.freeze_panes = "A2"
    for number, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True), 1):
        longest = max((len(str(value)) for value in column.slice(0, 50).to_pylist()), default=0)
        sheet.column_dimensions[get_column_letter(number)].width = min(max(len(name), longest, 6) + 2, _WIDEST)
    heads = [WriteOnlyCell(sheet, sheet_text(name)) for name in table.column_names]
    for head in heads:
        head.font = Font(bold=True)
        head.data_type = "s"
    sheet.append(heads)
    for row in _rows(table):
        sheet.append([cell(value) for value in row])


def cut_cells(table: pa.Table) -> int:
    """How many cells hold more characters than a cell of Excel can."""
    cut = 0
    for column in table.columns:
        if holds_text(column.type):
            # A character takes two of UTF-16 at most, and a byte of UTF-8 at least.
            long = column.filter(pc.fill_null(pc.greater(pc.binary_length(column), MOST_CHARACTERS), False))
            cut += sum(_units(text) > MOST_CHARACTERS for text in long.to_pylist())
    return cut


def sheet_text(text: str) -> str:
    """A text as a cell of a sheet can hold it."""
    text = _BAD.sub("", text)
    if len(text) * 2 > MOST_CHARACTERS and _units(text) > MOST_CHARACTERS:
        text = text.encode("utf-16-le")[: 2 * MOST_CHARACTERS].decode("utf-16-le", "ignore")
    return _ESCAPE.sub("_x005F_", text)


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The rows with the values that go into the sheet; made in parts, since a value takes many times its bytes."""
    readers = [_reader(column) for column in table.columns]
    part = 4096
    for start in range(0, table.num_rows, part):
        columns = [
            [None if value is None else read(value) for value in column.slice(start, part).to_pylist()]
            for read, column in zip(readers, table.columns, strict=True)
        ]
        yield from zip(*columns, strict=True)


def _reader(column: pa.ChunkedArray) -> Any:
    """The function that makes a value for the sheet of a cell of the column."""
    if not holds_text(column.type):
        return _value
    filled = column.filter(pc.fill_null(pc.greater(pc.binary_length(column), 0), False))
    # A long text is no number: skip the regular expressions.
    short = filled.filter(pc.less(pc.binary_length(filled), 40))
    if not len(short) or len(short) < _MOSTLY * len(filled):
        return str

    def share(pattern: str) -> float:
        return float(pc.sum(pc.match_substring_regex(short, pattern)).as_py()) / len(filled)

    if share(_DATE) == 1:
        return _date
    return _number if share(_NUMBER) >= _MOSTLY and not share(_CODE) else str


def _number(text: str) -> int | float | str:
    if not re.match(_NUMBER, text):
        return text
    value = float(text)
    return int(text) if text.lstrip("-").isdecimal() else value if math.isfinite(value) else text


def _date(text: str) -> datetime.datetime | datetime.date | str | None:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:  # an empty cell, or the 31st of February
        return text or None
    if moment < _FIRST_DAY:
        return text
    return moment if len(text) > 10 else moment.date()


def _value(value: Any) -> Any:
    """A cell of a typed column, not null, as the sheet holds it."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int | Decimal):
        return value if -_EXACT < value < _EXACT else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else (None if math.isnan(value) else str(value))
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:  # a sheet knows no time zones
            value = value.astimezone(datetime.UTC).replace(tzinfo=None)
        return value if value >= _FIRST_DAY else value.isoformat(" ")
    if isinstance(value, datetime.date):
        return value if value >= _FIRST_DAY.date() else value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, list | dict) else str(value)

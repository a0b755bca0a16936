"""Workbooks (XLSX, XLS, ODS), one sheet as a table of strings."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa

from explorer.errors import BadInput, first_line
from explorer.limits import MAX_CELLS, MAX_COLUMNS, MIB
from explorer.reading.archive import check_archive
from explorer.reading.header import NUMBERED, has_header, unique_names
from explorer.reading.options import Options, Parsed
from explorer.table.table import string_array
from explorer.wording import counted

_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')


def read_xlsx(data: bytes, options: Options) -> Parsed:
    """The first sheet with cells, or `options.sheet`. Numbers as written, dates in ISO form, empty cells missing."""
    import python_calamine  # imported here: other formats do not need it

    name = options.name
    if data[:2] == b"PK":
        check_archive(data, name)
        _check_extent(data, name)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = tuple(book.sheet_names)
    except Exception as error:  # calamine raises errors of its own, and panics as plain exceptions
        raise BadInput(f"{name} is a damaged workbook ({first_line(error, 100)}). Open it and save it again.") from None
    if options.sheet is not None and options.sheet not in sheets:
        raise BadInput(f"{name} has no sheet {options.sheet!r}. Its sheets are {', '.join(sheets)}.")
    for sheet in (options.sheet,) if options.sheet is not None else sheets:
        rows = _rows(book, sheet, name)
        if rows:
            break
    else:
        raise BadInput(f"{name} holds no cells. Choose a workbook with at least one row of data.")
    notes = [f"The sheet {sheet!r} of {len(sheets)} was read."] if len(sheets) > 1 else []
    return _table(rows, options, notes, sheet, sheets)


def _check_extent(data: bytes, name: str) -> None:
    """Refuse a sheet with a cell very far out, since the parser allocates every cell up to it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.namelist():
            if not (part.startswith("xl/worksheets/") and part.endswith(".xml")):
                continue
            width = height = 0
            with archive.open(part) as stream:
                kept = b""
                while block := stream.read(MIB):
                    for letters, digits in set(_REFERENCE.findall(kept + block)):
                        width, height = max(width, _column_number(letters)), max(height, int(digits))
                    kept = block[-16:]  # a reference may be cut in two; counting one twice does no harm
            if width * height > MAX_CELLS:
                raise BadInput(
                    f"A sheet of {name} has a cell so far out that it would have {width * height:,} cells, and at most "
                    f"{MAX_CELLS:,} can be read. Delete what lies beyond the table, or save the table as CSV."
                )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _rows(book: Any, sheet: str, name: str) -> list[tuple[int, list[str | None]]]:
    """The rows that are not empty, as (row number from 1, cells)."""
    try:
        page = book.get_sheet_by_name(sheet)
        if page.width > MAX_COLUMNS:
            raise BadInput(f"{name} has {page.width:,} columns, and at most {MAX_COLUMNS:,} can be read.")
        found = []
        for number, row in enumerate(page.iter_rows(), 1):
            cells = [_written(cell) for cell in row]
            if any(cell is not None for cell in cells):
                found.append((number, cells))
        return found
    except BadInput:
        raise
    except Exception as error:
        reason = first_line(error, 100)
        raise BadInput(f"The sheet {sheet!r} of {name} cannot be read ({reason}). Save it again.") from None


def _table(
    rows: list[tuple[int, list[str | None]]], options: Options, notes: list[str], sheet: str, sheets: tuple[str, ...]
) -> Parsed:
    width = max(len(cells) for _, cells in rows)
    rejected: list[tuple[int, str]] = []
    contents: dict[int, str] = {}
    # A title above the table is one cell in a wide sheet.
    while len(rows) > 2 and width > 2 and _filled(rows[0][1]) == 1 and _filled(rows[1][1]) <= width:
        if max(_filled(cells) for _, cells in rows[1:4]) < 3:
            break
        number, cells_above = rows[0]
        rejected.append((number, "before the table begins"))
        contents[number] = "\t".join(cell or "" for cell in cells_above).rstrip("\t")
        rows = rows[1:]
    if rejected:
        notes.append(f"{counted(len(rejected), 'row')} above the table left out.")
    cells = [row for _, row in rows]
    named = has_header(cells[0], cells[1:200]) if options.header is None else options.header
    names, more = unique_names(cells[0] if named else [None] * width)
    notes += more if named else [NUMBERED]
    body = cells[1:] if named else cells
    if not body:
        raise BadInput(f"{options.name} has column names but no rows. Choose a sheet with rows of data.")
    columns = [string_array([row[index] for row in body]) for index in range(width)]
    return Parsed(pa.table(columns, names=names), rejected, notes, sheet=sheet, sheets=sheets, contents=contents)


def _filled(cells: list[str | None]) -> int:
    return sum(cell is not None for cell in cells)


def _written(cell: Any) -> str | None:
    """A cell as a person would type it; None for an empty one."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)

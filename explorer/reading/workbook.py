"""Workbooks (XLSX, XLS, ODS), one sheet as a table of strings."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from explorer.errors import BadInput, first_line
from explorer.limits import MAX_CELLS, MAX_COLUMNS, MIB
from explorer.reading.archive import check_archive
from explorer.reading.excel_xml import is_excel_xml, read_excel_xml
from explorer.reading.grid import Grid, filled, table_in
from explorer.reading.options import Options, Parsed
from explorer.reading.sheets import LOOK, Score, about_choice, score

_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True)
class _Sheet:
    """One sheet that was opened: its name, its page, and how good a table its first lines make."""

    name: str
    page: Any
    score: Score


def read_xlsx(data: bytes, options: Options) -> Parsed:
    """The sheet that holds the table, or `options.sheet`. Dates in ISO form, empty cells missing."""
    import python_calamine  # imported here: other formats do not need it

    name = options.name
    if data.lstrip()[:1] == b"<" and is_excel_xml(data[:4_000].decode("latin-1")):
        return read_excel_xml(data, options)
    if data[:2] == b"PK":
        check_archive(data, name)
        _check_extent(data, name)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = tuple(book.sheet_names)
        visible = python_calamine.SheetVisibleEnum.Visible
        hidden = {about.name for about in book.sheets_metadata if about.visible != visible}
    except Exception as error:  # calamine raises errors of its own, and panics as plain exceptions
        if "password" in str(error).lower():
            raise BadInput(f"{name} is protected by a password. Save it without one.") from None
        raise BadInput(f"{name} is a damaged workbook ({first_line(error, 100)}). Open it and save it again.") from None
    if options.sheet is not None and options.sheet not in sheets:
        raise BadInput(f"{name} has no sheet {options.sheet!r}. Its sheets are {', '.join(sheets)}.")
    seen = [sheet for sheet in sheets if sheet not in hidden] if options.sheet is None else [options.sheet]
    chosen = _best(book, seen, name)
    if chosen is None and options.sheet is None:
        chosen = _best(book, [sheet for sheet in sheets if sheet in hidden], name)
    grid = _grid(chosen, name) if chosen else None
    if chosen is None or grid is None or not grid.lines:
        raise BadInput(f"{name} holds no cells. Choose a workbook with at least one row of data.")
    made = table_in(grid, options)
    made.notes[:0] = about_choice("sheet", chosen.name, sheets, hidden, options.sheet is not None, chosen.score[1])
    made.sheet, made.sheets = chosen.name, sheets
    return made


def _best(book: Any, sheets: Sequence[str], name: str) -> _Sheet | None:
    """The sheet with the largest table, one with running text before others; None where none holds a cell."""
    best: _Sheet | None = None
    for sheet in sheets:
        try:
            opened = _opened(book, sheet, name)
        except BadInput:
            if len(sheets) == 1:
                raise
            continue
        if opened.score[-1] and (best is None or opened.score > best.score):
            best = opened
    if best is None and sheets:  # where none could be read, the first one says why
        _opened(book, sheets[0], name)
    return best


def _opened(book: Any, sheet: str, name: str) -> _Sheet:
    try:
        page = book.get_sheet_by_name(sheet)
        if page.width > MAX_COLUMNS:
            raise BadInput(f"{name} has {page.width:,} columns, and at most {MAX_COLUMNS:,} can be read.")
        first = [[_written(cell) for cell in row] for row in islice(page.iter_rows(), LOOK)]
        return _Sheet(sheet, page, score([row for row in first if filled(row)], page.height))
    except BadInput:
        raise
    except Exception as error:
        reason = first_line(error, 100)
        raise BadInput(f"The sheet {sheet!r} of {name} cannot be read ({reason}). Save it again.") from None


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


def _grid(sheet: _Sheet, name: str) -> Grid:
    """The lines that are not empty, and the cells that are merged. Lines from 1, columns from the first used one."""
    try:
        page = sheet.page
        lines = []
        for number, row in enumerate(page.iter_rows(), 1):
            cells = [_written(cell) for cell in row]
            if any(cell is not None for cell in cells):
                lines.append((number, cells))
        left = page.start[1] if page.start else 0
        merged = [
            (top + 1, bottom + 1, begin - left, last - left)
            for (top, begin), (bottom, last) in page.merged_cell_ranges or ()
            if begin >= left
        ]
        return Grid(lines, merged)
    except Exception as error:
        reason = first_line(error, 100)
        raise BadInput(f"The sheet {sheet.name!r} of {name} cannot be read ({reason}). Save it again.") from None


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

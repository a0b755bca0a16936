"""Workbooks that Excel 2003 saves as XML ("XML Spreadsheet"), and many systems since, often with the ending .xls."""

from __future__ import annotations

import io
from typing import Any

from explorer.errors import BadInput, first_line
from explorer.limits import MAX_CELLS, MAX_COLUMNS
from explorer.reading.grid import Cells, Grid
from explorer.reading.options import Options, Parsed
from explorer.reading.sheets import best_of

_SPACE = "{urn:schemas-microsoft-com:office:spreadsheet}"
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"


def is_excel_xml(text: str) -> bool:
    """Whether a text begins as such a workbook does."""
    head = text[:4_000]
    return "<?mso-application progid=" in head or (
        "<Workbook" in head and "urn:schemas-microsoft-com:office:spreadsheet" in head
    )


def read_excel_xml(data: bytes, options: Options) -> Parsed:
    """The sheet that holds the table, or `options.sheet`.

    Raises
    ------
    BadInput : for damaged files, and for those that are no workbook
    """
    from lxml import etree  # imported here: other formats do not need it

    grids: dict[str, Grid] = {}
    hidden: set[str] = set()
    name = ""
    cells = 0
    try:
        # Entities are not resolved, and nothing is fetched: a file can neither explode nor read other files.
        events = etree.iterparse(
            io.BytesIO(data.lstrip()), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False
        )
        for event, element in events:
            if event == "start":
                if element.tag == _SPACE + "Worksheet":
                    name = element.get(_SPACE + "Name") or f"Sheet{len(grids) + 1}"
                    grids[name] = Grid([])
                    line = 0
                continue
            if element.tag == _SPACE + "Row" and name:
                line = _place(element, line)
                row = _row(element, line, grids[name])
                cells += len(row)
                if len(row) > MAX_COLUMNS or cells > MAX_CELLS:
                    raise BadInput(f"{options.name} has a sheet of too many cells to read. Save it as CSV.")
                if any(cell is not None for cell in row):
                    grids[name].lines.append((line, row))
                element.clear()
            elif element.tag == _EXCEL + "Visible" and name and (element.text or "").startswith("Sheet"):
                hidden.add(name)  # SheetHidden or SheetVeryHidden
    except etree.XMLSyntaxError as error:
        reason = first_line(error, 100)
        raise BadInput(f"{options.name} is a damaged XML workbook ({reason}). Open it and save it as .xlsx.") from None
    if not grids:
        raise BadInput(f"{options.name} is an Office file saved as XML, without a sheet. Save it as .xlsx or CSV.")
    return best_of(grids, options, "sheet", hidden)


def _row(element: Any, line: int, grid: Grid) -> Cells:
    row: Cells = []
    for cell in element.iterchildren(_SPACE + "Cell"):
        column = _place(cell, len(row)) - 1
        if column > MAX_COLUMNS:
            return [None] * (column + 1)
        row += [None] * (column - len(row))
        across, down = _number(cell.get(_SPACE + "MergeAcross")), _number(cell.get(_SPACE + "MergeDown"))
        if across or down:
            grid.merged.append((line, line + down, column, column + across))
        row += [_value(cell.find(_SPACE + "Data")), *[None] * across]
    return row


def _place(element: Any, before: int) -> int:
    """The number of a row or cell from 1: its own, or the one after the last."""
    return max(_number(element.get(_SPACE + "Index")), before + 1)


def _number(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 8 else 0


def _value(data: Any) -> str | None:
    """A cell as a person would type it; None for an empty one."""
    text = "".join(data.itertext()).strip() if data is not None else ""
    kind = data.get(_SPACE + "Type") if text else None
    if kind == "Boolean":
        return "TRUE" if text == "1" else "FALSE"
    if kind == "DateTime":
        day, _, moment = text.partition("T")
        moment = moment.removesuffix("Z").removesuffix(".000")
        return day if moment in ("", "00:00:00") else f"{day} {moment}"
    return text or None

"""Tables of web pages: HTML, which many systems save as .xls, and the single-file web pages of Excel and browsers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from explorer.errors import BadInput
from explorer.limits import MAX_CELLS, MAX_COLUMNS
from explorer.reading.grid import Cells, Grid, Merged
from explorer.reading.options import Options, Parsed
from explorer.reading.sheets import best_of
from explorer.reading.text.decode import Decoded, decode

_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_TABLE = re.compile(r"<table\b", re.IGNORECASE)
_PAGE = re.compile(r"<(!doctype html|html|head|body)\b", re.IGNORECASE)
_PART = re.compile(r"<(!--|(meta|style|table|div|center|title|link|font|p|h[1-6]|br)\b)", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n\f\u00a0]+")
_LINES = re.compile(r"[ \u00a0]*\n[ \u00a0\n]*")
_BREAKS = {"br", "p", "div", "li", "tr", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "table"}
_NO_TEXT = {"script", "style", "template", "noscript", "head"}
_MOST_SPAN = 1_000  # columns that one cell may span, as in browsers
_MOST_TABLES = 200  # those with the most cells are offered


def is_web_page(text: str, named: str | None = None) -> bool:
    """Whether a text begins as HTML does: a page, or a part of one that holds a table.

    text : the beginning of a file
    named : the format of its name; the cells of a text table may be parts of pages too
    """
    start = text[:2_000].lstrip("\ufeff \t\r\n")
    if start[:5].lower() == "<?xml":
        start = start.partition("?>")[2].lstrip()
    if _PAGE.match(start) or _TABLE.match(start):
        return True
    return named is None and bool(_PART.match(start)) and bool(_TABLE.search(text))


def is_single_file(text: str) -> bool:
    """Whether a text begins as a web page does that was saved with all its parts in one file (MHTML)."""
    head = text[:4_000].lower()
    return "mime-version:" in head[:1_000] and "content-type: multipart/related" in head


def read_html(data: bytes, options: Options) -> Parsed:
    """The largest table of a web page, or the one that `options.sheet` names.

    Raises
    ------
    BadInput : where there is no table, or the page cannot be read
    """
    pages = list(_pages(data, options))
    grids: dict[str, Grid] = {}
    for page in pages:
        for own, grid in _tables(page.text, options.name):
            name = own or f"Table {len(grids) + 1}"
            while name in grids:
                name += "'"
            grids[name] = grid
    if not grids:
        advice = "Download the file itself, or save it as .xlsx or CSV."
        if any("<frameset" in page.text[:100_000].lower() for page in pages):
            advice = "Its sheets are files of their own, beside it. Open it in Excel and save it as .xlsx."
        raise BadInput(f"{options.name} is a web page without a table. {advice}")
    if len(grids) > _MOST_TABLES:
        kept = sorted(grids, key=lambda name: -len(grids[name].lines))[:_MOST_TABLES]
        grids = {name: grid for name, grid in grids.items() if name in kept}
    made = best_of(grids, options, "table")
    made.encoding = pages[0].encoding  # at least one, since there is a table
    made.format = "html"
    return made


def _pages(data: bytes, options: Options) -> Iterator[Decoded]:
    if not is_single_file(data[:4_000].decode("latin-1")):
        yield _decoded(data, options)
        return
    import email  # imported here: other formats do not need it

    message = email.message_from_bytes(data)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            body = part.get_payload(decode=True)
            if isinstance(body, bytes) and body:
                yield _decoded(body, options, part.get_content_charset())


def _decoded(data: bytes, options: Options, told: str | None = None) -> Decoded:
    """The text of a page. What it says of its own encoding holds where its bytes are so."""
    if options.encoding is None and data[:3] != b"\xef\xbb\xbf" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        found = _CHARSET.search(data[:8_192])
        named = found.group(1).decode() if found else told
        try:
            if named:
                return Decoded(data.decode(named), named.lower())
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(data, options.name, options.encoding)


def _tables(text: str, name: str) -> Iterator[tuple[str, Grid]]:
    """Each table that has rows: its caption or id, and its cells."""
    from lxml import etree, html  # imported here: other formats do not need it

    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return
    for table in root.iter("table"):
        rows = list(_own_rows(table))
        if not rows or any(inner is not table for inner in table.iter("table")):  # that one lays out the page
            continue
        caption = table.find("caption")
        own = _text(caption) if caption is not None else None
        yield " ".join((own or table.get("id") or "").split())[:60], _grid(rows, name)


def _own_rows(table: Any) -> Iterator[Any]:
    for child in table:
        if child.tag == "tr":
            yield child
        elif child.tag in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if row.tag == "tr")


def _grid(rows: list[Any], name: str) -> Grid:
    grid = Grid([])
    merged: list[Merged] = []
    taken: dict[int, int] = {}  # for each column, the last line that a cell from above covers
    total = 0
    for number, row in enumerate(rows, 1):
        cells: Cells = []
        heads = 0
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            while taken.get(len(cells), 0) >= number:
                cells.append(None)
            across = min(_number(cell.get("colspan")), _MOST_SPAN)
            bottom = min(number + _number(cell.get("rowspan")) - 1, len(rows))
            if across > 1 or bottom > number:
                merged.append((number, bottom, len(cells), len(cells) + across - 1))
                taken.update((len(cells) + offset, bottom) for offset in range(across))
            heads += cell.tag == "th"
            cells += [_text(cell), *[None] * (across - 1)]
            if len(cells) > MAX_COLUMNS or total + len(cells) > MAX_CELLS:
                raise BadInput(f"{name} has a table of too many cells to read. Save it as CSV.")
        total += len(cells)
        if any(cell is not None for cell in cells):
            grid.lines.append((number, cells))
            if heads and heads == sum(cell.tag in ("td", "th") for cell in row):
                grid.heads.add(number)
    grid.merged = merged
    return grid


def _number(value: str | None) -> int:
    return max(1, int(value)) if value and value.isascii() and value.isdigit() and len(value) < 7 else 1


def _text(cell: Any) -> str | None:
    """What a cell shows; None where it is empty."""
    if not len(cell):
        return _SPACE.sub(" ", cell.text or "").strip() or None
    parts: list[str] = []
    for event, element in _walk(cell):
        if event == "start":
            if element.tag in _BREAKS and element is not cell:
                parts.append("\n")
            parts.append(_SPACE.sub(" ", element.text or ""))
        else:
            if element.tag in _BREAKS and element.tag != "br":
                parts.append("\n")
            parts.append(_SPACE.sub(" ", element.tail or ""))
    return _LINES.sub("\n", "".join(parts)).strip() or None


def _walk(cell: Any) -> Iterator[tuple[str, Any]]:
    """The starts and ends of the elements in a cell that show text, the end of the cell left out."""
    yield "start", cell
    for child in cell:
        if isinstance(child.tag, str) and child.tag not in _NO_TEXT:
            yield from _walk(child)
        yield "end", child

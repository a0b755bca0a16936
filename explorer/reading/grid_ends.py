"""What stands below a table on a sheet: totals, sources, remarks."""

from __future__ import annotations

import re
from collections.abc import Sequence

Line = tuple[int, list[str | None]]

_TOTALS = (
    *("(grand |sub|sub-|over)?totals?", "sum", "average", "mean", "count", "all rows"),
    *("(zwischen|gesamt)?summe", "gesamt(ergebnis)?", "insgesamt", "mittelwert", "durchschnitt", "anzahl"),
    *(
        "(total|sous-total|somme) ?(général|general)?",
        "moyenne",
        "suma",
        "totale",
        "somma",
        "media",
        "promedio",
        "média",
    ),
    *("totaal", "gemiddelde", "soma", "razem", "итого", "всего", "合計", "总计", "總計", "合计", "합계", "toplam"),
)
TOTAL = re.compile(rf"({'|'.join(_TOTALS)})\s*([:(（].*)?$", re.IGNORECASE)
_REMARK = re.compile(
    r"([*†‡§©]|\(?(notes?|sources?|copyright|generated|exported|created|printed|end of|disclaimer|remarks?|n ?=|quelle|"
    r"anmerkung|hinweis|fuente|nota|fonte|remarque|bron)\b)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[-+(]?\W{0,2}\d[\d.,' ]*[%)]?\W{0,2}")
_MOST = 30  # lines below a table


def lines_below(lines: Sequence[Line], width: int) -> tuple[list[Line], list[Line]]:
    """The lines of a table, and those below it.

    width : the usual number of filled cells of a row
    """
    if width < 2 or len(lines) < 2:
        return list(lines), []
    first = len(lines)
    while first > max(1, len(lines) - _MOST) and _may_be_below(lines[first - 1][1], width):
        first -= 1
    for place in range(first, len(lines)):
        number, cells = lines[place]
        after_gap = number > lines[place - 1][0] + 1
        head = _first(cells)
        if TOTAL.match(head):
            sure = width > 2 or after_gap or _is_sum(lines[:place], cells)
        else:
            sure = (after_gap and width > 2) or bool(_REMARK.match(head))
        if sure:
            return list(lines[:place]), list(lines[place:])
    return list(lines), []


def _first(cells: Sequence[str | None]) -> str:
    return next((cell.strip() for cell in cells if cell is not None), "")


def _may_be_below(cells: Sequence[str | None], width: int) -> bool:
    held = [cell.strip() for cell in cells if cell is not None]
    if TOTAL.match(held[0]):
        return all(_NUMBER.fullmatch(cell) or TOTAL.match(cell) for cell in held)
    return len(held) == 1 and not _NUMBER.fullmatch(held[0]) and (width > 2 or bool(_REMARK.match(held[0])))


def _is_sum(lines: Sequence[Line], cells: Sequence[str | None]) -> bool:
    """Whether a number is the sum, the mean or the count of those above it."""
    for column, cell in enumerate(cells):
        value = _value(cell)
        if value is None:
            continue
        above = [_value(row[column]) if column < len(row) else None for _, row in lines]
        held = [number for number in above if number is not None]
        total = sum(held)
        if len(held) > 1 and any(abs(value - of) <= 1e-6 * max(1.0, abs(of)) for of in (total, total / len(held))):
            return True
    return False


def _value(cell: str | None) -> float | None:
    try:
        return float((cell or "").replace(",", "").strip())
    except ValueError:
        return None

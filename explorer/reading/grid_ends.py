"""What stands below a table on a sheet: totals, sources, remarks."""

from __future__ import annotations

import re
from collections.abc import Sequence

from explorer.reading.endings import adds_up, is_remark, is_total

Line = tuple[int, list[str | None]]

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
        if is_total(head):
            sure = width > 2 or after_gap or _is_sum(lines[:place], cells)
        else:
            sure = (after_gap and width > 2) or is_remark(head)
        if sure:
            return list(lines[:place]), list(lines[place:])
    return list(lines), []


def _first(cells: Sequence[str | None]) -> str:
    return next((cell.strip() for cell in cells if cell is not None), "")


def _may_be_below(cells: Sequence[str | None], width: int) -> bool:
    held = [cell.strip() for cell in cells if cell is not None]
    if is_total(held[0]):
        return all(_NUMBER.fullmatch(cell) or is_total(cell) for cell in held)
    return len(held) == 1 and not _NUMBER.fullmatch(held[0]) and (width > 2 or is_remark(held[0]))


def _is_sum(lines: Sequence[Line], cells: Sequence[str | None]) -> bool:
    """Whether a number is the sum or the mean of those above it."""
    return any(
        adds_up(cell, [row[column] if column < len(row) else None for _, row in lines])
        for column, cell in enumerate(cells)
    )

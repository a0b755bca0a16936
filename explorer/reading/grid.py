"""A sheet, or the table of a web page, as columns: what stands above and below the table is told from its rows.

People write for readers: a title above, names in two rows of which the upper one spans several columns, totals and
remarks below. Lines are numbered from 1, as the sheet numbers them, and empty lines are not among them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from explorer.errors import BadInput
from explorer.reading.endings import is_total
from explorer.reading.grid_ends import lines_below
from explorer.reading.header import NUMBERED, has_header, names_its_columns, unique_names
from explorer.reading.header_rows import HeaderRows, header_rows, is_of_a_survey, together
from explorer.reading.options import Options, Parsed
from explorer.table.notes import Note
from explorer.table.table import string_array
from explorer.wording import counted, listed

Cells = list[str | None]
Line = tuple[int, Cells]
Merged = tuple[int, int, int, int]
"""First and last line, first and last column of cells that are one: lines from 1, columns from 0."""

_LOOK = 200  # lines from which the usual width of a row is told
_MOST_LEVELS = 3  # rows of column names
_VALUE = re.compile(r"[-+(]?\W{0,2}\d[\d.,:/ T+-]*[%)]?\W?")  # a number, an amount or a date: no name of a column
_YEAR = re.compile(r"(19|20)\d\d")
_NAME_LENGTH = 120


@dataclass
class Grid:
    """The lines of a sheet that hold anything, and which of its cells are one.

    Attributes
    ----------
    lines : line number and cells, None where empty; rows may differ in length
    merged : cells that span several lines or columns
    heads : lines that are said to name columns, as `th` says in a web page
    """

    lines: list[Line]
    merged: list[Merged] = field(default_factory=list)
    heads: set[int] = field(default_factory=set)

    @property
    def width(self) -> int:
        """The usual number of filled cells of a row."""
        return usual_width([cells for _, cells in self.lines[:_LOOK]])


def usual_width(rows: Sequence[Cells]) -> int:
    """The number of filled cells that three quarters of the rows do not exceed."""
    return int(np.percentile([filled(cells) for cells in rows], 75, method="nearest")) if rows else 0


def filled(cells: Cells) -> int:
    """How many cells hold something."""
    return sum(cell is not None for cell in cells)


def table_in(grid: Grid, options: Options) -> Parsed:
    """The table that a grid holds, with notes about what was left out.

    Raises
    ------
    BadInput : where no row of data is left
    """
    made = Parsed(pa.table({}))
    lines = [line for line in grid.lines if line[0] not in options.skip_rows]
    skipped = [line for line in grid.lines if line[0] in options.skip_rows]
    merged = [cells for cells in grid.merged if cells[0] != cells[1] or cells[2] != cells[3]]
    width = grid.width

    def leave_out(some: Sequence[Line], reason: str) -> None:
        for number, cells in some:
            made.rejected.append((number, reason))
            made.contents[number] = "\t".join(cell or "" for cell in cells).rstrip("\t")

    if options.header_row is None:
        first = _titles(lines, merged, width)
        heads = next((place for place, (line, _) in enumerate(lines[first:]) if line not in grid.heads), 0)
        levels = min(heads, _MOST_LEVELS) or _levels(lines[first:], merged, width)
        levels = levels if options.header is None else int(options.header)
    else:
        first, levels = _place_of(options.header_row, lines, options.name), 1
    above, named, body = lines[:first], lines[first : first + levels], lines[first + levels :]
    size = max((len(cells) for _, cells in lines[first:]), default=0)
    names, groups = _names(named, merged, size)
    base = named[-1][0] if named else None
    more = _more_names(names, body, options.header_row is not None or levels > 1) if named else HeaderRows([])
    if more.count:
        names = [name or None for name in more.names]
        named += body[: more.joined]
        marks, body = body[more.joined : more.count], body[more.count :]
        for mark, held in zip(marks, more.left_out, strict=True):
            leave_out([mark], held)
    leave_out(skipped, "left out as you chose")
    leave_out(above, "before the table begins")
    body, below = lines_below(body, width)
    totals = [line for line in below if is_total(_first(line[1]))]
    leave_out(totals, "a row of totals")
    leave_out([line for line in below if line not in totals], "below the table")
    made.rejected.sort()
    if not body:
        raise BadInput(f"{options.name} has column names but no rows. Choose a sheet with rows of data.")
    cells = _even([cells for _, cells in body], size)
    repeated = _fill_down(cells, [number for number, _ in body], merged)
    kept = [column for column, name in enumerate(names) if name or any(row[column] is not None for row in cells)]
    made.header_row = base
    usable, renamed = unique_names([names[column] for column in kept])

    made.notes += _about_names(named, above, groups)
    if more.left_out:
        many, held = counted(len(more.left_out), "line"), listed(list(more.left_out), 5)
        made.notes.append(Note(f"{many} below the names left out ({held}).", "header"))
    made.notes += renamed if named else [Note(NUMBERED, "header")]
    rows = []
    if skipped:
        rows.append(f"{_lines(skipped)} {_was(skipped)} left out, as you chose.")
    if totals:
        rows.append(f"{_lines(totals)} {_of(totals, 'holds', 'hold')} totals and {_was(totals)} left out.")
    if len(below) > len(totals):
        rest = [line for line in below if line not in totals]
        rows.append(f"{_lines(rest)} below the table {_was(rest)} left out.")
    made.notes += [Note(row, "rows") for row in rows]
    between = sum(body[0][0] < number < body[-1][0] for number, _ in skipped)
    gaps = body[-1][0] - body[0][0] + 1 - len(body) - between
    if gaps:
        made.notes.append(f"{counted(gaps, 'empty line')} between the rows left out.")
    absent = len(names) - len(kept) - min(kept, default=0)
    if absent > 0:
        made.notes.append(f"{counted(absent, 'empty column')} left out.")
    if repeated:
        columns = [usable[kept.index(column)] for column in sorted(repeated) if column in kept]
        made.notes.append(f"A cell that spans several rows stands in each of them: {listed(columns, 5)}.")
    made.arrow = pa.table([string_array([row[column] for row in cells]) for column in kept], names=usable)
    return made


def _place_of(header_row: int, lines: Sequence[Line], name: str) -> int:
    """The place among the lines of the one that holds the column names."""
    for place, (number, _) in enumerate(lines):
        if number == header_row:
            return place
    raise BadInput(f"Line {header_row:,} of {name} holds no cells. Name the line that holds the column names.")


def _first(cells: Cells) -> str:
    return next((cell.strip() for cell in cells if cell is not None), "")


def _even(rows: list[Cells], width: int) -> list[Cells]:
    return [[*row, *[None] * (width - len(row))] for row in rows]


# -- above the table ---------------------------------------------------------------------------------


def _titles(lines: Sequence[Line], merged: Sequence[Merged], width: int) -> int:
    """How many lines stand above the table: titles, remarks, and pairs such as "Period" and "2026"."""
    if width < 2:
        return 0
    first, pairs = 0, False
    while first < len(lines) - 2:
        number, cells = lines[first]
        count = filled(cells)
        if 2 * count > width:
            break
        gap = lines[first + 1][0] > number + 1
        spans = [last - begin + 1 for top, _, begin, last in merged if top == number]
        place = next(index for index, cell in enumerate(cells) if cell is not None)
        if count == 1:
            above_some = not gap and place > 0 and max(spans, default=1) < width - 1  # a group of columns
            if above_some or (width == 2 and not _title_of_two(lines[first:], place, gap, spans)):
                break
        elif not gap and (spans or count > 2 or cells[place + 1] is None):
            break
        pairs |= count > 1
        first += 1
    if first and 2 * filled(lines[first][1]) <= width and not _spans_columns(lines[first][0], merged):
        return 0  # the rows are never wide: this is no title
    return 0 if pairs and not _words_only(lines[first][1]) else first


def _title_of_two(lines: Sequence[Line], place: int, gap: bool, spans: Sequence[int]) -> bool:
    """Whether a line of one cell stands above a table of two columns, where a row may hold just one cell as well."""
    rows = [cells for _, cells in lines[1:_LOOK]]
    return place == 0 and filled(rows[0]) == 2 and (gap or bool(spans) or names_its_columns(rows[0], rows[1:]))


def _spans_columns(number: int, merged: Sequence[Merged]) -> bool:
    return any(top == number and last > begin for top, _, begin, last in merged)


# -- the names of the columns ------------------------------------------------------------------------


def _levels(lines: Sequence[Line], merged: Sequence[Merged], width: int) -> int:
    """How many lines name the columns: 0 where the first one is a row of data."""
    levels = 1
    while levels < min(_MOST_LEVELS, len(lines) - 1) and _is_grouped(lines, levels, merged, width):
        levels += 1
    rows = _even([cells for _, cells in lines[:_LOOK]], max(len(cells) for _, cells in lines[:_LOOK]))
    if levels > 1:
        return levels
    return int(has_header(rows[0], rows[1:]))


def _is_grouped(lines: Sequence[Line], levels: int, merged: Sequence[Merged], width: int) -> bool:
    """Whether line `levels` names columns too, below a line that names groups of columns."""
    (number, upper), (next_number, lower) = lines[levels - 1], lines[levels]
    if next_number != number + 1 or not (_words_only(upper) and _words_only(lower)):
        return False
    size = max(len(upper), len(lower))
    upper, lower = _even([upper, lower], size)
    covered = sum(above is not None or below is not None for above, below in zip(upper, lower, strict=True))
    if covered < 0.8 * width:
        return False
    if _spans_columns(number, merged):
        spanned = {
            column
            for top, _, begin, last in merged
            if top == number
            for column in range(begin, last + 1)
            if last > begin
        }
        return any(lower[column] is not None for column in spanned if column < size)
    # Where cells are not merged, a word must stand above numbers or dates, and below an empty cell.
    rows = _even([cells[:size] for _, cells in lines[levels + 1 : _LOOK]], size)
    under = [below if above is None else None for above, below in zip(upper, lower, strict=True)]
    return any(under) and filled(upper) > 1 and names_its_columns(under, rows)


def _more_names(names: Cells, body: Sequence[Line], marks_only: bool) -> HeaderRows:
    """What the lines below the names are where they are no data: more names, types, ids of a survey tool."""
    rows = _even([cells[: len(names)] for _, cells in body[:_LOOK]], len(names))
    return header_rows(names, rows, marks_only)


def _words_only(cells: Cells) -> bool:
    names = [cell.strip() for cell in cells if cell is not None]
    return all(len(name) <= _NAME_LENGTH and (_YEAR.fullmatch(name) or not _VALUE.fullmatch(name)) for name in names)


def _names(named: Sequence[Line], merged: Sequence[Merged], width: int) -> tuple[Cells, list[str]]:
    """The name of each column, None where it has none, and the titles of groups that are not a part of the names."""
    levels = _even([cells[:width] for _, cells in named], width)
    if len(levels) < 2:
        return (levels[0] if levels else [None] * width), []
    if len(levels) == 2 and is_of_a_survey(levels[1]):  # the questions are the names, the choices stand behind them
        upper, lower = ([(cell or "").strip() for cell in level] for level in levels)
        return [name or None for name in together(upper, lower)], []
    for (number, _), cells, below in zip(named, levels, levels[1:], strict=False):
        spans = [(begin, last) for top, _, begin, last in merged if top == number and last > begin]
        for column in range(1, width):
            inside = any(begin < column <= last for begin, last in spans)
            if cells[column] is None and below[column] is not None and (inside or not spans):
                cells[column] = cells[column - 1]
    parts = [
        list(dict.fromkeys(cell.strip() for cell in column if cell and cell.strip()))
        for column in zip(*levels, strict=True)
    ]
    lowest = [part[-1] for part in parts if part]
    if len(set(lowest)) == len(lowest):
        groups = dict.fromkeys(name for part in parts for name in part[:-1])
        return [part[-1] if part else None for part in parts], list(groups)
    return [" ".join(part) or None for part in parts], []


def _about_names(named: Sequence[Line], above: Sequence[Line], groups: Sequence[str]) -> list[Note]:
    notes = []
    if named and (above or len(named) > 1):
        notes.append(Note(f"Header from {_lines(named).lower()}.", "header"))
    if above:
        notes.append(Note(f"{counted(len(above), 'line')} above the table left out.", "rows"))
    if groups:
        notes.append(Note(f"Titles above several columns are no part of the names: {listed(groups, 5)}.", "header"))
    return notes


def _lines(lines: Sequence[Line]) -> str:
    numbers = [f"{number:,}" for number, _ in lines]
    return f"Line {numbers[0]}" if len(numbers) == 1 else f"Lines {listed(numbers, 5)}"


def _of(lines: Sequence[Line], one: str, several: str) -> str:
    return one if len(lines) == 1 else several


def _was(lines: Sequence[Line]) -> str:
    return _of(lines, "was", "were")


# -- cells that span rows ----------------------------------------------------------------------------


def _fill_down(rows: list[Cells], numbers: Sequence[int], merged: Sequence[Merged]) -> set[int]:
    """Repeat a cell that spans several lines in each of them. Returns the columns in which that happened."""
    place = {number: index for index, number in enumerate(numbers)}
    found = set()
    for top, bottom, begin, _ in merged:
        if top not in place or bottom == top or begin >= len(rows[place[top]]):
            continue
        value = rows[place[top]][begin]
        for number in range(top + 1, bottom + 1):
            if value is not None and number in place and rows[place[number]][begin] is None:
                rows[place[number]][begin] = value
                found.add(begin)
    return found

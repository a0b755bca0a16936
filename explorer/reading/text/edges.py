"""What stands above and below a table in its file: titles, notes, totals; and columns that were written apart."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import pyarrow as pa
import pyarrow.compute as pc

from explorer.reading.endings import adds_up, is_remark, is_total, number_in
from explorer.reading.header import names_its_columns
from explorer.reading.text.fitting import stripped, usual_width
from explorer.wording import listed

MAX_PREAMBLE = 20
MAX_ENDING = 12  # rows at the end that are looked at
_SUMMED = 20_000  # rows; the numbers of a longer table are not added up to find its row of totals


def rows_above(records: list[tuple[int, list[str], bool, int]]) -> int:
    """How many of the first records stand above the table: titles and notes.

    records : as `explorer.reading.text.dialect.records` gives them
    """
    rows = [cells for _, cells, _, _ in records]
    width = usual_width(rows)
    wide = [index for index, row in enumerate(rows) if len(stripped(row)) >= width or len(row) == width]
    # A title may be saved with all delimiters: one cell with text, the others empty.
    titles = next((place for place, index in enumerate(wide) if len(stripped(rows[index])) > 1), 0)
    if width > 2 and titles and names_its_columns(rows[wide[titles]], rows[wide[titles] + 1 :]):
        wide = wide[titles:]
    first = wide[0]
    # Above a table that certainly begins with names, nothing has its width.
    for index, row in enumerate(rows[: MAX_PREAMBLE + 1]):
        if len(row) == width:
            certain = (
                index and not names_its_columns(rows[0], rows[index:]) and names_its_columns(row, rows[index + 1 :])
            )
            if certain and len(stripped(row)) == width:
                return index
            break
    regular = sum(len(row) == width for row in rows) >= max(2, len(rows) / 2)
    if not regular or not 0 < first <= MAX_PREAMBLE or any(len(row) == width - 1 > 1 for row in rows[:first]):
        return 0
    parted = first and records[first][0] > records[first - 1][3] + 1  # by a blank line
    title_only = (width > 2 or parted) and all(len(stripped(row)) < 2 for row in rows[:first])
    mostly_filled = sum(bool(cell.strip()) for cell in rows[first]) > 0.6 * width
    if not mostly_filled or not (title_only or names_its_columns(rows[first], rows[first + 1 :])):
        return 0
    return first


def rows_below(rows: list[Sequence[str | None]], before: int, usual: list[float]) -> list[str]:
    """Why each of the last rows is none of the table; the first of them stands last.

    rows : the last rows of the table, of one width, those to judge at their end
    before : how many rows stand before these
    usual : the share of filled cells in each column
    """
    reasons: list[str] = []
    expected = [at for at, share in enumerate(usual) if share >= 0.8]
    found = 0
    above = [] if before or len(rows) > _SUMMED else rows
    for row in rows[: -MAX_ENDING - 1 : -1]:
        filled = [at for at, cell in enumerate(row) if cell and cell.strip()]
        first = (row[filled[0]] or "").strip() if filled else ""
        if len(filled) == 1 and len(expected) > 1 and is_remark(first):
            reasons.append("after the table ends")
        elif is_total(first) and _is_total(row, filled, expected, above[: -len(reasons) - 1]):
            reasons.append("a row of totals")
        elif not filled and len(expected) > 1:
            reasons.append("after the table ends")
            continue  # a blank row counts only above others that are left out
        else:
            break
        found = len(reasons)
    blank_end = 0
    for row in rows[::-1][: len(reasons)]:
        if any(cell and cell.strip() for cell in row):
            break
        blank_end += 1
    return reasons if found > blank_end else reasons[:0]


def _is_total(
    row: Sequence[str | None],
    filled: list[int],
    expected: list[int],
    above: list[Sequence[str | None]],
) -> bool:
    """Whether a row that begins with "Total" lacks what every row has, or adds up a column."""
    values = [at for at in filled[1:] if number_in(row[at]) is not None]
    if not values:
        return False
    if any(at not in filled for at in expected):
        return True
    return any(adds_up(row[at], [other[at] for other in above]) for at in values)


def joined_repeats(names: list[str], columns: list[pa.ChunkedArray]) -> tuple[list[str], list[pa.ChunkedArray], str]:
    """Neighboring columns of one name as one, where a field with several values was written into several columns.

    Trackers (Jira) write so: Comment, Comment, Comment. They are joined where most cells of the later ones are empty;
    the cells of a row stand in lines of their own. Returns the names, the columns, and a sentence, or "".
    """
    made: list[str] = []
    kept: list[pa.ChunkedArray] = []
    told: list[str] = []
    for name, places in groupby(range(len(names)), key=lambda at: names[at].strip()):
        group = list(places)
        if not name or len(group) == 1:  # nothing to join: cells are not looked at
            made += [names[at] for at in group]
            kept += [columns[at] for at in group]
            continue
        filled = [_filled(columns[at]) for at in group]
        later = [pc.sum(pc.not_equal(cells, "")).as_py() or 0 for cells in filled[1:]]
        most = len(columns[0]) * len(later) / 2
        if sum(later) <= most:
            joined = _lines(filled)
            made.append(name)
            kept.append(joined)
            told.append(f"{len(group)} columns named {name}")
        else:
            made += [names[at] for at in group]
            kept += [columns[at] for at in group]
    note = f"{listed(told, 5)} were joined into one each, a cell a line." if told else ""
    return made, kept, note


def _filled(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with nothing in missing and blank cells."""
    known = pc.fill_null(column, "")
    return pc.if_else(pc.equal(pc.utf8_trim_whitespace(known), ""), pa.scalar(""), known)


def _lines(columns: list[pa.ChunkedArray]) -> pa.ChunkedArray:
    """The cells of each row that hold something, a line each."""
    joined = columns[0]
    for column in columns[1:]:
        both = pc.and_(pc.not_equal(joined, ""), pc.not_equal(column, ""))
        joined = pc.binary_join_element_wise(joined, column, pc.if_else(both, pa.scalar("\n"), pa.scalar("")))
    return joined

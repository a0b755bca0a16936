"""Themes by segment: how often each theme stands in each value of a column, and where that is no chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.analysis.intervals import LEVEL, Interval, fisher, newcombe
from explorer.analysis.memberships import Memberships
from explorer.errors import BadInput
from explorer.table.categories import coded
from explorer.wording import counted

if TYPE_CHECKING:
    from explorer.space import Space

MOST = 12  # segments with a column of their own; the rows of all others are counted together
OTHERS = "(others)"
_BETWEEN = " · "  # between the values of two columns


@dataclass(frozen=True)
class Cell:
    """One theme in one segment.

    Attributes
    ----------
    group : the theme's number in the clusters
    segment : the segment's place in `Segments.names`
    rows : how many rows of the segment are in the theme
    share : their part of the segment's rows, 0 to 1
    difference : from the theme's share among all other rows, in percentage points
    difference_range : its 95 % interval in percentage points, for this cell alone
    p : of Fisher's exact test, two-sided, of this segment against all other rows
    marked : whether it is larger than chance: at most one in twenty of all cells that are marked is so by chance
    """

    group: int
    segment: int
    rows: int
    share: float
    difference: float
    difference_range: Interval
    p: float
    marked: bool


@dataclass(frozen=True)
class Segments:
    """Themes by the values of one column, or of two together.

    Attributes
    ----------
    columns : the names of the columns
    names : of the segments, the largest first, the rest together last
    rows : how many rows each segment has
    cells : one for each theme and segment, by theme in the order of the report, then by segment
    without : how many counted rows have no value
    """

    columns: tuple[str, ...]
    names: tuple[str, ...]
    rows: tuple[int, ...]
    cells: tuple[Cell, ...]
    without: int

    def of(self, group: int) -> tuple[Cell, ...]:
        """The cells of a theme, one a segment."""
        return tuple(cell for cell in self.cells if cell.group == group)


def segment_of_rows(
    space: Space, columns: tuple[str, ...], counted_rows: np.ndarray
) -> tuple[np.ndarray, tuple[str, ...]]:
    """The segment of each row, int64 of shape (n,), -1 where it is not counted or a column is empty; and their names.

    counted_rows : bool array of shape (n,)

    Raises
    ------
    BadInput : where a column is not there, or holds vectors or pictures
    """
    code = np.zeros(space.table.num_rows, np.int64)
    names = [""]
    for column in columns:
        codes, values = coded(space.table, column)
        code = np.where((code < 0) | (codes < 0), -1, code * len(values) + codes)
        names = [f"{before}{_BETWEEN}{value}" if before else value for before in names for value in values]
        if len(names) > 1_000_000:
            raise BadInput(
                f"Columns {' and '.join(map(repr, columns))} have {counted(len(names), 'combination')}. "
                "Choose columns with fewer values."
            )
    code = np.where(counted_rows, code, -1)
    sizes = np.bincount(code[code >= 0], minlength=len(names))
    largest = sorted(np.flatnonzero(sizes).tolist(), key=lambda each: (-sizes[each], names[each]))
    own, others = (largest, []) if len(largest) <= MOST else (largest[: MOST - 1], largest[MOST - 1 :])
    place = np.full(len(names) + 1, -1, np.int64)  # the last one for rows without a segment
    place[own] = np.arange(len(own))
    place[others] = len(own)
    return place[code], (*(names[each] for each in own), *((OTHERS,) if others else ()))


def segments(
    space: Space, members: Memberships, order: list[int], columns: tuple[str, ...], counted_rows: np.ndarray
) -> Segments:
    """The themes of a report by segment.

    Chance is told from more by Fisher's exact test in each cell, and over all cells by the false discovery rate of
    Benjamini and Hochberg 1995, at one in twenty.

    Parameters
    ----------
    members : which counted rows are in which themes
    order : the themes, by their number in the clusters, in the order of the report
    columns : one, or two whose values are taken together
    counted_rows : bool array of shape (n,)

    Raises
    ------
    BadInput : where a column is not there, or holds vectors or pictures
    """
    from scipy.stats import false_discovery_control

    segment, names = segment_of_rows(space, columns, counted_rows)
    known = segment >= 0
    sizes = np.bincount(segment[known], minlength=len(names))
    inside = members.among(known).tallies(segment, max(len(names), 1))[order, : len(names)]
    total = int(sizes.sum())
    outside = inside.sum(axis=1, keepdims=True) - inside
    rest = np.broadcast_to(total - sizes, inside.shape)
    if len(names) < 2 or not len(order):
        return Segments(columns, names, tuple(sizes.tolist()), (), int((counted_rows & ~known).sum()))
    whole = np.broadcast_to(sizes, inside.shape)
    low, high = newcombe(outside, rest, inside, whole, LEVEL)
    p = np.array(
        [fisher(*cell) for cell in zip(*(each.ravel() for each in (inside, whole, outside, rest)), strict=True)]
    )
    marked = (false_discovery_control(np.minimum(p, 1.0)) <= 1 - LEVEL).reshape(inside.shape)
    p = p.reshape(inside.shape)
    share, others = inside / whole, outside / rest
    cells = tuple(
        Cell(
            group, place, int(inside[line, place]), float(share[line, place]),
            float(100 * (share - others)[line, place]),
            Interval(float(100 * low[line, place]), float(100 * high[line, place])),
            float(p[line, place]), bool(marked[line, place]),
        )
        for line, group in enumerate(order) for place in range(len(names))
    )  # fmt: skip
    return Segments(columns, names, tuple(sizes.tolist()), cells, int((counted_rows & ~known).sum()))

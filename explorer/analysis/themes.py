"""The themes report of a dataset: a line for each theme, with its share, its change and quotes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.analysis.portraits import Quote, clusters_of_rows, means_of, quotes
from explorer.errors import BadInput
from explorer.geometry.clusters import Clusters
from explorer.table.values import dates, numbers

if TYPE_CHECKING:
    from explorer.space import Space

CHANCE = 0.05  # how often a report in which nothing changed would still mark some theme


@dataclass(frozen=True)
class Theme:
    """One cluster in a report.

    Attributes
    ----------
    group : its number in the clusters
    rows, share : how many of its rows were counted, and their part of all rows counted, 0 to 1
    mean : of the number column over its rows; None without one, or where no row has a number
    common : the commonest value of the category column and its part of the rows that have one; None without one
    earlier, later : its part of each period's rows, 0 to 1; None without periods
    marked : whether the change is larger than chance would give
    quotes : typical rows that differ from each other
    """

    group: int
    name: str
    rows: int
    share: float
    mean: float | None
    common: tuple[str, float] | None
    earlier: float | None
    later: float | None
    marked: bool
    quotes: tuple[Quote, ...]

    @property
    def change(self) -> float | None:
        """From the earlier to the later period, in percentage points."""
        return None if self.earlier is None or self.later is None else 100 * (self.later - self.earlier)


@dataclass(frozen=True)
class Themes:
    """A report on the clusters of a dataset.

    Attributes
    ----------
    themes : the largest first
    rows : rows counted, all of which have content
    grouped : how many of these are in a cluster
    by, overall, common : the number or category column, its mean or commonest value over all rows counted
    period : the date column; None without periods
    split : where the later period begins
    first, last : the earliest and latest date
    before, after : rows in each period; `undated` have no date
    filtered : whether only rows that meet a filter were counted
    """

    themes: tuple[Theme, ...]
    rows: int
    grouped: int
    by: str | None = None
    overall: float | None = None
    common: tuple[str, float] | None = None
    period: str | None = None
    split: np.datetime64 | None = None
    first: np.datetime64 | None = None
    last: np.datetime64 | None = None
    before: int = 0
    after: int = 0
    undated: int = 0
    filtered: bool = False

    @property
    def has_numbers(self) -> bool:
        """Whether `by` is a column of numbers."""
        return self.by is not None and self.common is None


def themes(
    space: Space,
    clusters: Clusters,
    by: str | None = None,
    period: str | None = None,
    split: np.datetime64 | None = None,
    rows: np.ndarray | None = None,
) -> Themes:
    """The report on the clusters of a space.

    Parameters
    ----------
    by : a column of numbers, of which each theme has its mean, or any other, of which it has the commonest value
    period : a column of dates
    split : where the later period begins; the middle of the dates where not given
    rows : bool array of shape (n,), the rows to count; all by default

    A change is marked where it is significant by Fisher's exact test (two-sided), corrected for the number of themes
    (Holm 1979): chance alone would mark any theme in fewer than one of twenty reports.

    Raises
    ------
    BadInput : where a column is not there, or `period` holds no dates
    """
    for name in (by, period):
        if name is not None and name not in space.table.column_names:
            raise BadInput(f"No column {name!r} here. Found: {', '.join(space.table.column_names)}. Name one of these.")
    counted = space.item_of_row >= 0
    if rows is not None:
        counted &= rows
    cluster = clusters_of_rows(space, clusters)
    cluster[~counted] = -1
    sizes = np.bincount(cluster[cluster >= 0], minlength=len(clusters))
    total = int(counted.sum())

    means, overall, commons, common = _about(space, by, cluster, counted, len(clusters))
    when = _Periods.of(space, period, split, counted)
    earlier, later, marked = when.shares(cluster, len(clusters))
    lit = None if rows is None else space.items.with_rows(counted)
    found = [
        Theme(
            number, clusters.names[number], int(sizes[number]), float(sizes[number] / max(total, 1)), means[number],
            commons[number], earlier[number], later[number], marked[number], quotes(space, clusters, number, lit),
        )
        for number in np.argsort(-sizes, kind="stable").tolist()
        if sizes[number]
    ]  # fmt: skip
    return Themes(
        tuple(found), total, int(sizes.sum()), by, overall, common, period if when.split is not None else None,
        when.split, when.first, when.last, when.before, when.after, when.undated, rows is not None,
    )  # fmt: skip


def _about(
    space: Space, by: str | None, cluster: np.ndarray, counted: np.ndarray, count: int
) -> tuple[list[float | None], float | None, list[tuple[str, float] | None], tuple[str, float] | None]:
    """For the column `by`: its mean in each cluster and overall, or its commonest value in each cluster and overall."""
    nothing: list = [None] * count
    if by is None:
        return nothing, None, nothing, None
    if space.kinds.get(by) == "number":
        values = numbers(space.wrapped, by)
        whole = values[counted & ~np.isnan(values)]
        found = [None if np.isnan(mean) else float(mean) for mean in means_of(values, cluster, count)]
        return found, float(whole.mean()) if len(whole) else None, nothing, None
    column = space.table.column(by)
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
        raise BadInput(f"Column {by!r} holds neither numbers nor words. Choose another.")
    cells = column.cast(pa.string()).to_pylist()
    tallies: list[Counter[str]] = [Counter() for _ in range(count + 1)]
    for cell, place in zip(cells, np.where(counted, cluster, -2).tolist(), strict=True):
        if cell is not None and place > -2:
            tallies[count][cell] += 1
            if place >= 0:
                tallies[place][cell] += 1
    most = [_commonest(tally) for tally in tallies]
    return nothing, None, most[:count], most[count] or ("", 0.0)


def _commonest(tally: Counter[str]) -> tuple[str, float] | None:
    if not tally:
        return None
    value, times = min(tally.items(), key=lambda item: (-item[1], item[0]))
    return value, times / tally.total()


@dataclass(frozen=True, eq=False)
class _Periods:
    late: np.ndarray  # (n,) int8: 0 earlier, 1 later, -1 not counted or without a date
    split: np.datetime64 | None = None
    first: np.datetime64 | None = None
    last: np.datetime64 | None = None
    undated: int = 0

    @property
    def before(self) -> int:
        return int((self.late == 0).sum())

    @property
    def after(self) -> int:
        return int((self.late == 1).sum())

    @classmethod
    def of(cls, space: Space, period: str | None, split: np.datetime64 | None, counted: np.ndarray) -> _Periods:
        late = np.full(len(counted), -1, np.int8)
        if period is None:
            return cls(late)
        moments = dates(space.wrapped, period)
        dated = counted & ~np.isnat(moments)
        if not dated.any():
            if np.isnat(moments).all():
                raise BadInput(f"Column {period!r} holds no dates. Choose a column that does.")
            return cls(late)
        first, last = moments[dated].min(), moments[dated].max()
        if split is None:
            split = middle(first, last)
        late[dated] = moments[dated] >= split
        return cls(late, split, first, last, int((counted & ~dated).sum()))

    def shares(self, cluster: np.ndarray, count: int) -> tuple[list[float | None], list[float | None], list[bool]]:
        """For each cluster its part of either period, and whether these differ by more than chance."""
        if not self.before or not self.after:
            return [None] * count, [None] * count, [False] * count
        from scipy.stats import fisher_exact

        of = [np.bincount(cluster[(cluster >= 0) & (self.late == side)], minlength=count) for side in (0, 1)]
        totals = self.before, self.after
        chances = [
            fisher_exact([[one, totals[0] - one], [other, totals[1] - other]]).pvalue if one + other else 1.0
            for one, other in zip(*(part.tolist() for part in of), strict=True)
        ]
        return [float(n / totals[0]) for n in of[0]], [float(n / totals[1]) for n in of[1]], holm(chances)


def middle(first: np.datetime64, last: np.datetime64) -> np.datetime64:
    """The moment halfway between two; at the beginning of its day where the dates span two days or more."""
    half = first + (last - first) / 2
    day = half.astype("datetime64[D]")
    return day.astype(first.dtype) if last - first >= np.timedelta64(2, "D") else half


def holm(chances: Sequence[float], below: float = CHANCE) -> list[bool]:
    """Which p-values are significant when all are tested together (Holm 1979)."""
    kept = [False] * len(chances)
    for rank, place in enumerate(np.argsort(np.asarray(chances), kind="stable").tolist()):
        if chances[place] > below / (len(chances) - rank):
            break
        kept[place] = True
    return kept

"""The themes report of a dataset: a line for each theme, with its share, its change and quotes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from explorer.analysis.intervals import LEVEL, mean_interval, newcombe, wilson
from explorer.analysis.portraits import Quote, clusters_of_rows, means_of, quotes
from explorer.errors import BadInput
from explorer.geometry.clusters import Clusters
from explorer.table.values import dates, numbers

if TYPE_CHECKING:
    from explorer.space import Space

CHANCE = 1 - LEVEL  # how often, at most, a report in which nothing changed would still mark some theme


class Interval(NamedTuple):
    """Where the true value lies, 95 times of 100."""

    low: float
    high: float


@dataclass(frozen=True)
class Theme:
    """One cluster in a report.

    Attributes
    ----------
    group : its number in the clusters
    rows, share : how many of its rows were counted, and their part of all rows counted, 0 to 1
    share_range : Wilson's interval of the share
    mean : of the number column over its rows; None without one, or where no row has a number
    mean_range : Student's interval of the mean; None where there are not two numbers that differ
    common : the commonest value of the category column and its part of the rows that have one; None without one
    earlier, later : its part of each period's rows, 0 to 1; None without periods
    change_range : the interval of the change, in percentage points, which holds for all themes together; None without
        periods. It is without zero exactly where the change is larger than chance
    quotes : typical rows that differ from each other
    """

    group: int
    name: str
    rows: int
    share: float
    share_range: Interval
    mean: float | None
    mean_range: Interval | None
    common: tuple[str, float] | None
    earlier: float | None
    later: float | None
    change_range: Interval | None
    quotes: tuple[Quote, ...]

    @property
    def change(self) -> float | None:
        """From the earlier to the later period, in percentage points."""
        return None if self.earlier is None or self.later is None else 100 * (self.later - self.earlier)

    @property
    def marked(self) -> bool:
        """Whether the change is larger than chance would give."""
        return self.change_range is not None and not self.change_range.low <= 0 <= self.change_range.high


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

    A change is larger than chance where its interval is without zero and Fisher's exact test (two-sided) finds it
    significant, both at the level that holds for all themes together (Bonferroni): chance alone would mark any theme
    in fewer than one of twenty reports. Where the test finds none, the interval reaches to zero, so that the two agree.
    (Holm's steps would mark a little more, but there are no intervals as plain that go with them.)

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

    means, mean_ranges, overall, commons, common = _about(space, by, cluster, counted, len(clusters))
    when = _Periods.of(space, period, split, counted)
    earlier, later, change_ranges = when.shares(cluster, len(clusters))
    share_ranges = _intervals(*wilson(sizes, np.full(len(sizes), total)))
    lit = None if rows is None else space.items.with_rows(counted)
    found = [
        Theme(
            number, clusters.names[number], int(sizes[number]), float(sizes[number] / max(total, 1)),
            share_ranges[number] or Interval(0.0, 1.0), means[number], mean_ranges[number], commons[number],
            earlier[number], later[number], change_ranges[number], quotes(space, clusters, number, lit),
        )
        for number in np.argsort(-sizes, kind="stable").tolist()
        if sizes[number]
    ]  # fmt: skip
    return Themes(
        tuple(found), total, int(sizes.sum()), by, overall, common, period if when.split is not None else None,
        when.split, when.first, when.last, when.before, when.after, when.undated, rows is not None,
    )  # fmt: skip


def in_period(space: Space, report: Themes, rows: np.ndarray, later: bool) -> np.ndarray:
    """Those of some rows that lie in the later period of a report, or in the earlier.

    rows : int array of shape (r,)
    """
    if report.period is None or report.split is None:
        return rows[:0]
    moments = dates(space.wrapped, report.period)[rows]
    return rows[moments >= report.split if later else moments < report.split]


_About = tuple[
    list[float | None], list[Interval | None], float | None, list[tuple[str, float] | None], tuple[str, float] | None
]


def _about(space: Space, by: str | None, cluster: np.ndarray, counted: np.ndarray, count: int) -> _About:
    """For the column `by`: its mean in each cluster, the intervals of these, and its mean overall; or its commonest
    value in each cluster and overall."""
    nothing: list = [None] * count
    if by is None:
        return nothing, nothing, None, nothing, None
    if space.kinds.get(by) == "number":
        values = numbers(space.wrapped, by)
        whole = values[counted & ~np.isnan(values)]
        means = means_of(values, cluster, count)
        used = (cluster >= 0) & ~np.isnan(values)
        squares = np.bincount(cluster[used], (values[used] - means[cluster[used]]) ** 2, minlength=count)
        many = np.bincount(cluster[used], minlength=count)
        ranges = _intervals(*mean_interval(np.where(many, means, 0) * many, squares, many))
        found = [None if np.isnan(mean) else float(mean) for mean in means]
        return found, ranges, float(whole.mean()) if len(whole) else None, nothing, None
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
    return nothing, nothing, None, most[:count], most[count] or ("", 0.0)


def _intervals(low: np.ndarray, high: np.ndarray) -> list[Interval | None]:
    """None where an end is not known."""
    ends = zip(low.tolist(), high.tolist(), strict=True)
    return [Interval(*both) if np.isfinite(both).all() else None for both in ends]


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

    def shares(
        self, cluster: np.ndarray, count: int
    ) -> tuple[list[float | None], list[float | None], list[Interval | None]]:
        """For each cluster its part of either period, and the interval of the difference in percentage points."""
        before, after = self.before, self.after
        if not before or not after:
            return [None] * count, [None] * count, [None] * count
        from scipy.stats import fisher_exact

        early, late = (np.bincount(cluster[(cluster >= 0) & (self.late == side)], minlength=count) for side in (0, 1))
        chance = CHANCE / max(int(((early + late) > 0).sum()), 1)
        low, high = newcombe(early, np.full(count, before), late, np.full(count, after), 1 - chance)
        for place in np.flatnonzero((low > 0) | (high < 0)).tolist():
            table = [[early[place], before - early[place]], [late[place], after - late[place]]]
            if fisher_exact(table).pvalue > chance:
                low[place], high[place] = min(low[place], 0.0), max(high[place], 0.0)
        return (early / before).tolist(), (late / after).tolist(), _intervals(100 * low, 100 * high)


def middle(first: np.datetime64, last: np.datetime64) -> np.datetime64:
    """The moment halfway between two; at the beginning of its day where the dates span two days or more."""
    half = first + (last - first) / 2
    day = half.astype("datetime64[D]")
    return day.astype(first.dtype) if last - first >= np.timedelta64(2, "D") else half

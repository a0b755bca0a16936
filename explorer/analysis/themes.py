"""The themes report of a dataset: a line for each theme, with its share, its change and quotes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from explorer.analysis.intervals import LEVEL, Interval, fisher, mean_interval, newcombe, wilson
from explorer.analysis.memberships import Memberships, memberships
from explorer.analysis.over_time import Courses, courses
from explorer.analysis.portraits import Quote, means_of, quotes
from explorer.analysis.segments import Segments, segments
from explorer.analysis.waves import Waves, dates_of, waves
from explorer.errors import BadInput
from explorer.geometry.clusters import Clusters
from explorer.table.categories import coded
from explorer.table.values import numbers
from explorer.wording import day

if TYPE_CHECKING:
    from explorer.space import Space

_NONE = np.zeros(0, np.int64)
CHANCE = 1 - LEVEL  # how often, at most, a report in which nothing changed would still mark some theme


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
    period : the column of dates or waves; None without periods
    split : where the later period begins; None where a wave is compared with those before it
    parts : what the earlier and the later period are called, such as "before 2026-05-17" and "from 2026-05-17 on"
    first, last : the earliest and latest date, or wave
    before, after : rows in each period; `undated` have no date
    filtered : whether only rows that meet a filter were counted
    members : which counted rows are in which theme, by its number in the clusters
    segments : the themes by the values of a category; None without one
    courses : the themes in each period; None without periods
    sentences : whether each sentence was put into a theme, so that a row may be in several
    """

    themes: tuple[Theme, ...]
    rows: int
    grouped: int
    by: str | None = None
    overall: float | None = None
    common: tuple[str, float] | None = None
    period: str | None = None
    split: np.datetime64 | None = None
    parts: tuple[str, str] = ("", "")
    first: str = ""
    last: str = ""
    before: int = 0
    after: int = 0
    undated: int = 0
    filtered: bool = False
    members: Memberships = field(default_factory=lambda: Memberships(_NONE, _NONE, 0), compare=False)
    segments: Segments | None = None
    courses: Courses | None = None
    sentences: bool = False

    @property
    def has_numbers(self) -> bool:
        """Whether `by` is a column of numbers."""
        return self.by is not None and self.common is None


class Before(NamedTuple):
    """An earlier wave: its name, how many of its rows each cluster had (int array of shape (count,), -1 where it was
    not looked for), and all its rows."""

    name: str
    rows: np.ndarray
    total: int


def themes(
    space: Space,
    clusters: Clusters,
    by: str | None = None,
    period: str | None = None,
    split: np.datetime64 | None = None,
    rows: np.ndarray | None = None,
    *,
    also: str | None = None,
    every: str | None = None,
    before: Before | None = None,
) -> Themes:
    """The report on the clusters of a space.

    Parameters
    ----------
    by : a column of numbers, of which each theme has its mean, or any other, of which it has the commonest value
    period : a column of dates, or one that names the wave of each row: then the last wave is compared with all others
    split : where the later period begins; the middle of the dates where not given
    rows : bool array of shape (n,), the rows to count; all by default
    also : a second category, whose values are taken together with those of `by`
    every : how long a period is, one of `waves.EVERY`; by default as long as a picture can show them all
    before : how often the same themes stood in an earlier wave, which is then the earlier period

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
    members = memberships(space, clusters).among(counted)
    sizes, total = members.sizes, int(counted.sum())

    means, mean_ranges, overall, commons, common = _about(space, by, members, counted)
    when = _Periods.of(space, period, split, counted)
    compared = when.counts(members) if before is None else (before.rows, before.total, sizes, total)
    earlier, later, change_ranges = _changes(*compared)
    order = [number for number in np.argsort(-sizes, kind="stable").tolist() if sizes[number]]
    columns = tuple(name for name in (by, also) if name is not None and space.kinds.get(name) != "number")
    by_segment = segments(space, members, order, columns, counted) if columns else None
    in_time = courses(members, order, waves(space, period, every), counted) if period is not None else None
    share_ranges = _intervals(*wilson(sizes, np.full(len(sizes), total)))
    lit = None if rows is None else space.items.with_rows(counted)
    found = [
        Theme(
            number, clusters.names[number], int(sizes[number]), float(sizes[number] / max(total, 1)),
            share_ranges[number] or Interval(0.0, 1.0), means[number], mean_ranges[number], commons[number],
            earlier[number], later[number], change_ranges[number], quotes(space, clusters, number, lit),
        )
        for number in order
    ]  # fmt: skip
    if before is not None:
        when = replace(when, parts=(before.name, "here"), split=None)
    return Themes(
        tuple(found), total, len(np.unique(members.rows)), by, overall, common,
        period if before is None and when.parts[0] else None, when.split, when.parts, when.first, when.last,
        int(compared[1]), int(compared[3]), when.undated, rows is not None, members, by_segment, in_time,
        space.recipe.sentences,
    )  # fmt: skip


def in_period(space: Space, report: Themes, rows: np.ndarray, later: bool) -> np.ndarray:
    """Those of some rows that lie in the later period of a report, or in the earlier.

    rows : int array of shape (r,)
    """
    if report.period is None:
        return rows[:0]
    late = _Periods.of(space, report.period, report.split, space.item_of_row >= 0).late[rows]
    return rows[late == int(later)]


_About = tuple[
    list[float | None], list[Interval | None], float | None, list[tuple[str, float] | None], tuple[str, float] | None
]


def _about(space: Space, by: str | None, members: Memberships, counted: np.ndarray) -> _About:
    """For the column `by`: its mean in each cluster, the intervals of these, and its mean overall; or its commonest
    value in each cluster and overall."""
    nothing: list = [None] * members.count
    if by is None:
        return nothing, nothing, None, nothing, None
    if space.kinds.get(by) == "number":
        values = numbers(space.wrapped, by)
        whole = values[counted & ~np.isnan(values)]
        mine = values[members.rows]
        means = means_of(mine, members.groups, members.count)
        used = ~np.isnan(mine)
        groups = members.groups[used]
        squares = np.bincount(groups, (mine[used] - means[groups]) ** 2, minlength=members.count)
        many = np.bincount(groups, minlength=members.count)
        ranges = _intervals(*mean_interval(np.where(many, means, 0) * many, squares, many))
        found = [None if np.isnan(mean) else float(mean) for mean in means]
        return found, ranges, float(whole.mean()) if len(whole) else None, nothing, None
    codes, values_ = coded(space.table, by)
    most = [_commonest(tally, values_) for tally in members.tallies(codes, len(values_))]
    overall = np.bincount(codes[counted & (codes >= 0)], minlength=len(values_))
    return nothing, nothing, None, most, _commonest(overall, values_) or ("", 0.0)


def _intervals(low: np.ndarray, high: np.ndarray) -> list[Interval | None]:
    """None where an end is not known."""
    ends = zip(low.tolist(), high.tolist(), strict=True)
    return [Interval(*both) if np.isfinite(both).all() else None for both in ends]


def _commonest(tally: np.ndarray, values: list[str]) -> tuple[str, float] | None:
    if not tally.any():
        return None
    value, times = min(zip(values, tally.tolist(), strict=True), key=lambda item: (-item[1], item[0]))
    return value, times / int(tally.sum())


@dataclass(frozen=True, eq=False)
class _Periods:
    late: np.ndarray  # (n,) int8: 0 earlier, 1 later, -1 not counted or without a date
    split: np.datetime64 | None = None
    parts: tuple[str, str] = ("", "")
    first: str = ""
    last: str = ""
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
        moments = dates_of(space, period)
        if moments is None:
            return cls._of_waves(waves(space, period), counted)
        dated = counted & ~np.isnat(moments)
        if not dated.any():
            return cls(late)
        first, last = moments[dated].min(), moments[dated].max()
        if split is None:
            split = middle(first, last)
        late[dated] = moments[dated] >= split
        parts = (f"before {day(split)}", f"from {day(split)} on")
        return cls(late, split, parts, day(first), day(last), int((counted & ~dated).sum()))

    @classmethod
    def _of_waves(cls, found: Waves, counted: np.ndarray) -> _Periods:
        """The last wave as the later period, all others as the earlier."""
        of_row = np.where(counted, found.of_row, -1)
        named = np.unique(of_row[of_row >= 0])
        late = np.where(of_row < 0, -1, 0).astype(np.int8)
        if not len(named):
            return cls(late)
        late[of_row == named[-1]] = 1
        first, last = found.names[named[0]], found.names[named[-1]]
        before = first if len(named) == 2 else f"before {last}"
        return cls(late, None, (before, last), first, last, int((counted & (of_row < 0)).sum()))

    def counts(self, members: Memberships) -> tuple[np.ndarray, int, np.ndarray, int]:
        """For each cluster its rows in the earlier period and in the later, each with all rows of that period."""
        early, late = members.tallies(self.late, 2).T
        return early, self.before, late, self.after


def _changes(
    early: np.ndarray, before: int, late: np.ndarray, after: int
) -> tuple[list[float | None], list[float | None], list[Interval | None]]:
    """For each cluster its part of either period, and the interval of the difference in percentage points.

    early, late : int arrays of shape (count,); -1 in `early` for a cluster that was not looked for then
    """
    count = len(early)
    if not before or not after:
        return [None] * count, [None] * count, [None] * count
    asked = early >= 0
    early = np.maximum(early, 0)
    chance = CHANCE / max(int(((early + late) > 0).sum()), 1)
    low, high = newcombe(early, np.full(count, before), late, np.full(count, after), 1 - chance)
    for place in np.flatnonzero((low > 0) | (high < 0)).tolist():
        if fisher(early[place], before, late[place], after) > chance:
            low[place], high[place] = min(low[place], 0.0), max(high[place], 0.0)
    parts = [(early / before).tolist(), (late / after).tolist(), _intervals(100 * low, 100 * high)]
    parts = [[each if known else None for each, known in zip(part, asked, strict=True)] for part in parts]
    return parts[0], parts[1], parts[2]


def middle(first: np.datetime64, last: np.datetime64) -> np.datetime64:
    """The moment halfway between two; at the beginning of its day where the dates span two days or more."""
    half = first + (last - first) / 2
    day = half.astype("datetime64[D]")
    return day.astype(first.dtype) if last - first >= np.timedelta64(2, "D") else half

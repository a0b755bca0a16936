"""Themes over time: the share of each in every period, what is new and what went."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from explorer.analysis.intervals import LEVEL, Interval, fisher, wilson
from explorer.analysis.memberships import Memberships
from explorer.analysis.waves import Waves


@dataclass(frozen=True)
class Course:
    """One theme over time.

    Attributes
    ----------
    group : its number in the clusters
    rows : its rows in each period
    shares : their part of the period's rows, 0 to 1; None where the period has no rows
    ranges : Wilson's 95 % intervals of these, each for one period alone
    new_since : the first period with a row of it, where no row before is more than chance; else None
    gone_since : the first period from which on there is none of it, where that is more than chance; else None
    """

    group: int
    rows: tuple[int, ...]
    shares: tuple[float | None, ...]
    ranges: tuple[Interval | None, ...]
    new_since: int | None
    gone_since: int | None


@dataclass(frozen=True)
class Courses:
    """All themes over time.

    Attributes
    ----------
    column, every : of the periods, see `Waves`
    names : of the periods, in order
    rows : counted rows of each period
    courses : one a theme, in the order of the report
    without : counted rows that have no period
    """

    column: str
    every: str
    names: tuple[str, ...]
    rows: tuple[int, ...]
    courses: tuple[Course, ...]
    without: int


def courses(members: Memberships, order: list[int], periods: Waves, counted: np.ndarray) -> Courses:
    """The course of each theme.

    A theme is new where all rows of the periods before its first one lack it, and Fisher's exact test (two-sided) finds
    that this is no chance at a level that holds for all themes and periods together (Bonferroni). Likewise gone.

    Parameters
    ----------
    members : which counted rows are in which themes
    order : the themes, by their number in the clusters
    counted : bool array of shape (n,)
    """
    of_row = np.where(counted, periods.of_row, -1)
    many = len(periods.names)
    totals = np.bincount(of_row[of_row >= 0], minlength=many)
    tallies = members.tallies(of_row, max(many, 1))[:, :many]
    level = (1 - LEVEL) / max(2 * len(order) * max(many - 1, 1), 1)
    made = tuple(_course(group, tallies[group], totals, level) for group in order)
    return Courses(
        periods.column, periods.every, periods.names, tuple(totals.tolist()), made,
        int((counted & (of_row < 0)).sum()),
    )  # fmt: skip


def _course(group: int, rows: np.ndarray, totals: np.ndarray, level: float) -> Course:
    held = np.flatnonzero(rows)
    new = gone = None
    if len(held):
        first, after = int(held[0]), int(held[-1]) + 1
        if _apart(0, totals[:first].sum(), rows.sum(), totals[first:].sum(), level):
            new = first
        if _apart(rows.sum(), totals[:after].sum(), 0, totals[after:].sum(), level):
            gone = after
    low, high = wilson(rows, totals)
    known = totals > 0
    return Course(
        group, tuple(rows.tolist()),
        tuple(float(part / whole) if whole else None for part, whole in zip(rows, totals, strict=True)),
        tuple(Interval(float(a), float(b)) if there else None for a, b, there in zip(low, high, known, strict=True)),
        new, gone,
    )  # fmt: skip


def _apart(one: int, of_one: int, two: int, of_two: int, level: float) -> bool:
    """Whether two shares differ by more than chance."""
    return bool(of_one) and bool(of_two) and fisher(one, of_one, two, of_two) <= level

"""Rows in periods: days, weeks, months of a column of dates, or the waves that a column names, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import BadInput
from explorer.table.categories import coded
from explorer.table.table import require_columns
from explorer.table.values import dates
from explorer.wording import counted

if TYPE_CHECKING:
    from explorer.space import Space

EVERY = ("day", "week", "month", "quarter", "year")
_DAYS = {"day": 1, "week": 7, "month": 30.4, "quarter": 91.3, "year": 365.2}
_USUAL = 16  # periods at most, where nobody says how long they are
MOST = 400  # periods at most
MOST_WAVES = 60  # values of a column that names waves


@dataclass(frozen=True, eq=False)
class Waves:
    """The period of each row.

    Attributes
    ----------
    column : the column that they are taken from
    of_row : int64 array of shape (n,), -1 where the row has none
    names : of the periods, in order: "2026-03-02" is the Monday that a week begins with, "2026-03", "2026 Q1", "2026"
    every : how long a period is, one of `EVERY`; "wave" where the column names them itself
    """

    column: str
    of_row: np.ndarray
    names: tuple[str, ...]
    every: str


def waves(space: Space, column: str, every: str | None = None) -> Waves:
    """The periods of a column: of equal length where it holds dates, else its values in their natural order.

    Between the first period and the last none is left out, also where it has no rows.

    Parameters
    ----------
    every : how long a period of dates is, one of `EVERY`; by default the shortest that makes at most 16

    Raises
    ------
    BadInput : where the column is not there, holds neither dates nor few values, or the periods would be too many
    """
    moments = dates_of(space, column)
    if moments is not None:
        return _of_dates(column, moments, every)
    codes, values = coded(space.table, column)
    used = np.unique(codes[codes >= 0])
    if len(used) > MOST_WAVES or len(used) > max(_USUAL, int((codes >= 0).sum()) // 2):
        raise BadInput(
            f"Column {column!r} holds no dates, and {counted(len(used), 'value')}, which is too many to be waves. "
            "Choose a column of dates, or one that names the wave of each row."
        )
    order = sorted(used.tolist(), key=lambda code: natural(values[code]))
    place = np.full(len(values) + 1, -1, np.int64)  # the last one for rows without a value
    place[order] = np.arange(len(order))
    return Waves(column, place[codes], tuple(values[code] for code in order), "wave")


def dates_of(space: Space, column: str) -> np.ndarray | None:
    """The dates of a column, datetime64[us] of shape (n,); None where its values are names or numbers.

    Raises
    ------
    BadInput : where the column is not there
    """
    require_columns(space.table, [column])
    kind = space.kinds.get(column)
    moments = dates(space.wrapped, column)
    named = kind != "date" and (kind in ("category", "number") or bool(np.isnat(moments).all()))
    return None if named else moments


def natural(text: str) -> tuple:
    """What texts are sorted by so that numbers in them count: wave 2 before wave 10."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in re.split(r"(\d+)", text) if part)


def _of_dates(column: str, moments: np.ndarray, every: str | None) -> Waves:
    of_row, dated = np.full(len(moments), -1, np.int64), ~np.isnat(moments)
    if not dated.any():
        return Waves(column, of_row, (), every or "day")
    days = moments.astype("datetime64[D]")
    span = float((days[dated].max() - days[dated].min()).astype(int)) + 1
    if every is None:
        every = next((name for name in EVERY if span / _DAYS[name] <= _USUAL), "year")
    if span / _DAYS[every] > MOST:
        fewer = next((name for name in EVERY if span / _DAYS[name] <= MOST), "year")
        raise BadInput(
            f"From {days[dated].min()} to {days[dated].max()} there are more than {MOST} {every}s. Take {fewer}s."
        )
    numbers = _numbers(days[dated], every)
    first = numbers.min()
    of_row[dated] = numbers - first
    return Waves(column, of_row, tuple(_name(first + each, every) for each in range(numbers.max() - first + 1)), every)


def _numbers(days: np.ndarray, every: str) -> np.ndarray:
    """The number of each day's period, counted from 1970: int64."""
    if every in ("day", "week"):
        number = days.astype(np.int64)
        return number if every == "day" else (number + 3) // 7  # 1970 began on a Thursday, weeks begin on Mondays
    months = days.astype("datetime64[M]").astype(np.int64)
    return months // {"month": 1, "quarter": 3, "year": 12}[every]


def _name(number: int, every: str) -> str:
    if every in ("day", "week"):
        return str(np.datetime64(int(number) if every == "day" else int(number) * 7 - 3, "D"))
    if every == "month":
        return str(np.datetime64(int(number), "M"))
    return str(1970 + number) if every == "year" else f"{1970 + number // 4} Q{number % 4 + 1}"

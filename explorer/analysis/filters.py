"""Filters: conditions on columns, all of which a row must meet. They are short enough for a link."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.table.table import Table
from explorer.table.values import dates, numbers
from explorer.wording import listed, one_line, shorten

NO_VALUE = ""  # among the values of a condition: rows whose cell is missing or empty
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Condition:
    """One column's part of a filter: a range of numbers or dates, or some of its values.

    Attributes
    ----------
    column : the column's name
    low, high : the range, both ends included; dates as ISO text; None where open
    values : the values wanted, as text, where the condition is about values; `NO_VALUE` means cells without one
    """

    column: str
    low: float | str | None = None
    high: float | str | None = None
    values: tuple[str, ...] | None = None

    def __str__(self) -> str:
        """In words: "topic: billing, login and 4 more", "stars: 2 to 4", "created: from 31 Jan 2026"."""
        return f"{shorten(one_line(self.column), 40)}: {self._wanted()}"

    def _wanted(self) -> str:
        if self.values is not None:
            return (
                listed([shorten(one_line(value), 40) or "no value" for value in self.values], 3) or "none of its values"
            )
        low, high = (None if end is None else in_words(end) for end in (self.low, self.high))
        dated = isinstance(self.low, str) or isinstance(self.high, str)
        if low is None:
            return f"until {high}" if dated else f"at most {high}"
        if high is None:
            return f"from {low}" if dated else f"at least {low}"
        return low if low == high else f"{low} to {high}"

    def met(self, table: Table) -> np.ndarray:
        """Which rows meet it: bool of shape (n,). All do where the table has no such column, or one of vectors."""
        if self.column not in table.columns:
            return np.ones(len(table), bool)
        if self.values is None:
            if isinstance(self.low, str) or isinstance(self.high, str):
                return _between(dates(table, self.column), _moment(self.low), _moment(self.high, end=True))
            return _between(numbers(table, self.column), self.low, self.high)
        cells = table.arrow.column(self.column)
        try:
            texts = cells.cast(pa.string())
        except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
            return np.ones(len(table), bool)
        found = pc.is_in(texts, pa.array(self.values, pa.string())).to_numpy()
        return found | cells.is_null().to_numpy() if NO_VALUE in self.values else found


def rows_meeting(table: Table, conditions: Iterable[Condition]) -> np.ndarray:
    """Which rows meet every condition: bool of shape (n,). See `Condition.met`."""
    mask = np.ones(len(table), bool)
    for condition in conditions:
        mask &= condition.met(table)
    return mask


def in_words(value: float | str) -> str:
    """An end of a range for people: "12,500", "0.25", "31 Jan 2026", "31 Jan 2026 08:30"."""
    if isinstance(value, str):
        moment = np.datetime64(value, "us")
        day, clock = str(moment.astype("datetime64[D]")), str(moment)[11:16]
        year, month, date = day.rsplit("-", 2)
        return f"{int(date)} {_MONTHS[int(month) - 1]} {year}" + (f" {clock}" if len(value) > 10 else "")
    if float(value).is_integer() and abs(value) < 1e15:
        return f"{value:.0f}" if abs(value) < 10_000 else f"{value:,.0f}"  # a year has no comma
    return f"{value:.6g}"


def to_link(conditions: Sequence[Condition]) -> str:
    """The conditions as short text for an address; empty where there are none."""
    if not conditions:
        return ""
    parts = [[c.column, c.low, c.high] if c.values is None else [c.column, list(c.values)] for c in conditions]
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def from_link(text: str) -> tuple[Condition, ...]:
    """The conditions that `to_link` wrote. Any other text, since users may type anything, gives no conditions."""
    try:
        parts = json.loads(text) if text else []
        return tuple(_condition(part) for part in parts)
    except (ValueError, TypeError, IndexError, KeyError, RecursionError, OverflowError):
        return ()


def with_condition(conditions: Sequence[Condition], column: str, condition: Condition | None) -> tuple[Condition, ...]:
    """The conditions with that column's replaced, or removed where `condition` is None."""
    others = [other for other in conditions if other.column != column]
    return (*others, condition) if condition is not None else tuple(others)


def _condition(part: list) -> Condition:
    if len(part) == 2:
        return Condition(str(part[0]), values=tuple(str(value) for value in part[1]))
    column, low, high = part
    ends = [end for end in (low, high) if end is not None]
    if not ends or len({isinstance(end, str) for end in ends}) > 1:
        raise ValueError(part)
    for end in ends:
        if not isinstance(end, str):
            if not math.isfinite(float(end)):
                raise ValueError(end)
        elif np.isnat(np.datetime64(end, "us")):  # a ValueError where it is no date
            raise ValueError(end)
    return Condition(str(column), low, high)


def _between(values: np.ndarray, low: object, high: object) -> np.ndarray:
    # A missing value (NaN, NaT) compares false both ways: it meets no range.
    mask = ~np.isnat(values) if values.dtype.kind == "M" else ~np.isnan(values)
    with np.errstate(invalid="ignore"):
        if low is not None:
            mask &= values >= low
        if high is not None:
            mask &= values <= high
    return mask


def _moment(end_point: float | str | None, end: bool = False) -> np.datetime64 | None:
    if end_point is None:
        return None
    moment = np.datetime64(str(end_point), "us")
    # "to 2026-03-31" means all of that day.
    whole_day = end and len(str(end_point)) == 10
    return moment + np.timedelta64(1, "D") - np.timedelta64(1, "us") if whole_day else moment

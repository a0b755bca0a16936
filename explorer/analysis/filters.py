"""Filters: conditions on columns, all of which a row must meet. They are short enough for a link."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.table.table import Table
from explorer.table.values import dates, numbers
from explorer.wording import listed


@dataclass(frozen=True)
class Condition:
    """One column's part of a filter: a range of numbers or dates, or some of its values.

    Attributes
    ----------
    column : the column's name
    low, high : the range, both ends included; dates as ISO text; None where open
    values : the values wanted, as text, where the condition is about values
    """

    column: str
    low: float | str | None = None
    high: float | str | None = None
    values: tuple[str, ...] | None = None

    def __str__(self) -> str:
        if self.values is not None:
            return f"{self.column} = {listed(self.values, 3)}"
        if self.low is None:
            return f"{self.column} ≤ {_plain(self.high)}"
        if self.high is None:
            return f"{self.column} ≥ {_plain(self.low)}"
        return f"{self.column} {_plain(self.low)} to {_plain(self.high)}"


def rows_meeting(table: Table, conditions: Iterable[Condition]) -> np.ndarray:
    """Which rows meet every condition: bool of shape (n,). A condition on a missing column is ignored."""
    mask = np.ones(len(table), bool)
    for condition in conditions:
        if condition.column not in table.columns:
            continue
        if condition.values is not None:
            cells = table.arrow.column(condition.column).cast(pa.string())
            mask &= pc.is_in(cells, pa.array(condition.values, pa.string())).to_numpy(zero_copy_only=False)
        elif isinstance(condition.low, str) or isinstance(condition.high, str):
            mask &= _between(dates(table, condition.column), _moment(condition.low), _moment(condition.high, end=True))
        else:
            mask &= _between(numbers(table, condition.column), condition.low, condition.high)
    return mask


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
    except (ValueError, TypeError, IndexError, KeyError, RecursionError):
        return ()


def with_condition(conditions: Sequence[Condition], column: str, condition: Condition | None) -> tuple[Condition, ...]:
    """The conditions with that column's replaced, or removed where `condition` is None."""
    others = [other for other in conditions if other.column != column]
    return (*others, condition) if condition is not None else tuple(others)


def _condition(part: list) -> Condition:
    if len(part) == 2:
        return Condition(str(part[0]), values=tuple(str(value) for value in part[1]))
    column, low, high = part
    for end in (low, high):
        if end is not None and not isinstance(end, str | int | float):
            raise TypeError(end)
        if isinstance(end, str):
            np.datetime64(end, "us")  # a ValueError where it is no date
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


def _plain(value: float | str | None) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)

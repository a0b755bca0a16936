"""A column's range as a slider: whole numbers, other numbers, or days."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from explorer.analysis.filters import Condition
from explorer.app import filtering
from explorer.views.facets import Facet
from explorer.wording import one_line

_STEPS = 200  # of a slider, about


@dataclass(frozen=True)
class Scale:
    """What a slider can be set to.

    Attributes
    ----------
    low, high : its ends: int, float or datetime.date
    options : its step, and how it writes a value
    read, write : a value of the slider from an end of a condition, and back
    """

    low: Any
    high: Any
    options: dict[str, Any]
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]

    def within(self, end: float | str | None, usual: Any) -> Any:
        """The slider's value for an end of a condition, which may be open or of another kind."""
        if end is None or isinstance(end, str) != isinstance(self.low, datetime.date):
            return usual
        value = self.read(end)
        return usual if value is None else min(max(value, self.low), self.high)


def range_slider(key: str, found: Facet, chosen: Condition | None) -> None:
    """The range of a column of numbers or dates. At the slider's own ends the range is open."""
    scale = scale_of(found)
    if scale is None:
        return
    ends = (None, None) if chosen is None else (chosen.low, chosen.high)
    now = (scale.within(ends[0], scale.low), scale.within(ends[1], scale.high))
    if st.session_state.get(key) != now:
        st.session_state[key] = now

    def moved() -> None:
        low, high = st.session_state[key]
        first = None if low == scale.low else scale.write(low)
        last = None if high == scale.high else scale.write(high)
        nothing = first is None and last is None
        filtering.set_condition(found.column, None if nothing else Condition(found.column, first, last))

    st.slider(
        f"Range of {one_line(found.column)}", scale.low, scale.high, key=key, on_change=moved,
        label_visibility="collapsed", **scale.options,
    )  # fmt: skip


def scale_of(found: Facet) -> Scale | None:
    """The slider of a column; None where its values are too near each other or too far for one."""
    if found.kind == "date":
        first, last = _day(found.low), _day(found.high)
        if first is None or last is None or first == last:
            return None
        return Scale(first, last, {"format": "D MMM YYYY"}, _day, datetime.date.isoformat)
    low, high = float(found.low), float(found.high)  # type: ignore[arg-type]
    most = max(abs(low), abs(high))
    if most > 2**53 or high - low <= 1e-9 * most:  # what a browser counts exactly, and a float tells apart
        return None
    step = 10.0 ** math.floor(math.log10((high - low) / _STEPS))
    if found.whole:
        whole = max(int(step), 1)
        return Scale(
            math.floor(low / whole) * whole, math.ceil(high / whole) * whole, {"step": whole}, round, int
        )  # fmt: skip
    digits = max(-math.floor(math.log10(step)), 0)
    ends = round(math.floor(low / step) * step, digits), round(math.ceil(high / step) * step, digits)
    return Scale(*ends, {"step": step, "format": f"%.{digits}f"}, float, lambda value: round(float(value), digits))


def _day(moment: object) -> datetime.date | None:
    """The day of a moment or of an ISO date; None where Python's calendar does not have it."""
    day = np.datetime64(str(moment), "D").astype(object)
    return day if isinstance(day, datetime.date) else None

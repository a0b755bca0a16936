"""Columns to filter by: how often each value occurs, and how numbers and dates are spread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.analysis.filters import NO_VALUE, Condition, in_words
from explorer.table.table import Table, holds_text
from explorer.table.values import dates, numbers

BINS = 24
_REPEATS = 5  # rows a value, on average, in a text column that is one of categories
_NONE = np.zeros((0, 2), np.int64)
_LONGEST = 100  # characters of a value, on average, in such a column


@dataclass(frozen=True, eq=False)
class Facet:
    """How one column's values are spread, over rows with content.

    Attributes
    ----------
    column, kind : its name, and "category", "number" or "date"
    rows : how many rows meet the filter
    labels : for a category its values, most frequent first. Where rows have no value, `NO_VALUE` comes last
    values : int64 array of shape (len(labels), 2), rows that have each, of all and of those that meet the filter
    edges : array of shape (b + 1,), the limits of b equal bins: float64 for a number, datetime64[us] for a date
    bins : int64 array of shape (b, 2), rows in each, of all and of those that meet the filter
    low, high : the smallest and the largest number or date; None for a category
    whole : whether all numbers are whole
    """

    column: str
    kind: str
    rows: int
    labels: tuple[str, ...]
    values: np.ndarray
    edges: np.ndarray
    bins: np.ndarray
    low: float | np.datetime64 | None = None
    high: float | np.datetime64 | None = None
    whole: bool = False


def facet_kinds(table: Table, kinds: Mapping[str, str]) -> dict[str, str]:
    """The columns that can be filtered by, in order: "category", "number" or "date" of each.

    A column of short text whose values repeat often is one of categories, however many it has.
    """
    found = {}
    for column, kind in kinds.items():
        if kind in ("category", "number", "date"):
            found[column] = kind
        elif kind == "text":
            cells = table.arrow.column(column)
            if not holds_text(cells.type) or (pc.mean(pc.utf8_length(cells)).as_py() or 0) > _LONGEST:
                continue
            if 2 <= pc.count_distinct(cells).as_py() <= (len(cells) - cells.null_count) // _REPEATS:
                found[column] = "category"
    return found


def facet(table: Table, column: str, kind: str, rows: np.ndarray, among: np.ndarray) -> Facet | None:
    """The facet of a column, or None where it holds fewer than two different values.

    Parameters
    ----------
    kind : as `facet_kinds` gives it
    rows : bool array of shape (n,), rows that meet the filter on the other columns
    among : bool array of shape (n,), the rows that count: those with content
    """
    rows = rows & among
    empty = Condition(column, values=(NO_VALUE,)).met(table) & among
    labels, counts = ((NO_VALUE,), np.array([[empty.sum(), (empty & rows).sum()]])) if empty.any() else ((), _NONE)
    if kind == "category":
        cells = pd.Series(table.arrow.column(column).cast(pa.string()).to_pandas(), dtype=object)
        held = among & ~empty
        everywhere = cells[held].value_counts()
        left = cells[held & rows].value_counts().reindex(everywhere.index).fillna(0)
        labels = (*everywhere.index, *labels)
        if len(labels) < 2:
            return None
        values = np.vstack([np.column_stack([everywhere, left]).astype(np.int64), counts])
        return Facet(column, kind, int(rows.sum()), labels, values, np.zeros(0), _NONE)
    cells = dates(table, column) if kind == "date" else numbers(table, column)
    held = among & (~np.isnat(cells) if kind == "date" else np.isfinite(cells))
    if not held.any() or cells[held].min() == cells[held].max():
        return None
    scale = cells.astype("datetime64[us]").astype(np.int64).astype(float) if kind == "date" else cells.astype(float)
    low, high = scale[held].min(), scale[held].max()
    whole = kind == "number" and bool((scale[held] == np.round(scale[held])).all())
    # Few whole numbers, such as 1 to 5, have a bar each.
    edges = np.arange(low - 0.5, high + 1) if whole and high - low < BINS else np.linspace(low, high, BINS + 1)
    bins = np.column_stack([np.histogram(scale[which], edges)[0] for which in (held, held & rows)])
    limits = edges.astype(np.int64).astype("datetime64[us]") if kind == "date" else edges
    ends = cells[held].min(), cells[held].max()
    return Facet(column, kind, int(rows.sum()), labels, counts, limits, bins, *ends, whole)


def share(part: int, of: int) -> str:
    """A share for people: "21 %", and "<1 %" for less than half a percent."""
    percent = 100 * part / max(of, 1)
    return "<1 %" if 0 < percent < 0.5 else f"{percent:.0f} %"


def histogram_html(facet: Facet, chosen: Condition | None, accent: str, pale: str) -> str:
    """The bars of a number or a date: all rows in the pale color, those that meet the filter on the other columns in
    the accent, fainter outside of the chosen range."""
    most = max(int(facet.bins[:, 0].max()), 1)
    low, high = _ends(facet, chosen)
    bars = []
    for start, end, (everywhere, left) in zip(facet.edges[:-1], facet.edges[1:], facet.bins, strict=True):
        middle = start + (end - start) / 2
        shade = 1 if low <= middle <= high or (low <= end and start <= high and low == high) else 0.35
        title = f"{_span(facet, start, end)}: {left:,} of {everywhere:,} rows"
        bars.append(
            f'<div title="{escape(title)}" style="position:relative;flex:1;height:100%">'
            f'<div style="{_BAR};height:{100 * everywhere / most:.2f}%;background:{pale}"></div>'
            f'<div style="{_BAR};height:{100 * left / most:.2f}%;background:{accent};opacity:{shade}"></div></div>'
        )
    inside = "".join(bars)
    return f'<div style="display:flex;align-items:flex-end;gap:1px;height:52px;margin:0 .5rem">{inside}</div>'


_BAR = "position:absolute;bottom:0;width:100%"


def _ends(facet: Facet, chosen: Condition | None) -> tuple[Any, Any]:
    """The chosen range, as the edges are; all where none is chosen."""
    ends = (None, None) if chosen is None else (chosen.low, chosen.high)
    first: Any
    last: Any
    first, last = (None if isinstance(end, str) != (facet.kind == "date") else end for end in ends)
    if facet.kind == "date":
        first, last = (None if end is None else np.datetime64(str(end), "us") for end in (first, last))
    return facet.edges[0] if first is None else first, facet.edges[-1] if last is None else last


def _span(facet: Facet, start: float, end: float) -> str:
    if facet.kind == "date":
        return f"{in_words(str(start)[:10])} to {in_words(str(end)[:10])}"
    if facet.whole and end - start == 1:
        return in_words(float(start + 0.5))
    return f"{in_words(float(start))} to {in_words(float(end))}"

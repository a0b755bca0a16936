"""Bars and histograms of columns: the rows that meet the filter in front of all rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pyarrow as pa

from explorer.table.table import Table
from explorer.table.values import dates, numbers
from explorer.wording import shorten

MOST_VALUES = 8
BINS = 24


@dataclass(frozen=True, eq=False)
class Facet:
    """How one column's values are spread.

    Attributes
    ----------
    column, kind : its name, and "category", "number" or "date"
    labels : for a category, its commonest values, most frequent first
    edges : array of shape (b + 1,), the limits of b equal bins: float64 for a number, datetime64[us] for a date
    everywhere, left : int64 arrays of shape (b,), rows of each value or bin in the table, and those that meet a filter
    others : distinct values that are not shown
    """

    column: str
    kind: str
    labels: tuple[str, ...]
    edges: np.ndarray
    everywhere: np.ndarray
    left: np.ndarray
    others: int = 0


def facet(table: Table, column: str, kind: str, mask: np.ndarray | None = None) -> Facet | None:
    """The facet of a column, or None where it holds fewer than two different values.

    mask : bool array of shape (n,), rows that meet the filter on the other columns; all by default
    """
    mask = np.ones(len(table), bool) if mask is None else mask
    if kind == "category":
        values = pd.Series(table.arrow.column(column).cast(pa.string()).to_pandas(), dtype=object)
        counts = values.value_counts()
        shown = [str(value) for value in counts.index[:MOST_VALUES]]
        if len(counts) < 2:
            return None
        left = values[mask].value_counts().reindex(shown).fillna(0).to_numpy(np.int64)
        everywhere = counts.iloc[:MOST_VALUES].to_numpy(np.int64)
        return Facet(column, kind, tuple(shown), np.zeros(0), everywhere, left, len(counts) - len(shown))
    values = dates(table, column) if kind == "date" else numbers(table, column)
    held = ~np.isnat(values) if kind == "date" else np.isfinite(values)
    if not held.any() or values[held].min() == values[held].max():
        return None
    scale = values.astype("datetime64[us]").astype(np.int64).astype(float) if kind == "date" else values.astype(float)
    whole = kind == "number" and bool((scale[held] == np.round(scale[held])).all()) and np.ptp(scale[held]) < BINS
    low, high = scale[held].min(), scale[held].max()
    # Few whole numbers, such as 1 to 5, have a bar each.
    edges = np.arange(low - 0.5, high + 1) if whole else np.linspace(low, high, BINS + 1)
    everywhere = np.histogram(scale[held], edges)[0]
    left = np.histogram(scale[held & mask], edges)[0]
    limits = edges.astype(np.int64).astype("datetime64[us]") if kind == "date" else edges
    return Facet(column, kind, (), limits, everywhere, left)


def facet_figure(facet: Facet, accent: str, muted: str, text: str) -> go.Figure:
    """The facet as bars: all rows in the muted color, those left by the filter in the accent."""
    figure = go.Figure()
    for counts, color, name in ((facet.everywhere, muted, "all rows"), (facet.left, accent, "left by the filter")):
        if facet.kind == "category":
            # Positions are numbers and names are ticks, since two values may look alike when shortened.
            figure.add_bar(
                x=counts[::-1], y=np.arange(len(counts)), orientation="h", marker_color=color, name=name,
                hovertemplate="%{x:,} " + name + "<extra></extra>",
            )  # fmt: skip
        else:
            figure.add_bar(
                x=_middles(facet.edges), y=counts, marker_color=color, name=name,
                hovertemplate="%{x}: %{y:,} " + name + "<extra></extra>",
            )  # fmt: skip
    category = facet.kind == "category"
    figure.update_layout(
        barmode="overlay",
        bargap=0.15 if category else 0.04,
        showlegend=False,
        height=_height(facet),
        margin={"l": 0, "r": 4, "t": 0, "b": 0 if category else 18},
        font={"size": 12, "color": text, "family": "Source Sans, sans-serif"},
        plot_bgcolor="rgba(0,0,0,0)",
        paper_bgcolor="rgba(0,0,0,0)",
        clickmode="event+select",
        dragmode=False if category else "select",
        selectdirection="h",
        xaxis={"showgrid": False, "zeroline": False, "fixedrange": True, "visible": not category},
        yaxis={"showgrid": False, "zeroline": False, "fixedrange": True, "visible": category},
    )
    if facet.kind == "category":
        names = [_short(label) for label in facet.labels[::-1]]
        figure.update_yaxes(tickmode="array", tickvals=np.arange(len(names)), ticktext=names, automargin=True)
    return figure


def _height(facet: Facet) -> int:
    return 24 * len(facet.labels) + 8 if facet.kind == "category" else 84


def _middles(edges: np.ndarray) -> np.ndarray:
    return edges[:-1] + (edges[1:] - edges[:-1]) / 2


def _short(label: str) -> str:
    label = label or "(empty)"
    # Plotly interprets some HTML in tick labels; user text must be shown as written.
    label = shorten(label, 22)
    return label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

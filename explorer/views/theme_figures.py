"""The themes report as bars, and the agreement of clusters with a column as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from explorer.analysis.agreement import Agreement
from explorer.analysis.themes import Themes
from explorer.views.coloring import SCALE
from explorer.views.themes import mark, number
from explorer.wording import shorten

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_SHOWN = 24  # clusters or values in one picture; the others are put together


def theme_bars(report: Themes, colors: Sequence[str], text: str, muted: str) -> go.Figure:
    """The themes as horizontal bars: share, then the mean of the number, then the change, where they exist.

    colors : one a theme
    text, muted : colors of words and of lines
    """
    from plotly.subplots import make_subplots

    themes = report.themes[:MOST_SHOWN]
    shares: list[float | None] = [100 * theme.share for theme in themes]
    panels = [("share of rows, %", shares, [f"{100 * theme.share:.1f}" for theme in themes])]
    if report.has_numbers:
        panels.append((
            f"mean {shorten(report.by or '', 18)}", [theme.mean for theme in themes],
            ["" if theme.mean is None else number(theme.mean) for theme in themes],
        ))  # fmt: skip
    if any(theme.change is not None for theme in themes):
        panels.append((
            "change, points", [theme.change or 0.0 for theme in themes],
            [f"{theme.change or 0:+.1f} {mark(theme)}".strip() for theme in themes],
        ))  # fmt: skip
    figure = make_subplots(
        1, len(panels), shared_yaxes=True, horizontal_spacing=0.06, column_widths=[1.0, *[0.6] * (len(panels) - 1)],
        subplot_titles=[_plain(title) for title, *_ in panels],
    )  # fmt: skip
    rows = list(range(len(themes)))
    for column, (_, values, texts) in enumerate(panels, 1):
        figure.add_bar(
            x=values, y=rows, orientation="h", marker_color=list(colors[: len(themes)]), text=texts, cliponaxis=False,
            textposition="outside", hoverinfo="skip", showlegend=False, row=1, col=column,
        )  # fmt: skip
        known = [value for value in values if value is not None]
        low, high = min([0.0, *known]), max([0.0, *known])
        room = 0.3 * ((high - low) or 1)
        figure.update_xaxes(
            range=[low - (room if low < 0 else 0), high + room], showticklabels=False, showgrid=False,
            zeroline=True, zerolinecolor=muted, row=1, col=column,
        )  # fmt: skip

    figure.update_yaxes(range=[len(themes) - 0.5, -0.8], showticklabels=False, showgrid=False, zeroline=False)
    figure.update_annotations(font={"size": 12, "color": text}, xanchor="center")
    # Names above the bars, not beside them, so that they have the whole width, also on a phone.
    for row, theme in enumerate(themes):
        figure.add_annotation(
            x=0, xref="paper", xanchor="left", y=row - 0.22, yref="y", yanchor="bottom", showarrow=False, align="left",
            text=_plain(shorten(theme.name, 44)), font={"color": text, "size": 13},
        )  # fmt: skip
    figure.update_layout(
        height=80 + 46 * max(len(themes), 2), margin={"l": 8, "r": 24, "t": 36, "b": 8}, bargap=0.6,
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)", font={"color": text, "size": 13},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": muted, "activecolor": text},
    )  # fmt: skip
    return figure


def meeting_picture(found: Agreement, names: Sequence[str], column: str, text: str) -> go.Figure:
    """Clusters as lines and values as columns: a cell is darker where a larger part of the cluster has the value."""
    import plotly.graph_objects as go

    counts, clusters, values = meeting_counts(found, names)
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = go.Figure(
        go.Heatmap(
            z=share, text=counts, texttemplate="%{text:,}", textfont={"color": text}, xgap=1, ygap=1, zmin=0, zmax=1,
            colorscale=[[0.0, "rgba(128,128,128,.10)"], [1.0, SCALE[1]]], showscale=False,
            hovertemplate="%{text:,} rows, %{z:.0%} of the group<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(len(values))), ticktext=[_plain(shorten(v, 22)) for v in values],
        side="top", showgrid=False, zeroline=False, tickangle=-40, title={"text": _plain(column), "standoff": 4},
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(clusters))), ticktext=[_plain(shorten(c, 34)) for c in clusters],
        autorange="reversed", showgrid=False, zeroline=False, automargin=True,
    )  # fmt: skip
    figure.update_layout(
        height=140 + 28 * len(clusters), margin={"l": 8, "r": 8, "t": 110, "b": 8}, font={"color": text, "size": 12},
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
    )  # fmt: skip
    return figure


def meeting_counts(found: Agreement, names: Sequence[str]) -> tuple[np.ndarray, list[str], list[str]]:
    """The table of clusters and values, cut to a readable size: counts, int64 of shape (clusters, values), the names of
    clusters, and the values. What is cut is put together as "other"."""
    counts, clusters, values = found.counts, list(names), list(found.values)
    if len(clusters) > MOST_SHOWN:
        counts = np.vstack([counts[: MOST_SHOWN - 1], counts[MOST_SHOWN - 1 :].sum(axis=0)])
        clusters = [*clusters[: MOST_SHOWN - 1], f"other ({len(clusters) - MOST_SHOWN + 1} groups)"]
    if len(values) > MOST_SHOWN:
        rest = counts[:, MOST_SHOWN - 1 :].sum(axis=1, keepdims=True)
        counts = np.hstack([counts[:, : MOST_SHOWN - 1], rest])
        values = [*values[: MOST_SHOWN - 1], f"other ({len(values) - MOST_SHOWN + 1} values)"]
    return counts, clusters, values


def _plain(text: str) -> str:
    """Text for Plotly, which interprets some HTML."""
    return escape(" ".join(text.split()), quote=False)

"""A histogram of scores, with a line at the threshold."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

BINS = 60
_LOGARITHMIC = 30  # times the tallest flagged bar: where usual bars are higher, flagged ones could not be seen


def score_histogram(scores: np.ndarray, threshold: float, accent: str, muted: str, text: str) -> go.Figure:
    """A histogram of items by score, those above the threshold in the accent color; a line at the threshold.

    The axis of items is logarithmic where flagged items could not be seen otherwise.

    scores : float array of shape (m,)
    """
    edges = np.histogram_bin_edges(scores, BINS) if len(scores) else np.linspace(0, 1, BINS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure()
    counts = {}
    for name, color, part in (
        ("usual", muted, scores[scores <= threshold]),
        ("flagged", accent, scores[scores > threshold]),
    ):
        counts[name] = np.histogram(part, edges)[0]
        figure.add_bar(
            x=middles, y=counts[name], width=np.diff(edges), marker_color=color, name=name,
            hovertemplate="score %{x:.2f}: %{y:,} items " + name + "<extra></extra>",
        )  # fmt: skip
    if np.isfinite(threshold):
        figure.add_vline(x=threshold, line={"color": text, "width": 1.5})
    steep = counts["usual"].max() > _LOGARITHMIC * max(counts["flagged"].max(), 1)
    figure.update_layout(
        barmode="stack", bargap=0, showlegend=False, height=120, margin={"l": 0, "r": 0, "t": 4, "b": 20},
        font={"size": 12, "color": text}, plot_bgcolor="rgba(0,0,0,0)", paper_bgcolor="rgba(0,0,0,0)", dragmode=False,
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": muted, "activecolor": text},
        xaxis={"range": [edges[0], edges[-1]], "showgrid": False, "zeroline": False, "fixedrange": True},
        yaxis={"visible": False, "fixedrange": True},
    )  # fmt: skip
    figure.add_annotation(
        text="items, logarithmic" if steep else "items", x=0, y=1, xref="paper", yref="paper", xanchor="left",
        yanchor="top", showarrow=False, opacity=0.65,
    )  # fmt: skip
    if steep:
        figure.update_yaxes(type="log", range=[-0.3, float(np.log10(counts["usual"].max())) + 0.05])
    return figure

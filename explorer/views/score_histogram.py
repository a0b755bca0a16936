"""A histogram of scores, with a line at the threshold."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

BINS = 60
_LOGARITHMIC = 30  # times the tallest bar above the line: where bars below are higher, it could not be seen


def score_histogram(
    scores: np.ndarray,
    rows: np.ndarray,
    threshold: float,
    name: str,
    accent: str,
    muted: str,
    text: str,
    what: str = "rows",
) -> go.Figure:
    """A histogram of rows by score, those above the threshold in the accent color; a line at the threshold.

    The axis of rows is logarithmic where those above could not be seen otherwise.

    scores : float array of shape (m,), of items
    rows : int array of shape (m,), how many rows each item stands for
    name : of the line, written beside it
    what : is counted: "rows" or "passages"
    """  # fmt: skip
    edges = np.histogram_bin_edges(scores, BINS) if len(scores) else np.linspace(0, 1, BINS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    figure = go.Figure()
    counts = {}
    for part, color, chosen in (("below", muted, scores <= threshold), ("above", accent, scores > threshold)):
        counts[part] = np.histogram(scores[chosen], edges, weights=rows[chosen])[0].astype(int)
        figure.add_bar(
            x=middles, y=counts[part], width=np.diff(edges), marker_color=color, name=part,
            hovertemplate=f"score %{{x:.2f}}: %{{y:,}} {what}, {part} the line<extra></extra>",
        )  # fmt: skip
    if np.isfinite(threshold):
        right = threshold > (edges[0] + edges[-1]) / 2
        figure.add_vline(
            x=threshold, line={"color": text, "width": 1.5}, annotation_text=f" {name} ",
            annotation_position="top left" if right else "top right", annotation_yanchor="bottom",
        )  # fmt: skip
    steep = counts["below"].max() > _LOGARITHMIC * max(counts["above"].max(), 1)
    figure.update_layout(
        barmode="stack", bargap=0, showlegend=False, height=130, margin={"l": 0, "r": 0, "t": 18, "b": 20},
        font={"size": 12, "color": text}, plot_bgcolor="rgba(0,0,0,0)", paper_bgcolor="rgba(0,0,0,0)", dragmode=False,
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": muted, "activecolor": text},
        xaxis={"range": [edges[0], edges[-1]], "showgrid": False, "zeroline": False, "fixedrange": True},
        yaxis={"visible": False, "fixedrange": True},
    )  # fmt: skip
    figure.add_annotation(
        text=f"{what}, logarithmic" if steep else what, x=0, y=1, xref="paper", yref="paper", xanchor="left",
        yanchor="bottom", yshift=2, showarrow=False, opacity=0.65,
    )  # fmt: skip
    if steep:
        figure.update_yaxes(type="log", range=[-0.3, float(np.log10(counts["below"].max())) + 0.05])
    return figure

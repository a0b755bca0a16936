"""A small picture of a map, for the samples on the home page: an SVG drawn from the layout."""

from __future__ import annotations

from html import escape

import numpy as np

from explorer.space import Space
from explorer.views.coloring import OTHER
from explorer.views.map_content import color_clusters

MOST_POINTS = 2_000


def thumbnail(space: Space, title: str, width: int = 360, height: int = 200) -> str:
    """The map of a space as SVG text, `width` × `height` pixels; at most 2,000 points, drawn with seed 0."""
    layout, colors = space.layout[:, :2], color_clusters(space.clusters)
    chosen = np.arange(len(layout))
    if len(chosen) > MOST_POINTS:
        chosen = np.random.default_rng(0).choice(chosen, MOST_POINTS, replace=False)
    low, high = layout.min(axis=0), layout.max(axis=0)
    scale = min((width - 20) / max(high[0] - low[0], 1e-9), (height - 20) / max(high[1] - low[1], 1e-9))
    middle = (low + high) / 2
    x = width / 2 + (layout[chosen, 0] - middle[0]) * scale
    y = height / 2 - (layout[chosen, 1] - middle[1]) * scale
    radius = 2.4 if len(chosen) < 800 else 1.6
    fills = np.array([*colors.palette, OTHER])[np.minimum(colors.values[chosen], len(colors.palette))]
    dots = "".join(
        f'<circle cx="{px:.1f}" cy="{py:.1f}" r="{radius}" fill="{fill}"/>'
        for px, py, fill in zip(x, y, fills, strict=True)
    )
    size = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    label = f'role="img" aria-label="Map of {escape(title, quote=True)}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {label}><g fill-opacity=".8">{dots}</g></svg>'

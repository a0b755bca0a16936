"""The map as one page that works offline: everything is in the file, and nothing is loaded from a network."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

import numpy as np

from explorer.views import assets
from explorer.views.coloring import Coloring, plain
from explorer.views.map_labels import Label
from explorer.views.offline import offline_page

# Plotly's WebGL library makes functions from text, so 'unsafe-eval' is needed ('unsafe-inline' is not:
# scripts are named by their digests, and nothing that a cell holds can run).
POLICY = "default-src 'none'; script-src {digests} 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: blob:"
CONTROLS = """<div class="controls">
<label>Color <select id="color"></select></label>
<label>Find <input id="filter" type="search" placeholder="words in the text" autocomplete="off"></label>
<span id="found" role="status"></span>
</div>"""
BODY = """<main><div id="map"></div><aside id="panel" aria-label="What you clicked"></aside></main>
<footer>{caption}</footer>
<noscript>This map needs JavaScript. It is all in this file; nothing is loaded from a network.</noscript>
<script type="application/json" id="data">{data}</script>
<script>{plotly}</script>
<script type="module">{script}</script>"""


def write_map_html(
    path: str | os.PathLike[str],
    *,
    title: str,
    xy: np.ndarray,
    texts: Sequence[str],
    colorings: Sequence[Coloring] = (),
    labels: Sequence[Label] = (),
    fields: Mapping[str, Sequence[object]] | None = None,
    neighbors: np.ndarray | None = None,
    similarities: np.ndarray | None = None,
    weight: np.ndarray | None = None,
    ids: Sequence[str] | None = None,
    images: Sequence[str | None] | None = None,
    counts: str = "",
    caption: str = "",
) -> None:
    """Write the page for m items.

    Parameters
    ----------
    xy : float array of shape (m, 2 or 3), positions
    texts : m full texts
    colorings : the choices of "Color", the first one shown
    labels : names on the map
    fields : column name to m values, shown beside the text; None and "" are left out
    neighbors : int array of shape (m, k), items, nearest first; -1 for none
    similarities : float array of shape (m, k), cosine
    weight : array of shape (m,), rows of each item
    ids : m names such as "row 118"
    images : m data URLs of PNG, JPEG, WebP or GIF, or None
    counts, caption : sentences for people, above and below the map

    Raises
    ------
    ValueError : when lengths disagree
    """
    m = len(xy)
    _check_lengths(m, texts=texts, ids=ids, images=images, weight=weight, neighbors=neighbors,
                   similarities=similarities, **{f"field {k}": v for k, v in (fields or {}).items()},
                   **{f"coloring {c.title}": c.values for c in colorings})  # fmt: skip
    data = {
        "x": _pack(xy[:, 0], "<f4"), "y": _pack(xy[:, 1], "<f4"),
        "z": _pack(xy[:, 2], "<f4") if xy.shape[1] > 2 else None,
        "weight": None if weight is None else _pack(weight, "<f4"),
        "neighbors": None if neighbors is None else _pack(neighbors, "<i4"),
        "similarities": None if similarities is None else _pack(similarities, "<f4"),
        "k": 0 if neighbors is None else int(neighbors.shape[1]),
        "texts": [str(text) for text in texts],
        "fields": [[str(name), [_cell(cell) for cell in cells]] for name, cells in (fields or {}).items()],
        "ids": None if ids is None else [str(name) for name in ids],
        "images": None if images is None else list(images),
        "labels": [vars(label) for label in labels],
        "colorings": [_coloring(coloring) for coloring in colorings or (plain(m),)],
        "fileName": re.sub(r"[^\w.-]+", "_", title).strip("_.")[:60] + ".png",
    }  # fmt: skip
    plotly = _safe_script(assets.plotly_js())
    script = _safe_script(assets.one_script() + "\n" + assets.source("page.js"))
    digests = " ".join(f"'sha256-{_sha256(text)}'" for text in (plotly, script))
    page = offline_page(
        title, counts or f"{m:,} points", policy=POLICY.format(digests=digests), style=assets.source(assets.STYLE),
        controls=CONTROLS,
        body=BODY.format(caption=escape(caption), data=_safe_json(data), plotly=plotly, script=script),
    )  # fmt: skip
    Path(path).write_bytes(page)


def _safe_json(data: object) -> str:
    """JSON that no cell can break out of: ASCII, without <, > and &."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _safe_script(text: str) -> str:
    """A script whose own strings cannot end it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"<(?=/script|!--)", r"\\x3c", text, flags=re.IGNORECASE)


def _sha256(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _pack(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode()


def _cell(value: object) -> str | None:
    missing = value is None or (isinstance(value, (float, np.floating)) and bool(np.isnan(value)))
    return None if missing else str(value)


def _coloring(coloring: Coloring) -> dict[str, object]:
    kind = "<f4" if coloring.kind == "number" else "<u2"
    return {**coloring.meta(), "packed": _pack(coloring.values, kind)}


def _check_lengths(m: int, **columns: Sequence[object] | np.ndarray | None) -> None:
    for name, values in columns.items():
        if values is not None and len(values) != m:
            got = f"{name} has {len(values)} values"
            raise ValueError(f"The map has {m} points, but {got}. Give one per point.")

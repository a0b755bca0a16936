"""The interactive map as a Streamlit component: big arrays by address, small messages for the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.app.root import ROOT
from explorer.app.routes import Describe, asset_path, data_path, published
from explorer.views.coloring import Coloring, plain
from explorer.views.map_labels import Label

NOTHING = np.empty(0, np.int32)
INLINE_ITEMS = 1_500  # a longer selection travels as binary by address, not as JSON

LOADER = """
const clients = new Map();
// Shown until the map is there; the client takes it away. A blank page would look broken.
function wait({ parentElement, data }) {
  if (parentElement.querySelector(".em-holder, .em-wait")) return;
  const note = document.createElement("div");
  note.className = "em-wait";
  note.setAttribute("role", "status");
  note.textContent = "Drawing the map…";
  Object.assign(note.style, { display: "grid", placeItems: "center", height: data.height + "px", maxHeight: "120vw",
    borderRadius: "8px", font: "14px var(--st-font, sans-serif)", color: "var(--st-text-color, gray)", opacity: 0.6,
    background: "color-mix(in srgb, currentColor 4%, transparent)" });
  parentElement.append(note);
}
export default async function (component) {
  const path = component.data.assets;
  wait(component);
  const root = ROOT.slice(0, -1);
  if (!clients.has(path)) clients.set(path, import(root + path + "/client.js"));
  try {
    const client = await clients.get(path);
    return client.render(component, { root, assets: root + path });
  } catch {
    clients.delete(path);
    component.parentElement.textContent = "The map's scripts did not arrive (" + path + "/client.js). Start "
      + "the app with: streamlit run streamlit_app.py; a proxy in front of it must pass on /explorer-map too.";
  }
}
""".replace("ROOT", ROOT)


@dataclass(frozen=True, eq=False)
class Points:
    """Where m items lie. xy: (m, 2 or 3) float array; weight: (m,) rows behind each item, or None."""

    xy: np.ndarray
    weight: np.ndarray | None = None

    @cached_property
    def packed(self) -> bytes:
        """x, then y, (z,) (weight), each m little-endian float32."""
        parts = [self.xy[:, axis] for axis in range(self.xy.shape[1])]
        parts += [] if self.weight is None else [self.weight]
        return b"".join(np.ascontiguousarray(part, dtype="<f4").tobytes() for part in parts)

    @cached_property
    def version(self) -> str:
        """Digest of the packed arrays."""
        return _digest(self.packed + bytes([self.xy.shape[1]]))


@dataclass(frozen=True)
class Star:
    """A query's place."""

    x: float
    y: float
    text: str
    z: float = 0.0


@dataclass(frozen=True, eq=False)
class Highlight:
    """Items that stand out.

    selected: drawn strongly while the others fade; focus: one item with a ring; neighbors: items with small
    rings and lines to the focus (or to the star); star: a query.
    """

    selected: np.ndarray = field(default_factory=lambda: NOTHING)
    focus: int | None = None
    neighbors: np.ndarray = field(default_factory=lambda: NOTHING)
    star: Star | None = None


@dataclass(frozen=True)
class MapEvents:
    """What the reader did.

    view: {"x": [a, b], "y": [c, d]} or {"camera": ...}, None before the first move. clicked and selected are
    (item or None,) and (shape or None,) in the run that the click or the lasso caused, else (); see
    explorer.views.selection.inside for shapes.
    """

    view: dict[str, Any] | None
    clicked: tuple[int | None, ...]
    selected: tuple[dict[str, Any] | None, ...]


@cache
def _renderer() -> Callable[..., Any]:
    return st.components.v2.component("explorer_map", js=LOADER)


def map_view(
    key: str,
    points: Points,
    *,
    color: Coloring | None = None,
    labels: Sequence[Label] = (),
    highlight: Highlight | None = None,
    lit: np.ndarray | None = None,
    hover: Describe | None = None,
    hover_version: str = "",
    view: Mapping[str, Any] | None = None,
    view_version: int | str = 0,
    report_view: bool = True,
    height: int = 640,
    file_name: str = "map.png",
    legend: bool = True,
    on_click: Callable[[int | None], None] | None = None,
    on_select: Callable[[dict[str, Any] | None], None] | None = None,
    on_view: Callable[[dict[str, Any] | None], None] | None = None,
    on_value: Callable[[int, bool], None] | None = None,
    on_escape: Callable[[], None] | None = None,
    counts: Mapping[str, Any] | None = None,
) -> MapEvents:
    """Draw the map; call it on every run with the same key and it keeps its zoom whatever else changes.

    lit: (m,) bool, the items that pass the filter, or None for all. hover: describes an item, asked for when
    the pointer rests on it; change hover_version when its answers change. view: where to look first; it is
    taken up again only when view_version changes, so passing the reported view back is harmless. legend: whether the
    map says what its colors mean; not where a list beside it does. on_click gets
    the item, or None when the reader clicks on nothing while an item has the focus; on_select gets a shape, or
    None to clear the selection; on_value gets the code of a value (NO_VALUE for none) that the reader clicks in the
    legend, and whether to add it to what is selected; on_escape is called at the Escape key, wherever the focus is.
    All callbacks run before the page does. counts: what the legend counts, see `Coloring.counts`; items where None.
    """
    coloring = color if color is not None else plain(len(points.xy))
    marks = highlight if highlight is not None else Highlight()
    context = get_script_run_ctx()
    owner = context.session_id if context else "none"

    def share(name: str, content: bytes | Callable[[], bytes]) -> str:
        return data_path(published().publish(owner, name, content))

    data: dict[str, Any] = {
        "assets": asset_path(),
        "points": {
            "version": points.version, "n": len(points.xy), "dims": int(points.xy.shape[1]),
            "weighted": points.weight is not None, "path": share(f"points/{points.version}", points.packed),
        },
        "counts": dict(counts) if counts is not None else None,
        "color": {**coloring.meta(), "path": share(f"color/{coloring.version}", lambda: _packed(coloring))},
        "labels": [vars(label) for label in labels],
        "highlight": _highlight(marks, share),
        "lit": _lit(lit, share),
        "hover_path": None, "hover_version": hover_version, "view": dict(view) if view else None,
        "view_version": view_version, "report_view": report_view, "height": int(height),
        "file_name": file_name, "legend": legend,
    }  # fmt: skip
    if hover is not None:
        data["hover_path"] = data_path(published().publish(owner, f"hover/{key}", hover, describes=True))

    def reported(name: str) -> Any:
        return (st.session_state.get(key) or {}).get(name)

    def clicked() -> None:
        if on_click is not None:
            on_click(_item(reported("click"), len(points.xy)))

    def selected() -> None:
        if on_select is not None:
            on_select((reported("select") or {}).get("shape"))

    def viewed() -> None:
        if on_view is not None:
            on_view(reported("view"))

    def valued() -> None:
        value = reported("value")
        code = value.get("code") if isinstance(value, dict) else None
        if on_value is not None and isinstance(code, int):
            on_value(code, bool(value.get("more")))

    def escaped() -> None:
        if on_escape is not None:
            on_escape()

    result = _renderer()(
        key=key, data=data, default={"view": None}, height="content", on_view_change=viewed,
        on_click_change=clicked, on_select_change=selected, on_refresh_change=lambda: None,
        on_value_change=valued, on_escape_change=escaped,
    )  # fmt: skip
    click, shape = result.get("click"), result.get("select")
    return MapEvents(
        view=result.get("view"),
        clicked=() if click is None else (_item(click, len(points.xy)),),
        selected=() if shape is None else (shape.get("shape"),),
    )


def _item(value: Any, m: int) -> int | None:
    """The clicked item, checked: what comes from a browser may be anything."""
    item = value.get("item") if isinstance(value, dict) else None
    return item if isinstance(item, int) and 0 <= item < m else None


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()


def _packed(color: Coloring) -> bytes:
    return np.ascontiguousarray(color.values, dtype="<f4" if color.kind == "number" else "<u2").tobytes()


def _lit(mask: np.ndarray | None, share: Callable[[str, bytes], str]) -> dict[str, str] | None:
    if mask is None:
        return None
    content = np.ascontiguousarray(mask, dtype=np.uint8).tobytes()
    version = _digest(content)
    return {"version": version, "path": share(f"lit/{version}", content)}


def _highlight(marks: Highlight, share: Callable[[str, bytes], str]) -> dict[str, Any]:
    content = np.ascontiguousarray(marks.selected, dtype="<i4").tobytes()
    version = _digest(content)
    short = len(marks.selected) <= INLINE_ITEMS
    return {
        "version": version,
        "items": np.asarray(marks.selected).tolist() if short else [],
        "path": None if short else share(f"selected/{version}", content),
        "focus": None if marks.focus is None else int(marks.focus),
        "neighbors": np.asarray(marks.neighbors).tolist(),
        "star": vars(marks.star) if marks.star else None,
    }

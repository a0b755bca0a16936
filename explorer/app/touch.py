"""Charts under a finger: they let the page scroll, and a tap is a click.

Plotly takes hold of a touch on a chart, so that the page stands still under the finger, and selects nothing at a tap.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import streamlit as st

# What Plotly does not see of a touch the browser does: it scrolls, and makes of a tap the events of a mouse.
_SCRIPT = """
export default ({ data }) => {
  const hold = (event) => { if (event.target.closest?.(data.chart)) event.stopImmediatePropagation(); };
  const names = ["touchstart", "touchmove", "touchend"];
  for (const name of names) document.addEventListener(name, hold, { capture: true, passive: true });
  return () => names.forEach((name) => document.removeEventListener(name, hold, { capture: true }));
};
"""


def touchable(key: str) -> None:
    """Have the chart with this key scroll with the page and take a tap as a click. For charts that are not dragged."""
    _component()(key=f"{key}-touch", data={"chart": f".st-key-{key}"}, height="content")


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component("touchable_chart", js=_SCRIPT)

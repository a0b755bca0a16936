"""The colors of charts, under the visitor's theme."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Theme:
    """CSS colors.

    Attributes
    ----------
    text, accent : words, and what counts: as in `.streamlit/config.toml`
    alarm : what stands out from the rest of a chart
    muted : the rest
    pale : the rest, behind the accent
    missing : what has no value, as on the map (`views/map/traces.js`)
    """

    text: str
    accent: str
    alarm: str
    muted: str
    pale: str
    missing: str


THEMES = {
    "light": Theme("#1d2430", "#2f6fc4", "#c2410c", "#cfd6df", "#dfe4ea", "#b3b8c0"),
    "dark": Theme("#e6e9ee", "#6aa5ee", "#fb923c", "#3d4653", "#323a45", "#6b7280"),
}


def theme() -> Theme:
    """The colors under the visitor's theme: light unless it is dark."""
    return THEMES["dark" if st.context.theme.type == "dark" else "light"]

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
    """

    text: str
    accent: str
    alarm: str
    muted: str
    pale: str


THEMES = {
    "light": Theme("#1d2430", "#2f6fc4", "#c2410c", "#cfd6df", "#dfe4ea"),
    "dark": Theme("#e6e9ee", "#6aa5ee", "#fb923c", "#3d4653", "#323a45"),
}


def theme() -> Theme:
    """The colors under the visitor's theme: light unless it is dark."""
    return THEMES["dark" if st.context.theme.type == "dark" else "light"]

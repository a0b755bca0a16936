"""The browser's history: one entry for each thing that the reader did. On every page, with a script of its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

_SCRIPT = Path(__file__).with_suffix(".js")


def keep_history() -> None:
    """Have Back undo what the reader did, one thing at a time. Draws nothing."""
    _component()(key="history", height="content")


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component("explorer_history", js=_SCRIPT.read_text(encoding="utf-8"))

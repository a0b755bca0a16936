"""Cards: boxes side by side, of equal height, each of which is one link as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.app.theme import theme

# The link's own area is stretched over its card. Streamlit places every element relative to itself, which would hold
# the link back, so inside a card they are static.
_STYLE = """
<style>
.st-key-CARDS > [data-testid="stLayoutWrapper"] > [data-testid="stHorizontalBlock"],
.st-key-CARDS > [data-testid="stHorizontalBlock"] {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(LEASTpx, 1fr)); gap: .75rem; }
.st-key-CARDS [data-testid="stColumn"] { min-width: 0; width: auto; }
.st-key-CARDS [class*="st-key-CARD-"] {
  position: relative; padding: .75rem .9rem; transition: border-color .12s, background-color .12s; }
.st-key-CARDS [class*="st-key-CARD-"]:hover, .st-key-CARDS [class*="st-key-CARD-"]:focus-within {
  border-color: ACCENT; background-color: color-mix(in srgb, ACCENT 7%, transparent); }
.st-key-CARDS [data-testid="stElementContainer"] { position: static; margin: 0; }
.st-key-CARDS :is(a, button) { position: static; margin: 0; padding: 0; min-height: 0;
  background: none !important; color: inherit !important; border: 0; justify-content: flex-start; text-align: left; }
.st-key-CARDS :is(a, button) [data-testid="stMarkdownContainer"] p {
  white-space: normal; overflow-wrap: anywhere; line-height: 1.4; }
.st-key-CARDS [data-testid="stCaptionContainer"], .st-key-CARDS [data-testid="stCaptionContainer"] p { margin: 0; }
.st-key-CARDS :is(a, button)::after { content: ""; position: absolute; inset: 0; border-radius: inherit; }
.st-key-CARDS :is(a, button):focus-visible { box-shadow: none; outline: none; }
.st-key-CARDS [class*="st-key-CARD-"]:has(:focus-visible) { outline: 2px solid ACCENT; outline-offset: 1px; }
.st-key-CARDS [data-testid="stElementToolbar"], .st-key-CARDS [data-testid="stElementToolbarButton"] { display: none; }
EXTRA
</style>
"""


@contextmanager
def cards(key: str, card: str, names: Sequence[str], least: int, extra: str = "") -> Iterator[list[DeltaGenerator]]:
    """Boxes side by side, in as many lines as the screen needs; each wants one link or button in it, which fills it. A
    link to the page that it is on does not change the address: there a button is needed.

    Parameters
    ----------
    key, card : name them for the style sheet: all of them, and each with its own name after it
    least : the width in pixels below which a box goes to the next line
    extra : more CSS; ACCENT in it is the theme's
    """
    style = _STYLE.replace("EXTRA", extra).replace("ACCENT", theme().accent)
    st.html(style.replace("CARDS", key).replace("CARD", card).replace("LEAST", str(least)))
    with st.container(key=key):
        columns = st.columns(len(names))
    yield [
        column.container(key=f"{card}-{name}", border=True, gap=None, height="stretch")
        for column, name in zip(columns, names, strict=True)
    ]

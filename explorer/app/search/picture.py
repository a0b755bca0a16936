"""Where the results of a search lie, with a star among the nearest neighbors of the question."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.analysis.search import Hits
from explorer.answers.search import Found
from explorer.app.address import item_in_address
from explorer.app.map_component import NOTHING, Highlight, Star
from explorer.app.search.asked import Asked, in_words
from explorer.app.search.results import clicked_result
from explorer.app.small_map import small_map
from explorer.app.visit import Visit
from explorer.geometry.placement import place
from explorer.geometry.vectors import best
from explorer.wording import shorten

LINES = 10  # from the star to its nearest neighbors
_STYLE = """
<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-search-side) { position: sticky; top: .6rem; }
[class*="st-key-hit-"] { border-top: 1px solid color-mix(in srgb, currentColor 10%, transparent); padding-top: .25rem;
  gap: 0; }
[class*="st-key-hit-"] button, [class*="st-key-hit-"] a, .st-key-example-rows button {
  min-height: 0; padding-top: .1rem; padding-bottom: .1rem; }
.st-key-example-rows button { justify-content: flex-start; text-align: left; }
.st-key-search-map-2d, .st-key-search-map-3d { min-height: 460px; }  /* its place, before its scripts have come */
</style>
"""


def picture(visit: Visit, asked: Asked, found: Found | None) -> None:
    """Where the results lie, the star among the nearest neighbors of the question, and the point that was clicked."""
    space, hits = visit.space, found.hits if found is not None else None
    clicked = item_in_address(space)
    with st.container(key="search-side"):
        st.html(_STYLE)
        small_map(visit, "search-map", _highlight(visit, asked, hits, clicked), lit=visit.items)
        if clicked is not None:
            clicked_result(visit, asked, clicked)
        elif hits is not None and len(hits):
            star = " The star stands among the true nearest neighbors of what you ask." if _has_star(hits) else ""
            st.caption(f"Results are highlighted.{star}")


def _highlight(visit: Visit, asked: Asked, hits: Hits | None, clicked: int | None) -> Highlight | None:
    if hits is None or not len(hits):
        return Highlight(focus=clicked) if clicked is not None else None
    found = np.unique(hits.items)
    if not _has_star(hits):
        return Highlight(found, clicked)
    nearest = best(hits.everywhere, LINES)  # of all: a filter does not move the question
    at = place(visit.space.layout, nearest, hits.everywhere[nearest])
    question = asked.query or in_words(visit.view, asked)
    star = Star(float(at[0]), float(at[1]), shorten(question, 60), float(at[2]) if len(at) > 2 else 0.0)
    return Highlight(found, clicked, hits.items[:LINES] if clicked is None else NOTHING, star)


def _has_star(hits: Hits) -> bool:
    return bool(np.isfinite(hits.everywhere).all())

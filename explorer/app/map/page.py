"""The parts of the map page: what is asked, what is drawn, and what stands beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from explorer.app import downloads, session
from explorer.app.address import NO_ROW, bound, object_in_address, put
from explorer.app.cache import cached
from explorer.app.clusters.grouping_panel import grouping_settings
from explorer.app.map import panels
from explorer.app.map.focus import Focus
from explorer.app.map_colors import colors_by
from explorer.app.map_component import map_view
from explorer.app.selecting import close_innermost, open_item, select_shape
from explorer.app.small_map import described, group_labels, map_points
from explorer.app.visit import Visit, part
from explorer.geometry.fidelity import neighbor_preservation
from explorer.geometry.projection import PROJECTIONS
from explorer.library.workspaces import Entry
from explorer.recipe import Projection
from explorer.space import Space
from explorer.stages import key
from explorer.views import map_content
from explorer.views.coloring import plain

MAP = "map"
# On a phone the map should start high up: what is typed speaks for itself, the rest shares a line.
_STYLE = """
<style>
.st-key-map-sheet, .st-key-map-beside { gap: .75rem; }
.st-key-panel-heading button, .st-key-row-actions button { min-height: 2rem; }
.st-key-panel-heading button { min-width: 1.8rem; }
.st-key-panel-heading h4 { overflow-wrap: anywhere; padding: 0; }
.st-key-panel-heading [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
@media (max-width: 640px) {
  .st-key-map-controls [data-testid="stHorizontalBlock"] { gap: .5rem; flex-flow: row wrap; }
  .st-key-map-controls [data-testid="stColumn"] { flex: 1 1 40%; min-width: 0; width: auto; }
  .st-key-map-controls [data-testid="stColumn"]:first-child { flex-basis: 100%; }
  .st-key-map-controls [data-testid="stWidgetLabel"] { display: none; }
  .st-key-map-2d, .st-key-map-3d { min-height: calc(1.2 * (100vw - 1.8rem)); }
  .st-key-map-trust > :first-child { flex: 1 1 100%; }
  /* What is open comes as a sheet from below: the map stays in sight above it. */
  .st-key-map-sheet.st-key-map-sheet { position: fixed; left: 0; right: 0; bottom: 0; z-index: 90; width: 100%;
    max-height: 52vh; overflow-y: auto; overscroll-behavior: contain; padding: 0 .9rem 1rem;
    border-radius: 14px 14px 0 0; background: light-dark(#ffffff, #12151a);
    border-top: 1px solid color-mix(in srgb, currentColor 18%, transparent);
    box-shadow: 0 -8px 28px rgb(0 0 0 / .22); animation: sheet-up .18s ease-out; }
  .st-key-map-sheet .st-key-panel-heading button { min-width: 2.5rem; min-height: 2.5rem; }
  @keyframes sheet-up { from { transform: translateY(40%); } }
  .st-key-map-sheet > :has(> .st-key-panel-heading) { position: sticky; top: 0; z-index: 1; padding-top: .6rem;
    background: light-dark(#ffffff, #12151a); }  /* .streamlit/config.toml */
  .st-key-map-sheet [data-testid="stVerticalBlock"], .st-key-map-sheet [data-testid="stLayoutWrapper"] {
    height: auto; flex: 0 0 auto; overflow: visible; }  /* the sheet scrolls, no list within it */
  .block-container:has(.st-key-map-sheet) { padding-bottom: 54vh; }  /* so that all of the map can be scrolled to */
}
</style>
"""
MOST_QUERY = 2000  # characters; a model reads about half of them


def draw(visit: Visit) -> None:
    """The box of questions, the colors, the map, and what stands beside it."""
    if not visit.ready:
        st.caption("A first picture (PCA) while the map is made. It shows the overall shape; groups separate soon.")
    else:
        session.warm_questions(visit.entry)
    with st.container(key="map-controls"):
        ask, color, settings = st.columns([6, 2, 1], vertical_alignment="bottom")
    with ask:
        query = query_box(visit.space)
    with color:
        choice = color_box(visit.space, visit.ready)
    with settings:
        advanced(visit.entry)
    _picture_and_panel(visit, query, choice)


@part
def _picture_and_panel(visit: Visit, query: str, choice: str) -> None:
    """The map and what stands beside it: a click on either concerns both, and nothing else on the page."""
    focus = Focus.of(visit, query)
    picture, beside = st.columns([7, 3], gap="medium")
    with picture:
        draw_map(visit, choice, focus)
        if visit.ready:
            trust(visit)
    if visit.ready:
        with beside, st.container(key="map-sheet" if focus.open else "map-beside"):
            panels.panel(visit, focus, choice)


def query_box(space: Space) -> str:
    """Where a question is typed; without a text encoder it says why it cannot be used."""
    st.html(_STYLE)
    ready_made = not space.medium.reads_questions
    return bound(
        _question_form, "Ask or search", "q", usual="", read=str, forgets=(*NO_ROW, "sel", "why"),
        disabled=ready_made,
        placeholder="These vectors came ready-made: no model here reads a question in their space"
        if ready_made else "Type a question or a phrase to see where it lands",
    ).strip()[:MOST_QUERY]  # fmt: skip


def _question_form(label: str, key: str, on_change: Callable[[], None], **arguments: Any) -> None:
    """A box with its button. In a form Enter asks again what was asked before, so that its answers come back."""
    with st.form("ask", border=False), st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(label, key=key, **arguments)
        st.form_submit_button(
            "Ask", key="ask-now", icon=":material/search:", on_click=on_change, disabled=arguments["disabled"]
        )


def color_box(space: Space, ready: bool) -> str:
    """What the map is colored by, kept in the address."""
    if not ready:  # a widget of its own: the bound one would forget a color that is not among its choices
        return str(st.selectbox("Color", [map_content.GROUP], key="color-meanwhile", disabled=True))
    choices = map_content.color_choices(space)
    return bound(
        st.selectbox, "Color", "color", usual=choices[0], read=partial(map_content.color_in_link, space),
        options=choices,
    )  # fmt: skip


@st.fragment
def advanced(entry: Entry) -> None:
    """Settings that experts want, applied together."""
    recipe = entry.recipe
    # Not a form: which settings there are depends on the methods chosen.
    with st.popover("Advanced", icon=":material/tune:", width="stretch"):
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown("**Layout**")
            projection = _layout_settings(recipe.projection, f"layout-{key('layout', recipe)}")
        with right:
            st.markdown("**Groups**")
            clustering = grouping_settings(recipe.clustering, f"map-groups-{key('clusters', recipe)}")
        chosen = replace(recipe, projection=projection, clustering=clustering)
        if st.button("Apply", type="primary", key="apply-settings", disabled=chosen == recipe):
            session.set_recipe(entry, chosen)
            st.rerun()


def _layout_settings(now: Projection, place: str) -> Projection:
    """Method and settings of the layout: those that the method reads. place : names its widgets."""
    methods = list(PROJECTIONS)
    method = st.selectbox(
        "Method", methods, methods.index(now.method), key=f"{place}-method", format_func=lambda m: PROJECTIONS[m].title
    )
    dimensions = st.segmented_control(
        "Dimensions", [2, 3], default=now.dimensions, required=True, key=f"{place}-dimensions"
    )
    chosen = replace(now, method=method, dimensions=int(dimensions or 2))
    reads = chosen.settings()
    if "n_neighbors" in reads:
        few = "Few: fine detail. Many: the overall shape."
        n_neighbors = st.slider("Neighbors", 2, 30, now.n_neighbors, key=f"{place}-neighbors", help=few)
        chosen = replace(chosen, n_neighbors=n_neighbors)
    if "min_dist" in reads:
        min_dist = st.slider(
            "Minimum distance", 0.0, 0.99, now.min_dist, key=f"{place}-distance", help="Small: tight groups."
        )
        chosen = replace(chosen, min_dist=min_dist)
    if "seed" in reads:
        same = "The same seed gives the same map."
        seed = st.number_input("Seed", 0, 2**31 - 1, now.seed, key=f"{place}-seed", help=same)
        chosen = replace(chosen, seed=int(seed))
    return chosen


def draw_map(visit: Visit, choice: str, focus: Focus) -> None:
    """The map itself. It keeps its zoom whatever else changes."""
    entry, space, ready = visit.entry, visit.space, visit.ready
    layout = space.layout if ready else space.preview
    weights = space.items.weights
    points = map_points(space.key("layout") if ready else f"preview-{space.key('vectors')}", layout, weights)
    labels = group_labels(visit) if ready else []

    colors = colors_by(visit, choice) if ready else None

    def clicked(item: int | None) -> None:
        open_item(visit.view, item)

    def selected(shape: Mapping[str, Any] | None) -> None:
        select_shape(space, shape, layout, visit.items)

    def viewed(view: Mapping[str, Any] | None) -> None:
        if view:
            put(view=json.dumps(_rounded(view), separators=(",", ":")))

    map_view(
        f"{MAP}-{points.xy.shape[1]}d",
        points,
        color=colors.items if colors else plain(len(layout)),
        counts=colors.counts() if colors else None,
        labels=labels,
        highlight=focus.highlight(space, layout) if ready else None,
        lit=visit.items,
        **described(visit),
        view=object_in_address("view"),
        view_version=points.version,
        height=660,
        file_name=f"{entry.name}-map.png",
        legend=choice != map_content.GROUP,  # the list of groups beside the map is theirs
        on_click=clicked,
        on_select=selected,
        on_view=viewed,
        on_value=colors.select if colors else None,
        on_escape=close_innermost,
    )


def trust(visit: Visit) -> None:
    """Below the map: what may be believed of it, and the download of all rows."""
    space = visit.space
    kept = _kept(space.key("layout"), _space=space)
    with st.container(key="map-trust", horizontal=True, vertical_alignment="center", gap="small"):
        line, more = st.container(width="stretch"), st.container(width="content")
        downloads.all_rows(visit)
    line.caption(map_content.trust_sentence(kept, map_content.amount_drawn(space), len(space.items.skipped)))
    with more.popover("What this means", type="tertiary"):
        st.markdown(
            f"Each point stands for a vector of **{space.vectors.shape[1]} dimensions**; a screen has two, so the map "
            "must separate some neighbors. For every point we took its 15 nearest neighbors in the original space and "
            "counted how many are still among its 15 nearest on the map.\n\n"
            "- **Trust** closeness: points and groups that are close together.\n"
            "- **Do not trust** distances between groups, their size or their shape.\n"
            "- **To be sure**, click a point: its neighbors in the list are those of the original space."
        )
        if not space.neighbors.exact:
            st.markdown(
                f"Neighbors here are approximate: {100 * space.neighbors.recall:.1f} % of the true ones, on a sample."
            )


@cached()
def _kept(key: str, _space: Space) -> float:
    links = _space.links if _space.items.several else None
    return neighbor_preservation(_space.neighbors, _space.layout, links=links)


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value  # a deep zoom needs them all

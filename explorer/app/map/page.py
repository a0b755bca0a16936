"""The parts of the map page: what is asked, what is drawn, and what stands beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import streamlit as st

from explorer.app import filtering, session
from explorer.app.address import item_in_address, object_in_address
from explorer.app.clusters.grouping_panel import grouping_settings
from explorer.app.map_component import NOTHING, Highlight, Star, map_view
from explorer.app.project import groups_of
from explorer.app.questions import query_vector
from explorer.app.selecting import apply_show, select_shape
from explorer.app.small_map import group_colors, group_labels, map_points
from explorer.app.wording import literal
from explorer.errors import BadInput
from explorer.geometry.fidelity import neighbor_preservation
from explorer.geometry.placement import place
from explorer.geometry.projection import PROJECTIONS
from explorer.geometry.vectors import nearest_items
from explorer.library.workspaces import Entry, stored_selection
from explorer.recipe import Projection
from explorer.space import Space
from explorer.stages import key
from explorer.views import map_content
from explorer.views.coloring import Coloring, plain

MAP = "map"
# On a phone the map should start high up: what is typed speaks for itself, the rest shares a line.
_STYLE = """
<style>
@media (max-width: 640px) {
  .st-key-map-controls [data-testid="stHorizontalBlock"] { gap: .5rem; flex-flow: row wrap; }
  .st-key-map-controls [data-testid="stColumn"] { flex: 1 1 40%; min-width: 0; width: auto; }
  .st-key-map-controls [data-testid="stColumn"]:first-child { flex-basis: 100%; }
  .st-key-map-controls [data-testid="stWidgetLabel"] { display: none; }
  .st-key-map-2d, .st-key-map-3d { min-height: calc(1.2 * (100vw - 1.8rem)); }
}
</style>
"""
RESULTS = 10  # items shown for a question
SHOWN_NEIGHBORS = 10
MOST_QUERY = 2000  # characters; a model reads about half of them


@dataclass(frozen=True, eq=False)
class Focus:
    """What the reader looks at: a question's answers, one row, or a selection; all from the address.

    Attributes
    ----------
    query, found, similarity : the question, the items nearest to it, and their cosine similarity
    item : the item clicked
    rows : rows selected, sorted; None where nothing is
    """

    query: str = ""
    found: np.ndarray = field(default_factory=lambda: NOTHING)
    similarity: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    item: int | None = None
    rows: np.ndarray | None = None

    @classmethod
    def of(cls, space: Space, query: str, ready: bool) -> Focus:
        """What the address says of this space; a question is put to the model."""
        if not ready:
            return cls()
        apply_show(space)
        rows = None
        if digest := st.query_params.get("sel"):
            rows = stored_selection(session.store(), digest)
            if rows is not None:
                rows = rows[rows < space.table.num_rows]
        item = item_in_address(space)
        if query:
            try:
                vector = query_vector(space.recipe.model, query)
                found, similarity = nearest_items(space.unit, vector, RESULTS)
                return cls(query, found, similarity, item, rows)
            except BadInput as error:
                st.error(literal(str(error)), icon=":material/error:")
        return cls("", item=item, rows=rows)

    def highlight(self, space: Space, layout: np.ndarray) -> Highlight:
        """How it shows on the map."""
        selected = NOTHING
        if self.rows is not None:
            items = space.item_of_row[self.rows]
            selected = np.unique(items[items >= 0]).astype(np.int32)
        if self.item is not None:
            near = space.neighbors.indices[self.item, :SHOWN_NEIGHBORS]
            return Highlight(selected, self.item, near)
        if self.query:
            at = place(layout, self.found, self.similarity)
            depth = float(at[2]) if len(at) > 2 else 0.0
            return Highlight(selected, None, self.found, Star(float(at[0]), float(at[1]), self.query, depth))
        return Highlight(selected)


def query_box(space: Space, entry: Entry) -> str:
    """Where a question is typed; without a text encoder it says why it cannot be used."""
    st.html(_STYLE)
    ready_made = not space.medium.reads_questions
    return st.text_input(
        "Where is my question?",
        key="q",
        bind="query-params",
        disabled=ready_made,
        placeholder="These vectors came ready-made: no model here reads a question in their space"
        if ready_made
        else "Type a question or a phrase, and see where it lands",
    ).strip()[:MOST_QUERY]


def color_box(space: Space, ready: bool) -> str:
    """What the map is colored by, kept in the address."""
    if not ready:  # a widget of its own: the bound one would forget a color that is not among its choices
        return str(st.selectbox("Color", [map_content.CLUSTER], key="color-meanwhile", disabled=True))
    return st.selectbox("Color", map_content.color_choices(space), key="color", bind="query-params")


def colored_by_group() -> bool:
    """Whether the map beside which something is drawn shows the groups by their colors."""
    return st.session_state.get("color", map_content.CLUSTER) == map_content.CLUSTER


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
            "Least distance", 0.0, 0.99, now.min_dist, key=f"{place}-distance", help="Small: tight groups."
        )
        chosen = replace(chosen, min_dist=min_dist)
    if "seed" in reads:
        same = "The same seed gives the same map."
        seed = st.number_input("Seed", 0, 2**31 - 1, now.seed, key=f"{place}-seed", help=same)
        chosen = replace(chosen, seed=int(seed))
    return chosen


def draw(entry: Entry, space: Space, choice: str, focus: Focus, ready: bool) -> None:
    """The map itself. It keeps its zoom whatever else changes."""
    layout = space.layout if ready else space.preview
    weights = space.items.weights
    points = map_points(space.key("layout") if ready else f"preview-{space.key('vectors')}", layout, weights)
    labels = group_labels(groups_of(space, entry), layout) if ready else []

    def clicked(item: int | None) -> None:
        st.query_params.pop("row", None)
        if item is not None:
            st.query_params["row"] = str(int(space.items.first_rows[item]) + 1)

    def selected(shape: Mapping[str, Any] | None) -> None:
        select_shape(space, shape, layout, filtering.items(space))

    def viewed(view: Mapping[str, Any] | None) -> None:
        if view:
            st.query_params["view"] = json.dumps(_rounded(view), separators=(",", ":"))

    map_view(
        f"{MAP}-{points.xy.shape[1]}d",
        points,
        color=_coloring(entry, choice, _space=space) if ready else plain(len(layout)),
        labels=labels,
        highlight=focus.highlight(space, layout) if ready else None,
        lit=filtering.items(space),
        hover=map_content.describe(space, entry.roles),
        hover_version=entry.recipe.key,
        view=object_in_address("view"),
        view_version=points.version,
        height=660,
        file_name=f"{entry.name}-map.png",
        legend=choice != map_content.CLUSTER,  # the list of groups beside the map is theirs
        on_click=clicked,
        on_select=selected,
        on_view=viewed,
    )


def trust(space: Space) -> None:
    """Below the map: what may be believed of it."""
    kept = _kept(space.key("layout"), _space=space)
    with st.container(key="map-trust"):
        line, more = st.columns([5, 1], vertical_alignment="center")
    line.caption(map_content.trust_sentence(kept, len(space.items)))
    with more.popover("What this means", type="tertiary"):
        st.markdown(
            f"Your items have **{space.vectors.shape[1]} dimensions**; a screen has two. Flattening must tear some "
            "neighbors apart. We asked every item for its 15 nearest neighbors in the original space and counted "
            "how many are still among its 15 nearest on the map.\n\n"
            "- **Believe**: points that stand together, groups that hold together.\n"
            "- **Do not believe**: the distance between far groups, their size, their shape.\n"
            "- **To be sure**, click a point: its neighbors in the list are the true ones, whatever the map shows."
        )
        if not space.neighbors.exact:
            st.markdown(
                f"Neighbors here are approximate: {100 * space.neighbors.recall:.1f} % of the true ones, on a sample."
            )


@st.cache_data(show_spinner=False, max_entries=64)
def _kept(key: str, _space: Space) -> float:
    return neighbor_preservation(_space.neighbors, _space.layout)


def _coloring(entry: Entry, choice: str, _space: Space) -> Coloring:
    groups = groups_of(_space, entry)
    if choice == map_content.CLUSTER:
        return group_colors(groups)
    return _colors(entry.recipe.key, choice, entry.roles.label, _space=_space)


@st.cache_resource(show_spinner=False, max_entries=32)
def _colors(key: str, choice: str, label: str | None, _space: Space) -> Coloring:
    return map_content.coloring(_space, choice, label)


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return float(f"{value:.7g}") if isinstance(value, float) else value  # a deep zoom needs them all

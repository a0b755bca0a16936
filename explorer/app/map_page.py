"""The parts of the map page: what is asked, what is drawn, and what stands beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import streamlit as st

from explorer.analysis.clusters import CLUSTERINGS, Clusters
from explorer.analysis.findings import findings, typical_first
from explorer.app import filtering, session
from explorer.app.facets import facets_panel
from explorer.app.map_component import NOTHING, Highlight, Star, map_view
from explorer.app.project import groups_of
from explorer.app.shell import counted, literal
from explorer.app.small_map import group_labels, map_points
from explorer.app.table_panel import selection_table
from explorer.data.table import BadInput
from explorer.data.workspaces import Entry, keep_selection, stored_selection
from explorer.geometry.fidelity import neighbor_preservation
from explorer.geometry.placement import nearest_items, place
from explorer.geometry.projection import PROJECTIONS
from explorer.recipe import READY_MADE, Clustering, Projection
from explorer.space import Space
from explorer.views import map_content
from explorer.views.coloring import Coloring, plain
from explorer.views.selection import inside

MAP = "map"
RESULTS = 10  # items shown for a question
SHOWN_NEIGHBORS = 10
MOST_QUERY = 2000  # characters; a model reads about half of them
_SHOW = {"strange": "worth a look", "repeated": "repeated", "cut": "cut at the model's limit"}


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
        _apply_show(space)
        rows = None
        if digest := st.query_params.get("sel"):
            rows = stored_selection(session.store(), digest)
            if rows is not None:
                rows = rows[rows < space.table.num_rows]
        item = None
        row = st.query_params.get("row", "")
        if row.isdecimal() and 1 <= int(row) <= space.table.num_rows and space.item_of_row[int(row) - 1] >= 0:
            item = int(space.item_of_row[int(row) - 1])
        if query:
            try:
                vector = _query_vector(space.recipe.model, query)
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
    ready_made = space.recipe.model == READY_MADE
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
    choices = map_content.color_choices(space) if ready else [map_content.CLUSTER]
    return st.selectbox("Color", choices, key="color", bind="query-params")


def advanced(entry: Entry) -> None:
    """Settings that experts want, applied together."""
    projection, clustering = entry.recipe.projection, entry.recipe.clustering
    with st.popover("Advanced", icon=":material/tune:", width="stretch"), st.form("advanced", border=False):
        left, right = st.columns(2, gap="large")
        with left:
            st.markdown("**Layout**")
            method = st.selectbox(
                "Method",
                list(PROJECTIONS),
                list(PROJECTIONS).index(projection.method),
                format_func=lambda m: PROJECTIONS[m].title,
            )
            dimensions = st.segmented_control("Dimensions", [2, 3], default=projection.dimensions, required=True)
            n_neighbors = st.slider(
                "Neighbors (UMAP)", 2, 30, projection.n_neighbors, help="Few: fine detail. Many: the overall shape."
            )
            min_dist = st.slider("Least distance (UMAP)", 0.0, 0.99, projection.min_dist, help="Small: tight groups.")
            seed = st.number_input("Seed", 0, 2**31 - 1, projection.seed, help="The same seed gives the same map.")
        with right:
            st.markdown("**Groups**")
            grouping = st.selectbox(
                "Method", list(CLUSTERINGS), list(CLUSTERINGS).index(clustering.method),
                format_func=lambda m: CLUSTERINGS[m].title, key="clustering-method",
            )  # fmt: skip
            resolution = st.slider("Fewer to more (Leiden)", 0.2, 4.0, clustering.resolution, 0.05)
            n_clusters = st.slider("Number of groups (k-means)", 2, 60, clustering.n_clusters)
            min_size = st.slider("Smallest group (HDBSCAN)", 2, 100, clustering.min_size)
        if st.form_submit_button("Apply", type="primary"):
            session.set_recipe(
                entry,
                replace(
                    entry.recipe,
                    projection=Projection(method, int(dimensions or 2), n_neighbors, min_dist, int(seed)),
                    clustering=Clustering(grouping, resolution, n_clusters, min_size, clustering.seed),
                ),
            )
            st.rerun()


def draw(entry: Entry, space: Space, choice: str, focus: Focus, ready: bool) -> None:
    """The map itself. It keeps its zoom whatever else changes."""
    layout = space.layout if ready else space.preview
    weights = space.items.weights
    points = map_points(entry.recipe.layout_key if ready else f"preview-{entry.recipe.vectors_key}", layout, weights)
    labels = group_labels(groups_of(space, entry), layout) if ready else []

    def clicked(item: int | None) -> None:
        st.query_params.pop("row", None)
        if item is not None:
            st.query_params["row"] = str(int(space.items.first_rows[item]) + 1)

    def selected(shape: Mapping[str, Any] | None) -> None:
        items = inside(shape, layout) if shape else NOTHING
        lit = filtering.items(space)
        select_items(space, items if lit is None else items[lit[items]])

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
        view=_view_from_address(),
        view_version=points.version,
        height=660,
        file_name=f"{entry.name}-map.png",
        on_click=clicked,
        on_select=selected,
        on_view=viewed,
    )


def trust(space: Space) -> None:
    """Below the map: what may be believed of it."""
    kept = _kept(space.recipe.layout_key, _space=space)
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


def panel(entry: Entry, space: Space, focus: Focus) -> None:
    """Beside the map: one row, the answers to a question, a selection, or what there is to see."""
    if focus.item is not None:
        _row_panel(entry, space, focus.item)
    elif focus.rows is not None and len(focus.rows):
        selection_table(entry, space, focus.rows)
    elif focus.query:
        _answers(space, focus)
    else:
        what = st.segmented_control(
            "Beside the map", ["Groups", "Columns"], default="Groups", required=True, key="beside",
            label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        if what == "Columns":
            facets_panel(space)
        else:
            _overview(entry, space)


def select_items(space: Space, items: np.ndarray, why: str = "") -> None:
    """Select the rows of items, in the address; none clears the selection."""
    for name in ("sel", "row", "why"):
        st.query_params.pop(name, None)
    if len(items):
        rows = space.links[np.isin(space.links[:, 1], items), 0]
        st.query_params["sel"] = keep_selection(session.store(), rows)
        if why:
            st.query_params["why"] = why


def _overview(entry: Entry, space: Space) -> None:
    found, groups = findings(space), groups_of(space, entry)
    st.markdown("#### What is in here")
    named = "its own words and shown by its most typical text" if space.has_text else "what most of it is"
    st.caption(
        f"{counted(found.items, 'item')} in {counted(len(groups), 'group')} that mean alike. "
        f"Each is named by {named}; click one to select it."
    )
    sizes = groups.sizes
    scrolls = len(sizes) * (3 if space.has_text else 1) > 27  # lines that fit beside the map
    with st.container(height=470 if scrolls else "content", border=False, gap=None, key="groups"):
        for group, (name, text) in enumerate(zip(groups.names, typical_texts(space, groups), strict=True)):
            label = f"**{literal(name)}** &nbsp; :gray[{sizes[group]:,} · {sizes[group] / max(found.items, 1):.0%}]"
            if space.has_text:
                label += f"  \n:small[:gray[{literal(map_content.shorten(text, 110))}]]"
            st.button(
                label,
                key=f"group-{group}",
                type="tertiary",
                width="stretch",
                on_click=_select_group,
                args=(space, groups, group),
            )
    st.markdown("#### What does not belong")
    if found.strange:
        st.button(
            f"{counted(found.strange, 'item')} far from all others",
            key="strange",
            icon=":material/explore_off:",
            on_click=_show,
            args=(space, "strange"),
            help="Mean cosine distance to the 10 nearest neighbors, two robust deviations above the median, at "
            "most 3 in 100 items. In a plain table about 2 in 100 lie there too: worth a look, not proof.",
        )
    else:
        st.caption("Nothing stands far from all others.")


def typical_texts(space: Space, groups: Clusters) -> list[str]:
    """The text nearest to the middle of each group."""
    middles = [typical_first(space, np.flatnonzero(groups.labels == group))[0] for group in range(len(groups))]
    return space.texts(np.array(middles, np.int64))


def _select_group(space: Space, groups: Clusters, group: int) -> None:
    select_items(space, np.flatnonzero(groups.labels == group), groups.names[group])


def _show(space: Space, what: str) -> None:
    masks = {"strange": space.strange, "repeated": space.items.weights > 1, "cut": space.truncated}
    select_items(space, np.flatnonzero(masks[what]), _SHOW[what])


def _apply_show(space: Space) -> None:
    what = st.query_params.pop("show", None)
    if what in _SHOW:
        _show(space, what)


def _answers(space: Space, focus: Focus) -> None:
    st.markdown("#### Nearest to your question")
    st.caption("Cosine similarity: 1 means the same direction, 0 nothing in common. The star stands among these.")
    texts = space.texts(focus.found)
    with st.container(height=560, border=False, gap="small"):
        for item, similarity, text in zip(focus.found, focus.similarity, texts, strict=True):
            _item_button(space, int(item), float(similarity), text, "answer")


def _row_panel(entry: Entry, space: Space, item: int) -> None:
    row = int(space.items.first_rows[item])
    weight = int(space.items.weights[item])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### Row {row + 1}", width="stretch")
        st.button("Close", key="close-row", type="tertiary", icon=":material/close:", on_click=_close_row)
    picture = map_content.picture_of(space, entry.roles, row)
    if picture:
        st.image(picture, width=96)
    if space.has_text:
        with st.container(height="content", key="row-text"):
            st.text(map_content.shorten(space.texts(np.array([item]))[0], 3000))
    facts = [
        f"{name}: {map_content.cell(space, row, name)}" for name in map_content.field_columns(space, entry.roles)[:8]
    ]
    groups = groups_of(space, entry)
    group = groups.names[groups.labels[item]] if groups.labels[item] >= 0 else "none"
    facts += [
        f"group: {group}",
        f"strangeness: {space.outlier_scores[item]:.2f} (usual {np.median(space.outlier_scores):.2f})",
    ]
    if weight > 1:
        facts.append(f"{weight} rows hold this same content")
    with st.container(key="facts"):
        st.text("\n".join(map_content.shorten(fact, 200) for fact in facts))
    st.markdown("**Its nearest neighbors in the original space**")
    near = space.neighbors.indices[item, :SHOWN_NEIGHBORS]
    with st.container(height=300, border=False, gap="small"):
        for other, distance, text in zip(near, space.neighbors.distances[item], space.texts(near), strict=False):
            _item_button(space, int(other), 1 - float(distance), text, "near")


def _item_button(space: Space, item: int, similarity: float, text: str, where: str) -> None:
    row = int(space.items.first_rows[item])
    said = map_content.shorten(text, 160) if space.has_text else f"row {row + 1} {text}"
    st.button(
        f":gray[{similarity:.2f}] &nbsp; {literal(said)}",
        key=f"{where}-{item}", type="tertiary", width="stretch", on_click=_focus_row, args=(row,),
    )  # fmt: skip


def _focus_row(row: int) -> None:
    st.query_params["row"] = str(row + 1)


def _close_row() -> None:
    st.query_params.pop("row", None)


@st.cache_data(show_spinner=False, max_entries=512)
def _query_vector(model: str, query: str) -> np.ndarray:
    return session.jobs().encode(model, [query])[0]


@st.cache_data(show_spinner=False, max_entries=64)
def _kept(key: str, _space: Space) -> float:
    return neighbor_preservation(_space.neighbors, _space.layout)


def _coloring(entry: Entry, choice: str, _space: Space) -> Coloring:
    groups = groups_of(_space, entry)
    if choice == map_content.CLUSTER:
        return map_content.color_clusters(groups)
    return _colors(entry.recipe.key, choice, entry.roles.label, _space=_space)


@st.cache_resource(show_spinner=False, max_entries=32)
def _colors(key: str, choice: str, label: str | None, _space: Space) -> Coloring:
    return map_content.coloring(_space, choice, label)


def _view_from_address() -> dict[str, Any] | None:
    try:
        view = json.loads(st.query_params.get("view", ""))
    except ValueError:
        return None
    return view if isinstance(view, dict) else None


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _rounded(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return round(value, 3) if isinstance(value, float) else value

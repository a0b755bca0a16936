"""How groups are made: how many, by which method, with which settings. The pages of clusters and the map share it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from explorer.app import project, session
from explorer.app.address import bound
from explorer.app.clusters.group_edits import leave_renaming
from explorer.geometry.clusters import CLUSTERINGS
from explorer.library.workspaces import Entry
from explorer.recipe import Clustering
from explorer.space import Space
from explorer.stages import key
from explorer.wording import counted


def level_slider(space: Space) -> None:
    """Fewer groups or more, kept in the address as `level`; the number that the clustering found by default."""
    tree = project.levels_of(space)
    if tree.leaves < 2:
        return
    bound(
        st.slider, "Fewer groups … more groups", "level", usual=tree.given,
        read=lambda _: min(project.chosen_level() or tree.given, tree.leaves), then=leave_renaming,
        key=f"level-{space.key('clusters')}", min_value=1, max_value=tree.leaves,
        help=f"The clustering found {counted(tree.given, 'group')}. To the left, the groups whose means are most alike "
        "become one; to the right, groups come apart into smaller ones. Each smaller group lies within one larger.",
    )  # fmt: skip


def advanced(entry: Entry) -> None:
    """How the groups are made."""
    with st.popover("Advanced", icon=":material/tune:", width="content"):
        chosen = grouping_settings(entry.recipe.clustering, f"clusters-{key('clusters', entry.recipe)}")
        if st.button("Apply", type="primary", key="apply-grouping", disabled=chosen == entry.recipe.clustering):
            session.set_recipe(entry, replace(entry.recipe, clustering=chosen))
            st.rerun()


def grouping_settings(now: Clustering, key: str) -> Clustering:
    """Method and settings of the clustering: those that the method reads. key : the place's own."""
    methods = list(CLUSTERINGS)
    method = st.selectbox(
        "Method", methods, methods.index(now.method), key=f"{key}-method", format_func=lambda m: CLUSTERINGS[m].title
    )
    chosen = replace(now, method=method)
    if method == "leiden":
        resolution = st.slider(
            "Resolution", 0.2, 4.0, min(max(now.resolution, 0.2), 4.0), 0.05, key=f"{key}-resolution",
            help="How densely a group's items must be linked to stay together: higher gives more, smaller groups.",
        )  # fmt: skip
        chosen = replace(chosen, resolution=resolution)
    elif method == "kmeans":
        wanted = st.slider("Number of groups", 2, 60, min(max(now.n_clusters, 2), 60), key=f"{key}-count")
        chosen = replace(chosen, n_clusters=wanted)
    elif method == "hdbscan":
        smallest = st.slider(
            "Smallest group, items", 2, 100, min(max(now.min_size, 2), 100), key=f"{key}-smallest",
            help="Items that no group of this size takes in are in no group.",
        )  # fmt: skip
        chosen = replace(chosen, min_size=smallest)
    if method != "hdbscan":
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, now.seed, key=f"{key}-seed", help="The same seed, the same groups."
        )
        chosen = replace(chosen, seed=int(seed))
    return chosen

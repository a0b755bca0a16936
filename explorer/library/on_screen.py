"""The groups and tags of a space as people see them, for pages and exports alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.analysis.naming import names_for
from explorer.geometry.clusters import Clusters
from explorer.library import grouping
from explorer.library.annotations import Operation, Project, rows_of
from explorer.recipe import Clustering
from explorer.space import Space


def groups_on_screen(
    space: Space, clusters: Clusters, edits: Sequence[Operation], keys: np.ndarray, level: int | None = None
) -> Clusters:
    """The clusters with what people renamed, merged and split, or took over from a file.

    clusters : the computed ones at this level of detail; None for as many as the clustering found
    keys : S16 array of shape (n,), row keys
    """
    return grouping.edited(
        clusters, edits, keys, space.labels_of_rows, space.unit, lambda labels: names_for(space, labels),
        _from_rows(space, level),
    )  # fmt: skip


def waiting_here(
    space: Space, clusters: Clusters, edits: Sequence[Operation], keys: np.ndarray, level: int | None = None
) -> list[Operation]:
    """The edits that `groups_on_screen` cannot apply."""
    return grouping.waiting(clusters, edits, keys, space.labels_of_rows, space.unit, _from_rows(space, level))


def tags_of_rows(project: Project, keys: np.ndarray) -> dict[str, np.ndarray]:
    """Tag to its rows, ascending. keys : S16 array of shape (n,), row keys"""
    return {tag: rows_of(keys, rows) for tag, rows in sorted(project.tags().items())}


def _from_rows(space: Space, level: int | None) -> grouping.OfRows | None:
    # Who asks for another level, or for other settings, asks for other groups than those of the file.
    usual = level is None and space.recipe.clustering == Clustering()
    return space.items.labels_from_rows if usual else None

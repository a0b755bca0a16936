"""What people did about the open dataset, laid over what was computed."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.analysis.naming import clusters_at
from explorer.app import session
from explorer.app.address import whole_number
from explorer.app.cache import cached
from explorer.geometry import levels
from explorer.geometry.clusters import Clusters
from explorer.library.annotations import Operation, Project, row_keys
from explorer.library.on_screen import groups_on_screen
from explorer.library.workspaces import Entry
from explorer.recipe import Clustering
from explorer.space import Space


def project_of(entry: Entry) -> Project:
    """The annotations of an entry; an entry without any gets an empty project with the first operation."""
    return Project.of(session.store(), entry.project, entry.name)


def undo(project: Project) -> None:
    """Undo the last operation. For buttons, whose callbacks give nothing."""
    project.undo()


def redo(project: Project) -> None:
    """Redo the operation that was undone last."""
    project.redo()


def say(entry: Entry, operation: Operation) -> None:
    """Keep an operation on the entry's project, which is made if there is none yet."""
    project = project_of(entry)
    if not project.id:
        project = Project.create(session.store(), entry.name)
        session.attach_project(entry, project.id)
    project.do(operation)


def keys_of(space: Space, entry: Entry) -> np.ndarray:
    """The row keys of a space: S16 of shape (n,)."""
    return _keys(space.recipe.table, entry.roles.id, _space=space)


def edited_groups(space: Space, entry: Entry, project: Project, level: int | None) -> Clusters:
    """The groups at a level of detail, with what people renamed, merged and split."""
    return _groups(
        space.key("clusters"), level, edits_version(project), entry.roles.id,
        _edits=project.group_edits(), _space=space, _entry=entry,
    )  # fmt: skip


def edits_version(project: Project) -> str:
    """A short name of all that people changed about the groups; "" where they changed nothing."""
    edits = project.group_edits()  # only ever added and taken back at the end, so the last one and how many will do
    return f"{project.id}-{edits[-1].at:.6f}-{len(edits)}" if edits else ""


def chosen_level() -> int | None:
    """How many groups are asked for in the address; None for as many as the clustering found."""
    return whole_number(st.query_params.get("level", ""), 1, 10_000)


def levels_of(space: Space) -> levels.Levels:
    """The tree of groups around the computed clustering."""
    return _levels(space.key("clusters"), _space=space)


@cached()
def _keys(table: str, id_column: str | None, _space: Space) -> np.ndarray:
    keys = row_keys(_space.table, id_column)
    keys.flags.writeable = False
    return keys


@cached()
def _levels(key: str, _space: Space) -> levels.Levels:
    clustering: Clustering = _space.recipe.clustering
    return levels.levels(_space.unit, _space.neighbors, _space.clusters.labels, clustering)


@cached()
def _groups(
    key: str, level: int | None, version: str, id_column: str | None,
    _edits: list[Operation], _space: Space, _entry: Entry,
) -> Clusters:  # fmt: skip
    clusters = _space.clusters
    if level is not None:
        clusters = clusters_at(_space, levels_of(_space), level)
    if not _edits:
        return clusters
    return groups_on_screen(_space, clusters, _edits, keys_of(_space, _entry), level)

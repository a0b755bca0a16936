"""A finished map as files: map.parquet with the place of every row, and map.html with the picture."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet

from explorer.errors import BadInput
from explorer.geometry import fidelity
from explorer.geometry.clusters import Clusters
from explorer.space import Space
from explorer.table import ours
from explorer.table.roles import Roles
from explorer.table.row_names import row_name
from explorer.views import map_content
from explorer.views.html import write_map_html
from explorer.views.map_labels import group_labels
from explorer.wording import counted

HTML_NEIGHBORS = 10
_HTML_FIELDS = 6
_COLORINGS = 12


def write_map(
    space: Space,
    roles: Roles,
    name: str,
    folder: Path,
    clusters: Clusters | None = None,
    tags: Mapping[str, np.ndarray] | None = None,
) -> Path:
    """Write map.parquet and map.html into `folder`, which is made if need be. Returns the folder.

    clusters, tags : as `mapped_table` takes them

    Raises
    ------
    BadInput : where the folder cannot be written
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        table = mapped_table(space, clusters, tags)
        pyarrow.parquet.write_table(table, folder / "map.parquet", compression="zstd")
        write_page(space, roles, name, folder / "map.html", clusters)
    except OSError as error:
        raise BadInput(
            f"Cannot write to {folder}: {error.strerror or error}. Name another folder with --out."
        ) from None
    return folder


def mapped_table(
    space: Space, clusters: Clusters | None = None, tags: Mapping[str, np.ndarray] | None = None
) -> pa.Table:
    """The user's columns as read, then the place and the neighbors of each row, n rows.

    `_row` (from 0), `_x`, `_y` (and `_z`), `_cluster`, `_cluster_name`, `_outlier` (higher is farther from the others),
    and `_neighbors`, the rows of the nearest other contents, nearest first. Null where a row has no content. A row of
    several items is at their mean, weighted by their lengths, and in the cluster of most of its text.

    clusters : as people edited them; the computed ones by default
    tags : tag to its rows; where there are any, `_tags` lists those of each row, null where it has none
    """
    clusters = clusters or space.clusters
    items, count = space.items, space.table.num_rows
    absent = space.item_of_row < 0

    def mean(values: np.ndarray) -> pa.Array:
        return pa.array(items.means_of_rows(values, count).astype(np.float32), mask=absent)

    names = np.array([*clusters.names, ""], dtype=object)  # the last one for rows in no cluster
    labels = items.labels_of_rows(clusters.labels, count)
    added: dict[str, pa.Array] = {ours.ROW: pa.array(np.arange(count, dtype=np.int32))}
    for axis, letter in enumerate("xyz"[: space.layout.shape[1]]):
        added[f"_{letter}"] = mean(space.layout[:, axis])
    added[ours.CLUSTER] = pa.array(labels, mask=labels < 0)
    added[ours.CLUSTER_NAME] = pa.array(names[labels], pa.string(), mask=labels < 0)
    added[ours.OUTLIER] = mean(space.outlier_scores)
    if tags:
        added[ours.TAGS] = _tags(tags, count)
    added[ours.NEIGHBORS] = neighbors_of_rows(space)
    table = space.table
    # The columns of a file that was itself a map are kept under other names.
    kept: list[str] = []
    for column in table.column_names:
        while column in added or column in kept:
            column += ours.AGAIN
        kept.append(column)
    table = table.rename_columns(kept)
    for column, values in added.items():
        table = table.append_column(column, values)
    return table


def _tags(tags: Mapping[str, np.ndarray], count: int) -> pa.Array:
    """The tags of each of `count` rows: lists of strings, null where there are none."""
    of_row: list[list[str] | None] = [None] * count
    for tag, rows in tags.items():
        for row in rows.tolist():
            of_row[row] = [*(of_row[row] or ()), tag]
    return pa.array(of_row, pa.list_(pa.string()))


def neighbors_of_rows(space: Space) -> pa.Array:
    """The rows of the nearest other contents of each row, nearest first: n lists of int32, null without content."""
    count, first, graph = space.table.num_rows, space.items.first_rows.astype(np.int32), space.neighbors
    absent = pa.array(space.item_of_row < 0)
    if not space.items.several:
        near = first[graph.indices[np.maximum(space.item_of_row, 0)]]
        starts = np.arange(count + 1, dtype=np.int32) * graph.k
        return pa.ListArray.from_arrays(starts, near.ravel(), mask=absent)
    rows, items = space.links.T
    found = pd.DataFrame(
        {
            "row": np.repeat(rows, graph.k),
            "near": first[graph.indices[items]].ravel(),
            "distance": graph.distances[items].ravel(),
        }
    )
    found = found[found["row"] != found["near"]].sort_values(["row", "distance"], kind="stable")
    found = found.drop_duplicates(["row", "near"])
    found = found[found.groupby("row").cumcount() < graph.k]
    sizes = np.bincount(found["row"], minlength=count)
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    return pa.ListArray.from_arrays(starts, found["near"].to_numpy(np.int32), mask=absent)


def write_page(space: Space, roles: Roles, name: str, path: Path, clusters: Clusters | None = None) -> None:
    """Write the map as one offline page. `clusters` are the computed ones by default."""
    clusters = clusters or space.clusters
    items, rows = space.items, space.items.first_rows
    shown = map_content.field_columns(space, roles)[:_HTML_FIELDS]
    part = space.table.select(shown).take(rows)
    choices = map_content.color_choices(space)[:_COLORINGS]
    near = space.neighbors.indices[:, :HTML_NEIGHBORS]
    links = space.links if items.several else None
    kept = fidelity.neighbor_preservation(space.neighbors, space.layout, links=links)
    pictures = [map_content.picture_of(space, roles, int(row)) for row in rows] if roles.image else None
    write_map_html(
        path,
        title=name,
        xy=space.layout,
        texts=[shown.text for shown in space.shown(np.arange(len(items)))],
        colorings=[map_content.coloring(space, choice, roles.label, clusters) for choice in choices],
        labels=group_labels(clusters, space.layout),
        fields={column: ["" if v is None else str(v) for v in part.column(column).to_pylist()] for column in shown},
        neighbors=near,
        similarities=1 - space.neighbors.distances[:, :HTML_NEIGHBORS],
        weight=items.weights if items.weights.max(initial=1) > 1 else None,
        ids=[row_name(space.table, roles, int(row)) for row in rows],
        images=pictures,
        counts=f"{map_content.amount_drawn(space)} · {counted(len(clusters), 'group')}",
        caption=map_content.trust_sentence(kept, map_content.amount_drawn(space), len(items.skipped)),
    )

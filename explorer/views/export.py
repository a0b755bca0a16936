"""A finished map as files: every row with its place in map.parquet, the picture itself in map.html."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from explorer.errors import BadInput
from explorer.geometry import fidelity
from explorer.space import Space
from explorer.table.roles import Roles
from explorer.views import map_content
from explorer.views.html import write_map_html

HTML_NEIGHBORS = 10
_HTML_FIELDS = 6
_COLORINGS = 12


def write_map(space: Space, roles: Roles, name: str, folder: Path) -> Path:
    """Write map.parquet and map.html into `folder`, made if need be; gives the folder.

    Raises
    ------
    BadInput : where the folder cannot be written
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        pyarrow.parquet.write_table(mapped_table(space), folder / "map.parquet", compression="zstd")
        write_page(space, roles, name, folder / "map.html")
    except OSError as error:
        raise BadInput(
            f"Cannot write to {folder}: {error.strerror or error}. Name another folder with --out."
        ) from None
    return folder


def mapped_table(space: Space) -> pa.Table:
    """The user's columns as read, then where each row is and what it is near.

    `_row` (from 0), `_x`, `_y` (and `_z`), `_cluster`, `_cluster_name`, `_outlier` (higher is stranger), and
    `_neighbors`, the rows of the nearest other contents, nearest first. Null where a row has no content.
    """
    item = space.item_of_row
    absent = item < 0
    safe = np.maximum(item, 0)

    def of_item(values: np.ndarray) -> pa.Array:
        return pa.array(values[safe], mask=absent)

    names = np.array([*space.clusters.names, ""], dtype=object)  # the last one for items in no group
    labels = space.clusters.labels
    near = space.items.first_rows.astype(np.int32)[space.neighbors.indices[safe]]
    starts = np.arange(len(item) + 1, dtype=np.int32) * space.neighbors.k
    lists = pa.ListArray.from_arrays(starts, near.ravel(), mask=pa.array(absent))
    added: dict[str, pa.Array] = {"_row": pa.array(np.arange(len(item), dtype=np.int32))}
    for axis, letter in enumerate("xyz"[: space.layout.shape[1]]):
        added[f"_{letter}"] = of_item(np.asarray(space.layout[:, axis], np.float32))
    added["_cluster"] = pa.array(labels[safe], mask=absent | (labels[safe] < 0))
    added["_cluster_name"] = pa.array(names[labels[safe]], pa.string(), mask=absent | (labels[safe] < 0))
    added["_outlier"] = of_item(space.outlier_scores)
    added["_neighbors"] = lists
    table = space.table
    # A file that was itself a map keeps its old columns under other names.
    kept: list[str] = []
    for column in table.column_names:
        while column in added or column in kept:
            column = f"{column}_before"
        kept.append(column)
    table = table.rename_columns(kept)
    for column, values in added.items():
        table = table.append_column(column, values)
    return table


def write_page(space: Space, roles: Roles, name: str, path: Path) -> None:
    """Write the map as one offline page."""
    items, rows = space.items, space.items.first_rows
    shown = map_content.field_columns(space, roles)[:_HTML_FIELDS]
    part = space.table.select(shown).take(rows)
    choices = map_content.color_choices(space)[:_COLORINGS]
    near = space.neighbors.indices[:, :HTML_NEIGHBORS]
    places = map_content.group_places(space.clusters, space.layout)
    kept = fidelity.neighbor_preservation(space.neighbors, space.layout)
    pictures = [map_content.picture_of(space, roles, int(row)) for row in rows] if roles.image else None
    write_map_html(
        path,
        title=name,
        xy=space.layout,
        texts=[shown.text for shown in space.shown(np.arange(len(items)))],
        colorings=[map_content.coloring(space, choice, roles.label) for choice in choices],
        labels=[_label(*place) for place in places],
        fields={column: ["" if v is None else str(v) for v in part.column(column).to_pylist()] for column in shown},
        neighbors=near,
        similarities=1 - space.neighbors.distances[:, :HTML_NEIGHBORS],
        weight=items.weights if items.weights.max(initial=1) > 1 else None,
        ids=[f"row {row + 1}" for row in rows],
        images=pictures,
        counts=f"{space.table.num_rows:,} rows · {len(items):,} items · {len(space.clusters)} groups",
        caption=map_content.trust_sentence(kept, len(items)),
    )


def _label(place: np.ndarray, text: str, size: int, above: float) -> dict[str, object]:
    x, y, *z = (float(value) for value in place)
    return {"x": x, "y": y, "z": z[0] if z else 0.0, "text": text, "size": size, "above": above}

"""What the map of a space shows: its colors, its names, and the text for each point."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.geometry.clusters import Clusters
from explorer.geometry.fidelity import K
from explorer.space import Space
from explorer.table.roles import Roles
from explorer.table.values import dates, numbers
from explorer.views.coloring import NO_VALUE, OTHER, Coloring, color_by_category, color_by_number, plain
from explorer.wording import shorten

CLUSTER, STRANGENESS, REPEATS = "cluster", "strangeness", "rows per item"
COMPUTED = (CLUSTER, STRANGENESS, REPEATS)
_COLORED = ("category", "number", "date")
_SHOWN_FIELDS = 3
_HARDLY = 0.2  # share of neighbors kept; below it, not even nearness on the map can be trusted
_SHOWN_CHARACTERS = 600


def color_choices(space: Space) -> list[str]:
    """What the map can be colored by: computed values, then columns of few values, numbers and dates."""
    columns = [name for name, kind in space.kinds.items() if kind in _COLORED and name not in COMPUTED]
    return [CLUSTER, *columns, STRANGENESS, REPEATS]


def coloring(space: Space, choice: str, label: str | None = None, clusters: Clusters | None = None) -> Coloring:
    """The colors of all items for one of `color_choices`; one plain color for anything else.

    The label column is colored by its values even where these are numbers.

    clusters : the clusters as people corrected them; as computed by default
    """
    if choice == CLUSTER:
        return color_clusters(clusters or space.clusters)
    if choice == STRANGENESS:
        return color_by_number(space.outlier_scores, "strangeness", "mean cosine distance to the 10 nearest")
    if choice == REPEATS:
        return color_by_number(space.items.weights, "rows per item", "rows")
    table = space.wrapped
    kind = "category" if choice == label else space.kinds.get(choice)
    rows = space.items.first_rows
    if kind == "number":
        return color_by_number(numbers(table, choice)[rows], choice)
    if kind == "date":
        # Years with a fraction, which a legend can show as plain numbers.
        days = dates(table, choice)[rows].astype("datetime64[D]")
        years = 1970 + days.astype(np.float64) / 365.2425
        return color_by_number(np.where(np.isnat(days), np.nan, years), choice, "year")
    if kind == "category":
        return color_by_category(table.arrow.column(choice).take(rows).cast(pa.string()).to_pylist(), choice)
    return plain(len(space.items))


def color_clusters(clusters: Clusters) -> Coloring:
    """A color for each cluster, the largest first; where there are many, the smallest share the gray of "other"."""
    labels, names = clusters.labels, clusters.names
    # Two clusters may have the same name, so colors go by number and only the legend by name.
    colored = color_by_category(
        [None if label < 0 else int(label) for label in labels], CLUSTER, order=range(len(names))
    )
    own = len(names) if not colored.folded else len(colored.names) - 1
    shown = (*names[:own], *colored.names[own:])
    return Coloring(CLUSTER, "category", colored.values, shown, colored.palette, folded=colored.folded)


def group_color(colors: Coloring, cluster: int) -> str:
    """The CSS color of a cluster under `color_clusters`."""
    return colors.palette[min(cluster, len(colors.palette) - 1)] if colors.palette and cluster != NO_VALUE else OTHER


def describe(space: Space, roles: Roles) -> Callable[[int], dict[str, Any]]:
    """A function that describes one item: title, text, a few fields, a picture where there is one."""
    shown = field_columns(space, roles)[:_SHOWN_FIELDS]

    def describe_item(item: int) -> dict[str, Any]:
        row = int(space.items.first_rows[item])
        weight = int(space.items.weights[item])
        text = space.shown(np.array([item]))[0].text
        more = f" and {weight - 1} more with the same content" if weight > 1 else ""
        place, count = space.items.passage(item)
        part = f", passage {place} of {count}" if count > 1 else ""
        about: dict[str, Any] = {"title": f"Row {row:,}{part}{more}", "text": shorten(text, _SHOWN_CHARACTERS)}
        about["fields"] = [[name, shorten(cell(space, row, name), 80)] for name in shown]
        picture = picture_of(space, roles, row)
        return about | ({"image": picture} if picture else {})

    return describe_item


def field_columns(space: Space, roles: Roles) -> list[str]:
    """The columns worth showing beside an item's text: label, number and date first, no vectors, no pictures."""
    hidden = {*space.recipe.columns, *([roles.vector] if roles.vector else []), *([roles.image] if roles.image else [])}
    first = [name for name in (roles.label, roles.number, roles.date) if name]
    rest = [name for name, kind in space.kinds.items() if kind not in ("vector", "image") and name not in first]
    return [name for name in dict.fromkeys((*first, *rest)) if name not in hidden]


def cell(space: Space, row: int, column: str) -> str:
    """One cell as a person would write it; empty where missing."""
    value = space.table.column(column)[row].as_py()
    return "" if value is None else str(value)


def picture_of(space: Space, roles: Roles, row: int) -> str | None:
    """The picture of a row as a data URI, or None."""
    if roles.image is None:
        return None
    data = space.table.column(roles.image)[row].as_py()
    if not isinstance(data, bytes):
        return None
    kind = "png" if data.startswith(b"\x89PNG") else "jpeg" if data.startswith(b"\xff\xd8") else None
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}" if kind else None


def trust_sentence(kept: float, items: int) -> str:
    """How far the picture can be trusted, in one line."""
    drawn = f"Every one of {items:,} items is drawn." if items != 1 else "The one item is drawn."
    if not np.isfinite(kept) or items < 2 * K:
        return drawn  # among so few, nearly all items are neighbors
    measured = f"On this map {100 * kept:.0f} % of an item's {K} nearest neighbors are still among its {K} nearest"
    if kept < _HARDLY:
        return (
            f"{drawn} {measured}: hardly any, so read neither nearness nor distance; click a point for its true ones."
        )
    return f"{drawn} {measured}; trust who stands together more than how far groups are apart."

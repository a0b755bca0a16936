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
from explorer.table.ours import VERSION, ours
from explorer.table.roles import Roles
from explorer.table.row_names import row_name
from explorer.table.values import dates, numbers
from explorer.views.coloring import NO_VALUE, OTHER, PALETTE, Coloring, color_by_category, color_by_number, plain
from explorer.wording import Amount, capital, shorten

GROUP, OUTLIER_SCORE, REPEATS = "group", "outlier score", "rows with this content"
COMPUTED = (GROUP, OUTLIER_SCORE, REPEATS)
_BEFORE = {"cluster": GROUP, "strangeness": OUTLIER_SCORE, "rows per item": REPEATS}  # in links made by version 0.1
_COLORED = ("category", "number", "date")
_SHOWN_FIELDS = 3
_HARDLY = 0.2  # share of neighbors kept; below it, not even nearness on the map can be trusted
_SHOWN_CHARACTERS = 600


def color_choices(space: Space) -> list[str]:
    """What the map can be colored by: computed values, then columns of few values, numbers and dates."""
    return [GROUP, *_columns(space), OUTLIER_SCORE, REPEATS]


def color_in_link(space: Space, text: str) -> str | None:
    """The color that a link names, also by the name that it had before; None where there is no such color."""
    choices = color_choices(space)
    name = text if text in choices else _BEFORE.get(text)
    return name if name in choices else None


def _columns(space: Space) -> dict[str, str]:
    """The columns that can color the map, by the names of their choices: "group (column)" for a column "group"."""
    found = {}
    for column, kind in space.kinds.items():
        if kind in _COLORED:
            choice = column
            while choice in COMPUTED or (choice != column and choice in space.kinds):
                choice += " (column)"
            found[choice] = column
    return found


def coloring(
    space: Space,
    choice: str,
    label: str | None = None,
    clusters: Clusters | None = None,
    rows: np.ndarray | None = None,
) -> Coloring:
    """The colors of all m items for one of `color_choices`; one plain color for anything else.

    The label column is colored by its values even where these are numbers.

    clusters : the clusters as people corrected them; as computed by default
    rows : int array of shape (m,), a row of each item, whose cells decide; its first by default
    """
    if choice == GROUP:
        return color_clusters(clusters or space.clusters)
    if choice == OUTLIER_SCORE:
        return color_by_number(space.outlier_scores, OUTLIER_SCORE, "mean cosine distance to the 10 nearest")
    if choice == REPEATS:
        return color_by_number(space.items.weights, REPEATS, "rows")
    if choice not in _columns(space):
        return plain(len(space.items))
    return coloring_of_rows(space, choice, label).at(space.items.first_rows if rows is None else rows)


def coloring_of_rows(space: Space, choice: str, label: str | None = None, clusters: Clusters | None = None) -> Coloring:
    """The same colors for all n rows of the table. Where a row has no content, its color means nothing."""
    column = _columns(space).get(choice)
    if choice == GROUP:
        clusters = clusters or space.clusters
        return color_clusters(Clusters(space.labels_of_rows(clusters.labels), clusters.names))
    if column is None:
        return coloring(space, choice).at(np.maximum(space.item_of_row, 0))
    table, kind = space.wrapped, "category" if column == label else space.kinds[column]
    if kind == "number":
        return color_by_number(numbers(table, column), choice)
    if kind == "date":
        # Years with a fraction, which a legend can show as plain numbers.
        days = dates(table, column).astype("datetime64[D]")
        years = 1970 + days.astype(np.float64) / 365.2425
        return color_by_number(np.where(np.isnat(days), np.nan, years), choice, "year")
    return color_by_category(table.arrow.column(column).cast(pa.string()).to_pylist(), choice)


def color_clusters(clusters: Clusters) -> Coloring:
    """A color for each cluster, the largest first; where there are many, the smallest share the gray of "other"."""
    labels, names, count = clusters.labels, clusters.names, len(clusters)
    own = count if count <= len(PALETTE) else len(PALETTE) - 1
    codes = np.where(labels < 0, NO_VALUE, np.minimum(labels, own)).astype(np.uint16)
    other = (f"other ({count - own:,} groups)",) if own < count else ()
    palette = (*PALETTE[:own], *(OTHER for _ in other))
    return Coloring(GROUP, "category", codes, (*names[:own], *other), palette, folded=count - own)


def group_color(colors: Coloring, cluster: int) -> str:
    """The CSS color of a cluster under `color_clusters`."""
    return colors.palette[min(cluster, len(colors.palette) - 1)] if colors.palette and cluster != NO_VALUE else OTHER


def describe(space: Space, roles: Roles, links: np.ndarray | None = None) -> Callable[[int], dict[str, Any]]:
    """A function that describes one item: title, text, a few fields, a picture where there is one.

    links : int array of shape (m,), the link of each item whose row is shown; its first by default
    """
    shown = field_columns(space, roles)[:_SHOWN_FIELDS]
    links = space.items.first_links if links is None else links

    def describe_item(item: int) -> dict[str, Any]:
        link = int(links[item])
        row = int(space.links[link, 0])
        weight = int(space.items.weights[item])
        text = space.shown(np.array([item]))[0].text
        name = row_name(space.table, roles, row)
        place, count = space.items.passage_of(link)
        part = f", passage {place} of {count}" if count > 1 else ""
        more = f" and {weight - 1} more with the same content" if weight > 1 else ""
        title = f"{capital(name)}{part}{more}"
        about: dict[str, Any] = {"title": title, "text": shorten(text, _SHOWN_CHARACTERS)}
        about["fields"] = [[column, shorten(cell(space, row, column), 80)] for column in shown]
        picture = picture_of(space, roles, row)
        return about | ({"image": picture} if picture else {})

    return describe_item


def field_columns(space: Space, roles: Roles) -> list[str]:
    """The columns worth showing beside an item's text: label, number and date first, no vectors, no pictures, none that
    an export added."""
    hidden = {*space.recipe.columns, *([roles.vector] if roles.vector else []), *([roles.image] if roles.image else [])}
    first = [name for name in (roles.label, roles.number, roles.date) if name]
    made = ours(space.table.column_names) - {VERSION}
    rest = [name for name, kind in space.kinds.items() if kind not in ("vector", "image") and name not in made]
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


def amount_drawn(space: Space) -> Amount:
    """How many rows are on the map, and how many of them are distinct."""
    rows = len(np.unique(space.links[:, 0]))
    return Amount(rows, rows - space.items.repeated_rows)


def trust_sentence(kept: float, drawn: Amount, skipped: int = 0) -> str:
    """How far the picture can be trusted, in one line.

    kept : the share of an item's K nearest neighbors that are among its K nearest on the map
    skipped : rows that hold nothing to embed
    """
    if drawn.rows + skipped == 1:
        return "The one row is drawn."
    all_of_them = f"Every one of {drawn.rows:,} rows is drawn{drawn.distinct_ones}."
    if skipped:
        some = f"{drawn.rows:,} of {drawn.rows + skipped:,} rows are drawn{drawn.distinct_ones}"
        all_of_them = f"{some}; the others hold no content."
    if not np.isfinite(kept) or drawn.distinct < 2 * K:
        return all_of_them  # among so few, nearly all are neighbors
    measured = f"{100 * kept:.0f} % of a point's {K} nearest neighbors are also nearest on the map"
    if kept < _HARDLY:
        return f"{all_of_them} Only {measured}: trust neither closeness nor distance, click a point for its neighbors."
    return f"{all_of_them} {measured}. Trust closeness, not distances between groups."

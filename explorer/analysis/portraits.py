"""A cluster described: what is common in it, its mean, its rows over time, its typical items and those at its edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from explorer.geometry.clusters import Clusters
from explorer.geometry.vectors import nearest_to_mean
from explorer.table.categories import coded
from explorer.table.values import dates, numbers
from explorer.wording import one_line, shorten

if TYPE_CHECKING:
    from explorer.space import Space

QUOTES = 3
QUOTED = 220  # characters
NEAR = 15  # neighbors whose clusters are counted
PERIODS = 12  # bars of a small picture of a column over time
NEAR_DUPLICATE = 0.85  # cosine similarity from which two items say the same thing
LEAST_RISE = 0.1  # in share, from which a value is said to be common in a cluster
_TYPICAL_SHARE = 0.5  # of a cluster's items, those nearest to its mean: quotes are taken from them


@dataclass(frozen=True)
class Quote:
    """A row's own words, shortened. row : from 0."""

    row: int
    text: str


@dataclass(frozen=True)
class Common:
    """A value that is more common in a cluster than among all rows; both shares are of rows that have a value."""

    column: str
    value: str
    share: float
    overall: float


@dataclass(frozen=True, eq=False)
class OverTime:
    """Rows over time, in `PERIODS` periods of equal length.

    Attributes
    ----------
    counts : (clusters, PERIODS) int64
    first, last : the first date and the last
    """

    counts: np.ndarray
    first: np.datetime64
    last: np.datetime64


def clusters_of_rows(space: Space, clusters: Clusters) -> np.ndarray:
    """The cluster of each row, the one that most of its text is in; -1 where it is in none: (n,) int32."""
    return space.labels_of_rows(clusters.labels)


def quotes(space: Space, clusters: Clusters, cluster: int, lit: np.ndarray | None = None) -> tuple[Quote, ...]:
    """Up to `QUOTES` quotes of a cluster, of different rows: the item nearest to its mean, then those of its nearer
    half that are farthest from the ones taken (Gonzalez 1985). Empty where the rows have no text.

    lit : bool array of shape (m,), the items to choose from; all by default
    """
    mine = typical(space, clusters, cluster, lit)
    mine = mine[: max(int(np.ceil(len(mine) * _TYPICAL_SHARE)), min(QUOTES, len(mine)))][:2000]
    unit, rows = space.unit[mine], space.items.first_rows[mine]
    taken: list[int] = []
    nearest = np.full(len(mine), -np.inf)
    while len(taken) < QUOTES and (nearest < np.inf).any():
        taken.append(0 if not taken else int(np.argmin(nearest)))
        nearest = np.maximum(nearest, unit @ unit[taken[-1]])
        nearest[rows == rows[taken[-1]]] = np.inf
    return quoted(space, mine[taken])


def quoted(space: Space, items: np.ndarray) -> tuple[Quote, ...]:
    """The texts of items, shortened to `QUOTED` characters, with the first row of each; empty where there are none.

    items : int array of shape (r,)
    """
    rows, shown = space.items.first_rows[items], space.shown(items)
    return tuple(
        Quote(int(row), shorten(one_line(item.text), QUOTED, sentences=True))
        for row, item in zip(rows, shown, strict=True)
        if item.text
    )


def typical(space: Space, clusters: Clusters, cluster: int, lit: np.ndarray | None = None) -> np.ndarray:
    """The items of a cluster, those nearest to the mean of all its items first: int64 of shape (r,).

    lit : bool array of shape (m,), the items to choose from; all by default
    """
    mine = nearest_to_mean(space.unit, np.flatnonzero(clusters.labels == cluster))
    return mine if lit is None else mine[lit[mine]]


def apart(space: Space, items: np.ndarray, count: int) -> np.ndarray:
    """The first `count` of some items that are of different rows and not near-duplicates of each other: int64 of shape
    (count,) or shorter.

    items : int array of shape (r,); only the first 200 are compared
    """
    items = first_of_rows(space, items)
    taken: list[int] = []
    for item in items[:200].tolist():
        if not taken or (space.unit[taken] @ space.unit[item]).max() < NEAR_DUPLICATE:
            taken.append(item)
        if len(taken) == count:
            break
    return np.array(taken, np.int64)


def first_of_rows(space: Space, items: np.ndarray) -> np.ndarray:
    """Some items in their order, of several that stand first in the same row only the first: int64."""
    return items[np.sort(np.unique(space.items.first_rows[items], return_index=True)[1])]


def typical_rows(space: Space, clusters: Clusters, group: int, count: int, lit: np.ndarray | None = None) -> np.ndarray:
    """The items that stand for a group: those nearest to its mean, of different rows, and of running text no two that
    say nearly the same: int64 of shape (count,), fewer where there are not so many.

    lit : bool array of shape (m,), the items to choose from; all by default
    """
    mine = typical(space, clusters, group, lit)
    if len(mine) and space.shown(mine[:1])[0].text:
        return apart(space, mine, count)
    return first_of_rows(space, mine)[:count]


def foreign(space: Space, clusters: Clusters) -> np.ndarray:
    """How many of each item's `NEAR` nearest neighbors are in other clusters: (m,) int64."""
    near = space.neighbors.indices[:, :NEAR]
    return (clusters.labels[near] != clusters.labels[:, None]).sum(axis=1)


def edge(
    space: Space, clusters: Clusters, cluster: int, outside: np.ndarray, lit: np.ndarray | None = None
) -> np.ndarray:
    """The items of a cluster, those with most neighbors in other clusters first, then those farthest from its mean.

    outside : int64 array of shape (m,), the result of `foreign`
    lit : bool array of shape (m,), the items to choose from; all by default
    """
    mine = typical(space, clusters, cluster, lit)[::-1]
    return mine[np.argsort(-outside[mine], kind="stable")]


def common_values(space: Space, rows: np.ndarray, among: np.ndarray, columns: Sequence[str]) -> tuple[Common, ...]:
    """Of each column the value whose share in some rows is farthest above its share among others, the farthest first;
    only those that at least two rows have and that are `LEAST_RISE` above.

    rows : int array, the rows of a cluster
    among : int array, the rows they are compared with
    """
    found = []
    for column in columns:
        values = space.table.column(column)
        if pa.types.is_nested(values.type) or pa.types.is_binary(values.type):
            continue
        codes, held = coded(space.table, column)
        inside, overall = (_tally(codes[chosen], len(held)) for chosen in (rows, among))
        if not inside.sum():
            continue
        share, usual = inside / inside.sum(), overall / max(overall.sum(), 1)
        top = int(np.argmax(share - usual))
        if inside[top] > 1 and share[top] - usual[top] >= LEAST_RISE:
            found.append(Common(column, held[top], float(share[top]), float(usual[top])))
    return tuple(sorted(found, key=lambda each: each.overall - each.share))


def _tally(codes: np.ndarray, count: int) -> np.ndarray:
    return np.bincount(codes[codes >= 0], minlength=count)


def over_time(space: Space, clusters: Clusters, period: str, rows: np.ndarray | None = None) -> OverTime | None:
    """Rows of each cluster from the first date to the last; None where there are fewer than two dates.

    period : a column of dates
    rows : bool array of shape (n,), the rows to count; all by default
    """
    moments = dates(space.wrapped, period).astype("datetime64[s]")
    cluster = clusters_of_rows(space, clusters)
    used = (cluster >= 0) & ~np.isnat(moments)
    if rows is not None:
        used &= rows
    if not used.any() or moments[used].min() == moments[used].max():
        return None
    first, last = moments[used].min(), moments[used].max()
    place = (moments[used] - first).astype(np.int64) * PERIODS // ((last - first).astype(np.int64) + 1)
    counts = np.zeros((len(clusters), PERIODS), np.int64)
    np.add.at(counts, (cluster[used], place), 1)
    return OverTime(counts, first, last)


def means(space: Space, clusters: Clusters, column: str, rows: np.ndarray | None = None) -> np.ndarray:
    """The mean of a number column over the rows of each cluster: float64 (clusters,), NaN where no row has one.

    rows : bool array of shape (n,), the rows to count; all by default
    """
    cluster = clusters_of_rows(space, clusters)
    if rows is not None:
        cluster = np.where(rows, cluster, -1)
    return means_of(numbers(space.wrapped, column), cluster, len(clusters))


def means_of(values: np.ndarray, cluster: np.ndarray, count: int) -> np.ndarray:
    """The mean of the values of each cluster: float64 of shape (count,), NaN for a cluster without values.

    values : float array of shape (n,), NaN where missing
    cluster : int array of shape (n,), negative for none
    """
    used = (cluster >= 0) & ~np.isnan(values)
    many = np.bincount(cluster[used], minlength=count)
    with np.errstate(invalid="ignore"):
        return np.bincount(cluster[used], values[used], minlength=count) / many

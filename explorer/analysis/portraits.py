"""A group described: its rows, its mean, its course over time, its typical members and those at its edge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.geometry.clusters import Clusters
from explorer.geometry.vectors import nearest_to_mean
from explorer.table.values import dates, numbers
from explorer.wording import one_line, shorten

if TYPE_CHECKING:
    from explorer.space import Space

QUOTES = 3
QUOTED = 220  # characters
NEAR = 15  # neighbors asked which group they are in
PERIODS = 12  # bars of a small picture of a column over time
NEAR_DUPLICATE = 0.85  # cosine similarity from which two items say the same thing
_TYPICAL_SHARE = 0.5  # of a group, the nearer to its middle: quotes come from there


@dataclass(frozen=True)
class Quote:
    """A row's own words, shortened. row : from 0."""

    row: int
    text: str


def clusters_of_rows(space: Space, clusters: Clusters) -> np.ndarray:
    """The cluster of each row, the one that most of its text is in; -1 where it is in none: (n,) int32."""
    return space.labels_of_rows(clusters.labels)


def quotes(space: Space, clusters: Clusters, group: int, lit: np.ndarray | None = None) -> tuple[Quote, ...]:
    """Up to `QUOTES` items' own words, of different rows: the one nearest to the group's mean, then those of its nearer
    half that are farthest from the ones taken (Gonzalez 1985). Empty where the rows have no text.

    lit : bool array of shape (m,), the items to choose from; all by default
    """
    mine = typical(space, clusters, group, lit)
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
    """What these items say, with the first row of each; empty where they have no running text.

    items : int array of shape (r,); their texts are shortened to `QUOTED` characters
    """
    rows, shown = space.items.first_rows[items], space.shown(items)
    return tuple(
        Quote(int(row), shorten(one_line(say.text), QUOTED, sentences=True))
        for row, say in zip(rows, shown, strict=True)
        if say.text
    )


def typical(space: Space, clusters: Clusters, group: int, lit: np.ndarray | None = None) -> np.ndarray:
    """The items of a group, those nearest to the mean of all of it first: int64 of shape (r,).

    lit : bool array of shape (m,), the items to choose from; all by default
    """
    mine = nearest_to_mean(space.unit, np.flatnonzero(clusters.labels == group))
    return mine if lit is None else mine[lit[mine]]


def apart(space: Space, items: np.ndarray, count: int) -> np.ndarray:
    """The first `count` of some items that are of different rows and no near-duplicates of each other; fewer where
    there are not so many.

    items : int array of shape (r,), of which the first 200 are looked at; what comes back is int64 of shape (count,)
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
    """How many of each item's `NEAR` nearest neighbors are in other groups: (m,) int64."""
    near = space.neighbors.indices[:, :NEAR]
    return (clusters.labels[near] != clusters.labels[:, None]).sum(axis=1)


def edge(
    space: Space, clusters: Clusters, group: int, outside: np.ndarray, lit: np.ndarray | None = None
) -> np.ndarray:
    """The items of a group, those with most neighbors in other groups first, then those farthest from its mean.

    outside : int64 array of shape (m,), what `foreign` gave
    lit : bool array of shape (m,), the items to choose from; all by default
    """
    mine = typical(space, clusters, group, lit)[::-1]
    return mine[np.argsort(-outside[mine], kind="stable")]


def over_time(space: Space, clusters: Clusters, period: str, rows: np.ndarray | None = None) -> np.ndarray | None:
    """Rows of each group in `PERIODS` stretches of equal length from the first date to the last: (groups, PERIODS)
    int64; None where there are fewer than two dates.

    period : a column of dates
    rows : bool array of shape (n,), the rows to count; all by default
    """
    moments = dates(space.wrapped, period).astype("datetime64[s]")
    group = clusters_of_rows(space, clusters)
    used = (group >= 0) & ~np.isnat(moments)
    if rows is not None:
        used &= rows
    seconds = moments[used].astype(np.int64)
    if not len(seconds) or seconds.min() == seconds.max():
        return None
    place = (seconds - seconds.min()) * PERIODS // (seconds.max() - seconds.min() + 1)
    counts = np.zeros((len(clusters), PERIODS), np.int64)
    np.add.at(counts, (group[used], place), 1)
    return counts


def means(space: Space, clusters: Clusters, column: str, rows: np.ndarray | None = None) -> np.ndarray:
    """The mean of a number column over the rows of each group: float64 of shape (groups,), NaN where none has one.

    rows : bool array of shape (n,), the rows to count; all by default
    """
    group = clusters_of_rows(space, clusters)
    if rows is not None:
        group = np.where(rows, group, -1)
    return means_of(numbers(space.wrapped, column), group, len(clusters))


def means_of(values: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """The mean of the values of each group: float64 of shape (count,), NaN where it has none.

    values : float array of shape (n,), NaN where missing
    group : int array of shape (n,), negative for none
    """
    used = (group >= 0) & ~np.isnan(values)
    many = np.bincount(group[used], minlength=count)
    with np.errstate(invalid="ignore"):
        return np.bincount(group[used], values[used], minlength=count) / many

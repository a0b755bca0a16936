"""Clusters as people corrected them: renamed, merged and split, on top of the computed ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from explorer.geometry.clusters import Clusters, Name, Phrased, largest_first
from explorer.library.annotations import MOST_VALUE, Operation, anchors, hexes, rows_of

SAME = 0.5  # the least Jaccard overlap at which a cluster counts as the one that was annotated
MOST_PARTS = 4  # clusters that one split makes at most

Names = Callable[[np.ndarray], Sequence[Name]]
OfRows = Callable[[np.ndarray], np.ndarray]


def edited(
    clusters: Clusters,
    operations: Sequence[Operation],
    keys: np.ndarray,
    of_rows: OfRows,
    unit: np.ndarray,
    name: Names,
    of_items: OfRows | None = None,
) -> Clusters:
    """The clusters after renames, merges and splits. An operation finds its cluster again by the rows that it names.

    Parameters
    ----------
    keys : S16 array of shape (n,), row keys
    of_rows : gives the cluster of each row, int array of shape (n,), from the labels of items; -1 where a row has none
    unit : float32 array of shape (m, d), unit length
    name : gives the names of all clusters from their labels (int array of shape (m,)); for new ones that a split makes
    of_items : gives the cluster of each item, int array of shape (m,), from those of the rows; None where the clusters
        are not those of the usual settings and level, which groups that a file brought take the place of

    An operation whose cluster is not there (another model, other settings) does nothing now, and applies again when
    the cluster is back; `waiting` lists these.
    """
    return _applied(clusters, operations, keys, of_rows, unit, name, of_items)[0]


def waiting(
    clusters: Clusters,
    operations: Sequence[Operation],
    keys: np.ndarray,
    of_rows: OfRows,
    unit: np.ndarray,
    of_items: OfRows | None = None,
) -> list[Operation]:
    """The operations that `edited` cannot apply here: their cluster does not exist now. Arrays as in `edited`."""
    return _applied(clusters, operations, keys, of_rows, unit, lambda labels: (), of_items)[1]


def operation_on(
    kind: str, clusters: Clusters, chosen: Sequence[int], keys: np.ndarray, of_rows: OfRows, value: str = ""
) -> Operation:
    """The operation of this `kind` on one cluster ("rename", "split") or on several ("merge"), by their numbers.

    keys : S16 array of shape (n,), row keys
    of_rows : as in `edited`
    """
    of_row = of_rows(clusters.labels)
    rows = [np.flatnonzero(of_row == cluster) for cluster in chosen]
    (first, *others), (size, *sizes) = [anchors(keys[mine]) for mine in rows], [len(mine) for mine in rows]
    return Operation(kind, first, value[:MOST_VALUE], size, tuple(others), of=len(keys), sizes=tuple(sizes))


def groups_operation(names: Sequence[str | None], keys: np.ndarray) -> Operation:
    """The operation that makes rows of one name a cluster.

    names : of the cluster of each row, n of them; None for rows in none
    keys : S16 array of shape (n,), row keys
    """
    codes, found = pd.factorize(np.array([name or "" for name in names], object))
    rows = [hexes(keys[codes == code]) for code in range(len(found))]
    return Operation("groups", rows[0], others=tuple(rows[1:]), of=len(keys), names=tuple(found))


def _applied(
    clusters: Clusters,
    operations: Sequence[Operation],
    keys: np.ndarray,
    of_rows: OfRows,
    unit: np.ndarray,
    name: Names,
    of_items: OfRows | None,
) -> tuple[Clusters, list[Operation]]:
    labels = clusters.labels.copy()
    # None: to be named by its words, after all operations
    names: list[Name | None] = [Name(text, (), said) for text, said in zip(clusters.names, clusters.said, strict=True)]
    lost = []
    for operation in operations:
        if operation.kind == "groups":
            if of_items is None:
                lost.append(operation)
            else:
                labels, names = _as_in_the_file(labels, names, operation, keys, of_items)
            continue
        sizes = operation.sizes or (0,) * len(operation.others)
        targets = [(operation.rows, operation.size), *zip(operation.others, sizes, strict=False)]
        found = [_same_cluster(labels, rows, size, operation.of, keys, of_rows) for rows, size in targets]
        here = sorted({cluster for cluster in found if cluster is not None})
        if not here or None in found or (operation.kind == "merge" and len(here) < 2):
            lost.append(operation)
        elif operation.kind == "rename":
            names[here[0]] = Name(operation.value, (), _said(names[here[0]]))
        elif operation.kind == "merge":
            into = found[0]
            assert into is not None
            labels[np.isin(labels, here)] = into
            names[into] = Name(operation.value) if operation.value else _alone(names[into])
        elif operation.kind == "split":
            _split(labels, names, here[0], operation.value, unit)
    if None in names:
        fresh = dict(enumerate(name(labels)))
        names = [fresh.get(cluster) if given is None else given for cluster, given in enumerate(names)]
    return _in_order(labels, [given or Name("") for given in names]), lost


def _as_in_the_file(
    labels: np.ndarray, names: list[Name | None], operation: Operation, keys: np.ndarray, of_items: OfRows
) -> tuple[np.ndarray, list[Name | None]]:
    """The clusters of the operation, then those that are left of the others.

    Items that the operation does not know, such as those of rows that a new version added, go where most of their
    cluster went.
    """
    of_row = np.full(len(keys), -1, np.int64)
    for number, rows in enumerate((operation.rows, *operation.others)):
        of_row[rows_of(keys, rows)] = number
    given, count = of_items(of_row).astype(np.int64), len(operation.names)
    for cluster in np.unique(labels[given < 0]):
        mine = (labels == cluster) & (cluster >= 0)
        went = np.bincount(given[mine & (given >= 0)], minlength=count)
        if 2 * went.sum() >= mine.sum() > 0:
            given[mine & (given < 0)] = went.argmax()
    left = np.where(labels >= 0, count + labels, -1)
    without = np.array([not given for given in operation.names])
    found = np.where(given < 0, left, np.where(without[given], -1, given))
    return found.astype(labels.dtype), [*map(Name, operation.names), *names]


def _same_cluster(
    labels: np.ndarray, anchored: Sequence[str], size: int, of: int, keys: np.ndarray, of_rows: OfRows
) -> int | None:
    """The cluster that overlaps enough with the one that these rows stand for; None where there is none.

    anchored : row keys that stand for the cluster
    size : rows it had then; 0 for as many as `anchored`
    of : rows the table had then; 0 for as many as now. Rows that were added or removed since do not count as a
        difference, as long as the cluster gained or lost its share of them.
    """
    present = rows_of(keys, anchored)
    of_row = of_rows(labels)
    held = of_row[present]
    held = held[held >= 0]
    if not len(held):
        return None
    cluster = int(np.bincount(held).argmax())
    expected = (size or len(anchored)) * (len(keys) / of if of else 1.0)
    shared = (held == cluster).sum() / len(present) * expected
    now = int((of_row == cluster).sum())
    return cluster if shared / (expected + max(now - shared, 0)) >= SAME else None


def _split(labels: np.ndarray, names: list[Name | None], found: int, value: str, unit: np.ndarray) -> None:
    from sklearn.cluster import KMeans

    mine = np.flatnonzero(labels == found)
    wanted = int(value) if value.isascii() and value.isdecimal() and len(value) < 4 else 2
    parts = min(max(wanted, 2), MOST_PARTS, len(mine))
    if parts < 2:
        return
    inside = KMeans(parts, n_init=4, random_state=0).fit_predict(unit[mine])
    labels[mine] = np.where(inside == 0, found, len(names) + inside - 1)
    names[found] = None
    names.extend([None] * (parts - 1))


def _in_order(labels: np.ndarray, names: list[Name]) -> Clusters:
    """The clusters numbered by size again, without those that a merge emptied."""
    ordered = largest_first(labels)
    found, first = np.unique(ordered, return_index=True)
    held = [int(labels[place]) for cluster, place in zip(found, first, strict=True) if cluster >= 0]
    return Clusters.named(ordered, [names[cluster] for cluster in held])


def _said(name: Name | None) -> Phrased:
    return () if name is None else name.phrases


def _alone(name: Name | None) -> Name | None:
    """A name without phrases: in how many texts of a merged cluster they stand was not counted."""
    return None if name is None else Name(str(name))

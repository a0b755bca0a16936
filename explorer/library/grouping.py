"""Clusters as people corrected them: renamed, merged and split, on top of the computed ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from explorer.geometry.clusters import Clusters, Name, Phrased, largest_first
from explorer.library.annotations import MOST_VALUE, Operation, anchors, rows_of

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
) -> Clusters:
    """The clusters after renames, merges and splits. An operation finds its cluster again by the rows that it names.

    Parameters
    ----------
    keys : S16 array of shape (n,), row keys
    of_rows : gives the cluster of each row, int array of shape (n,), from the labels of items; -1 where a row has none
    unit : float32 array of shape (m, d), unit length
    name : gives the names of all clusters from their labels (int array of shape (m,)); for new ones that a split makes

    An operation whose cluster is not there (another model, other settings) does nothing now, and applies again when
    the cluster is back; `waiting` lists these.
    """
    return _applied(clusters, operations, keys, of_rows, unit, name)[0]


def waiting(
    clusters: Clusters, operations: Sequence[Operation], keys: np.ndarray, of_rows: OfRows, unit: np.ndarray
) -> list[Operation]:
    """The operations that `edited` cannot apply here: their cluster does not exist now. Arrays as in `edited`."""
    return _applied(clusters, operations, keys, of_rows, unit, lambda labels: ())[1]


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


def _applied(
    clusters: Clusters,
    operations: Sequence[Operation],
    keys: np.ndarray,
    of_rows: OfRows,
    unit: np.ndarray,
    name: Names,
) -> tuple[Clusters, list[Operation]]:
    labels = clusters.labels.copy()
    # None: to be named by its words, after all operations
    names: list[Name | None] = [Name(text, (), said) for text, said in zip(clusters.names, clusters.said, strict=True)]
    lost = []
    for operation in operations:
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

"""Groups as people corrected them: renamed, merged and split, on top of whatever was computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from explorer.analysis.clusters import Clusters, largest_first
from explorer.data.annotations import Operation, anchors, rows_of

SAME = 0.5  # Jaccard overlap from which a group is the one that was renamed


def edited(
    clusters: Clusters,
    operations: Sequence[Operation],
    keys: np.ndarray,
    item_of_row: np.ndarray,
    unit: np.ndarray,
    name: Callable[[np.ndarray], tuple[str, ...]],
) -> Clusters:
    """The clusters after renames, merges and splits, each found again by the rows it was said of.

    Parameters
    ----------
    keys : S16 array of shape (n,), row keys
    item_of_row : int array of shape (n,), -1 where a row has no item
    unit : float32 array of shape (m, d), unit length
    name : names groups by their labels, for the new ones that a split makes

    An operation whose group is not there (another model, other settings) does nothing, and comes back with it.
    """
    labels, names = clusters.labels.copy(), list(clusters.names)
    for operation in operations:
        if operation.kind == "rename":
            found = _same_group(labels, operation, keys, item_of_row)
            if found is not None:
                names[found] = operation.value
        elif operation.kind == "merge":
            groups = [_group_of(labels, rows, keys, item_of_row) for rows in (operation.rows, *operation.others)]
            wanted = sorted({group for group in groups if group is not None})
            if groups[0] is not None and len(wanted) > 1:
                names[groups[0]] = operation.value or names[groups[0]]
                labels[np.isin(labels, wanted)] = groups[0]
        elif operation.kind == "split":
            found = _same_group(labels, operation, keys, item_of_row)
            if found is not None:
                _split(labels, names, found, int(operation.value or 2), unit, name)
    return _in_order(labels, names)


def operation_on(
    kind: str, clusters: Clusters, groups: Sequence[int], keys: np.ndarray, item_of_row: np.ndarray, value: str = ""
) -> Operation:
    """The operation that says `kind` of one group ("rename", "split") or of several ("merge")."""
    rows = [np.flatnonzero((item_of_row >= 0) & (clusters.labels[item_of_row] == group)) for group in groups]
    first, *others = [anchors(keys[mine]) for mine in rows]
    return Operation(kind, first, value, len(rows[0]), tuple(others))


def _group_of(labels: np.ndarray, rows: Sequence[str], keys: np.ndarray, item_of_row: np.ndarray) -> int | None:
    """The group that holds most of the rows, where it holds more than half of those still there."""
    items = item_of_row[rows_of(keys, rows)]
    held = labels[items[items >= 0]]
    held = held[held >= 0]
    if not len(held):
        return None
    group = int(np.bincount(held).argmax())
    return group if (held == group).mean() > 0.5 else None


def _same_group(labels: np.ndarray, operation: Operation, keys: np.ndarray, item_of_row: np.ndarray) -> int | None:
    """The group that overlaps enough with the one the operation was said of, or None."""
    group = _group_of(labels, operation.rows, keys, item_of_row)
    if group is None:
        return None
    rows = rows_of(keys, operation.rows)
    items = item_of_row[rows]
    share = float((labels[items[items >= 0]] == group).sum()) / len(operation.rows)
    shared = share * operation.size
    now = int(((item_of_row >= 0) & (labels[np.maximum(item_of_row, 0)] == group)).sum())
    return group if shared / max(operation.size + now - shared, 1) >= SAME else None


def _split(labels: np.ndarray, names: list[str], found: int, parts: int, unit: np.ndarray, name: Callable) -> None:
    from sklearn.cluster import KMeans

    mine = np.flatnonzero(labels == found)
    parts = min(parts, len(mine))
    if parts < 2:
        return
    inside = KMeans(parts, n_init=4, random_state=0).fit_predict(unit[mine])
    labels[mine] = np.where(inside == 0, found, len(names) + inside - 1)
    names.extend([""] * (parts - 1))
    fresh = name(labels)
    for group in (found, *range(len(names) - parts + 1, len(names))):
        names[group] = fresh[group]


def _in_order(labels: np.ndarray, names: list[str]) -> Clusters:
    """Numbered by size again; groups that a merge emptied are gone."""
    ordered = largest_first(labels)
    kept = [
        names[int(labels[np.flatnonzero(ordered == group)[0]])] for group in range(int(ordered.max(initial=-1)) + 1)
    ]
    return Clusters(ordered, tuple(kept))

"""How far clusters agree with a column that somebody filled in: one number, and a table of counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST_VALUES = 200  # distinct values of a column; a column with more names rows rather than kinds of rows


@dataclass(frozen=True, eq=False)
class Agreement:
    """Clusters compared with the values of a column.

    Attributes
    ----------
    ami : adjusted mutual information: 0 where clusters and values agree only by chance, 1 where they are the
        same partition, slightly negative at worst; NaN where there are fewer than two clusters or two values
    counts : int64 array of shape (clusters, values), the rows that are in both
    values : the column's values, the commonest first
    left_out : rows asked for that have no value, or are in no cluster
    """

    ami: float
    counts: np.ndarray
    values: tuple[str, ...]
    left_out: int

    @property
    def rows(self) -> int:
        """Rows compared."""
        return int(self.counts.sum())


def agreement(
    clusters: np.ndarray, values: Sequence[str | None], count: int, rows: np.ndarray | None = None
) -> Agreement:
    """Compare clusters with a column's values, row by row.

    Vinh, Epps and Bailey 2010 (scikit-learn, arithmetic mean of the entropies).

    Parameters
    ----------
    clusters : int array of shape (n,), the cluster of each row, negative for none
    values : n cells, None where missing
    count : how many clusters there are
    rows : bool array of shape (n,), the rows to compare; all by default

    Raises
    ------
    ValueError : where the column has more than `MOST_VALUES` distinct values
    """
    filled = np.array([value is not None for value in values], bool)
    asked = np.ones(len(filled), bool) if rows is None else rows
    both = asked & (np.asarray(clusters) >= 0) & filled
    held = np.array([str(value) for value, used in zip(values, both, strict=True) if used], dtype=str)
    names, code = np.unique(held, return_inverse=True)
    if len(names) > MOST_VALUES:
        raise ValueError(f"{len(names):,} distinct values: at most {MOST_VALUES} can be compared with groups")
    mine = np.asarray(clusters)[both]
    order = np.argsort(-np.bincount(code, minlength=len(names)), kind="stable")
    rank = np.empty(len(names), np.int64)
    rank[order] = np.arange(len(names))
    code = rank[code] if len(names) else code
    counts = np.zeros((count, len(names)), np.int64)
    np.add.at(counts, (mine, code), 1)
    return Agreement(_ami(mine, code), counts, tuple(names[order].tolist()), int((asked & ~both).sum()))


def _ami(one: np.ndarray, other: np.ndarray) -> float:
    if len(one) < 2 or (one == one[0]).all() or (other == other[0]).all():
        return float("nan")
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(other, one))


def diagonal(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """An order of clusters and of values in which large counts lie on the diagonal; lines of zeros are left out.

    Each cluster gets at most one value and each value one cluster, so that the values' shares of their clusters sum to
    the most (the assignment problem, solved by scipy). The pairs come in the order of their clusters' size, and each
    other line or column stands after the pair that holds most of it.

    counts : int array of shape (clusters, values)

    Returns
    -------
    clusters, values : int64 arrays, the places of lines and of columns in that order
    """
    from scipy.optimize import linear_sum_assignment

    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    weight = share + 1e-3 * counts / max(int(counts.sum()), 1)  # of equal shares, the larger cluster's
    pairs = [
        (line, column) for line, column in zip(*linear_sum_assignment(-weight), strict=True) if counts[line, column]
    ]
    pairs.sort(key=lambda pair: (-counts[pair[0]].sum(), pair))
    lines, columns = [line for line, _ in pairs], [column for _, column in pairs]
    return _with_rest(lines, columns, share), _with_rest(columns, lines, counts.T)


def _with_rest(taken: list[int], partners: list[int], strength: np.ndarray) -> np.ndarray:
    """The lines of a table that are taken, each followed by the others that its partner is the main one of.

    strength : of shape (lines, columns), how strongly a line is tied to a column
    """
    after: dict[int, list[int]] = {}
    for line in np.setdiff1d(np.flatnonzero(strength.any(axis=1)), taken).tolist():
        among = strength[line, partners]
        after.setdefault(int(np.argmax(among)), []).append(line)
    return np.array([
        line
        for place, first in enumerate(taken)
        for line in (first, *sorted(after.get(place, []), key=lambda line: -strength[line, partners[place]]))
    ], np.int64)  # fmt: skip

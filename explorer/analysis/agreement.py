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
    left_out : rows without a value, or in no cluster
    """

    ami: float
    counts: np.ndarray
    values: tuple[str, ...]
    left_out: int

    @property
    def rows(self) -> int:
        """Rows compared."""
        return int(self.counts.sum())


def agreement(clusters: np.ndarray, values: Sequence[str | None], count: int) -> Agreement:
    """Compare clusters with a column's values, row by row.

    Vinh, Epps and Bailey 2010 (scikit-learn, arithmetic mean of the entropies).

    Parameters
    ----------
    clusters : int array of shape (n,), the cluster of each row, negative for none
    values : n cells, None where missing
    count : how many clusters there are

    Raises
    ------
    ValueError : where the column has more than `MOST_VALUES` distinct values
    """
    filled = np.array([value is not None for value in values], bool)
    both = (np.asarray(clusters) >= 0) & filled
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
    return Agreement(_ami(mine, code), counts, tuple(names[order].tolist()), int((~both).sum()))


def _ami(one: np.ndarray, other: np.ndarray) -> float:
    if len(one) < 2 or (one == one[0]).all() or (other == other[0]).all():
        return float("nan")
    from sklearn.metrics import adjusted_mutual_info_score

    return float(adjusted_mutual_info_score(other, one))

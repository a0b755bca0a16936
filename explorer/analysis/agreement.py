"""How far groups agree with a column that somebody filled in: one number, and the table of who meets whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST_VALUES = 200  # distinct ones of a column; above it, it names rows rather than kinds of rows


@dataclass(frozen=True, eq=False)
class Agreement:
    """Groups against the values of a column.

    Attributes
    ----------
    ami : adjusted mutual information: 0 where groups and values meet as by chance, 1 where they are the same
        partition, slightly negative at worst; NaN where there are fewer than two groups or two values
    counts : int64 array of shape (groups, values), the rows that are in both
    values : the column's values, the commonest first
    left_out : rows without a value, or in no group
    """

    ami: float
    counts: np.ndarray
    values: tuple[str, ...]
    left_out: int

    @property
    def rows(self) -> int:
        """Rows compared."""
        return int(self.counts.sum())


def agreement(groups: np.ndarray, values: Sequence[str | None], count: int) -> Agreement:
    """Compare groups with a column's values, row by row.

    Vinh, Epps and Bailey 2010 (scikit-learn, arithmetic mean of the entropies).

    Parameters
    ----------
    groups : int array of shape (n,), the group of each row, negative for none
    values : n cells, None where missing
    count : how many groups there are

    Raises
    ------
    ValueError : where the column has more than `MOST_VALUES` distinct values
    """
    filled = np.array([value is not None for value in values], bool)
    both = (np.asarray(groups) >= 0) & filled
    held = np.array([str(value) for value, used in zip(values, both, strict=True) if used], dtype=str)
    names, code = np.unique(held, return_inverse=True)
    if len(names) > MOST_VALUES:
        raise ValueError(f"{len(names):,} distinct values: at most {MOST_VALUES} can be compared with groups")
    mine = np.asarray(groups)[both]
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

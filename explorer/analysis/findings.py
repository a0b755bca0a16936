"""What was found in a dataset, in a handful of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.geometry.vectors import nearest_to_mean

if TYPE_CHECKING:
    from explorer.space import Space


@dataclass(frozen=True)
class Findings:
    """Counts over one space.

    Attributes
    ----------
    rows, items : rows of the table, and distinct contents among those shown
    groups : clusters
    strange : rows with a possible outlier; 0 where the scores leave no gap
    repeated : rows with the same content as an earlier row
    cut : items longer than the model reads
    skipped : rows without content, which have no item
    """

    rows: int
    items: int
    groups: int
    strange: int
    repeated: int
    cut: int
    skipped: int


def findings(space: Space) -> Findings:
    """The counts of a space whose stages are all built."""
    items = space.items
    return Findings(
        rows=space.table.num_rows,
        items=len(items),
        groups=len(space.clusters),
        strange=len(items.rows_of(np.flatnonzero(space.strange))),
        repeated=items.repeated_rows,
        cut=items.distinct(space.truncated),
        skipped=len(items.skipped),
    )


def typical_first(space: Space, items: np.ndarray) -> np.ndarray:
    """Items, an int array of shape (r,), sorted by how near they are to the mean of them all, nearest first."""
    return nearest_to_mean(space.unit, items)

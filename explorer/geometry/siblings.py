"""Items of one row, such as passages of one text: they must not be each other's neighbors."""

from __future__ import annotations

import numpy as np
from scipy import sparse


class Siblings:
    """Which items share a row.

    Parameters
    ----------
    links : int array of shape (p, 2), pairs (row, item)
    count : how many items there are
    """

    def __init__(self, links: np.ndarray, count: int):
        links = np.unique(np.asarray(links), axis=0)
        rows = int(links[:, 0].max(initial=-1)) + 1
        ones = np.ones(len(links), np.float32)
        held = sparse.csr_array((ones, (links[:, 1], links[:, 0])), shape=(count, rows))
        alone = np.asarray(held.sum(axis=0)).ravel() < 2  # a row of one item has no siblings
        self._held = (held @ sparse.diags_array(~alone * np.float32(1))).tocsr()
        self._held.eliminate_zeros()
        self._items = self._held.T.tocsr()

    def pairs(self, items: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """All items that share a row with some items, these included: int arrays (place in `items`, other item)."""
        shared = (self._held[items] @ self._items).tocoo()
        return shared.row, shared.col

    def among(self, items: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Which of the others, int of shape (len(items), k), share a row with their item: bool of that shape."""
        place, sibling = self.pairs(items)
        count = np.int64(self._held.shape[0])
        known = np.unique(place.astype(np.int64) * count + sibling)
        asked = np.arange(len(items), dtype=np.int64)[:, None] * count + others
        return np.isin(asked, known)

    def most(self) -> int:
        """The largest number of siblings that an item has."""
        most = 0
        for start in range(0, self._held.shape[0], 8_192):
            items = np.arange(start, min(start + 8_192, self._held.shape[0]))
            place, _ = self.pairs(items)
            most = max(most, int(np.bincount(place, minlength=1).max(initial=1)) - 1)
        return most

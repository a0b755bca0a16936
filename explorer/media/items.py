"""Rows and items. A row is a line of the user's table; an item is a distinct content, embedded once.

Three rows with the text "ok" are one item of weight 3; otherwise they would fill each other's neighbor lists. A row may
hold several items, the passages of a long text. Rows without content stay in the table and have no item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from explorer.errors import BadInput


@dataclass(frozen=True, eq=False)
class Items:
    """The distinct contents of a table's rows.

    Attributes
    ----------
    links : int32 array of shape (p, 2), pairs (row, item), in row order
    digests : S16 array of shape (m,), one content digest an item
    skipped : tuple of (row, reason) for rows that have no item
    spans : int32 array of shape (p, 2), where each link's content begins and ends in the row's text, in characters;
        None where every content is a whole text
    """

    links: np.ndarray
    digests: np.ndarray
    skipped: tuple[tuple[int, str], ...]
    spans: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.digests)

    @cached_property
    def weights(self) -> np.ndarray:
        """How many rows hold each item's content: (m,) int64."""
        return np.bincount(self.links[self._once, 1], minlength=len(self))

    @cached_property
    def first_links(self) -> np.ndarray:
        """The first link of each item, in row order: (m,) int64. Items are numbered in this order."""
        first = np.zeros(len(self), np.int64)
        first[self.links[::-1, 1]] = np.arange(len(self.links))[::-1]
        return first

    @cached_property
    def first_rows(self) -> np.ndarray:
        """The first row of each item: (m,) int64."""
        return self.links[self.first_links, 0].astype(np.int64)

    @cached_property
    def several(self) -> bool:
        """Whether any row holds more than one item."""
        return bool((np.diff(self.links[:, 0]) == 0).any())

    def of_rows(self, rows: np.ndarray) -> np.ndarray:
        """All items of some rows, an int array: int32 of shape (r,), ascending."""
        return np.unique(self.links[np.isin(self.links[:, 0], rows), 1])

    def with_rows(self, rows: np.ndarray) -> np.ndarray:
        """Which items have one of some rows: bool (m,).

        rows : bool array of shape (n,)
        """
        found = np.zeros(len(self), bool)
        found[self.links[rows[self.links[:, 0]], 1]] = True
        return found

    def rows_of(self, items: np.ndarray) -> np.ndarray:
        """All rows that hold one of some items, an int array: int32 of shape (r,), ascending."""
        return np.unique(self.links[np.isin(self.links[:, 1], items), 0])

    def passage(self, item: int) -> tuple[int, int]:
        """The number of an item among the passages of its first row, from 1, and how many passages the row has."""
        return self.passage_of(int(self.first_links[item]))

    def passage_of(self, link: int) -> tuple[int, int]:
        """The number of a link among those of its row, from 1, and how many the row has."""
        row = self.links[link, 0]
        first, last = np.searchsorted(self.links[:, 0], [row, row + 1])
        return link - int(first) + 1, int(last - first)

    def best_of_rows(self, ranking: np.ndarray, k: int) -> np.ndarray:
        """The first k items of a ranking, without items whose rows all have a better one: int of shape (k,) or shorter.

        ranking : int array of shape (r,), items, best first
        """
        if not self.several:
            return ranking[:k]
        order = np.argsort(self.links[:, 1], kind="stable")
        starts = np.searchsorted(self.links[order, 1], np.arange(len(self) + 1))
        rows = self.links[order, 0]
        seen: set[int] = set()
        best: list[int] = []
        for item in ranking.tolist():
            mine = rows[starts[item] : starts[item + 1]].tolist()
            if not seen.issuperset(mine):
                best.append(item)
                seen.update(mine)
                if len(best) == k:
                    break
        return np.array(best, ranking.dtype)

    def distinct(self, chosen: np.ndarray) -> int:
        """How many items are chosen; where rows hold several items, how many rows hold a chosen one.

        chosen : bool array of shape (m,)
        """
        return len(self.rows_of(np.flatnonzero(chosen))) if self.several else int(chosen.sum())

    @cached_property
    def repeated_rows(self) -> int:
        """How many rows have the same content as an earlier row."""
        if not self.several:
            return int((self.weights - 1).sum())
        rows, starts = np.unique(self.links[:, 0], return_index=True)
        held = [part.tobytes() for part in np.split(self.links[:, 1], starts[1:])]
        return len(rows) - len(set(held))

    def labels_from_rows(self, labels: np.ndarray) -> np.ndarray:
        """The label of each item, that of its first row which has one; -1 without: int32 (m,).

        labels : int array of shape (n,), the rows' labels
        """
        found = np.full(len(self), -1, np.int32)
        rows, items = self.links[::-1].T
        held = labels[rows] >= 0
        found[items[held]] = labels[rows[held]]
        return found

    def labels_of_rows(self, labels: np.ndarray, count: int) -> np.ndarray:
        """The label of each of `count` rows: its item's, or that of most of its text; -1 without one: int32 (count,).

        labels : int array of shape (m,), the items' labels
        """
        found = np.full(count, -1, np.int32)
        if not len(labels):
            return found
        rows, of_link = self.links[:, 0], labels[self.links[:, 1]]
        if not self.several:
            found[rows] = of_link
            return found
        length = np.ones(len(rows)) if self.spans is None else np.diff(self.spans, axis=1).ravel() + 1e-9
        pairs, place = np.unique(np.column_stack([rows, of_link]), axis=0, return_inverse=True)
        amount = np.bincount(place.ravel(), length)
        order = np.lexsort((amount, pairs[:, 0]))  # the largest amount of each row comes last, and is kept
        found[pairs[order, 0]] = pairs[order, 1]
        return found

    def means_of_rows(self, values: np.ndarray, count: int) -> np.ndarray:
        """For each of `count` rows, the mean of its items' values, weighted by their lengths: float64 of shape (count,)
        or (count, c), NaN without an item.

        values : float array of shape (m,) or (m, c)
        """
        rows, of_link = self.links[:, 0], values[self.links[:, 1]].astype(np.float64)
        length = np.ones(len(rows)) if self.spans is None else np.diff(self.spans, axis=1).ravel().astype(float)
        total = np.bincount(rows, length, minlength=count)
        columns = of_link.reshape(len(rows), -1).T
        with np.errstate(invalid="ignore"):
            means = np.stack([np.bincount(rows, length * column, minlength=count) / total for column in columns])
        return means.T.reshape(count, *values.shape[1:])

    @property
    def _once(self) -> np.ndarray | slice:
        """The links, without those to a content that the same row holds already."""
        if not self.several:
            return slice(None)
        return np.unique(self.links, axis=0, return_index=True)[1]


def linked(codes: np.ndarray, digests: Sequence[bytes], reasons: np.ndarray, rows: np.ndarray | None) -> Items:
    """Items of rows that hold one content each.

    Parameters
    ----------
    codes : int array of shape (n,), the content of each row, negative where it has none
    digests : one a content
    reasons : object array of shape (n,), why a row has no content
    rows : only these row numbers; all where None

    Raises
    ------
    BadInput : where `rows` names one that the table does not have
    """
    chosen = chosen_rows(rows, len(codes))
    held = chosen[codes[chosen] >= 0]
    # Number items in the order in which they appear, since a selection may leave contents out.
    item, used = pd.factorize(codes[held])
    return Items(
        links=np.column_stack([held, item]).astype(np.int32).reshape(-1, 2),
        digests=np.array([digests[code] for code in used], dtype="S16"),
        skipped=skipped_rows(chosen[codes[chosen] < 0], reasons),
    )


def chosen_rows(rows: np.ndarray | None, count: int) -> np.ndarray:
    """The rows of a table of `count` rows that become items: int64 of shape (r,), ascending.

    Raises
    ------
    BadInput : where `rows` names one that the table does not have
    """
    if rows is None:
        return np.arange(count)
    chosen = np.unique(np.asarray(rows, np.int64))
    if len(chosen) and (chosen[0] < 0 or chosen[-1] >= count):
        raise BadInput(f"The selection names row {chosen[-1]}, but the table has {count} rows. Select again.")
    return chosen


def skipped_rows(rows: np.ndarray, reasons: np.ndarray) -> tuple[tuple[int, str], ...]:
    """Rows, an int array, each with the reason why it has no item; `reasons` as in `linked`."""
    return tuple((int(row), str(reasons[row])) for row in rows)

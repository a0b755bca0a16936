"""Rows and items. A row is a line of the user's table; an item is a distinct content, embedded once.

Three rows that say "ok" are one item of weight 3, else they would fill each other's neighbor lists.
Rows without content (empty text, missing cell, NaN or zero vector) stay in the table and have no item.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from explorer.data.table import BadInput, require_columns

_BLOCK = 65_536  # vectors looked at together


@dataclass(frozen=True, eq=False)
class Items:
    """The distinct contents of a table's rows.

    Attributes
    ----------
    links : int32 array of shape (p, 2), pairs (row, item), in row order
    digests : S16 array of shape (m,), one content digest an item
    skipped : tuple of (row, reason) for rows that have no item
    """

    links: np.ndarray
    digests: np.ndarray
    skipped: tuple[tuple[int, str], ...]

    def __len__(self) -> int:
        return len(self.digests)

    @property
    def weights(self) -> np.ndarray:
        """How many rows hold each item's content: (m,) int64."""
        return np.bincount(self.links[:, 1], minlength=len(self))

    @property
    def first_rows(self) -> np.ndarray:
        """The first row of each item: (m,) int64. Items are numbered in this order."""
        rows = np.zeros(len(self), np.int64)
        rows[self.links[::-1, 1]] = self.links[::-1, 0]
        return rows


def text_items(
    texts: Sequence[str | None],
    rows: np.ndarray | None = None,
    readable: Callable[[Sequence[str]], np.ndarray] | None = None,
    unknown: str = "",
) -> Items:
    """Items of texts, compared after surrounding space is stripped.

    Parameters
    ----------
    texts : one a row, None where missing
    rows : only these row numbers; all by default
    readable : says which texts the model can make anything of, bool of shape (n,); all by default
    unknown : the reason why the others are skipped
    """
    series = pd.Series(texts, dtype="object").str.strip()
    reasons = np.where(series.isna(), "the cell is missing", np.where(series == "", "the text is empty", ""))
    reasons = reasons.astype(object)
    codes, contents = pd.factorize(series.where(reasons == "", None), use_na_sentinel=True)
    if readable is not None and len(contents):
        unread = ~np.append(readable(list(contents)), True)[codes]  # the last one for rows without content
        reasons[unread] = unknown
        codes, contents = pd.factorize(series.where(reasons == "", None), use_na_sentinel=True)
    digests = [hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in contents]
    return _items(codes, digests, reasons, rows)


def vector_items(vectors: np.ndarray, missing: np.ndarray | None = None, rows: np.ndarray | None = None) -> Items:
    """Items of ready-made vectors of shape (n, d): equal vectors are one item."""
    missing = np.zeros(len(vectors), bool) if missing is None else missing
    finite, zero = np.zeros(len(vectors), bool), np.zeros(len(vectors), bool)
    row_digests = np.zeros(len(vectors), dtype="S16")
    for start in range(0, len(vectors), _BLOCK):
        here = slice(start, start + _BLOCK)
        block = np.ascontiguousarray(vectors[here], np.float32) + np.float32(0)  # -0.0 is 0.0, but other bytes
        finite[here], zero[here] = np.isfinite(block).all(axis=1), ~block.any(axis=1)
        row_digests[here] = [hashlib.blake2b(row.data, digest_size=16).digest() for row in block]
    reasons = np.select(
        [missing, ~finite, zero],
        ["the vector is missing", "the vector holds NaN or infinity", "the vector is all zeros"],
        "",
    )
    codes, digests = pd.factorize(pd.Series(list(row_digests), dtype="object").where(reasons == "", None))
    return _items(codes, list(digests), reasons, rows)


def joined_texts(table: pa.Table, columns: Sequence[str]) -> list[str | None]:
    """The text of each row: the cells of `columns` that hold something, a line each; None where none does.

    Raises
    ------
    BadInput : where a column is not in the table
    """
    require_columns(table, columns)
    cells = [table.column(name).cast(pa.string()).to_pylist() for name in columns]
    if len(cells) == 1:
        return cells[0]
    joined: list[str | None] = []
    for row in zip(*cells, strict=True):
        present = [cell for cell in row if cell is not None]
        joined.append("\n".join(cell.strip() for cell in present if cell.strip()) if present else None)
    return joined


def _items(codes: np.ndarray, digests: list[bytes], reasons: np.ndarray, rows: np.ndarray | None) -> Items:
    chosen = np.arange(len(codes)) if rows is None else np.unique(np.asarray(rows, np.int64))
    if len(chosen) and (chosen[0] < 0 or chosen[-1] >= len(codes)):
        raise BadInput(f"The selection names row {chosen[-1]}, but the table has {len(codes)} rows. Select again.")
    linked = chosen[codes[chosen] >= 0]
    # Renumber in order of first appearance, since a selection may leave contents out.
    item, used = pd.factorize(codes[linked])
    return Items(
        links=np.column_stack([linked, item]).astype(np.int32).reshape(-1, 2),
        digests=np.array([digests[code] for code in used], dtype="S16"),
        skipped=tuple((int(row), str(reasons[row])) for row in chosen[codes[chosen] < 0]),
    )

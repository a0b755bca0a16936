"""Columns of values that repeat, as numbers that stand for them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from explorer.errors import BadInput
from explorer.table.table import require_columns


def coded(table: pa.Table, column: str) -> tuple[np.ndarray, list[str]]:
    """The values of a column: the code of each row, int64 of shape (n,), -1 where it has none; what codes stand for.

    Raises
    ------
    BadInput : where the column is not there, or holds vectors, lists or pictures
    """
    require_columns(table, [column])
    cells = table.column(column)
    if pa.types.is_nested(cells.type) or pa.types.is_binary(cells.type):
        raise BadInput(f"Column {column!r} holds neither numbers nor words. Choose another.")
    dictionary = cells.cast(pa.string()).combine_chunks().dictionary_encode()
    return dictionary.indices.fill_null(-1).to_numpy().astype(np.int64), dictionary.dictionary.to_pylist()

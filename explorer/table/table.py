"""The table that every reader returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.errors import BadInput
from explorer.table.doubts import Doubt

if TYPE_CHECKING:
    import pandas as pd  # imported where a frame is made: a process that only reads does not need it


@dataclass(frozen=True, eq=False)
class Table:
    """A user's table as it was read.

    Attributes
    ----------
    arrow : the accepted rows. Cells of text formats are strings exactly as written, null where missing.
    rejected : (line or record number from 1, reason) of every row that could not be used. Accepted and rejected rows
        add up to the file.
    contents : the text of each rejected row, so that it can be mended; shortened where it is very long
    name : the file's name for people, such as "reviews.csv"
    digest : 32 hex digits over column names, types and cells (not over the file's bytes)
    format : a key of READERS
    encoding, delimiter, sheet, sheets : detected or given, where the format has them
    header_row : the line of the file, from 1, that holds the column names (the first one where several do); None where
        no line does, or where the format has no lines
    doubts : guesses that another reading fits nearly as well
    notes : sentences about decisions made while reading, many of them as `explorer.table.notes.Note`
    """

    arrow: pa.Table
    rejected: tuple[tuple[int, str], ...]
    name: str
    digest: str
    format: str
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    header_row: int | None = None
    doubts: tuple[Doubt, ...] = ()

    def __len__(self) -> int:
        return self.arrow.num_rows

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return self.arrow.column_names

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows as a pandas frame. Integers and booleans stay exact where cells are missing."""
        return exact_frame(self.arrow)


def exact_frame(arrow: pa.Table) -> pd.DataFrame:
    """An Arrow table as a pandas frame without loss: integers and booleans in pandas' nullable types."""
    import pandas as pd

    # pandas would turn integers with a missing cell into floats, and 2^53 + 1 into its neighbor.
    exact = {
        pa.int8(): pd.Int8Dtype(),
        pa.int16(): pd.Int16Dtype(),
        pa.int32(): pd.Int32Dtype(),
        pa.int64(): pd.Int64Dtype(),
        pa.uint8(): pd.UInt8Dtype(),
        pa.uint16(): pd.UInt16Dtype(),
        pa.uint32(): pd.UInt32Dtype(),
        pa.uint64(): pd.UInt64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
    }
    return arrow.to_pandas(types_mapper=exact.get)


def holds_text(kind: pa.DataType) -> bool:
    """Whether an Arrow type is a string type."""
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def cells_at(column: pa.ChunkedArray, places: np.ndarray) -> pa.ChunkedArray:
    """The cells at some places, int64 of shape (m,) in rising order.

    `column.take` would first copy a column of several chunks.
    """
    ends = np.cumsum([len(chunk) for chunk in column.chunks])
    found = [
        chunk.take(pa.array(here - (end - len(chunk))))
        for chunk, end, here in zip(column.chunks, ends, np.split(places, np.searchsorted(places, ends)), strict=False)
    ]
    return pa.chunked_array(found, column.type)


def string_array(values: Any) -> pa.Array:
    """Strings and None as an Arrow string column."""
    return pa.array(values, pa.string())


def vector_array(vectors: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """An array of shape (n, d) as a fixed size list column of float32.

    missing : bool array of shape (n,), rows that become null; none by default
    """
    d = vectors.shape[1]
    values = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).reshape(-1))
    mask = None if missing is None else pa.array(missing)
    # Give the type: without it, from_arrays is wrong for n = 0.
    return pa.FixedSizeListArray.from_arrays(values, type=pa.list_(pa.float32(), d), mask=mask)


def require_columns(table: pa.Table, columns: Sequence[str]) -> None:
    """Raise BadInput, with the columns that there are, where a column is not in the table."""
    absent = [name for name in columns if name not in table.column_names]
    if absent:
        raise BadInput(f"No column {absent[0]!r} here. Found: {', '.join(table.column_names)}. Name one of these.")


def column_vectors(table: pa.Table, column: str) -> tuple[np.ndarray, np.ndarray]:
    """A vector column as float32 of shape (n, d), zero where missing, and which are missing: bool of shape (n,).

    The array may share the table's memory, which is read-only.

    Raises
    ------
    BadInput : where the column is not in the table, or holds no vectors of equal length
    """
    require_columns(table, [column])
    data = table.column(column)
    if not pa.types.is_fixed_size_list(data.type):
        raise BadInput(f"Column {column!r} holds no vectors of equal length. Choose a vector column, or a text column.")
    width = data.type.list_size
    chunks = data.chunks or [pa.array([], data.type)]
    # `values` ignores slices and keeps the places of missing rows, so all rows stay in place.
    parts = [
        chunk.values.slice(chunk.offset * width, len(chunk) * width)
        .to_numpy(zero_copy_only=False)
        .astype(np.float32, copy=False)
        .reshape(len(chunk), width)
        for chunk in chunks
    ]
    vectors = parts[0] if len(parts) == 1 else np.concatenate(parts)
    missing = np.concatenate([chunk.is_null().to_numpy(zero_copy_only=False) for chunk in chunks])
    if missing.any():
        vectors = np.where(missing[:, None], np.float32(0), vectors)
    return vectors, missing

"""The table that every reader returns, and the digest that names its contents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    import pandas as pd  # loaded where a frame is made: a child that only reads need not wait for it

DIGEST_BLOCK = 65_536  # rows hashed at once; part of the digest's definition, so never change it


class BadInput(ValueError):
    """What the user gave cannot be used. Its text is the one sentence that they read."""


@dataclass
class Parsed:
    """What one reader found in the bytes; `read` turns it into a Table."""

    arrow: pa.Table
    rejected: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    contents: dict[int, str] = field(default_factory=dict)  # what the rejected rows said, by line
    format: str | None = None  # only when the contents turned out to be another format than asked for


@dataclass(frozen=True, eq=False)
class Table:
    """A user's table as it was read.

    arrow : the accepted rows. Cells of text formats are strings exactly as written, null where missing.
    rejected : (line or record number from 1, reason) of every row that could not be used. Accepted and rejected rows
        make up the file.
    contents : what each rejected row said, as it was written, so that it can be mended; shortened if huge.
    name : the file's name for people, such as "reviews.csv".
    digest : 32 hex digits over column names, types and cells (not over the file's bytes).
    format : key of READERS.
    encoding, delimiter, sheet, sheets : what was detected or asked for, where the format has such a thing.
    notes : sentences about what was decided while reading.
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

    def __len__(self) -> int:
        return self.arrow.num_rows

    @property
    def columns(self) -> list[str]:
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


def string_array(values: Any) -> pa.Array:
    """Strings and None as an Arrow string column."""
    return pa.array(values, pa.string())


def vector_array(vectors: np.ndarray, missing: np.ndarray | None = None) -> pa.Array:
    """An (n, d) array as a fixed size list column of float32; rows marked in `missing` become null."""
    d = vectors.shape[1]
    values = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).reshape(-1))
    mask = None if missing is None else pa.array(missing)
    # The type is given because from_arrays reads n = 0 wrongly without it.
    return pa.FixedSizeListArray.from_arrays(values, type=pa.list_(pa.float32(), d), mask=mask)


def require_columns(table: pa.Table, columns: Sequence[str]) -> None:
    """Raise BadInput, with what there is, where a column is not in the table."""
    absent = [name for name in columns if name not in table.column_names]
    if absent:
        raise BadInput(f"No column {absent[0]!r} here. Found: {', '.join(table.column_names)}. Name one of these.")


def column_vectors(table: pa.Table, column: str) -> tuple[np.ndarray, np.ndarray]:
    """A vector column as float32 (n, d), zero where missing, and the bool mask (n,) of missing ones.

    The array may be the table's own memory, which cannot be written to.

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
    # `values` ignores the slice and keeps the slots of missing rows, so that all rows stay in place.
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


def table_digest(arrow: pa.Table) -> str:
    """32 hex digits over names, types and cells; the same however the columns are cut into chunks."""
    digest = hashlib.blake2b(digest_size=16)
    digest.update(f"explorer-table-1 {arrow.num_columns} {arrow.num_rows}\n".encode())
    for name, column in zip(arrow.column_names, arrow.columns, strict=True):
        digest.update(f"{len(name)}:{name}:{column.type}\n".encode("utf-8", "surrogatepass"))
        for start in range(0, max(len(column), 1), DIGEST_BLOCK):
            block = pa.concat_arrays(column.slice(start, DIGEST_BLOCK).chunks) if len(column) else None
            for piece in _pieces(block):
                digest.update(len(piece).to_bytes(8, "little"))
                digest.update(piece)
    return digest.hexdigest()


def _pieces(array: pa.Array | None) -> Iterator[bytes | memoryview]:
    """The contents of an array as bytes that depend on its values only.

    Arrow's own buffers may start at an offset, hold anything under a null, and pad the validity bits:
    none of that may reach the digest.
    """
    if array is None or isinstance(array, pa.NullArray):
        return
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if isinstance(array, pa.DictionaryArray):
        array = array.dictionary_decode()
    valid = array.is_valid().to_numpy(zero_copy_only=False)
    yield np.packbits(valid).tobytes()
    kind = array.type
    if pa.types.is_fixed_size_list(kind):
        yield from _pieces(array.flatten())  # leaves nulls out and heeds the offset
    elif pa.types.is_list(kind) or pa.types.is_large_list(kind):
        yield _numbers(pc.list_value_length(array).fill_null(0).cast(pa.int64()))
        yield from _pieces(array.flatten())
    elif pa.types.is_struct(kind):
        for child in array.flatten():
            yield from _pieces(child)
    elif pa.types.is_string(kind) or pa.types.is_binary(kind):
        yield from _text_pieces(array)
    elif pa.types.is_boolean(kind):
        yield np.packbits(array.fill_null(False).to_numpy(zero_copy_only=False)).tobytes()
    elif pa.types.is_floating(kind):
        values = array.fill_null(0).to_numpy(zero_copy_only=False)
        yield np.where(np.isnan(values), np.array(np.nan, values.dtype), values).tobytes()
    elif pa.types.is_integer(kind):
        yield _numbers(array.fill_null(0))
    elif pa.types.is_large_string(kind) or pa.types.is_large_binary(kind):
        for value in array.to_pylist():
            data = value.encode() if isinstance(value, str) else value or b""
            yield data
    elif pa.types.is_temporal(kind) and kind.bit_width in (32, 64):
        yield _numbers(array.view(pa.int32() if kind.bit_width == 32 else pa.int64()).fill_null(0))
    else:  # decimals, maps and rarer types: slow, exact
        for value in array.to_pylist():
            yield repr(value).encode("utf-8", "surrogatepass")


def _text_pieces(array: pa.Array) -> Iterator[bytes | memoryview]:
    filled = array.fill_null(b"" if pa.types.is_binary(array.type) else "")
    _, offsets, data = filled.buffers()
    bounds = np.frombuffer(offsets, np.int32)[filled.offset : filled.offset + len(filled) + 1]
    yield np.diff(bounds).astype("<i4").tobytes()
    yield memoryview(data)[bounds[0] : bounds[-1]] if data is not None else b""


def _numbers(array: pa.Array) -> bytes:
    values = array.to_numpy(zero_copy_only=False)
    return values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes()

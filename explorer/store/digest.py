"""The digest that identifies the contents of a table."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

DIGEST_BLOCK = 65_536  # rows hashed at once; part of the digest's definition, so never change it


def table_digest(arrow: pa.Table) -> str:
    """32 hex digits over names, types and cells. How the columns are cut into chunks makes no difference."""
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
    """The contents of an array as bytes that depend only on its values.

    Arrow's own buffers may start at an offset, hold anything at a null, and pad the validity bits. None of that may
    change the digest.
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
        yield from _pieces(array.flatten())  # without nulls, from the offset on
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

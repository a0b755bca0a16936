"""Arrays as Arrow tables, and the seal by which a stored table is checked: its name and a digest of its rows."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.store.digest import table_digest

SCHEMA_VERSION = 1
_META = b"explorer"
_FOLDER_SEAL = "seal"


def sealed(data: pa.Table, name: str, info: dict[str, Any] | None = None) -> pa.Table:
    """The table with a seal in its metadata: its name, the digest of its rows, and its `info`."""
    return with_meta(data, {"name": name, "digest": table_digest(data), "schema": SCHEMA_VERSION, "info": info or {}})


def checked(data: pa.Table, name: str) -> pa.Table:
    """The table itself. Raises ValueError where it is not the one that was sealed under that name."""
    found = meta(data)
    if (found.get("name"), found.get("schema"), found.get("digest")) != (name, SCHEMA_VERSION, table_digest(data)):
        raise ValueError("its contents do not match its digest")
    return data


def meta(data: pa.Table) -> dict[str, Any]:
    """Our metadata of a table; empty where there is none."""
    raw = (data.schema.metadata or {}).get(_META)
    return json.loads(raw) if raw else {}


def with_meta(data: pa.Table, values: dict[str, Any]) -> pa.Table:
    """The table with these values as our metadata, instead of any others."""
    return data.replace_schema_metadata({_META: json.dumps(values, ensure_ascii=False).encode()})


def packed(data: pa.Table) -> pa.Table:
    """A user's table in a form that LanceDB stores exactly: the bytes of an Arrow stream, in a few rows.

    LanceDB treats any list as a vector: it refuses lists with NaN and casts others. It supports only some of Arrow's
    rarer types, and only some column names.
    """
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, data.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
        writer.write_table(data)
    stream = memoryview(sink.getvalue())
    pieces = [stream[start : start + _PIECE] for start in range(0, len(stream), _PIECE)]
    return pa.table({_PACKED: pa.array(pieces, pa.large_binary())})


def unpacked(data: pa.Table) -> pa.Table:
    """The table that `packed` was given. Raises an error where its bytes are damaged."""
    if data.column_names != [_PACKED]:
        return data
    with pa.ipc.open_stream(b"".join(data.column(0).to_pylist())) as reader:
        return reader.read_all()


_PACKED = "arrow stream"
_PIECE = 16 * 2**20  # bytes in one row


def seal_folder(folder: Path, name: str) -> None:
    """Seal the files of a folder, for entries that are not read as a whole, such as an index of words."""
    (folder / _FOLDER_SEAL).write_text(_folder_digest(folder, name), encoding="ascii")


def folder_is_intact(folder: Path, name: str) -> bool:
    """Whether a folder's files are the ones sealed under that name. Raises OSError where one cannot be read."""
    return (folder / _FOLDER_SEAL).read_bytes() == _folder_digest(folder, name).encode()


def _folder_digest(folder: Path, name: str) -> str:
    digest = hashlib.blake2b(f"{SCHEMA_VERSION} {name}\n".encode(), digest_size=16)
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _FOLDER_SEAL):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def to_arrow(**arrays: np.ndarray) -> pa.Table:
    """Arrays of equal length as one Arrow table; one of shape (n, d) becomes a list column of width d."""
    columns = {}
    for name, array in arrays.items():
        array = np.ascontiguousarray(array)
        if array.dtype.kind == "S":
            columns[name] = pa.FixedSizeBinaryArray.from_buffers(
                pa.binary(array.dtype.itemsize), len(array), [None, pa.py_buffer(array)]
            )
        elif array.ndim == 2 and not array.shape[1]:  # the neighbors of an item without neighbors
            columns[name] = pa.array([[]] * len(array), pa.list_(pa.from_numpy_dtype(array.dtype)))
        elif array.ndim == 2:
            columns[name] = pa.FixedSizeListArray.from_arrays(pa.array(array.ravel()), array.shape[1])
        else:
            columns[name] = pa.array(array)
    return pa.table(columns)


def to_arrays(data: pa.Table) -> dict[str, np.ndarray]:
    """The columns of `to_arrow`'s table as read-only arrays of shape (n,) or (n, d).

    float16 (as shipped) becomes float32.
    """
    arrays = {}
    for name in data.column_names:
        column = data.column(name).combine_chunks()
        if isinstance(column, pa.ChunkedArray):  # an empty table, or one too large to combine
            column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
        if pa.types.is_fixed_size_list(column.type):
            width = column.type.list_size
            array = column.flatten().to_numpy(zero_copy_only=False).reshape(-1, width)
        elif pa.types.is_list(column.type):
            array = np.zeros((len(column), 0), column.type.value_type.to_pandas_dtype())
        elif pa.types.is_fixed_size_binary(column.type):
            width = column.type.byte_width
            start = column.offset * width
            array = (
                np.frombuffer(column.buffers()[1], dtype=f"S{width}", count=len(column), offset=start)
                if len(column)
                else np.zeros(0, f"S{width}")
            )
        else:
            array = column.to_numpy(zero_copy_only=False)
        if array.dtype == np.float16:
            array = array.astype(np.float32)
        array.flags.writeable = False
        arrays[name] = array
    return arrays

"""NumPy's NPY and NPZ, whose headers are checked before they are used."""

from __future__ import annotations

import io
import math
import zipfile
from collections import Counter

import numpy as np
import pyarrow as pa

from explorer.errors import BadInput, first_line
from explorer.limits import GIB, MAX_TABLE_BYTES, MAX_VECTOR_WIDTH
from explorer.reading.archive import check_archive
from explorer.reading.options import Options, Parsed
from explorer.table.table import vector_array


def read_npy(data: bytes, options: Options) -> Parsed:
    """An array of shape (n, d) becomes one vector column named "vector"; (n,) one plain column named "value"."""
    array = _load(data, options.name)
    column = "vector" if array.ndim == 2 else "value"
    return Parsed(pa.table({column: _as_column(array, options.name)}))


def read_npz(data: bytes, options: Options) -> Parsed:
    """Each array becomes a column with its name: (n, d) a vector column, (n,) a plain one.

    All need the n of the widest array of vectors, or else of most arrays. Others are left out, which a note says.
    """
    name = options.name
    check_archive(data, name)
    columns: dict[str, pa.Array] = {}
    left_out: dict[str, str] = {}  # why, by name
    vectors: dict[str, int] = {}  # numbers in each
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        for entry in entries:
            if not entry.filename.endswith(".npy"):
                raise BadInput(f"{name} is a zip archive that holds {entry.filename[:80]!r}. Unpack it first.")
            key = entry.filename.removesuffix(".npy")
            label = f"{key} in {name}"
            try:
                array = _load(archive.read(entry), label)
                columns[key] = _as_column(array, label)
            except BadInput as error:
                if len(entries) == 1:
                    raise
                left_out[key] = str(error)
            else:
                if array.ndim == 2:
                    vectors[key] = array.shape[1]
    if not columns:
        raise BadInput(next(iter(left_out.values()), f"{name} holds no arrays. Choose an NPZ file with at least one."))
    lengths = Counter(len(column) for column in columns.values())
    rows = len(columns[max(vectors, key=lambda key: vectors[key])]) if vectors else lengths.most_common(1)[0][0]
    if len(lengths) > 1 and lengths[rows] == 1 and not vectors:
        listed = ", ".join(f"{key} has {len(column):,}" for key, column in list(columns.items())[:6])
        raise BadInput(f"The arrays in {name} differ in length ({listed} rows). They need one row for each item.")
    kept = {key: column for key, column in columns.items() if len(column) == rows}
    for key in columns.keys() - kept.keys():
        left_out[key] = f"it has {len(columns[key]):,} rows and not {rows:,}."
    notes = [f"The array {key!r} was left out: {why}" for key, why in sorted(left_out.items())]
    return Parsed(pa.table(kept), notes=notes)


def _load(data: bytes, name: str) -> np.ndarray:
    try:
        stream = io.BytesIO(data)
        version = np.lib.format.read_magic(stream)
        if version not in ((1, 0), (2, 0), (3, 0)):
            raise ValueError("unknown version")
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read_header(stream)
    except Exception:  # the header is parsed as Python, which raises errors of many kinds
        raise BadInput(f"{name} is a damaged NPY file: its header is unreadable. Save it with numpy.save.") from None
    if dtype.hasobject:
        raise BadInput(f"{name} holds Python objects, which are never loaded. Save numbers or strings instead.")
    need, have = math.prod(shape) * dtype.itemsize, len(data) - stream.tell()
    if need > have or any(side < 0 for side in shape):
        raise BadInput(
            f"{name} is cut short: its header promises {need:,} bytes and {have:,} follow. Save or upload it again."
        )
    if need > MAX_TABLE_BYTES:
        raise BadInput(
            f"{name} needs {need / GIB:.1f} GB, and at most {MAX_TABLE_BYTES / GIB:.0f} GB can be read. Split it."
        )
    stream.seek(0)
    try:
        array = np.load(stream, allow_pickle=False)
    except (ValueError, EOFError, OSError) as error:
        reason = first_line(error, 120)
        raise BadInput(f"{name} is a damaged NPY file: {reason}. Save it again with numpy.save.") from None
    if array.ndim not in (1, 2) or not array.size:
        raise BadInput(
            f"{name} holds an array of shape {array.shape}. A table of n vectors of d numbers needs shape (n, d)."
        )
    return np.asarray(array)


def _as_column(array: np.ndarray, name: str) -> pa.Array:
    if array.ndim == 2:
        if array.dtype.kind not in "fiub":
            raise BadInput(f"{name} holds {array.dtype} cells, and vectors need numbers. Save it as float32.")
        if array.shape[1] > MAX_VECTOR_WIDTH:
            raise BadInput(
                f"{name} has vectors of {array.shape[1]:,} numbers, and at most {MAX_VECTOR_WIDTH:,} can be read. "
                "Check that rows and columns are not swapped."
            )
        return vector_array(array)
    if array.dtype.kind in "SU":
        strings = np.char.decode(array, "utf-8", "replace") if array.dtype.kind == "S" else array
        return pa.array([str(cell).encode("utf-8", "replace").decode() for cell in strings], pa.string())
    try:
        return pa.array(array.astype(array.dtype.newbyteorder("=")))
    except (pa.ArrowException, TypeError, ValueError):
        raise BadInput(f"{name} holds {array.dtype} cells. Save it as numbers or strings.") from None

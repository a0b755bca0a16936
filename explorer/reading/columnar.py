"""Parquet, read in small batches under a byte budget."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from explorer.errors import BadInput, first_line
from explorer.limits import FREE_INFLATED_BYTES, GIB, MAX_COLUMNS, MAX_INFLATION, MAX_TABLE_BYTES, MAX_VECTOR_WIDTH, MIB
from explorer.reading.options import Options, Parsed

_BATCH_BYTES = 256 * MIB


def read_parquet(data: bytes, options: Options) -> Parsed:
    """Columns keep their types; lists of numbers of one length become vector columns (float32).

    Raises
    ------
    BadInput : for damaged files, for too many columns or bytes, and for files that inflate too much: a page's
        dictionary may grow a thousandfold although the footer looks harmless
    """
    name = options.name
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
        columns = len(file.schema_arrow)
        if columns > MAX_COLUMNS:
            raise BadInput(f"{name} has {columns:,} columns, and at most {MAX_COLUMNS:,} can be read. Leave some out.")
        batches, used = [], 0
        for batch in file.iter_batches(batch_size=_batch_rows(file)):
            used += sum(map(_unpacked_bytes, batch.columns))
            inflated = used > FREE_INFLATED_BYTES and used > MAX_INFLATION * len(data)
            if used > MAX_TABLE_BYTES or inflated:
                raise BadInput(
                    f"{name} holds more than {used / GIB:.1f} GB once unpacked from {len(data) / MIB:.2f} MB. "
                    "Choose a smaller file, or split it."
                )
            batches.append(batch)
        table = pa.Table.from_batches(batches, file.schema_arrow)
    except BadInput:
        raise
    except (pa.ArrowException, OSError, ValueError, RecursionError) as error:
        raise BadInput(f"{name} is a damaged Parquet file: {first_line(error).rstrip('.')}. Export it again.") from None
    if not table.num_rows or not table.num_columns:
        raise BadInput(f"{name} holds no rows. Choose a file with at least one row of data.")
    notes: list[str] = []
    names = _unique(table.column_names)
    arrays = [_column(column) for column in table.columns]
    return Parsed(pa.table(dict(zip(names, arrays, strict=True))), notes=notes)


def _batch_rows(file: pq.ParquetFile) -> int:
    """Rows to read at once, so that even cells as large as a whole column chunk stay near the batch's budget."""
    groups = [file.metadata.row_group(index) for index in range(file.metadata.num_row_groups)]
    largest = max(
        (group.column(index).total_uncompressed_size for group in groups for index in range(group.num_columns)),
        default=1,
    )
    return int(min(65_536, max(256, _BATCH_BYTES // max(largest, 1))))


def _unpacked_bytes(array: pa.Array) -> int:
    """Bytes of a column without its dictionary encoding."""
    if not isinstance(array, pa.DictionaryArray):
        return int(array.nbytes)
    if not pa.types.is_binary(array.dictionary.type) and not pa.types.is_string(array.dictionary.type):
        return int(array.nbytes + array.dictionary.nbytes)
    return int(pc.sum(pc.binary_length(array.dictionary).take(array.indices)).as_py() or 0)


def _unique(names: list[str]) -> list[str]:
    from explorer.reading.header import unique_names

    return unique_names(names)[0] if len(set(names)) < len(names) else names


def _column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        column = pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
        kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
        kind = column.type
    if pa.types.is_struct(kind) and {kind.field(i).name for i in range(kind.num_fields)} == {"bytes", "path"}:
        return pa.chunked_array([pc.struct_field(chunk, "bytes") for chunk in column.chunks], pa.binary())
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        try:
            return column.cast(pa.string())
        except pa.ArrowInvalid:
            return column  # more than 2 GB in one chunk
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _vectors(column)
    return column


def _vectors(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lists of numbers of one length (2 or more) as a vector column; other lists unchanged."""
    value_type = column.type.value_type
    if not (pa.types.is_floating(value_type) or pa.types.is_integer(value_type)):
        return column
    lengths = pc.min_max(pc.list_value_length(column)).as_py()
    d = lengths["min"]
    if d is None or d != lengths["max"] or not 2 <= d <= MAX_VECTOR_WIDTH:
        return column
    if pa.types.is_integer(value_type) and d < 8:  # such as a pair of counts: no embedding
        return column
    target = pa.list_(pa.float32(), d)
    chunks = []
    for chunk in column.chunks:
        values = chunk.flatten().cast(pa.float32(), safe=False)
        if values.null_count:
            return column
        if chunk.null_count:
            present = chunk.is_valid()
            places = pc.cumulative_sum(present.cast(pa.int64()))
            picked = pc.if_else(present, pc.subtract(places, 1), pa.scalar(None, pa.int64()))
            chunks.append(pa.FixedSizeListArray.from_arrays(values, type=target).take(picked))
        else:
            chunks.append(pa.FixedSizeListArray.from_arrays(values, type=target))
    return pa.chunked_array(chunks, target)

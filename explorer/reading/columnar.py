"""Parquet, read in small batches under a byte budget."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from explorer.errors import BadInput, first_line
from explorer.limits import FREE_INFLATED_BYTES, GIB, MAX_COLUMNS, MAX_INFLATION, MAX_TABLE_BYTES, MIB
from explorer.reading.options import Options, Parsed

_BATCH_BYTES = 256 * MIB


def read_parquet(data: bytes, options: Options) -> Parsed:
    """Columns keep their types; `with_vectors` makes vector columns of lists of numbers.

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
    return column

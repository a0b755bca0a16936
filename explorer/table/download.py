"""Tables as files to download."""

from __future__ import annotations

import io
import json
import re

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from explorer.table.table import exact_frame

# A cell that a spreadsheet would run: it begins with = + - @ or their full-width forms, also after blanks and control
# characters, or with a tab, carriage return or line feed.
_RUNS = re.compile("[\\s\u0000-\u001f\u00a0\u200b-\u200f\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20\u2212]|[\\t\\r\\n]")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")


def safe_csv(frame: pd.DataFrame | pa.Table) -> bytes:
    """The rows as UTF-8 CSV with a byte order mark, which Excel needs to recognize UTF-8.

    Cells and headers that a spreadsheet would run as a formula get an apostrophe in front; plain numbers such as -1.5
    do not. Use Parquet for an exact copy.
    """
    if isinstance(frame, pa.Table):
        frame = exact_frame(frame)
    safe = pd.DataFrame(
        {index: [_safe(cell) for cell in frame.iloc[:, index].tolist()] for index in range(frame.shape[1])},
        dtype=object,
    )
    safe.columns = [_safe(str(name)) for name in frame.columns]
    return b"\xef\xbb\xbf" + safe.to_csv(index=False, lineterminator="\r\n").encode("utf-8", "replace")


def flat(table: pa.Table) -> pa.Table:
    """The columns that a CSV or a sheet can hold: without pictures and vectors, other lists as JSON text."""
    kept = table.select([field.name for field in table.schema if not _bulky(field.type)])
    for place, field in enumerate(kept.schema):
        if pa.types.is_nested(field.type):
            cells = [None if cell is None else json.dumps(cell, ensure_ascii=False, default=str)
                     for cell in kept.column(place).to_pylist()]  # fmt: skip
            kept = kept.set_column(place, field.name, pa.array(cells, pa.string()))
    return kept


def left_out(table: pa.Table) -> list[str]:
    """The columns that `flat` leaves out."""
    return [field.name for field in table.schema if _bulky(field.type)]


def _bulky(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_fixed_size_list(kind)
    )


def to_parquet(frame: pd.DataFrame | pa.Table) -> bytes:
    """The rows as Parquet, unchanged."""
    table = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame, preserve_index=False)
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue()


def as_it_was(cell: str) -> str:
    """A cell without the apostrophe that `safe_csv` put in front."""
    return cell[1:] if cell.startswith("'") and _runs(cell[1:]) else cell


def _safe(cell: object) -> object:
    return "'" + cell if isinstance(cell, str) and _runs(cell) else cell


def _runs(cell: str) -> bool:
    return bool(_RUNS.match(cell)) and not _NUMBER.fullmatch(cell)

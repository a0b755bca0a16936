"""Vectors from a second file, joined to a table by order or by id."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import BadInput
from explorer.store.digest import table_digest
from explorer.table.roles import kinds
from explorer.table.table import Table, column_vectors, vector_array
from explorer.table.values import parse_numbers

VECTOR_COLUMN = "_vector"


def join_vectors(table: Table, vectors: Table, id_column: str | None = None) -> Table:
    """The table with one more column, "_vector".

    Where only `table` has a vector column, the two change places: TensorFlow Projector's tensors may be opened first.
    A file that holds nothing but numbers (besides ids) is a vector a row.

    Without `id_column`, the i-th vector belongs to the i-th row, and there must be as many vectors as rows. With it, a
    vector belongs to the row whose id is the same text; rows without a vector get a null, and the notes list them.

    Raises
    ------
    BadInput : when the vectors' file has no vector column (or several), numbers differ, an id column is missing, an id
        occurs twice among the vectors, or no id occurs in both
    """
    if not _vector_columns(vectors) and len(_vector_columns(table)) == len(table.columns) == 1:
        table, vectors = vectors, table
    vectors = _of_numbers(vectors, id_column)
    column = _vector_column(vectors)
    array, absent = column_vectors(vectors.arrow, column)
    present = ~absent
    notes: list[str] = []
    if id_column is None:
        if len(table) != len(vectors):
            hint = f" ({len(table.rejected)} of its rows were rejected)" if table.rejected else ""
            if len(table) == len(vectors) - 1 and table.format in ("csv", "tsv", "xlsx"):
                hint = " (perhaps its first row holds values and not names)"
            raise BadInput(
                f"{table.name} has {len(table):,} rows{hint} and {vectors.name} has {len(vectors):,} vectors. "
                "Joining by order needs as many of each; join by id instead."
            )
        places, found = np.arange(len(table)), present
    else:
        places, found = _places(table, vectors, id_column, column, present, notes)
    joined = np.zeros((len(table), array.shape[1]), np.float32)
    joined[found] = array[places[found]]
    missing = None if found.all() else ~found
    plain = table.arrow.drop_columns([VECTOR_COLUMN]) if VECTOR_COLUMN in table.columns else table.arrow
    arrow = plain.append_column(VECTOR_COLUMN, pa.chunked_array([vector_array(joined, missing)]))
    return replace(table, arrow=arrow, digest=table_digest(arrow), notes=(*table.notes, *notes))


def _vector_columns(table: Table) -> list[str]:
    return [field.name for field in table.arrow.schema if pa.types.is_fixed_size_list(field.type)]


def _of_numbers(vectors: Table, id_column: str | None) -> Table:
    """The file with its columns of numbers as one vector column, where it holds nothing else than these and ids."""
    others = [name for name, kind in kinds(vectors).items() if name != id_column and kind != "id"]
    if _vector_columns(vectors) or len(others) < 2:
        return vectors
    values = np.column_stack([parse_numbers(vectors.arrow.column(name), vectors.delimiter) for name in others])
    if np.isfinite(values).mean() < 0.9 or not np.isfinite(values).any(axis=0).all():
        return vectors
    missing = ~np.isfinite(values).all(axis=1)
    made = pa.chunked_array([vector_array(np.where(missing[:, None], 0, values), missing if missing.any() else None)])
    return replace(vectors, arrow=vectors.arrow.drop_columns(others).append_column(VECTOR_COLUMN, made))


def _vector_column(vectors: Table) -> str:
    found = _vector_columns(vectors)
    if len(found) == 1:
        return found[0]
    if not found:
        columns = ", ".join(vectors.columns[:8])
        raise BadInput(
            f"{vectors.name} has no vector column (it has {columns}). "
            "Save the vectors as an NPY of shape (n, d), or as lists of one length in Parquet or JSON."
        )
    for name in ("vector", "embedding", VECTOR_COLUMN):
        if name in found:
            return name
    raise BadInput(f"{vectors.name} has several vector columns ({', '.join(found)}). Keep one, or call it 'vector'.")


def _places(
    table: Table, vectors: Table, id_column: str, vector_column: str, present: np.ndarray, notes: list[str]
) -> tuple[np.ndarray, np.ndarray]:
    """For each row of the table the place of its vector, int64 (n,), and whether it has one, bool (n,)."""
    if id_column not in table.columns:
        raise BadInput(f"{table.name} has no column {id_column!r}. Its columns are {', '.join(table.columns[:12])}.")
    others = [name for name in vectors.columns if name != vector_column]
    own = id_column if id_column in others else others[0] if len(others) == 1 else None
    if own is None:
        held = f"only {', '.join(others[:8])}" if others else "none"
        raise BadInput(
            f"{vectors.name} has no column {id_column!r} to join by (besides the vectors, {held}). "
            "Join by order, or save the ids with the vectors."
        )
    ids = _as_text(table.arrow.column(id_column), table.name)
    keys = _as_text(vectors.arrow.column(own), vectors.name)
    counts = pc.value_counts(keys.drop_null())
    if len(counts) and pc.max(counts.field("counts")).as_py() > 1:
        twice = counts.filter(pc.greater(counts.field("counts"), 1)).field("values").to_pylist()
        raise BadInput(f"{vectors.name} has more than one vector for the id {_some(twice)}. Keep one for each.")
    places = pc.index_in(ids, value_set=keys.drop_null() if not keys.null_count else keys, skip_nulls=True)
    found = places.is_valid().to_numpy(zero_copy_only=False)
    at = places.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    if not found.any():
        raise BadInput(
            f"No id in {vectors.name} occurs in {id_column!r} of {table.name} "
            f"(there {_some(keys.to_pylist())}; here {_some(ids.to_pylist())}). Choose another id column."
        )
    found &= present[at]
    if not found.all():
        absent = ids.filter(pa.array(~found)).to_pylist()
        notes.append(f"{len(absent):,} of {len(ids):,} rows have no vector in {vectors.name}: {_some(absent)}.")
    unused = len(keys) - len(np.unique(at[found]))
    if unused:
        notes.append(f"{unused:,} vectors in {vectors.name} belong to no row and were left out.")
    return at, found


def _as_text(column: pa.ChunkedArray, name: str) -> pa.Array:
    try:
        return column.cast(pa.string()).combine_chunks()
    except pa.ArrowException:
        raise BadInput(f"A column of type {column.type} in {name} cannot serve as an id. Choose another.") from None


def _some(ids: list[str | None]) -> str:
    shown = ", ".join("(empty)" if value in (None, "") else str(value)[:40] for value in ids[:5])
    return f"{shown} and {len(ids) - 5:,} more" if len(ids) > 5 else shown

"""Vectors in every form they come in, found in the table that a reader made: one vector column for each."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.limits import MAX_VECTOR_WIDTH
from explorer.reading.number_lists import (
    NEARLY_ALL,
    form_of,
    numbers_in,
    read_lists,
    was_cut,
    wrong_width,
    zero_or_not_finite,
)
from explorer.reading.numbered import join_numbered
from explorer.reading.options import Parsed
from explorer.table.embeddings import SAMPLE, lists_of_numbers, no_embedding, spaced
from explorer.table.ours import ours
from explorer.table.table import holds_text, vector_array
from explorer.wording import listed

_FIRST_LOOK, _LOOK = 20, 200  # cells of a text column


def with_vectors(parsed: Parsed) -> Parsed:
    """The table with its embeddings as vector columns (float32, of one length); a note says what became one.

    Read as vectors are columns of lists of numbers and texts that hold such lists ("[0.1, 0.2]", "[0.1 0.2]"), where
    nearly all have one length. Rows without a usable list have none, and the note gives each its reason. What is no
    embedding (coordinates, token ids, flags, short lists) stays as it is.
    """
    columns: dict[str, pa.ChunkedArray] = {}
    refused: dict[str, pa.ChunkedArray] = {}
    notes: list[str] = []
    made_by_us = ours(parsed.arrow.column_names)  # an export's lists of neighbors
    for name, column in zip(parsed.arrow.column_names, parsed.arrow.columns, strict=True):
        columns[name] = column
        if name in made_by_us:
            continue
        if holds_text(column.type):
            columns[name] = _from_texts(name, column, notes)
        elif _holds_numbers(column.type):
            made = _from_lists(name, column, notes)
            if pa.types.is_fixed_size_list(made.type) and (why := no_embedding(_sample(made), name)):
                refused[name], columns[name] = made, _plain_lists(column)
                if why.startswith("they are"):
                    notes.append(f"The lists in {name!r} are not used as vectors: {why}.")
            else:
                columns[name] = made
    if refused and not _has_other_content(columns):
        name = max(refused, key=lambda name: refused[name].type.list_size)
        columns[name] = refused[name]
        notes = [note for note in notes if not note.startswith(f"The lists in {name!r}")]
    columns, joined = join_numbered(columns)
    for name, how in joined:
        first, last = how["columns"][0], how["columns"][-1]
        notes.append(
            f"The columns {first!r} to {last!r} were read as one vector column of {len(how['columns']):,} numbers, "
            f"{name!r}. Give them names without numbers to keep them apart."
        )
        notes.extend(_without_vector(name, how["reasons"], len(parsed.arrow)))
    changed = joined or any(columns[name] is not column for name, column in _pairs(parsed.arrow))
    arrow = pa.table(columns) if changed else parsed.arrow
    return replace(parsed, arrow=arrow, notes=[*parsed.notes, *notes])


def _pairs(table: pa.Table) -> list[tuple[str, pa.ChunkedArray]]:
    return list(zip(table.column_names, table.columns, strict=True))


def _has_other_content(columns: dict[str, pa.ChunkedArray]) -> bool:
    """Whether something else can be mapped: another vector column, or texts of several words."""
    for column in columns.values():
        if pa.types.is_fixed_size_list(column.type) and pa.types.is_floating(column.type.value_type):
            return True
        if holds_text(column.type) and any(" " in cell.strip() for cell in _cells(column, _LOOK)):
            return True
    return False


# --- texts -----------------------------------------------------------------------------------------------------------


def _from_texts(name: str, column: pa.ChunkedArray, notes: list[str]) -> pa.ChunkedArray:
    """A column of texts as a vector column, where nearly all are lists of numbers of one length; or as it was."""
    if not lists_of_numbers(_cells(column, _FIRST_LOOK)):
        return column
    sample = _cells(column, _LOOK)
    if was_cut(sample):
        notes.append(
            f"The vectors in {name!r} were cut when they were printed ({sample[0][:12]!r} …, with '...'), so most of "
            "their numbers are lost. They are not used. Save them as lists, such as vector.tolist(), or as NPY."
        )
        return column
    form = form_of(sample)
    if form is None:
        return column
    known = [numbers for cell in sample if (numbers := numbers_in(cell)) is not None and len(numbers) == form.width]
    if no_embedding(np.array(known), name):
        return column
    vectors, reasons = read_lists(column, form)
    notes.append(f"The texts in {name!r} are lists of {form.width:,} numbers; they were read as vectors.")
    notes.extend(_without_vector(name, reasons, len(column)))
    return vectors


def _cells(column: pa.ChunkedArray, most: int) -> list[str]:
    """Up to `most` cells of a text column that are not blank, evenly spaced."""
    # One by one: `take` would copy all of the column first.
    found = (column[int(place)].as_py() for place in spaced(len(column), most)) if len(column) else ()
    return [cell for cell in found if cell and cell.strip()]


def _without_vector(name: str, reasons: dict[int, str], rows: int) -> list[str]:
    """A sentence about the rows that have no vector, each with its reason; rows of one reason stand together."""
    if not reasons:
        return []
    by_reason: dict[str, list[int]] = {}
    for row, reason in sorted(reasons.items()):
        by_reason.setdefault(reason, []).append(row)
    parts = [
        f"{reason} (row{'s' if len(found) > 1 else ''} {listed([f'{row:,}' for row in found], 10)})"
        for reason, found in list(by_reason.items())[:20]
    ]
    verb = "has" if len(reasons) == 1 else "have"
    return [f"{len(reasons):,} of {rows:,} rows {verb} no vector in {name!r}, counted from row 0: {'; '.join(parts)}."]


# --- lists -----------------------------------------------------------------------------------------------------------


def _holds_numbers(kind: pa.DataType) -> bool:
    lists = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return lists and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type))


def _from_lists(name: str, column: pa.ChunkedArray, notes: list[str]) -> pa.ChunkedArray:
    """Lists of numbers as a vector column, where nearly all have one length of 2 or more; or as they were."""
    if pa.types.is_fixed_size_list(column.type) and column.type.value_type == pa.float32():
        # A file may call the numbers inside a list what it likes; a table's digest does not depend on that.
        return column.cast(pa.list_(pa.float32(), column.type.list_size))
    lengths = pc.drop_null(pc.list_value_length(column)).to_numpy()
    if not len(lengths):
        return column
    found, counts = np.unique(lengths, return_counts=True)
    width = int(found[counts.argmax()])
    if counts.max() < NEARLY_ALL * len(lengths) or not 2 <= width <= MAX_VECTOR_WIDTH:
        return column
    ragged = len(found) > 1
    reasons: dict[int, str] = {}
    chunks, at = [], 0
    for chunk in column.chunks:
        vectors, here, damaged = _lists_of(chunk, width)
        if ragged or damaged:
            reasons |= {at + row: reason for row, reason in here.items()}
        chunks.append(vectors)
        at += len(chunk)
    if reasons:
        nulls = np.flatnonzero(column.is_null().to_numpy())
        reasons = {**{int(row): "missing" for row in nulls}, **reasons}
        notes.extend(_without_vector(name, reasons, len(column)))
    return pa.chunked_array(chunks)


def _lists_of(chunk: pa.Array, width: int) -> tuple[pa.Array, dict[int, str], bool]:
    """A chunk of lists as vectors; a reason for each row without one; and whether any was damaged inside."""
    usual = pc.fill_null(pc.equal(pc.list_value_length(chunk), width), False)
    rows = np.flatnonzero(usual.to_numpy(zero_copy_only=False))
    flat = (chunk if len(rows) == len(chunk) else chunk.take(pa.array(rows))).flatten()
    damaged = bool(flat.null_count)
    values = pc.fill_null(flat.cast(pa.float32(), safe=False), float("nan"))
    target = pa.list_(pa.float32(), width)
    if len(rows) == len(chunk) and not damaged:
        return pa.FixedSizeListArray.from_arrays(values, type=target), {}, False
    vectors = np.zeros((len(chunk), width), np.float32)
    vectors[rows] = values.to_numpy().reshape(len(rows), width)
    missing = np.ones(len(chunk), bool)
    missing[rows] = False
    lengths = pc.list_value_length(chunk).to_pylist() if missing.any() else []
    reasons = {
        int(row): "missing" if lengths[row] is None else wrong_width(lengths[row], width)
        for row in np.flatnonzero(missing)
    }
    for row, reason in zero_or_not_finite(vectors, ~missing):
        reasons[row] = reason
        missing[row] = True
    vectors[missing] = 0
    return vector_array(vectors, missing), reasons, damaged or any(reason != "missing" for reason in reasons.values())


def _sample(column: pa.ChunkedArray) -> np.ndarray:
    """Some rows of a vector column that have one: float array of shape (m, d)."""
    some = column.take(pa.array(spaced(len(column), SAMPLE))).drop_null()
    return np.concatenate([chunk.flatten().to_numpy(zero_copy_only=False) for chunk in some.chunks] or [[]]).reshape(
        -1, column.type.list_size
    )


def _plain_lists(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lists that are no vectors as plain lists; whole numbers as such, where a reader made them float32."""
    kind = column.type
    if not pa.types.is_fixed_size_list(kind):
        return column
    value_type = kind.value_type
    values = _sample(column)
    if value_type == pa.float32() and values.size and (values == np.floor(values)).all():
        whole = [chunk.flatten() for chunk in column.chunks]
        if all(pc.all(pc.equal(part, pc.floor(part))).as_py() for part in whole):
            value_type = pa.int64()
    return column.cast(pa.list_(kind.value_type)).cast(pa.list_(value_type))

"""Cells of text that hold lists of numbers, read as an array: JSON lists, what Python and numpy print, and the like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

from explorer.limits import MAX_VECTOR_WIDTH, MIB
from explorer.table.table import vector_array

CUT = ("...", "…")
NEARLY_ALL = 0.9  # of the cells need lists of numbers, and of the usual length
_BLOCK_BYTES = 32 * MIB
_FEW_ROWS = 64  # read one by one where one of them is damaged
_MISSING = {"nan", "null", "none", "na", ""}
_NULLS = ["nan", "NaN", "NAN", "null", "NULL", "None", "NA", "inf", "-inf", "Infinity", "-Infinity", "-nan"]
# array([...], dtype=float32), tensor([...], device='cuda:0'), and np.float64(...) around each number
_FRONT = r"^\s*(?:np\.|numpy\.|torch\.)?(?:array|tensor|Tensor|Vector)\("
_BACK = r"[\])}\s]*(?:,\s*(?:dtype|device|requires_grad|grad_fn)\s*=[^\[\]]*)?\)\s*$"
_SCALAR = r"(?:np\.)?float(?:16|32|64)\(([^()]*)\)"
_BRACKETS = "[](){}<> \t\r\n"


@dataclass(frozen=True)
class Form:
    """How the cells of a column write their lists: numbers in each, what stands between them (" " for any blank
    space), and whether names of types must be taken off first."""

    width: int
    separator: str
    wrapped: bool = False


def numbers_in(cell: str) -> list[float] | None:
    """The numbers of one cell, NaN for a missing one; None where it holds something else, or was cut with "..."."""
    text = cell
    if "(" in text:
        text = re.sub(_SCALAR, r"\1", re.sub(_BACK, "", re.sub(_FRONT, "", text)))
    text = text.strip(_BRACKETS)
    separator = _separator(text)
    parts = text.split() if separator == " " else [part.strip() for part in text.split(separator)]
    if parts and not parts[-1] and len(parts) > 1:
        parts.pop()  # a trailing comma
    found = []
    for part in parts:
        try:
            found.append(np.nan if part.lower() in _MISSING else float(part))
        except ValueError:
            return None
        if "_" in part:  # Python reads 1_000 as a number
            return None
    return found


def _separator(text: str) -> str:
    return next((mark for mark in (",", ";", "|") if mark in text), " ")


def form_of(sample: list[str]) -> Form | None:
    """How nearly all of some cells write lists of numbers; None where they do not."""
    found = [numbers_in(cell) for cell in sample]
    widths = Counter(len(numbers) for numbers in found if numbers is not None and len(numbers) > 1)
    if not widths or sum(widths.values()) < NEARLY_ALL * len(sample):
        return None
    width, count = widths.most_common(1)[0]
    if count < NEARLY_ALL * sum(widths.values()) or width > MAX_VECTOR_WIDTH:
        return None
    wrapped = any("(" in cell.strip()[1:] for cell in sample)
    marks = Counter(_separator(re.sub(_BACK, "", cell) if wrapped else cell) for cell in sample)
    return Form(width, marks.most_common(1)[0][0], wrapped)


def was_cut(sample: list[str]) -> bool:
    """Whether nearly all of some cells are lists of numbers that were cut when they were printed: [0.1 0.2 ... 0.9]."""
    cut = [cell for cell in sample if any(mark in cell for mark in CUT)]
    if not sample or len(cut) < NEARLY_ALL * len(sample):
        return False
    rest = [numbers_in(re.sub(r",?\s*(?:\.\.\.|…)\s*,?", " " if "," not in cell else ", ", cell)) for cell in cut]
    return sum(numbers is not None and len(numbers) > 1 for numbers in rest) >= NEARLY_ALL * len(cut)


def read_lists(cells: pa.ChunkedArray, form: Form) -> tuple[pa.ChunkedArray, dict[int, str]]:
    """Cells as a vector column, null where a cell holds no such list, and why: a reason for each row without vector."""
    chunks, reasons, at = [], dict[int, str](), 0
    for block in _blocks(cells):
        vectors = np.full((len(block), form.width), np.nan, np.float32)
        missing = np.zeros(len(block), bool)
        for row, reason in _read_block(block, form, vectors).items():
            missing[row] = True
            reasons[at + row] = reason
        for row, reason in zero_or_not_finite(vectors, ~missing):
            reasons[at + row] = reason
            missing[row] = True
        vectors[missing] = 0
        chunks.append(vector_array(vectors, missing if missing.any() else None))
        at += len(block)
    return pa.chunked_array(chunks), reasons


def zero_or_not_finite(vectors: np.ndarray, rows: np.ndarray) -> Iterator[tuple[int, str]]:
    """The rows that hold NaN, infinity or only zeros, among `rows` (bool of shape (n,)), each with the reason."""
    finite = np.isfinite(vectors).all(axis=1)
    for row in np.flatnonzero(rows & ~(finite & vectors.any(axis=1))):
        yield int(row), "NaN or infinity" if not finite[row] else "all zeros"


def _blocks(cells: pa.ChunkedArray) -> Iterator[pa.Array]:
    for chunk in cells.chunks:
        rows = max(1, int(len(chunk) * _BLOCK_BYTES / max(chunk.nbytes, 1)))
        for start in range(0, len(chunk), rows):
            yield chunk.slice(start, rows)


def _read_block(block: pa.Array, form: Form, out: np.ndarray) -> dict[int, str]:
    """Fill `out`, float32 (n, width), from a block of cells. Returns a reason for each row that has no such list."""
    plain = pc.fill_null(_as_delimited(block, form), "")
    counted = _count(plain, form.separator)
    good = counted == form.width - 1
    reasons: dict[int, str] = {}
    _read_some(block, plain, np.flatnonzero(good), form, out, reasons)
    for row in np.flatnonzero(~good):
        _read_one(block, int(row), form, out, reasons)
    return reasons


def _as_delimited(block: pa.Array, form: Form) -> pa.Array:
    """Cells without brackets and names of types, so that a CSV reader can read them."""
    if form.wrapped:
        block = pc.replace_substring_regex(pc.replace_substring_regex(block, _FRONT, ""), _BACK, "")
        block = pc.replace_substring_regex(block, _SCALAR, r"\1")
    block = pc.ascii_trim(block, _BRACKETS)
    if form.separator == " ":
        uneven = pc.any(pc.match_substring_regex(block, r"\s\s|[\t\r\n]")).as_py()
        return pc.replace_substring_regex(block, r"\s+", " ") if uneven else block
    if pc.any(pc.match_substring(block, "\n")).as_py():
        block = pc.replace_substring(block, "\n", " ")
    return pc.ascii_rtrim(block, f"{form.separator} ")


def _count(cells: pa.Array, separator: str) -> np.ndarray:
    """How many separators each cell has: int64 (n,)."""
    kind = np.int64 if pa.types.is_large_string(cells.type) else np.int32
    offsets = np.frombuffer(cells.buffers()[1], kind)[cells.offset : cells.offset + len(cells) + 1]
    held = np.frombuffer(cells.buffers()[2] or b"", np.uint8)[offsets[0] : offsets[-1]]
    places = np.flatnonzero(held == ord(separator))
    ends = np.searchsorted(places, offsets - offsets[0])
    return np.diff(ends).astype(np.int64)


def _read_some(
    block: pa.Array, plain: pa.Array, rows: np.ndarray, form: Form, out: np.ndarray, reasons: dict[int, str]
) -> None:
    """Read rows at once, or in halves until the damaged cells are alone."""
    if len(rows) == 0:
        return
    try:
        out[rows] = _matrix(plain.take(pa.array(rows)) if len(rows) < len(plain) else plain, form)
        return
    except pa.ArrowException:
        if len(rows) > _FEW_ROWS:
            half = len(rows) // 2
            _read_some(block, plain, rows[:half], form, out, reasons)
            _read_some(block, plain, rows[half:], form, out, reasons)
            return
    for row in rows:
        _read_one(block, int(row), form, out, reasons)


def _read_one(block: pa.Array, row: int, form: Form, out: np.ndarray, reasons: dict[int, str]) -> None:
    cell = block[row].as_py()
    if cell is None or cell.strip().lower() in _MISSING:
        reasons[row] = "missing"
        return
    numbers = numbers_in(cell)
    if numbers is not None and len(numbers) == form.width:
        with np.errstate(over="ignore"):
            out[row] = numbers
    elif numbers is None:
        reasons[row] = "cut with ..." if any(mark in cell for mark in CUT) else "no list of numbers"
    else:
        reasons[row] = wrong_width(0 if cell.strip(_BRACKETS) == "" else len(numbers), form.width)


def wrong_width(found: int, needed: int) -> str:
    """The reason of a row whose list has another length."""
    return f"{found:,} instead of {needed:,} numbers"


def _matrix(cells: pa.Array, form: Form) -> np.ndarray:
    """Delimited cells of one width as float32 (n, width). Raises ArrowInvalid where one is no number."""
    ended = pc.binary_join_element_wise(cells, "", "\n")
    kind = np.int64 if pa.types.is_large_string(ended.type) else np.int32
    offsets = np.frombuffer(ended.buffers()[1], kind)[ended.offset : ended.offset + len(ended) + 1]
    names = [str(place) for place in range(form.width)]
    table = pcsv.read_csv(
        pa.BufferReader(ended.buffers()[2].slice(int(offsets[0]), int(offsets[-1] - offsets[0]))),
        pcsv.ReadOptions(column_names=names, block_size=max(MIB, 2 * int(np.diff(offsets).max()))),
        pcsv.ParseOptions(delimiter=form.separator, quote_char=False, ignore_empty_lines=False),
        pcsv.ConvertOptions(column_types=dict.fromkeys(names, pa.float32()), null_values=_NULLS),
    )
    out = np.empty((len(cells), form.width), np.float32)
    for place, column in enumerate(table.columns):
        out[:, place] = column.to_numpy()
    return out

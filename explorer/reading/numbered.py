"""Numbered columns that are the dimensions of one embedding, such as dim_0 to dim_383, as one vector column."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.reading.number_lists import NEARLY_ALL
from explorer.table.embeddings import FEW, no_embedding, plainly_an_embedding, spaced
from explorer.table.table import holds_text, vector_array

_NUMBERED = re.compile(r"(.*?)[ _.\-]?[\[(]?(\d{1,5})[\])]?")
_LOOK, _LOOK_CELLS = 200, 200_000  # rows and cells looked at
_NAMES_VECTORS = re.compile(r"(^|[^a-z])(emb|embs|embed|embedding|embeddings|vec|vector|vectors|dim|dims|latent)$")
_UNTOLD = {"", "column", "col", "unnamed:", "v", "x", "f", "d", "e", "z", "h", "feat", "feature", "component", "pc"}
_MANY = 16  # columns of another name are taken for a vector from here on
_COMMA = re.compile(r"\s*[-+]?\d*,\d+([eE][-+]?\d+)?\s*")


def join_numbered(columns: dict[str, pa.ChunkedArray]) -> tuple[dict[str, pa.ChunkedArray], list[tuple[str, dict]]]:
    """Columns with those that are numbered, consecutive and alike as one vector column, and what was joined.

    Joined are 8 or more numbers with decimals. Names such as "emb_0" or "dim_0" say what they are. Others ("x_0", "0",
    "column_1") must look like an embedding: of either sign, alike in scale, and in no order.

    Returns
    -------
    the columns, and for each new one its name and {"columns": names, "reasons": {row: why it has no vector}}
    """
    joined: list[tuple[str, dict]] = []
    for prefix, names in _runs(list(columns)).items():
        some = _sample([columns[name] for name in names])
        if some is None or not _one_vector(prefix, some, len(names) == len(columns)):
            continue
        vectors, complete = _matrix([columns[name] for name in names])
        if complete.mean() < NEARLY_ALL:
            continue
        taken = set(columns) - set(names)
        label = _free("vector" if prefix.lower() in _UNTOLD | {"dim", "dims"} else prefix, taken)
        made = pa.chunked_array([vector_array(vectors, None if complete.all() else ~complete)])
        columns = {
            (label if name == names[0] else name): (made if name == names[0] else column)
            for name, column in columns.items()
            if name == names[0] or name not in names
        }
        reasons = dict.fromkeys(map(int, np.flatnonzero(~complete)), "not all are numbers")
        joined.append((label, {"columns": names, "reasons": reasons}))
    return columns, joined


def _runs(names: list[str]) -> dict[str, list[str]]:
    """Names with the same beginning and consecutive numbers, in the order of the numbers; 8 or more of them."""
    found: dict[str, dict[int, str]] = {}
    for name in names:
        match = _NUMBERED.fullmatch(name.strip())
        if match:
            found.setdefault(match[1].rstrip(" _.-[("), {}).setdefault(int(match[2]), name)
    runs = {}
    for prefix, numbered in found.items():
        numbers = sorted(numbered)
        begins = numbers[0] <= 1 or prefix in ("", "column")
        if len(numbers) >= FEW and begins and numbers[-1] - numbers[0] == len(numbers) - 1:
            runs[prefix] = [numbered[number] for number in numbers]
    return runs


def _one_vector(prefix: str, some: np.ndarray, alone: bool) -> bool:
    """Whether numbered columns are one vector. `alone` says that the table has no other columns.

    some : float array of shape (m, d), some rows
    """
    if _NAMES_VECTORS.search(prefix.lower()):
        return no_embedding(some, "") is None
    if prefix.lower() not in _UNTOLD and some.shape[1] < _MANY:
        return False
    if alone and prefix == "column" and no_embedding(some, "") is None:  # TensorFlow Projector's, without a header
        return _alike(some)
    return plainly_an_embedding(some) and _alike(some) and _of_either_sign(some)


def _alike(some: np.ndarray) -> bool:
    """Whether the columns are alike in scale: none of the middle ones varies ten times as much as another."""
    scale = np.nanstd(some, axis=0)
    low, high = np.percentile(scale[scale > 0], (10, 90)) if (scale > 0).any() else (1, 1)
    return bool(high < 10 * low)


def _of_either_sign(some: np.ndarray) -> bool:
    return bool(((some < 0).any(axis=0) & (some > 0).any(axis=0)).mean() > 0.8)


def _sample(columns: list[pa.ChunkedArray]) -> np.ndarray | None:
    """Some rows as a float array of shape (m, d); None where a column holds something else than numbers."""
    places = pa.array(spaced(len(columns[0]), min(_LOOK, max(20, _LOOK_CELLS // len(columns)))))
    out = np.full((len(places), len(columns)), np.nan)
    for place, column in enumerate(columns):
        if not (holds_text(column.type) or _numeric(column.type)):
            return None
        cells = column.take(places).to_pylist()
        filled = 0
        for row, cell in enumerate(cells):
            if cell is None or cell == "":
                continue
            filled += 1
            try:
                out[row, place] = float(_with_dot(cell))
            except ValueError:
                continue
        if np.isfinite(out[:, place]).sum() < NEARLY_ALL * max(filled, 1):
            return None
    return out


def _numeric(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind))


def _with_dot(cell: Any) -> Any:
    return cell.replace(",", ".") if isinstance(cell, str) and _COMMA.fullmatch(cell) else cell


def _matrix(columns: list[pa.ChunkedArray]) -> tuple[np.ndarray, np.ndarray]:
    """Columns as float32 (n, d), zero in rows that are not complete, and which are complete: bool (n,)."""
    out = np.empty((len(columns[0]), len(columns)), np.float32)
    for place, column in enumerate(columns):
        out[:, place] = _numbers(column)
    complete = np.asarray(np.isfinite(out).all(axis=1))
    out[~complete] = 0
    return out, complete


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    if holds_text(column.type):
        column = pc.utf8_trim_whitespace(column)
        column = pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)
        try:
            column = column.cast(pa.float32())
        except pa.ArrowInvalid:
            column = pc.replace_substring_regex(column, r"^([-+]?\d*),(\d+([eE][-+]?\d+)?)$", r"\1.\2")
            plain = pc.match_substring_regex(column, r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$")
            column = pc.if_else(plain, pc.utf8_ltrim(column, "+"), pa.scalar(None, column.type)).cast(pa.float32())
    return np.asarray(pc.fill_null(column.cast(pa.float32(), safe=False), float("nan")).to_numpy())


def _free(name: str, taken: set[str]) -> str:
    """A name that no other column has."""
    found, number = name, 2
    while found in taken:
        found, number = f"{name}_{number}", number + 1
    return found

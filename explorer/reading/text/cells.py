"""Values of JSON as Arrow columns."""

from __future__ import annotations

import json
import re
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.limits import MAX_VECTOR_WIDTH
from explorer.reading.text.extended import plain_within
from explorer.reading.text.json_text import Decoder
from explorer.table.table import string_array, vector_array

_INT64 = range(-(2**63), 2**63)
# Lists of equally many numbers that are no embedding: places, ranges, and ids of tokens.
_NO_VECTOR = re.compile(
    r"(^|[._ ])(coordinates|coords?|bbox|bounding_?box|box|geo|geometry|point|location|lat_?l(on|ng)|l(on|ng)_?lat"
    r"|polygon|points|ind(ex|ices)|offsets?|spans?|range|position|display_text_range|extent|center"
    r"|input_ids|token_ids|tokens|token_type_ids|attention_mask|labels|tags|ner_tags|ids)$",
    re.IGNORECASE,
)
PIECES = re.compile(r"(^|[._ ])(tokens?|words)$", re.IGNORECASE)  # texts cut into words
_LONG = 5  # mean words of an entry from which entries stand in lines of their own


def column(name: str, cells: list[Any], decoder: Decoder) -> pa.Array:
    """Values of one kind keep their type; mixed ones become strings as they were written."""
    kinds = set(map(type, cells)) - {type(None)}
    if not kinds or kinds == {str}:
        return string_array([None if cell is None else decoder.whole(cell) for cell in cells])
    if kinds == {bool}:
        return pa.array(cells, pa.bool_())
    if kinds == {int} and all(cell is None or cell in _INT64 for cell in cells):
        return pa.array(cells, pa.int64())
    exact = all(type(cell) is not int or abs(cell) <= 2**53 for cell in cells)
    if kinds <= {int, float} and float in kinds and exact:
        return _floats(cells, decoder)
    if list in kinds and kinds <= {list, str}:
        return _lists(name, cells, kinds, decoder)
    return string_array([None if cell is None else decoder.whole(written(cell)) for cell in cells])


def _floats(cells: list[Any], decoder: Decoder) -> pa.Array:
    numbers = pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
    infinite = np.isinf(numbers.to_numpy(zero_copy_only=False))
    if infinite.any():  # 1e999 is valid JSON, and no number that a computer holds
        decoder.not_numbers += int(infinite.sum())
        return pa.array(
            [None if bad else cell.as_py() for cell, bad in zip(numbers, infinite, strict=True)], pa.float64()
        )
    return numbers


def _lists(name: str, cells: list[Any], kinds: set[type], decoder: Decoder) -> pa.Array:
    """Vectors; lists of texts joined; other lists as JSON text. Empty lists are missing."""
    first = next((cell[0] for cell in cells if type(cell) is list and cell), None)
    if type(first) is dict and next(iter(first), "")[:1] == "$":
        cells = [plain_within(cell) for cell in cells]
    if kinds == {list} and not _NO_VECTOR.search(name):
        width = vector_width(cells)
        if width:
            missing = np.array([cell is None for cell in cells])
            blank = [0.0] * width
            rows = np.array([blank if cell is None else cell for cell in cells], dtype=np.float64)
            with np.errstate(over="ignore"):
                return vector_array(rows.astype(np.float32), missing if missing.any() else None)
    inner = set(map(type, chain.from_iterable(cell for cell in cells if type(cell) is list)))
    if inner and inner <= {str, type(None)}:
        between = _between(name, cells)
        cells = [between.join(filter(None, cell)) or None if type(cell) is list else cell for cell in cells]
    elif inner <= {str, dict} and kinds == {list, str}:
        cells = [_said(cell) if type(cell) is list else cell for cell in cells]
    return string_array([None if cell is None or cell == [] else decoder.whole(written(cell)) for cell in cells])


def _between(name: str, cells: list[Any]) -> str:
    """What stands between the entries of a list of texts: a space for words of one text, a comma for tags."""
    if PIECES.search(name):
        return " "
    sample = list(chain.from_iterable(cell for cell in cells[:1000] if type(cell) is list))[:1000]
    texts = [text for text in sample if text]
    if texts and sum(len(text.split()) for text in texts) / len(texts) >= _LONG:
        return "\n"
    return "; " if any("," in text for text in texts) else ", "


def _said(parts: list[Any]) -> Any:
    """The text of a list of plain and marked pieces, as Telegram writes it; the list itself if a piece has no text."""
    texts = [part if isinstance(part, str) else part.get("text") for part in parts]
    return "".join(texts) if all(isinstance(text, str) for text in texts) else parts


def vector_width(cells: list[Any]) -> int:
    """d if every cell that is not missing is a list of d numbers (2 or more), else 0."""
    widths: set[int] = set()
    for cell in cells:
        if cell is None:
            continue
        if not isinstance(cell, list) or len(widths) > 1:
            return 0
        widths.add(len(cell))
        if not all(type(x) in (int, float) for x in cell):
            return 0
    width = widths.pop() if len(widths) == 1 else 0
    return width if 2 <= width <= MAX_VECTOR_WIDTH else 0


def written(cell: Any) -> str:
    """A value as the text that stands in the file."""
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)

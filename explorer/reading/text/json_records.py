"""JSON and JSON lines."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.errors import BadInput, first_line
from explorer.limits import MAX_COLUMNS, MAX_REJECTED_CHARACTERS, MAX_VECTOR_WIDTH
from explorer.reading.options import Options, Parsed
from explorer.reading.text.decode import decode
from explorer.reading.text.dialect import split_lines
from explorer.table.table import string_array, vector_array

_INT64 = range(-(2**63), 2**63)
_DAMAGE = (ValueError, RecursionError)


class _Decoder:
    """json.loads that counts what a table cannot hold: repeated keys, NaN, lone surrogates."""

    def __init__(self) -> None:
        self.repeated = self.not_numbers = self.halves = 0

    def loads(self, text: str) -> Any:
        try:
            return json.loads(text, object_pairs_hook=self._pairs, parse_constant=self._constant)
        except ValueError as error:
            if "digits" not in str(error):
                raise
            # Python refuses to make an integer of more than 4,300 digits: keep the digits as written.
            return json.loads(
                text, object_pairs_hook=self._pairs, parse_constant=self._constant, parse_int=_int_or_digits
            )

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self.repeated += len(found) < len(pairs)
        return found

    def _constant(self, _: str) -> None:
        self.not_numbers += 1

    def whole(self, text: str) -> str:
        """The text with lone surrogates replaced, which no encoding can hold."""
        try:
            text.encode()
            return text
        except UnicodeEncodeError:
            self.halves += 1
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def notes(self) -> list[str]:
        notes = []
        if self.repeated:
            notes.append(f"{self.repeated:,} objects repeat a key; its last value was kept.")
        if self.not_numbers:
            notes.append(f"{self.not_numbers:,} values were NaN or infinite and are missing here.")
        if self.halves:
            notes.append(f"{self.halves:,} texts held half a character (a lone surrogate), shown as \ufffd.")
        return notes


def _int_or_digits(digits: str) -> int | str:
    return int(digits) if len(digits) < 4000 else digits


def read_json(data: bytes, options: Options) -> Parsed:
    """A list of objects, an object of columns, one list inside an object, a list of strings or of lists.

    Raises
    ------
    BadInput : for text that is not JSON (unless each line is), too deep nesting, and values that are not a table
    """
    decoded = decode(data, options.name, options.encoding)
    decoder = _Decoder()
    try:
        value = decoder.loads(decoded.text)
    except _DAMAGE as error:
        if isinstance(error, json.JSONDecodeError) and _is_lines(decoded.text):
            parsed = _lines(decoded.text, options)
            parsed.format = "jsonl"
        else:
            raise BadInput(f"{options.name} is not valid JSON: {_why(error)}. Correct it, or save it again.") from None
    else:
        records, notes = _records(value, options.name)
        parsed = _table(list(enumerate(records, 1)), decoder, options.name, "entry")
        parsed.notes[:0] = notes
    parsed.notes[:0] = decoded.notes
    parsed.encoding = decoded.encoding
    return parsed


def read_jsonl(data: bytes, options: Options) -> Parsed:
    """One JSON value in each line. Invalid lines are rejected, and the others are kept."""
    decoded = decode(data, options.name, options.encoding)
    start = decoded.text.lstrip()[:1]
    if start in ("[", "{") and not _is_lines(decoded.text):
        try:
            json.loads(decoded.text)
        except _DAMAGE:
            pass
        else:
            parsed = read_json(data, options)
            parsed.format = "json"
            return parsed
    parsed = _lines(decoded.text, options)
    parsed.notes[:0] = decoded.notes
    parsed.encoding = decoded.encoding
    return parsed


def _is_lines(text: str) -> bool:
    """Whether there is more than one line, and one of the first lines is a JSON object or string by itself."""
    lines = [line for line in text[: 2**20].split("\n", 21)[:20] if line.strip()]
    for line in lines if len(lines) > 1 else []:
        try:
            if isinstance(json.loads(line), dict | str):
                return True
        except _DAMAGE:
            continue
    return False


def _lines(text: str, options: Options) -> Parsed:
    decoder = _Decoder()
    records, rejected, contents = [], [], {}
    for number, line in enumerate(split_lines(text), 1):
        if not line.strip():
            continue
        try:
            records.append((number, decoder.loads(line)))
        except _DAMAGE as error:
            rejected.append((number, f"not valid JSON: {_why(error, place=False)}"))
            contents[number] = line.rstrip("\r\n")
    if not records and rejected:
        raise BadInput(f"{options.name} is not valid JSON: line {rejected[0][0]} is {rejected[0][1]}. Save it again.")
    parsed = _table(records, decoder, options.name, "line")
    parsed.rejected = sorted(parsed.rejected + rejected)
    parsed.contents |= contents
    return parsed


def _why(error: BaseException, place: bool = True) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        reason = error.msg[0].lower() + error.msg[1:]
        line = f"line {error.lineno}, " if place else ""
        return f"{reason} at {line}column {error.colno}"
    return first_line(error, 100)


def _records(value: Any, name: str) -> tuple[list[Any], list[str]]:
    """The rows of a whole JSON document."""
    if isinstance(value, list):
        return value, []
    if isinstance(value, dict):
        lists = {key: item for key, item in value.items() if isinstance(item, list)}
        if {"columns", "data"} <= lists.keys() and all(isinstance(row, list) for row in lists["data"]):
            return [dict(zip(map(str, lists["columns"]), row, strict=False)) for row in lists["data"]], []
        if lists and len(lists) == len(value) and len({len(item) for item in lists.values()}) == 1:
            nested = len(lists) == 1 and all(isinstance(row, dict) for row in next(iter(lists.values())))
            if not nested:
                return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)], []
        tables = {key: item for key, item in lists.items() if item and isinstance(item[0], dict | str | list)}
        if len(tables) == 1:
            key, rows = next(iter(tables.items()))
            others = ", ".join(repr(other) for other in list(value)[:6] if other != key)
            return rows, [f"The list under {key!r} was read" + (f"; {others} left out." if others else ".")]
        if value and all(isinstance(item, dict) for item in value.values()):
            return _of_objects(value)
        if value and not lists:
            return [value], []
        if len(tables) > 1:
            raise BadInput(
                f"{name} holds several lists ({', '.join(map(repr, list(tables)[:6]))}) of different lengths. "
                "Save the one you need as a list of objects."
            )
    kind = "an empty object" if value == {} else f"a single {type(value).__name__}"
    raise BadInput(f"{name} holds {kind}, and a table is needed. Save a list of objects.")


def _of_objects(value: dict[str, Any]) -> tuple[list[Any], list[str]]:
    """Rows from {"column": {"0": …}}, as pandas writes it, or from {"id": {…}}, one object for each row."""
    keys = [list(item) for item in value.values()]
    if all(key == keys[0] for key in keys) and all(key.isdigit() for key in keys[0]):
        return [{column: value[column][row] for column in value} for row in keys[0]], []
    return [{"key": key, **item} for key, item in value.items()], ["Each object's own key is the column 'key'."]


def _table(records: list[tuple[int, Any]], decoder: _Decoder, name: str, unit: str) -> Parsed:
    """Records of one kind as columns; records of another kind are rejected."""
    kinds = [kind for kind in (dict, list, str) if any(isinstance(record, kind) for _, record in records)]
    kept: list[tuple[int, Any]] = []
    rejected: list[tuple[int, str]] = []
    contents: dict[int, str] = {}
    if dict in kinds:
        wanted: type | tuple[type, ...] = dict
    elif list in kinds:
        wanted = list
    else:
        wanted = (str, int, float, bool)
    for number, record in records:
        if isinstance(record, wanted):
            kept.append((number, record))
        else:
            rejected.append((number, f"not {_article(wanted)} like the other entries"))
            contents[number] = json.dumps(record, ensure_ascii=False)[: MAX_REJECTED_CHARACTERS + 1]
    if not kept:
        raise BadInput(f"{name} holds no rows. Choose a file with at least one object.")
    values = [record for _, record in kept]
    if wanted is dict:
        columns = _by_key(values, decoder, name)
    elif wanted is list:
        columns = _by_position(values, name)
    else:
        columns = {"text" if str in kinds else "value": values}
    if not columns:
        raise BadInput(f"{name} holds only empty objects. Choose a file whose objects have keys.")
    arrays = {key: _column(cells, decoder) for key, cells in columns.items()}
    return Parsed(pa.table(arrays), rejected, decoder.notes(), contents=contents)


def _article(wanted: type | tuple[type, ...]) -> str:
    return "an object" if wanted is dict else "a list" if wanted is list else "a plain value"


def _by_key(values: list[dict[str, Any]], decoder: _Decoder, name: str) -> dict[str, list[Any]]:
    keys: dict[str, None] = {}
    for record in values:
        keys.update(dict.fromkeys(record))
        if len(keys) > MAX_COLUMNS:
            raise BadInput(f"{name} has more than {MAX_COLUMNS:,} different keys, each a column. Save fewer.")
    return {decoder.whole(key): [record.get(key) for record in values] for key in keys}


def _by_position(values: list[list[Any]], name: str) -> dict[str, list[Any]]:
    if _vector_width(values):
        return {"vector": values}
    width = max(map(len, values))
    if width > MAX_COLUMNS:
        raise BadInput(f"{name} has lists of {width:,} entries, and at most {MAX_COLUMNS:,} can be columns.")
    first = values[0]
    names = all(isinstance(cell, str) for cell in first) and len(set(first)) == len(first) == width
    if names and any(not isinstance(cell, str) for row in values[1:] for cell in row):
        return {key: [row[i] if i < len(row) else None for row in values[1:]] for i, key in enumerate(first)}
    return {f"column_{i + 1}": [row[i] if i < len(row) else None for row in values] for i in range(width)}


def _vector_width(cells: list[Any]) -> int:
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


def _column(cells: list[Any], decoder: _Decoder) -> pa.Array:
    """Values of one kind keep their type; mixed ones become strings as they were written."""
    kinds = {type(cell) for cell in cells} - {type(None)}
    if not kinds or kinds == {str}:
        return string_array([None if cell is None else decoder.whole(cell) for cell in cells])
    if kinds == {bool}:
        return pa.array(cells, pa.bool_())
    if kinds == {int} and all(cell is None or cell in _INT64 for cell in cells):
        return pa.array(cells, pa.int64())
    exact = all(type(cell) is not int or abs(cell) <= 2**53 for cell in cells)
    if kinds <= {int, float} and float in kinds and exact:
        return pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
    if kinds == {list}:
        width = _vector_width(cells)
        if width:
            missing = np.array([cell is None for cell in cells])
            blank = [0.0] * width
            rows = np.array([blank if cell is None else cell for cell in cells], dtype=np.float64)
            with np.errstate(over="ignore"):
                return vector_array(rows.astype(np.float32), missing if missing.any() else None)
    return string_array([None if cell is None else decoder.whole(_written(cell)) for cell in cells])


def _written(cell: Any) -> str:
    return cell if isinstance(cell, str) else json.dumps(cell, ensure_ascii=False)

"""JSON and JSON lines."""

from __future__ import annotations

import json
from typing import Any, TypeGuard

import pyarrow as pa

from explorer.errors import BadInput
from explorer.limits import MAX_COLUMNS, MAX_REJECTED_CHARACTERS
from explorer.reading.options import Options, Parsed
from explorer.reading.text.cells import column, vector_width
from explorer.reading.text.chats import is_conversation, turns
from explorer.reading.text.decode import decode
from explorer.reading.text.exports import tidied
from explorer.reading.text.flatten import flatten
from explorer.reading.text.json_text import DAMAGE, Decoder, why, without_assignment
from explorer.reading.text.nested import Objects, rows_of, unwound
from explorer.reading.text.records import split_lines

Numbered = list[tuple[int, Any]]


def read_json(data: bytes, options: Options) -> Parsed:
    """A list of objects (at any depth of a document), an object of columns, a list of texts or of lists.

    Raises
    ------
    BadInput : for text that is not JSON (unless each line is), too deep nesting, and values that are not a table
    """
    decoded = decode(data, options.name, options.encoding)
    decoder = Decoder()
    text, assignment = without_assignment(decoded.text)
    notes = [f"{assignment!r} before the data was skipped."] if assignment else []
    try:
        value = decoder.loads(text)
    except DAMAGE as error:
        parsed = _several(error, text, decoder, options)
    else:
        rows = rows_of([value] if is_conversation(value) else value, options.name, options.sheet)
        parsed = _table(rows.values, decoder, options.name)
        parsed.sheet, parsed.sheets = rows.path, rows.paths
        notes += rows.notes
    parsed.notes[:0] = [*decoded.notes, *notes]
    parsed.encoding = decoded.encoding
    return parsed


def read_jsonl(data: bytes, options: Options) -> Parsed:
    """One JSON value in each line. Invalid lines are rejected, and the others are kept."""
    decoded = decode(data, options.name, options.encoding)
    start = decoded.text.lstrip()[:1]
    if start in ("[", "{") and not _is_lines(decoded.text):
        try:
            json.loads(decoded.text)
        except DAMAGE as error:
            whole = isinstance(error, json.JSONDecodeError) and error.msg == "Extra data" and error.lineno > 1
        else:
            whole = True
        if whole:
            parsed = read_json(data, options)
            parsed.format = "json"
            return parsed
    parsed = _lines(decoded.text, options)
    parsed.notes[:0] = decoded.notes
    parsed.encoding = decoded.encoding
    return parsed


def _several(error: BaseException, text: str, decoder: Decoder, options: Options) -> Parsed:
    """A text that is not one JSON value: lines of JSON, or values one after the other; else it is refused."""
    if isinstance(error, json.JSONDecodeError):
        if _is_lines(text):
            parsed = _lines(text, options)
            parsed.format = "jsonl"
            return parsed
        if error.msg == "Extra data" or text[:1] == "\x1e":
            try:
                values = decoder.sequence(text)
            except DAMAGE as later:
                error = later
            else:
                parsed = _table(list(enumerate(values, 1)), decoder, options.name)
                parsed.notes.insert(0, "The file holds several JSON values, one after the other; all were read.")
                return parsed
    raise BadInput(f"{options.name} is not valid JSON: {why(error)}. Correct it, or save it again.") from None


def _is_lines(text: str) -> bool:
    """Whether there is more than one line, and one of the first lines is a JSON object or string by itself."""
    lines = [line for line in text[: 2**20].split("\n", 21)[:20] if line.strip()]
    for line in lines if len(lines) > 1 else []:
        try:
            if isinstance(json.loads(line.lstrip("\x1e")), dict | str):
                return True
        except DAMAGE:
            continue
    return False


def _lines(text: str, options: Options) -> Parsed:
    decoder = Decoder()
    records: Numbered = []
    rejected, contents = [], {}
    for number, line in enumerate(split_lines(text), 1):
        if not line.strip():
            continue
        try:
            records.append((number, decoder.loads(line.lstrip("\x1e") if line[0] == "\x1e" else line)))
        except DAMAGE as error:
            if _ends_in_comma(error, line):
                records.append((number, decoder.loads(line[: error.pos])))
                continue
            rejected.append((number, f"not valid JSON: {why(error, place=False)}"))
            contents[number] = line.rstrip("\r\n")
    if not records and rejected:
        raise BadInput(f"{options.name} is not valid JSON: line {rejected[0][0]} is {rejected[0][1]}. Save it again.")
    parsed = _table(records, decoder, options.name)
    parsed.rejected = sorted(parsed.rejected + rejected)
    parsed.contents |= contents
    return parsed


def _ends_in_comma(error: BaseException, line: str) -> TypeGuard[json.JSONDecodeError]:
    """Whether a line is a value with a comma behind it, as in a list whose brackets were cut off."""
    return isinstance(error, json.JSONDecodeError) and error.msg == "Extra data" and line[error.pos :].strip() == ","


def _table(records: Numbered, decoder: Decoder, name: str) -> Parsed:
    """Records of one kind as columns; records of another kind are rejected."""
    kinds = [kind for kind in (dict, list, str) if any(isinstance(record, kind) for _, record in records)]
    kept: Numbered = []
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
    notes: list[str] = []
    if wanted is list and _lists_of_objects(kept):
        kept, wanted = [(number, {"list": record}) for number, record in kept], dict
    if wanted is dict:
        kept, notes = _rows(kept)
        columns, more = flatten(_by_key([record for _, record in kept], name))
        notes += more
    elif wanted is list:
        columns = _by_position([record for _, record in kept], name)
    else:
        columns = {"text" if str in kinds else "value": [record for _, record in kept]}
    if not columns:
        raise BadInput(f"{name} holds only empty objects. Choose a file whose objects have keys.")
    arrays = {decoder.whole(key): column(key, cells, decoder) for key, cells in columns.items()}
    return Parsed(pa.table(arrays), rejected, notes + decoder.notes(), contents=contents)


def _lists_of_objects(records: Numbered) -> bool:
    return any(record for _, record in records) and all(_all_objects(record) for _, record in records)


def _all_objects(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is dict for item in value)


def _rows(records: Objects) -> tuple[Objects, list[str]]:
    """Objects as rows: turns of chats, entries of a list inside each object, or the objects themselves."""
    rows, notes = turns(records)
    if not notes and all(list(record) == ["list"] and _all_objects(record["list"]) for _, record in rows):
        rows = [(number, item) for number, record in rows for item in record["list"]]
    if not notes:
        rows, notes = tidied(rows)
    if not notes:  # of other exports the rows may be in a list of each object
        rows, notes = unwound(rows)
        rows, more = tidied(rows)
        notes += more
    return rows, notes


def _article(wanted: type | tuple[type, ...]) -> str:
    return "an object" if wanted is dict else "a list" if wanted is list else "a plain value"


def _by_key(values: list[dict[str, Any]], name: str) -> dict[str, list[Any]]:
    keys: dict[str, None] = {}
    for record in values:
        keys.update(dict.fromkeys(record))
        if len(keys) > MAX_COLUMNS:
            raise BadInput(f"{name} has more than {MAX_COLUMNS:,} different keys, each a column. Save fewer.")
    return {key: [record.get(key) for record in values] for key in keys}


def _by_position(values: list[list[Any]], name: str) -> dict[str, list[Any]]:
    if vector_width(values):
        return {"vector": values}
    width = max(map(len, values))
    if width > MAX_COLUMNS:
        raise BadInput(f"{name} has lists of {width:,} entries, and at most {MAX_COLUMNS:,} can be columns.")
    first = values[0]
    names = all(isinstance(cell, str) for cell in first) and len(set(first)) == len(first) == width
    if names and any(not isinstance(cell, str) for row in values[1:] for cell in row):
        return {key: [row[i] if i < len(row) else None for row in values[1:]] for i, key in enumerate(first)}
    return {f"column_{i + 1}": [row[i] if i < len(row) else None for row in values] for i in range(width)}

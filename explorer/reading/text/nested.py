"""The rows of a JSON document: which of its lists are they, at whatever depth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from explorer.errors import BadInput
from explorer.table.language import UNSPACED_LETTERS
from explorer.wording import listed

_SAMPLE = 100  # objects looked at in each list, evenly spaced
_DEPTH = 5  # objects inside objects in which lists are looked for
_LEVELS = 4  # lists inside lists
_TITLE_WORDS = re.compile(r"title|name|subject|headline|topic|label|slug|url|link|id$", re.IGNORECASE)
_ID = re.compile(r"(^|[_\s-])(id|uuid|guid|key|ts)$|[a-z]Id$|ID$", re.IGNORECASE)
_UNSPACED = re.compile(f"[{UNSPACED_LETTERS}]")
_ROW_LISTS = ("qas",)  # lists that hold the rows by their name: the questions of SQuAD
_COLUMNS_AT_MOST = 3  # fields of an object that is a frame for the list in it, such as a paragraph with questions

Path = tuple[str, ...]
Objects = list[tuple[int, dict[str, Any]]]  # each with its line or number in the file


@dataclass
class Rows:
    """The rows of a document: (number from 1, value), and sentences about the choice.

    Attributes
    ----------
    path : of the list that holds the rows, such as "hits.hits"; None where the document has only one table
    paths : of all lists that could be chosen instead
    """

    values: list[tuple[int, Any]]
    notes: list[str]
    path: str | None = None
    paths: tuple[str, ...] = ()


def rows_of(value: Any, name: str, wanted: str | None = None) -> Rows:
    """The rows of a whole JSON document.

    wanted : the path of the list that holds them, as in `Rows.paths`; the one with the most text where it is None

    Raises
    ------
    BadInput : for a document that holds no list of rows, nor one object that can be a row, or has no list `wanted`
    """
    if isinstance(value, list):
        return Rows(list(enumerate(value, 1)), [])
    if isinstance(value, dict) and value:
        table = _columns(value)
        if table is not None:
            return Rows(list(enumerate(table, 1)), [])
        if all(isinstance(item, dict) for item in value.values()) and _alike(value):
            rows, notes = _of_objects(value)
            return Rows(list(enumerate(rows, 1)), notes)
        found = _best_list(value, name, wanted)
        if found:
            return found
        if all(isinstance(item, dict) for item in value.values()):
            rows, notes = _of_objects(value)
            return Rows(list(enumerate(rows, 1)), notes)
        if any(not isinstance(item, list) for item in value.values()):
            return Rows([(1, value)], [])
    kind = "an empty object" if value == {} else f"a single {type(value).__name__}"
    raise BadInput(f"{name} holds {kind}, and a table is needed. Save a list of objects.")


def _columns(value: dict[str, Any]) -> list[Any] | None:
    """Rows from an object of columns: {"columns": […], "data": [[…]]}, {"a": […], "b": […]} of equal lengths."""
    lists = {key: item for key, item in value.items() if isinstance(item, list)}
    if {"columns", "data"} <= lists.keys() and all(isinstance(row, list) for row in lists["data"]):
        names = [entry.get("name", "") if isinstance(entry, dict) else entry for entry in lists["columns"]]
        return [dict(zip(map(str, names), row, strict=False)) for row in lists["data"]]
    if lists and len(lists) == len(value) and len({len(item) for item in lists.values()}) == 1:
        nested = all(isinstance(row, dict) for item in lists.values() for row in item)
        if not nested:
            return [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    return None


def _of_objects(value: dict[str, Any]) -> tuple[list[Any], list[str]]:
    """Rows from {"column": {"0": …}}, as pandas writes it, or from {"id": {…}}, one object for each row."""
    keys = [list(item) for item in value.values()]
    if all(key == keys[0] for key in keys) and all(key.isdigit() for key in keys[0]):
        return [{column: value[column][row] for column in value} for row in keys[0]], []
    return [{"key": key, **item} for key, item in value.items()], ["Each object's own key is the column 'key'."]


def _alike(value: dict[str, Any]) -> bool:
    """Whether the values of an object are objects of one kind, so that its keys are the ids of rows."""
    items = list(value.values())[:_SAMPLE]
    if len(value) < 2 or not all(isinstance(item, dict) and item for item in items):
        return False
    first = set(items[0])
    return all(len(first & set(item)) >= 0.5 * len(first | set(item)) for item in items[1:])


def _best_list(value: dict[str, Any], name: str, wanted: str | None) -> Rows | None:
    """The list in a document with the most text people wrote, or else with the most entries; or the one `wanted`."""
    lists = list(lists_in(value))
    if not lists:
        return None
    paths = [".".join(path).encode("utf-8", "replace").decode() for path, _ in lists]  # keys may hold lone surrogates
    if wanted is not None and wanted not in paths:
        raise BadInput(f"{name} has no list {wanted!r}. Its lists are {listed(paths, 8)}. Name one of these.")

    def weight(found: tuple[Path, list[Any]]) -> tuple[float, int]:
        return words_in(sampled(found[1])) * len(found[1]), len(found[1])

    path, rows = max(lists, key=weight) if wanted is None else lists[paths.index(wanted)]
    own = _own_words(value)
    if wanted is None and weight((path, rows))[0] == 0 and own > 0 and len(rows) < 10:
        return None  # a single object with a short list of its own
    others = [key for key in value if key != path[0]]
    others += [".".join(other) for other, _ in lists if other != path and other[0] == path[0]]
    left = f"; {listed([repr(key) for key in others], 6)} left out." if others else "."
    note = f"The list under {'.'.join(path)!r} was read{left}"
    if isinstance(at(value, path), dict):
        note = note.replace("The list under", "The objects under")
    names = _names_of_columns(value, rows)
    if names:
        rows = [dict(zip(names, row, strict=True)) if len(row) == len(names) else row for row in rows]
    several = tuple(dict.fromkeys(paths)) if len(paths) > 1 else ()
    chosen = paths[[other for other, _ in lists].index(path)] if several else None
    return Rows(list(enumerate(rows, 1)), [note], chosen, several)


def _names_of_columns(value: dict[str, Any], rows: list[Any]) -> list[str] | None:
    """Names for rows that are lists: `meta.view.columns[].name` of Socrata, `fields` or `columns` elsewhere."""
    if not all(isinstance(row, list) for row in rows):
        return None
    width = max(map(len, rows))
    for path, items in lists_in(value):
        if path[-1] in ("columns", "fields", "headers", "header") and len(items) == width:
            names = [item.get("name") if isinstance(item, dict) else item for item in items]
            if len(set(names)) == width and all(isinstance(name, str) for name in names):
                return [str(name) for name in names]
    return None


def lists_in(value: dict[str, Any], depth: int = _DEPTH, path: Path = ()) -> Iterator[tuple[Path, list[Any]]]:
    """Lists of objects, texts or lists inside an object (not inside its lists), and objects of objects as lists."""
    for key, item in value.items():
        if isinstance(item, list):
            if item and isinstance(item[0], dict | str | list):
                yield (*path, key), item
        elif isinstance(item, dict) and depth:
            if len(item) > 2 and _alike(item) and all(isinstance(inner, dict) for inner in item.values()):
                yield (*path, key), [{"key": name, **inner} for name, inner in item.items()]
            else:
                yield from lists_in(item, depth - 1, (*path, key))


def at(value: Any, path: Path) -> Any:
    """What stands at a path of keys, None where there is nothing."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def sampled(values: list[Any]) -> list[Any]:
    """Up to a hundred entries, evenly spaced."""
    return values[:: max(len(values) // _SAMPLE, 1)][:_SAMPLE]


def _word_count(text: str) -> float:
    """Words of a text, 0 for names of one or two words, addresses, markup and code."""
    text = text[:1000]
    if text.lstrip()[:1] in ("<", "{", "[") or text.startswith(("http://", "https://")):
        return 0
    count = len(text.split()) + len(_UNSPACED.findall(text)) / 2
    return count if count >= 3 else 0


def _own_words(value: Any, titles: bool | None = None, depth: int = _DEPTH) -> float:
    """Words in the texts of an object, not those in its lists. `titles`: only those of titles, or all others."""
    if not isinstance(value, dict):
        return _word_count(value) if isinstance(value, str) else 0
    found = 0.0
    for key, item in value.items():
        if isinstance(item, str):
            if titles is None or titles == bool(_TITLE_WORDS.search(key)):
                found += _word_count(item)
        elif isinstance(item, dict) and depth:
            found += _own_words(item, titles, depth - 1)
    return found


def words_in(values: list[Any], depth: int = _DEPTH) -> float:
    """Mean words of an entry, with those of the lists in it."""
    if not values or not depth:
        return 0
    total = 0.0
    for value in values:
        if isinstance(value, list):
            total += words_in(value[:10], depth - 1) * len(value)
        elif isinstance(value, dict):
            total += _own_words(value)
            total += sum(words_in(items[:10], depth - 1) * len(items) for _, items in lists_in(value, 2))
        else:
            total += _own_words(value)
    return total / len(values)


def unwound(records: Objects) -> tuple[Objects, list[str]]:
    """Rows from a list inside each object, while the objects are only a frame for it; else the objects themselves.

    Of a frame, all fields but other lists of objects repeat on each of its rows.
    """
    notes: list[str] = []
    taken: list[str] = []
    for _ in range(_LEVELS):
        path = _inner([record for _, record in sampled(records)])
        if path is None:
            break
        taken.append(".".join(path))
        records, empty, left = _each(records, path)
        name = "[].".join(taken) + "[]"
        notes = [note for note in notes if not note.startswith("The rows are")]
        notes.append(f"The rows are the {len(records):,} objects in {name!r}; what stands above them repeats in each.")
        if left:
            notes.append(f"Other lists beside {taken[-1]!r} left out: {listed([repr(key) for key in left], 6)}.")
        if empty:
            notes.append(f"{empty:,} objects with nothing in {taken[-1]!r} give no row.")
    return records, notes


def _each(records: Objects, path: Path) -> tuple[Objects, int, list[str]]:
    """One row for each entry of the list at `path`; objects without entries; other lists that were left out."""
    rows: Objects = []
    empty, left = 0, dict[str, None]()
    for number, record in records:
        items = at(record, path)
        if isinstance(items, dict):
            items = [{"key": name, **inner} for name, inner in items.items() if isinstance(inner, dict)]
        if not isinstance(items, list) or not items:
            empty += 1
            continue
        above = frame(record, path, left)
        rows.extend((number, beside(above, item if isinstance(item, dict) else {"value": item})) for item in items)
    return rows, empty, list(left)


def frame(record: dict[str, Any], path: Path, left: dict[str, None]) -> dict[str, Any]:
    """An object without the list at `path` and without its other lists of objects, whose names go to `left`."""
    found: dict[str, Any] = {}
    for key, item in record.items():
        if key == path[0]:
            if len(path) > 1 and isinstance(item, dict):
                inner = frame(item, path[1:], left)
                if inner:
                    found[key] = inner
        elif isinstance(item, list) and item and isinstance(item[0], dict | list):
            left[key] = None
        else:
            found[key] = item
    return found


def beside(above: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    """A row with the fields above it first; a field of the same name as one of the row is called `above.name`."""
    return {f"above.{key}" if key in row else key: value for key, value in above.items()} | row


def _inner(records: list[dict[str, Any]]) -> Path | None:
    """The path of the list that holds the rows, if the objects are only a frame for it."""
    if not records:
        return None
    lists: dict[Path, list[list[Any]]] = {}
    for record in records:
        for path, items in lists_in(record, 2):
            if isinstance(items[0], dict):
                lists.setdefault(path, []).append(items)
    if not lists:
        return None
    total = len(records)
    titles = sum(_own_words(record, True) for record in records) / total
    texts = sum(_own_words(record, False) for record in records) / total
    best, most = None, 0.0
    for path, found in lists.items():
        words = sum(words_in(items[:20]) * len(items) for items in found) / total
        empty_frame = texts < 1 and words >= 2 * titles and len(found) >= (0.8 if titles else 0.2) * total
        if words > most and (empty_frame or path[-1] in _ROW_LISTS or _frames(records, found)):
            best, most = path, words
    return best


def _frames(records: list[dict[str, Any]], found: list[list[Any]]) -> bool:
    """Whether objects with a text have no id of their own, and several objects with an id in a list: a context."""
    fields = {key for record in records for key, item in record.items() if not isinstance(item, list)}
    inner = {key for items in found for item in items[:20] if isinstance(item, dict) for key in item}
    return (
        len(found) >= 0.8 * len(records)
        and len(fields) <= _COLUMNS_AT_MOST
        and not any(_ID.search(key) for key in fields)
        and any(_ID.search(key) for key in inner)
        and sum(map(len, found)) >= 1.5 * len(found)
    )

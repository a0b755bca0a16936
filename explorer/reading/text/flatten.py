"""Objects inside rows become one column for each leaf, with dotted names: {"user": {"name": …}} is `user.name`."""

from __future__ import annotations

from itertools import chain
from typing import Any

from explorer.reading.text.cells import PIECES
from explorer.reading.text.extended import plain
from explorer.wording import listed

MAX_DEPTH = 8  # levels of objects that are opened
MAX_KEYS = 100  # different keys of one object, over all rows: more are a map from ids to values
MAX_NESTED = 300  # columns that objects may add
_FEW_KEYS, _RARE = 20, 0.1  # an object with more keys, each in fewer than this share of the rows, is such a map too
_NAMES = ("name", "label", "title", "text", "login", "username", "screen_name", "displayName", "display_name", "emoji")
_FEW_ROWS = 100  # rows in which no more is said of a key than that it is there

Columns = dict[str, list[Any]]


def flatten(columns: Columns) -> tuple[Columns, list[str]]:
    """The columns with every object opened, and sentences about those that were not.

    Only columns that hold an object are touched, so that flat rows cost nothing more. A cell that is no object, in a
    column of objects, keeps the column's own name.
    """
    columns, notes = _without_wrapper(columns)
    added, closed = 0, set[str]()
    kept: list[str] = []
    for _ in range(MAX_DEPTH):
        opened: Columns = {}
        for name, cells in columns.items():
            parts = None if name in closed else _opened(cells)
            if parts is None:
                closed.add(name)
                _put(opened, name, cells)
                continue
            others, inner = parts
            if inner and (_is_map(inner, cells) or added + len(inner) > MAX_NESTED):
                kept.append(name)
                closed.add(name)
                _put(opened, name, cells)
                continue
            if others is not None or not inner:
                closed.add(_put(opened, name, others if others is not None else [None] * len(cells)))
            added += len(inner)
            for key, values in inner.items():
                _put(opened, f"{name}.{key}", values)
        columns = opened
        if closed.issuperset(columns):
            break
    columns = _with_names_of_lists(columns, MAX_NESTED - added)
    if kept:
        notes.append(f"Objects with very many keys stay JSON text: {listed([repr(name) for name in kept], 6)}.")
    return columns, notes


def _with_names_of_lists(columns: Columns, most: int) -> Columns:
    """Beside each list of named things, such as labels: [{"name": "bug"}], a column of the names, `labels.name`."""
    made: Columns = {}
    for name, cells in columns.items():
        _put(made, name, cells)
        key = _name_in_lists(cells) if most > 0 and not PIECES.search(name) else None
        if key is not None:
            names = [list(dict.fromkeys(entry[key] for entry in cell)) if cell else None for cell in cells]
            _put(made, f"{name}.{key}", names)
            most -= 1
    return made


def _name_in_lists(cells: list[Any]) -> str | None:
    """The key that holds the name in every object of every list; None for a column of anything else."""
    if set(map(type, cells)) - {type(None)} != {list}:
        return None
    entries = list(chain.from_iterable(cell for cell in cells if cell))
    if not entries or set(map(type, entries)) != {dict}:
        return None
    return next((key for key in _NAMES if all(type(entry.get(key)) is str for entry in entries)), None)


def _opened(cells: list[Any]) -> tuple[list[Any] | None, Columns] | None:
    """The cells that are no objects (None if there are none), and the objects' columns; None for a plain column."""
    if dict not in set(map(type, cells)):
        return None
    cells = [plain(cell) if type(cell) is dict else cell for cell in cells]
    keys = dict.fromkeys(chain.from_iterable(cell for cell in cells if type(cell) is dict))
    others = [None if type(cell) is dict else cell for cell in cells]
    inner = {
        key: [cell.get(key) if type(cell) is dict else None for cell in cells] for key in list(keys)[: 4 * MAX_KEYS]
    }
    return (others if any(cell is not None for cell in others) else None), inner


def _is_map(inner: Columns, cells: list[Any]) -> bool:
    """Whether the keys of the objects are values themselves: ids, dates, words."""
    if len(inner) > MAX_KEYS:
        return True
    objects = sum(type(cell) is dict for cell in cells)
    filled = sum(len(cell) for cell in cells if type(cell) is dict)
    return len(inner) > _FEW_KEYS and objects > _FEW_ROWS and filled < _RARE * len(inner) * objects


def _put(columns: Columns, name: str, cells: list[Any]) -> str:
    """Add a column; a name that is there already gets a number. Returns the name."""
    free, number = name, 1
    while free in columns:
        number += 1
        free = f"{name} ({number})"
    columns[free] = cells
    return free


def _without_wrapper(columns: Columns) -> tuple[Columns, list[str]]:
    """The columns without an object that only wraps each row, such as `_source` of Elasticsearch."""
    notes: list[str] = []
    for _ in range(MAX_DEPTH):
        name = _wrapper(columns)
        if name is None:
            break
        cells = columns[name]
        keys = dict.fromkeys(chain.from_iterable(cell for cell in cells if cell is not None))
        if len(keys) > MAX_KEYS or any(key[:1] == "$" for key in keys):
            break
        inner = {key: [None if cell is None else cell.get(key) for cell in cells] for key in keys}
        rest = {key: cells for key, cells in columns.items() if key != name}
        for word in ("type", "kind"):
            if rest.get(word) and len(set(rest[word])) == 1:
                del rest[word]  # the format's own word, such as GeoJSON's "Feature", the same in every row
        columns = {f"outer.{key}" if key in inner else key: cells for key, cells in rest.items()} | inner
        notes.append(f"The columns inside {name!r} are named without it.")
    return columns, notes


def _wrapper(columns: Columns) -> str | None:
    """The column that holds the whole row as an object, if one does."""

    def objects(name: str) -> bool:
        kinds = set(map(type, columns.get(name, ())))
        return dict in kinds and kinds <= {dict, type(None)}

    if len(columns) == 1:
        return next((name for name in columns if objects(name)), None)
    if "_source" in columns and objects("_source"):
        return "_source"
    if "geometry" in columns and set(columns.get("type", ())) == {"Feature"} and objects("properties"):
        return "properties"
    pair = set(columns)
    return next(
        (name for mark, name in (("kind", "data"), ("cursor", "node")) if pair == {mark, name} and objects(name)), None
    )

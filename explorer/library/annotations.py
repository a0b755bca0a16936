"""Annotations that people make, kept apart from what is computed: never evicted, undoable, portable.

A project is one list of operations: a tag was given, a cluster renamed, merged or split, a row kept or removed. The
current state follows from the list, so undo removes the last operation. Operations name rows by a key that is the same
in a new version of the file, so names and tags stay with their rows.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from explorer.errors import BadInput
from explorer.store.store import Store
from explorer.table.ours import ROW_KEY, ours

ANCHORS = 500  # rows that stand for a cluster: enough to find it again among new clusters, few enough to store
MOST_VALUE = 200  # characters of a name or tag
FORMAT = "embedding-explorer-project"
VERSION = 1
_TELLING = 0.5  # share of distinct rows; below it, cells of text do not distinguish rows
KINDS = ("rename", "merge", "split", "groups", "tag", "untag", "decide")
_HEX = re.compile(r"[0-9a-f]{32}")


def row_keys(table: pa.Table, id_column: str | None) -> np.ndarray:
    """A key for each row, the same in a new version of the table: S16 of shape (n,).

    It is the digest of the row's id where there is an id column without repeats, else of all its cells; equal rows are
    numbered. Vectors and pictures are left out, since a new version may have made them again, unless the other cells
    are the same in most rows. So are the columns that we have made, but `ROW_KEY`: it holds the keys of a version whose
    rows have others by themselves.
    """
    made = ours(table.column_names)
    if ROW_KEY in made and (kept := _kept_keys(table.column(ROW_KEY))) is not None:
        return kept
    table = table.drop_columns(sorted(made))
    names = [f.name for f in table.schema if not _is_heavy(f.type)]
    if id_column is not None and id_column in table.column_names:
        ids = table.column(id_column).cast(pa.string()).to_pandas()
        if ids.notna().all() and ids.is_unique:
            names = [id_column]
    keys = _cells_joined(table, names)
    if len(names) < table.num_columns and keys.nunique() < _TELLING * len(keys):
        keys = _cells_joined(table, table.column_names)
    again = keys.groupby(keys).cumcount()
    return np.array(
        [_digest(text if not repeat else f"{text}\x1e{repeat}") for text, repeat in zip(keys, again, strict=True)],
        "S16",
    )


@dataclass(frozen=True)
class Operation:
    """One annotation that somebody made.

    Attributes
    ----------
    kind : one of `KINDS`
    rows : keys of the rows it is about, hexadecimal; for a cluster, those that stand for it
    value : the name, the tag, the decision ("keep" or "remove"), or into how many to split
    size : how many rows the cluster had that `rows` stand for
    of : how many rows the table had then; 0 where unknown
    others : for a merge, the rows that stand for each further cluster; for "groups", all rows of each further one
    sizes : for a merge, how many rows each further cluster had
    names : for "groups", what each cluster is called, `rows` and then each of `others`; "" for rows in no cluster
    at : seconds since 1970
    """

    kind: str
    rows: tuple[str, ...]
    value: str = ""
    size: int = 0
    others: tuple[tuple[str, ...], ...] = ()
    at: float = 0.0
    of: int = 0
    sizes: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


@dataclass
class Project:
    """Annotations of one dataset in all its versions, kept in the store under an unguessable id."""

    store: Store
    id: str
    name: str = ""
    operations: list[Operation] = field(default_factory=list)
    undone: list[Operation] = field(default_factory=list)

    @classmethod
    def create(cls, store: Store, name: str) -> Project:
        """A new, empty project."""
        project = cls(store, secrets.token_urlsafe(18), name)
        project._write()
        return project

    @classmethod
    def load(cls, store: Store, id: str) -> Project | None:
        """The project of that id, or None."""
        if not id or not all(mark.isalnum() or mark in "-_" for mark in id):
            return None
        document = store.read_json("projects", id)
        return None if document is None else cls._of(store, id, document)

    @classmethod
    def of(cls, store: Store, id: str | None, name: str) -> Project:
        """The project of that id; where there is none, an empty one that is not stored yet."""
        return (cls.load(store, id) if id else None) or cls(store, "", name)

    def copy(self) -> Project:
        """The same annotations under a new id. Changes to one do not change the other."""
        other = Project(self.store, secrets.token_urlsafe(18), self.name, list(self.operations), list(self.undone))
        other._write()
        return other

    def do(self, operation: Operation) -> None:
        """Add a new operation."""
        with self._changed():
            self.operations.append(Operation(**{**operation.__dict__, "at": time.time()}))
            self.undone.clear()

    def undo(self) -> Operation | None:
        """Undo the last operation. Returns it, or None where there is none."""
        with self._changed():
            if self.operations:
                self.undone.append(self.operations.pop())
                return self.undone[-1]
        return None

    def redo(self) -> Operation | None:
        """Redo the operation that was undone last. Returns it, or None where there is none."""
        with self._changed():
            if self.undone:
                self.operations.append(self.undone.pop())
                return self.operations[-1]
        return None

    def tags(self) -> dict[str, set[str]]:
        """Tag to the keys of its rows; tags without rows are left out."""
        tags: dict[str, set[str]] = {}
        for operation in self.operations:
            if operation.kind == "tag":
                tags.setdefault(operation.value, set()).update(operation.rows)
            elif operation.kind == "untag":
                tags.get(operation.value, set()).difference_update(operation.rows)
        return {tag: rows for tag, rows in tags.items() if rows}

    def decisions(self) -> dict[str, str]:
        """Row key to "keep" or "remove", the latest decision for each row; "" takes a decision back."""
        decided = {
            row: operation.value
            for operation in self.operations
            if operation.kind == "decide"
            for row in operation.rows
        }
        return {row: value for row, value in decided.items() if value}

    def group_edits(self) -> list[Operation]:
        """Renames, merges, splits and groups that a file brought, in the order they were made."""
        return [operation for operation in self.operations if operation.kind in ("rename", "merge", "split", "groups")]

    def document(self, **more: Any) -> dict[str, Any]:
        """The project as JSON values, with whatever the caller adds."""
        return {
            "format": FORMAT, "version": VERSION, "name": self.name,
            "operations": [operation.__dict__ for operation in self.operations], **more,
        }  # fmt: skip

    @contextmanager
    def _changed(self) -> Iterator[None]:
        """Change the list as it is stored now, so that what another page or person has added meanwhile stays."""
        with self.store.alone(f"project {self.id}"):
            now = Project.load(self.store, self.id)
            if now is not None:
                self.operations, self.undone = now.operations, now.undone
            yield
            self._write()

    def _write(self) -> None:
        undone = [operation.__dict__ for operation in self.undone]
        self.store.write_json("projects", self.id, self.document(undone=undone))

    @classmethod
    def _of(cls, store: Store, id: str, document: dict[str, Any]) -> Project:
        return cls(
            store, id, str(document.get("name", "")),
            [_operation(value) for value in document.get("operations", [])],
            [_operation(value) for value in document.get("undone", [])],
        )  # fmt: skip


def read_project_file(data: bytes, store: Store) -> tuple[Project, dict[str, Any]]:
    """A downloaded project as a new one in this store, and the document it came in.

    Raises
    ------
    BadInput : where the file is not a project file
    """
    try:
        document = json.loads(data)
        if document["format"] != FORMAT or document["version"] > VERSION:
            raise ValueError
        operations = [_operation(value) for value in document["operations"]]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadInput(
            "This is not a project file of the Embedding Explorer, or of a newer one. "
            "Choose a file that was downloaded with “Download project”."
        ) from None
    project = Project.create(store, str(document.get("name", "")))
    project.operations = operations
    project._write()
    return project, document


def hexes(keys: Iterable[bytes]) -> tuple[str, ...]:
    """Row keys as the text that operations hold."""
    return tuple(key.ljust(16, b"\0").hex() for key in keys)


def anchors(keys: np.ndarray) -> tuple[str, ...]:
    """At most `ANCHORS` of a cluster's row keys, evenly spaced, to stand for it in an operation.

    keys : S16 array of shape (r,), row keys
    """
    if not len(keys):
        return ()
    return hexes(keys[np.unique(np.linspace(0, len(keys) - 1, min(len(keys), ANCHORS)).astype(int))])


def rows_of(keys: np.ndarray, wanted: Iterable[str]) -> np.ndarray:
    """The rows with the wanted keys: int64 of shape (r,), ascending.

    keys : S16 array of shape (n,), row keys
    wanted : row keys as `hexes` writes them
    """
    sought = np.array([bytes.fromhex(key) for key in wanted], "S16")
    return np.flatnonzero(np.isin(keys, sought)) if len(sought) else np.zeros(0, np.int64)


def _kept_keys(column: pa.ChunkedArray) -> np.ndarray | None:
    """The keys that a version's column holds; None where it holds something else."""
    cells = column.to_pylist()
    if not all(isinstance(cell, str) and _HEX.fullmatch(cell) for cell in cells):
        return None
    return np.array([bytes.fromhex(cell) for cell in cells], "S16")


def _is_heavy(kind: pa.DataType) -> bool:
    """Whether cells of this type are vectors or pictures."""
    return pa.types.is_fixed_size_list(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind)


def _cells_joined(table: pa.Table, names: Sequence[str]) -> pd.Series:
    """The cells of each row as one text."""
    columns = [_as_text(table.column(name)) for name in names]
    rows = zip(*columns, strict=True) if columns else [()] * table.num_rows
    return pd.Series(["\x1f".join("\x00" if cell is None else cell for cell in row) for row in rows], dtype=object)


def _as_text(column: pa.ChunkedArray) -> list[str | None]:
    if pa.types.is_fixed_size_list(column.type):
        # A digest of the bytes: sixty thousand vectors as text would be gigabytes.
        width = column.type.list_size
        found: list[str | None] = []
        for chunk in column.chunks:
            values = chunk.values.slice(chunk.offset * width, len(chunk) * width).to_numpy(zero_copy_only=False)
            cells = np.ascontiguousarray(values).reshape(len(chunk), width)
            missing = chunk.is_null().to_pylist()
            found += [
                None if gone else hashlib.blake2b(cell.tobytes(), digest_size=16).hexdigest()
                for cell, gone in zip(cells, missing, strict=True)
            ]
        return found
    if _is_heavy(column.type):
        return [
            None if value is None else hashlib.blake2b(value, digest_size=16).hexdigest()
            for value in column.to_pylist()
        ]
    if pa.types.is_nested(column.type):
        return [None if value is None else str(value) for value in column.to_pylist()]
    return column.cast(pa.string()).to_pylist()


def _operation(value: dict[str, Any]) -> Operation:
    rows, others = tuple(value["rows"]), tuple(tuple(rows) for rows in value.get("others", ()))
    for key in (*rows, *(key for cluster in others for key in cluster)):
        if len(bytes.fromhex(key)) != 16:
            raise ValueError(key)
    if value["kind"] not in KINDS:
        raise ValueError(value["kind"])
    text, *names = (
        str(text)[:MOST_VALUE].encode("utf-8", "replace").decode()  # JSON may hold half surrogates
        for text in (value.get("value", ""), *value.get("names", ()))
    )
    if value["kind"] == "groups" and len(names) != 1 + len(others):
        raise ValueError(names)
    return Operation(
        value["kind"], rows, text, int(value.get("size", 0)), others,
        float(value.get("at", 0)), int(value.get("of", 0)), tuple(int(size) for size in value.get("sizes", ())),
        tuple(names),
    )  # fmt: skip


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()

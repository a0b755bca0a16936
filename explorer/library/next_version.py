"""A file that is a newer version of a dataset that is known: found, and opened so that what people did goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from explorer.errors import BadInput
from explorer.library.annotations import row_keys
from explorer.library.rejected import KIND
from explorer.library.workspaces import Entry
from explorer.space import load_table
from explorer.store.digest import table_digest
from explorer.store.store import Store
from explorer.table.ours import ROW_KEY, ours
from explorer.table.table import Table
from explorer.table.versions import Version, alike_at_most, compare, looks_like_next, may_follow, mostly, with_states

MOST_COMPARED = 10  # known datasets, the newest first: each is read from the disk


@dataclass(frozen=True, eq=False)
class Known:
    """An earlier version of a file.

    Attributes
    ----------
    entry : as somebody opened it
    table : its rows
    version : how the file's rows follow from them
    same : whether the file holds just these rows
    """

    entry: Entry
    table: pa.Table
    version: Version
    same: bool


def compared(table: Table, entry: Entry, store: Store) -> Known | None:
    """How a file follows from a known dataset; None where that is stored no more, or lacks the file's columns."""
    try:
        earlier = load_table(entry.recipe.table, store)
    except BadInput:
        return None
    columns = entry.recipe.columns
    if not set(columns) <= set(table.columns) & set(earlier.column_names):
        return None
    version = compare(table.arrow, earlier, columns, entry.roles.id)
    same = version.unmoved and _users(table.columns) == _users(earlier.column_names)
    return Known(entry, earlier, version, same)


def newest_of_each(entries: Iterable[Entry]) -> list[Entry]:
    """One entry for each table, the one opened last, newest first; none of a selection."""
    found: dict[str, Entry] = {}
    for entry in sorted(entries, key=lambda entry: -entry.opened):
        if not entry.recipe.subset:
            found.setdefault(entry.recipe.table, entry)
    return list(found.values())


def find_earlier(table: Table, entries: Iterable[Entry], store: Store) -> Known | None:
    """The known dataset that a file looks like a newer version of: nearly the same columns, most rows alike. The one
    with most rows alike where there are several, then the one opened last; None where there is none.

    entries : as `newest_of_each` gives them
    """
    best: Known | None = None
    # Half of the rows of a table that is twice as long cannot be here.
    likely = [entry for entry in entries if entry.rows <= 2 * len(table)]
    likely.sort(key=lambda entry: entry.recipe.table != table.digest)
    for entry in likely[:MOST_COMPARED]:
        try:
            earlier = load_table(entry.recipe.table, store)
        except BadInput:
            continue
        content = entry.recipe.columns
        if not may_follow(table.columns, earlier.column_names, content):
            continue
        if not mostly(alike_at_most(table.arrow, earlier, content), len(earlier)):
            continue
        found = compared(table, entry, store)
        if found is None or not looks_like_next(found.version, len(found.table)):
            continue
        if found.same:
            return found
        if best is None or found.version.alike > best.version.alike:
            best = found
    return best


def as_next(table: Table, earlier: pa.Table, version: Version, id_column: str | None) -> Table:
    """The file as the next version: with the state of each row as a column, and with keys that keep the annotations
    of rows which would have another key now, such as where a column was added."""
    arrow = with_states(table.arrow, version)
    plain, before = row_keys(arrow, id_column), row_keys(earlier, id_column)
    held = version.earlier >= 0
    keys = plain.copy()
    keys[held] = before[version.earlier[held]]
    for row in np.flatnonzero(~held & np.isin(plain, before)):  # a new row under the number of an earlier one
        keys[row] = hashlib.blake2b(plain[row] + b" new", digest_size=16).digest()
    if (keys != plain).any():
        arrow = arrow.drop_columns([ROW_KEY]) if ROW_KEY in arrow.column_names else arrow
        arrow = arrow.append_column(ROW_KEY, pa.chunked_array([[key.ljust(16, b"\0").hex() for key in keys.tolist()]]))
    return replace(table, arrow=arrow, digest=table_digest(arrow))


def keep_gone(store: Store, known: Known) -> str:
    """Store the rows that are gone. Returns the key that names them; "" where there are none."""
    gone = known.table.take(known.version.gone)
    if not len(gone):
        return ""
    gone = gone.select([name for name in gone.column_names if name not in ours(gone.column_names)])
    key = f"gone-{table_digest(gone)}"
    store.put(KIND, key, gone)
    return key


def kept_gone(store: Store, entry: Entry) -> pa.Table | None:
    """The stored rows that are gone; None where there are none."""
    return store.get(KIND, entry.gone_key) if entry.gone_key else None


def _users(columns: list[str]) -> set[str]:
    return set(columns) - ours(columns)

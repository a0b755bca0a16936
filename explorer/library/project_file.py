"""A project as one file: the table, the choices, and people's annotations, to reopen elsewhere."""

from __future__ import annotations

import base64
import json

from explorer.errors import BadInput
from explorer.library.annotations import FORMAT, Project, read_project_file
from explorer.library.workspaces import Entry, entry_from_json, entry_to_json
from explorer.limits import MAX_PROJECT_BYTES, MAX_PROJECT_VALUES, MIB
from explorer.reading.sandbox import read_apart
from explorer.space import load_table
from explorer.store.store import Store
from explorer.table.download import to_parquet

SUFFIX = ".explorer.json"
_LOOKS_LIKE = f'"{FORMAT}"'.encode()


def looks_like_project(data: bytes) -> bool:
    """Whether a file looks like a project file. Only its first kilobyte is read."""
    return _LOOKS_LIKE in data[:1024]


def project_file(entry: Entry, store: Store) -> bytes:
    """The open dataset as a project file, without computed results: these are made again where it is opened."""
    table = load_table(entry.recipe.table, store)
    document = Project.of(store, entry.project, entry.name).document(
        entry=entry_to_json(entry), table=base64.b64encode(to_parquet(table)).decode("ascii")
    )
    return json.dumps(document, ensure_ascii=False).encode()


def open_project_file(data: bytes, store: Store) -> Entry:
    """Store the table and annotations of a project file. Returns the entry, ready to open.

    Raises
    ------
    BadInput : where the file is not a project file, or its parts do not fit together
    """
    if len(data) > MAX_PROJECT_BYTES:
        raise BadInput(f"This project file has more than the {MAX_PROJECT_BYTES // MIB} MB that can be read.")
    # Count its values before parsing takes memory. The table is one value, without any of these characters.
    if sum(map(data.count, (b",", b"[", b"{"))) > MAX_PROJECT_VALUES:
        raise BadInput(f"This project file has more than the {MAX_PROJECT_VALUES:,} values that can be read.")
    project, document = read_project_file(data, store)
    try:
        entry = entry_from_json({**document["entry"], "project": project.id})
        table = read_apart(base64.b64decode(document["table"], validate=True), name=entry.name)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadInput("This project file is not whole. Download it again where it was made.") from error
    if table.digest != entry.recipe.table:
        raise BadInput("The table in this project file is not the one that its map was made of. Download it again.")
    store.put("table", table.digest, table.arrow, {"name": entry.name})
    return entry

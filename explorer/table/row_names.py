"""How a row is named for people."""

from __future__ import annotations

import pyarrow as pa

from explorer.table.roles import Roles
from explorer.wording import one_line, shorten


def row_name(table: pa.Table, roles: Roles, row: int) -> str:
    """A row's number (from 0) and, where the file has an id of its own, that too: "row 4 · T0004"."""
    own = "" if roles.id is None else table.column(roles.id)[row].as_py()
    return f"row {row:,}" + ("" if own in (None, "") else f" · {shorten(one_line(str(own)), 40)}")

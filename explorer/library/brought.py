"""Names of groups and tags that a file brings, because it is one of our exports: found, and taken over."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.library.annotations import MOST_VALUE, Operation, Project, hexes, row_keys
from explorer.library.grouping import groups_operation
from explorer.table.download import as_it_was
from explorer.table.ours import CLUSTER, CLUSTER_NAME, TAGS
from explorer.table.table import holds_text
from explorer.wording import counted


@dataclass(frozen=True, eq=False)
class Brought:
    """What an export says about its rows.

    Attributes
    ----------
    names : of the group of each row, n of them; None for a row in none
    tags : tag to its rows, ascending
    """

    names: tuple[str | None, ...]
    tags: Mapping[str, np.ndarray]

    def __str__(self) -> str:
        """ "8 group names and 3 tags"."""
        groups = len({name for name in self.names if name})
        amounts = ((groups, "group name"), (len(self.tags), "tag"))
        return " and ".join(counted(amount, one) for amount, one in amounts if amount)


def brought(table: pa.Table) -> Brought | None:
    """The names and tags in the columns of an export; None where a table is none, or holds neither."""
    columns = set(table.column_names)
    if not {CLUSTER, CLUSTER_NAME} <= columns or not holds_text(table.column(CLUSTER_NAME).type):
        return None
    names = tuple(as_it_was(name)[:MOST_VALUE] if name else None for name in table.column(CLUSTER_NAME).to_pylist())
    tags: dict[str, list[int]] = {}
    for row, cell in enumerate(table.column(TAGS).to_pylist() if TAGS in columns else ()):
        for tag in dict.fromkeys(_tags(cell)):
            tags.setdefault(tag, []).append(row)
    if not tags and not any(names):
        return None
    return Brought(names, {tag: np.array(rows, np.int64) for tag, rows in tags.items()})


def take_over(found: Brought, table: pa.Table, id_column: str | None, project: Project) -> None:
    """Have a project hold what an export says about its rows."""
    keys = row_keys(table, id_column)
    for tag, rows in found.tags.items():
        project.do(Operation("tag", hexes(keys[rows]), tag, len(rows)))
    if any(found.names):
        project.do(groups_operation(found.names, keys))  # last, so that one Undo gives the computed groups


def _tags(cell: Any) -> list[str]:
    """The tags of one cell: a list, or a JSON list as CSV and Excel hold it."""
    if isinstance(cell, str) and cell.strip():
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            cell = [cell]  # typed in by somebody
    tags = cell if isinstance(cell, list) else []
    return [tag.strip()[:MOST_VALUE] for tag in tags if isinstance(tag, str) and tag.strip()]

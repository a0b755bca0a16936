"""What a command does about versions of a file: compared with an earlier one, with what people did about that one."""

from __future__ import annotations

import argparse
import shlex
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from explorer.errors import BadInput
from explorer.geometry.clusters import Clusters
from explorer.library.annotations import Project, row_keys
from explorer.library.brought import brought
from explorer.library.next_version import as_next, find_earlier, newest_of_each
from explorer.library.on_screen import groups_on_screen, tags_of_rows
from explorer.library.samples import SAMPLES, open_sample
from explorer.library.workspaces import Workspace
from explorer.reading.sandbox import read_apart
from explorer.space import Space
from explorer.store.store import Store
from explorer.table.roles import Roles, guess_roles, require_content
from explorer.table.table import Table
from explorer.table.versions import compare


@dataclass
class Versions:
    """One file and what is known of it.

    Attributes
    ----------
    counts : how many rows are new, changed, the same and gone; None where the file is compared with none
    """

    options: argparse.Namespace
    store: Store
    counts: dict[str, int] | None = None
    _tables: list[str] = field(default_factory=list)  # digests of this file and of the earlier one

    def of(self, table: Table) -> Table:
        """The table with the state of each row, where an earlier file is named; a note on what it looks like else.

        Raises
        ------
        BadInput : where the earlier file cannot be read, or has not the columns that tell rows apart
        """
        notes = []
        self._tables.append(table.digest)
        if self.options.next_version_of:
            earlier = self._earlier()
            roles = guess_roles(earlier)
            content = roles.text or (str(roles.vector),)
            if named := self.options.text:
                content = (named,) if named in table.columns else tuple(name.strip() for name in named.split(","))
            absent = [name for name in content if name not in table.columns or name not in earlier.columns]
            if absent:
                raise BadInput(
                    f"{table.name} and {earlier.name} are compared by {absent[0]!r}, which is not in both. Name a "
                    "column of both with --text."
                )
            version = compare(table.arrow, earlier.arrow, content, roles.id)
            table = as_next(table, earlier.arrow, version, roles.id)
            self.counts = version.counts
            self._tables += [table.digest, earlier.digest]
            notes.append(f"The next version of {earlier.name}: {version}.")
        else:
            known = find_earlier(table, newest_of_each(Workspace(self.store).all()), self.store)
            if known is not None and not known.same:
                notes.append(
                    f"This looks like a newer version of {known.entry.name}: {known.version}. "
                    "--next-version-of FILE keeps names and tags, and says which rows are new."
                )
        if found := brought(table.arrow):
            notes.append(
                f"This file came from here. The app can take over its {found}: "
                f"python -m explorer app {shlex.quote(str(self.options.data))}"
            )
        return replace(table, notes=(*table.notes, *notes))

    def groups(self, space: Space, roles: Roles) -> tuple[Clusters, dict[str, np.ndarray]]:
        """The groups as people named, merged and split them in the app on this computer, and the rows of each tag."""
        entries = newest_of_each(Workspace(self.store).all())
        known = [entry for entry in entries if entry.recipe.table in self._tables and entry.project]
        project = Project.load(self.store, known[0].project or "") if known else None
        if project is None:
            return space.clusters, {}
        keys = row_keys(space.table, roles.id)
        return groups_on_screen(space, space.clusters, project.group_edits(), keys), tags_of_rows(project, keys)

    def _earlier(self) -> Table:
        named = self.options.next_version_of
        earlier = open_sample(named)[0] if named in SAMPLES and not Path(named).exists() else read_apart(named)
        require_content(earlier, guess_roles(earlier))
        return earlier

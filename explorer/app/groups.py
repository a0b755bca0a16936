"""The groups on a page: at the chosen level and as people edited them, with the key that names them."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.app import project
from explorer.geometry.clusters import Clusters
from explorer.library.workspaces import Entry
from explorer.space import Space


@dataclass(frozen=True, eq=False)
class Shown:
    """The groups on the page, with the key that names them: level, settings and edits."""

    clusters: Clusters
    key: str

    def __len__(self) -> int:
        return len(self.clusters)


def shown_groups(entry: Entry, space: Space) -> Shown:
    """The groups at the chosen level, as people edited them."""
    clusters = project.groups_of(space, entry)
    version = project.edits_version(project.project_of(entry))
    return Shown(clusters, f"{entry.recipe.key}-{project.chosen_level() or ''}-{version}")

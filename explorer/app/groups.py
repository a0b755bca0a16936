"""The groups on a page: at the chosen level and as people edited them, with the key that names them."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.geometry.clusters import Clusters


@dataclass(frozen=True, eq=False)
class Groups:
    """The groups on the page, with the key that names them: level, settings and edits."""

    clusters: Clusters
    key: str

    def __len__(self) -> int:
        return len(self.clusters)

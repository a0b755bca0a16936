"""What the user chose, and the keys of everything computed from those choices.

Each stage is stored under a key made of the keys of its inputs and of only those fields of the
Recipe that it depends on: moving a UMAP slider gives a new layout key and leaves the vectors' alone.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

# Raised when a stage's algorithm changes in a way that makes stored results wrong.
STAGE_VERSIONS = {"items": 1, "vectors": 1, "neighbors": 1, "layout": 3, "clusters": 2}


@dataclass(frozen=True)
class Projection:
    """How vectors become 2 or 3 coordinates. `n_neighbors` and `min_dist` are read by UMAP alone."""

    method: str = "umap"
    dimensions: int = 2
    n_neighbors: int = 15
    min_dist: float = 0.1
    seed: int = 42

    def settings(self) -> dict[str, Any]:
        """Only the fields that the method reads, so that they alone decide the key."""
        names = {"pca": ("method", "dimensions"), "tsne": ("method", "dimensions", "seed")}
        wanted = names.get(self.method, tuple(self.__dataclass_fields__))
        return {name: getattr(self, name) for name in wanted}


@dataclass(frozen=True)
class Clustering:
    """How items are grouped. `resolution` is Leiden's, `n_clusters` k-means', `min_size` HDBSCAN's."""

    method: str = "leiden"
    resolution: float = 1.25
    n_clusters: int = 10
    min_size: int = 10
    seed: int = 42

    def settings(self) -> dict[str, Any]:
        """Only the fields that the method reads, so that they alone decide the key."""
        names = {
            "leiden": ("method", "resolution", "seed"),
            "kmeans": ("method", "n_clusters", "seed"),
            "hdbscan": ("method", "min_size"),
        }
        wanted = names.get(self.method, tuple(self.__dataclass_fields__))
        return {name: getattr(self, name) for name in wanted}


@dataclass(frozen=True)
class Recipe:
    """What the user chose. Hashable; every stage key is a projection of it.

    Parameters
    ----------
    table : digest of the stored table
    columns : the text columns (joined), or the one vector column
    subset : digest of a stored selection of rows: only these become items
    model : a key of `MODELS`, a Hub id, or "ready-made" when `columns` names a vector column
    """

    table: str
    columns: tuple[str, ...]
    subset: str | None = None
    model: str = "minilm"
    projection: Projection = field(default_factory=Projection)
    clustering: Clustering = field(default_factory=Clustering)

    @property
    def items_key(self) -> str:
        # Models that read every text share the items.
        from explorer.embedding.models import MODELS

        own = (self.model,) if self.model in MODELS and MODELS[self.model].unknown else ()
        return _key("items", self.table, self.columns, self.subset, self.model == READY_MADE, *own)

    @property
    def vectors_key(self) -> str:
        return _key("vectors", self.items_key, self.model)

    @property
    def neighbors_key(self) -> str:
        return _key("neighbors", self.vectors_key)

    @property
    def layout_key(self) -> str:
        # PCA reads the vectors alone, yet every layout hangs on the graph's key: the graph is made of them.
        return _key("layout", self.neighbors_key, self.projection.settings())

    @property
    def clusters_key(self) -> str:
        return _key("clusters", self.neighbors_key, self.clustering.settings())

    @property
    def key(self) -> str:
        """The address of the whole recipe: 32 hexadecimal digits."""
        return _key("recipe", self.to_json())

    def to_json(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Recipe:
        """The recipe that `to_json` wrote. Raises ValueError, KeyError or TypeError on anything else."""
        values = json.loads(text)
        return cls(
            table=str(values["table"]),
            columns=tuple(values["columns"]),
            subset=values["subset"],
            model=str(values["model"]),
            projection=Projection(**values["projection"]),
            clustering=Clustering(**values["clustering"]),
        )


READY_MADE = "ready-made"  # the model's name when the table itself holds the vectors


def _key(stage: str, *parts: Any) -> str:
    text = json.dumps([stage, STAGE_VERSIONS.get(stage, 0), *parts], sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

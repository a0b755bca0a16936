"""What the user chose. `explorer.stages` makes the keys of everything that is computed from these choices."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

READY_MADE = "ready-made"  # the model's name when the table itself holds the vectors


@dataclass(frozen=True)
class Projection:
    """How vectors become 2 or 3 coordinates. Only UMAP reads `n_neighbors` and `min_dist`."""

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
    """How items are clustered. Leiden reads `resolution`, k-means `n_clusters`, HDBSCAN `min_size`."""

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
    """What the user chose. Hashable. The key of each stage is made from a part of it.

    Parameters
    ----------
    table : digest of the stored table
    columns : the text columns (joined), or the one vector column
    subset : digest of a stored selection of rows; only these become items
    model : a key of `MODELS`, a Hub id, or "ready-made" when `columns` names a vector column
    passages : whether a text that is too long for the model becomes several items; else it is one item, read in part
    markup : the columns of the table whose cells hold HTML, of which its texts are read without the tags
    sentences : whether each sentence of a text is an item of its own
    medium : a key of `MEDIA`; "" for vectors where the model is "ready-made", for texts otherwise
    """

    table: str
    columns: tuple[str, ...]
    subset: str | None = None
    model: str = "minilm"
    projection: Projection = field(default_factory=Projection)
    clustering: Clustering = field(default_factory=Clustering)
    passages: bool = True
    medium: str = ""
    markup: tuple[str, ...] = ()
    sentences: bool = False

    @property
    def key(self) -> str:
        """The address of the whole recipe: 32 hexadecimal digits."""
        return digest("recipe", 0, self.to_json())

    def to_json(self) -> str:
        """The choices as JSON. Fields that were added later are left out at the value that older recipes imply, so that
        an older recipe keeps its JSON, its key and its links."""
        values = asdict(self)
        for name, before in _BEFORE.items():
            if values[name] == before:
                del values[name]
        return json.dumps(values, sort_keys=True, ensure_ascii=False)

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
            passages=bool(values.get("passages", _BEFORE["passages"])),
            medium=str(values.get("medium", _BEFORE["medium"])),
            markup=tuple(values.get("markup", _BEFORE["markup"])),
            sentences=bool(values.get("sentences", _BEFORE["sentences"])),
        )


_BEFORE: dict[str, Any] = {"passages": False, "medium": "", "markup": (), "sentences": False}
# What a recipe without these fields meant.


def digest(name: str, version: int, *parts: Any) -> str:
    """The key of what is made from `parts`, JSON values: 32 hexadecimal digits."""
    text = json.dumps([name, version, *parts], sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

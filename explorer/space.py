"""Space: what was computed from a recipe. Each stage is loaded on first use; `build` makes missing stages."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import numpy as np
import pyarrow as pa

from explorer import stages
from explorer.analysis.outlier_line import FARTHEST, draw_line
from explorer.analysis.outlier_scores import distance_to_neighbors
from explorer.analysis.phrases import Phrases, count_phrases
from explorer.errors import BadInput
from explorer.geometry import projection
from explorer.geometry.clusters import Clusters
from explorer.geometry.neighbors import Neighbors
from explorer.geometry.vectors import lengths, unit_length
from explorer.media.items import Items
from explorer.media.medium import Medium, Shown
from explorer.media.registry import medium_of
from explorer.recipe import Projection, Recipe
from explorer.stages import STAGES, NotBuilt
from explorer.store.store import Store
from explorer.table.roles import kinds
from explorer.table.table import Table


class Space:
    """What was computed from a recipe. Read-only; each stage is loaded on first use.

    Its attributes raise `NotBuilt` where a stage is not in the store; `build` makes it.
    """

    def __init__(self, recipe: Recipe, store: Store):
        self.recipe = recipe
        self.store = store
        self._loaded: dict[str, _Held] = {}

    # -- stages ----------------------------------------------------------------------------------

    def key(self, stage: str) -> str:
        """The key of a stage: it changes with everything that the contents depend on."""
        return stages.key(stage, self.recipe)

    def has(self, stage: str) -> bool:
        """Whether a stage is stored. Does not load it.

        A damaged entry counts as stored: loading it then raises `NotBuilt`.
        """
        return stage in self._loaded or STAGES[stage].present(self, stage)

    def load(self, stage: str) -> Any:
        """The result of a stage, from the store. Raises `NotBuilt` where it is not there."""
        if stage not in self._loaded:
            shared, name = _LOADED.setdefault(self.store, WeakValueDictionary()), (stage, self.key(stage))
            held = shared.get(name)
            if held is None:
                found = STAGES[stage].load(self)
                if found is None:
                    raise NotBuilt(stage)
                held = shared.setdefault(name, _Held(found))  # another thread may have been quicker
            self._loaded[stage] = held
        return self._loaded[stage].value

    def take(self, stage: str, made: Any) -> None:
        """Keep the result that a stage has just made in memory, so that it need not be read back."""
        self._loaded[stage] = _Held(made)

    @property
    def items(self) -> Items:
        """The distinct contents of the rows, and which row holds which."""
        return self.load("items")

    @property
    def vectors(self) -> np.ndarray:
        """Vectors as the model gave them: (m, d) float32, not writeable."""
        return self.load("vectors")[0]

    @property
    def truncated(self) -> np.ndarray:
        """Items that the model read only in part: (m,) bool."""
        return self.load("vectors")[1]

    @property
    def neighbors(self) -> Neighbors:
        """The k-nearest-neighbor graph in the original space."""
        return self.load("neighbors")

    @property
    def layout(self) -> np.ndarray:
        """Coordinates on the map: (m, 2 or 3) float32."""
        return self.load("layout")

    @property
    def clusters(self) -> Clusters:
        """Clusters of items and their names."""
        return self.load("clusters")

    # -- what follows from them --------------------------------------------------------------------

    @cached_property
    def table(self) -> pa.Table:
        """The user's columns, n rows."""
        return load_table(self.recipe.table, self.store)

    @cached_property
    def wrapped(self) -> Table:
        """The table as a `Table`, which functions about columns need."""
        return Table(self.table, (), "stored table", self.recipe.table, "stored")

    @cached_property
    def kinds(self) -> dict[str, str]:
        """What each column holds: "text", "category", "number", "date", "id", "vector", "image" or "other"."""
        return kinds(self.wrapped)

    @property
    def medium(self) -> Medium:
        """The kind of content of its items."""
        return medium_of(self.recipe)

    @cached_property
    def describing(self) -> tuple[str, ...]:
        """The columns that describe an item in words; for ready-made vectors a guess, perhaps empty."""
        return self.medium.columns(self)

    @cached_property
    def phrases(self) -> Phrases:
        """The phrases of the items, counted once for the names of clusters at every level."""
        return count_phrases(self.texts())

    @property
    def links(self) -> np.ndarray:
        """Pairs of (row, item): (p, 2) int32, in row order."""
        return self.items.links

    @cached_property
    def item_of_row(self) -> np.ndarray:
        """The item of each row, the first where it has several, -1 where it has none: (n,) int32."""
        item = np.full(self.table.num_rows, -1, np.int32)
        item[self.links[::-1, 0]] = self.links[::-1, 1]
        return item

    def labels_of_rows(self, labels: np.ndarray) -> np.ndarray:
        """The label of each row, the one that most of its text has; -1 where it has no item: (n,) int32.

        labels : int array of shape (m,), of the items
        """
        return self.items.labels_of_rows(labels, self.table.num_rows)

    def texts(self, which: np.ndarray | None = None) -> list[str]:
        """The texts of items (int array; all by default) as embedded; for vectors, texts from their rows."""
        return self.medium.contents(self, np.arange(len(self.items)) if which is None else which)

    def shown(self, which: np.ndarray) -> list[Shown]:
        """How some items (int array) are shown to people."""
        return self.medium.shown(self, np.asarray(which, np.int64))

    @cached_property
    def unit(self) -> np.ndarray:
        """Vectors divided by their lengths: (m, d) float32, not writeable."""
        vectors = self.vectors
        if np.allclose(lengths(vectors), 1, atol=1e-5):
            return vectors  # one array serves both
        held = self._loaded["vectors"]
        with _NORMING:
            if held.unit is None:
                held.unit = unit_length(vectors)
                held.unit.flags.writeable = False
        return held.unit

    @cached_property
    def preview(self) -> np.ndarray:
        """The PCA of the vectors, shown while the layout is made: (m, 2 or 3) float32."""
        return projection.project(self.unit, _NO_GRAPH, Projection("pca", self.recipe.projection.dimensions))

    @cached_property
    def outlier_scores(self) -> np.ndarray:
        """Mean cosine distance to the ten nearest neighbors: (m,) float32, higher is farther."""
        return distance_to_neighbors(self.neighbors)

    @cached_property
    def strange(self) -> np.ndarray:
        """The possible outliers by that score: (m,) bool. None where the data draw no line: see `draw_line`."""
        threshold, line = draw_line(self.outlier_scores)
        return (self.outlier_scores > threshold) & (line != FARTHEST)


class _Held:
    """What a stage made, one object for all spaces that have it in common, for as long as one of them lives."""

    def __init__(self, value: Any):
        self.value = value
        self.unit: np.ndarray | None = None  # of vectors, where they are not of unit length themselves


_LOADED: WeakKeyDictionary[Store, WeakValueDictionary[tuple[str, str], _Held]] = WeakKeyDictionary()
_NORMING = threading.Lock()
_NO_GRAPH = Neighbors(np.zeros((0, 0), np.int32), np.zeros((0, 0), np.float32))


def load_table(digest: str, store: Store) -> pa.Table:
    """The stored table of that digest. The samples' tables come with the app.

    Raises
    ------
    BadInput : where it is not stored
    """
    table = store.get("table", digest)
    if table is None:
        raise BadInput(
            "This dataset is not stored here any more. Open its file again: what was computed from it is kept."
        )
    return table

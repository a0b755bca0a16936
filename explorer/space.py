"""Space: what was computed from a recipe, loaded stage by stage. `build` computes what is missing."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection
from functools import cached_property, partial

import numpy as np
import pyarrow as pa

from explorer import budget
from explorer.analysis import clusters as clustering
from explorer.analysis import naming, outliers
from explorer.analysis.clusters import Clusters
from explorer.data.items import Items, joined_texts, text_items, vector_items
from explorer.data.roles import guess_roles, kinds
from explorer.data.store import Store
from explorer.data.table import BadInput, Table, column_vectors
from explorer.embedding.models import find_model
from explorer.geometry import projection
from explorer.geometry.neighbors import Neighbors, lengths, nearest_neighbors, unit_length
from explorer.recipe import READY_MADE, Projection, Recipe

Progress = Callable[[str, int, int], None]
"""Called with (stage, items done, items in all); 0 in all where a stage cannot say."""

Counts = Callable[[int, int], None]
"""The same within one stage: called with (done, in all)."""

STAGES = ("read", "embed", "neighbors", "project", "cluster")


class NotBuilt(LookupError):
    """A stage was asked for that nobody has computed yet."""


class Space:
    """What was computed from a recipe. Read-only; each attribute loads its stage on first use.

    Attributes raise `NotBuilt` where the store does not hold the stage; `build` makes them.
    """

    def __init__(self, recipe: Recipe, store: Store):
        self.recipe = recipe
        self.store = store

    @cached_property
    def table(self) -> pa.Table:
        """The user's columns, n rows."""
        return load_table(self.recipe.table, self.store)

    @cached_property
    def wrapped(self) -> Table:
        """The table as the functions about columns want it."""
        return Table(self.table, (), "stored table", self.recipe.table, "stored")

    @cached_property
    def kinds(self) -> dict[str, str]:
        """What each column holds: "text", "category", "number", "date", "id", "vector", "image" or "other"."""
        return kinds(self.wrapped)

    @cached_property
    def describing(self) -> tuple[str, ...]:
        """The columns that say in words what an item is; for ready-made vectors a guess, perhaps none."""
        if self.recipe.model != READY_MADE:
            return self.recipe.columns
        roles = guess_roles(self.wrapped)
        return roles.text or tuple(name for name in (roles.label, roles.id) if name)[:1]

    @cached_property
    def words(self) -> naming.Words:
        """Which words the items hold, counted once for the names of groups at every level."""
        return naming.count_words(self.texts())

    @property
    def has_text(self) -> bool:
        """Whether `describing` names a column of running text."""
        return any(self.kinds[name] == "text" for name in self.describing)

    @cached_property
    def items(self) -> Items:
        """The distinct contents of the rows, and which row holds which."""
        return make_items(self.table, self.recipe, self.store)

    @property
    def links(self) -> np.ndarray:
        """Pairs of (row, item): (p, 2) int32, in row order."""
        return self.items.links

    @cached_property
    def item_of_row(self) -> np.ndarray:
        """The item of each row, -1 where it has none: (n,) int32."""
        item = np.full(self.table.num_rows, -1, np.int32)
        item[self.links[:, 0]] = self.links[:, 1]
        return item

    def texts(self, which: np.ndarray | None = None) -> list[str]:
        """The text of items (all by default), as it was embedded; for vectors, what the row says of itself."""
        rows = self.items.first_rows if which is None else self.items.first_rows[which]
        if not self.describing:
            return [f"row {row + 1}" for row in rows]
        part = self.table.select(list(dict.fromkeys(self.describing))).take(rows)  # not the vectors along with them
        return [(text or "").strip() for text in joined_texts(part, self.describing)]

    @cached_property
    def vectors(self) -> np.ndarray:
        """Vectors as the model gave them: (m, d) float32, not writeable."""
        vectors, _ = self._vectors
        return vectors

    @cached_property
    def truncated(self) -> np.ndarray:
        """Which items the model read only in part: (m,) bool."""
        return self._vectors[1]

    @cached_property
    def unit(self) -> np.ndarray:
        """Vectors divided by their lengths: (m, d) float32, not writeable."""
        if np.allclose(lengths(self.vectors), 1, atol=1e-5):
            return self.vectors  # one array serves both
        unit = unit_length(self.vectors)
        unit.flags.writeable = False
        return unit

    @cached_property
    def neighbors(self) -> Neighbors:
        """The k-nearest-neighbor graph in the original space."""
        arrays, info = self._stage("neighbors", self.recipe.neighbors_key)
        return Neighbors(arrays["indices"], arrays["distances"], info["recall"])

    @cached_property
    def layout(self) -> np.ndarray:
        """Coordinates on the map: (m, 2 or 3) float32."""
        return self._stage("layout", self.recipe.layout_key)[0]["layout"]

    @cached_property
    def preview(self) -> np.ndarray:
        """The PCA of the vectors, shown while the layout is made: (m, 2 or 3) float32."""
        shape = Projection("pca", self.recipe.projection.dimensions)
        return projection.project(self.unit, _NO_GRAPH, shape)

    @cached_property
    def clusters(self) -> Clusters:
        """Groups of items and their names."""
        arrays, info = self._stage("clusters", self.recipe.clusters_key)
        return Clusters(arrays["labels"], tuple(info["names"]))

    @cached_property
    def outlier_scores(self) -> np.ndarray:
        """Mean cosine distance to the ten nearest neighbors: (m,) float32, higher is stranger."""
        return outliers.distance_to_neighbors(self.neighbors)

    @cached_property
    def strange(self) -> np.ndarray:
        """Items far stranger than is usual here: (m,) bool."""
        return self.outlier_scores > outliers.strange_above(self.outlier_scores)

    def has(self, stage: str) -> bool:
        """Whether "vectors", "neighbors", "layout" or "clusters" can be loaded without computing.

        It is loaded to find out: what lies damaged in the store must be computed again.
        """
        try:
            return getattr(self, stage) is not None
        except NotBuilt:
            return False

    @cached_property
    def _vectors(self) -> tuple[np.ndarray, np.ndarray]:
        if self.recipe.model == READY_MADE:
            vectors, _ = column_vectors(self.table, self.recipe.columns[0])
            if len(self.items) < len(vectors):  # else each row is an item, and no copy is needed
                vectors = vectors[self.items.first_rows]
            truncated = np.zeros(len(vectors), bool)
        else:
            shipped = self.store.get_arrays("vectors", self.recipe.vectors_key)
            if shipped is not None:
                return shipped[0]["vector"], shipped[0]["truncated"]
            known, found, truncated = self.store.known_vectors(self.recipe.model, self.items.digests)
            if found is None or not known.all():
                raise NotBuilt("vectors")
            vectors = found
        vectors.flags.writeable = False
        return vectors, truncated

    def _stage(self, kind: str, key: str) -> tuple[dict[str, np.ndarray], dict]:
        stored = self.store.get_arrays(kind, key)
        if stored is None:
            raise NotBuilt(kind)
        return stored


_NO_GRAPH = Neighbors(np.zeros((0, 0), np.int32), np.zeros((0, 0), np.float32))


def build(
    recipe: Recipe,
    progress: Progress | None = None,
    store: Store | None = None,
    seconds: dict[str, float] | None = None,
    stages: Collection[str] = STAGES,
) -> Space:
    """The space of a recipe, each stage from the store where it can be, computed and stored where not.

    What another process is computing already is waited for and not computed twice.

    Parameters
    ----------
    progress : called with (stage, done, in all) as work goes on; what it raises stops the work. The stage is "wait"
        while another process computes what comes next.
    seconds : filled with the time of each stage, by the names of `STAGES`
    stages : those wanted; each needs the ones before it, but groups need no layout

    Raises
    ------
    BadInput : when the recipe cannot be followed: no such table, column or model, nothing to embed, too little memory
    """
    space = Space(recipe, store or Store())

    def report(stage: str, done: int = 0, total: int = 0) -> None:
        if progress:
            progress(stage, done, total)

    checked = False
    for stage in (stage for stage in STAGES if stage in stages):
        began = time.perf_counter()
        attribute, key, make = _MAKERS[stage]
        if not attribute:
            report(stage)
            make(space, partial(report, stage))
        elif not space.has(attribute):
            with space.store.alone(getattr(recipe, key), partial(report, "wait")):
                if not space.has(attribute):  # nobody made it while we waited
                    if not checked:
                        _require_memory(space)
                        checked = True
                    report(stage)
                    make(space, partial(report, stage))
        if seconds is not None:
            seconds[stage] = seconds.get(stage, 0.0) + time.perf_counter() - began
    return space


def _read(space: Space, progress: Counts) -> None:
    if not len(space.items):
        raise BadInput(
            f"Nothing to embed: none of {space.table.num_rows:,} rows has content in "
            f"{', '.join(space.recipe.columns)} ({_commonest_reason(space.items)}). Choose another column."
        )


def _commonest_reason(items: Items) -> str:
    reasons = Counter(reason for _, reason in items.skipped)
    return reasons.most_common(1)[0][0] if reasons else "there are no rows"


def _require_memory(space: Space) -> None:
    """Refuse what would not fit before it starts, not after hours of it."""
    recipe = space.recipe
    if recipe.model == READY_MADE:
        dimensions = space.vectors.shape[1]
    else:
        dimensions = find_model(recipe.model).dimensions or budget.UNKNOWN_DIMENSIONS
    budget.require(len(space.items), dimensions, recipe.projection.method, recipe.model)


def _embed(space: Space, progress: Counts) -> None:
    from explorer.embedding.embed import embed_contents

    progress(0, len(space.items))  # the model loads first, which takes seconds
    vectors, truncated = embed_contents(
        contents=space.texts,
        digests=space.items.digests,
        model=space.recipe.model,
        store=space.store,
        progress=progress,
    )
    vectors.flags.writeable = False
    space.__dict__["_vectors"] = (vectors, truncated)  # what we just made need not be read back


def _find_neighbors(space: Space, progress: Counts) -> None:
    progress(0, len(space.items))
    graph = nearest_neighbors(space.unit, progress=progress)
    space.store.put_arrays(
        "neighbors",
        space.recipe.neighbors_key,
        {"recall": graph.recall},
        indices=graph.indices,
        distances=graph.distances,
    )


def _project(space: Space, progress: Counts) -> None:
    layout = projection.project(space.unit, space.neighbors, space.recipe.projection, progress)
    space.store.put_arrays("layout", space.recipe.layout_key, layout=layout)


def _cluster(space: Space, progress: Counts) -> None:
    labels = clustering.group(space.unit, space.neighbors, space.recipe.clustering)
    names = name_clusters(space, labels)
    space.store.put_arrays("clusters", space.recipe.clusters_key, {"names": names}, labels=labels)


# Stage -> the attribute of Space that it fills, the recipe's key of it, and what makes it.
_MAKERS: dict[str, tuple[str, str, Callable[[Space, Counts], None]]] = {
    "read": ("", "", _read),
    "embed": ("vectors", "vectors_key", _embed),
    "neighbors": ("neighbors", "neighbors_key", _find_neighbors),
    "project": ("layout", "layout_key", _project),
    "cluster": ("clusters", "clusters_key", _cluster),
}


def name_clusters(space: Space, labels: np.ndarray) -> tuple[str, ...]:
    """Names for groups: from their words, or from the label column where the items have no text."""
    if space.recipe.model == READY_MADE and not space.has_text:
        return naming.name_by_label(space.texts(), labels)
    texts = space.texts()
    if naming.are_words(texts):
        return naming.name_by_typical(texts, labels, space.unit)
    return naming.names_of(space.words, labels)


def make_items(table: pa.Table, recipe: Recipe, store: Store) -> Items:
    """The items of a recipe's columns, of all rows or of its subset."""
    rows = None
    if recipe.subset is not None:
        stored = store.get_arrays("selection", recipe.subset)
        if stored is None:
            raise BadInput("The selection that this map was made of is no longer stored. Select the rows again.")
        rows = stored[0]["row"]
    if recipe.model == READY_MADE:
        vectors, missing = column_vectors(table, recipe.columns[0])
        return vector_items(vectors, missing, rows)
    from explorer.embedding.models import reads

    return text_items(joined_texts(table, recipe.columns), rows, *reads(recipe.model))


def load_table(digest: str, store: Store) -> pa.Table:
    """The stored table of that digest, or the sample that has it.

    Raises
    ------
    BadInput : where neither has it
    """
    from explorer.data.samples import sample_table

    table = store.get("table", digest)
    if table is None:
        table = sample_table(digest)
    if table is None:
        raise BadInput(
            "This dataset is not stored here any more. Open its file again: what was computed from it is kept."
        )
    return table

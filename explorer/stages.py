"""`STAGES`: everything that is computed from a recipe, in the order in which it is made.

These entries decide the order of a build, its progress bar, the keys in the store, the storage page, the memory that a
build needs and what comes with the samples. The key of a stage is made of the keys of its inputs and of the fields of
the recipe that it reads: another seed changes the key of the layout, but not the key of the vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from explorer.analysis import naming
from explorer.analysis.keywords import word_index
from explorer.errors import BadInput
from explorer.geometry import clusters as clustering
from explorer.geometry import neighbors as graph
from explorer.geometry import projection
from explorer.geometry.clusters import Clusters
from explorer.geometry.neighbors import Neighbors
from explorer.media import stored_items
from explorer.media.items import Items
from explorer.media.registry import medium_of
from explorer.progress import Counts
from explorer.recipe import Recipe, digest
from explorer.store import content_vectors
from explorer.store.sealed import to_arrow
from explorer.store.store import Store

if TYPE_CHECKING:
    from explorer.space import Space


class NotBuilt(LookupError):
    """A stage is not stored, or not any more. `str()` of the error is the stage's name."""


def _stored(space: Space, name: str) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
    return space.store.get_arrays(name, space.key(name))


def _is_stored(space: Space, name: str) -> bool:
    return space.store.has(name, space.key(name))


def _own_entry(store: Store, recipe: Recipe, name: str) -> int:
    return store.size(entry_name(name, recipe))


def _shipped(space: Space, name: str) -> tuple[pa.Table, dict[str, Any]] | None:
    data = space.store.get(name, space.key(name))
    return None if data is None else (data, space.store.info(data))


@dataclass(frozen=True)
class Stage:
    """An entry of `STAGES`.

    Attributes
    ----------
    step : its name in progress and in `seconds`
    doing : what happens, for people who wait
    part : the part under which the storage page counts it
    version : raised when a change of its algorithm makes stored results wrong; 0 for a stage without a key of its own,
        which has the key of its one input
    needs : the stages that its key and `make` depend on
    reads : the values of the recipe that are a part of its key, beside the keys of `needs`
    make : computes and stores it, given the space and a function to call with (done, in all)
    load : loads it from the store; None where it is not there
    bytes : memory that `make` takes at its peak, given items, dimensions and a recipe
    present : whether it is stored; answers without loading it
    size : bytes that it takes in the store
    together : the total of its sizes under several settings of one dataset
    ships : the entry that comes with a sample; None where there is none
    usual : whether every build makes it, or only a build that asks for it
    unit : what is counted while it is made
    """

    step: str
    doing: str
    part: str
    version: int
    needs: tuple[str, ...]
    reads: Callable[[Recipe], tuple]
    make: Callable[[Space, Counts], None]
    load: Callable[[Space], Any]
    bytes: Callable[[int, int, Recipe], int]
    present: Callable[[Space, str], bool] = _is_stored
    size: Callable[[Store, Recipe, str], int] = _own_entry
    together: Callable[[Iterable[int]], int] = sum
    ships: Callable[[Space, str], tuple[pa.Table, dict[str, Any]] | None] = _shipped
    usual: bool = True
    unit: str = "item"


def key(name: str, recipe: Recipe) -> str:
    """The key of a stage under a recipe: 32 hexadecimal digits."""
    stage = STAGES[name]
    inputs = [key(need, recipe) for need in stage.needs]
    return digest(name, stage.version, *inputs, *stage.reads(recipe)) if stage.version else inputs[0]


def entry_name(name: str, recipe: Recipe) -> str:
    """The store's name for a stage under a recipe."""
    return f"{name}-{key(name, recipe)}"


def closure(names: Iterable[str]) -> tuple[str, ...]:
    """The stages of these names and all stages that they need, in the order in which they are made."""
    wanted = set(names)
    for name in reversed(STAGES):
        if name in wanted:
            wanted.update(STAGES[name].needs)
    return tuple(name for name in STAGES if name in wanted)


def steps() -> tuple[str, ...]:
    """The steps of a usual build, in order."""
    return tuple(stage.step for stage in STAGES.values() if stage.usual)


# -- items -------------------------------------------------------------------------------------------


def _read_items(recipe: Recipe) -> tuple:
    choices = (recipe.table, recipe.columns, recipe.subset, not medium_of(recipe).needs_model)
    return (*choices, *medium_of(recipe).reads(recipe))


def _make_items(space: Space, progress: Counts) -> None:
    items = medium_of(space.recipe).items(space.table, space.recipe, _chosen_rows(space))
    space.take("items", items)
    if len(items):  # a build refuses what has none
        space.store.put("items", space.key("items"), *stored_items.to_entry(items))


def _load_items(space: Space) -> Items | None:
    medium = medium_of(space.recipe)
    if not medium.asks_model(space.recipe):  # quicker made than stored and read
        return medium.items(space.table, space.recipe, _chosen_rows(space))
    stored = _stored(space, "items")
    return None if stored is None else stored_items.from_entry(*stored)


def _chosen_rows(space: Space) -> np.ndarray | None:
    """The rows that become items; None for all."""
    if space.recipe.subset is None:
        return None
    selection = space.store.get_arrays("selection", space.recipe.subset)
    if selection is None:
        raise BadInput("The selection that this map was made of is no longer stored. Select the rows again.")
    return selection[0]["row"]


def _items_are_there(space: Space, name: str) -> bool:
    return not medium_of(space.recipe).asks_model(space.recipe) or _is_stored(space, name)


# -- vectors -----------------------------------------------------------------------------------------


def _make_vectors(space: Space, progress: Counts) -> None:
    from explorer.embedding.embed import embed_contents

    progress(0, len(space.items))  # the model loads first, which takes seconds
    vectors, truncated = embed_contents(
        contents=lambda items: space.texts(items),
        digests=space.items.digests,
        model=space.recipe.model,
        store=space.store,
        progress=progress,
    )
    space.take("vectors", _read_only(vectors, truncated))  # so that it need not be read back


def _load_vectors(space: Space) -> tuple[np.ndarray, np.ndarray] | None:
    own = medium_of(space.recipe).vectors(space)
    if own is not None:
        return _read_only(own, np.zeros(len(own), bool))
    shipped = _stored(space, "vectors")
    if shipped is not None:
        return shipped[0]["vector"], shipped[0]["truncated"]
    known, found, truncated = space.store.known_vectors(space.recipe.model, space.items.digests)
    return None if found is None or not known.all() else _read_only(found, truncated)


def _read_only(vectors: np.ndarray, truncated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    vectors.flags.writeable = False
    return vectors, truncated


def _vectors_are_stored(space: Space, name: str) -> bool:
    if not medium_of(space.recipe).needs_model or _is_stored(space, name):
        return True
    return space.has("items") and space.store.knows_vectors(space.recipe.model, space.items.digests)


def _vector_share(store: Store, recipe: Recipe, name: str) -> int:
    """Its share of the table of all vectors of its model. Vectors that two datasets share count for both."""
    if not medium_of(recipe).needs_model:
        return 0
    table = content_vectors.table_name(recipe.model)
    rows = store.rows(table)
    return store.size(table) * min(store.rows(entry_name("neighbors", recipe)), rows) // rows if rows else 0


def _shipped_vectors(space: Space, name: str) -> tuple[pa.Table, dict[str, Any]] | None:
    if not medium_of(space.recipe).needs_model:
        return None  # they are in the sample's own table
    return to_arrow(vector=space.vectors, truncated=space.truncated), {}


# -- neighbors, layout, clusters ---------------------------------------------------------------------


def _make_neighbors(space: Space, progress: Counts) -> None:
    progress(0, len(space.items))
    links = space.links if space.items.several else None  # items of one row do not become neighbors
    found = graph.nearest_neighbors(space.unit, progress=progress, links=links)
    space.store.put_arrays(
        "neighbors",
        space.key("neighbors"),
        {"recall": found.recall},
        indices=found.indices,
        distances=found.distances,
    )


def _load_neighbors(space: Space) -> Neighbors | None:
    stored = _stored(space, "neighbors")
    return None if stored is None else Neighbors(stored[0]["indices"], stored[0]["distances"], stored[1]["recall"])


def _neighbors_bytes(items: int, dimensions: int, recipe: Recipe) -> int:
    if items > graph.EXACT_UP_TO:  # NN-descent: a copy, trees and heaps
        return 4 * items * dimensions + 3_000 * items
    # On each core: a block of similarities, and the part of it that holds the largest.
    block = min(items, graph.BLOCK) * (4 * items + 24 * graph.K * graph.GROUP)
    return block * graph.exact_threads()


def _make_layout(space: Space, progress: Counts) -> None:
    layout = projection.project(space.unit, space.neighbors, space.recipe.projection, progress)
    space.store.put_arrays("layout", space.key("layout"), layout=layout)


def _load_layout(space: Space) -> np.ndarray | None:
    stored = _stored(space, "layout")
    return None if stored is None else stored[0]["layout"]


def _layout_bytes(items: int, dimensions: int, recipe: Recipe) -> int:
    return 4 * items * dimensions + (4_000 * items if recipe.projection.method != "pca" else 0)


def _make_clusters(space: Space, progress: Counts) -> None:
    labels = clustering.group(space.unit, space.neighbors, space.recipe.clustering)
    made = Clusters.named(labels, naming.names_for(space, labels))
    about = {"names": made.names, "phrases": made.phrases}
    space.store.put_arrays("clusters", space.key("clusters"), about, labels=labels)


def _load_clusters(space: Space) -> Clusters | None:
    stored = _stored(space, "clusters")
    if stored is None:
        return None
    labels, about = stored[0]["labels"], stored[1]
    phrases = tuple(tuple((text, share) for text, share in each) for each in about["phrases"])
    return Clusters(labels, tuple(about["names"]), phrases)


STAGES: dict[str, Stage] = {
    "items": Stage(
        step="read",
        doing="Reading",
        part="table",
        version=1,
        needs=(),
        reads=_read_items,
        make=_make_items,
        load=_load_items,
        # The vectors of the table or of the store: checked against their digest, converted, digested one by one.
        bytes=lambda items, dimensions, recipe: 16 * items * dimensions,
        present=_items_are_there,
        ships=lambda space, name: None,
    ),
    "vectors": Stage(
        step="embed",
        doing="Embedding: each text becomes a vector",
        part="vectors",
        version=1,
        needs=("items",),
        reads=lambda recipe: (recipe.model,),
        make=_make_vectors,
        load=_load_vectors,
        bytes=lambda items, dimensions, recipe: 4 * items * dimensions,
        present=_vectors_are_stored,
        size=_vector_share,
        together=max,
        ships=_shipped_vectors,
    ),
    "neighbors": Stage(
        step="neighbors",
        doing="Finding neighbors in the original space",
        part="maps",
        version=1,
        needs=("vectors",),
        reads=lambda recipe: (),
        make=_make_neighbors,
        load=_load_neighbors,
        bytes=_neighbors_bytes,
    ),
    "layout": Stage(
        step="project",
        doing="Laying out the map",
        part="maps",
        version=3,
        needs=("neighbors",),
        reads=lambda recipe: (recipe.projection.settings(),),
        make=_make_layout,
        load=_load_layout,
        bytes=_layout_bytes,
        unit="round",
    ),
    "clusters": Stage(
        step="cluster",
        doing="Grouping and naming",
        part="groups",
        version=3,
        needs=("neighbors",),
        reads=lambda recipe: (recipe.clustering.settings(),),
        make=_make_clusters,
        load=_load_clusters,
        # The graph as a sparse matrix, its transpose and their maximum; words for the names.
        bytes=lambda items, dimensions, recipe: 5_000 * items,
    ),
    "words": Stage(
        step="words",
        doing="Making an index of the words",
        part="words",
        version=0,
        needs=("items",),
        reads=lambda recipe: (),
        make=lambda space, progress: word_index(space).open(),
        load=lambda space: word_index(space),
        bytes=lambda items, dimensions, recipe: 2_000 * items,
        ships=lambda space, name: None,
        usual=False,
    ),
}

"""What a dataset takes in the store, and deleting it without taking anything from others who opened the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields

import numpy as np

from explorer.data.content_vectors import table_name
from explorer.data.storage import COMPUTED
from explorer.data.store import Store
from explorer.data.table import BadInput
from explorer.data.workspaces import Entry, Workspace
from explorer.recipe import READY_MADE, Recipe
from explorer.space import load_table, make_items


@dataclass(frozen=True)
class Sizes:
    """Bytes that a dataset takes: the uploaded table, its share of the model's vectors, neighbor graphs and layouts
    of all settings, groups, the index of words."""

    table: int = 0
    vectors: int = 0
    maps: int = 0
    groups: int = 0
    words: int = 0

    @property
    def total(self) -> int:
        return sum(getattr(self, field.name) for field in fields(self))


def sizes(store: Store, settings: Iterable[Entry]) -> Sizes:
    """What one dataset takes, given all settings that were tried on it. Nothing is loaded."""
    recipes = [entry.recipe for entry in settings]

    def of(names: Callable[[Recipe], Iterable[str]]) -> int:
        return sum(store.size(name) for name in {name for recipe in recipes for name in names(recipe)})

    return Sizes(
        table=of(lambda recipe: [f"table-{recipe.table}"]),
        vectors=max((_vector_share(store, recipe) for recipe in recipes), default=0),
        maps=of(lambda recipe: [f"neighbors-{recipe.neighbors_key}", f"layout-{recipe.layout_key}"]),
        groups=of(lambda recipe: [f"clusters-{recipe.clusters_key}"]),
        words=of(lambda recipe: [f"words-{recipe.items_key}"]),
    )


def delete(workspace: Workspace, entry: Entry, annotations: bool = False) -> None:
    """Take a dataset off a workspace's list and remove what nobody else holds of it.

    Names, tags and decisions wait for the file to be opened again, unless `annotations` go too.
    """
    workspace.read_again()
    store, settings = workspace.store, workspace.settings(entry)
    names = {name for other in settings for name in _names(other.recipe)}
    vectors = {(other.recipe.model, other.recipe.items_key): other.recipe for other in settings}
    digests = {key: _digests(store, recipe) for key, recipe in vectors.items()}  # while the table is still there
    workspace.forget(entry, annotations)

    held = list(_held(store))
    for name in names - {name for other in held for name in _names(other.recipe)}:
        store.delete(name)
    for (model, _), own in digests.items():
        others = {other.recipe.items_key: other.recipe for other in held if other.recipe.model == model}
        theirs = [_digests(store, recipe) for recipe in others.values()]
        store.forget_vectors(model, own[~np.isin(own, np.concatenate(theirs))] if theirs else own)
    if annotations:
        for project in {other.project for other in settings if other.project} - {other.project for other in held}:
            store.documents.delete("projects", project)


def delete_computed(store: Store) -> int:
    """Remove everything that can be computed again, and what was set aside; gives the bytes that went."""
    computed = {kind for kinds in COMPUTED for kind in kinds}
    gone = [entry for entry in store.entries() if entry.kind in computed]
    for entry in gone:
        store.delete(entry.name)
    return sum(entry.bytes for entry in gone)


def _names(recipe: Recipe) -> list[str]:
    """Every stored entry that a recipe uses, vectors excepted: a model's are in one table."""
    return [
        f"table-{recipe.table}", f"neighbors-{recipe.neighbors_key}", f"layout-{recipe.layout_key}",
        f"clusters-{recipe.clusters_key}", f"words-{recipe.items_key}",
    ]  # fmt: skip


def _held(store: Store) -> Iterator[Entry]:
    """Every entry that some workspace holds."""
    for token in store.documents.names("workspaces"):
        try:
            yield from Workspace(store, token).all()
        except ValueError:
            continue  # no workspace of ours


def _digests(store: Store, recipe: Recipe) -> np.ndarray:
    """The contents whose vectors a recipe uses: S16 of shape (m,)."""
    nothing = np.zeros(0, "S16")
    if recipe.model == READY_MADE:
        return nothing
    try:
        return make_items(load_table(recipe.table, store), recipe, store).digests
    except BadInput:
        return nothing  # its table is gone: nobody can ask for them


def _vector_share(store: Store, recipe: Recipe) -> int:
    if recipe.model == READY_MADE:
        return 0
    name = table_name(recipe.model)
    rows = store.rows(name)
    return store.size(name) * min(store.rows(f"neighbors-{recipe.neighbors_key}"), rows) // rows if rows else 0

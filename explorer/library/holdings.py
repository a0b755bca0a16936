"""How much a dataset takes in the store, and how to delete it without harm to others who opened the same data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from explorer.errors import BadInput
from explorer.library.rejected import KIND
from explorer.library.workspaces import Entry, Workspace
from explorer.media.registry import medium_of
from explorer.recipe import Recipe
from explorer.space import Space
from explorer.stages import STAGES, NotBuilt, entry_name, key
from explorer.store import eviction
from explorer.store.store import Store


def parts() -> tuple[str, ...]:
    """The parts by which the bytes of a dataset are counted: the uploaded table, then the parts that stages name."""
    return tuple(dict.fromkeys(("table", *(stage.part for stage in STAGES.values()))))


@dataclass(frozen=True)
class Sizes:
    """Bytes that a dataset takes, by part; see `parts`."""

    parts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.parts.values())


def sizes(store: Store, settings: Iterable[Entry]) -> Sizes:
    """How much one dataset takes under all settings that were tried on it. Loads nothing."""
    recipes = [entry.recipe for entry in settings]
    found = dict.fromkeys(parts(), 0)
    found["table"] = sum(store.size(name) for name in {f"table-{recipe.table}" for recipe in recipes})
    for name, stage in STAGES.items():
        under = {key(name, recipe): recipe for recipe in recipes}
        if under:
            found[stage.part] += stage.together(stage.size(store, recipe, name) for recipe in under.values())
    return Sizes(found)


def delete(workspace: Workspace, entry: Entry, annotations: bool = False) -> None:
    """Remove a dataset from a workspace's list, and delete everything of it that no other workspace uses.

    annotations : whether names, tags and decisions are deleted too; else they come back with the file
    """
    workspace.read_again()
    store, settings = workspace.store, workspace.settings(entry)
    names = {name for other in settings for name in _names(other)}
    vectors = {(other.recipe.model, key("items", other.recipe)): other.recipe for other in settings}
    digests = {of: _digests(store, recipe) for of, recipe in vectors.items()}  # while the table is still there
    workspace.forget(entry, annotations)

    workspaces = list(_workspaces(store))
    held = [other for workspace in workspaces for other in workspace.all()]
    used = {name for other in held for name in _names(other)}
    used |= {f"table-{digest}" for workspace in workspaces for digest in workspace.unread_tables()}
    for name in names - used:
        store.delete(name)
    for (model, _), own in digests.items():
        others = {key("items", other.recipe): other.recipe for other in held if other.recipe.model == model}
        theirs = [_digests(store, recipe) for recipe in others.values()]
        known = [digests for digests in theirs if digests is not None]
        if own is not None and len(known) == len(theirs):  # otherwise the vectors stay until the store is full
            store.forget_vectors(model, own[~np.isin(own, np.concatenate(known))] if known else own)
    if annotations:
        for project in {other.project for other in settings if other.project} - {other.project for other in held}:
            store.documents.delete("projects", project)


def delete_computed(store: Store) -> int:
    """Delete everything that can be computed again, and damaged entries. Returns the bytes freed."""
    gone = [entry for entry in store.entries() if eviction.is_computed(entry.kind)]
    for entry in gone:
        store.delete(entry.name)
    return sum(entry.bytes for entry in gone)


def _names(entry: Entry) -> list[str]:
    """Every stored entry that a dataset uses, without vectors, which are in one table for each model."""
    rows = [f"{KIND}-{key}" for key in (entry.rejected_key, entry.gone_key) if key]
    return [f"table-{entry.recipe.table}", *rows, *(entry_name(name, entry.recipe) for name in STAGES)]


def _workspaces(store: Store) -> Iterator[Workspace]:
    """Every workspace."""
    for token in store.documents.names("workspaces"):
        try:
            yield Workspace(store, token)
        except ValueError:
            continue  # the name is not a workspace token


def _digests(store: Store, recipe: Recipe) -> np.ndarray | None:
    """Digests of the contents whose vectors a recipe uses: S16 of shape (m,); None where they are unknown."""
    if not medium_of(recipe).needs_model:
        return np.zeros(0, "S16")
    try:
        return Space(recipe, store).items.digests
    except BadInput:
        return np.zeros(0, "S16")  # its table is gone, so nobody can use them
    except NotBuilt:
        return None

"""What a person opened, kept under an unguessable token: lists and links show only what that token holds."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from explorer.data.roles import Roles
from explorer.data.samples import SAMPLES, open_sample
from explorer.data.store import Store
from explorer.recipe import Recipe

LOCAL = "local"  # the one workspace of a server that only its own user can reach
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


@dataclass(frozen=True)
class Entry:
    """A dataset as somebody opened it: the recipe, its name for people, and what its columns mean."""

    name: str
    recipe: Recipe
    roles: Roles
    rows: int
    opened: float = 0.0
    sample: str | None = None
    rejected: int = 0
    project: str | None = None

    @property
    def link(self) -> dict[str, str]:
        """The query parameters that open it again in the same workspace."""
        if self.sample and not self.project and self.recipe == open_sample(self.sample)[1]:
            return {"sample": self.sample}
        return {"space": self.recipe.key}

    @property
    def dataset(self) -> tuple[str, tuple[str, ...], str]:
        """What stays the same while settings are tried."""
        return (self.recipe.table, self.recipe.columns, self.recipe.model)


@dataclass
class Workspace:
    """The entries that one token holds."""

    store: Store
    token: str = LOCAL
    _entries: dict[str, Entry] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.token != LOCAL and not _TOKEN.fullmatch(self.token):
            raise ValueError("not a workspace token")
        for key, value in (self.store.read_json("workspaces", self.token) or {}).items():
            try:
                self._entries[key] = entry_from_json(value)
            except (KeyError, TypeError, ValueError):
                continue  # written by another version: its file can be opened again

    def find(self, key: str) -> Entry | None:
        """The entry of a recipe's key, if this workspace holds it."""
        return self._entries.get(key)

    def remember(self, entry: Entry) -> Entry:
        """Keep an entry, as the newest."""
        entry = replace(entry, opened=time.time())
        self._entries[entry.recipe.key] = entry
        self._write()
        return entry

    def forget(self, entry: Entry) -> None:
        """Take a dataset off the list. What was computed stays for whoever else opened the same."""
        self._entries = {key: other for key, other in self._entries.items() if other.dataset != entry.dataset}
        self._write()

    def recent(self) -> list[Entry]:
        """The datasets opened, newest first, each with its latest settings."""
        latest: dict[Any, Entry] = {}
        for entry in sorted(self._entries.values(), key=lambda entry: -entry.opened):
            latest.setdefault(entry.project or entry.dataset, entry)
        return list(latest.values())

    def _write(self) -> None:
        values = {key: entry_to_json(entry) for key, entry in self._entries.items()}
        self.store.write_json("workspaces", self.token, values)


def sample_entry(name: str) -> Entry:
    """The entry of a sample as it ships. Raises BadInput where there is no such sample."""
    from explorer.data.roles import guess_roles

    table, recipe = open_sample(name)
    return Entry(SAMPLES[name].title, recipe, guess_roles(table), len(table), sample=name)


def new_token() -> str:
    """A fresh workspace token, 128 random bits."""
    return secrets.token_urlsafe(24)


def shared_by_all() -> bool:
    """Whether everyone who reaches this server shares one workspace (EXPLORER_WORKSPACES=shared)."""
    return os.environ.get("EXPLORER_WORKSPACES", "private") == "shared"


def keep_selection(store: Store, rows: Iterable[int]) -> str:
    """Store a selection of rows; its digest names it in links and in `Recipe.subset`."""
    chosen = np.unique(np.fromiter(rows, np.int32))
    digest = hashlib.blake2b(chosen.astype("<i4").tobytes(), digest_size=16).hexdigest()
    if not store.has("selection", digest):
        store.put_arrays("selection", digest, row=chosen)
    return digest


def stored_selection(store: Store, digest: str) -> np.ndarray | None:
    """The rows of a stored selection, sorted; None where there is none."""
    if not re.fullmatch(r"[0-9a-f]{32}", digest):
        return None
    stored = store.get_arrays("selection", digest)
    return None if stored is None else stored[0]["row"]


def entry_to_json(entry: Entry) -> dict[str, Any]:
    """An entry as JSON values."""
    return {**asdict(entry), "recipe": entry.recipe.to_json()}


def entry_from_json(value: dict[str, Any]) -> Entry:
    """The entry that `entry_to_json` wrote. Raises KeyError, TypeError or ValueError on anything else."""
    roles: dict[str, Any] = {**value["roles"], "text": tuple(value["roles"]["text"])}
    return Entry(**{**value, "recipe": Recipe.from_json(value["recipe"]), "roles": Roles(**roles)})

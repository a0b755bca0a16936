"""The datasets that a person opened, kept under an unguessable token: lists and links show only that token's data."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from explorer import settings
from explorer.errors import BadInput
from explorer.library.annotations import Project
from explorer.library.entries import Entry, entry_from_json, entry_to_json, sample_entry
from explorer.library.samples import open_sample
from explorer.limits import MAX_DATASETS
from explorer.recipe import Recipe
from explorer.store.store import Store

LOCAL = "local"  # the one workspace of a server that only its own user can reach
_TOKEN = re.compile(r"[A-Za-z0-9_-]{20,64}")


@dataclass(frozen=True)
class Share:
    """A link to one dataset: its token, the recipe it opens, the dataset's name, when it was made."""

    token: str
    recipe: str
    name: str
    at: float

    @property
    def link(self) -> dict[str, str]:
        """The query parameters that open it."""
        return {"w": self.token, "space": self.recipe}


@dataclass
class Workspace:
    """The entries that one token holds.

    shared : whether this token was made by `share`. It then opens one dataset; opening another starts a new workspace
    """

    store: Store
    token: str = LOCAL
    shared: bool = field(default=False, init=False)
    _dataset: list[Any] | None = field(default=None, init=False)  # what a shared token opens; None once revoked
    _entries: dict[str, Entry] = field(default_factory=dict, init=False)
    _unread: dict[str, Any] = field(default_factory=dict, init=False)  # written by another version
    _left: dict[str, str] = field(default_factory=dict, init=False)  # table to the project that stayed behind
    _shares: list[Share] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        if self.token != LOCAL and not _TOKEN.fullmatch(self.token):
            raise ValueError("not a workspace token")
        self.read_again()

    def find(self, key: str) -> Entry | None:
        """The entry with this recipe key, if the workspace has it."""
        return self._entries.get(key)

    def remember(self, entry: Entry) -> Entry:
        """Store an entry as the newest. A dataset that is here, or was removed from the list, keeps its names and tags.

        Raises
        ------
        BadInput : where the workspace holds as many datasets as it may
        """
        if self.shared and _as_json(entry.dataset) != self._dataset:
            self.token, self.shared, self._dataset = new_token(), False, None
        datasets = {other.dataset for other in self._entries.values()}
        if len(datasets) >= MAX_DATASETS and entry.dataset not in datasets:
            raise BadInput(
                f"This workspace holds {len(datasets):,} datasets, as many as it may. Delete one under Storage on Home."
            )
        with self._changed():
            here = (other.project for other in self._entries.values() if other.dataset == entry.dataset)
            project = entry.project or next(filter(None, here), None) or self._left.pop(entry.recipe.table, None)
            entry = replace(entry, opened=time.time(), project=project)
            self._entries[entry.recipe.key] = entry
            if entry.texts and project:  # names and tags belong to the rows, whichever map they were given on
                for key, other in self._entries.items():
                    if other.dataset == entry.dataset and other.project is None:
                        self._entries[key] = replace(other, project=project)
        return entry

    def parent_of(self, entry: Entry) -> Entry | None:
        """The entry that a selection was made of; None where there is none, or it is here no more."""
        if entry.sample and entry.parent == open_sample(entry.sample)[1].key and entry.parent not in self._entries:
            return sample_entry(entry.sample)
        return self.find(entry.parent)

    def forget(self, entry: Entry, annotations: bool = False) -> None:
        """Remove a dataset from the list, and revoke its links. Computed results stay, since others may use them.

        annotations : whether names and tags are forgotten too; else they come back with the file
        """
        self._forget(self.settings(entry), annotations)

    def forget_selection(self, entry: Entry) -> None:
        """Remove the map of a selection from the list, and revoke its links; its dataset stays."""
        self._forget([other for other in self.settings(entry) if other.recipe.subset == entry.recipe.subset], False)

    def _forget(self, entries: list[Entry], annotations: bool) -> None:
        keys = {entry.recipe.key for entry in entries}
        for share in [share for share in self._shares if share.recipe in keys]:
            self.revoke(share.token)
        with self._changed():
            for entry in entries:
                self._entries.pop(entry.recipe.key, None)
                if entry.project and not annotations:
                    self._left[entry.recipe.table] = entry.project

    def all(self) -> list[Entry]:
        """Every dataset with every setting."""
        return list(self._entries.values())

    def unread_tables(self) -> set[str]:
        """The digests of the tables whose entries another version wrote and this one cannot read."""
        found = set()
        for value in self._unread.values():
            with suppress(KeyError, TypeError, ValueError):
                found.add(Recipe.from_json(value["recipe"]).table)
        return found

    def settings(self, entry: Entry) -> list[Entry]:
        """All settings that were tried on a dataset."""
        return [other for other in self._entries.values() if other.dataset == entry.dataset]

    def map_of(self, entry: Entry, column: str) -> Entry:
        """The map of another of an entry's `texts`, as it was last looked at, of the same rows."""
        other = entry.map_of(column)
        tried = [
            known for known in self.settings(entry)
            if (known.recipe.columns, known.recipe.subset) == (other.recipe.columns, other.recipe.subset)
        ]  # fmt: skip
        return replace(max(tried, key=lambda known: known.opened), project=entry.project) if tried else other

    def recent(self, selections: bool = False) -> list[Entry]:
        """The datasets opened, newest first, each with its latest settings.

        selections : whether maps of selections are listed too; else one stands there only for a dataset whose map of
            all rows is not in the workspace
        """
        latest: dict[Any, Entry] = {}
        for entry in sorted(self._entries.values(), key=lambda entry: -entry.opened):
            latest.setdefault((entry.project or entry.dataset, entry.recipe.subset), entry)
        if selections:
            return list(latest.values())
        whole: dict[Any, Entry] = {}
        for (dataset, subset), entry in latest.items():
            if dataset not in whole or (whole[dataset].recipe.subset and not subset):
                whole[dataset] = entry
        return list(whole.values())

    def shares(self, entry: Entry) -> list[Share]:
        """The links to a dataset that can be revoked, oldest first."""
        keys = {other.recipe.key for other in self.settings(entry)} | {entry.recipe.key}
        return [share for share in self._shares if share.recipe in keys]

    def share(self, entry: Entry) -> Share:
        """A second token that opens only this dataset, with a copy of its current names and tags.

        Raises
        ------
        ValueError : where this workspace is itself one that was shared
        """
        if self.shared:
            raise ValueError("a shared link cannot be shared again: hand it on as it is")
        guest = Workspace(self.store, new_token())
        guest.shared, guest._dataset = True, _as_json(entry.dataset)
        project = Project.load(self.store, entry.project) if entry.project else None
        if project is not None:
            entry = replace(entry, project=project.copy().id)
        guest.remember(replace(entry, sample=None))
        share = Share(guest.token, entry.recipe.key, entry.name, time.time())
        with self._changed():
            self._shares.append(share)
        return share

    def revoke(self, token: str) -> None:
        """Make a link open nothing from now on. Its token is not used again, so that nobody's data ends up under it."""
        if token not in {share.token for share in self._shares}:
            return
        guest = Workspace(self.store, token)
        for project in {entry.project for entry in guest._entries.values() if entry.project}:
            self.store.documents.delete("projects", project)
        self.store.documents.delete("workspaces", token)  # with the version before it
        guest._entries, guest._dataset = {}, None
        guest._write()
        with self._changed():
            self._shares = [share for share in self._shares if share.token != token]

    @property
    def recovered(self) -> str:
        """A sentence for the user where the list was found damaged on disk; else empty."""
        return _RECOVERED.get(self.store.documents.recovered.get(("workspaces", self.token), ""), "")

    # -- inside ----------------------------------------------------------------------------------

    @contextmanager
    def _changed(self) -> Iterator[None]:
        """Change the list as it is stored now, so that changes of other pages and processes stay."""
        with self.store.alone(f"workspace {self.token}"):
            self.read_again()
            yield
            self._write()

    def read_again(self) -> None:
        """Load the list again, with the changes of other pages and processes."""
        document = self.store.read_json("workspaces", self.token)
        if document is None and self.shared and self._dataset is not None:
            return  # just made by `share`
        if not isinstance(document, dict):
            document = {}
        self._entries, self._unread, self._left, self._shares = {}, {}, {}, []
        self.shared, self._dataset = False, None
        for key, value in document.items():
            try:
                if key == "_left":
                    self._left = {str(table): str(project) for table, project in value.items()}
                elif key == "_shares":
                    self._shares = [Share(**share) for share in value]
                elif key == "_shared":
                    self.shared, self._dataset = True, value["dataset"]
                else:
                    self._entries[key] = entry_from_json(value)
            except (KeyError, TypeError, ValueError, AttributeError):
                self._unread[key] = value  # kept as it is for the version that wrote it

    def _write(self) -> None:
        values: dict[str, Any] = {**self._unread, **{key: entry_to_json(entry) for key, entry in self._entries.items()}}
        if self._left:
            values["_left"] = self._left
        if self._shares:
            values["_shares"] = [asdict(share) for share in self._shares]
        if self.shared:
            values["_shared"] = {"dataset": self._dataset}
        self.store.write_json("workspaces", self.token, values)


_RECOVERED = {
    "the one before": "Your list of datasets was damaged on disk. It is shown as it was before the last change.",
    "lost": "Your list of datasets was damaged on disk and could not be read. Open your files again: what was "
    "computed from them is kept.",
}


def _as_json(dataset: tuple[Any, ...]) -> list[Any]:
    table, columns, *others = dataset
    return [table, list(columns), *others]


def new_token() -> str:
    """A fresh workspace token: 24 random bytes."""
    return secrets.token_urlsafe(24)


def shared_by_all() -> bool:
    """Whether everyone who reaches this server shares one workspace (EXPLORER_WORKSPACES=shared)."""
    return settings.WORKSPACES() == "shared"


def keep_selection(store: Store, rows: Iterable[int]) -> str:
    """Store a selection of rows. Returns its digest, which names it in links and in `Recipe.subset`."""
    chosen = np.unique(np.fromiter(rows, np.int32))
    digest = hashlib.blake2b(chosen.astype("<i4").tobytes(), digest_size=16).hexdigest()
    store.put_arrays("selection", digest, row=chosen)  # an intact one that is there already stays
    return digest


def stored_selection(store: Store, digest: str) -> np.ndarray | None:
    """The rows of a stored selection: int32 of shape (r,), ascending; None where there is none."""
    if not re.fullmatch(r"[0-9a-f]{32}", digest):
        return None
    stored = store.get_arrays("selection", digest)
    return None if stored is None else stored[0]["row"]

"""The store of everything computed or uploaded: content-addressed, atomic, checked when read.

One folder (`EXPLORER_HOME`, else the platform's data directory) holds a LanceDB database (`database.py`) and small
documents (`documents.py`). An entry is one Lance table named `<kind>-<key>`; its schema carries a seal (`sealed.py`),
because LanceDB does not notice a flipped byte. An entry that fails its check is set aside and reported as missing, so
that it is computed again and never used. An entry that the disk refuses stays in memory, and writing is tried again.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.ipc

from explorer.errors import first_line
from explorer.machine import home_folder
from explorer.store import content_vectors, locks, words
from explorer.store import eviction as storage
from explorer.store.database import Database
from explorer.store.documents import Documents
from explorer.store.eviction import Stored
from explorer.store.sealed import checked, meta, packed, sealed, to_arrays, to_arrow, unpacked

SHIPPED = Path(__file__).resolve().parents[2] / "datasets" / "prepared"


class Store:
    """Entries by (kind, key), and vectors by (model, content digest).

    Reading looks in three places: entries that this process keeps because the disk refused them, the stages that come
    with the samples, and the database.

    warnings : what went wrong and what was done about it, each sentence once
    damaged : names of the entries that this process found damaged and set aside
    """

    def __init__(self, home: str | Path | None = None, shipped: Path | None = SHIPPED):
        self.home = Path(home) if home is not None else home_folder()
        self._shipped = shipped
        self._kept: dict[str, pa.Table] = {}
        self._database = Database(self.home)
        self.documents = Documents(self.home, self._refused)
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self.warnings: list[str] = []
        self._since = 0  # warnings before this one are about problems that are over
        self.damaged: set[str] = set()

    # -- entries ---------------------------------------------------------------------------------

    def put(self, kind: str, key: str, data: pa.Table, info: dict[str, Any] | None = None) -> None:
        """Store `data` under (kind, key), whole or not at all. An entry that is there already stays.

        Where the disk refuses it, the entry is kept in memory while this process lives, writing is tried again later,
        and a warning reports it.
        """
        name = f"{kind}-{key}"
        self._keep(name, sealed(data, name, info))

    def get(self, kind: str, key: str) -> pa.Table | None:
        """The entry; None where there is none, or where it fails its check and is set aside."""
        name = f"{kind}-{key}"
        if name in self._kept:
            return self._kept[name]
        shipped = self._shipped_file(name)
        if shipped is not None:
            try:
                with pa.ipc.open_file(shipped) as reader:
                    return checked(reader.read_all(), name)
            except Exception as error:
                self._warn(f"{shipped.name} is damaged ({first_line(error)}): computed again.")
        return self._stored(name)

    def has(self, kind: str, key: str) -> bool:
        """Whether an entry is there. Does not read it."""
        name = f"{kind}-{key}"
        return name in self._kept or self._shipped_file(name) is not None or self._database.exists(name)

    def info(self, data: pa.Table) -> dict[str, Any]:
        """The `info` that was stored with an entry; {} where there was none."""
        return meta(data).get("info", {})

    def put_arrays(self, kind: str, key: str, info: dict[str, Any] | None = None, **arrays: np.ndarray) -> None:
        """Store arrays of shape (n,) or (n, d), with the same n and any d, as the columns of one entry."""
        self.put(kind, key, to_arrow(**arrays), info)

    def get_arrays(self, kind: str, key: str) -> tuple[dict[str, np.ndarray], dict[str, Any]] | None:
        """The arrays of an entry, (n,) or (n, d) and read-only, and its `info`; None where there is none."""
        data = self.get(kind, key)
        return None if data is None else (to_arrays(data), self.info(data))

    # -- vectors by content ----------------------------------------------------------------------

    def known_vectors(self, model: str, digests: np.ndarray) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
        """The stored vectors of m contents.

        Parameters
        ----------
        model : the model's key
        digests : ndarray of shape (m,), dtype S16, content digests

        Returns
        -------
        known : bool array of shape (m,)
        vectors : float32 array of shape (m, d), zero where unknown; None where nothing is known
        truncated : bool array of shape (m,), contents that the model cut
        """
        name = content_vectors.table_name(model)
        try:
            found = content_vectors.find(self._vector_rows(name), model, digests)
        except Exception as error:  # the table holds something else
            self._set_aside(name, error)
            found = content_vectors.find(self._kept.get(name), model, digests)
        if found.hopeless:
            self._set_aside(name, ValueError("none of its vectors passed its check"))
        elif found.damaged:
            self._warn(f"{found.damaged} stored vectors failed their check and are computed again.")
        return found.known, found.vectors, found.truncated

    def knows_vectors(self, model: str, digests: np.ndarray) -> bool:
        """Whether vectors of all contents with these digests (S16 of shape (m,)) are stored.

        Vectors are not checked: some may be damaged.
        """
        name = content_vectors.table_name(model)
        known = np.zeros(len(digests), bool)
        if name in self._kept:
            known |= content_vectors.held(digests, self._kept[name])
        with contextlib.suppress(Exception):  # damaged: reading them reports it
            known |= content_vectors.held(digests, self._database.read(name, ["digest"]))
        return bool(len(known) and known.all())

    def add_vectors(self, model: str, digests: np.ndarray, vectors: np.ndarray, truncated: np.ndarray) -> None:
        """Store one batch of vectors, whole or not at all.

        Parameters
        ----------
        digests : ndarray of shape (n,), dtype S16, content digests
        vectors : float32 array of shape (n, d)
        truncated : bool array of shape (n,), contents that the model cut
        """
        self._keep(content_vectors.table_name(model), content_vectors.to_rows(model, digests, vectors, truncated))

    def compact_vectors(self, model: str) -> None:
        """Join the many small batches of one build into few files, where the disk and other builds allow it."""
        name = content_vectors.table_name(model)
        if self._database.exists(name):
            with contextlib.suppress(Exception), self._writing(name):  # nothing is lost where it fails
                self._database.open(name).optimize()

    def forget_vectors(self, model: str, digests: np.ndarray) -> None:
        """Remove the vectors of contents with these digests (S16 of shape (m,)).

        Removes all vectors of the model where the disk has no room to write the others again.
        """
        name = content_vectors.table_name(model)
        with self._writing(name):
            data = self._vector_rows(name)
            if data is None:
                return
            try:
                stays = ~content_vectors.holds(digests, data)
                rest = data.filter(pa.array(stays)).replace_schema_metadata(None)
                if not len(rest):
                    self._database.delete(name)
                elif len(rest) < len(data):
                    self._database.replace(name, rest)
            except Exception:
                self._database.delete(name)
            self._kept.pop(name, None)

    # -- words -----------------------------------------------------------------------------------

    def text_index(
        self,
        key: str,
        texts: Callable[[], pa.Table],
        language: Callable[[], str],
        rows: int,
        again: bool = False,
    ) -> Any:
        """The LanceDB table of that key whose column `text` has a full-text index, made on first use; see `words`."""
        return words.text_index(self._database, self._set_aside, f"words-{key}", texts, language, rows, again)

    # -- small documents -------------------------------------------------------------------------

    def write_json(self, folder: str, name: str, value: Any) -> None:
        """Store a small document in one step; where the disk refuses it, in memory, and try again later."""
        if self.documents.write(folder, name, value):
            self._room()

    def read_json(self, folder: str, name: str) -> Any | None:
        """The document; the version before where it is damaged; None where there is none."""
        return self.documents.read(folder, name)

    # -- between processes -----------------------------------------------------------------------

    def alone(self, key: str, waiting: Callable[[], None] | None = None) -> AbstractContextManager[None]:
        """Only one thread of one process at a time is within this for the same `key`; see `locks.alone`."""
        return locks.alone(self.home / "locks", key, waiting)

    def kept(self) -> dict[str, pa.Table]:
        """Entries that are only in this process's memory because the disk refused them."""
        with self._lock:
            return dict(self._kept)

    @property
    def only_in_memory(self) -> int:
        """How many entries and documents are only in memory, and lost when this process ends."""
        return len(self._kept) + self.documents.waiting

    def accept(self, name: str, data: pa.Table) -> bool:
        """Store an entry that another process kept. Returns False where it fails its check."""
        model = content_vectors.model_of(data)
        try:
            if model is None:
                checked(data, name)
            elif name != content_vectors.table_name(model) or not content_vectors.intact(to_arrays(data), model).all():
                raise ValueError(name)
        except (ValueError, KeyError, TypeError):
            return False
        data = self._new_rows(name, data)
        if model is None or len(data):
            self._keep(name, data)
        return True

    def flush(self) -> int:
        """Try again to write what is only in memory. Returns how many entries and documents the disk took."""
        if not self.only_in_memory or not self._flushing.acquire(blocking=False):
            return 0
        try:
            written = self.documents.flush()
            for name, data in self.kept().items():
                with contextlib.suppress(Exception):
                    new = self._new_rows(name, data, kept=False)
                    if len(new) or not len(data):
                        self._write(name, new)
                    self._drop(name, data)
                    written += 1
            if not self.only_in_memory:
                self.warnings.append(f"{self.home} takes writes again: nothing is only in memory any more.")
                self._since = len(self.warnings)
            return written
        finally:
            self._flushing.release()

    # -- what is stored --------------------------------------------------------------------------

    def entries(self) -> list[Stored]:
        """Everything stored, with documents and damaged entries; see `eviction.entries`."""
        return storage.entries(self.home)

    def size(self, name: str) -> int:
        """Bytes that an entry takes on disk; 0 where there is none."""
        return storage.size(self._database.folder(name))

    def rows(self, name: str) -> int:
        """How many rows an entry has, without reading them; 0 where there is none."""
        try:
            return int(self._database.open(name).count_rows()) if self._database.exists(name) else 0
        except Exception:
            return 0  # damaged: reading it reports that

    def delete(self, name: str) -> None:
        """Remove an entry, by its name in `entries`. Documents have a `delete` of their own."""
        if name.startswith(("damaged/", "store/")):
            storage.remove(self.home / name)
            return
        with self._lock:
            self._kept.pop(name, None)
        if name.startswith("vectors-"):
            with self._writing(name):
                self._database.delete(name)
        else:
            self._database.delete(name)

    def trim(self, limit: int | None = None) -> list[Stored]:
        """Remove the entries not used for longest until `limit` bytes are left (by default EXPLORER_STORE_GB).

        Returns the removed entries.
        """
        return storage.trim(self, storage.limit() if limit is None else limit)

    # -- inside ----------------------------------------------------------------------------------

    def _keep(self, name: str, data: pa.Table) -> None:
        """Store an entry on disk; where the disk refuses it, in memory."""
        try:
            self._write(name, data)
        except Exception as error:  # LanceDB reports a full or read-only disk as RuntimeError, OSError, …
            with self._lock:
                kept = self._kept.get(name)
                rows = kept is not None and content_vectors.model_of(data) is not None
                self._kept[name] = pa.concat_tables([kept, data]) if rows else data
            self._refused(error)
            return
        self._room()

    def _write(self, name: str, data: pa.Table) -> None:
        if content_vectors.model_of(data) is not None:
            with self._writing(name):
                self._database.append(name, data.replace_schema_metadata(None))
        elif not self._database.create(name, _as_stored(name, data)) and self._stored(name) is None:
            self._database.create(name, _as_stored(name, data))  # a damaged entry was in its place

    def _new_rows(self, name: str, data: pa.Table, kept: bool = True) -> pa.Table:
        """The rows of vectors that are not stored yet (nor, with `kept`, in memory); other entries unchanged.

        Otherwise two processes that send each other what the disk refused would store it twice.
        """
        model = content_vectors.model_of(data)
        if model is None:
            return data
        there = self._vector_rows(name) if kept else self._read(name, lambda: self._database.read(name))
        known = content_vectors.find(there, model, to_arrays(data)["digest"]).known
        return data.filter(pa.array(~known))

    def _writing(self, name: str) -> AbstractContextManager[None]:
        return self.alone(f"write {name}")

    def _drop(self, name: str, data: pa.Table) -> None:
        """Drop from memory what is on disk now. Rows that were added meanwhile stay."""
        with self._lock:
            now = self._kept.pop(name)
            if len(now) > len(data):
                self._kept[name] = now.slice(len(data))

    def _room(self) -> None:
        """Try to write the rest, since the disk has just taken something."""
        if self.only_in_memory:
            self.flush()

    def _refused(self, error: Exception) -> None:
        self._warn(f"{_REFUSED} {self.home} ({_why(error)}): kept in memory until the app stops.")

    def _warn(self, text: str) -> None:
        self._since = min(self._since, len(self.warnings))  # the list may have been cleared
        if text not in self.warnings[self._since :]:
            self.warnings.append(text)

    def _stored(self, name: str) -> pa.Table | None:
        """A sealed entry of the database; None where there is none, or where it fails its check."""
        return self._read(name, lambda: checked(unpacked(self._database.read(name)), name))

    def _vector_rows(self, name: str) -> pa.Table | None:
        kept, stored = self._kept.get(name), self._read(name, lambda: self._database.read(name))
        if stored is None or kept is None:
            return kept if stored is None else stored
        return pa.concat_tables([stored, kept])

    def _read(self, name: str, read: Callable[[], pa.Table]) -> pa.Table | None:
        for last in (False, True):
            if not self._database.exists(name):
                return None
            try:
                return read()
            except Exception as error:  # read it twice: another process may just have replaced it
                if last:
                    self._set_aside(name, error)
        return None

    def _set_aside(self, name: str, error: Exception) -> None:
        moved = self._database.set_aside(name)
        if moved is not None:
            self.damaged.add(name)
            self._warn(f"A stored result was damaged ({first_line(error)}): set aside as {moved}, computed again.")

    def _shipped_file(self, name: str) -> Path | None:
        if self._shipped is None:
            return None
        path = self._shipped / f"{name}.arrow"
        return path if path.exists() else None


def _as_stored(name: str, data: pa.Table) -> pa.Table:
    return packed(data) if name.startswith("table-") else data  # computed entries hold only plain numbers


_REFUSED = "Could not write to"


def _why(error: Exception) -> str:
    """Why the disk refused, in the same words for every entry, so that a full disk gives one warning, not hundreds."""
    text = str(error)
    for known in ("No space left on device", "Read-only file system", "Permission denied", "File too large"):
        if known.lower() in text.lower():
            return known
    return re.sub(r"[0-9a-f]{16,}\S*", "…", first_line(error))

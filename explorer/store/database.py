"""The LanceDB folder: tables appear and disappear whole or not at all.

LanceDB does not notice a flipped byte, so callers must check what they read.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

_ABANDONED = 3600.0  # seconds; an unfinished folder that is older is abandoned
_MARK_EVERY = 60.0  # seconds between two notes that an entry is in use


class Database:
    """Lance tables by name under home/store. A damaged table is moved to home/damaged."""

    def __init__(self, home: Path):
        self.home = home
        self._stuck: set[str] = set()  # damaged tables that could not be moved
        self._marked: dict[str, float] = {}
        self._connection: Any = None
        self._lock = threading.Lock()

    def folder(self, name: str) -> Path:
        """The folder of a table."""
        return self.home / "store" / f"{name}.lance"

    def exists(self, name: str) -> bool:
        """Whether there is a table of that name, intact or not."""
        return self.folder(name).exists()

    def read(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """All rows of a table, in memory; all columns by default. Raises LanceDB's errors for a damaged table."""
        with _panics_raised():
            table = self.open(name)
            data = table.to_arrow() if columns is None else table.search().select(columns).limit(None).to_arrow()
        self.mark(name)
        return data

    def open(self, name: str) -> Any:
        """The LanceDB table."""
        with _panics_raised():
            return self.connection().open_table(name)

    def create(self, name: str, data: pa.Table) -> bool:
        """Make a table. Returns False where one is there already. Its folder appears complete."""
        if name in self._stuck:
            raise OSError("a damaged entry is in its place and cannot be moved")
        if self.exists(name):
            return False
        with self.part() as part:
            with _panics_raised():
                self.connection().create_table(part, data)
            try:
                os.rename(self.folder(part), self.folder(name))
            except OSError:
                if not self.exists(name):
                    raise
                return False  # another process was quicker
        return True

    def append(self, name: str, data: pa.Table) -> None:
        """Add all rows or none. For one process at a time, since files of a failed attempt are removed."""
        if self.create(name, data):
            return
        before = self._files(name)
        try:
            with _panics_raised():
                self.open(name).add(data)
        except Exception:
            for path in self._files(name) - before:  # attempts must not fill a full disk further
                path.unlink(missing_ok=True)
            raise
        self.mark(name)

    def replace(self, name: str, data: pa.Table) -> None:
        """Replace a table by one with other rows."""
        with self.part() as part:
            with _panics_raised():
                self.connection().create_table(part, data)
            self.delete(name)
            os.rename(self.folder(part), self.folder(name))

    def delete(self, name: str) -> None:
        """Remove a table. It disappears at once."""
        with self.part() as part, contextlib.suppress(FileNotFoundError):
            os.rename(self.folder(name), self.folder(part))

    def set_aside(self, name: str) -> str | None:
        """Move a damaged table to home/damaged. Returns its new name, None where it is gone already."""
        damaged = self.home / "damaged" / f"{name}-{uuid.uuid4().hex[:8]}"
        try:
            damaged.parent.mkdir(parents=True, exist_ok=True)
            os.rename(self.folder(name), damaged)
        except FileNotFoundError:
            return None  # another process has just done it
        except OSError:
            self._stuck.add(name)
        return damaged.name

    def mark(self, name: str) -> None:
        """Note that a table is in use, at most once a minute, as the time of its folder."""
        now = time.time()
        if now - self._marked.get(name, 0) > _MARK_EVERY:
            self._marked[name] = now
            with contextlib.suppress(OSError):
                os.utime(self.folder(name))

    @contextmanager
    def part(self) -> Iterator[str]:
        """A name for an unfinished table. Whatever has that name is removed afterwards."""
        part = f"part-{uuid.uuid4().hex}"
        try:
            yield part
        finally:
            shutil.rmtree(self.folder(part), ignore_errors=True)

    def connection(self) -> Any:
        """LanceDB's connection, made on first use."""
        # Python may import our folder datasets/ as the package of that name: sentence-transformers does so, and LanceDB
        # then fails, since it expects Hugging Face's package. Remove that import.
        if getattr(sys.modules.get("datasets"), "__file__", "") is None:
            sys.modules.pop("datasets", None)
        with self._lock:
            if self._connection is None:
                # Lance warns on stderr about each new table, and here every table is new.
                os.environ.setdefault("LANCEDB_LOG", "error")
                import lancedb  # 1.3 s, which opening a sample does not need

                (self.home / "store").mkdir(parents=True, exist_ok=True)
                self._connection = lancedb.connect(str(self.home / "store"))
                remove_abandoned(self.home / "store", "part-*.lance")
            return self._connection

    def _files(self, name: str) -> set[Path]:
        return {path for path in self.folder(name).rglob("*") if path.is_file()}


def remove_abandoned(folder: Path, pattern: str) -> None:
    """Remove unfinished folders of killed processes: those with matching names that were not changed for an hour."""
    for part in folder.glob(pattern):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _ABANDONED:
                shutil.rmtree(part)


@contextmanager
def _panics_raised() -> Iterator[None]:
    """Lance's Rust code panics at some damage, which is no Exception in Python: raise a RuntimeError instead."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise RuntimeError(str(error)) from error

"""The LanceDB folder: tables that appear whole or not at all, and leave whole.

LanceDB does not notice a flipped byte: whoever reads here checks what came back.
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

_ABANDONED = 3600.0  # seconds after which nobody is making a half-made folder any more
_MARK_EVERY = 60.0  # seconds between two marks that an entry is in use


class Database:
    """Lance tables by name under home/store. A table that was damaged moves to home/damaged."""

    def __init__(self, home: Path):
        self.home = home
        self._stuck: set[str] = set()  # damaged tables on a disk that lets nothing be moved
        self._marked: dict[str, float] = {}
        self._connection: Any = None
        self._lock = threading.Lock()

    def folder(self, name: str) -> Path:
        """Where a table lies."""
        return self.home / "store" / f"{name}.lance"

    def exists(self, name: str) -> bool:
        """Whether there is something of that name, sound or not."""
        return self.folder(name).exists()

    def read(self, name: str, columns: list[str] | None = None) -> pa.Table:
        """All rows of a table, in memory, all columns by default. Raises whatever LanceDB meets in a damaged one."""
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
        """Make a table; False where one is there already. Its folder appears with all that is in it."""
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
        """Add rows, whole or not at all. For one process at a time: what a failed attempt left is removed."""
        if self.create(name, data):
            return
        before = self._files(name)
        try:
            with _panics_raised():
                self.open(name).add(data)
        except Exception:
            for path in self._files(name) - before:  # a full disk is not to be filled by attempts
                path.unlink(missing_ok=True)
            raise
        self.mark(name)

    def replace(self, name: str, data: pa.Table) -> None:
        """Put other rows in a table's place."""
        with self.part() as part:
            with _panics_raised():
                self.connection().create_table(part, data)
            self.delete(name)
            os.rename(self.folder(part), self.folder(name))

    def delete(self, name: str) -> None:
        """Remove a table, at once for whoever looks."""
        with self.part() as part, contextlib.suppress(FileNotFoundError):
            os.rename(self.folder(name), self.folder(part))

    def set_aside(self, name: str) -> str | None:
        """Move a damaged table out of the way; its new name, None where it is gone already."""
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
        """Note that a table is in use, at most once a minute: the time of its folder says when it last was."""
        now = time.time()
        if now - self._marked.get(name, 0) > _MARK_EVERY:
            self._marked[name] = now
            with contextlib.suppress(OSError):
                os.utime(self.folder(name))

    @contextmanager
    def part(self) -> Iterator[str]:
        """A name for something half made; nothing of that name is there afterwards."""
        part = f"part-{uuid.uuid4().hex}"
        try:
            yield part
        finally:
            shutil.rmtree(self.folder(part), ignore_errors=True)

    def connection(self) -> Any:
        """LanceDB's connection, made on first use."""
        # Our folder datasets/ passes for a package of that name, which sentence-transformers then imports and
        # LanceDB takes for Hugging Face's (and fails): nothing of it is worth keeping.
        if getattr(sys.modules.get("datasets"), "__file__", "") is None:
            sys.modules.pop("datasets", None)
        with self._lock:
            if self._connection is None:
                # Lance warns on stderr whenever a table is new, which here is always.
                os.environ.setdefault("LANCEDB_LOG", "error")
                import lancedb  # 1.3 s: not paid by whoever only opens a sample

                (self.home / "store").mkdir(parents=True, exist_ok=True)
                self._connection = lancedb.connect(str(self.home / "store"))
                remove_abandoned(self.home / "store", "part-*.lance")
            return self._connection

    def _files(self, name: str) -> set[Path]:
        return {path for path in self.folder(name).rglob("*") if path.is_file()}


def remove_abandoned(folder: Path, pattern: str) -> None:
    """Remove what killed processes left half made: folders of such names that nobody has touched for an hour."""
    for part in folder.glob(pattern):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _ABANDONED:
                shutil.rmtree(part)


@contextmanager
def _panics_raised() -> Iterator[None]:
    """Lance's code in Rust panics at some damage, which Python sees as no Exception: here it is one."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise RuntimeError(str(error)) from error

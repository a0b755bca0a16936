"""What is stored, how large it is, and what is removed first when there is too much."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from explorer import settings

if TYPE_CHECKING:
    from explorer.store.store import Store

# Removed first: damaged entries. Then stages, which are made again in seconds: every kind that is not named here. Then
# word indexes, then vectors, which take minutes or hours, and last tables, which only their owner can provide again.
# Within a kind, the entries that were not used for longest are removed first.
_FIRST, _STAGES = 0, 1
_ORDER = {"damaged": _FIRST, "words": 2, "vectors": 3, "table": 4}
# Never removed: what people made, and what is being made. What the library keeps for them as a table of its own, such
# as a trained head, is of the kind "library".
_KEPT = ("selection", "library", "documents", "unfinished")
DOCUMENTS = ("workspaces", "projects", "previous")
GB = 10**9
IN_USE = 600.0  # seconds after its last use in which an entry is not removed
_NAME = re.compile(r"([a-z]+)-([\w.-]+)\.lance")


@dataclass(frozen=True)
class Stored:
    """Something in the store: its name for `Store.delete`, its kind and key, its size, and when it was last used."""

    name: str
    kind: str
    key: str
    bytes: int
    used: float


class _Busy(Exception):
    pass


def order(kind: str) -> int | None:
    """The order in which entries of a kind are removed, smallest first; None for kinds that are never removed."""
    return None if kind in _KEPT else _ORDER.get(kind, _STAGES)


def is_computed(kind: str) -> bool:
    """Whether entries of a kind can be computed again, or are damaged."""
    return order(kind) is not None and kind != "table"


def limit() -> int:
    """The most bytes that the store may take."""
    return settings.STORE_GB()


def entries(home: Path) -> list[Stored]:
    """Everything in the store. Kinds: those of `Store.put`, "words", "documents", "damaged", "unfinished"."""
    found = []
    for path in _children(home / "store"):
        named = _NAME.fullmatch(path.name)
        if named and named[1] == "part":
            found.append(_stored(path, path.stem, "unfinished", named[2]))
        elif named:
            found.append(_stored(path, path.stem, named[1], named[2]))
        else:  # not made by us
            found.append(_stored(path, f"store/{path.name}", "damaged", path.name))
    found += [_stored(path, f"damaged/{path.name}", "damaged", path.name) for path in _children(home / "damaged")]
    for folder in DOCUMENTS:
        found += [_stored(path, f"{folder}/{path.name}", "documents", path.stem) for path in _children(home / folder)]
    return found


def trim(store: Store, limit: int, in_use: float = IN_USE) -> list[Stored]:
    """Remove entries in the order of `order` until the store is within `limit` bytes. Returns the removed entries.

    Only one process does this at a time; for another it returns at once. Entries used in the last `in_use` seconds
    stay. A process that has read an entry holds it in memory, so it does not miss one that is removed from disk.
    """

    def somebody_else_does() -> None:
        raise _Busy

    gone: list[Stored] = []
    with contextlib.suppress(_Busy), store.alone("trim", somebody_else_does):
        found = entries(store.home)
        over = sum(entry.bytes for entry in found) - limit
        candidates = [(place, entry) for entry in found if (place := order(entry.kind)) is not None]
        for _, entry in sorted(candidates, key=lambda pair: (pair[0], pair[1].used)):
            if over <= 0:
                return gone
            if entry.kind == "damaged" or time.time() - entry.used > in_use:
                with contextlib.suppress(OSError):  # a disk on which nothing can be removed
                    store.delete(entry.name)
                    gone.append(entry)
                    over -= entry.bytes
    return gone


def remove(path: Path) -> None:
    """Remove a file or a folder. It is no error where it is gone already."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def size(path: Path) -> int:
    """Bytes of a file, or of all files under a folder."""
    return sum(stat.st_size for stat in _stats(path))


def _stored(path: Path, name: str, kind: str, key: str) -> Stored:
    try:
        used = path.stat().st_mtime
    except OSError:
        used = 0.0
    return Stored(name, kind, key, size(path), used)


def _children(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _stats(path: Path) -> Iterator[os.stat_result]:
    with contextlib.suppress(OSError):  # removed meanwhile
        if path.is_dir() and not path.is_symlink():
            for entry in os.scandir(path):
                if entry.is_dir(follow_symlinks=False):
                    yield from _stats(Path(entry.path))
                else:
                    with contextlib.suppress(OSError):
                        yield entry.stat(follow_symlinks=False)
        else:
            yield path.lstat()

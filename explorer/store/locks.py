"""Locks between processes, which the system releases when the holder dies."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakValueDictionary

from filelock import FileLock, Timeout

POLL = 0.2  # seconds between two attempts to take a lock

# Locks between the threads of this process, which also work where the disk takes no lock file.
_threads: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
_guard = threading.Lock()


@contextmanager
def alone(folder: Path, key: str, waiting: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock named `key` against all threads and processes that use the same folder. Not reentrant.

    Lock files are named by a digest, and are not removed: removing one that another process has just opened would let
    two in. They are empty. Where the disk takes no file, only threads of this process are kept out.

    Parameters
    ----------
    waiting : called about every 0.2 s while another holds the lock; what it raises ends the wait
    """
    path = folder / f"{hashlib.blake2b(key.encode('utf-8', 'surrogatepass'), digest_size=16).hexdigest()}.lock"
    with _guard:
        mine = _threads.setdefault(str(path), threading.Lock())
    while not mine.acquire(timeout=POLL):
        if waiting:
            waiting()
    lock = None
    try:
        lock = _lock(path)
        while lock is not None and not _taken(lock):
            if waiting:
                waiting()
            time.sleep(POLL)
        yield
    finally:
        if lock is not None:
            with contextlib.suppress(OSError):
                lock.release()
        mine.release()


def _lock(path: Path) -> FileLock | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():  # we never make a folder of that name
            path.rename(path.with_suffix(f".{time.time_ns()}.damaged"))
        return FileLock(path, timeout=0, thread_local=False)
    except OSError:
        return None


def _taken(lock: FileLock) -> bool:
    """Whether we hold the lock now, or nobody can."""
    try:
        lock.acquire()
        return True
    except Timeout:
        return False
    except OSError:
        return True

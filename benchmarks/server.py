"""The app as `python -m explorer app` starts it, with a home of its own, and its memory."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.processes import Memory, environment, memory, tree
from scripts import serve

KINDS = ("launcher", "server", "worker")
_UP_WITHIN = 60.0  # seconds
_SETTLED_WITHIN, _STEADY = 90.0, 0.005  # seconds; share by which two measurements may differ


@dataclass(frozen=True)
class Server:
    """A running app: its address, its first process, and the seconds until it was healthy."""

    address: str
    pid: int
    seconds_to_health: float

    def memory(self) -> dict[str, Memory]:
        """The memory of its processes by kind (`KINDS`)."""
        held: dict[str, Memory] = {}
        for process in tree(self.pid):
            try:
                kind, now = _kind(process), memory(process)
            except psutil.NoSuchProcess:  # it ended meanwhile
                continue
            before = held.get(kind, Memory(0, 0))
            held[kind] = Memory(before.pss + now.pss, before.rss + now.rss)
        return held

    def settled_memory(self) -> dict[str, Memory]:
        """The memory once it hardly changes, when the app has loaded everything that it loads by itself."""
        deadline = time.perf_counter() + _SETTLED_WITHIN
        before, now = 0, self.memory()
        while abs(total(now) - before) > _STEADY * before and time.perf_counter() < deadline:
            time.sleep(3)
            before, now = total(now), self.memory()
        return now


def total(held: dict[str, Memory], kinds: Collection[str] = KINDS) -> int:
    """Bytes (PSS) of the processes of these kinds together."""
    return sum(each.pss for kind, each in held.items() if kind in kinds)


@contextmanager
def running() -> Iterator[Server]:
    """Start the app with an empty home on a free port; end all its processes afterwards.

    Raises
    ------
    RuntimeError : with the end of its log, when it stops or does not answer within a minute
    """
    with tempfile.TemporaryDirectory(prefix="explorer-bench-") as folder:
        port = serve.free_port()
        command = [sys.executable, "-m", "explorer", "app", "--port", str(port)]
        began = time.perf_counter()
        server = serve.start(command, port, environment(Path(folder, "home")), Path(folder, "log.txt"), _UP_WITHIN)
        try:
            yield Server(f"http://localhost:{port}", server.pid, time.perf_counter() - began)
        finally:
            serve.end(server)


def _kind(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    return "worker" if "explorer.jobs.worker" in words else "server" if "streamlit" in words else "launcher"

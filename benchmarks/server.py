"""The app as `python -m explorer app` starts it, with a home of its own, for measuring."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.processes import ROOT, Memory, end, environment, memory, tree

KINDS = ("launcher", "server", "worker")
_UP_WITHIN = 60.0  # seconds
_SETTLED_WITHIN, _STEADY = 90.0, 0.005  # seconds; share by which two looks may differ


@dataclass(frozen=True)
class Server:
    """A running app: its address, its first process, and the seconds until its health was answered."""

    address: str
    pid: int
    seconds_to_health: float

    def memory(self) -> dict[str, Memory]:
        """What its processes hold, by what they are (`KINDS`)."""
        held: dict[str, Memory] = {}
        for process in tree(self.pid):
            try:
                kind, now = _kind(process), memory(process)
            except psutil.NoSuchProcess:  # ended between the listing and the question
                continue
            before = held.get(kind, Memory(0, 0))
            held[kind] = Memory(before.pss + now.pss, before.rss + now.rss)
        return held

    def settled_memory(self) -> dict[str, Memory]:
        """The same once it hardly changes: what the app loads of its own accord is then there."""
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
        port = _free_port()
        log = Path(folder, "log.txt")
        with log.open("w") as output:
            began = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "explorer", "app", "--port", str(port)],
                cwd=ROOT, env=environment(Path(folder, "home")), stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            address = f"http://localhost:{port}"
            while not _healthy(address):
                if process.poll() is not None or time.perf_counter() - began > _UP_WITHIN:
                    raise RuntimeError("the app did not start: " + log.read_text()[-600:])
                time.sleep(0.02)
            yield Server(address, process.pid, time.perf_counter() - began)
        finally:
            all_of_it = tree(process.pid) if process.poll() is None else []
            process.send_signal(signal.SIGINT)  # as Ctrl-C does: the launcher ends the server
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            end(all_of_it[1:])


def _kind(process: psutil.Process) -> str:
    words = " ".join(process.cmdline())
    return "worker" if "explorer.jobs.worker" in words else "server" if "streamlit" in words else "launcher"


def _healthy(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
            return answer.status == 200
    except OSError:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

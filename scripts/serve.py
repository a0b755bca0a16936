"""The real app as a process: start it, wait for it, end it with all its processes. For benchmarks and faults."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_POLL = 0.02  # seconds
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # never ask a proxy for localhost


def free_port() -> int:
    """A port of localhost that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: str | Path) -> dict[str, str]:
    """This process's environment with another home, and without the user's own settings of the app."""
    others = {name: value for name, value in os.environ.items() if not name.startswith(("EXPLORER_", "STREAMLIT_"))}
    return {**others, "EXPLORER_HOME": str(home), "PYTHONPATH": str(ROOT)}


def start(
    command: Sequence[str], port: int, variables: Mapping[str, str], log: Path, within: float
) -> subprocess.Popen[bytes]:
    """Start a server in a process group of its own, and wait until it answers.

    Parameters
    ----------
    port : where `command` lets it listen
    variables : its environment
    log : file to which its output is appended
    within : seconds

    Raises
    ------
    RuntimeError : with the end of the log, when it ends or does not answer in time
    """
    give_up = time.monotonic() + within
    with log.open("ab") as output:
        server = subprocess.Popen(
            command, cwd=ROOT, env=dict(variables), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    while not answers(port):
        if server.poll() is not None or time.monotonic() > give_up:
            end(server)
            raise RuntimeError("The app did not start: " + log.read_text(encoding="utf-8", errors="replace")[-3000:])
        time.sleep(_POLL)
    return server


def answers(port: int) -> bool:
    """Whether a server on this port of localhost is healthy."""
    with suppress(OSError), _DIRECT.open(f"http://localhost:{port}/_stcore/health", timeout=2):
        return True
    return False


def end(server: subprocess.Popen[bytes]) -> None:
    """End a server that `start` started, and all its processes."""
    for how in (signal.SIGTERM, signal.SIGKILL):  # the second for processes that are left
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(server.pid, how)
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)

"""Processes that are measured, and their memory."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from scripts import serve

ROOT = serve.ROOT
_LONGEST = 3 * 3600  # seconds; --full embeds 60,000 rows in one child


@dataclass(frozen=True)
class Memory:
    """Bytes resident. `pss` counts a page that k processes share as 1/k in each; where unknown, it is `rss`."""

    pss: int
    rss: int


def environment(home: str | Path) -> dict[str, str]:
    """As `scripts.serve.environment`; commands print the tracebacks of unexpected errors."""
    return {**serve.environment(home), "EXPLORER_TRACE": "1"}


def child(module: str, *arguments: str, home: str | Path) -> dict[str, Any]:
    """Run `python -m module …` in a new process. Returns the JSON object that it prints, and "wall", its seconds.

    Raises
    ------
    RuntimeError : with the end of its stderr, when it fails
    """
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT, env=environment(home), capture_output=True, text=True, timeout=_LONGEST,
    )  # fmt: skip
    wall = time.perf_counter() - started
    if done.returncode:
        last = done.stderr.strip().splitlines()[-5:]
        raise RuntimeError(f"{module} {arguments[0]} ended with {done.returncode}: " + " / ".join(last))
    return {**json.loads(done.stdout.strip().splitlines()[-1]), "wall": wall}


def watched(command: Sequence[str], surroundings: dict[str, str]) -> tuple[float, int]:
    """Run a command to its end. Returns its seconds, and the most bytes that it and its children held together.

    Raises
    ------
    RuntimeError : with the end of its output, when it fails
    """
    with tempfile.TemporaryFile() as output:
        started = time.perf_counter()
        running = psutil.Popen(command, cwd=ROOT, env=surroundings, stdout=output, stderr=subprocess.STDOUT)
        peak = 0
        while running.poll() is None:
            with contextlib.suppress(psutil.Error):  # a process ended meanwhile
                peak = max(peak, sum(process.memory_info().rss for process in tree(running.pid)))
            time.sleep(0.1)
        took = time.perf_counter() - started
        if running.returncode:
            output.seek(0)
            last = output.read().decode(errors="replace").strip().splitlines()[-5:]
            raise RuntimeError(f"{command[0]} ended with {running.returncode}: " + " / ".join(last))
    return took, peak


def peak_memory() -> int:
    """The most bytes this process ever had resident."""
    try:
        # Not getrusage on Linux, whose figure includes the process that started this one.
        status = Path("/proc/self/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def tree(pid: int) -> list[psutil.Process]:
    """A process and all its descendants."""
    top = psutil.Process(pid)
    return [top, *top.children(recursive=True)]


def memory(process: psutil.Process) -> Memory:
    """The memory of a process now."""
    full = process.memory_full_info()
    return Memory(int(getattr(full, "pss", full.rss)), int(full.rss))

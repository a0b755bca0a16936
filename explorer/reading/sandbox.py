"""`read`: a table from a file, read in a child process that is killed when it takes too much memory or time.

The child process guards against unknown bugs of parsers: a crash there becomes a sentence here. The table comes back
through a pipe, so no temporary files can be left behind, and a full disk does no harm.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Unpack

import psutil
import pyarrow as pa

from explorer import limits
from explorer.errors import BadInput, SeveralTables
from explorer.limits import GIB, MIB
from explorer.reading import readers
from explorer.reading.options import Choices
from explorer.reading.readers import check_size, contents_of
from explorer.table.doubts import Doubt
from explorer.table.notes import Note
from explorer.table.table import Table

_PROJECT = Path(__file__).resolve().parents[2]
# The child gets only these variables of the environment, and no secrets.
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONHASHSEED")
_ITS_OWN = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # other pools reserve memory in advance, which counts against the limit
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONPATH": str(_PROJECT),
}
_LOOK_SECONDS = 0.05
_LARGE = 8 * MIB
_NO_TABLE = {"refused", "memory", "failed"}  # why there is no table
_turns = threading.BoundedSemaphore(limits.READERS_AT_ONCE)


def read(source: str | os.PathLike[str] | bytes | BinaryIO, *, apart: bool = True, **choices: Unpack[Choices]) -> Table:
    """Read a table from a path, bytes, or a binary file object.

    Parameters
    ----------
    name, encoding, delimiter, sheet, header, header_row, skip_rows, member : replace what would be detected; see
        `explorer.reading.options.Choices`
    apart : whether to read in a child process, so that a file that crashes its parser, or takes too much memory or
        time, raises BadInput and the caller continues. False reads in this process, about half a second sooner: for
        files that are known to be harmless.

    Raises
    ------
    BadInput : with one sentence for the user, where the source cannot be read or holds nothing
    """
    how = read_apart if apart else readers.read
    return how(source, **choices)


def read_apart(
    source: str | os.PathLike[str] | bytes | BinaryIO,
    *,
    meanwhile: Callable[[], None] | None = None,
    **choices: Unpack[Choices],
) -> Table:
    """Like `explorer.reading.readers.read`, but in a child process under the limits of `explorer.limits`.

    meanwhile : called while the child is reading

    Raises
    ------
    BadInput : where `read` would, and where reading takes too much memory, takes too long, or crashes
    """
    return Reading(source, choices, meanwhile=meanwhile).table()


@dataclass
class Reading:
    """One file, read in one child process.

    Attributes
    ----------

    source : path, bytes, or binary file object
    choices : keyword arguments of `read`
    most_bytes, most_seconds : limits; 0 for those of `explorer.limits`
    peak_bytes : the most memory that the child was measured to hold
    meanwhile : called while the child is reading
    """

    source: str | os.PathLike[str] | bytes | BinaryIO
    choices: Choices
    most_bytes: int = 0
    most_seconds: int = 0
    command: tuple[str, ...] = (sys.executable, "-P", "-m", "explorer.reading.child")
    peak_bytes: int = 0
    meanwhile: Callable[[], None] | None = None
    _over: str = ""  # the limit that was passed, "memory" or "time"

    def table(self) -> Table:
        """Read the table. Raises BadInput where that fails."""
        path: str | None = None
        data: bytes | memoryview = b""
        if isinstance(self.source, str | os.PathLike):
            path = os.path.abspath(self.source)
            own_name, size = Path(path).name, 0
            with contextlib.suppress(OSError, ValueError):  # the child reports what is wrong with the path
                size = os.path.getsize(path)
        else:
            data, own_name = contents_of(self.source)
            size = len(data)
        self.choices = {**self.choices, "name": self.choices.get("name") or own_name}
        check_size(size, self._name)
        if not size:  # it is refused at once
            self.meanwhile = None
        self.most_bytes = self.most_bytes or limits.reading_bytes()
        self.most_seconds = self.most_seconds or limits.reading_seconds(size)
        asked = {
            "path": path,
            "size": len(data),
            "choices": self.choices,
            "bytes": self.most_bytes,
            "seconds": self.most_seconds,
            "nice": 5 if size > _LARGE else 0,  # pages have priority over large files
        }
        with _turns:
            return self._ask(json.dumps(asked).encode() + b"\n", data)

    @property
    def _name(self) -> str:
        return str(self.choices["name"])

    def _ask(self, asked: bytes, data: bytes | memoryview) -> Table:
        environment = {key: os.environ[key] for key in _PASSED_ON if key in os.environ}
        environment |= {key: value for key, value in os.environ.items() if key in limits.VARIABLES}
        child = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment | _ITS_OWN,
        )
        assert child.stdin is not None
        assert child.stdout is not None
        finished = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(child, finished), daemon=True)
        watcher.start()
        rows: pa.Table | None = None
        answer: dict[str, Any] = {}
        try:
            with contextlib.suppress(BrokenPipeError):
                child.stdin.write(asked)
                child.stdin.write(data)
                child.stdin.flush()
            if self.meanwhile:
                self.meanwhile()
            # Where nothing can be read, the child is gone; `_why_not` finds out why.
            with contextlib.suppress(ValueError, OSError, EOFError):
                line = json.loads(child.stdout.readline())
                answer = line if isinstance(line, dict) else {}
                if "table" in answer:
                    rows = pa.ipc.open_stream(child.stdout).read_all()
            if rows is None and not _NO_TABLE & answer.keys():
                child.wait()  # it failed, and its exit code says how; if it does not end, the watcher ends it
        finally:
            finished.set()
            child.kill()
            with contextlib.suppress(BrokenPipeError):
                child.stdin.close()
            child.stdout.close()
            code = child.wait()
            watcher.join()
        if rows is None:
            if answer.get("choices"):
                raise SeveralTables(self._why_not(answer, code), tuple(answer["choices"]))
            raise BadInput(self._why_not(answer, code))
        return _as_table(rows, answer["table"])

    def _watch(self, child: subprocess.Popen[bytes], finished: threading.Event) -> None:
        """Kill the child when it passes a limit."""
        deadline = time.monotonic() + self.most_seconds
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(child.pid)
            while not finished.wait(_LOOK_SECONDS):
                self.peak_bytes = max(self.peak_bytes, process.memory_info().rss)
                if self.peak_bytes > self.most_bytes:
                    self._over = "memory"
                elif time.monotonic() > deadline:
                    self._over = "time"
                if self._over:
                    child.kill()
                    return

    def _why_not(self, answer: dict[str, Any], code: int) -> str:
        name = self._name
        if "refused" in answer:
            return str(answer["refused"])
        if self._over == "time" or code == -signal.SIGXCPU:
            return (
                f"{name} took longer to read than the {self.most_seconds:,} seconds that are allowed. "
                "Split it, or save it as Parquet."
            )
        if "failed" in answer:
            return f"{name} cannot be read ({answer['failed']}). Save it again, or in another format."
        # Beside us only the system may kill the child, which it does for lack of memory. Some libraries abort then.
        aborted = bool(code) and self.peak_bytes > self.most_bytes / 2
        if self._over == "memory" or "memory" in answer or code == -signal.SIGKILL or aborted:
            size = f"{self.most_bytes / GIB:.1f} GB" if self.most_bytes >= GIB else f"{self.most_bytes // MIB} MB"
            return (
                f"{name} takes more memory to read than the {size} that are allowed. "
                "Split it, leave columns out, or save it as Parquet."
            )
        end = signal.Signals(-code).name if code < 0 else f"code {code}"
        return f"The reader crashed on {name} ({end}): the file is damaged. Save it again, or in another format."


def _as_table(rows: pa.Table, fields: dict[str, Any]) -> Table:
    for key in ("sheets", "contents"):
        fields[key] = tuple(fields[key])
    fields["doubts"] = tuple(map(Doubt.of, fields["doubts"]))
    fields["notes"] = tuple(Note(sentence, about) for sentence, about in fields["notes"])
    fields["rejected"] = tuple((int(line), str(reason)) for line, reason in fields["rejected"])
    return Table(arrow=rows, **fields)

"""The child process that reads one file for `explorer.reading.sandbox`: `python -m explorer.reading.child`.

The request is a line of JSON on stdin, followed by the file's bytes where there is no path. The answer is a line of
JSON, followed by the table as an Arrow stream. It imports as little as possible, since somebody waits.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import threading
from dataclasses import asdict, fields
from typing import Any

from explorer.errors import first_line


def main() -> None:
    """Read, answer, leave."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # libraries print to stderr instead, not into the answer
    asked = json.loads(sys.stdin.buffer.readline())
    _limit(asked["bytes"], asked["seconds"])
    with contextlib.suppress(OSError):
        os.nice(asked["nice"])
    table: Any = None
    message: dict[str, Any] = {}
    try:
        import explorer.reading.readers  # noqa: F401  before the bytes take memory

        source = asked["path"]
        if source is None:
            source = sys.stdin.buffer.read(asked["size"])
            if len(source) < asked["size"]:
                os._exit(1)  # the parent is gone
        threading.Thread(target=_leave_with_parent, daemon=True).start()
        table, message = _read(source, asked["choices"])
    except MemoryError:
        message = {"memory": True}
    except BaseException as error:  # a panic of a Rust parser is no Exception
        what = first_line(error)
        short = "start new thread" in what  # no memory for its stack
        message = {"memory": True} if short else {"failed": f"{type(error).__name__}: {what}"}
    with contextlib.suppress(BrokenPipeError):
        answer.write(json.dumps(message).encode() + b"\n")
        if table is not None:
            import pyarrow as pa

            with pa.ipc.new_stream(answer, table.schema) as stream:
                stream.write_table(table)
        answer.flush()
    os._exit(0)  # nothing needs cleaning up


def _read(source: str | bytes, choices: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The rows, and the other fields of the table as JSON values."""
    from explorer.errors import BadInput
    from explorer.reading.readers import read
    from explorer.table.notes import about

    try:
        table = read(source, **choices)
    except BadInput as refusal:
        return None, {"refused": str(refusal), "choices": getattr(refusal, "choices", ())}
    others = {field.name: getattr(table, field.name) for field in fields(table)[1:]}
    others |= {"notes": [(note, about(note)) for note in table.notes], "doubts": list(map(asdict, table.doubts))}
    return table.arrow, {"table": others}


def _limit(most_bytes: int, seconds: int) -> None:
    """Set limits that the system enforces. macOS ignores the limit on memory, so the parent watches it too."""
    for kind, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, most_bytes),
        (resource.RLIMIT_CPU, seconds),
    ):
        with contextlib.suppress(ValueError, OSError):
            hard = resource.getrlimit(kind)[1]
            most = most if hard == resource.RLIM_INFINITY else min(most, hard)
            resource.setrlimit(kind, (most, most))
    # A limit on wall time: the signal ends the process even if the parent is gone and a parser never returns to Python.
    signal.setitimer(signal.ITIMER_REAL, seconds + 10)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as adjust:
        adjust.write("900")  # where memory runs out, the system ends this process before the server


def _leave_with_parent() -> None:
    sys.stdin.buffer.read(1)  # nothing more is sent, so this returns when the parent closes its end or dies
    os._exit(1)


if __name__ == "__main__":
    main()

"""The build worker: a process of its own that builds spaces and encodes queries for the app.

Started as `python -m explorer.jobs.worker`. Each message is one line of JSON, either way; where it says `"bytes": n`,
n bytes follow it (an entry as an Arrow stream).

    {"id": 1, "do": "warm", "what": "build"}              -> {"id": 1, "done": true}
    {"id": 2, "do": "build", "recipe": "…"}              -> {"id": 2, "progress": ["embed", 64, 412]} …
                                                            {"id": 2, "entry": "layout-…", "bytes": 812} …
                                                            {"id": 2, "done": true, "seconds": {…}, "warnings": […]}
    {"id": 3, "do": "encode", "model": "…", "texts": […]} -> {"id": 3, "done": true, "vectors": [[…]]}
    {"id": 4, "do": "keep", "entry": "table-…", "bytes": 96} -> {"id": 4, "done": true}
    {"id": 5, "do": "cancel", "job": 2}                  -> {"id": 2, "cancelled": true}
    anything that fails                                  -> {"id": …, "error": "one sentence"}

Entries are sent only where the disk refuses them: each side then keeps them in memory and sends them to the other.
The process ends when its standard input does, so it never outlives the app.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import traceback
from typing import IO, Any

from explorer.errors import BadInput, first_line
from explorer.recipe import Recipe


class Cancelled(Exception):
    """Raised inside a build that was cancelled."""


class Worker:
    """Builds run one after another on the main thread; queries run in threads beside them."""

    def __init__(self, answers: IO[bytes]):
        from explorer.store.store import Store

        self._answers = answers
        self._lock = threading.Lock()
        self._store = Store()
        self._lent: dict[str, int] = {}  # kept entries that the app has, with their number of rows
        self._builds: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._cancelled: set[int] = set()

    def listen(self, requests: IO[bytes]) -> None:
        """Take requests until the stream ends, then end the process, whatever it is doing.

        Linux can send a signal when the parent dies (PR_SET_PDEATHSIG), but it takes the thread that started the
        process for the parent, and a page's thread ends with the page.
        """
        while (message := read_message(requests)) is not None:
            request, attached = message
            if request["do"] == "cancel":
                self._cancelled.add(request["job"])
            elif request["do"] == "encode":
                threading.Thread(target=self._answer, args=(request, self._encode), daemon=True).start()
            else:
                self._builds.put({**request, "attached": attached})
        os._exit(0)

    def run(self) -> None:
        """Serve builds and other long requests, forever."""
        work = {"warm": self._warm, "build": self._build, "keep": self._keep}
        while (request := self._builds.get()) is not None:
            self._answer(request, work[request["do"]])
            if request["do"] == "build":
                self._store.trim()  # after the answer, so that nobody waits for it
                self._measure(Recipe.from_json(request["recipe"]).model)

    def _answer(self, request: dict[str, Any], work: Any) -> None:
        try:
            self._say(id=request["id"], done=True, **work(request))
        except Cancelled:
            self._say(id=request["id"], cancelled=True)
        except BadInput as error:
            self._say(id=request["id"], error=str(error))
        except MemoryError:
            self._say(id=request["id"], error="This needs more memory than there is. Choose fewer rows.")
        except Exception as error:
            traceback.print_exc()  # for the operator's log; the user reads one sentence
            reason = first_line(error, 200)
            self._say(
                id=request["id"],
                error=f"The work stopped on an unexpected error ({type(error).__name__}: {reason}). "
                "Finished batches are kept: try again, and please report it.",
            )

    def _build(self, request: dict[str, Any]) -> dict[str, Any]:
        from explorer.building import build

        def progress(stage: str, done: int, total: int) -> None:
            if request["id"] in self._cancelled:
                raise Cancelled
            self._say(id=request["id"], progress=[stage, done, total])

        seconds: dict[str, float] = {}
        self._store.warnings.clear()
        self._store.flush()
        build(Recipe.from_json(request["recipe"]), progress, self._store, seconds)
        for name, table in self._store.kept().items():
            if self._lent.get(name) != table.num_rows:
                self._say(attached=arrow_bytes(table), id=request["id"], entry=name)
                self._lent[name] = table.num_rows
        return {"seconds": seconds, "warnings": self._store.warnings}

    def _keep(self, request: dict[str, Any]) -> dict[str, Any]:
        table = arrow_table(request["attached"])
        self._store.accept(request["entry"], table)
        self._lent[request["entry"]] = table.num_rows
        return {}

    def _encode(self, request: dict[str, Any]) -> dict[str, Any]:
        from explorer.embedding.models import encoder

        return {"vectors": encoder(request["model"]).queries(request["texts"]).tolist()}

    def _warm(self, request: dict[str, Any]) -> dict[str, Any]:
        """Import libraries, load the model and compile UMAP while the user is still choosing."""
        from explorer.embedding.models import encoder
        from explorer.geometry.projection import warm_up

        encoder("minilm").queries(["warm"])
        self._measure("minilm")
        if request["what"] == "encode" or not self._builds.empty():
            return {}  # a waiting build loads what it needs itself
        warm_up(large=request["what"] == "large")
        return {}

    def _measure(self, model: str) -> None:
        """Measure once how quick a loaded model is here, unless a build waits."""
        if self._builds.empty():
            from explorer.embedding.rates import measure_held

            measure_held(model)

    def _say(self, attached: bytes = b"", **answer: Any) -> None:
        with self._lock:
            write_message(self._answers, answer, attached)


def write_message(stream: IO[bytes], message: dict[str, Any], attached: bytes = b"") -> None:
    """Write one message and its attachment. Raises OSError or ValueError where the other side is gone."""
    header = {**message, "bytes": len(attached)} if attached else message
    stream.write(json.dumps(header).encode() + b"\n" + attached)
    stream.flush()


def read_message(stream: IO[bytes]) -> tuple[dict[str, Any], bytes] | None:
    """The next message and its attachment; None at the end, also where a killed process cut a message off."""
    try:
        message = json.loads(stream.readline())
        attached = stream.read(message.get("bytes", 0))
    except (OSError, ValueError):
        return None
    return (message, attached) if len(attached) == message.get("bytes", 0) else None


def arrow_bytes(table: Any) -> bytes:
    """An Arrow table as the bytes of a stream."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def arrow_table(data: bytes) -> Any:
    """The table that `arrow_bytes` wrote."""
    import pyarrow as pa

    with pa.ipc.open_stream(data) as reader:
        return reader.read_all()


def main() -> None:
    """Serve requests on standard input and output."""
    os.nice(5)  # pages answer first
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the app handles Ctrl-C in a terminal
    # Libraries print to stdout: send that to stderr, so that the stream holds only answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    worker = Worker(answers)
    threading.Thread(target=worker.listen, args=(sys.stdin.buffer,), daemon=True).start()
    worker.run()


if __name__ == "__main__":
    main()

"""The build worker: a process of its own that builds spaces and encodes queries for the app.

Started as `python -m explorer.worker`. It reads one JSON request a line and answers with JSON lines:

    {"id": 1, "do": "warm", "what": "build"}              -> {"id": 1, "done": true}
    {"id": 2, "do": "build", "recipe": "…"}              -> {"id": 2, "progress": ["embed", 64, 412]} …
                                                            {"id": 2, "done": true, "seconds": {…}, "warnings": […]}
    {"id": 3, "do": "encode", "model": "…", "texts": […]} -> {"id": 3, "done": true, "vectors": [[…]]}
    {"id": 4, "do": "cancel", "job": 2}                  -> {"id": 2, "cancelled": true}
    anything that fails                                  -> {"id": …, "error": "one sentence"}

It ends when its standard input does, so it never outlives the app.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import traceback
from typing import Any

from explorer.data.table import BadInput
from explorer.recipe import Recipe


class Cancelled(Exception):
    """Raised inside a build when somebody no longer wants it."""


class Worker:
    """Builds run one after another on the main thread; queries are answered beside them."""

    def __init__(self, answers: Any):
        self._answers = answers
        self._lock = threading.Lock()
        self._builds: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._cancelled: set[int] = set()

    def listen(self, requests: Any) -> None:
        """Take requests until the stream ends, then end the process, whatever it is doing.

        Linux could send a signal at the parent's death (PR_SET_PDEATHSIG), but it takes the thread that started the
        process for the parent: a page's thread ends with the page.
        """
        for line in requests:
            request = json.loads(line)
            if request["do"] == "cancel":
                self._cancelled.add(request["job"])
            elif request["do"] == "encode":
                threading.Thread(target=self._answer, args=(request, self._encode), daemon=True).start()
            else:
                self._builds.put(request)
        os._exit(0)

    def run(self) -> None:
        """Do what was asked for, forever."""
        while (request := self._builds.get()) is not None:
            self._answer(request, self._warm if request["do"] == "warm" else self._build)

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
            reason = (str(error).strip().splitlines() or [""])[0][:200]
            self._say(
                id=request["id"],
                error=f"The work stopped on an unexpected error ({type(error).__name__}: {reason}). "
                "Finished batches are kept: try again, and please report it.",
            )

    def _build(self, request: dict[str, Any]) -> dict[str, Any]:
        from explorer.data.store import Store
        from explorer.space import build

        def progress(stage: str, done: int, total: int) -> None:
            if request["id"] in self._cancelled:
                raise Cancelled
            self._say(id=request["id"], progress=[stage, done, total])

        store = Store()
        seconds: dict[str, float] = {}
        build(Recipe.from_json(request["recipe"]), progress, store, seconds)
        return {"seconds": seconds, "warnings": store.warnings}

    def _encode(self, request: dict[str, Any]) -> dict[str, Any]:
        from explorer.embedding.models import encoder

        return {"vectors": encoder(request["model"]).queries(request["texts"]).tolist()}

    def _warm(self, request: dict[str, Any]) -> dict[str, Any]:
        """Pay for imports, the model and UMAP's compilation while the user is still choosing."""
        import numpy as np

        from explorer.embedding.models import encoder
        from explorer.geometry import neighbors, projection
        from explorer.recipe import Projection

        encoder("minilm").queries(["warm"])
        if request["what"] == "encode" or not self._builds.empty():
            return {}  # a build that waits pays for what it needs itself
        unit = neighbors.unit_length(np.random.default_rng(0).standard_normal((64, 16)).astype(np.float32))
        projection.project(unit, neighbors.nearest_neighbors(unit), Projection())
        return {}

    def _say(self, **answer: Any) -> None:
        with self._lock:
            self._answers.write(json.dumps(answer) + "\n")
            self._answers.flush()


def main() -> None:
    """Serve requests on standard input and output."""
    os.nice(5)  # pages answer first
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is the app's to handle
    # Libraries print: what they say goes to stderr, and the answers have the stream to themselves.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    worker = Worker(answers)
    threading.Thread(target=worker.listen, args=(sys.stdin,), daemon=True).start()
    worker.run()


if __name__ == "__main__":
    main()

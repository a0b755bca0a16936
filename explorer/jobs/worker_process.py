"""The app's side of one `python -m explorer.jobs.worker`: sends requests and sorts answers by request."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from explorer.jobs.worker import read_message, write_message

ENDED = {"ended": True, "error": "The worker process ended, perhaps out of memory. Try again."}


class WorkerProcess:
    """A running worker and the requests that it has not answered yet."""

    def __init__(self) -> None:
        """Start the process. Raises OSError where the system refuses."""
        self.entries: set[str] = set()  # kept entries that it has
        self._waiting: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._write = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "explorer.jobs.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "TOKENIZERS_PARALLELISM": "true"},
            cwd=Path(__file__).resolve().parents[2],
        )
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, request: dict[str, Any], attached: bytes = b"") -> queue.Queue[dict[str, Any]]:
        """Send a request. Returns the queue of its answers; where the process ends, the last one is `ENDED`."""
        answers = self._waiting[request["id"]] = queue.Queue()
        try:
            assert self._process.stdin is not None
            with self._write:
                write_message(self._process.stdin, request, attached)
        except (OSError, ValueError):
            answers.put(ENDED)
        if not self.alive:  # it may have ended before the request, which then gets no other answer
            answers.put(ENDED)
        return answers

    def waits_for(self, number: int) -> bool:
        """Whether the request of that number has no last answer yet."""
        return number in self._waiting

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        while (message := read_message(self._process.stdout)) is not None:
            answer, attached = message
            waiting = self._waiting.get(answer["id"])
            if waiting is None:
                continue
            if "progress" not in answer and "entry" not in answer:
                self._waiting.pop(answer["id"], None)
            waiting.put({**answer, "attached": attached} if attached else answer)
        self._process.wait()
        for waiting in list(self._waiting.values()):
            waiting.put(ENDED)

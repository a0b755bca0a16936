"""Long work in a process of its own: the one seam between the pages and `build`.

`Jobs.submit(recipe)` gives a Job at once; pages poll it from a fragment. One worker process builds one
space at a time; the same recipe asked for twice is one job. Queries go to the same process and do not wait.
"""

from __future__ import annotations

import itertools
import json
import os
import queue
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from explorer.data.store import Store
from explorer.data.table import BadInput
from explorer.recipe import Recipe
from explorer.space import build

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
_SOFT_CANCEL = 1.0  # seconds a build may take to notice; then its process is killed
_QUERY_TIMEOUT = 60.0  # seconds, the model's first load included


@dataclass
class Job:
    """One build: what it is doing and how far it is. Read by pages, written by `Jobs` alone."""

    id: int
    recipe: Recipe
    state: str = QUEUED
    stage: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    warnings: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    started: float | None = None
    _stage_began: tuple[float, int] = (0.0, 0)

    @property
    def over(self) -> bool:
        return self.state in (DONE, FAILED, CANCELLED)

    @property
    def elapsed(self) -> float:
        """Seconds in this stage so far."""
        return time.monotonic() - self._stage_began[0] if self.stage else 0.0

    @property
    def rate(self) -> float | None:
        """Items a second in this stage; None until it can be told."""
        since, first = self._stage_began
        elapsed = time.monotonic() - since
        return (self.done - first) / elapsed if self.done > first and elapsed > 0.5 else None

    @property
    def seconds_left(self) -> float | None:
        """Of this stage, at the rate so far; None until it can be told."""
        return (self.total - self.done) / self.rate if self.rate and self.total else None

    def advance(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage:
            self.stage, self._stage_began = stage, (time.monotonic(), done)
        self.done, self.total = done, total


class WorkerProcess:
    """One `python -m explorer.worker` and the requests it has not answered yet."""

    def __init__(self) -> None:
        self._waiting: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._write = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "explorer.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
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

    def ask(self, request: dict[str, Any]) -> queue.Queue[dict[str, Any]]:
        """Send a request. Its answers come in the queue returned; an ended process answers with an error."""
        answers = self._waiting[request["id"]] = queue.Queue()
        try:
            assert self._process.stdin is not None
            with self._write:
                self._process.stdin.write(json.dumps(request) + "\n")
                self._process.stdin.flush()
        except (OSError, ValueError):
            answers.put(_ENDED)
        return answers

    def waits_for(self, number: int) -> bool:
        """Whether the request of that number has no last answer yet."""
        return number in self._waiting

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                answer = json.loads(line)
            except ValueError:  # the last line of a process that was killed may be cut off
                continue
            waiting = self._waiting.get(answer["id"])
            if waiting is None:
                continue
            if "progress" not in answer:
                self._waiting.pop(answer["id"], None)
            waiting.put(answer)
        self._process.wait()
        for waiting in list(self._waiting.values()):
            waiting.put(_ENDED)


_ENDED = {"error": "The worker process ended, perhaps out of memory. Finished batches are kept: build again."}


class Jobs:
    """The queue and its worker process, one for the whole server."""

    def __init__(self, store: Store, inline: bool | None = None):
        """`inline` builds within `submit`, without a process: for tests (EXPLORER_JOBS=inline)."""
        self._store = store
        self._inline = os.environ.get("EXPLORER_JOBS") == "inline" if inline is None else inline
        self._ids = itertools.count(1)
        self._jobs: dict[str, Job] = {}
        self._queue: queue.Queue[Job] = queue.Queue()
        self._lock = threading.Lock()
        self._process: WorkerProcess | None = None
        self._warmed: set[tuple[int | None, str]] = set()
        if not self._inline:
            threading.Thread(target=self._serve, daemon=True).start()

    def submit(self, recipe: Recipe) -> Job:
        """The job that builds this recipe: the one under way where there is one, else a new one."""
        with self._lock:
            job = self._jobs.get(recipe.key)
            if job is not None and not job.over:
                return job
            job = self._jobs[recipe.key] = Job(next(self._ids), recipe)
        if self._inline:
            self._build_inline(job)
        else:
            self._queue.put(job)
        return job

    def find(self, recipe: Recipe) -> Job | None:
        """The last job of this recipe, if there was one since the server started."""
        return self._jobs.get(recipe.key)

    def by_key(self, key: str) -> Job | None:
        """The last job of the recipe with this key."""
        return self._jobs.get(key)

    def place(self, job: Job) -> int:
        """How many jobs are before this one in the queue."""
        return sum(other.id < job.id and not other.over for other in list(self._jobs.values()))

    def cancel(self, job: Job) -> None:
        """Stop a job within about a second. What it committed is kept."""
        with self._lock:
            if job.over:
                return
            was, job.state = job.state, CANCELLED
        process = self._process
        if was != RUNNING or process is None:
            return
        process.ask({"id": next(self._ids), "do": "cancel", "job": job.id})

        def insist() -> None:
            time.sleep(_SOFT_CANCEL)
            if process.waits_for(job.id):  # still at it, inside a library that does not look up
                process.kill()

        threading.Thread(target=insist, daemon=True).start()

    def warm(self, what: str) -> None:
        """Let the worker load what "encode" (the model) or "build" (UMAP's compilation too) needs, once."""
        if not self._inline and (self.process_id, what) not in self._warmed:
            worker = self._worker()
            self._warmed |= {(worker.pid, what), (worker.pid, "encode")}
            worker.ask({"id": next(self._ids), "do": "warm", "what": what})

    def encode(self, model: str, texts: list[str]) -> np.ndarray:
        """Query vectors of shape (n, d), unit length, made beside whatever is being built.

        Raises
        ------
        BadInput : where the model is not to be had, or does not answer in time
        """
        if self._inline:
            from explorer.embedding.models import encoder

            return encoder(model).queries(texts)
        answers = self._worker().ask({"id": next(self._ids), "do": "encode", "model": model, "texts": texts})
        try:
            answer = answers.get(timeout=_QUERY_TIMEOUT)
        except queue.Empty:
            answer = {"error": "The model did not answer within a minute. Try again."}
        if "vectors" not in answer:
            raise BadInput(answer.get("error", "The model stopped while reading the question. Try again."))
        return np.asarray(answer["vectors"], np.float32)

    @property
    def process_id(self) -> int | None:
        """The worker's process id, for measuring; None where none runs."""
        return self._process.pid if self._process and self._process.alive else None

    def close(self) -> None:
        """End the worker."""
        if self._process is not None:
            self._process.kill()

    # -- inside ----------------------------------------------------------------------------------

    def _serve(self) -> None:
        while True:
            job = self._queue.get()
            try:
                worker = self._worker()  # before the job runs, so that whoever cancels it has someone to tell
            except BadInput as error:
                with self._lock:
                    if not job.over:
                        job.state, job.error = FAILED, str(error)
                continue
            with self._lock:
                if job.over:
                    continue
                job.state, job.started = RUNNING, time.time()
            request = {"id": job.id, "do": "build", "recipe": job.recipe.to_json()}
            answers = worker.ask(request)
            while "progress" in (answer := answers.get()):
                job.advance(*answer["progress"])
            with self._lock:
                if job.state == CANCELLED:
                    continue
                job.seconds = answer.get("seconds", {})
                job.warnings = answer.get("warnings", [])
                job.error = answer.get("error", "")
                job.state = DONE if answer.get("done") else FAILED

    def _worker(self) -> WorkerProcess:
        """The worker process, started if need be. Raises BadInput where the system will not start it."""
        with self._lock:
            if self._process is None or not self._process.alive:
                try:
                    self._process = WorkerProcess()
                except OSError as error:
                    raise BadInput(
                        f"No worker process could be started ({error}). Free some memory and try again."
                    ) from None
            return self._process

    def _build_inline(self, job: Job) -> None:
        job.state, job.started = RUNNING, time.time()
        try:
            build(job.recipe, job.advance, self._store, job.seconds)
            job.state = DONE
        except BadInput as error:
            job.state, job.error = FAILED, str(error)

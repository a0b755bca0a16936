"""Long work in processes of its own: pages call `build` only through this module.

`Jobs.submit(recipe, owner)` returns a Job at once; pages poll it from a fragment. The same recipe submitted twice is
one job, and it ends early only when all its owners have cancelled. Owners take turns; a small job that would wait
behind large ones gets a worker of its own. A job whose worker dies continues in a new worker, and a job that a restart
of the server interrupted continues after it. Queries go to the same process and do not wait.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from explorer import settings
from explorer.building import build
from explorer.errors import BadInput
from explorer.jobs.worker import arrow_bytes, arrow_table
from explorer.jobs.worker_process import WorkerProcess
from explorer.limits import MAX_WAITING_BUILDS
from explorer.recipe import Recipe
from explorer.stages import steps
from explorer.store.store import Store

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
SMALL_ROWS = 20_000  # a job of at most so many rows need not wait behind larger jobs
SAME_PLACE = 3  # times a worker may die at the same place; then the job is given up
_SOFT_CANCEL = 0.8  # seconds that a build has to notice a cancellation; then its process is killed
_QUERY_TIMEOUT = 60.0  # seconds, with the first load of the model
_IDLE = 120.0  # seconds without work after which the worker for small jobs ends, to free its memory
_PENDING = "jobs"  # folder of unfinished jobs, which continue after a restart
_RESTARTS = 3  # times a server may end during a job; then the job does not continue by itself


@dataclass
class Job:
    """One build: what it is doing and how far it is. Pages read it; only `Jobs` writes it."""

    id: int
    recipe: Recipe
    rows: int = 0
    owners: set[str] = field(default_factory=set)
    left: set[str] = field(default_factory=set)  # owners who cancelled while others still want it
    state: str = QUEUED
    stage: str = ""
    done: int = 0
    total: int = 0
    error: str = ""
    warnings: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    started: float | None = None
    restarts: int = 0  # workers that died under it
    _stage_began: tuple[float, int] = (0.0, 0)

    @property
    def over(self) -> bool:
        return self.state in (DONE, FAILED, CANCELLED)

    def given_up(self, owner: str) -> bool:
        """Whether it failed, or was cancelled, at least by this owner."""
        return self.state in (FAILED, CANCELLED) or owner in self.left

    @property
    def elapsed(self) -> float:
        """Seconds in this stage so far."""
        return time.monotonic() - self._stage_began[0] if self.stage else 0.0

    @property
    def rate(self) -> float | None:
        """Items a second in this stage; None until it is known."""
        since, first = self._stage_began
        elapsed = time.monotonic() - since
        return (self.done - first) / elapsed if self.done > first and elapsed > 0.5 else None

    @property
    def seconds_left(self) -> float | None:
        """Seconds left in this stage at the rate so far; None until it is known."""
        return (self.total - self.done) / self.rate if self.rate and self.total else None

    @property
    def place(self) -> tuple[int, int]:
        """How far it is: the stage's number and the count done in it. Grows during the work."""
        return (steps().index(self.stage) if self.stage in steps() else -1, self.done)

    def advance(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage:
            self.stage, self._stage_began = stage, (time.monotonic(), done)
        self.done, self.total = done, total


@dataclass
class _Lane:
    """A thread that serves jobs, and its worker process."""

    small: bool = False  # serves small jobs only, and only while all others are busy
    job: Job | None = None
    process: WorkerProcess | None = None
    starting: threading.Lock = field(default_factory=threading.Lock)


class Jobs:
    """The queue and its worker processes, one for the whole server."""

    def __init__(self, store: Store, inline: bool | None = None, workers: int | None = None):
        """Start the workers' threads and continue unfinished jobs.

        inline : build within `submit`, without another process; for tests (EXPLORER_JOBS=inline)
        workers : builds at once (EXPLORER_WORKERS, by default 1); one more serves small jobs when these are busy
        """
        self._store = store
        self._inline = settings.JOBS() == "inline" if inline is None else inline
        self._ids = itertools.count(1)
        self._jobs: dict[str, Job] = {}
        self._waiting: list[Job] = []
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._warmed: set[tuple[int | None, str]] = set()
        count = workers or settings.WORKERS()
        self._lanes = [_Lane() for _ in range(count)] + [_Lane(small=True)]
        if not self._inline:
            for lane in self._lanes:
                threading.Thread(target=self._serve, args=(lane,), daemon=True).start()
            self._take_up()

    def submit(self, recipe: Recipe, owner: str = "", rows: int = 0, starts: int = 0) -> Job:
        """The job that builds this recipe: the running or waiting one where there is one, else a new one.

        Parameters
        ----------
        owner : the token of the workspace that takes a turn for it and may cancel it
        rows : rows of the table, by which small jobs are distinguished from large ones; 0 counts as small
        starts : how many servers ended before it was done
        """
        with self._lock:
            job = self._jobs.get(recipe.key)
            if job is not None and not job.over:
                job.owners.add(owner)
                job.left.discard(owner)
                return job
            waiting = sum(owner in other.owners for other in self._waiting)
            if waiting >= MAX_WAITING_BUILDS:
                error = f"{waiting} builds of yours are waiting already. Cancel one, or wait until some are done."
                return Job(next(self._ids), recipe, rows, {owner}, state=FAILED, error=error)
            job = self._jobs[recipe.key] = Job(next(self._ids), recipe, rows, {owner})
            if not self._inline:
                self._note_pending(job, starts)
                self._waiting.append(job)
                self._changed.notify_all()
        if self._inline:
            self._build_inline(job)
        return job

    def find(self, recipe: Recipe) -> Job | None:
        """The last job of this recipe, if there was one since the server started."""
        return self._jobs.get(recipe.key)

    def by_key(self, key: str) -> Job | None:
        """The last job of the recipe with this key."""
        return self._jobs.get(key)

    def place(self, job: Job) -> int:
        """How many jobs are before this one: running ones, and waiting ones whose turn comes earlier."""
        with self._lock:
            if job not in self._waiting:
                return 0
            return self._in_turn().index(job) + sum(lane.job is not None for lane in self._lanes)

    def cancel(self, job: Job, owner: str = "") -> None:
        """Cancel a job for one owner. Once all owners have cancelled, it stops within about a second.

        Results that it has stored are kept.
        """
        with self._lock:
            if job.over:
                return
            job.owners.discard(owner)
            if job.owners:
                job.left.add(owner)
                return
            job.state = CANCELLED
            self._forget_pending(job)
            if job in self._waiting:
                self._waiting.remove(job)
                return
            process = next((lane.process for lane in self._lanes if lane.job is job), None)
        if process is None:
            return
        process.ask({"id": next(self._ids), "do": "cancel", "job": job.id})

        def insist() -> None:
            time.sleep(_SOFT_CANCEL)
            if process.waits_for(job.id):  # still running, inside a library that does not check for it
                process.kill()

        threading.Thread(target=insist, daemon=True).start()

    def warm(self, what: str) -> None:
        """Let the worker load, once, the model for "encode", compiled UMAP too for "build", or compiled NN-descent too
        for "large"."""
        if not self._inline and (self.process_id, what) not in self._warmed:
            with contextlib.suppress(BadInput):  # where no process can be started, the next build reports it
                worker = self._worker(self._lanes[0])
                self._warmed |= {(worker.pid, what), (worker.pid, "encode")}
                worker.ask({"id": next(self._ids), "do": "warm", "what": what})

    def encode(self, model: str, texts: list[str]) -> np.ndarray:
        """Query vectors of n texts, float32 of shape (n, d), unit length. Does not wait for builds.

        Raises
        ------
        BadInput : where the model cannot be loaded, or does not answer in time
        """
        if self._inline:
            from explorer.embedding.models import encoder

            return encoder(model).queries(texts)
        for _ in range(2):  # where the worker dies during a build, ask the next one
            worker = self._worker(self._lanes[0])
            answers = worker.ask({"id": next(self._ids), "do": "encode", "model": model, "texts": texts})
            try:
                answer = answers.get(timeout=_QUERY_TIMEOUT)
            except queue.Empty:
                raise BadInput("The model did not answer within a minute. Try again.") from None
            if "ended" not in answer:
                break
        if "vectors" not in answer:
            raise BadInput(answer.get("error", "The model stopped while reading the question. Try again."))
        return np.asarray(answer["vectors"], np.float32)

    @property
    def process_id(self) -> int | None:
        """The first worker's process id, for measuring; None where none runs."""
        process = self._lanes[0].process
        return process.pid if process and process.alive else None

    def close(self) -> None:
        """End the workers."""
        for lane in self._lanes:
            if lane.process is not None:
                lane.process.kill()

    # -- whose turn it is ------------------------------------------------------------------------

    def _in_turn(self) -> list[Job]:
        """The waiting jobs in the order of their turns: one of each owner, then the second of each, and so on.

        An owner's running job counts as a turn.
        """
        turns = Counter(owner for lane in self._lanes if lane.job for owner in lane.job.owners)
        rank: dict[int, int] = {}
        for job in self._waiting:
            rank[job.id] = min(turns[owner] for owner in job.owners)
            turns.update(job.owners)
        return sorted(self._waiting, key=lambda job: (rank[job.id], job.id))

    def _next_for(self, lane: _Lane) -> Job | None:
        turns = self._in_turn()
        if not lane.small:
            return turns[0] if turns else None
        busy = [other.job for other in self._lanes if not other.small]
        if any(job is None for job in busy) or not any(job.rows > SMALL_ROWS for job in busy if job):
            return None
        return next((job for job in turns if job.rows <= SMALL_ROWS), None)

    def _serve(self, lane: _Lane) -> None:
        while True:
            with self._changed:
                while (job := self._next_for(lane)) is None:
                    changed = self._changed.wait(timeout=_IDLE if lane.small else None)
                    if not changed and lane.process is not None:
                        lane.process.kill()
                        lane.process = None
                self._waiting.remove(job)
                lane.job = job
                self._changed.notify_all()  # the small lane checks whether all others are busy now
            try:
                self._run(job, lane)
            except BadInput as error:
                self._end(job, {"error": str(error)})
            finally:
                with self._changed:
                    lane.job = None

    # -- a job -----------------------------------------------------------------------------------

    def _run(self, job: Job, lane: _Lane) -> None:
        """Build a job; where a worker dies, continue with the next."""
        furthest, deaths = (-1, -1), 0
        while True:
            worker = self._worker(lane)  # before the job runs, so that a cancellation has a process to reach
            with self._lock:
                if job.over:
                    return
                job.state, job.started = RUNNING, job.started or time.time()
            self._lend(worker)
            answers = worker.ask({"id": job.id, "do": "build", "recipe": job.recipe.to_json()})
            while "progress" in (answer := answers.get()) or "entry" in answer:
                if "progress" in answer:
                    job.advance(*answer["progress"])
                else:
                    worker.entries.add(answer["entry"])
                    self._store.accept(answer["entry"], arrow_table(answer["attached"]))
            if "ended" not in answer or job.state == CANCELLED:
                return self._end(job, answer)
            job.restarts += 1
            deaths = 1 if job.place > furthest else deaths + 1
            furthest = max(furthest, job.place)
            if deaths == SAME_PLACE:
                where = job.stage or "starting"
                error = (
                    f"The worker process ended {deaths} times at the same place ({where}), perhaps for lack of memory. "
                    "What was finished is kept: free some memory or choose fewer rows, then build again."
                )
                return self._end(job, {"error": error})

    def _end(self, job: Job, answer: dict[str, Any]) -> None:
        with self._lock:
            self._forget_pending(job)
            if job.state == CANCELLED:
                return
            job.seconds = answer.get("seconds", {})
            job.warnings = answer.get("warnings", [])
            self._store.warnings.extend(text for text in job.warnings if text not in self._store.warnings)
            job.error = answer.get("error", "")
            job.state = DONE if answer.get("done") else FAILED

    def _lend(self, worker: WorkerProcess) -> None:
        """Send a worker the entries that only this process has because the disk refused them."""
        for name, table in self._store.kept().items():
            if name not in worker.entries:
                worker.ask({"id": next(self._ids), "do": "keep", "entry": name}, arrow_bytes(table))
                worker.entries.add(name)

    def _worker(self, lane: _Lane) -> WorkerProcess:
        """A lane's process, started if need be. Raises BadInput where the system will not start it."""
        with lane.starting:
            if lane.process is None or not lane.process.alive:
                try:
                    lane.process = WorkerProcess()
                except OSError as error:
                    raise BadInput(
                        f"No worker process could be started ({error}). Free some memory and try again."
                    ) from None
            return lane.process

    def _build_inline(self, job: Job) -> None:
        job.state, job.started = RUNNING, time.time()
        try:
            build(job.recipe, job.advance, self._store, job.seconds)
            job.state = DONE
        except BadInput as error:
            job.state, job.error = FAILED, str(error)

    # -- across restarts of the server -------------------------------------------------------------

    def _note_pending(self, job: Job, starts: int) -> None:
        note = {"recipe": job.recipe.to_json(), "owners": sorted(job.owners), "rows": job.rows, "starts": starts}
        self._store.write_json(_PENDING, job.recipe.key, note)

    def _forget_pending(self, job: Job) -> None:
        self._store.documents.delete(_PENDING, job.recipe.key)

    def _take_up(self) -> None:
        """Continue the jobs that were unfinished when the last server ended."""
        for key in self._store.documents.names(_PENDING):
            note = self._store.read_json(_PENDING, key) or {}
            try:
                recipe, owners = Recipe.from_json(note["recipe"]), [str(owner) for owner in note["owners"]]
                starts, rows = int(note["starts"]) + 1, int(note["rows"])
            except (KeyError, TypeError, ValueError):  # damaged, or another version's
                starts, owners = _RESTARTS + 1, []
            if starts > _RESTARTS or not owners:
                self._store.documents.delete(_PENDING, key)
            for owner in owners if starts <= _RESTARTS else ():
                self.submit(recipe, owner, rows, starts)

"""Processes killed in the middle of their work, and the same work asked for several times at once.

What is compared is everything a build leaves: vectors, neighbors, layout and groups, to the last bit.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from explorer.app.jobs import CANCELLED, DONE, RUNNING, Job, Jobs
from explorer.data.store import Store
from explorer.data.table import Table, table_digest
from explorer.embedding.embed import BATCH
from explorer.recipe import Projection, Recipe
from explorer.space import Space
from faults import Result

ROOT = Path(__file__).resolve().parents[1]
PCA = Projection("pca")  # says nothing of UMAP, but costs no compilation in each of hundreds of processes
_PATIENCE = 300.0  # seconds for anything to happen


def run(short: bool) -> list[Result]:
    """Every fault of this module; the short version has a few kills of each kind."""
    if short:
        return [at_every_write(step=11), at_any_moment(kills=2), asked_twice(short=True)]
    results = [at_every_write(step=1), at_any_moment(kills=180)]
    return [*results, asked_twice(), cancelled(), queued_behind_a_large_one()]


# -- kill -9 ---------------------------------------------------------------------------------------


def at_every_write(step: int) -> Result:
    """A build killed before and after each of its writes and renames, then run again, in fresh processes."""
    result = Result("kill -9 before and after every write and rename")
    with _home() as home:
        recipe = _stored(home, _texts(3 * BATCH, seed=1))
        writes = json.loads(_child(home, recipe).communicate(timeout=_PATIENCE)[0])["writes"]
        undisturbed = _everything(home, recipe)
        for number in [place * side for place in range(1, writes + 1, step) for side in (1, -1)]:
            with result.case(f"at write {number}"), _home() as fresh:
                _stored(fresh, _texts(3 * BATCH, seed=1))
                noted = fresh / "encoded"
                killed = _child(fresh, recipe, FAULTS_DIE_AT=str(number), FAULTS_ENCODED=str(noted))
                killed.communicate(timeout=_PATIENCE)
                assert killed.returncode == -signal.SIGKILL, f"it was not killed: {killed.returncode}"
                again = _child(fresh, recipe, FAULTS_ENCODED=str(noted))
                again.communicate(timeout=_PATIENCE)
                assert again.returncode == 0, "it did not build again"
                _same(undisturbed, _everything(fresh, recipe))
                redone = noted.stat().st_size - 3 * BATCH
                assert redone <= BATCH, f"{redone} texts were embedded again"
    return result


def at_any_moment(kills: int) -> Result:
    """The worker killed at random moments of builds with the small model; `Jobs` goes on by itself."""
    result = Result("kill -9 of the worker at random moments, small model")
    items, numbers = 6 * BATCH, np.random.default_rng(2)
    texts = _texts(items, seed=2)
    with _home(FAULTS_TEXTS_PER_SECOND=str(items / 3)) as home:
        recipe = _stored(home, texts)
        undisturbed = _undisturbed(home, recipe)
        killed = builds = 0
        while killed < kills:
            builds += 1
            with _home() as fresh, _jobs(fresh) as jobs:
                _stored(fresh, texts)
                with result.case(f"build {builds}"):
                    job = jobs.submit(recipe)
                    for _ in range(min(8, kills - killed)):
                        killed += _kill_after(jobs, job, float(numbers.uniform(0, 6)))
                    if job.error:  # killed three times at one place: who uses the app presses "Build again"
                        job = jobs.submit(recipe)
                    _over(job)
                    assert job.state == DONE, job.error
                    _same(undisturbed, _everything(fresh, recipe))
    result.cases = killed
    result.note = f"{builds} builds of {items:,} texts, compared with an undisturbed one; slowest case: a build"
    return result


def _kill_after(jobs: Jobs, job: Job, seconds: float) -> bool:
    """Kill the worker after so long; False where the job was over before."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if job.over:
            return False
        time.sleep(0.01)
    pid = jobs.process_id
    if pid is None:
        return False
    os.kill(pid, signal.SIGKILL)
    _wait(lambda: jobs.process_id != pid or job.over, "another worker starts")
    return True


# -- the same twice, and cancelling ------------------------------------------------------------------


def asked_twice(short: bool = False) -> Result:
    """The same recipe asked for by two owners and by two processes: made once; cancelling one leaves the other."""
    result = Result("the same dataset built twice at once, one of them stopped")
    items = 4 * BATCH
    slow = {"FAULTS_TEXTS_PER_SECOND": str(items / 3)}
    with _home() as home:
        recipe = _stored(home, _texts(items, seed=4))
        undisturbed = _undisturbed(home, recipe)
    with result.case("two processes, one killed"), _home(**slow) as home:
        _stored(home, _texts(items, seed=4))
        first = _child(home, recipe, FAULTS_ENCODED=str(home / "encoded"))
        _wait(lambda: (home / "encoded").exists(), "the first one embeds")
        second = _child(home, recipe, FAULTS_ENCODED=str(home / "encoded"))
        time.sleep(1.5)
        first.kill()
        second.communicate(timeout=_PATIENCE)
        first.communicate()
        assert second.returncode == 0
        assert (home / "encoded").stat().st_size <= items + BATCH, "more than a batch was made again"
        _same(undisturbed, _everything(home, recipe))
    if short:  # the test suite has the others elsewhere
        return result
    with result.case("two processes"), _home(**slow) as home:
        _stored(home, _texts(items, seed=4))
        both = [_child(home, recipe, FAULTS_ENCODED=str(home / "encoded")) for _ in range(2)]
        assert [each.communicate(timeout=_PATIENCE) and each.returncode for each in both] == [0, 0]
        assert (home / "encoded").stat().st_size == items, "it was computed twice"
        _same(undisturbed, _everything(home, recipe))
    with result.case("two owners, one cancels"), _home(**slow) as home, _jobs(home) as jobs:
        _stored(home, _texts(items, seed=4))
        job = jobs.submit(recipe, "ann")
        assert jobs.submit(recipe, "bob") is job, "two jobs for one recipe"
        _wait(lambda: job.state == RUNNING, "it runs")
        jobs.cancel(job, "ann")
        assert not job.over, "one owner's cancelling ended the other's job"
        _over(job)
        assert job.state == DONE, job.error
        _same(undisturbed, _everything(home, recipe))
    return result


def cancelled() -> Result:
    """A build stopped in each of its stages: it ends within a second, and the next one starts in the same worker."""
    result = Result("a build cancelled", note="slowest case: until the worker was free")
    vectors = np.random.default_rng(5).standard_normal((8_000, 32)).astype(np.float32)
    with _home(FAULTS_TEXTS_PER_SECOND="2000") as home, _jobs(home) as jobs:
        texts = _stored(home, _texts(20_000, seed=5))
        ready = _stored(home, vectors, "ready-made")
        jobs.warm("build")
        ready = replace(ready, projection=Projection())
        for stage, recipe in (("embed", texts), ("project", ready)):
            job = jobs.submit(recipe)
            _at(stage, job)
            pid = jobs.process_id
            with result.case(f"while at {stage}"):
                jobs.cancel(job)
                assert job.state == CANCELLED
                _free(jobs, job)
                assert jobs.process_id == pid, "the warm worker was lost"
    return result


def queued_behind_a_large_one() -> Result:
    """One user's million rows under way: another's thousand are done while they go on."""
    result = Result("a thousand rows asked for behind a million", note="slowest case: the thousand rows")
    with _home(FAULTS_TEXTS_PER_SECOND="2000") as home, _jobs(home) as jobs:
        large = jobs.submit(_stored(home, _texts(50_000, seed=6)), "ann", rows=1_000_000)
        _at("embed", large)
        with result.case("another owner"):
            small = jobs.submit(_stored(home, _texts(1_000, seed=7)), "bob", rows=1_000)
            _over(small)
            assert small.state == DONE, small.error
            assert large.state == RUNNING, f"the large one is {large.state}: {large.error}"
        jobs.cancel(large, "ann")
    return result


# -- shared ------------------------------------------------------------------------------------------


def _over(job: Job) -> None:
    _wait(lambda: job.over, "the job ends")


def _at(stage: str, job: Job) -> None:
    _wait(lambda: job.over or (job.stage == stage and job.done > 0), f"it is at {stage}")


def _free(jobs: Jobs, job: Job) -> None:
    _wait(lambda: all(lane.job is not job for lane in jobs._lanes), "the worker is free")


@contextmanager
def _home(**environment: str) -> Iterator[Path]:
    """An empty home for processes started meanwhile, with the small model among theirs and ours."""
    settings = {"EXPLORER_MODELS": "faults.encoder", "HF_HUB_OFFLINE": "1", **environment}
    with tempfile.TemporaryDirectory(prefix="explorer-faults-", ignore_cleanup_errors=True) as folder:
        before = {name: os.environ.get(name) for name in (*settings, "EXPLORER_HOME", "EXPLORER_JOBS")}
        os.environ.update(settings, EXPLORER_HOME=folder)
        os.environ.pop("EXPLORER_JOBS", None)
        try:
            yield Path(folder)
        finally:
            for name, value in before.items():
                os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextmanager
def _jobs(home: Path) -> Iterator[Jobs]:
    with ExitStack() as stack:
        jobs = Jobs(Store(home, shipped=None), inline=False)
        stack.callback(jobs.close)
        yield jobs


def _texts(count: int, seed: int, length: int = 2) -> list[str]:
    """Distinct texts of a few made-up words."""
    numbers = np.random.default_rng(seed)
    words = ["".join(map(chr, numbers.integers(97, 123, 6))) for _ in range(400)]
    return [f"{' '.join(numbers.choice(words, length))} {row}" for row in range(count)]


def _stored(home: Path, content: list[str] | np.ndarray, model: str = "letters") -> Recipe:
    """The recipe of a table of texts or vectors, which is put into the store at `home`."""
    if isinstance(content, list):
        arrow = pa.table({"content": pa.array(content)})
    else:
        column = pa.FixedSizeListArray.from_arrays(pa.array(content.ravel()), content.shape[1])
        arrow = pa.table({"content": column})
    table = Table(arrow, (), "made-up", table_digest(arrow), "csv")
    Store(home, shipped=None).put("table", table.digest, table.arrow, {"name": table.name})
    return Recipe(table.digest, ("content",), model=model, projection=PCA)


def _undisturbed(home: Path, recipe: Recipe) -> dict[str, np.ndarray]:
    """What a build that nobody disturbs leaves; made in a process of its own, as those that are compared with it."""
    child = _child(home, recipe, FAULTS_TEXTS_PER_SECOND="inf")
    child.communicate(timeout=_PATIENCE)
    assert child.returncode == 0, "the undisturbed build failed"
    return _everything(home, recipe)


def _child(home: Path, recipe: Recipe, **environment: str) -> subprocess.Popen[str]:
    (home / "recipe.json").write_text(recipe.to_json(), encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-m", "faults.child", str(home), str(home / "recipe.json")],
        cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def _everything(home: Path, recipe: Recipe) -> dict[str, np.ndarray]:
    """All that is stored of a recipe."""
    space = Space(recipe, Store(home, shipped=None))
    return {
        "vectors": space.vectors,
        "neighbors": space.neighbors.indices,
        "distances": space.neighbors.distances,
        "layout": space.layout,
        "groups": space.clusters.labels,
    }


def _same(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> None:
    for name, array in one.items():
        assert np.array_equal(array, other[name]), f"{name} differ from those of an undisturbed run"


def _wait(happened: Callable[[], object], what: str) -> None:
    give_up = time.monotonic() + _PATIENCE
    while not happened():
        if time.monotonic() > give_up:
            raise TimeoutError(f"waited in vain until {what}")
        time.sleep(0.01)

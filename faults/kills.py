"""Processes killed during their work, and the same work started several times at once.

All results of builds are compared, to the last bit: vectors, neighbors, layout and clusters.
"""

from __future__ import annotations

import json
import os
import signal
import time
from dataclasses import replace

import numpy as np

from explorer.embedding.embed import BATCH
from explorer.jobs.queue import CANCELLED, DONE, RUNNING, Job, Jobs
from explorer.recipe import Projection
from faults import Result
from faults.builds import (
    PATIENCE,
    building,
    empty_home,
    everything,
    jobs_at,
    made_up_texts,
    same,
    stored,
    undisturbed_build,
    wait_until,
)


def run(short: bool) -> list[Result]:
    """Every fault of this module; the short version has a kill of each kind."""
    if short:
        return [at_every_write(short=True), at_any_moment(kills=1), asked_twice(short=True)]
    results = [at_every_write(), at_any_moment(kills=180)]
    return [*results, asked_twice(), cancelled(), queued_behind_a_large_one()]


# -- kill -9 ---------------------------------------------------------------------------------------


def at_every_write(short: bool = False) -> Result:
    """A build killed before and after each of its writes and renames, then run again, each in a new process.

    The short version kills it only after the write in the middle.
    """
    result = Result("kill -9 before and after every write and rename")
    with empty_home() as home:
        recipe = stored(home, made_up_texts(3 * BATCH, seed=1))
        writes = json.loads(building(home, recipe).communicate(timeout=PATIENCE)[0])["writes"]
        undisturbed = everything(home, recipe)
        every = [place * side for place in range(1, writes + 1) for side in (1, -1)]
        for number in [writes // 2] if short else every:
            with result.case(f"at write {number}"), empty_home() as fresh:
                stored(fresh, made_up_texts(3 * BATCH, seed=1))
                noted = fresh / "encoded"
                killed = building(fresh, recipe, FAULTS_DIE_AT=str(number), FAULTS_ENCODED=str(noted))
                killed.communicate(timeout=PATIENCE)
                assert killed.returncode == -signal.SIGKILL, f"it was not killed: {killed.returncode}"
                again = building(fresh, recipe, FAULTS_ENCODED=str(noted))
                again.communicate(timeout=PATIENCE)
                assert again.returncode == 0, "it did not build again"
                same(undisturbed, everything(fresh, recipe))
                redone = noted.stat().st_size - 3 * BATCH
                assert redone <= BATCH, f"{redone} texts were embedded again"
    return result


def at_any_moment(kills: int) -> Result:
    """The worker killed at random moments of builds with the small model. `Jobs` must continue by itself."""
    result = Result("kill -9 of the worker at random moments, small model")
    items, numbers = 6 * BATCH, np.random.default_rng(2)
    texts = made_up_texts(items, seed=2)
    with empty_home(FAULTS_TEXTS_PER_SECOND=str(items / 3)) as home:
        recipe = stored(home, texts)
        undisturbed = undisturbed_build(home, recipe)
        killed = builds = 0
        while killed < kills:
            builds += 1
            with empty_home() as fresh, jobs_at(fresh) as jobs:
                stored(fresh, texts)
                with result.case(f"build {builds}"):
                    job = jobs.submit(recipe)
                    for _ in range(min(8, kills - killed)):
                        killed += _kill_after(jobs, job, float(numbers.uniform(0, 6)))
                    if job.error:  # killed three times at one place: a user would press "Build again"
                        job = jobs.submit(recipe)
                    _over(job)
                    assert job.state == DONE, job.error
                    same(undisturbed, everything(fresh, recipe))
    result.cases = killed
    result.note = f"{builds} builds of {items:,} texts, compared with an undisturbed one; slowest case: a build"
    return result


def _kill_after(jobs: Jobs, job: Job, seconds: float) -> bool:
    """Kill the worker after so many seconds. Returns False where the job was over before."""
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if job.over:
            return False
        time.sleep(0.01)
    pid = jobs.process_id
    if pid is None:
        return False
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: jobs.process_id != pid or job.over, "another worker starts")
    return True


# -- the same twice, and cancelling ------------------------------------------------------------------


def asked_twice(short: bool = False) -> Result:
    """One recipe built by two owners or processes: it must be made once, and stopping one must not stop the other."""
    result = Result("the same dataset built twice at once, one of them stopped")
    items = 4 * BATCH
    slow = {"FAULTS_TEXTS_PER_SECOND": str(items / 3)}
    with empty_home() as home:
        recipe = stored(home, made_up_texts(items, seed=4))
        undisturbed = undisturbed_build(home, recipe)
    with result.case("two processes, one killed"), empty_home(**slow) as home:
        stored(home, made_up_texts(items, seed=4))
        first = building(home, recipe, FAULTS_ENCODED=str(home / "encoded"))
        wait_until(lambda: (home / "encoded").exists(), "the first one embeds")
        second = building(home, recipe, FAULTS_ENCODED=str(home / "encoded"))
        time.sleep(1.5)
        first.kill()
        second.communicate(timeout=PATIENCE)
        first.communicate()
        assert second.returncode == 0
        assert (home / "encoded").stat().st_size <= items + BATCH, "more than a batch was made again"
        same(undisturbed, everything(home, recipe))
    if short:  # the other cases are elsewhere in the test suite
        return result
    with result.case("two processes"), empty_home(**slow) as home:
        stored(home, made_up_texts(items, seed=4))
        both = [building(home, recipe, FAULTS_ENCODED=str(home / "encoded")) for _ in range(2)]
        assert [each.communicate(timeout=PATIENCE) and each.returncode for each in both] == [0, 0]
        assert (home / "encoded").stat().st_size == items, "it was computed twice"
        same(undisturbed, everything(home, recipe))
    with result.case("two owners, one cancels"), empty_home(**slow) as home, jobs_at(home) as jobs:
        stored(home, made_up_texts(items, seed=4))
        job = jobs.submit(recipe, "ann")
        assert jobs.submit(recipe, "bob") is job, "two jobs for one recipe"
        wait_until(lambda: job.state == RUNNING, "it runs")
        jobs.cancel(job, "ann")
        assert not job.over, "one owner's cancelling ended the other's job"
        _over(job)
        assert job.state == DONE, job.error
        same(undisturbed, everything(home, recipe))
    return result


def cancelled() -> Result:
    """A build cancelled in its stages: it must end within a second, and the next must start in the same worker."""
    result = Result("a build cancelled", note="slowest case: until the worker was free")
    vectors = np.random.default_rng(5).standard_normal((8_000, 32)).astype(np.float32)
    with empty_home(FAULTS_TEXTS_PER_SECOND="2000") as home, jobs_at(home) as jobs:
        texts = stored(home, made_up_texts(20_000, seed=5))
        ready = stored(home, vectors, "ready-made")
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
    """A million rows of one user are being built: a thousand rows of another must be done meanwhile."""
    result = Result("a thousand rows asked for behind a million", note="slowest case: the thousand rows")
    with empty_home(FAULTS_TEXTS_PER_SECOND="2000") as home, jobs_at(home) as jobs:
        large = jobs.submit(stored(home, made_up_texts(50_000, seed=6)), "ann", rows=1_000_000)
        _at("embed", large)
        with result.case("another owner"):
            small = jobs.submit(stored(home, made_up_texts(1_000, seed=7)), "bob", rows=1_000)
            _over(small)
            assert small.state == DONE, small.error
            assert large.state == RUNNING, f"the large one is {large.state}: {large.error}"
        jobs.cancel(large, "ann")
    return result


def _over(job: Job) -> None:
    wait_until(lambda: job.over, "the job ends")


def _at(stage: str, job: Job) -> None:
    wait_until(lambda: job.over or (job.stage == stage and job.done > 0), f"it is at {stage}")


def _free(jobs: Jobs, job: Job) -> None:
    wait_until(lambda: all(lane.job is not job for lane in jobs._lanes), "the worker is free")

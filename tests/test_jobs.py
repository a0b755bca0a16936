"""Long work: inline, and in a real worker process that is asked, cancelled and killed.

What the real worker builds are small sets of ready-made vectors, so that it loads no model.
"""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from examples import random_unit, stored_recipe, table_of, vector_recipe

from explorer.building import build
from explorer.errors import BadInput
from explorer.jobs import queue as module
from explorer.jobs.queue import CANCELLED, DONE, FAILED, QUEUED, RUNNING, Job, Jobs
from explorer.jobs.worker_process import WorkerProcess
from explorer.recipe import Clustering, Recipe
from explorer.space import Space
from explorer.store.store import Store
from faults.builds import everything, same

PATIENCE = 60.0  # seconds for what takes two on an idle machine


def wait_until(happened: Callable[[], object], what: str) -> None:
    """Wait for something that must happen."""
    give_up = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < give_up, f"waited in vain until {what}"
        time.sleep(0.02)


@pytest.fixture
def inline(store):
    return Jobs(store, inline=True)


class TestInline:
    def test_a_job_is_done_when_it_is_given_back(self, inline, store):
        job = inline.submit(vector_recipe(store, random_unit(11)))
        assert (job.state, job.error, job.over) == (DONE, "", True)
        assert Space(job.recipe, store).layout.shape == (11, 2)
        assert set(job.seconds) == {"read", "embed", "neighbors", "project", "cluster"}

    def test_bad_input_is_a_failed_job_with_its_sentence(self, inline):
        job = inline.submit(Recipe("0" * 32, ("text",)))
        assert job.state == FAILED
        assert "Open its file again" in job.error

    def test_a_job_is_found_by_its_recipe_and_its_key(self, inline, store):
        recipe = vector_recipe(store, random_unit(5))
        assert inline.find(recipe) is None
        job = inline.submit(recipe)
        assert inline.find(recipe) is inline.by_key(recipe.key) is job
        assert inline.submit(recipe) is not job  # that one is over: what is missing by now is made again

    def test_it_needs_no_process(self, inline, store):
        inline.warm("build")
        inline.submit(vector_recipe(store, random_unit(5)))
        assert inline.process_id is None
        inline.close()


class TestProgress:
    def test_rate_and_time_left_by_hand(self, monkeypatch):
        now = [100.0]
        monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
        job = Job(1, Recipe("", ()))
        assert (job.rate, job.seconds_left) == (None, None)
        job.advance("embed", 20, 100)  # 20 were stored before
        now[0] = 104
        job.advance("embed", 60, 100)
        assert job.rate == pytest.approx(10)
        assert job.seconds_left == pytest.approx(4)

    def test_a_new_stage_begins_anew(self, monkeypatch):
        now = [100.0]
        monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
        job = Job(1, Recipe("", ()))
        job.advance("embed", 0, 100)
        now[0] = 110
        job.advance("embed", 100, 100)
        job.advance("project", 0, 0)
        assert (job.stage, job.rate, job.seconds_left) == ("project", None, None)


# -- the real worker ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="module")
def shared(home):
    """One queue with its worker for the tests that leave it unharmed; its store is where the worker looks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_HOME", str(home))
        patch.delenv("EXPLORER_JOBS")
        jobs = Jobs(Store())
        yield jobs
        jobs.close()


@pytest.fixture
def real(shared, home, monkeypatch):
    """The shared queue and a store on the same folder."""
    monkeypatch.setenv("EXPLORER_HOME", str(home))  # for a worker that must be started again
    return shared, Store(home)


def finished(job: Job) -> Job:
    wait_until(lambda: job.over, f"job {job.id} ends (it is {job.state}: {job.stage})")
    return job


def test_a_space_is_built_by_the_worker(real):
    jobs, store = real
    job = jobs.submit(vector_recipe(store, random_unit(11, seed=1)))
    assert job.state in (QUEUED, RUNNING)
    finished(job)
    assert (job.state, job.error) == (DONE, "")
    assert jobs.process_id not in (None, os.getpid())
    assert set(job.seconds) == {"read", "embed", "neighbors", "project", "cluster"}
    space = Space(job.recipe, Store(store.home))
    assert space.layout.shape == (11, 2)
    assert space.clusters.labels.shape == (11,)


def test_a_failed_job_has_the_sentence_of_the_error(real):
    jobs, store = real
    job = finished(jobs.submit(stored_recipe(store, table_of(text=["", None]), ["text"])))
    assert job.state == FAILED
    assert job.error.startswith("Nothing to embed: none of 2 rows has content in text")


def test_a_setting_out_of_range_fails_the_job_and_not_the_worker(real):
    jobs, store = real
    recipe = vector_recipe(store, random_unit(11, seed=2), clustering=Clustering(resolution=-1.0))
    before = jobs.process_id
    assert finished(jobs.submit(recipe)).state == FAILED
    assert finished(jobs.submit(replace(recipe, clustering=Clustering()))).state == DONE
    assert jobs.process_id == before


def test_a_model_that_is_not_to_be_had_fails_in_one_sentence(real):
    jobs, store = real
    job = finished(jobs.submit(stored_recipe(store, table_of(text=["a b"]), ["text"], model="owner/unheard-of")))
    assert job.state == FAILED
    assert "owner/unheard-of is not on this machine" in job.error
    with pytest.raises(BadInput, match="owner/unheard-of is not on this machine"):
        jobs.encode("owner/unheard-of", ["a question"])


def stop(pid: int):
    os.kill(pid, signal.SIGSTOP)


def test_the_same_recipe_twice_is_one_job_and_others_wait_their_turn(real):
    jobs, store = real
    finished(jobs.submit(vector_recipe(store, random_unit(3))))  # the worker is up
    stop(jobs.process_id)  # so that nothing ends before it is looked at
    first = jobs.submit(vector_recipe(store, random_unit(11, seed=3)))
    second = jobs.submit(vector_recipe(store, random_unit(11, seed=4)))
    third = jobs.submit(vector_recipe(store, random_unit(11, seed=5)))
    assert jobs.submit(first.recipe) is first
    assert jobs.submit(third.recipe) is third
    assert [jobs.place(job) for job in (first, second, third)] == [0, 1, 2]

    jobs.cancel(second)  # from the queue: no process needs to know
    assert second.state == CANCELLED
    assert jobs.place(third) == 1
    os.kill(jobs.process_id, signal.SIGCONT)
    assert finished(first).state == finished(third).state == DONE
    assert second.state == CANCELLED
    assert not Space(second.recipe, Store(store.home)).has("layout")


def test_a_running_job_that_does_not_look_up_is_stopped_all_the_same(real):
    """A stopped process stands for a library in the middle of something: it cannot answer, so it is killed."""
    jobs, store = real
    finished(jobs.submit(vector_recipe(store, random_unit(3))))
    before = jobs.process_id
    stop(before)
    job = jobs.submit(vector_recipe(store, random_unit(11, seed=6)))
    wait_until(lambda: job.state == RUNNING, "it runs")
    jobs.cancel(job)
    assert job.state == CANCELLED
    again = finished(jobs.submit(job.recipe))
    assert again is not job
    assert again.state == DONE
    assert jobs.process_id != before
    assert job.state == CANCELLED


def test_a_running_job_that_looks_up_ends_and_its_worker_goes_on(real, monkeypatch):
    monkeypatch.setattr(module, "_SOFT_CANCEL", 2 * PATIENCE)  # it is asked, not killed
    jobs, store = real
    finished(jobs.submit(vector_recipe(store, random_unit(3))))
    before = jobs.process_id
    stop(before)
    job = jobs.submit(vector_recipe(store, random_unit(11, seed=8)))
    wait_until(lambda: job.state == RUNNING, "it runs")
    jobs.cancel(job)
    os.kill(before, signal.SIGCONT)
    finished(jobs.submit(vector_recipe(store, random_unit(11, seed=9))))  # after it in the queue
    assert jobs.process_id == before
    assert job.state == CANCELLED
    assert not Space(job.recipe, Store(store.home)).has("layout")


def test_a_job_whose_worker_is_killed_goes_on_in_another(real, tmp_path):
    jobs, store = real
    finished(jobs.submit(vector_recipe(store, random_unit(3))))
    before = jobs.process_id
    stop(before)
    job = jobs.submit(vector_recipe(store, random_unit(11, seed=7)))
    wait_until(lambda: job.state == RUNNING, "it runs")
    os.kill(before, signal.SIGKILL)
    assert finished(job).state == DONE
    assert job.restarts == 1
    assert jobs.process_id != before
    elsewhere = Store(tmp_path / "undisturbed")
    build(vector_recipe(elsewhere, random_unit(11, seed=7)), store=elsewhere)
    same(everything(elsewhere.home, job.recipe), everything(store.home, job.recipe))


def test_the_worker_outlives_the_thread_that_started_it(monkeypatch, tmp_path):
    """A page's thread ends with the page; what it asked for goes on."""
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path))
    made: list[WorkerProcess] = []

    def last_answer(number: int) -> dict[str, object]:
        answers = made[0].ask({"id": number, "do": "build", "recipe": Recipe("0" * 32, ("text",)).to_json()})
        while "progress" in (answer := answers.get(timeout=PATIENCE)):
            pass
        return answer

    page = threading.Thread(target=lambda: (made.append(WorkerProcess()), last_answer(1)))
    page.start()
    page.join()
    time.sleep(0.2)  # for a signal to arrive, were one sent
    assert made[0].alive
    assert "Open its file again" in str(last_answer(2)["error"])
    made[0].kill()


def test_the_worker_does_not_outlive_the_app(tmp_path):
    script = (
        "import os, signal\n"
        "from explorer.jobs.worker_process import WorkerProcess\n"
        "print(WorkerProcess().pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    app = subprocess.run(
        [sys.executable, "-c", script], cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, timeout=PATIENCE,
        env={**os.environ, "EXPLORER_HOME": str(tmp_path)},
    )  # fmt: skip
    assert app.returncode == -signal.SIGKILL
    pid = int(app.stdout)

    def gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{pid}/stat").exists() and Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] == "Z"

    wait_until(gone, "the worker ends with the app")


# -- a worker that misbehaves ------------------------------------------------------------------------


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Make a shell script what is started as the worker."""
    program = tmp_path / "worker"
    program.write_text("#!/bin/sh\n" + script)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "executable", str(program))


def test_an_answer_cut_off_in_the_middle_is_the_end_and_not_a_hang(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, """read request; printf '{"id": 1, "vectors": [[0.12'; exit 1\n""")
    answer = WorkerProcess().ask({"id": 1, "do": "encode", "model": "minilm", "texts": ["a"]}).get(timeout=PATIENCE)
    assert answer["error"].startswith("The worker process ended")


def test_a_worker_that_cannot_start_fails_the_job(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, "exit 1\n")
    jobs = Jobs(Store(tmp_path / "home"), inline=False)
    job = finished(jobs.submit(Recipe("0" * 32, ("text",))))
    assert (job.state, job.restarts) == (FAILED, 3)
    assert job.error.startswith("The worker process ended 3 times at the same place (starting)")


def test_a_program_that_is_not_there_fails_the_job_and_the_next_one_too(tmp_path, monkeypatch):
    """Neither may wait forever for a thread that ended on the error."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    jobs = Jobs(Store(tmp_path / "home"), inline=False)
    for table in ("0", "1"):
        job = finished(jobs.submit(Recipe(table * 32, ("text",))))
        assert job.state == FAILED
        assert job.error.startswith("No worker process could be started")
    with pytest.raises(BadInput, match="No worker process could be started"):
        jobs.encode("minilm", ["a question"])


def test_a_question_without_an_answer_is_an_error_after_a_while(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, "exec cat > /dev/null\n")
    monkeypatch.setattr(module, "_QUERY_TIMEOUT", 0.2)
    jobs = Jobs(Store(tmp_path / "home"), inline=False)
    with pytest.raises(BadInput, match="did not answer within a minute"):
        jobs.encode("minilm", ["a question"])
    jobs.close()


def test_vectors_of_questions_come_as_an_array(tmp_path, monkeypatch):
    stand_in(tmp_path, monkeypatch, """read request; echo '{"id": 1, "done": true, "vectors": [[0.6, 0.8]]}'; cat\n""")
    jobs = Jobs(Store(tmp_path / "home"), inline=False)
    found = jobs.encode("minilm", ["a question"])
    assert found.dtype == np.float32
    assert found.tolist() == np.array([[0.6, 0.8]], np.float32).tolist()
    jobs.close()


# -- several owners ----------------------------------------------------------------------------------


def test_a_job_that_two_want_goes_on_when_one_cancels(real):
    jobs, store = real
    finished(jobs.submit(vector_recipe(store, random_unit(3))))
    stop(jobs.process_id)
    job = jobs.submit(vector_recipe(store, random_unit(11, seed=10)), "ann")
    assert jobs.submit(job.recipe, "bob") is job
    jobs.cancel(job, "ann")
    assert (job.over, job.left) == (False, {"ann"})
    os.kill(jobs.process_id, signal.SIGCONT)
    assert finished(job).state == DONE


def test_a_job_that_two_want_ends_when_both_cancel(real):
    jobs, store = real
    finished(jobs.submit(vector_recipe(store, random_unit(3))))
    stop(jobs.process_id)
    job = jobs.submit(vector_recipe(store, random_unit(11, seed=11)), "ann")
    jobs.submit(job.recipe, "bob")
    jobs.cancel(job, "ann")
    jobs.cancel(job, "bob")
    assert job.state == CANCELLED
    os.kill(jobs.process_id, signal.SIGCONT)


@pytest.fixture
def halted(tmp_path, monkeypatch):
    """A queue whose worker takes everything and answers nothing."""
    stand_in(tmp_path, monkeypatch, "exec cat > /dev/null\n")
    jobs = Jobs(Store(tmp_path / "home"), inline=False, workers=1)
    yield jobs
    jobs.close()


def numbered(number: int) -> Recipe:
    return Recipe(f"{number:032}", ("text",))


def test_turns_go_round_the_owners(halted):
    under_way = halted.submit(numbered(0), "ann")
    wait_until(lambda: under_way.state == RUNNING, "the first one runs")
    ann = [halted.submit(numbered(number), "ann") for number in (1, 2)]
    bob = [halted.submit(numbered(number), "bob") for number in (3, 4)]
    # Ann has one under way, so that Bob's first comes next, then one of each.
    assert halted._in_turn() == [bob[0], ann[0], bob[1], ann[1]]
    assert [halted.place(job) for job in (bob[0], ann[0], bob[1], ann[1])] == [1, 2, 3, 4]
    for job in (*ann, *bob, under_way):
        halted.cancel(job, "ann" if job in ann or job is under_way else "bob")


def test_a_small_job_does_not_wait_behind_a_large_one_and_a_large_one_does(halted):
    large = halted.submit(numbered(0), "ann", rows=1_000_000)
    wait_until(lambda: large.state == RUNNING, "the large one runs")
    second = halted.submit(numbered(1), "bob", rows=1_000_000)
    small = halted.submit(numbered(2), "cleo", rows=1_000)
    wait_until(lambda: small.state == RUNNING, "the small one runs beside it")
    assert (large.state, second.state) == (RUNNING, QUEUED)


def test_one_owner_cannot_fill_the_queue(halted, monkeypatch):
    monkeypatch.setattr(module, "MAX_WAITING_BUILDS", 2)
    under_way = halted.submit(numbered(0), "ann")
    wait_until(lambda: under_way.state == RUNNING, "the first one runs")
    waiting = [halted.submit(numbered(number), "ann") for number in (1, 2)]
    refused = halted.submit(numbered(3), "ann")
    assert [job.state for job in waiting] == [QUEUED, QUEUED]
    assert (refused.state, refused.error[:40]) == (FAILED, "2 builds of yours are waiting already. C")
    assert halted.find(refused.recipe) is None
    assert halted.submit(numbered(3), "bob").state == QUEUED


def test_what_a_restart_interrupted_goes_on(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    store = Store(tmp_path / "home")
    recipe = vector_recipe(store, random_unit(11, seed=12))
    with monkeypatch.context() as patch:
        stand_in(tmp_path, patch, "exec cat > /dev/null\n")
        first = Jobs(store, inline=False)
        wait_until(lambda: first.submit(recipe, "ann", 11).state == RUNNING, "it runs")
        # The server ends here, with no time to say so: `first` is simply not asked any more.
    second = Jobs(Store(tmp_path / "home"), inline=False)
    job = second.find(recipe)
    assert job is not None
    assert (job.owners, job.rows) == ({"ann"}, 11)
    assert finished(job).state == DONE
    second.close()
    third = Jobs(Store(tmp_path / "home"), inline=False)
    assert third.find(recipe) is None  # it is over: nothing is left to go on with


def test_a_build_on_a_disk_that_takes_nothing_reaches_the_app(tmp_path, monkeypatch):
    (tmp_path / "home").write_text("a file where the folder should be")
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    store = Store(tmp_path / "home")
    recipe = vector_recipe(store, random_unit(11, seed=13))
    jobs = Jobs(store, inline=False)
    job = finished(jobs.submit(recipe))
    assert (job.state, job.error) == (DONE, "")
    space = Space(recipe, store)
    assert space.layout.shape == (11, 2)
    assert any("kept in memory" in warning for warning in store.warnings)
    later = finished(jobs.submit(replace(recipe, clustering=Clustering("kmeans", n_clusters=2))))
    assert later.state == DONE
    jobs.close()

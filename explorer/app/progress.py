"""A build under way: what it is doing, how fast, what is left, and a way to stop it."""

from __future__ import annotations

import streamlit as st

from explorer.app import session
from explorer.app.wording import literal
from explorer.jobs.queue import CANCELLED, FAILED, QUEUED, Job
from explorer.library.workspaces import Entry
from explorer.stages import STAGES, steps
from explorer.wording import counted

_BETWEEN = {"": "Starting", "wait": "Waiting: somebody else is building the same map"}


def show_progress(job: Job, entry: Entry) -> None:
    """Show a job until it is over, then run the page again; a job that ended badly says why and what to do."""
    stopped = job.state == CANCELLED or session.owner() in job.left
    if not job.over and not stopped:
        _watch(job.recipe.key)
        return
    if job.state == FAILED:
        st.error(literal(job.error), icon=":material/error:")
    if stopped:
        st.info("Stopped. Finished work is kept: build again to continue.", icon=":material/pause:")
    if (stopped or job.state == FAILED) and st.button("Build again", type="primary", key="build-again"):
        session.start_job(entry)
        st.rerun()


def previewable(job: Job | None) -> bool:
    """Whether the vectors are there already, so that a first picture can show."""
    if job is None or job.stage not in steps():
        return False
    return steps().index(job.stage) > steps().index(STAGES["vectors"].step)


@st.fragment(run_every=0.5)
def _watch(key: str) -> None:
    job = session.jobs().by_key(key)
    ready = previewable(job)
    if job is None or job.over or ready != st.session_state.setdefault(f"_preview-{key}", ready):
        st.session_state.pop(f"_preview-{key}", None)
        st.rerun()
        return
    with st.container(key="progress"):
        if job.state == QUEUED:
            before = session.jobs().place(job)
            st.progress(0.0, f"Waiting for {counted(before, 'build')} before this one" if before else "Starting")
        else:
            share = job.done / job.total if job.total else 0.0
            st.progress(min(share, 1.0), said_of(job))
            if job.restarts:
                st.caption(
                    ":material/restart_alt: The worker process ended unexpectedly, perhaps for lack of memory. "
                    "A new one continues from the last finished batch."
                )
        if st.button("Cancel", key="cancel-build", icon=":material/close:"):
            session.jobs().cancel(job, session.owner())
            st.rerun()


def said_of(job: Job) -> str:
    """What a job is doing, how fast, and what is left, on one line."""
    stage = next((stage for stage in STAGES.values() if stage.step == job.stage), None)
    parts = [stage.doing if stage else _BETWEEN.get(job.stage, job.stage)]
    if job.total:
        unit = stage.unit if stage else "item"
        parts.append(f"{job.done:,} of {counted(job.total, unit)}")
    if job.rate:
        parts.append(f"{job.rate:,.0f}/s")
    if job.seconds_left is not None:
        parts.append(f"{_duration(job.seconds_left)} left")
    if not job.total and job.elapsed > 1:
        parts.append(f"{_duration(job.elapsed)} so far")
    return " · ".join(parts)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"

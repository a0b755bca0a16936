"""A build under way: what it is doing, how fast, what is left, and a way to stop it."""

from __future__ import annotations

import streamlit as st

from explorer.app import session
from explorer.app.jobs import CANCELLED, FAILED, QUEUED, Job
from explorer.app.shell import counted, literal

_DOING = {
    "": "Starting",
    "read": "Reading",
    "embed": "Embedding: each text becomes a vector",
    "neighbors": "Finding neighbors in the original space",
    "project": "Laying out the map",
    "cluster": "Grouping and naming",
}


def show_progress(job: Job) -> None:
    """Show a job until it is over, then run the page again; a job that ended badly says why and what to do."""
    if not job.over:
        _watch(job.recipe.key)
        return
    if job.state == FAILED:
        st.error(literal(job.error), icon=":material/error:")
    if job.state == CANCELLED:
        st.info("Stopped. What was finished is kept: building again goes on from there.", icon=":material/pause:")
    if job.state in (FAILED, CANCELLED) and st.button("Build again", type="primary", key="build-again"):
        session.jobs().submit(job.recipe)
        st.rerun()


def previewable(job: Job | None) -> bool:
    """Whether the vectors are there already, so that a first picture can show."""
    return job is not None and job.stage in ("neighbors", "project", "cluster")


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
            st.progress(0.0, f"Waiting for {counted(session.jobs().place(job), 'build')} before this one")
        else:
            share = job.done / job.total if job.total else 0.0
            st.progress(min(share, 1.0), _said(job))
        if st.button("Cancel", key="cancel-build", icon=":material/close:"):
            session.jobs().cancel(job)
            st.rerun()


def _said(job: Job) -> str:
    parts = [_DOING.get(job.stage, job.stage)]
    if job.total:
        parts.append(f"{job.done:,} of {counted(job.total, 'item')}")
    if job.rate:
        parts.append(f"{job.rate:,.0f}/s")
    if job.seconds_left is not None:
        parts.append(f"{_duration(job.seconds_left)} left")
    if not job.total and job.elapsed > 1:
        parts.append(f"{_duration(job.elapsed)} so far, no telling how far it is")
    return " · ".join(parts)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"

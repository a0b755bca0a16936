"""Fast first: a map of the fast model to look at while the accurate one is made behind it, then takes its place."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import streamlit as st

from explorer.app import session
from explorer.app.address import object_in_address, put
from explorer.app.progress import said_of
from explorer.app.wording import literal
from explorer.embedding.models import find_model
from explorer.geometry.placement import frame_of
from explorer.jobs.queue import Job
from explorer.library.workspaces import Entry
from explorer.recipe import Recipe

FAST, BEHIND = "fast", "minilm"  # the one reads what the other reads, and is distilled from it
WORTH_IT = 10.0  # seconds that the accurate model takes, from which a fast map comes first


def fast_first(entry: Entry, seconds: float) -> Entry:
    """The entry to open: with the fast model and the one chosen behind it, where that saves the reader a wait.

    seconds : that the chosen model is going to take
    """
    recipe = entry.recipe
    if recipe.model != BEHIND or seconds < WORTH_IT:
        return entry
    if session.complete(recipe):  # opened before
        return entry
    return replace(entry, recipe=replace(recipe, model=FAST), better=recipe)


def latest(entry: Entry) -> Entry:
    """The entry, or the better one where that has been made meanwhile: then it is the one that is open."""
    if entry.better is None or not session.complete(entry.better):
        return entry
    st.toast(f"This is the {kind(entry.better)} map now.", icon=":material/check:")
    return change_over(entry, entry.better)


def tell(entry: Entry) -> None:
    """Say how far the better map is, and let it be stopped; it is started where nobody has."""
    if entry.better is None:
        return
    if session.complete(entry.recipe):
        _how_far(entry, entry.better)
    else:  # the page itself says how far the fast one is, which comes first
        session.job_of(entry)
        _job(entry, entry.better)


def kind(recipe: Recipe) -> str:
    """What its model is for, in a word: "Fast" or "Accurate"."""
    return find_model(recipe.model).title.partition(":")[0]


def change_over(entry: Entry, better: Recipe) -> Entry:
    """Open the better map where the other was: question, row, selection, filter and color stay, and so does what is
    in view."""
    view = object_in_address("view")
    if view and "x" in view and "y" in view and better.projection.dimensions == 2 and session.complete(entry.recipe):
        put(view=None)
        old, new = (session.space_of(replace(entry, recipe=recipe)).layout for recipe in (entry.recipe, better))
        try:
            frame = np.array([view["x"], view["y"]], float).T
        except (TypeError, ValueError):
            frame = np.zeros((0, 2))
        moved = frame_of(old, frame, new) if frame.shape == (2, 2) and old.shape == new.shape else None
        if moved is not None:
            (x0, y0), (x1, y1) = np.round(moved, 4).tolist()
            put(view=json.dumps({"x": [x0, x1], "y": [y0, y1]}, separators=(",", ":")))
    return session.open_in_place(replace(entry, recipe=better, better=None))


def _job(entry: Entry, better: Recipe) -> Job | None:
    return session.job_of(replace(entry, recipe=better))


def _how_far(entry: Entry, better: Recipe) -> None:
    job = _job(entry, better)
    if job is None or job.given_up(session.owner()):
        with st.container(key="behind", horizontal=True, vertical_alignment="center"):
            why = literal(job.error) if job is not None and job.error else "It was stopped; finished work is kept."
            st.markdown(f"This is the {kind(entry.recipe)} map. The {kind(better)} one is not finished. {why}")
            if st.button("Continue", key="behind-again"):
                session.start_job(replace(entry, recipe=better))
                st.rerun()
            if st.button("Keep this one", key="behind-stay", type="tertiary"):
                session.open_in_place(replace(entry, better=None))
                st.rerun()
        return
    _watch(better.key, kind(entry.recipe), kind(better))


@st.fragment(run_every=1.0)
def _watch(key: str, now: str, then: str) -> None:
    job = session.jobs().by_key(key)
    if job is None or job.over:
        st.rerun()
        return
    with st.container(key="behind", horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/bolt: This is the **{now}** map. The **{then}** one is being made and will replace it:")
        st.text(said_of(job))
        if st.button("Stop", key="behind-stop", type="tertiary", icon=":material/close:"):
            session.jobs().cancel(job, session.owner())
            st.rerun()

"""What this visitor has open: the one small place of state. The address holds it; nothing else need survive."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

import streamlit as st

from explorer.app import login
from explorer.app.cache import cached, forget
from explorer.errors import BadInput
from explorer.jobs.queue import Job, Jobs
from explorer.library.annotations import Project
from explorer.library.workspaces import LOCAL, Entry, Workspace, new_token, sample_entry, shared_by_all
from explorer.recipe import Recipe
from explorer.space import Space
from explorer.stages import STAGES, NotBuilt
from explorer.store.store import Store

_NAMES = ("w", "sample", "space")  # parameters of the address that name what is open
_LINK = "_link"  # session key: the parameters that name what is open, for pages reached without them
_WORKSPACE = "_workspace"  # session key: this visitor's token
_WARNED = "_warned"  # session key: how many of the store's warnings were shown


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """The server's one store."""
    return Store()


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The server's one queue of builds."""
    return Jobs(store())


@cached()
def _space(home: str, recipe: Recipe, _store: Store) -> Space:
    return Space(recipe, _store)


def space_of(entry: Entry) -> Space:
    """The space of an entry, shared by all who have it open; its arrays are read-only."""
    return _space_of(entry.recipe)


def _space_of(recipe: Recipe) -> Space:
    return _space(str(store().home), recipe, _store=store())


def release(entry: Entry) -> None:
    """Let go of an entry's arrays in memory, once it is deleted."""
    forget(_space, str(store().home), entry.recipe)


def workspace() -> Workspace:
    """This visitor's workspace, named by `w` in the address or by their account; a new one where there is none."""
    if shared_by_all():
        return Workspace(store(), LOCAL)
    if own := login.token():
        return Workspace(store(), own)
    token = st.query_params.get("w") or st.session_state.get(_WORKSPACE) or new_token()
    try:
        found = Workspace(store(), token)
    except ValueError:  # not one of ours: somebody typed it
        found = Workspace(store(), new_token())
    st.session_state[_WORKSPACE] = found.token
    return found


def current() -> Entry | None:
    """What the address names, or what was open on the last page; None where nothing is.

    Raises
    ------
    BadInput : for an address that names a sample or a dataset that is not there
    """
    params = st.query_params
    named = {name: params[name] for name in _NAMES if name in params}
    if not ("sample" in named or "space" in named):
        link = st.session_state.get(_LINK, {})
        if not ("sample" in link or "space" in link):
            return None
        named = link
        st.query_params.update(link)
    st.session_state[_LINK] = named
    if "sample" in named:
        return sample(named["sample"])
    entry = workspace().find(named["space"])
    if entry is None:
        st.session_state.pop(_LINK, None)
        raise BadInput("This link names a dataset that is not in this workspace. Open its file again, or a sample.")
    return entry


@cached()
def sample(name: str) -> Entry:
    """The entry of a sample as it ships. Raises BadInput where there is no such sample."""
    return sample_entry(name)


def open_entry(entry: Entry, keep: Mapping[str, str] = MappingProxyType({})) -> Entry:
    """Make an entry the one that is open, in the address too, and keep it in the workspace.

    keep : what else the address says from now on
    """
    if "sample" not in entry.link:  # as it ships, a sample is anybody's
        entry = workspace().remember(entry)
    link = st.session_state[_LINK] = link_to(entry)
    st.query_params.from_dict({**link, **keep})
    return entry


def link_to(entry: Entry) -> dict[str, str]:
    """The parameters that open an entry of this workspace."""
    own = "sample" in entry.link or shared_by_all() or login.required()
    return entry.link if own else {**entry.link, "w": workspace().token}


def close() -> None:
    """Leave nothing open; the workspace keeps its list."""
    st.session_state.pop(_LINK, None)
    st.query_params.clear()


def start_project(entry: Entry) -> str:
    """A project for an entry that has none yet, so that a new version can share it; gives its id."""
    project = Project.create(store(), entry.name)
    workspace().remember(replace(entry, project=project.id))
    return project.id


def attach_project(entry: Entry, project: str) -> None:
    """Give an entry its project, in the workspace and in the address; what else the address says stays."""
    open_in_place(replace(entry, project=project))


def open_in_place(entry: Entry) -> Entry:
    """Open an entry instead of the one that is open; what else the address says stays."""
    return open_entry(entry, {name: value for name, value in st.query_params.items() if name not in _NAMES})


def link() -> dict[str, str]:
    """The parameters that name what is open, for links to other pages."""
    travels = {name: st.query_params[name] for name in ("f", "level") if name in st.query_params}
    return {**st.session_state.get(_LINK, {}), **travels}


def set_recipe(entry: Entry, recipe: Recipe) -> None:
    """Open the same dataset with other settings."""
    if recipe != entry.recipe:
        kept = {name: value for name, value in st.query_params.items() if name not in (*_NAMES, "view", "level")}
        better = entry.better and replace(entry.better, projection=recipe.projection, clustering=recipe.clustering)
        open_entry(replace(entry, recipe=recipe, better=better), kept)
        if better is not None and entry.better is not None and better != entry.better:
            withdraw(entry.better)  # made with the settings before: nobody waits for it any more
            jobs().submit(better, owner(), entry.rows)


def warm_questions(entry: Entry) -> None:
    """Let the model load, so that the first question does not wait for it."""
    if entry.recipe.model == "minilm":
        jobs().warm("encode")


def withdraw(recipe: Recipe) -> None:
    """Stop a recipe's build, as far as this workspace is concerned; where there is none, nothing happens."""
    job = jobs().by_key(recipe.key)
    if job is not None:
        jobs().cancel(job, owner())


def job_of(entry: Entry) -> Job | None:
    """The job that builds what is missing of an entry, started if need be; None where all is there."""
    if complete(entry.recipe):
        return None
    job = jobs().find(entry.recipe)
    if job is not None and job.given_up(owner()):
        return job  # the page says so, and offers to build again
    return start_job(entry)  # also where somebody else's is under way, and where stages of a DONE one were deleted


def complete(recipe: Recipe) -> bool:
    """Whether all stages of a recipe that every build makes are there."""
    # The last first: it is missing most often, and whether vectors are there takes longest to tell.
    return all(_space_of(recipe).has(name) for name in reversed(STAGES) if STAGES[name].usual)


@contextlib.contextmanager
def made_again(entry: Entry) -> Iterator[None]:
    """What turns out damaged in the store, or was evicted since, is made by the next run, which says so."""
    try:
        yield
    except NotBuilt:
        if complete(entry.recipe):
            raise
        st.rerun()


def start_job(entry: Entry) -> Job:
    """The job that builds an entry, for this workspace."""
    return jobs().submit(entry.recipe, owner(), entry.rows)


def owner() -> str:
    """Whose turn a build takes and who may cancel it: the workspace's token."""
    return workspace().token


def news() -> list[str]:
    """What the store had to warn of since this session last asked: a full disk, a damaged entry made again."""
    warnings = store().warnings
    seen = st.session_state.setdefault(_WARNED, len(warnings))
    st.session_state[_WARNED] = len(warnings)
    return warnings[seen:]

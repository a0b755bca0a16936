"""Visit: what a page is given. Each part is read once a run, when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Concatenate, ParamSpec

import numpy as np
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer.analysis.filters import Condition
from explorer.analysis.findings import Findings, findings
from explorer.answers.view import View
from explorer.app import filtering, project, questions, session
from explorer.app.cache import cached
from explorer.app.groups import Groups
from explorer.app.pages import SHARED
from explorer.jobs.queue import Job
from explorer.library.annotations import Project
from explorer.library.workspaces import Entry, stored_selection
from explorer.space import Space
from explorer.store.store import Store

P = ParamSpec("P")


class Visit:
    """One run of a page, for one visitor.

    Attributes
    ----------
    opened : what is open; None where nothing is
    address : what the address says that concerns the whole page: what is open, the filter, the level of detail
    """

    def __init__(self, entry: Entry | None):
        self.opened = entry
        self.address = {name: st.query_params.get(name, "") for name in SHARED}

    @property
    def entry(self) -> Entry:
        """What is open, on a page that needs a dataset."""
        assert self.opened is not None, "the page says that it needs one"
        return self.opened

    @cached_property
    def job(self) -> Job | None:
        """The job that makes what is missing, started where nobody has; None where all is there."""
        return session.job_of(self.entry)

    @property
    def ready(self) -> bool:
        """Whether all that a page may need is there."""
        return self.job is None

    @cached_property
    def space(self) -> Space:
        """What was computed, shared by all who have it open; its arrays are read-only."""
        return session.space_of(self.entry)

    @cached_property
    def project(self) -> Project:
        """What people did about the dataset."""
        return project.project_of(self.entry)

    @cached_property
    def keys(self) -> np.ndarray:
        """A key for each row that later versions of the file share: S16 of shape (n,)."""
        return project.keys_of(self.space, self.entry)

    @cached_property
    def groups(self) -> Groups:
        """The groups at the chosen level, as people edited them, with the key that names them."""
        clusters = project.edited_groups(self.space, self.entry, self.project, self.level)
        version = project.edits_version(self.project)
        return Groups(clusters, f"{self.entry.recipe.key}-{self.level or ''}-{version}")

    @cached_property
    def level(self) -> int | None:
        """How many groups are asked for in the address; None for as many as the clustering found."""
        return project.chosen_level()

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """The filter in the address; empty where there is none."""
        return filtering.conditions()

    @cached_property
    def rows(self) -> np.ndarray | None:
        """Which rows meet the filter: bool (n,); None where there is no filter."""
        return filtering.rows_that_meet(self.space, self.conditions)

    @cached_property
    def items(self) -> np.ndarray | None:
        """Which items have a row that meets the filter: bool (m,); None where there is no filter."""
        return filtering.items_that_meet(self.space, self.conditions)

    @cached_property
    def selection(self) -> np.ndarray | None:
        """The rows that are selected, sorted; None where nothing is."""
        store = session.store()
        try:
            rows = _selection(str(store.home), self.selected, _store=store)
        except LookupError:
            return None
        return rows[rows < self.space.table.num_rows]

    @cached_property
    def selected(self) -> str:
        """The name of the stored selection in the address; empty where there is none."""
        return st.query_params.get("sel", "")

    @cached_property
    def selected_items(self) -> np.ndarray:
        """The items of the selected rows: ascending int32; empty where nothing is selected."""
        if self.selection is None:
            return np.empty(0, np.int32)
        return _items_of_selection(self.space.key("items"), self.selected, _space=self.space, _rows=self.selection)

    @cached_property
    def findings(self) -> Findings:
        """What was found in a handful of numbers, counted once."""
        space = self.space
        return _findings(space.key("neighbors"), space.key("clusters"), _space=space)

    @cached_property
    def view(self) -> View:
        """The space with what people did and the filter: what answers are asked of."""
        model = self.space.recipe.model

        def encode(texts: list[str]) -> np.ndarray:
            return np.stack([questions.query_vector(model, text) for text in texts])

        return View(
            self.space,
            self.entry.roles,
            self.entry.name,
            project=self.project,
            rows=self.rows,
            clusters=lambda: self.groups.clusters,
            encode=encode,
        )


@cached()
def _selection(home: str, name: str, _store: Store) -> np.ndarray:
    """The rows of a stored selection. Raises LookupError where there is none, which is not kept."""
    rows = stored_selection(_store, name)
    if rows is None:
        raise LookupError(name)
    return rows


@cached()
def _items_of_selection(items: str, name: str, _space: Space, _rows: np.ndarray) -> np.ndarray:
    return _space.items.of_rows(_rows).astype(np.int32)


@cached()
def _findings(neighbors: str, clusters: str, _space: Space) -> Findings:
    return findings(_space)


def part(function: Callable[Concatenate[Visit, P], None]) -> Callable[Concatenate[Visit, P], None]:
    """A part of a page: a click in it runs this part alone again, with a visit of its own.

    Where the click concerns the whole page (another filter, another dataset), the page runs instead.
    """

    @wraps(function)
    def run(visit: Visit, *args: P.args, **kwargs: P.kwargs) -> None:
        context = get_script_run_ctx()
        if context is not None and context.fragment_ids_this_run:
            before, visit = visit, Visit(visit.entry)
            if (visit.address, visit.ready) != (before.address, before.ready):
                st.rerun()
        with session.made_again(visit.entry):
            function(visit, *args, **kwargs)

    return st.fragment(run)

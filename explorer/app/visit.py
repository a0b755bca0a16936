"""Visit: what a page is given. Each part is read once a run, when it is first asked for."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import streamlit as st

from explorer.answers.view import View
from explorer.app import filtering, project, questions, session
from explorer.app.groups import Shown, shown_groups
from explorer.library.annotations import Project
from explorer.library.workspaces import Entry, stored_selection
from explorer.space import Space


class Visit:
    """One run of a page, for one visitor.

    Attributes
    ----------
    entry : what is open; None on a page that needs no dataset
    ready : whether all stages that the page needs are there
    """

    def __init__(self, entry: Entry | None, ready: bool = True):
        self.opened = entry
        self.ready = ready

    @property
    def entry(self) -> Entry:
        """What is open, on a page that needs a dataset."""
        assert self.opened is not None, "the page says that it needs one"
        return self.opened

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
    def groups(self) -> Shown:
        """The groups at the chosen level, as people edited them, with the key that names them."""
        return shown_groups(self.entry, self.space)

    @cached_property
    def rows(self) -> np.ndarray | None:
        """Which rows meet the filter: bool (n,); None where there is no filter."""
        return filtering.rows(self.space)

    @property
    def items(self) -> np.ndarray | None:
        """Which items have a row that meets the filter: bool (m,); None where there is no filter."""
        return self.view.items

    @cached_property
    def selection(self) -> np.ndarray | None:
        """The rows that are selected, sorted; None where nothing is."""
        rows = stored_selection(session.store(), st.query_params.get("sel", ""))
        return None if rows is None else rows[rows < self.space.table.num_rows]

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

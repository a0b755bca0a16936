"""What the reader of the map looks at."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from explorer.app.address import item_in_address, row_in_address
from explorer.app.map_component import NOTHING, Highlight, Star
from explorer.app.questions import query_vector
from explorer.app.selecting import apply_show
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.errors import BadInput
from explorer.geometry.placement import place
from explorer.geometry.vectors import best
from explorer.space import Space

RESULTS = 10  # items shown for a question
SHOWN_NEIGHBORS = 10


@dataclass(frozen=True, eq=False)
class Focus:
    """What the reader looks at: a question's answers, one row, or a selection; all from the address.

    Attributes
    ----------
    query, found, similarity : the question, the items nearest to it that meet the filter, and their cosine similarity
    row, item : the row that is open, and its item; of several, the passage that is open
    rows : rows selected, sorted; None where nothing is
    selected : their items, ascending
    """

    query: str = ""
    found: np.ndarray = field(default_factory=lambda: NOTHING)
    similarity: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    row: int | None = None
    item: int | None = None
    rows: np.ndarray | None = None
    selected: np.ndarray = field(default_factory=lambda: NOTHING)

    @classmethod
    def of(cls, visit: Visit, query: str) -> Focus:
        """What the address says of what is open; a question is put to the model."""
        if not visit.ready:
            return cls()
        space = visit.space
        apply_show(space)
        item = item_in_address(space)
        row = None if item is None else row_in_address(space.table.num_rows)
        rows, selected = visit.selection, visit.selected_items
        if query:
            try:
                similarity = space.unit @ query_vector(space.recipe.model, query)
            except BadInput as error:
                st.error(literal(str(error)), icon=":material/error:")
            else:
                found = best(similarity if visit.items is None else np.where(visit.items, similarity, -2), RESULTS)
                found = found if visit.items is None else found[visit.items[found]]
                return cls(query, found, similarity[found], row, item, rows, selected)
        return cls(row=row, item=item, rows=rows, selected=selected)

    @property
    def open(self) -> bool:
        """Whether a row, a selection or answers stand beside the map."""
        return self.item is not None or self.selects or bool(self.query)

    @property
    def selects(self) -> bool:
        """Whether rows are selected."""
        return self.rows is not None and len(self.rows) > 0

    def highlight(self, space: Space, layout: np.ndarray) -> Highlight:
        """How it shows on the map."""
        if self.item is not None:
            near = space.neighbors.indices[self.item, :SHOWN_NEIGHBORS]
            return Highlight(self.selected, self.item, near)
        if self.query and len(self.found):
            at = place(layout, self.found, self.similarity)
            depth = float(at[2]) if len(at) > 2 else 0.0
            return Highlight(self.selected, None, self.found, Star(float(at[0]), float(at[1]), self.query, depth))
        return Highlight(self.selected)

"""What the reader of the map looks at."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from explorer.app.address import item_in_address
from explorer.app.map_component import NOTHING, Highlight, Star
from explorer.app.questions import query_vector
from explorer.app.selecting import apply_show
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.errors import BadInput
from explorer.geometry.placement import place
from explorer.geometry.vectors import nearest_items
from explorer.space import Space
from explorer.views import map_content

RESULTS = 10  # items shown for a question
SHOWN_NEIGHBORS = 10


@dataclass(frozen=True, eq=False)
class Focus:
    """What the reader looks at: a question's answers, one row, or a selection; all from the address.

    Attributes
    ----------
    query, found, similarity : the question, the items nearest to it, and their cosine similarity
    item : the item clicked
    rows : rows selected, sorted; None where nothing is
    selected : their items, ascending
    """

    query: str = ""
    found: np.ndarray = field(default_factory=lambda: NOTHING)
    similarity: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
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
        rows, selected, item = visit.selection, visit.selected_items, item_in_address(space)
        if query:
            try:
                vector = query_vector(space.recipe.model, query)
                found, similarity = nearest_items(space.unit, vector, RESULTS)
                return cls(query, found, similarity, item, rows, selected)
            except BadInput as error:
                st.error(literal(str(error)), icon=":material/error:")
        return cls("", item=item, rows=rows, selected=selected)

    def highlight(self, space: Space, layout: np.ndarray) -> Highlight:
        """How it shows on the map."""
        if self.item is not None:
            near = space.neighbors.indices[self.item, :SHOWN_NEIGHBORS]
            return Highlight(self.selected, self.item, near)
        if self.query:
            at = place(layout, self.found, self.similarity)
            depth = float(at[2]) if len(at) > 2 else 0.0
            return Highlight(self.selected, None, self.found, Star(float(at[0]), float(at[1]), self.query, depth))
        return Highlight(self.selected)


def colored_by_group(space: Space) -> bool:
    """Whether the map beside which something is drawn shows the groups by their colors."""
    return map_content.color_in_link(space, st.query_params.get("color", "")) in (None, map_content.GROUP)

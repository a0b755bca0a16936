"""The filter that links all pages: kept in the address (`f`), shown in the header, chosen beside the map."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.analysis.filters import Condition, from_link, rows_meeting, to_link, with_condition
from explorer.space import Space


def conditions() -> tuple[Condition, ...]:
    """The conditions in the address."""
    return from_link(st.query_params.get("f", ""))


def set_condition(column: str, condition: Condition | None) -> None:
    """Replace one column's condition, in the address; None takes it away."""
    text = to_link(with_condition(conditions(), column, condition))
    if text:
        st.query_params["f"] = text
    else:
        st.query_params.pop("f", None)


def clear() -> None:
    """Take all conditions away."""
    st.query_params.pop("f", None)


def rows(space: Space) -> np.ndarray | None:
    """Which rows meet the filter: bool (n,); None where there is no filter."""
    chosen = conditions()
    return _rows(space.recipe.table, chosen, _space=space) if chosen else None


def items(space: Space) -> np.ndarray | None:
    """Which items have a row that meets the filter: bool (m,); None where there is no filter."""
    meeting = rows(space)
    if meeting is None:
        return None
    lit = np.zeros(len(space.items), bool)
    lit[space.links[meeting[space.links[:, 0]], 1]] = True
    return lit


@st.cache_resource(show_spinner=False, max_entries=32)
def _rows(table: str, chosen: tuple[Condition, ...], _space: Space) -> np.ndarray:
    return rows_meeting(_space.wrapped, chosen)

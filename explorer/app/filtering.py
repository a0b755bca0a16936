"""The filter that links all pages: kept in the address (`f`), shown in the header, chosen beside the map."""

from __future__ import annotations

import numpy as np
import streamlit as st

from explorer.analysis.filters import Condition, from_link, rows_meeting, to_link, with_condition
from explorer.app.address import put
from explorer.app.cache import cached
from explorer.space import Space


def conditions() -> tuple[Condition, ...]:
    """The conditions in the address."""
    return from_link(st.query_params.get("f", ""))


def set_condition(column: str, condition: Condition | None) -> None:
    """Replace one column's condition, in the address; None removes it."""
    put(f=to_link(with_condition(conditions(), column, condition)) or None)


def clear() -> None:
    """Remove all conditions."""
    put(f=None)


def rows_that_meet(space: Space, chosen: tuple[Condition, ...]) -> np.ndarray | None:
    """Which rows meet all of some conditions: bool (n,); None where there are no conditions."""
    return _rows(space.recipe.table, chosen, _space=space) if chosen else None


def items_that_meet(space: Space, chosen: tuple[Condition, ...]) -> np.ndarray | None:
    """Which items have a row that meets all of some conditions: bool (m,); None where there are no conditions."""
    return _items(space.key("items"), chosen, _space=space) if chosen else None


@cached()
def _rows(table: str, chosen: tuple[Condition, ...], _space: Space) -> np.ndarray:
    meeting = rows_meeting(_space.wrapped, chosen)
    meeting.flags.writeable = False
    return meeting


@cached()
def _items(items: str, chosen: tuple[Condition, ...], _space: Space) -> np.ndarray:
    lit = _space.items.with_rows(_rows(_space.recipe.table, chosen, _space=_space))
    lit.flags.writeable = False
    return lit

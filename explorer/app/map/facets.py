"""Columns beside the map: choosing in one filters all pages."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from explorer.analysis.filters import Condition, rows_meeting
from explorer.app import filtering
from explorer.app.cache import cached
from explorer.app.theme import Theme, theme
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.space import Space
from explorer.views.facets import Facet, facet, facet_figure
from explorer.wording import counted

_SHOWN = 8


def facets_panel(visit: Visit) -> None:
    """The facets of up to eight columns; a click on a bar or a drag over a histogram sets that column's condition."""
    space = visit.space
    wanted = [name for name, kind in space.kinds.items() if kind in ("category", "number", "date")]
    if not wanted:
        st.caption("There is no column of categories, numbers or dates to filter by.")
        return
    st.caption("Click a bar, or drag across a histogram: map, search, groups and outliers show only those rows.")
    chosen = visit.conditions
    paint = theme()
    with st.container(height=600, border=False, gap="xsmall"):
        for column in wanted[:_SHOWN]:
            others = tuple(condition for condition in chosen if condition.column != column)
            found = _facet(space.recipe.table, column, others, _space=space)
            if found is not None:
                _draw(column, found, paint)
    if len(wanted) > _SHOWN:
        st.caption(f"The first {_SHOWN} of {len(wanted)} columns.")


def _draw(column: str, found: Facet, paint: Theme) -> None:
    st.markdown(f"**{literal(column)}**")
    key = f"facet-{column}"
    st.plotly_chart(
        facet_figure(found, paint.accent, paint.pale, paint.text),
        key=key,
        theme=None,
        on_select=lambda: _chosen(key, found),
        selection_mode="points" if found.kind == "category" else "box",
        config={"displayModeBar": False},
        alt=f"{found.kind} {column}: {int(found.left.sum()):,} of {int(found.everywhere.sum()):,} rows",
    )
    if found.others:
        st.caption(f"and {counted(found.others, 'more value')}")


def _chosen(key: str, found: Facet) -> None:
    state: Any = st.session_state.get(key)
    selection = (state or {}).get("selection", {})
    filtering.set_condition(found.column, _condition(found, selection))


def _condition(found: Facet, selection: dict[str, Any]) -> Condition | None:
    """What a selection on the chart asks for; None where it asks for nothing."""
    if found.kind == "category":
        places = {point.get("point_index", point.get("point_number")) for point in selection.get("points", [])}
        values = [found.labels[len(found.labels) - 1 - place] for place in sorted(places, reverse=True)
                  if isinstance(place, int) and 0 <= place < len(found.labels)]  # fmt: skip
        return Condition(found.column, values=tuple(values)) if values else None
    boxes = selection.get("box", [])
    if not boxes:
        return None
    ends = sorted(boxes[0].get("x", []))
    if len(ends) != 2:
        return None
    if found.kind == "date":
        first, last = (str(np.datetime64(str(end).replace(" ", "T"), "D")) for end in ends)
        return Condition(found.column, first, last)
    low, high = (float(f"{float(end):.6g}") for end in ends)
    return Condition(found.column, low, high)


@cached()
def _facet(table: str, column: str, others: tuple[Condition, ...], _space: Space) -> Facet | None:
    mask = rows_meeting(_space.wrapped, others) if others else None
    return facet(_space.wrapped, column, _space.kinds[column], mask)

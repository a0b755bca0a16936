"""How far the groups agree with a column: what the number means, and the groups by that label."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import streamlit as st

from explorer.analysis.agreement import MOST_VALUES, Agreement
from explorer.answers.view import View
from explorer.app.address import bound, one_of, value_of
from explorer.app.cache import cached
from explorer.app.clusters.to_map import leave_for_map, open_rows
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.space import Space
from explorer.views.label_matrix import SCRIPT, STYLE, label_matrix
from explorer.wording import counted

_MATRIX = "groups-by-label"  # key of the table


def _comparable(visit: Visit) -> list[str]:
    """The columns that groups can be compared with, the label first."""
    entry, space = visit.entry, visit.space
    first = [entry.roles.label] if entry.roles.label else []
    columns = first + [name for name, kind in space.kinds.items() if kind == "category" and name not in first]
    return [name for name in columns if _few(space.recipe.table, name, _space=space)]


def label_column(visit: Visit) -> str | None:
    """The column that groups are compared with, kept in the address as `against`; the label by default."""
    columns = _comparable(visit)
    return value_of("against", columns[0], one_of(columns)) if columns else None


@cached()
def _few(table: str, column: str, _space: Space) -> bool:
    """Whether a column has few enough distinct values, and two at least."""
    kind = _space.table.schema.field(column).type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return False
    return 2 <= len(_space.table.column(column).unique()) <= MOST_VALUES


def explain(visit: Visit, found: Agreement, column: str) -> None:
    """What the agreement means, and another column to compare with."""
    _against_box(visit, "against-box")
    filtered = "" if visit.rows is None else " It is computed from the rows that meet the filter."
    st.markdown(
        "**Adjusted mutual information (AMI)** says how much one grouping tells of the other: **0** is what chance "
        "gives, **1** the same groups under other names. Above 0.4 they largely agree. Near 0 they are about "
        f"different things, which need not be wrong: groups follow the meaning, a column may not.{filtered}\n\n"
        "Do not trust it where a column has few filled cells or very many values, or to compare tables: it falls when "
        "there are many more groups than values, though each may hold one value only. Then read the table under "
        "*Groups by label*."
    )


def groups_by_label(visit: Visit, found: Agreement, column: str) -> None:
    """The rows of each group by the values of a column: a cell opens its rows on the map."""
    leave_for_map()
    _against_box(visit, "against-tab")
    if not found.rows:
        st.info("No row here has both a group and a value.", icon=":material/grid_off:")
        return
    names = visit.groups.clusters.names
    shown = int(found.counts.any(axis=1).sum())
    met = "" if visit.rows is None else " that meet the filter"
    facts = [f"{counted(found.rows, 'row')}{met} by {literal(column)}"]
    if found.left_out:
        facts.append(f"{counted(found.left_out, 'row')} without a value or a group left out")
    if shown < len(names):
        facts.append(f"{counted(len(names) - shown, 'group')} without such rows left out")
    st.markdown("#### Groups by label")
    st.caption(" · ".join(facts))
    html = label_matrix(found, names, column)
    version = hashlib.blake2b(html.encode("utf-8", "replace"), digest_size=8).hexdigest()

    def clicked() -> None:
        cell = (st.session_state.get(_MATRIX) or {}).get("cell")
        open_rows(*rows_of_cell(visit.view, found, column, cell))

    _component()(key=_MATRIX, data={"html": html, "version": version}, height="content", on_cell_change=clicked)
    st.caption("A cell is darker where it holds more of its group, and opens its rows on the map.")


def rows_of_cell(view: View, found: Agreement, column: str, cell: object) -> tuple[np.ndarray, str]:
    """The rows of a group that have a value, and what they are. None where `cell`, which comes from a browser, is none.

    cell : the places of the group and of the value in `found.counts`
    """
    groups, values = found.counts.shape
    match cell:
        case [int(group), int(place)] if 0 <= group < groups and 0 <= place < values:
            rows = view.rows_in(group)
        case _:
            return np.empty(0, np.int64), ""
    value = found.values[place]
    cells = view.space.table.column(column).take(rows).cast(pa.string()).to_pylist()
    return rows[[each == value for each in cells]], f"{view.clusters.names[group]}, {column}: {value}"


def _against_box(visit: Visit, key: str) -> None:
    columns = _comparable(visit)
    if len(columns) > 1:
        bound(
            st.selectbox, "Compare the groups with", "against", usual=columns[0], read=one_of(columns), key=key,
            options=columns, width=320,
        )  # fmt: skip


@cache
def _component() -> Callable[..., Any]:
    return st.components.v2.component("groups_by_label", html='<div class="gl"></div>', css=STYLE, js=SCRIPT)

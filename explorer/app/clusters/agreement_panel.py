"""How far the groups agree with a column: the line, what it means, and the table of who meets whom."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from explorer.analysis import portraits
from explorer.analysis.agreement import MOST_VALUES, Agreement, agreement
from explorer.app.groups import Shown, ink
from explorer.app.wording import literal
from explorer.geometry.clusters import Clusters
from explorer.library.workspaces import Entry
from explorer.space import Space
from explorer.views.theme_figures import meeting_counts, meeting_picture
from explorer.wording import counted


def _label_columns(entry: Entry, space: Space) -> list[str]:
    first = [entry.roles.label] if entry.roles.label else []
    return first + [name for name, kind in space.kinds.items() if kind == "category" and name not in first]


def label_column(entry: Entry, space: Space) -> str | None:
    """The column that groups are compared with, kept in the address as `against`; the label by default."""
    columns = [name for name in _label_columns(entry, space) if _few(space.recipe.table, name, _space=space)]
    if not columns:
        return None
    asked = st.query_params.get("against")
    return asked if asked in columns else columns[0]


@st.cache_data(show_spinner=False, max_entries=256)
def _few(table: str, column: str, _space: Space) -> bool:
    """Whether a column has few enough distinct values, and two at least."""
    kind = _space.table.schema.field(column).type
    if pa.types.is_nested(kind) or pa.types.is_binary(kind):
        return False
    return 2 <= len(_space.table.column(column).unique()) <= MOST_VALUES


def agreement_with(space: Space, groups: Shown, column: str) -> Agreement:
    """The groups against one column."""
    return _agreement(groups.key, column, _space=space, _clusters=groups.clusters)


@st.cache_resource(show_spinner=False, max_entries=32)
def _agreement(key: str, column: str, _space: Space, _clusters: Clusters) -> Agreement:
    values = _space.table.column(column).cast(pa.string()).to_pylist()
    return agreement(portraits.clusters_of_rows(_space, _clusters), values, len(_clusters))


def explain(space: Space, groups: Shown, found: Agreement, column: str) -> None:
    columns = [name for name, kind in space.kinds.items() if kind == "category" or name == column]
    columns = [name for name in columns if _few(space.recipe.table, name, _space=space)]
    if len(columns) > 1:
        key = "against-box"
        st.session_state[key] = column

        def chosen() -> None:
            st.query_params["against"] = st.session_state[key]

        st.selectbox("Compare the groups with", columns, key=key, on_change=chosen)
    st.markdown(
        "**Adjusted mutual information (AMI)** says how much of one grouping the other tells: **0** is what chance "
        "gives, **1** the same groups under other names. Above 0.4 the two largely speak of the same; near 0 they "
        "are about different things, which need not be wrong: groups follow the meaning, a column may not.\n\n"
        "Do not trust it where a column has few filled cells or very many values, or to compare tables: it falls when "
        "there are many more groups than values, though each may be pure. Then read the table."
    )
    left_out = (
        f" {counted(found.left_out, 'row')} without a value or without a group left out." if found.left_out else ""
    )
    st.caption(
        f"Who meets whom: rows of each group by {literal(column)}, darker where more of the group is. "
        f"{counted(found.rows, 'row')} compared, filtered or not.{left_out}"
    )
    if found.rows:
        counts, names, values = meeting_counts(found, groups.clusters.names)
        most = values[int(counts[0].argmax())]
        st.plotly_chart(
            meeting_picture(found, groups.clusters.names, column, ink()[0]), theme=None, key="who-meets-whom",
            config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
            alt=f"Table of {len(names)} groups by {len(values)} values of {column}. "
            f"The largest group, {names[0]}, holds mostly {most}.",
        )  # fmt: skip

"""How far the groups agree with a column: the line, what it means, and the table of who meets whom."""

from __future__ import annotations

import pyarrow as pa
import streamlit as st

from explorer.analysis.agreement import MOST_VALUES, Agreement
from explorer.app.address import bound, one_of, value_of
from explorer.app.cache import cached
from explorer.app.theme import theme
from explorer.app.visit import Visit
from explorer.app.wording import literal
from explorer.space import Space
from explorer.views.theme_figures import meeting_counts, meeting_picture
from explorer.wording import counted


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
    """What the agreement means, another column to compare with, and the table of who meets whom."""
    columns = _comparable(visit)
    if len(columns) > 1:
        bound(
            st.selectbox, "Compare the groups with", "against", usual=columns[0], read=one_of(columns),
            key="against-box", options=columns,
        )  # fmt: skip
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
        of_groups = visit.groups.clusters.names
        counts, names, values = meeting_counts(found, of_groups)
        most = values[int(counts[0].argmax())]
        st.plotly_chart(
            meeting_picture(found, of_groups, column, theme().text), theme=None, key="who-meets-whom",
            config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
            alt=f"Table of {len(names)} groups by {len(values)} values of {column}. "
            f"The largest group, {names[0]}, holds mostly {most}.",
        )  # fmt: skip

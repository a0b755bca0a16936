"""What was read of a file, and how it is to be read where that was not right."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.app.home.unread import shortened
from explorer.app.wording import literal
from explorer.library.rejected import rejected_of
from explorer.table.download import safe_csv
from explorer.table.table import Table
from explorer.wording import counted

# The title and what stands beside it share one baseline, whatever their sizes.
_STYLE = """
<style>
.st-key-what-was-read { align-items: baseline; gap: .2rem 1rem; padding-top: .8rem; }
.st-key-what-was-read h3 { padding: 0; overflow-wrap: anywhere; }
.st-key-what-was-read [data-testid="stMarkdown"] [data-testid="stMarkdownContainer"] { margin: 0; }
.st-key-what-was-read [data-testid="stHeaderActionElements"] { display: none; }
</style>
"""
_PREVIEW_ROWS = 50
_SHOWN_REJECTED = 200


def what_was_read(table: Table) -> DeltaGenerator:
    """Name and size of a file, what could not be read, and its first rows. Returns the place above them, for what was
    decided."""
    facts = [counted(len(table), "row"), counted(len(table.columns), "column"), table.format.upper()]
    st.html(_STYLE)
    with st.container(horizontal=True, key="what-was-read"):
        st.markdown(f"### {literal(table.name)}", width="content")
        st.text(" · ".join(facts))
    line = st.container()
    if table.rejected:
        with st.expander(f"{counted(len(table.rejected), 'row')} could not be read: see which"):
            rejected = rejected_of(table)
            st.dataframe(shortened(rejected.slice(0, _SHOWN_REJECTED).to_pandas()), hide_index=True)
            if len(rejected) > _SHOWN_REJECTED:
                st.caption(f"The first {_SHOWN_REJECTED} are shown.")
            st.download_button(
                "Download all of them", lambda: safe_csv(rejected), "rejected_rows.csv", "text/csv", on_click="ignore"
            )
    st.dataframe(_preview(table.arrow), hide_index=True, height=220)
    return line


def _preview(arrow: pa.Table) -> pd.DataFrame:
    part = arrow.slice(0, _PREVIEW_ROWS)
    shown = {}
    for name in part.column_names:
        kind = part.column(name).type
        if pa.types.is_fixed_size_list(kind):
            shown[name] = [f"{kind.list_size} numbers"] * part.num_rows
        elif pa.types.is_binary(kind):
            shown[name] = ["picture"] * part.num_rows
        else:
            shown[name] = part.column(name).to_pandas()
    return pd.DataFrame(shown)

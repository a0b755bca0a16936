"""What was read of a file, and how it is to be read where that was not right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import streamlit as st

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
_DETECT = "detect"
_ENCODINGS = (
    _DETECT, "utf-8", "cp1252", "latin-1", "utf-16", "cp1251", "gb18030", "shift_jis", "big5", "euc_kr", "cp437",
)  # fmt: skip
_HEADERS = {_DETECT: None, "holds the column names": True, "holds data": False}
_DELIMITERS = {_DETECT: None, "comma ,": ",", "semicolon ;": ";", "tab": "\t", "bar |": "|"}
_NAMES = {",": "comma", "\t": "tab", ";": "semicolon"}

Key = Callable[[str], str]  # the key of a file's widget, from its name


@dataclass(frozen=True)
class Reading:
    """How a file is to be read; None where the file tells that."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: bool | None = None


def chosen_reading(key: Key) -> Reading:
    """What the reading options say."""
    encoding = st.session_state.get(key("encoding"), _DETECT)
    return Reading(
        None if encoding == _DETECT else encoding,
        _DELIMITERS.get(st.session_state.get(key("delimiter"), _DETECT)),
        st.session_state.get(key("sheet")),
        _HEADERS.get(st.session_state.get(key("header"), _DETECT)),
    )


def what_was_read(table: Table, key: Key) -> None:
    """Name and size of a file, the options, what could not be read, and its first rows."""
    facts = [counted(len(table), "row"), counted(len(table.columns), "column"), table.format.upper()]
    facts += [table.encoding or "", _NAMES.get(table.delimiter or "", table.delimiter or "")]
    st.html(_STYLE)
    with st.container(horizontal=True, key="what-was-read"):
        st.markdown(f"### {literal(table.name)}", width="content")
        st.text(" · ".join(part for part in facts if part))
        if table.encoding or table.sheets:
            with st.popover("Reading options", help="Read the file another way"):
                _reading_options(table, key)
    for note in table.notes:
        st.caption(f":material/info: {literal(note)}")
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


def _reading_options(table: Table, key: Key) -> None:
    if table.encoding:
        st.selectbox("Encoding", _ENCODINGS, key=key("encoding"), help=f"Now read as {table.encoding}.")
    if table.delimiter:
        st.selectbox("Delimiter", list(_DELIMITERS), key=key("delimiter"))
    st.selectbox("First row", list(_HEADERS), key=key("header"))
    if len(table.sheets) > 1:
        sheet = table.sheets.index(table.sheet or table.sheets[0])
        st.selectbox("Sheet", table.sheets, index=sheet, key=key("sheet"))


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

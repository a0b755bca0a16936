"""How a file is to be read: what the user chose, and the widgets that choose it. Each replaces what was detected."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from explorer.reading.options import ONE_COLUMN, Choices, lines_named
from explorer.table.table import Table

Key = Callable[[str], str]  # the key of a file's widget, from its name

_DETECT = "detect"
_ENCODINGS = (
    _DETECT, "utf-8", "cp1252", "latin-1", "utf-16", "cp1251", "gb18030", "shift_jis", "big5", "euc_kr", "cp437",
)  # fmt: skip
_DELIMITERS = {
    _DETECT: None, "comma ,": ",", "semicolon ;": ";", "tab": "\t", "bar |": "|", "space": " ",
    "none: each line is a text": ONE_COLUMN,
}  # fmt: skip
_NAMES = {",": "comma", "\t": "tab", ";": "semicolon", "|": "bar", " ": "space"}
_IN_LINE, _NO_HEADER = "in the line", "nowhere: there is no header"
_TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".txt", ".text")
_DELIMITED = ("csv", "tsv", "txt")
_SHEETS = {"json": "List", "html": "Table"}  # what a file's several tables are called
WITH_LINES = ("csv", "tsv", "xlsx", "html")  # formats in which a line holds the column names


def chosen(key: Key) -> Choices:
    """What the user chose for a file; nothing where it is all detected. Raises BadInput for lines that are none."""
    state = st.session_state
    made: Choices = {}
    if (encoding := state.get(key("encoding"), _DETECT)) != _DETECT:
        made["encoding"] = encoding
    delimiter = state.get(key("delimiter")) or _DETECT
    if delimiter != _DETECT:
        made["delimiter"] = _DELIMITERS.get(delimiter) or delimiter
    if sheet := state.get(key("sheet")):
        made["sheet"] = sheet
    if member := state.get(key("member")):
        made["member"] = member
    where = state.get(key("header"), _DETECT)
    if where != _DETECT:
        made["header_row"] = 0 if where == _NO_HEADER else state.get(key("header-row"), 1)
    if lines := (state.get(key("skip-rows")) or "").strip():
        made["skip_rows"] = lines_named(lines)
    return made


def choose(key: Key, choices: Choices) -> None:
    """Take these choices, as if the user had made them with the widgets."""
    state = st.session_state
    if "delimiter" in choices:
        wanted = choices["delimiter"]
        state[key("delimiter")] = next((name for name, mark in _DELIMITERS.items() if mark == wanted), wanted)
    if (line := choices.get("header_row")) is not None:
        state[key("header")] = _IN_LINE if line else _NO_HEADER
        if line:
            state[key("header-row")] = line
    if "skip_rows" in choices:
        state[key("skip-rows")] = ", ".join(map(str, choices["skip_rows"]))


def forget(key: Key) -> None:
    """Detect everything again, but the table of an archive."""
    for name in ("encoding", "delimiter", "sheet", "header", "header-row", "skip-rows"):
        st.session_state.pop(key(name), None)


def delimiter_name(delimiter: str) -> str:
    """A delimiter as people call it."""
    return _NAMES.get(delimiter, repr(delimiter))


def choose_encoding(key: Key, table: Table | None = None) -> None:
    """Ask for the encoding."""
    now = f"Now read as {table.encoding}." if table is not None and table.encoding else None
    st.selectbox("Encoding", _ENCODINGS, key=key("encoding"), help=now)


def has_delimiter(table: Table) -> bool:
    """Whether a delimiter was guessed, or that there is none."""
    return table.format in _DELIMITED


def choose_delimiter(key: Key) -> None:
    """Ask for the delimiter; any characters may be typed."""
    st.selectbox(
        "Delimiter", list(_DELIMITERS), key=key("delimiter"), accept_new_options=True,
        help="What stands between two cells. Type another one where it is not in the list.",
    )  # fmt: skip


def choose_header(key: Key, table: Table | None = None) -> None:
    """Ask where the column names are."""
    where = st.selectbox("Column names", [_DETECT, _IN_LINE, _NO_HEADER], key=key("header"))
    if where == _IN_LINE:
        st.session_state.setdefault(key("header-row"), (table.header_row if table else None) or 1)
        about = "Counted from 1. Lines above it are left out."
        st.number_input("Line of the file", min_value=1, step=1, key=key("header-row"), help=about)


def choose_rows(key: Key) -> None:
    """Ask for lines to leave out."""
    st.text_input(
        "Lines to leave out", key=key("skip-rows"), placeholder="such as 2, 5-7",
        help="Lines of the file, counted from 1, that are no rows.",
    )  # fmt: skip


def sheet_word(table: Table) -> str:
    """What one of a file's several tables is called: "Sheet", "Table" or "List"."""
    return _SHEETS.get(table.format, "Sheet")


def choose_sheet(key: Key, table: Table) -> None:
    """Ask for the sheet of a workbook, the table of a web page, or the list of a JSON file."""
    st.selectbox(sheet_word(table), table.sheets, table.sheets.index(table.sheet or table.sheets[0]), key=key("sheet"))


def choose_member(key: Key, names: tuple[str, ...]) -> None:
    """Ask for the table of an archive; the largest is chosen at first."""
    st.selectbox(
        f"This archive holds {len(names)} tables. Which one?", names, key=key("member"), width=480,
    )  # fmt: skip


def choose_again(key: Key, name: str) -> None:
    """Where a file was refused: the options that may mend it, and the way back. `name` is the file's."""
    changed = bool(_given(key))
    if not changed and not name.lower().endswith(_TEXT_ENDINGS):
        return
    with st.popover("Read it another way", icon=":material/edit:"):
        choose_delimiter(key)
        choose_header(key)
        choose_rows(key)
        choose_encoding(key)
    if changed:
        st.button("Read it as at first", key=key("forget"), on_click=forget, args=(key,))


def _given(key: Key) -> list[str]:
    """The names of what is chosen, also where it cannot be used."""
    asked = {"encoding": _DETECT, "delimiter": _DETECT, "header": _DETECT, "sheet": None, "skip-rows": ""}
    return [name for name, usual in asked.items() if st.session_state.get(key(name), usual) not in (usual, None)]

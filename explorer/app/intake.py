"""From a dropped file to a build: read it, show what was read, let every guess be changed, then start."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pyarrow as pa
import streamlit as st

from explorer.app import session
from explorer.app.shell import counted, literal
from explorer.data.download import safe_csv
from explorer.data.items import joined_texts
from explorer.data.joins import VECTOR_COLUMN, join_vectors
from explorer.data.language import detect
from explorer.data.readers import read
from explorer.data.roles import Roles, guess_roles, kinds, require_content
from explorer.data.table import BadInput, Table
from explorer.data.workspaces import Entry
from explorer.embedding.models import MODELS, MULTILINGUAL, find_model
from explorer.recipe import READY_MADE, Recipe

_ROUND = "_intake"  # session key: how many files were built
_PREVIEW_ROWS = 50
_SHOWN_REJECTED = 200
_FOREIGN_SHARE = 0.15  # of the texts: from here on the reader is told before the wait
_DETECT = "detect"
_ENCODINGS = (
    _DETECT,
    "utf-8",
    "cp1252",
    "latin-1",
    "utf-16",
    "cp1251",
    "gb18030",
    "shift_jis",
    "big5",
    "euc_kr",
    "cp437",
)
_DELIMITERS = {_DETECT: None, "comma ,": ",", "semicolon ;": ";", "tab": "\t", "bar |": "|"}
_OTHER_MODEL = "another model"


def waiting() -> bool:
    """Whether a file is dropped or a path named that has not been built yet."""
    return st.session_state.get(_key("upload")) is not None or bool(st.session_state.get(_key("path")))


def drop_zone() -> None:
    """Where a file is dropped, or a path under the operator's data folder is named."""
    st.file_uploader(
        "Drop a file: CSV, TSV, JSON, JSONL, Parquet, Excel, plain text, or vectors (NPY, NPZ)",
        key=_key("upload"),
        on_change=_warm,
    )
    folder = data_folder()
    if folder is not None:
        st.text_input(
            "Or a file on the server", key=_key("path"), placeholder=f"a path under {folder}", on_change=_warm
        )


def choose_and_build() -> None:
    """Show what was read, what will be embedded and how long it takes; build on a click."""
    try:
        table = _read_chosen()
    except BadInput as error:
        st.error(literal(str(error)), icon=":material/error:")
        return
    _what_was_read(table)
    table = _with_second_file(table)
    roles = _choose_roles(table)
    if roles is None:
        return
    model = READY_MADE if not roles.text else _choose_model(table, roles)
    if model is None:
        return
    if st.button("Build the map", type="primary", key="build", icon=":material/scatter_plot:"):
        _build(table, roles, model)


def data_folder() -> Path | None:
    """The folder whose files may be opened by path: EXPLORER_DATA_FOLDER, unset by default."""
    named = os.environ.get("EXPLORER_DATA_FOLDER")
    return Path(named).resolve() if named else None


def _warm() -> None:
    session.jobs().warm("build")  # the model loads while the user is still choosing


def _read_chosen() -> Table:
    encoding = st.session_state.get(_of_file("encoding"), _DETECT)
    delimiter = _DELIMITERS.get(st.session_state.get(_of_file("delimiter"), _DETECT))
    sheet = st.session_state.get(_of_file("sheet"))
    encoding = None if encoding == _DETECT else encoding
    upload = st.session_state.get(_key("upload"))
    if upload is not None:
        return _read_upload(upload.file_id, encoding, delimiter, sheet, _upload=upload)
    folder, path = data_folder(), st.session_state.get(_key("path"), "")
    found = (folder / path).resolve() if folder else None
    if folder is None or found is None or not found.is_relative_to(folder):
        raise BadInput(f"Only files under {folder} can be opened by path. Name one there, or drop the file here.")
    return read(found, encoding=encoding, delimiter=delimiter, sheet=sheet)


@st.cache_resource(show_spinner="Reading the file", max_entries=8, ttl=3600)
def _read_upload(
    file_id: str, encoding: str | None, delimiter: str | None, sheet: str | None, _upload: object
) -> Table:
    return read(_upload.getvalue(), name=_upload.name, encoding=encoding, delimiter=delimiter, sheet=sheet)  # type: ignore[attr-defined]


def _what_was_read(table: Table) -> None:
    said = [counted(len(table), "row"), counted(len(table.columns), "column"), table.format.upper()]
    said += [
        table.encoding or "",
        {",": "comma", "\t": "tab", ";": "semicolon"}.get(table.delimiter or "", table.delimiter or ""),
    ]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"### {literal(table.name)}", width="content")
        st.text(" · ".join(part for part in said if part))
        if table.encoding or table.sheets:
            with st.popover("Not right?", help="Read the file another way"):
                _reading_options(table)
    for note in table.notes:
        st.caption(f":material/info: {literal(note)}")
    if table.rejected:
        with st.expander(f"{counted(len(table.rejected), 'row')} could not be read: see which"):
            rejected = pd.DataFrame(table.rejected, columns=["line", "reason"])
            st.dataframe(rejected.head(_SHOWN_REJECTED), hide_index=True)
            st.download_button(
                "Download all of them", lambda: safe_csv(rejected), "rejected_rows.csv", "text/csv", on_click="ignore"
            )
    st.dataframe(_preview(table.arrow), hide_index=True, height=220)


def _reading_options(table: Table) -> None:
    if table.encoding:
        st.selectbox("Encoding", _ENCODINGS, key=_of_file("encoding"), help=f"Now read as {table.encoding}.")
    if table.delimiter:
        st.selectbox("Delimiter", list(_DELIMITERS), key=_of_file("delimiter"))
    if len(table.sheets) > 1:
        st.selectbox(
            "Sheet", table.sheets, index=table.sheets.index(table.sheet or table.sheets[0]), key=_of_file("sheet")
        )


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


def _with_second_file(table: Table) -> Table:
    with st.popover("Add vectors from a second file", icon=":material/add:"):
        vectors = st.file_uploader("NPY, NPZ, Parquet or JSON with one vector a row", key=_of_file("vectors"))
        by = st.selectbox(
            "Joined by",
            ["order of rows", *table.columns],
            key=_of_file("join-by"),
            help="An id column must be in both files.",
        )
    if vectors is None:
        return table
    try:
        second = _read_upload(vectors.file_id, None, None, None, _upload=vectors)
        joined = join_vectors(table, second, None if by == "order of rows" else by)
    except BadInput as error:
        st.error(literal(str(error)), icon=":material/error:")
        return table
    for note in joined.notes[len(table.notes) :]:
        st.caption(f":material/info: {literal(note)}")
    return joined


def _choose_roles(table: Table) -> Roles | None:
    guessed = guess_roles(table)
    found = kinds(table)
    vectors = [name for name, kind in found.items() if kind == "vector"]
    texts = [name for name, kind in found.items() if kind not in ("vector", "image")]
    source = "Text"
    if vectors and texts:
        prefer_vectors = VECTOR_COLUMN in vectors or not guessed.text
        source = st.segmented_control(
            "Map by", ["Text", "Ready-made vectors"], default="Ready-made vectors" if prefer_vectors else "Text",
            key=_of_file(f"source-{VECTOR_COLUMN in vectors}"), required=True,
        )  # fmt: skip
    elif vectors:
        source = "Ready-made vectors"
    first, *others = st.columns([2, 1, 1, 1])
    text: tuple[str, ...] = ()
    vector = None
    if source == "Text":
        text = tuple(
            first.multiselect(
                "Text to embed",
                texts,
                list(guessed.text),
                help="Several columns are joined.",
                key=_of_file("role-text"),
            )
        )
    else:
        vector = first.selectbox("Vectors", vectors, vectors.index(guessed.vector) if guessed.vector in vectors else 0)

    def pick(place: int, title: str, name: str | None, wanted: Sequence[str]) -> str | None:
        options = [column for column, kind in found.items() if kind in wanted and column not in text]
        return others[place].selectbox(
            title,
            options,
            options.index(name) if name in options else None,
            placeholder="none",
            key=_of_file(f"role-{title}"),
        )

    roles = replace(
        guessed,
        text=text,
        vector=vector,
        label=pick(0, "Label", guessed.label, ("category", "number", "text")),
        number=pick(1, "Number", guessed.number, ("number",)),
        date=pick(2, "Date", guessed.date, ("date",)),
    )
    try:
        require_content(table, replace(roles, image=None))
    except BadInput as error:
        st.warning(
            literal(str(error).replace("name a column with --text", "choose a column above")), icon=":material/edit:"
        )
        return None
    return roles


def _choose_model(table: Table, roles: Roles) -> str | None:
    seconds = {name: len(table) / model.texts_per_second for name, model in MODELS.items()}
    titles = {name: f"{MODELS[name].title}, about {_wait(seconds[name])}" for name in MODELS}
    choice = st.radio(
        "Model",
        [*MODELS, _OTHER_MODEL],
        format_func=lambda name: titles.get(name, "Another, by name"),
        key="model",
        captions=[*(model.about for model in MODELS.values()), "Any sentence-transformers model of the Hub."],
    )
    name = choice
    if choice == _OTHER_MODEL:
        name = st.text_input("Name on the Hub", key="model-name", placeholder="owner/name").strip()
        if not name:
            return None
    try:
        model = find_model(name)
    except BadInput as error:
        st.error(literal(str(error)), icon=":material/error:")
        return None
    foreign = _foreign(table.digest, roles.text, _table=table)
    if "en" in model.languages and foreign:
        said = ", ".join(
            f"{100 * share:.0f} % {_LANGUAGES.get(code, code)}" for code, share in list(foreign.items())[:3]
        )
        st.warning(f"Of these texts about {said}; this model reads English.", icon=":material/translate:")
        st.button("Use a multilingual model", key="multilingual", on_click=_use_multilingual)
    return name


def _use_multilingual() -> None:
    st.session_state["model"] = _OTHER_MODEL
    st.session_state["model-name"] = MULTILINGUAL


@st.cache_data(show_spinner=False, max_entries=32)
def _foreign(digest: str, columns: tuple[str, ...], _table: Table) -> dict[str, float]:
    """Languages other than English and their shares, where together they matter."""
    shares = detect(joined_texts(_table.arrow, columns))
    foreign = {code: share for code, share in shares.items() if code != "en"}
    return (
        {code: share for code, share in foreign.items() if share >= 0.03}
        if sum(foreign.values()) >= _FOREIGN_SHARE
        else {}
    )


def _build(table: Table, roles: Roles, model: str) -> None:
    session.store().put("table", table.digest, table.arrow, {"name": table.name})
    columns = roles.text or (str(roles.vector),)
    entry = Entry(
        table.name, Recipe(table.digest, columns, model=model), roles, len(table), rejected=len(table.rejected)
    )
    session.open_entry(entry)
    session.job_of(entry)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.rerun()


def _of_file(name: str) -> str:
    """Keys of the choices made for one file: another file starts from its own guesses."""
    upload = st.session_state.get(_key("upload"))
    return f"{name}-{upload.file_id if upload is not None else st.session_state.get(_key('path'))}"


def _key(name: str) -> str:
    """Widget keys change with each build, so that the next file finds an empty drop zone."""
    return f"{name}-{st.session_state.get(_ROUND, 0)}"


def _wait(seconds: float) -> str:
    return f"{max(seconds, 5):.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


_LANGUAGES = {
    "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese", "nl": "Dutch",
    "ja": "Japanese", "zh": "Chinese", "ko": "Korean", "ru": "Russian", "ar": "Arabic", "pl": "Polish",
    "tr": "Turkish", "sv": "Swedish", "cs": "Czech", "uk": "Ukrainian", "hi": "Hindi", "el": "Greek",
}  # fmt: skip

"""From a dropped file to a build: read it, show what was read, let every guess be changed, then start."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

from explorer import budget, settings
from explorer.app import session
from explorer.app.behind import fast_first
from explorer.app.cache import cached
from explorer.app.home.choices import choose_maps, choose_roles, each_alone, keep_markup
from explorer.app.home.decided import draw_decisions
from explorer.app.home.doubt import ask_doubt
from explorer.app.home.models import Texts, choose_model, choose_passages, seconds_to_embed
from explorer.app.home.reading import what_was_read
from explorer.app.home.reading_options import choose_again, choose_member, chosen
from explorer.app.home.versions import Follows, follow
from explorer.app.wording import literal
from explorer.errors import BadInput, SeveralTables
from explorer.geometry.neighbors import EXACT_UP_TO
from explorer.library.project_file import looks_like_project, open_project_file
from explorer.library.rejected import keep_rejected
from explorer.library.workspaces import Entry
from explorer.media.registry import medium_of, recipe_for
from explorer.reading.options import Choices
from explorer.reading.sandbox import read_apart
from explorer.recipe import Recipe
from explorer.table.decisions import decisions
from explorer.table.joins import join_vectors
from explorer.table.markup import marked_up
from explorer.table.roles import Roles, guess_roles
from explorer.table.table import Table

_ROUND = "_intake"  # session key: how many files were built


def waiting() -> bool:
    """Whether a file is dropped or a path named that has not been built yet."""
    return st.session_state.get(_key("upload")) is not None or bool(st.session_state.get(_key("path")))


def drop_zone() -> None:
    """Where a file is dropped, or a path under the operator's data folder is named."""
    st.file_uploader(
        "Drop a file: CSV, TSV, JSON, JSONL, Parquet, Excel, a table in HTML, plain text, vectors (NPY, NPZ, VEC), "
        "also packed (ZIP, GZ), or a project",
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
        if _is_project():
            session.open_entry(open_project_file(_upload_bytes(), session.store()))
            _next_round()
        table = _read_member()
    except BadInput as error:
        st.error(literal(str(error)), icon=":material/error:")
        choose_again(_of_file, _file_name())
        return
    if len(table) > EXACT_UP_TO:
        session.jobs().warm("large")
    ask_doubt(table, _of_file)
    line = what_was_read(table)
    key = f"{_of_file('')}-{table.digest}"  # what is read another way is another table, with guesses of its own
    follows = follow(_with_second_file(table, key), key)
    table, key = follows.table, f"{key}{follows.key}"
    roles = choose_roles(table, key, follows.roles)
    if roles is None:
        with line:
            draw_decisions(table, decisions(table, Roles()), Roles(), _of_file, key)
        return
    maps = choose_maps(table, roles, key, follows.apart)
    plain = keep_markup(table, roles.text or guess_roles(table).text, key)
    with line:
        draw_decisions(table, decisions(table, roles, keep_markup=plain), roles, _of_file, key)
    texts = Texts(table, maps, () if plain else marked_up(table))
    widget = f"model-{follows.key}" if follows.key else "model"
    model = choose_model(texts, follows.model, widget) if roles.text else ""
    if model is None:
        return
    passages = choose_passages(texts, model, _of_file("whole")) if roles.text else True
    recipe = recipe_for(table, replace(roles, text=maps[0]), model, passages=passages, keep_markup=plain)
    width = medium_of(recipe).dimensions(table.arrow, recipe) or budget.UNKNOWN_DIMENSIONS
    if short_of := budget.fits(len(table), width, model=recipe.model):
        st.warning(literal(short_of), icon=":material/memory:")
    if st.button("Build the map", type="primary", key="build", icon=":material/scatter_plot:"):
        _build(texts, roles, recipe, follows)


def data_folder() -> Path | None:
    """The folder whose files may be opened by path: EXPLORER_DATA_FOLDER, unset by default."""
    named = settings.DATA_FOLDER()
    return Path(named).resolve() if named else None


def _warm() -> None:
    session.jobs().warm("build")  # the model loads while the user is still choosing


def _read_member() -> Table:
    """The chosen file's table. Where an archive holds several, the page asks which one, and shows the largest first."""
    names = st.session_state.get(_of_file("tables"), ())
    if names:
        choose_member(_of_file, names)
    try:
        return _read_chosen()
    except SeveralTables as several:
        if names:
            raise
        st.session_state[_of_file("tables")] = several.choices
        choose_member(_of_file, several.choices)
        return _read_chosen()


def _read_chosen() -> Table:
    upload = st.session_state.get(_key("upload"))
    if upload is not None:
        return _table_of(upload, chosen(_of_file))
    folder, path = data_folder(), st.session_state.get(_key("path"), "")
    found = (folder / path).resolve() if folder and "\0" not in path else None
    if folder is None or found is None or not found.is_relative_to(folder):
        raise BadInput(f"Only files under {folder} can be opened by path. Name one there, or drop the file here.")
    changed = (0, 0)
    with contextlib.suppress(OSError):  # reading it says what is wrong
        changed = (found.stat().st_mtime_ns, found.stat().st_size)
    return _table_or_refusal((str(found), *changed), chosen(_of_file), str(found), None)


def _table_of(upload: Any, choices: Choices) -> Table:
    """A dropped file as a table, read once however often the page runs. BadInput where it cannot be read."""
    return _table_or_refusal((upload.file_id,), choices, upload, upload.name)


def _table_or_refusal(file: tuple[str | int, ...], choices: Choices, source: Any, name: str | None) -> Table:
    read = _read(file, tuple(choices.items()), _source=source, _name=name)
    if isinstance(read, BadInput):
        raise read.with_traceback(None)  # it is kept, and would grow with each run
    return read


@cached(spinner="Reading the file", seconds=3600)
def _read(
    file: tuple[str | int, ...], choices: tuple[tuple[str, Any], ...], _source: Any, _name: str | None
) -> Table | BadInput:
    """The table, or why there is none: a file that took minutes to be refused is not tried at every click.

    file : names the file as it is now: the upload's id, or its path, when it was changed, and its bytes
    choices : the items of `Choices`
    """
    try:
        return read_apart(_source, **{**dict(choices), "name": _name})
    except BadInput as error:
        return error


def _with_second_file(table: Table, file: str) -> Table:
    with st.popover("Add vectors from a second file", icon=":material/add:", type="tertiary"):
        vectors = st.file_uploader("NPY, NPZ, Parquet or JSON with one vector a row", key=_of_file("vectors"))
        by = st.selectbox(
            "Joined by",
            ["order of rows", *table.columns],
            key=f"join-by-{file}",
            help="An id column must be in both files.",
        )
    if vectors is None:
        return table
    try:
        joined = join_vectors(table, _table_of(vectors, {}), None if by == "order of rows" else by)
    except BadInput as error:
        st.error(literal(str(error)), icon=":material/error:")
        return table
    return joined


def _build(texts: Texts, roles: Roles, recipe: Recipe, follows: Follows) -> None:
    table = texts.table
    session.store().put("table", table.digest, table.arrow, {"name": table.name})
    entry = Entry(
        table.name, recipe, roles, len(table), rejected=len(table.rejected),
        rejected_key=keep_rejected(session.store(), table), texts=each_alone(texts.maps),
    )  # fmt: skip
    entry = follows.entry(entry)
    seconds = seconds_to_embed(replace(texts, maps=texts.maps[:1]), recipe.model) if roles.text else 0.0
    opened = session.open_entry(fast_first(entry, seconds))
    session.job_of(opened)
    for column in opened.texts[1:]:  # the others wait for their turn
        session.job_of(opened.map_of(column))
    _next_round()


def _next_round() -> None:
    """Begin again with an empty drop zone."""
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.rerun()


def _upload_bytes() -> bytes:
    upload = st.session_state.get(_key("upload"))
    return b"" if upload is None else upload.getvalue()


def _is_project() -> bool:
    upload = st.session_state.get(_key("upload"))
    return upload is not None and looks_like_project(bytes(upload.getbuffer()[:1024]))


def _file_name() -> str:
    upload = st.session_state.get(_key("upload"))
    return str(upload.name if upload is not None else st.session_state.get(_key("path"), ""))


def _of_file(name: str) -> str:
    """Keys of the choices made for one file: another file starts from its own guesses."""
    upload = st.session_state.get(_key("upload"))
    return f"{name}-{upload.file_id if upload is not None else st.session_state.get(_key('path'))}"


def _key(name: str) -> str:
    """Widget keys change with each build, so that the next file finds an empty drop zone."""
    return f"{name}-{st.session_state.get(_ROUND, 0)}"

"""What was decided about a file, in one line above the preview: each part opens what decides otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from explorer.app.home.reading_options import (
    WITH_LINES,
    Key,
    choose_delimiter,
    choose_encoding,
    choose_header,
    choose_rows,
    choose_sheet,
    delimiter_name,
    has_delimiter,
    sheet_word,
)
from explorer.app.wording import literal
from explorer.table.notes import Note
from explorer.table.ours import ours
from explorer.table.roles import Roles, kinds
from explorer.table.table import Table
from explorer.wording import one_line, shorten

# The parts read as one line of text, which wraps where it must; dots stand between them.
_STYLE = """
<style>
.st-key-decided { gap: 0 .45rem; align-items: baseline; row-gap: .1rem; }
.st-key-decided button { padding: 0; min-height: 0; border: 0; font-size: .875rem; text-align: left; }
.st-key-decided button [data-testid="stMarkdownContainer"] p {
  font-size: .875rem; white-space: normal; overflow-wrap: anywhere; text-decoration: underline dotted;
  text-decoration-color: color-mix(in srgb, currentColor 45%, transparent); text-underline-offset: .25em; }
.st-key-decided button div[aria-hidden="true"] { display: none; }
.st-key-decided > *:not(:last-child)::after { content: "·"; margin-left: .75rem; opacity: .6; }
.st-key-decided > * { display: flex; flex-direction: row; align-items: baseline; width: auto; max-width: 100%; }
</style>
"""
_OTHERS = 8  # columns that are offered instead
_CELL = 90  # characters of a cell that show what a column holds

Parts = dict[str, list[Note]]  # the notes of each kind


def draw_decisions(table: Table, notes: Sequence[Note], roles: Roles, key: Key, roles_key: str) -> None:
    """The line, and below it what no click can change.

    key : makes keys of the widgets that say how the file is read
    roles_key : ends the keys of the widgets that say what its columns are
    """
    parts: Parts = {}
    for note in notes:
        parts.setdefault(note.about, []).append(note)
    st.html(_STYLE)
    with st.container(horizontal=True, key="decided"):
        _read_as(table, parts, key)
        if len(table.sheets) > 1:
            _part(parts.pop("sheet", []), f"{sheet_word(table)} {table.sheet}", lambda: choose_sheet(key, table))
        if table.format in WITH_LINES:
            rows = parts.pop("rows", [])
            _part(parts.pop("header", []), "No header", lambda: _lines(key, table, with_rows=not rows))
            if rows:
                _part([_joined(rows)], "", lambda: choose_rows(key))
        _part(parts.pop("text", []), "", lambda: _instead(table, roles, roles_key))
        _part(parts.pop("vectors", []), "", lambda: _texts_instead(table, roles_key))
        dates = parts.pop("dates", [])
        _part([_joined(dates)] if dates else [], "", lambda: _other_date(table, roles, roles_key))
    parts.pop("markup", None)  # a box of its own says so
    for note in (note for rest in parts.values() for note in rest):
        st.caption(f":material/info: {literal(note)}")


def _read_as(table: Table, parts: Parts, key: Key) -> None:
    notes = [*parts.pop("encoding", []), *parts.pop("delimiter", [])]
    if not table.encoding and not has_delimiter(table):
        return
    how = [delimiter_name(table.delimiter) if table.delimiter else "each line a row"] if has_delimiter(table) else []

    def change() -> None:
        if has_delimiter(table):
            choose_delimiter(key)
        if table.encoding:
            choose_encoding(key, table)

    _part(notes, ", ".join([*how, *([table.encoding] if table.encoding else [])]).capitalize(), change, own_label=True)


def _lines(key: Key, table: Table, with_rows: bool) -> None:
    choose_header(key, table)
    if with_rows:
        choose_rows(key)


def _part(notes: Sequence[Note], label: str, change: Callable[[], None], own_label: bool = False) -> None:
    """One part of the line: the first note, or the label where there is none; the others inside, above the widget."""
    if not notes and not label:
        return
    shown = label if own_label or not notes else notes[0].removesuffix(".")
    with st.popover(_in_code(shown), type="tertiary"):
        for note in notes if own_label else notes[1:]:
            st.caption(_in_code(note))
        change()


def _joined(notes: Sequence[Note]) -> Note:
    return Note("; ".join(note.removesuffix(".") for note in notes), notes[0].about)


def _in_code(text: str) -> str:
    """A sentence for Markdown: what stands between backticks is a name."""
    pieces = text.split("`")
    if len(pieces) % 2 == 0:
        return literal(text)
    return "".join(
        f"*{literal(piece)}*" if at % 2 and piece.strip() else literal(piece) for at, piece in enumerate(pieces)
    )


def _instead(table: Table, roles: Roles, roles_key: str) -> None:
    st.caption("Embed another column instead:")
    found = kinds(table)
    made = ours(found)
    others = [
        name for name in found if found[name] in ("text", "category") and (name,) != roles.text and name not in made
    ]
    others.sort(key=lambda name: found[name] != "text")
    for place, name in enumerate(others[:_OTHERS]):
        st.button(
            literal(shorten(name, 60)), key=f"instead-{place}-{roles_key}", on_click=_put,
            args=({f"role-text-{roles_key}": [name]},),
        )  # fmt: skip
        st.caption(literal(shorten(_example(table, name), _CELL)))
    if not others:
        st.caption("No other column holds text.")


def _texts_instead(table: Table, roles_key: str) -> None:
    sources = [name for name in st.session_state if str(name).startswith("source-") and str(name).endswith(roles_key)]
    if not sources:
        st.caption("There is nothing else to make the map of.")
        return
    st.button(
        "Embed the texts instead", key=f"texts-instead-{roles_key}", on_click=_put,
        args=({str(name): "Embed the texts" for name in sources},),
    )  # fmt: skip


def _other_date(table: Table, roles: Roles, roles_key: str) -> None:
    others = [name for name, kind in kinds(table).items() if kind == "date" and name != roles.date]
    st.caption("Another column with dates:" if others else "No other column holds dates.")
    for place, name in enumerate(others[:_OTHERS]):
        st.button(
            literal(shorten(name, 60)), key=f"date-instead-{place}-{roles_key}", on_click=_put,
            args=({f"role-Date-{roles_key}": name},),
        )  # fmt: skip


def _put(values: dict[str, object]) -> None:
    st.session_state.update(values)


def _example(table: Table, name: str) -> str:
    """The first cell of a column that holds anything."""
    column = table.arrow.column(name).slice(0, 1_000).drop_null()
    return next((one_line(str(cell)) for cell in column.to_pylist() if str(cell).strip()), "empty")

"""Everything that was decided about a table, in one list: the page's line of buttons, stderr, and `notes` in JSON."""

from __future__ import annotations

from explorer.table.date_notes import date_notes
from explorer.table.joins import VECTOR_COLUMN
from explorer.table.notes import Note, about
from explorer.table.roles import Roles, open_texts, why_text
from explorer.table.table import Table
from explorer.wording import listed


def decisions(table: Table, roles: Roles, *, keep_markup: bool = False) -> tuple[Note, ...]:
    """The notes of the reader, where the header is, what is embedded and why, and how dates are read.

    roles : what is embedded; ready-made vectors where there is no text
    keep_markup : whether HTML in cells is embedded as it stands
    """
    found = [Note(note, about(note)) for note in table.notes if not (keep_markup and about(note) == "markup")]
    if table.header_row is not None and not any(note.about == "header" for note in found):
        found.append(Note(f"Header from line {table.header_row:,}.", "header"))
    if keep_markup:
        found.append(Note("HTML in cells is embedded as it stands.", "markup"))
    if roles.text:
        found.append(Note(f"Text: {listed([f'`{name}`' for name in roles.text], 5)}{_because(table, roles)}.", "text"))
    elif roles.vector and not any(note.about == "vectors" for note in found):
        own = f"This file's own vectors, `{roles.vector}`,"
        whose = "The second file's vectors" if roles.vector == VECTOR_COLUMN else own
        found.append(Note(f"{whose} are mapped.", "vectors"))
    found += [Note(f"{clause}.", "dates") for clause in date_notes(table)]
    return tuple(found)


def _because(table: Table, roles: Roles) -> str:
    if roles.text == open_texts(table):
        return ", because people wrote freely in each"
    why = why_text(table, roles)
    return f", because {why}" if why else ""

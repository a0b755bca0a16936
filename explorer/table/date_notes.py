"""What was decided where the cells of a date column left it open."""

from __future__ import annotations

from explorer.table.dates import dates_of
from explorer.table.roles import kinds
from explorer.table.table import Table


def date_notes(table: Table) -> tuple[str, ...]:
    """A clause for each decision, such as "`opened`: dates read day first; no day above 12 settles it" and "`ts` holds
    milliseconds since 1970, read as dates"; empty where no date was in doubt."""
    found = []
    for name, kind in kinds(table).items():
        for note in dates_of(table, name).notes if kind == "date" else ():
            found.append(f"`{name}` {note}" if note.startswith("holds") else f"`{name}`: {note}")
    return tuple(found)

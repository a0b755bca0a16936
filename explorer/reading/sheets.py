"""Which of several sheets, or of several tables of a web page, is the one to read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import zip_longest

from explorer.errors import BadInput
from explorer.reading.grid import Cells, Grid, table_in, usual_width
from explorer.reading.options import Options, Parsed
from explorer.table.notes import Note
from explorer.wording import listed

LOOK = 200  # lines from which a sheet is judged
_PROSE_WORDS, _PROSE_LETTERS = 4, 40  # a cell of so many words or letters is running text

Score = tuple[bool, bool, int]


def score(rows: Sequence[Cells], height: int) -> Score:
    """Whether there is a table of several rows and columns, whether a column of it is running text, and its cells.

    rows : the first lines that hold anything
    height : of the whole sheet
    """
    wide, texts = usual_width(rows), False
    for column in zip_longest(*rows):
        held = [cell for cell in column if cell is not None]
        prose = {cell for cell in held if len(cell.split()) >= _PROSE_WORDS or len(cell) >= _PROSE_LETTERS}
        texts |= len(prose) >= max(2, len(held) // 3)
    return wide > 1 and len(rows) > 2, texts, height * wide


def best_of(grids: Mapping[str, Grid], options: Options, noun: str, hidden: Collection[str] = ()) -> Parsed:
    """The table of the best of these grids, or of `options.sheet`.

    Raises
    ------
    BadInput : where there is no grid of that name, or none holds a row of data
    """
    names = tuple(grids)
    if options.sheet is not None and options.sheet not in grids:
        raise BadInput(f"{options.name} has no {noun} {options.sheet!r}. It has {', '.join(names)}.")
    held = [name for name in names if grids[name].lines]
    if not held or (options.sheet is not None and options.sheet not in held):
        raise BadInput(f"{options.name} holds no cells. Choose a file with at least one row of data.")
    scores = {name: score([cells for _, cells in grids[name].lines[:LOOK]], len(grids[name].lines)) for name in held}
    chosen = options.sheet or max(held, key=lambda name: (name not in hidden, scores[name]))
    made = table_in(grids[chosen], options)
    made.notes[:0] = about_choice(noun, chosen, names, hidden, options.sheet is not None, scores[chosen][1])
    made.sheet, made.sheets = chosen, names
    return made


def about_choice(
    noun: str, chosen: str, names: Sequence[str], hidden: Collection[str], asked: bool, texts: bool
) -> list[Note]:
    """Sentences about which sheet was read and which were not."""
    if len(names) == 1:
        return []
    others = [repr(name) for name in names if name != chosen and name not in hidden]
    notes = [f"The {noun} {chosen!r} of {len(names)} was read."]
    if others and not asked:
        largest = "the largest one with texts" if texts else "the largest one"
        notes = [f"The {noun} {chosen!r} was read, {largest}; not {listed(others, 5)}."]
    unread = [repr(name) for name in names if name in hidden and name != chosen]
    if unread:
        notes.append(f"Hidden and not read: {listed(unread, 5)}. Choose a {noun} to read it.")
    if chosen in hidden:
        notes.append(f"The {noun} {chosen!r} is hidden in the workbook.")
    return [Note(note, "sheet") for note in notes]

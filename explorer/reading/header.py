"""Whether the first row names the columns, and how to make usable names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from explorer.wording import listed

_NUMBER = re.compile(r"[-+$€£]?\d[\d.,]*([eE][-+]?\d+)?%?")
_YEAR = re.compile(r"(1[89]|20|21)\d\d")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*")
_ADDRESS = re.compile(r"(https?|ftp)://|^[^@\s]+@[^@\s]+\.\w+$")
# A cell of at least so many words, or of more than so many characters (scripts without spaces), is a text, not a name.
_PROSE_WORDS, _PROSE_CHARACTERS = 10, 80


def has_header(first: Sequence[str | None], rows: Sequence[Sequence[str | None]]) -> bool:
    """Whether `first` names the columns of `rows`.

    It does unless one of its cells can only be a value: a number, a date, an address, a long text, or a cell that is
    repeated below in the same column. Years, and 0, 1, 2, ..., may be names beside real names.
    """
    cells = [(cell or "").strip() for cell in first]
    filled = [cell for cell in cells if cell]
    if not filled:
        return False
    if not rows:
        return not any(_NUMBER.fullmatch(cell) for cell in filled)
    numbers = [cell for cell in filled if _NUMBER.fullmatch(cell)]
    if numbers:
        counting = [str(index) for index in range(len(numbers))]
        named = len(numbers) < len(cells) and not _NUMBER.fullmatch(cells[0])
        names_only = all(_YEAR.fullmatch(cell) for cell in numbers) or (numbers == counting and len(counting) > 1)
        distinct = len(set(numbers)) == len(numbers)
        if not (names_only and distinct and (named or numbers == counting)):
            return False
    for index, cell in enumerate(cells):
        if not cell or _NUMBER.fullmatch(cell):
            continue
        if _DATE.fullmatch(cell) or _ADDRESS.search(cell) or len(cell) > _PROSE_CHARACTERS:
            return False
        if len(cell.split()) >= _PROSE_WORDS:
            return False
        below = [row[index] for row in rows if len(row) > index]
        # A header that is repeated as a whole (files pasted together) is still a header.
        if cell in below and not any(is_repeat(row, first) for row in rows):
            return False
    return True


def is_repeat(row: Sequence[str | None], header: Sequence[str | None]) -> bool:
    """Whether a row repeats the header, or the beginning of it. Always False for one column, where that is unknown."""
    width = min(len(row), len(header))
    return width > 1 and list(row[:width]) == list(header[:width]) and any(row[:width])


def names_its_columns(first: Sequence[str | None], rows: Sequence[Sequence[str | None]]) -> bool:
    """Whether `first` is certainly a header: a word above a column of numbers or dates."""
    if not has_header(first, rows):
        return False
    for index, cell in enumerate(first):
        below = [row[index] or "" for row in rows if len(row) > index]
        values = sum(bool(_NUMBER.fullmatch(value) or _DATE.fullmatch(value)) for value in below)
        if cell and not _NUMBER.fullmatch(cell) and values > 0.8 * len(rows) > 0:
            return True
    return False


NUMBERED = "The first row holds values, so the columns were numbered."


def unique_names(raw: Sequence[str | None]) -> tuple[list[str], list[str]]:
    """Usable column names, and sentences about the changes: empty and repeated names are numbered."""
    names: list[str] = []
    unnamed, repeated = [], []
    given = [(name or "").strip() for name in raw]
    taken, used, numbers = set(given), set[str](), Counter[str]()
    for index, own in enumerate(given, 1):
        name = base = own or f"column_{index}"
        while name in used or (name in taken and name != own):
            numbers[base] += 1
            name = f"{base}_{numbers[base] + 1}"
        used.add(name)
        if not own:
            unnamed.append(name)
        elif name != own:
            repeated.append(name)
        names.append(name)
    notes = []
    if unnamed:
        notes.append(f"Columns without a name were called {listed(unnamed, 5)}.")
    if repeated:
        notes.append(f"Repeated column names were numbered: {listed(repeated, 5)}.")
    return names, notes

"""Rows below the column names that are no data: more names, units, types, or what a survey tool writes there.

The forms are those of Qualtrics (the question, then {"ImportId": …}), SurveyMonkey (the choice, or "Response"), Orange
(types, then flags), spreadsheets with units, and tables whose names stand in several rows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from explorer.reading.header import MISSING, Cells, columns_below, is_repeat, kind_of, words_in

MOST_ROWS = 4
_TYPES = {
    "continuous", "discrete", "numeric", "number", "integer", "int", "float", "double", "string", "text", "str",
    "categorical", "category", "nominal", "ordinal", "time", "date", "datetime", "timestamp", "bool", "boolean",
    "basket", "varchar", "char", "object",
}  # fmt: skip
_SHORT_TYPES = {"c", "d", "s", "t", "n"}
_FLAGS = {"class", "meta", "m", "ignore", "i", "c", "weight", "w", "target", "feature", "id"}
_UNIT = re.compile(
    r"[\[(].{1,30}[\])]|[%‰°€$£¥]|°?[CFK]|[µmkcdMGT]?(m|g|l|L|s|W|Wh|J|N|Pa|V|A|Hz|B|bit|mol|cal|t|b)[²³23]?"
    r"(/\S{1,6})?|km/h|mi|mph|ft|in|lb|lbs|oz|min|h|hrs?|hours?|days?|weeks?|months?|years?|minutes?|seconds?|"
    r"EUR|USD|GBP|CHF|JPY|pcs|units?|count|ratio|percent|points?|stars?|ppm|rpm|px|mm ?Hg|bpm|kg/m[²2]|mg/d?[lL]",
)
_NO_MORE = {  # what SurveyMonkey and others write under a question that has one column
    "response", "open-ended response", "open ended response", "antwort", "offene antwort", "réponse", "réponse ouverte",
    "respuesta", "respuesta abierta", "resposta", "resposta aberta", "risposta", "risposta aperta", "antwoord",
}  # fmt: skip
_CHOICES = ("other (please specify)", "sonstiges (bitte angeben)", "autre (veuillez préciser)", "otro (especifique)")


@dataclass(frozen=True)
class HeaderRows:
    """What the rows below the first row of names are.

    Attributes
    ----------
    names : one for each column, joined from the rows
    joined : how many rows below the first were joined to the names
    left_out : what the other rows hold, one phrase for each, in the order of the file
    """

    names: list[str]
    joined: int = 0
    left_out: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many rows below the first are no data."""
        return self.joined + len(self.left_out)


def header_rows(header: Cells, below: Sequence[Cells], marks_only: bool = False) -> HeaderRows:
    """Which rows of `below` belong to the column names in `header`.

    marks_only : whether only rows that a program wrote for itself (ids, types, flags) count, and no names
    """
    names = [(cell or "").strip() for cell in header]
    joined, left_out, at = 0, list[str](), 0
    while at < min(MOST_ROWS, len(below) - 1):
        row, rest = [(cell or "").strip() for cell in below[at]], below[at + 1 :]
        if _import_ids(row):
            left_out.append("ids of the survey tool")
        elif left_out[-1:] == ["types of the columns"] and _flags(row):
            left_out.append("flags of the columns")
        elif not left_out and _types(row, rest):
            left_out.append("types of the columns")
        elif not marks_only and not left_out and (_import_ids(rest[0]) or _more_names(row, rest, names, joined > 0)):
            names, joined = together(names, row), joined + 1
        else:
            break
        at += 1
    return HeaderRows(names, joined, tuple(left_out))


def _import_ids(row: Cells) -> bool:
    """Qualtrics: {"ImportId":"QID3"} in every cell."""
    filled = [cell for cell in row if cell and cell.strip()]
    return bool(filled) and sum('"ImportId"' in cell or "'ImportId'" in cell for cell in filled) >= 0.8 * len(filled)


def _types(row: list[str], rest: Sequence[Cells]) -> bool:
    """Orange, and others: the type of each column. A discrete column may list its values instead."""
    cells = [cell.lower() for cell in row if cell]
    known = sum(cell in _TYPES for cell in cells)
    if known >= max(1, len(cells) / 2):
        listed = [cell for cell in cells if cell not in _TYPES | _SHORT_TYPES]
        again = any(column.repeated for column in columns_below(row, rest))
        return not again and all(" " in cell for cell in listed) and (known > 1 or len(row) == 1 or _flags(rest[0]))
    return len(cells) > 1 and set(cells) <= _SHORT_TYPES and _flags(rest[0])


def _flags(row: Cells) -> bool:
    """Orange: class, meta, ignore, weight or key=value; most cells empty."""
    words = [word for cell in row for word in (cell or "").lower().split()]
    return all(word in _FLAGS or re.fullmatch(r"[\w.-]+=\S+", word) for word in words)


def _more_names(row: list[str], rest: Sequence[Cells], names: list[str], joined: bool) -> bool:
    """Whether a row under the names holds names too: words above values, or nothing where every row has a value.

    joined : whether a row above this one does
    """
    if len(rest) < 2 or not any(row):
        return False
    columns = columns_below(row, rest)
    if not any(column.below for column in columns):  # nothing stands below: there is nothing that it names
        return False
    # Below the name of a choice stands that choice, where it was made.
    if is_repeat(row, names) or any(column.repeated and len(set(column.below)) > 1 for column in columns):
        return False
    typed = [at for at, column in enumerate(columns) if column.kind and len(column.below) >= 0.8 * len(rest)]
    if any(kind_of(row[at]) in ("number", "date", "address") for at in typed):
        return False
    if any(row[at] and row[at].lower() in MISSING for at in typed):
        return False
    if any(columns[at].kind == "code" and any(map(str.isdigit, row[at])) for at in typed):
        return False
    if is_of_a_survey(row):
        return not any(row[at] for at in typed if kind_of(row[at]))
    if not typed:
        return False
    over = [at for at in typed if row[at]]
    if over and all(_UNIT.fullmatch(row[at]) for at in over):
        return all(words_in(cell) <= 5 for cell in row)
    if len(over) >= 2:
        return len(over) >= len(typed) / 2
    filled = [at for at, cell in enumerate(row) if cell]
    if over:  # the name of the row names, above empty cells, as pandas writes it
        return filled == over and (joined or not names[over[0]])
    # Ids and dates are in every row but this.
    always = [columns[at] for at in typed if len(columns[at].below) >= 0.95 * len(rest)]
    telling = any(column.kind != "number" or len(set(column.below)) == len(column.below) for column in always)
    return len(typed) >= 2 and len(always) == len(typed) and telling and len(rest) >= 5


def is_of_a_survey(row: Cells) -> bool:
    """Whether a row below questions holds what a survey tool writes there, such as "Open-Ended Response"."""
    lower = [cell.strip().lower() for cell in row if cell]
    return any(cell in _NO_MORE or cell in _CHOICES for cell in lower)


def together(names: list[str], row: list[str]) -> list[str]:
    """Each name with what stands below it. A name of several columns stands above the first of them alone."""
    made, group = [], ""
    for name, more in zip(names, [*row, *[""] * len(names)], strict=False):
        more = " ".join(re.sub(r"<[^<>]{1,200}>", " ", more).split())
        group = name or (group if more else "")
        base = name or group
        if not more or (base and more.lower() in _NO_MORE) or _letters(more) == _letters(base):
            made.append(base if more or name else "")
        elif not base:
            made.append(more)
        elif _UNIT.fullmatch(more):
            made.append(f"{base} ({more.strip('[]()')})")
        else:
            made.append(f"{base} - {more}")
    return made


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()

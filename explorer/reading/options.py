"""The input and the output of every reader."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TypedDict

import pyarrow as pa

from explorer.errors import BadInput
from explorer.table.doubts import Doubt

FORMATS = "CSV, TSV, JSON, JSONL, Parquet, XLSX, TXT, VEC, NPY or NPZ"


ONE_COLUMN = "none"  # the delimiter of a file without one
# Delimiters that are hard to type in a shell, by names that people know.
_SPELLED = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "bar": "|", "pipe": "|", "space": " "}


class Choices(TypedDict, total=False):
    """What a caller of `read` may choose. Each choice replaces what would be detected; None detects it.

    Attributes
    ----------
    name : the file's name for people; by default the own name of the path or file object
    encoding : of a text file, such as "cp1252"
    delimiter : of a delimited file: characters, or one of the words tab, comma, semicolon, bar, space; "none": the
        file has one column
    sheet : of a workbook; a table of a web page; the path of a list in a JSON document, such as "hits.hits"
    header : whether the first row of a delimited file or sheet holds the column names
    header_row : the line of the file, from 1, that holds the column names; 0: no line does
    skip_rows : lines of the file, from 1, that are no rows
    member : which table of a packed file
    """

    name: str | None
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    header: bool | None
    header_row: int | None
    skip_rows: tuple[int, ...]
    member: str | None


_MOST_LINES = 10_000  # that may be left out


def lines_named(text: str) -> tuple[int, ...]:
    """Lines of a file as people write them: "2, 5-7" is 2, 5, 6, 7. Raises BadInput for anything else."""
    lines: list[int] = []
    for part in text.split(","):
        first, dash, last = (end.strip() for end in part.partition("-"))
        last = last if dash else first
        if not (first.isdecimal() and last.isdecimal() and len(first) < 12 and len(last) < 12):
            raise BadInput(f"{part.strip()!r} is no line of a file. Name lines by their numbers, such as 2, 5-7.")
        if not int(first) <= int(last) < int(first) + _MOST_LINES - len(lines):
            raise BadInput(
                f"Lines {part.strip()} are too many, or in the wrong order. At most {_MOST_LINES:,} can be left out."
            )
        lines += range(int(first), int(last) + 1)
    return tuple(lines)


@dataclass(frozen=True)
class Options:
    """The choices of `Choices` for one file, checked."""

    name: str = "data"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: bool | None = None
    header_row: int | None = None
    skip_rows: tuple[int, ...] = ()
    member: str | None = None

    @classmethod
    def of(cls, choices: Choices, own_name: str) -> Options:
        """The options for a file that is called `own_name`. Raises BadInput for lines that no file has."""
        given = {key: value for key, value in choices.items() if value not in (None, "")}
        unknown = given.keys() - {field.name for field in fields(cls)}
        if unknown:
            raise TypeError(f"read() has no option {min(unknown)!r}")
        made = cls(**{"name": own_name, **given})  # type: ignore[arg-type]
        skipped = tuple(sorted(set(made.skip_rows)))
        if any(line < 1 for line in skipped) or (made.header_row or 0) < 0:
            raise BadInput("Lines of a file are counted from 1. Name the row of column names and rows to skip so.")
        if made.header_row in skipped:
            raise BadInput(f"Line {made.header_row} cannot both hold the column names and be left out. Choose one.")
        delimiter = _SPELLED.get(made.delimiter or "", made.delimiter)
        header = made.header
        if made.header_row is not None:
            header = made.header_row > 0
        return replace(made, skip_rows=skipped, delimiter=delimiter, header=header, header_row=made.header_row or None)


@dataclass
class Parsed:
    """The result of one reader; `read` makes a Table of it."""

    arrow: pa.Table
    rejected: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    header_row: int | None = None  # the line of the file, from 1, with the column names
    contents: dict[int, str] = field(default_factory=dict)  # the texts of rejected rows, by line
    doubts: list[Doubt] = field(default_factory=list)
    format: str | None = None  # only where the contents are of another format than expected

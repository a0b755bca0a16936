"""Sentences about what was decided while a file was read, each with what it is about."""

from __future__ import annotations

from collections.abc import Sequence


class Note(str):
    """A sentence about a decision, which is a plain string but for one attribute.

    Attributes
    ----------
    about : what would decide otherwise: "encoding", "delimiter", "header", "rows", "sheet", "member", "text",
        "vectors", "dates" or "markup"; "" where nothing does
    """

    about: str

    def __new__(cls, sentence: str, about: str = "") -> Note:
        made = super().__new__(cls, sentence)
        made.about = about
        return made


def about(note: str) -> str:
    """What a note is about; "" for one that does not say it."""
    return note.about if isinstance(note, Note) else ""


def in_one_line(notes: Sequence[str]) -> str:
    """Notes as one line: "Header from line 3 · 2 rows above the table were left out"."""
    return " · ".join(note.removesuffix(".") for note in notes)

"""How numbers and texts are written for people, on pages and in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 row", "1,204 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


class Amount(NamedTuple):
    """How much is meant: rows, and how many distinct contents they hold. As text: "221 rows (169 distinct)"."""

    rows: int
    distinct: int

    def __str__(self) -> str:
        return self.of("row")

    def of(self, one: str) -> str:
        """The same of another noun: "13 possible outliers (12 distinct)"."""
        return counted(self.rows, one) + self.distinct_ones

    @property
    def distinct_ones(self) -> str:
        """ " (169 distinct)"; nothing where all are."""
        return f" ({self.distinct:,} distinct)" if self.distinct != self.rows else ""


def capital(text: str) -> str:
    """A text as it begins a line: its first letter large, the others as they are."""
    return text[:1].upper() + text[1:]


def listed(names: Sequence[str], most: int) -> str:
    """Names with commas between them, at most so many: "a, b and 3 more"."""
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def day(moment: np.datetime64 | None) -> str:
    """A date as people write it; with the time where that is not midnight."""
    if moment is None:
        return ""
    written = str(moment.astype("datetime64[m]")).replace("T", " ")
    return written.removesuffix(" 00:00")


def bytes_in_words(size: int) -> str:
    """Bytes for people: "512 B", "3.4 MB", "1.2 GB"."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size} B"


def shorten(text: str, most: int, sentences: bool = False) -> str:
    """At most so many characters, cut at a word where there is one near, with an ellipsis.

    sentences : cut at the end of a sentence, where that keeps half of the characters
    """
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    if sentences:
        end = max(cut.rfind(mark) for mark in (". ", "! ", "? ", "。", "！", "？"))
        if end >= most // 2:
            return cut[: end + 1] + " …"
    space = cut.rfind(" ", most * 3 // 4)
    return (cut[:space] if space > 0 else cut) + "…"


def one_line(text: str) -> str:
    """A text with every run of space, line ends too, as one space."""
    return " ".join(text.split())

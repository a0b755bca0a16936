"""Rows of the wrong width, or written in another way than the others, are made to fit where there is one clear way."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from explorer.reading.text.dialect import DELIMITERS
from explorer.reading.text.records import Dialect, lenient_row


class RowFitter:
    """Makes rows `width` cells wide, and counts the changes.

    dialect : of the other rows
    usual : rows of the right width, to learn from
    """

    def __init__(self, dialect: Dialect, width: int, usual: list[list[str]]) -> None:
        self.dialect, self.width = dialect, width
        self.short = self.trimmed = self.merged = 0
        self.other: Counter[str] = Counter()  # rows that used another delimiter
        self.filled = [sum(map(bool, cells)) / len(usual) for cells in zip(*usual, strict=True)]
        # A row with too many fields can be repaired by its ", " only where cells do not normally start with a space.
        self.spaces_tell = (
            not any(cell.startswith(" ") for row in usual for cell in row)
            and dialect.delimiter.strip() == dialect.delimiter
        )

    def fit(self, cells: list[str], line: str) -> list[str | None] | list[str] | None:
        """A row of another width made to fit, if there is one clear way; else None."""
        width = self.width
        filled = stripped(cells)
        if len(filled) <= width < len(cells):
            self.trimmed += 1
            return self._without_empty(cells)
        if width > 2:
            for mark in DELIMITERS:
                if mark != self.dialect.delimiter and mark in line:
                    other = lenient_row(line, replace(self.dialect, delimiter=mark), width)
                    if len(other) == width:
                        self.other[mark] += 1
                        return other
        if len(cells) < width:
            self.short += 1
            return cells + [None] * (width - len(cells))
        start = self.prose(cells, len(cells) - width) if self.spaces_tell else None
        if start is not None:
            self.merged += 1
            end = start + len(cells) - width + 1
            return [*cells[:start], self.dialect.delimiter.join(cells[start:end]), *cells[end:]]
        return None

    def _without_empty(self, cells: list[str]) -> list[str]:
        """The row without surplus empty fields: those whose removal puts the other cells where cells usually are."""

        def fits(place: int) -> float:
            rest = cells[:place] + cells[place + 1 :]
            return sum(share if cell else 1 - share for cell, share in zip(rest, self.filled, strict=False))

        while len(cells) > self.width:
            empty = [place for place, cell in enumerate(cells) if not cell.strip()]
            # In doubt the last one: files with a delimiter at the end of each line are common.
            place = max(reversed(empty), key=fits) if len(cells) < 2 * self.width and len(cells) < 200 else empty[-1]
            cells = cells[:place] + cells[place + 1 :]
        return cells

    def in_other_quotes(self, text: str, quote: str) -> list[str] | None:
        """The row as read with another quotation mark, if that encloses every cell."""
        delimiter = re.escape(self.dialect.delimiter)
        enclosed = re.split(f"{quote}{delimiter}{quote}", text.strip("\r\n"))
        if len(enclosed) != self.width or enclosed[-1][-1:] != quote:
            return None
        row = lenient_row(text, replace(self.dialect, quote=quote), self.width)
        return row if len(row) == self.width else None

    @staticmethod
    def prose(cells: list[str], excess: int) -> int | None:
        """The index where a text with unquoted ", " begins, if exactly `excess` adjacent fields start with a space."""
        spaced = [index for index, cell in enumerate(cells) if cell.startswith(" ")]
        if len(spaced) == excess and spaced[0] > 0 and spaced[-1] - spaced[0] == excess - 1:
            return spaced[0] - 1
        return None


def stripped(row: list[str]) -> list[str]:
    """The row without empty fields at its end."""
    end = len(row)
    while end and not row[end - 1].strip():
        end -= 1
    return row[:end]


def usual_width(rows: list[list[str]]) -> int:
    """The commonest number of cells in a row; the larger among equals."""
    widths = Counter(map(len, rows))
    return max(widths, key=lambda width: (widths[width], width))

"""Tables of figures, as aligned text for a terminal and as Markdown for the documentation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

NONE = "–"  # a cell without a figure

_INTRODUCTION = """\
# Performance

Written by `make bench`, which runs `python -m benchmarks --write docs/performance.md`; do not edit by hand.
Each section names the command, the machine and the day it was measured. MB are 10⁶ bytes. A target is a number
to reach, not a test: a miss is printed as "not met". Files were read from the disk's cache.
"""


@dataclass(frozen=True)
class Table:
    """Figures with one caption.

    Attributes
    ----------
    caption : what was measured, one line
    columns : headings, units included
    rows : texts, as many as there are columns
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def text(self) -> str:
        """The table aligned with spaces: the first column left, figures right."""
        lines = [self.columns, *self.rows]
        widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]

        def line(cells: tuple[str, ...]) -> str:
            figures = (cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True))
            return "  ".join([cells[0].ljust(widths[0]), *figures]).rstrip()

        return "\n".join([self.caption, line(self.columns), "  ".join("-" * w for w in widths), *map(line, self.rows)])

    def markdown(self) -> str:
        """A Markdown table under its caption."""
        rules = ["---", *["---:"] * (len(self.columns) - 1)]
        lines = ["| " + " | ".join(cells) + " |" for cells in (self.columns, rules, *self.rows)]
        return "\n".join([f"**{self.caption}**", "", *lines])


@dataclass(frozen=True)
class Section:
    """One part of the benchmark: what was measured, its tables, and how and where it was measured."""

    title: str
    about: str
    tables: tuple[Table, ...]
    how: tuple[str, ...] = ()

    def measured(self, command: str, machine: str) -> Section:
        """The section with the command and the machine it was measured with."""
        return replace(self, how=(f"`{command}`", machine))

    def text(self) -> str:
        """For a terminal."""
        heading = f"{self.title}\n{'=' * len(self.title)}\n{self.about}"
        return "\n\n".join([heading, *(table.text() for table in self.tables)])

    def markdown(self) -> str:
        """A second-level section of a Markdown document."""
        measured = "Measured with " + ": ".join(self.how) if self.how else ""
        parts = [f"## {self.title}", self.about, measured, *(table.markdown() for table in self.tables)]
        return "\n\n".join(part for part in parts if part) + "\n"


def keep_sections(path: Path, sections: Sequence[Section]) -> None:
    """Write sections into a Markdown file. They replace those with the same title; other sections stay."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    kept = {part.split("\n", 1)[0]: f"## {part.rstrip()}\n" for part in re.split(r"^## ", old, flags=re.MULTILINE)[1:]}
    kept.update({section.title: section.markdown() for section in sections})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([_INTRODUCTION, *kept.values()]), encoding="utf-8")


def verdict(met: bool) -> str:
    """The text beside a target."""
    return "met" if met else "not met"


def seconds(value: float) -> str:
    """A duration in seconds, with about three digits."""
    return f"{value:.2f}" if value < 10 else f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def megabytes(value: float) -> str:
    """Bytes as whole MB (10⁶)."""
    return f"{value / 1e6:,.0f}"

"""A clean table written in every wrong way found in CSV files, and how much of it is read back.

The kinds of pollution are those found in a survey of 3,712 public CSV files (Vitagliano et al., Pollock, VLDB 2023);
the table and the files are our own. A row that the pollution itself destroys (a delimiter too few or too many) need
not be read back; all other rows must be.
"""

from __future__ import annotations

import contextlib
import io
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from explorer.table.table import Table

Rows = list[list[str]]
HEADER = ["day", "hour", "count", "code", "price", "kind", "remark", "link", "note"]
_KINDS = ["Men's boots", 'Table, round 48"', "Jacket", "Kids' bike, 24\"", "Hat", 'Boxer, 5" inseam', "Rod 8 Wt."]
_REMARKS = [
    "Light yet rugged, these keep feet dry all day.",
    "It folds flat",
    "Warm, soft and quick drying; made for rain, wind and snow.",
    "The 8'9\" length is made for her.",
    "Our best value: 650-fill, even when wet.",
    'They said "never" and meant it, too.',
    "No text of interest here, only commas, and more of them.",
]


@dataclass
class Polluted:
    """A polluted file, and its contents as a person would read them.

    header : the column names, None where the file has none
    rows : the rows that must be read back; empty where there is nothing to read
    """

    name: str
    data: bytes
    rows: Rows
    header: list[str] | None = field(default_factory=lambda: list(HEADER))
    encoding: str = "utf-8"

    @property
    def records(self) -> int:
        """The number of lines that are not blank, with the header. No cell has a line break."""
        encoding = self.encoding or "utf-8"
        return sum(bool(line.strip("\ufeff ")) for line in re.split("[\r\n]+", self.data.decode(encoding)))


def clean_rows(count: int = 84) -> Rows:
    """Rows of nine cells, the last one empty, with quotes, commas and apostrophes in two."""
    draw = random.Random(4)
    return [
        [
            f"{1 + i % 28:02d}/{1 + i // 28:02d}/2018", f"{i % 24:02d}:{15 * (i % 4):02d}", str(draw.randrange(30)),
            f"{draw.choice('ABGHR')}{draw.choice('HINXY')}-{draw.randrange(1000, 9999)}",
            f"${draw.randrange(100, 9999) / 100:.2f}", draw.choice(_KINDS), draw.choice(_REMARKS),
            f"https://www.example.com/item/{i:03d}.html", "",
        ]
        for i in range(count)
    ]  # fmt: skip


def written(
    rows: Rows,
    delimiter: str = ",",
    quote: str = '"',
    escape: str | None = None,
    end: str = "\r\n",
    everything: bool = False,
) -> str:
    """Rows as delimited text. `escape` is written before a quote inside a cell; by default it is the quote itself."""
    return "".join(row_text(row, delimiter, quote, escape, everything) + end for row in rows)


def row_text(
    row: list[str], delimiter: str = ",", quote: str = '"', escape: str | None = None, everything: bool = False
) -> str:
    """One row without its end."""
    return delimiter.join(_cell(cell, delimiter, quote, escape, everything) for cell in row)


def _cell(cell: str, delimiter: str, quote: str, escape: str | None, everything: bool) -> str:
    if not everything and not any(mark in cell for mark in (*delimiter, quote, "\r", "\n")):
        return cell
    return quote + cell.replace(quote, (quote if escape is None else escape) + quote) + quote


def polluted(every: int = 1, large: bool = True) -> Iterator[Polluted]:
    """All files; of the kinds that spoil one row, each `every`-th row; without the large ones where not `large`."""
    rows = clean_rows()
    yield from _whole_files(rows)
    if large:
        yield Polluted("70,000 rows", written([HEADER, *rows * 834]).encode(), rows * 834)
    for at in range(0, len(rows) + 1, every):
        yield from _one_row(rows, at)


def _whole_files(rows: Rows) -> Iterator[Polluted]:
    table = [HEADER, *rows]
    text = written(table)

    def file(name: str, text: str, **given: object) -> Polluted:
        return Polluted(name, text.encode(), **{"rows": rows, **given})  # type: ignore[arg-type]

    yield file("clean", text)
    yield file("everything quoted", written(table, everything=True))
    yield file("no byte at all", "", rows=[])
    yield file("header only", written([HEADER]), rows=[])
    yield file("one row", written(table[:2]), rows=rows[:1])
    yield file("no line end at the end", text.removesuffix("\r\n"))
    yield file("two line ends at the end", text + "\r\n")
    yield file("no header", written(rows), header=None)
    for times in (2, 3):
        yield file(f"header {times} times", written([HEADER] * times + rows))
    yield file("lines above", "Stock of the shop\r\nDrawn up in July\r\n" + text)
    yield file("delimited lines above", written([["Stock of the shop"] + [""] * 8, ["July"] + [""] * 8]) + text)
    yield file("lines above and a blank one", "Stock of the shop\r\n\r\n" + text)
    yield file("lines below", text + "Source: the shop\r\nAll rights reserved\r\n")
    yield file("delimited lines below", text + written([["Source: the shop"] + [""] * 8]))
    more = [[*row, "x"] for row in rows[:40]]
    yield file("two tables alike", text + written([HEADER, *rows]), rows=rows + rows)
    yield file("a wider second table", text + written([[*HEADER, "extra"], *more]))
    yield file("a narrower second table", text + written([row[:7] for row in table]))
    for end, name in (("\n", "LF"), ("\r", "CR"), ("\n\r", "LF CR")):
        yield file(f"lines end in {name}", written(table, end=end))
    for mark in (";", "\t", " ", ", ", "|", ":", "::", "\t\t", "^", "~"):
        yield file(f"delimiter {mark!r}", written(table, mark, everything=mark in " :::"))
    yield file("delimiter ', ', everything quoted", written(table, ", ", everything=True))
    yield file("single quotes", written(table, quote="'"))
    yield file("single quotes everywhere", written(table, quote="'", everything=True))
    yield file("backslash escapes", written(table, escape="\\"))
    yield file("no escapes", written(table, escape=""))
    yield file("semicolon, single quotes, LF", written(table, ";", "'", end="\n"))
    for name, codec in (("UTF-8 with BOM", "utf-8-sig"), ("UTF-16", "utf-16"), ("UTF-16 BE", "utf-16-be")):
        yield Polluted(name, text.encode(codec), rows, encoding=codec)
    accented = [[*row[:5], "Hémérocalle à fleurs", *row[6:]] for row in rows]
    for codec in ("latin-1", "cp1252", "mac_roman", "cp850", "utf-8"):
        yield Polluted(codec, written([HEADER, *accented]).encode(codec), accented, encoding=codec)
    for place in (0, 3, 8):
        for name, label in (("empty", ""), ("odd", "HEAD/%R"), ("repeated", HEADER[1]), ("huge", "HEADER" * 20_000)):
            header = [*HEADER[:place], label, *HEADER[place + 1 :]]
            usable = None if name in ("empty", "repeated") else header
            yield file(f"{name} name {place}", written([header, *rows]), header=usable)
    yield file("one column", written([[row[6]] for row in table]), rows=[[row[6]] for row in rows], header=["remark"])
    wide = [row + [row[0]] * 1015 for row in rows]
    names = HEADER + [f"col{i}" for i in range(1015)]
    yield file("1,024 columns", written([names, *wide]), rows=wide, header=names)
    yield file(
        "a NUL in a cell", text.replace("Light yet", "Light\0yet"), rows=_replaced(rows, "Light yet", "Light\0yet")
    )


def _replaced(rows: Rows, old: str, new: str) -> Rows:
    return [[cell.replace(old, new) for cell in row] for row in rows]


def _one_row(rows: Rows, at: int) -> Iterator[Polluted]:
    """Files in which one row is written in another way or spoiled; row 0 is the header."""
    table = [HEADER, *rows]
    lines = [row_text(row) for row in table]
    row, rest = table[at], rows[: at - 1] + rows[at:] if at else rows
    header = None if at == 0 else list(HEADER)

    def file(name: str, line: str, expected: Rows, end: str = "\r\n", header: list[str] | None = header) -> Polluted:
        ends = ["\r\n"] * len(lines)
        ends[at] = end
        changed = [*lines[:at], line, *lines[at + 1 :]]
        text = "".join(line + end for line, end in zip(changed, ends, strict=True))
        return Polluted(f"{name}, line {at + 1}", text.encode(), expected, header)

    cells = [_cell(cell, ",", '"', None, False) for cell in row]
    for place in range(len(row)):
        if place:
            joined = [*cells[: place - 1], cells[place - 1] + cells[place], *cells[place + 1 :]]
            yield file(f"a delimiter too few at {place}", ",".join(joined), rest)
        yield file(f"a delimiter too many at {place}", ",".join([*cells[:place], "", *cells[place:]]), rest)
        quoted = [*row[:place], '"' + row[place], *row[place + 1 :]]
        stray = [*cells[:place], '"' + cells[place], *cells[place + 1 :]]
        expected = rows if at == 0 else [*rows[: at - 1], quoted, *rows[at:]]
        # A quotation mark too many before a quoted cell has no certain reading where the cell holds others.
        certain = not cells[place].startswith('"') or '"' not in row[place]
        yield file(f"a quotation mark too many at {place}", ",".join(stray), expected if certain else rest)
    same = list(HEADER)
    yield file("another delimiter", row_text(row, ";"), rows, header=same)
    yield file("another quotation mark", row_text(row, quote="'", everything=True), rows, header=same)
    yield file("another line end", lines[at], rows, end="\n", header=same)
    yield file("another escape", row_text(row, escape="\\"), rows, header=same)
    yield file("no cells", "", rest)
    yield file("five cells", row_text(row[:5]), rest)
    yield file("fifteen cells", row_text([*row, *"123456"]), rest)


def share_returned(expected: Rows, got: Rows) -> float:
    """The share of expected rows that were returned; 1 where none are expected."""
    if not expected:
        return 1.0
    wanted, have = Counter(map(tuple, expected)), Counter(map(tuple, got))
    return sum((wanted & have).values()) / len(expected)


def rows_of(table: Table) -> Rows:
    """A table's rows with missing cells as empty ones."""
    columns = [["" if cell is None else str(cell) for cell in column.to_pylist()] for column in table.arrow.columns]
    return [list(row) for row in zip(*columns, strict=True)]


@dataclass
class Score:
    """The results of one reader for the polluted files."""

    files: int = 0
    named: int = 0  # files whose columns have the names they should have
    returned: float = 0.0  # sum over files of the share of rows returned exactly
    failed: list[str] = field(default_factory=list)  # files with something to read that were refused
    worst: list[tuple[float, str]] = field(default_factory=list)

    def add(self, file: Polluted, read: Callable[[bytes], tuple[list[str], Rows]]) -> None:
        """Try one file."""
        self.files += 1
        names: list[str] = []
        got: Rows = []
        try:
            names, got = read(file.data)
        except Exception as error:
            if file.rows:
                self.failed.append(f"{file.name}: {type(error).__name__} {str(error)[:100]}")
        share = share_returned(file.rows, got)
        self.returned += share
        named = file.header is None or names == file.header or not file.rows
        self.named += named
        if share < 1:
            self.worst.append((share, file.name))

    def __str__(self) -> str:
        share = self.returned / max(self.files, 1)
        return f"{share:.1%} of rows exactly, {len(self.failed)} files refused"


def by_pandas(data: bytes) -> tuple[list[str], Rows]:
    """pandas at its defaults, but with every cell as written."""
    import pandas as pd

    with contextlib.suppress(ImportError):
        frame = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)
    names = [str(name) for name in frame.columns]
    return names, [["" if cell is None else str(cell) for cell in row] for row in frame.itertuples(index=False)]

"""The dialect of a delimited text: its delimiter, quote and escape."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from explorer.limits import MIB
from explorer.reading.text.records import Dialect, records, split_lines

SAMPLE_CHARACTERS = 256 * 1024
SAMPLE_RECORDS = 300
MOST_SAMPLED = 8 * MIB  # characters of a sample whose records are long
LEAST_RECORDS = 10  # of a sample, where the records are long

# The weight of each delimiter: rare ones must fit clearly better.
DELIMITERS = {",": 1.0, "\t": 1.05, ";": 1.0, "|": 1.0, "\x01": 1.0, "\x1f": 1.0, "\x1e": 1.0}
RARE_DELIMITERS = {"^": 0.8, "~": 0.8, "¦": 0.8, "§": 0.8, ":": 0.7, "#": 0.6, "!": 0.6, "&": 0.6, "*": 0.6, " ": 0.5}
ALL_DELIMITERS = DELIMITERS | RARE_DELIMITERS


@dataclass(frozen=True)
class Detected:
    """The likeliest dialect of a text, and how certain it is."""

    dialect: Dialect
    score: float  # of the best delimiter, 0 to about 1
    single: float  # of "one column, no delimiter" on the same scale
    scores: Mapping[str, float] = field(default_factory=dict)  # of each delimiter

    @property
    def delimited(self) -> bool:
        """Whether there are columns at all."""
        return self.score > self.single


def sample_of(lines: list[str]) -> list[str]:
    """The first lines, as many as the dialect needs, ended where a record ends: no cell is cut, however long.

    A line ends a record where the quotation marks up to there are even in number. Where they never are, as after a
    stray quote, the sample has the usual length.
    """
    characters = ended = quotes = usual = 0
    for index, line in enumerate(lines, 1):
        characters += len(line)
        quotes += line.count('"')
        if characters <= SAMPLE_CHARACTERS:
            usual = index
        if quotes % 2 == 0:
            ended += 1
            if characters >= SAMPLE_CHARACTERS and ended >= LEAST_RECORDS:
                return lines[:index]
        if characters > MOST_SAMPLED:
            return lines[: max(usual, 1)]
    return lines


def first_records(
    lines: list[str], dialect: Dialect, width: int | None = None, position: int = 0
) -> list[tuple[int, list[str], bool, int]]:
    """A sample of `records`: a few hundred, fewer where they are long."""
    sample, characters = [], 0
    for record in records(lines, dialect, width, position):
        sample.append(record)
        characters += sum(map(len, record[1]))
        if len(sample) == SAMPLE_RECORDS or (characters > SAMPLE_CHARACTERS and len(sample) >= LEAST_RECORDS):
            break
    return sample


_PLAIN_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)([.,]\d+)?([eE][-+]?\d+)?%?")
_TIME = re.compile(r"(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4})?[T ]?(\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?(Z|[-+]\d\d:?\d\d)?")
_TIGHT = re.compile(r"[^\s,][,;|][^\s,;|]|\t|[\x01\x1e\x1f]")
_NUMBERS = re.compile(r"[-+\d.,]+( +[-+\d.,]+)+")
_ENTITY = re.compile(r"&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d?);", re.IGNORECASE)


def _natural(cell: str, dialect: Dialect) -> bool:
    """Whether a cell looks like one value: without another delimiter inside, and not half of a quoted field."""
    cell = cell.strip()
    if not cell or _PLAIN_NUMBER.fullmatch(cell) or _TIME.fullmatch(cell):
        return True
    if "\n" in cell:  # it was enclosed in quotation marks, so that anything may be inside
        return True
    for mark in "\"'":
        if (cell[0] == mark) != (cell[-1] == mark) and mark == dialect.quote:
            return False
    if not dialect.escape and "\\" + dialect.quote in cell:
        return False
    tight = _TIGHT.search(cell[:400]) and _TIGHT.search(_ENTITY.sub("", cell[:400]))  # "don&#39;t" is whole
    return not (tight or _NUMBERS.fullmatch(cell))


def detect(text: str | list[str], delimiter: str | None = None, prefer: str | None = None) -> Detected:
    """The dialect of a delimited text, or of its lines, by its first few hundred records.

    A candidate is better where more records have the usual width (their share is c), where they are wide, and where
    cells look like single values: score = c^2 * sqrt(1 - 1/width) * share of natural cells * prior.

    delimiter : the only candidate
    prefer : a delimiter (from the file's extension) that is taken where several are about equally good
    """
    lines = sample_of(split_lines(text) if isinstance(text, str) else text)
    sample = "".join(lines)
    single = 0.5 * _naturalness([[line.rstrip("\r\n")] for line in lines[:SAMPLE_RECORDS]], Dialect())
    best, best_score = Dialect(delimiter or ","), 0.0
    scores: dict[str, float] = {}
    for candidate in [delimiter] if delimiter else [mark for mark in ALL_DELIMITERS if mark in sample]:
        prior = ALL_DELIMITERS.get(candidate, 1.0) * (1.15 if candidate == prefer else 1.0)
        if prior < 1 and _between_quotes(lines, candidate):
            prior = 1.0  # this is certainly the delimiter, however rare
        for dialect in _variants(candidate, sample[:SAMPLE_CHARACTERS]):
            # The plain reading comes first; a variant must be clearly better.
            score = prior * _score(lines, dialect)
            scores[candidate] = max(score, scores.get(candidate, 0.0))
            if score > best_score + 0.005:
                best, best_score = dialect, score
    return Detected(best, best_score, single, scores)


def _between_quotes(lines: list[str], delimiter: str) -> bool:
    """Whether the lines are quoted cells with this character between them."""
    sample = [line.strip() for line in lines[:50] if line.strip()]
    shown = sum(line[0] == '"' == line[-1] and f'"{delimiter}"' in line for line in sample)
    return shown > 0.9 * len(sample)


def doubled(lines: list[str], dialect: Dialect) -> bool:
    """Whether the delimiter always comes twice, as in "a::b": then it is two characters long."""
    rows = [cells for _, cells, _, _ in islice(records(lines, dialect), 50)]
    return all(len(row) > 2 and len(row) % 2 == 1 and not any(row[1::2]) and any(row[::2]) for row in rows)


def _variants(delimiter: str, sample: str) -> Iterator[Dialect]:
    plain = Dialect(delimiter)
    edge = f"(?:^|{re.escape(delimiter)})"
    yield plain
    if delimiter != " " and re.search(f'{edge} +"', sample, re.M):
        yield replace(plain, skip_space=True)
    if '\\"' in sample:
        yield replace(plain, escape=True)
    if re.search(f"{edge} ?'", sample, re.M) and re.search(rf"'\s*(?:{re.escape(delimiter)}|$)", sample, re.M):
        yield replace(plain, quote="'")
        yield replace(plain, quote="'", skip_space=True)
        if "\\'" in sample:
            yield replace(plain, quote="'", escape=True)


def _score(lines: list[str], dialect: Dialect) -> float:
    sample = first_records(lines, dialect)
    rows = [cells for _, cells, _, _ in sample]
    broken = sum(repaired for _, _, repaired, _ in sample)
    widths = Counter(map(len, rows))
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if width < 2:
        return 0.0
    consistency = count / len(rows)
    intact = 1 - 0.5 * broken / len(rows)
    # A mark that is not in the first line is probably part of cells, a rare one more so; but titles stand above tables.
    if len(rows[0]) < 2:
        intact *= 0.5 if dialect.delimiter in RARE_DELIMITERS else 0.85
    wrapped = _wrapped(rows, '"' if dialect.quote == "'" else "'")
    return float(consistency**2 * (1 - 1 / width) ** 0.5 * _naturalness(rows, dialect) * intact * wrapped)


def _wrapped(rows: list[list[str]], mark: str) -> float:
    """A factor below 1 where cells are still enclosed in the other quotation mark."""
    cells = [cell for row in rows[:100] for cell in row if len(cell) > 1]
    share = sum(cell[0] == mark == cell[-1] for cell in cells) / len(cells) if cells else 0.0
    return 1 - 0.5 * share if len(rows) > 2 and share > 0.2 else 1.0


def _naturalness(rows: list[list[str]], dialect: Dialect) -> float:
    cells = [cell for row in rows[:100] for cell in row[:200]]
    return sum(_natural(cell, dialect) for cell in cells) / len(cells) if cells else 0.0

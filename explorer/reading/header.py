"""Whether the first row names the columns, and how to make usable names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from explorer.wording import listed

Cells = Sequence[str | None]

_NUMBER = re.compile(r"[-+$€£]?\d[\d.,]*([eE][-+]?\d+)?%?")
_YEAR = re.compile(r"(1[89]|20|21)\d\d")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*|\d{1,2}[-/.](\d{1,2}|[A-Za-z]{3,9})[-/.]\d{2,4}.*")
_ADDRESS = re.compile(r"(https?|ftp)://|^[^@\s]+@[^@\s]+\.\w+$")
# A cell of at least so many words, or of more than so many characters (scripts without spaces), is a text, not a name.
_PROSE_WORDS, _PROSE_CHARACTERS = 10, 80
_SENTENCE_WORDS = 4
_LOOKED = 60  # cells below that tell what a column holds
_UNSPACED = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]")  # Thai, Lao, Japanese, Chinese
_QUESTION = re.compile(r"[?？؟:：]\s*(\([^()]*\))?\s*\*?$")
_ENDED = re.compile(r"[.!。！…]['\"”’)]*$")
MISSING = {"", "-", "--", ".", "?", "na", "n/a", "n.a.", "nan", "null", "none", "nil", "unknown", "missing", "#n/a"}
# What people call the only column of a file.
_USUAL = {
    "abstract", "answer", "article", "body", "category", "class", "comment", "content", "description", "document",
    "feedback", "id", "item", "keyword", "label", "message", "name", "narrative", "note", "phrase", "prompt", "query",
    "question", "remark", "response", "review", "sentence", "statement", "summary", "term", "text", "title", "token",
    "topic", "tweet", "url", "utterance", "value", "word",
}  # fmt: skip


def kind_of(cell: str) -> str:
    """What a cell can only be: "number", "date", "address", "code" (mostly digits, as AB-12), or "" for words."""
    if _NUMBER.fullmatch(cell):
        return "number"
    if _DATE.fullmatch(cell):
        return "date"
    if _ADDRESS.search(cell):
        return "address"
    digits = sum(map(str.isdigit, cell))
    return "code" if digits and len(cell) <= 40 and digits >= 0.4 * len(cell.replace(" ", "")) else ""


def _shape(cell: str) -> str:
    """A text with 9 for its digits and a for its letters, runs as one: AB-12 is a-9."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell))


def words_in(cell: str) -> int:
    """About how many words a text has; in scripts without spaces two characters count as one."""
    return len(cell.split()) + len(_UNSPACED.findall(cell)) // 2


def usual_name(cell: str) -> bool:
    """Whether a word of a cell is what people often call a column: "Text of the review"."""
    parts = re.split(r"[\W_]+", cell.lower())
    return any(part in _USUAL or part.removesuffix("s") in _USUAL for part in parts)


@dataclass(frozen=True)
class Column:
    """A cell, and the cells below it in its column that are not empty."""

    cell: str
    below: list[str]

    @cached_property
    def kind(self) -> str:
        """What at least 80 % of the cells below are (`kind_of`); "" for words, or where nothing is below."""
        looked = self.below[:_LOOKED]
        kinds = Counter(map(kind_of, looked))
        kind, count = kinds.most_common(1)[0] if kinds else ("", 0)
        return kind if count >= 0.8 * len(looked) else ""

    @cached_property
    def words(self) -> float:
        """The median number of words in a cell below."""
        return median(map(words_in, self.below[:_LOOKED])) if self.below else 0.0

    @property
    def categories(self) -> bool:
        """Whether the cells below are few values that come again and again."""
        return len(self.below) >= 9 and len(set(self.below)) <= len(self.below) / 3

    @property
    def repeated(self) -> bool:
        """Whether the cell stands below it again. Above values of a kind, once just below may be a second name."""
        return self.cell in (self.below[1:] if self.kind and len(self.below) > 5 else self.below)

    @property
    def names(self) -> bool:
        """Whether the cell certainly names its column: a word above numbers, dates, addresses, codes or categories."""
        if not self.cell or self.repeated or self.cell.lower() in MISSING or not self.below:
            return False
        own = kind_of(self.cell)
        if self.kind == "code":
            return own in ("", "code") and _shape(self.cell) not in set(map(_shape, self.below))
        return own in ("", "code") if self.kind else not own and self.categories

    @property
    def dated(self) -> bool:
        """Whether the cell is a date above numbers: one day of a series that has a column for each."""
        return self.kind == "number" and kind_of(self.cell) == "date"

    @property
    def asks(self) -> bool:
        """Whether the cell is a question, and what is below is not."""
        return bool(_QUESTION.search(self.cell)) and self._share(_QUESTION) <= 0.2

    @property
    def reads_as_value(self) -> bool:
        """Whether the cell reads like the texts below it."""
        words = words_in(self.cell)
        if not self.cell or kind_of(self.cell) or self.kind or self.asks:
            return False
        if self.long:
            return 2 * max(map(words_in, self.below), default=0) >= words or len(self.below) < 3
        if words >= 2 and _ENDED.search(self.cell) and self._share(_ENDED) > 0.3:
            return True
        return self.words >= _SENTENCE_WORDS and words >= max(_SENTENCE_WORDS, self.words / 2)

    @property
    def alike(self) -> bool:
        """Whether the cell and those below it are short words of one form, so that it may be one of them."""
        short = 0 < self.words < _SENTENCE_WORDS and words_in(self.cell) < _SENTENCE_WORDS
        if not short or self.kind or kind_of(self.cell) or self.asks or self.repeated or usual_name(self.cell):
            return False
        capitals = sum(text[:1].isupper() for text in self.below) / len(self.below)
        return "_" not in self.cell and (capitals > 0.5) == self.cell[:1].isupper()

    @property
    def long(self) -> bool:
        """Whether the cell is as long as a text."""
        return len(self.cell.split()) >= _PROSE_WORDS or len(self.cell) > _PROSE_CHARACTERS

    def _share(self, pattern: re.Pattern[str]) -> float:
        return sum(bool(pattern.search(cell)) for cell in self.below) / max(len(self.below), 1)


def columns_below(first: Cells, rows: Sequence[Cells]) -> list[Column]:
    """Each cell of `first` with what stands under it in `rows`."""
    return [
        Column((cell or "").strip(), [text for row in rows if len(row) > at and (text := (row[at] or "").strip())])
        for at, cell in enumerate(first)
    ]


def has_header(first: Cells, rows: Sequence[Cells], in_doubt: bool = True) -> bool:
    """Whether `first` names the columns of `rows`. What stands under a cell decides, not its own length.

    It does not where a cell can only be a value: a number, a date, an address, a cell that stands below again, or a
    text among texts. Years, and 0, 1, 2, ..., may be names beside real names, and days above numbers. Words above
    numbers, dates or few repeated values are names, however long; they outweigh texts and cells that stand below again.

    in_doubt : what to say of one column of words
    """
    columns = columns_below(first, rows)
    filled = [column for column in columns if column.cell]
    if not filled:
        return False
    numbers = [column.cell for column in filled if kind_of(column.cell) == "number"]
    if not rows:
        return not numbers
    if numbers and not _numbers_name(numbers, columns):
        return False
    certain = sum(column.names for column in columns)
    dated = [column.cell for column in columns if column.dated]
    days = certain + len(numbers) < len(columns) and len(dated) == len(set(dated)) > 1
    again = sum(column.repeated and kind_of(column.cell) != "number" for column in filled)
    if again and again >= certain and not any(is_repeat(row, first) for row in rows):
        return False  # (A header that is repeated as a whole, in files pasted together, is still a header.)
    for column in filled:
        if kind_of(column.cell) == "address" or (kind_of(column.cell) == "date" and not (days and column.dated)):
            return False
    if certain:
        return True
    values = [column for column in filled if column.reads_as_value]
    if any(column.long for column in values) or len(values) >= max(1, len(filled) / 2):
        return False
    return len(columns) > 1 or _names_the_only_column(columns[0], in_doubt)


def header_in_doubt(first: Cells, rows: Sequence[Cells], named: bool) -> bool:
    """Whether `first` may as well be a row as the column names, or the other way around.

    named : what `has_header` says. Nothing tells names from rows where all are short words of one form; and some cells
        may speak for names where others speak against them.
    """
    columns = columns_below(first, rows)
    if any(column.names for column in columns):
        return not named
    return bool(rows) and all(column.cell and column.alike for column in columns)


def _numbers_name(numbers: list[str], columns: list[Column]) -> bool:
    counting = [str(index) for index in range(len(numbers))]
    named = len(numbers) < len(columns) and not _NUMBER.fullmatch(columns[0].cell)
    names_only = all(_YEAR.fullmatch(cell) for cell in numbers) or (numbers == counting and len(counting) > 1)
    distinct = len(set(numbers)) == len(numbers)
    return names_only and distinct and (named or numbers == counting)


def _names_the_only_column(column: Column, in_doubt: bool) -> bool:
    """Whether a word above words, or a few words above texts, is a name."""
    if in_doubt or len(column.below) < 3 or column.asks or column.words >= _SENTENCE_WORDS:
        return True
    cell = column.cell
    capitals = sum(text[:1].isupper() for text in column.below) / len(column.below)
    return usual_name(cell) or "_" in cell or (cell[:1].isupper() and capitals < 0.1)


def is_repeat(row: Cells, header: Cells) -> bool:
    """Whether a row repeats the header, or the beginning of it. Always False for one column, where that is unknown."""
    width = min(len(row), len(header))
    return width > 1 and list(row[:width]) == list(header[:width]) and any(row[:width])


def names_its_columns(first: Cells, rows: Sequence[Cells]) -> bool:
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

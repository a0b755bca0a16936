"""The role of each column, guessed from its cells and its name. Users can change it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import BadInput
from explorer.table.embeddings import lists_of_numbers
from explorer.table.language import UNSPACED_LETTERS
from explorer.table.ours import ours
from explorer.table.table import Table, holds_text
from explorer.table.values import dates, numbers, parse_dates, parse_numbers
from explorer.wording import listed

__all__ = ["Roles", "dates", "guess_roles", "kinds", "numbers", "open_texts", "require_content"]

SAMPLE = 2_000  # cells read in each column, evenly spaced
MAX_CATEGORIES = 100
FEW_NUMBERS = 20  # a number column with at most so many distinct values may be the label
FEW_ROWS = 10  # up to here, whole numbers that differ in every row may be amounts
OPEN_WORDS = 5  # mean words of a cell from which a column may hold what people wrote freely
MOST_OPEN = 6  # columns that are guessed to get a map each: each is read by the model

_TITLE_NAMES = ("title", "headline", "subject")
_TEXT_NAMES = (
    *("text", "review", "review_text", "comment", "comments", "description", "body", "content", "message", "sentence"),
    *("document", "abstract", "question", "answer", "tweet", "summary", "article", "utterance", "prompt", "lyrics"),
)
_LABEL_NAMES = (
    *("label", "topic", "category", "class", "target", "sentiment", "intent", "genre", "subject_area", "section"),
    *("type", "tag", "group", "product", "pos", "language", "department", "status"),
)
_NUMBER_NAMES = ("score", "rating", "stars", "urgency", "value", "price", "amount", "count", "votes", "likes")
_ID_NAME = re.compile(r"(^|[_\s-])(id|uuid|guid|key|index|idx|nr|no)$|^unnamed|[a-z]Id$|ID$", re.IGNORECASE)
_NUMBERED = re.compile(r"[_. ]?\d+$")  # what the second of several columns of one name ends with
_URL = r"^(https?://|www\.|ftp://|s3://|data:)\S+$"
_EMAIL = r"^[^@\s]+@[^@\s]+\.[a-zA-Z]+$"
_UNSPACED = re.compile(f"[{UNSPACED_LETTERS}]")  # about two of these make a word
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*")


@dataclass(frozen=True)
class Roles:
    """Which columns carry the content (text, vector, image) and which describe it; None where no column does."""

    text: tuple[str, ...] = ()
    vector: str | None = None
    image: str | None = None
    label: str | None = None
    number: str | None = None
    date: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class _Column:
    kind: str
    words: float = 0.0  # mean words of a filled cell
    distinct: int = 0
    filled: int = 0
    whole: bool = False  # holds whole numbers only
    coded: bool = False  # holds JSON or lists

    @property
    def counts_rows(self) -> bool:
        """Whether it holds whole numbers, another one in each row: they name or number rows and measure nothing."""
        return self.whole and self.distinct == self.filled > FEW_ROWS

    @property
    def unique(self) -> float:
        return self.distinct / self.filled if self.filled else 0.0


def kinds(table: Table) -> dict[str, str]:
    """For each column one of "text", "category", "number", "date", "id", "vector", "image", "other".

    The columns of a table are read only once, for all calls of this and of `guess_roles`.
    """
    return {name: column.kind for name, column in _columns(table).items()}


def guess_roles(table: Table) -> Roles:
    """Roles guessed from the kinds: the longest running text (with its title), the likeliest label, and so on. The
    columns that we have made have none."""
    columns = _users_columns(table)

    def of(kind: str) -> list[str]:
        return [name for name, column in columns.items() if column.kind == kind]

    vector = _named_first(of("vector"), ("vector", "embedding", "embeddings", "_vector"))
    image = _named_first(of("image"), ("image", "img", "picture"))
    text = _text(columns, vector is not None or image is not None)
    labels = [name for name in of("category") if name not in text and _simple(name) not in ("split", "fold", "set")]
    named = [name for name in of("number") if _simple(name) in _LABEL_NAMES[:5]]
    labels = [*labels, *(name for name in named if 2 <= columns[name].distinct <= MAX_CATEGORIES)]
    if not labels:  # repeated whole numbers are usually classes, such as digits or star ratings, and not amounts
        labels = [n for n in of("number") if 2 <= columns[n].distinct <= FEW_NUMBERS and columns[n].unique < 0.05]
    ids = [name for name in of("id") if columns[name].distinct == columns[name].filled > 1]
    return Roles(
        text=text,
        vector=vector,
        image=image,
        label=_named_first(sorted(labels, key=lambda name: _label_order(columns[name])), _LABEL_NAMES),
        number=_named_first(
            [name for name in of("number") if columns[name].distinct > 1 and not columns[name].counts_rows],
            _NUMBER_NAMES,
        ),
        date=next(iter(of("date")), None),
        id=next((name for name in ids if _ID_NAME.search(name)), next(iter(ids), None)),
    )


def open_texts(table: Table) -> tuple[str, ...]:
    """Columns of what people wrote freely, where there are several: answers to the questions of a survey, say. They are
    about as long as each other and hardly repeat; a title is none, nor a summary beside its article."""
    columns = _users_columns(table)
    known = {_simple(name) for name in columns}
    texts = {
        name: column
        for name, column in columns.items()
        if column.kind == "text" and not column.coded and column.words >= OPEN_WORDS and column.unique >= 0.5
        and _simple(name) not in _TITLE_NAMES and _NUMBERED.sub("", _simple(name)) not in known - {_simple(name)}
    }  # fmt: skip
    longest = max((column.words for column in texts.values()), default=0.0)
    fullest = max((column.filled for column in texts.values()), default=0)
    found = [name for name, column in texts.items() if column.words >= longest / 3 and column.filled >= fullest / 3]
    return tuple(found[:MOST_OPEN]) if len(found) > 1 else ()


def require_content(table: Table, roles: Roles) -> None:
    """Raise BadInput when there is nothing to embed, or a role names a column that is not in the table."""
    for name in (*roles.text, roles.vector, roles.image):
        if name is not None and name not in table.columns:
            raise BadInput(f"No column {name!r} in {table.name}. Its columns are {_found(table)}.")
    if not (roles.text or roles.vector or roles.image):
        raise BadInput(
            f"No text column in {table.name}. Found: {_found(table)}. Choose another file or name a column with --text."
        )


def _found(table: Table) -> str:
    return listed([f"{name} ({kind})" for name, kind in kinds(table).items()], 12)


def _text(columns: dict[str, _Column], has_content: bool) -> tuple[str, ...]:
    texts = [name for name, column in columns.items() if column.kind == "text"]
    if not texts:
        # The only column may repeat a few words: it is the only thing to embed.
        strings = [name for name, column in columns.items() if column.kind == "category" and column.words > 0]
        return (strings[0],) if len(columns) == 1 and strings and not has_content else ()

    def weight(name: str) -> float:
        column = columns[name]
        bonus = 2.0 if _simple(name) in _TEXT_NAMES else 1.0
        # Above fifty words, a longer text does not count for more; a nearly empty column counts for less.
        return bonus * min(column.words, 50) * column.unique * column.filled

    best = max(texts, key=weight)
    titles = [name for name in texts if name != best and _simple(name) in _TITLE_NAMES]
    return (*titles[:1], best)


def _label_order(column: _Column) -> tuple[bool, int]:
    """Columns with fewer than three values, or more than thirty, come last."""
    return (not 3 <= column.distinct <= 30, column.distinct)


def _named_first(names: list[str], wanted: tuple[str, ...]) -> str | None:
    for name in wanted:
        for candidate in names:
            if _simple(candidate) == name:
                return candidate
    for name in wanted:
        for candidate in names:
            if _simple(candidate).endswith(("_" + name, " " + name)):
                return candidate
    return names[0] if names else None


def _simple(name: str) -> str:
    return name.strip().lower().replace("-", "_")


def _users_columns(table: Table) -> dict[str, _Column]:
    made = ours(table.columns)
    return {name: column for name, column in _columns(table).items() if name not in made}


_LOOKED_AT: WeakKeyDictionary[Table, dict[str, _Column]] = WeakKeyDictionary()


def _columns(table: Table) -> dict[str, _Column]:
    """What each column holds. Computed once for a table, since pages ask in every run."""
    found = _LOOKED_AT.get(table)
    if found is None:
        numbered = all(re.fullmatch(r"column_\d+", name) for name in table.columns)
        made = ours(table.columns)
        found = _LOOKED_AT[table] = {
            name: _described(_look(name, column, table.delimiter, numbered), name in made)
            for name, column in zip(table.columns, table.arrow.columns, strict=True)
        }
    return found


def _described(column: _Column, ours: bool) -> _Column:
    """What a column holds; one of ours is neither a text nor vectors."""
    return replace(column, kind="other") if ours and column.kind in ("text", "vector", "id") else column


def _look(name: str, column: pa.ChunkedArray, delimiter: str | None, numbered: bool) -> _Column:
    kind = column.type
    if pa.types.is_fixed_size_list(kind) and pa.types.is_floating(kind.value_type):
        return _Column("vector")
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        first = next((cell.as_py() for cell in column if cell.is_valid), b"")  # pictures are large: do not copy them
        return _Column("image" if first.startswith(_PICTURES) else "other")
    if pa.types.is_nested(kind) or pa.types.is_null(kind) or pa.types.is_time(kind) or pa.types.is_duration(kind):
        return _Column("other")
    filled, distinct = len(column) - column.null_count, pc.count_distinct(column).as_py()
    if pa.types.is_boolean(kind):
        return _Column("category" if distinct > 1 else "other", 0.0, distinct, filled)
    if pa.types.is_temporal(kind):
        return _Column("date", 0.0, distinct, filled)
    if pa.types.is_integer(kind):
        return _Column("id" if _ID_NAME.search(name) else "number", 0.0, distinct, filled, whole=True)
    if not holds_text(kind):
        numeric = pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        whole = numeric and _all_whole(column.drop_null().cast(pa.float64()).to_numpy())
        return _Column("number" if numeric else "other", 0.0, distinct, filled, whole)
    return _look_at_strings(name, column, delimiter, numbered)


def _look_at_strings(name: str, column: pa.ChunkedArray, delimiter: str | None, numbered: bool) -> _Column:
    cells = column.filter(pc.fill_null(pc.greater(pc.binary_length(pc.utf8_trim_whitespace(column)), 0), False))
    filled = len(cells)
    if not filled:
        return _Column("other")
    distinct = pc.count_distinct(cells).as_py()
    step = np.unique(np.linspace(0, filled - 1, min(filled, SAMPLE)).astype(np.int64))
    sample = cells.take(pa.array(step))
    texts = sample.to_pylist()
    words = float(np.mean([_word_count(text) for text in texts]))
    unique = distinct / filled

    values = parse_numbers(sample, delimiter)
    whole = _all_whole(values[np.isfinite(values)])
    coded = np.mean([text.lstrip()[:1] in ("{", "[") for text in texts]) > 0.5

    def is_a(kind: str) -> _Column:
        return _Column(kind, words, distinct, filled, whole, bool(coded))

    if np.isfinite(values).mean() >= 0.95:
        if _ID_NAME.search(name):
            return is_a("id")
        # In a file without column names, a few repeated whole numbers are classes, as in the AG News files.
        grouped = numbered and filled >= 50 and 2 <= distinct <= 20 and all(text.strip().isdigit() for text in texts)
        return is_a("category" if grouped else "number")
    if (~np.isnat(parse_dates(sample))).mean() >= 0.9:
        return is_a("date")
    if lists_of_numbers(texts):
        return is_a("other")
    address = pc.or_(pc.match_substring_regex(sample, _URL), pc.match_substring_regex(sample, _EMAIL))
    if pc.mean(address.cast(pa.int8())).as_py() >= 0.9:
        return is_a("other")
    token = words <= 1.05 and not any(_UNSPACED.search(text) for text in texts[:50])
    numbered_token = np.mean([any(mark.isdigit() for mark in text) for text in texts]) >= 0.9
    if token and unique >= 0.98 and filled > 1 and (numbered_token or _ID_NAME.search(name)):
        return is_a("id")
    if distinct <= MAX_CATEGORIES and distinct <= max(filled // 2, 1) and (words < 6 or unique < 0.05):
        return is_a("category" if distinct > 1 or words < 3 else "text")
    return is_a("text")


def _all_whole(values: np.ndarray) -> bool:
    return bool(len(values)) and bool(np.all(values == np.floor(values)))


def _word_count(text: str) -> float:
    text = text[:2000]
    unspaced = len(_UNSPACED.findall(text))
    return len(text.split()) + unspaced / 2 if unspaced else len(text.split())

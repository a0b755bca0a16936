"""The role of each column, guessed from its cells and its name. Users can change it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer.errors import BadInput
from explorer.table.belonging import TITLE_NAMES, own_text
from explorer.table.embeddings import lists_of_numbers, spaced
from explorer.table.language import UNSPACED_LETTERS
from explorer.table.ours import ours
from explorer.table.table import Table, cells_at, holds_text
from explorer.table.text_choice import choose_text, reason, simple
from explorer.table.values import dates, numbers, parse_dates, parse_numbers
from explorer.table.writing import LANGUAGE, SEQUENCES, writing_of
from explorer.wording import listed

__all__ = ["Roles", "dates", "guess_roles", "kinds", "numbers", "open_texts", "require_content", "why_text"]

SAMPLE = 2_000  # cells read in each column, evenly spaced
MAX_CATEGORIES = 100
FEW_NUMBERS = 20  # a number column with at most so many distinct values may be the label
FEW_ROWS = 10  # up to here, whole numbers that differ in every row may be amounts
BEGINNING = 2_000  # characters of a cell in which its title is looked for
OPEN_WORDS = 5  # mean words of a cell from which a column may hold what people wrote freely
MOST_OPEN = 6  # columns that are guessed to get a map each: each is read by the model

_LABEL_NAMES = (
    *("label", "topic", "category", "class", "target", "sentiment", "intent", "genre", "subject_area", "section"),
    *("sender", "speaker", "role", "from", "type", "tag", "group", "product", "pos", "language", "department"),
    *("labels", "tags", "categories", "genres", "status", "state", "author", "user"),
)
_NUMBER_NAMES = ("score", "rating", "stars", "urgency", "value", "price", "amount", "count", "votes", "likes")
_ID_NAME = re.compile(r"(^|[_\s-])(id|uuid|guid|key|index|idx|nr|no)$|^unnamed|[a-z]Id$|ID$", re.IGNORECASE)
_NUMBERED = re.compile(r"[_. ]?\d+$")  # what the second of several columns of one name ends with
_URL = r"^(https?://|www\.|ftp://|s3://|data:)\S+$"
_EMAIL = r"^[^@\s]+@[^@\s]+\.[a-zA-Z]+$"
_NONE = r"(?i)^\s*(-+|n/?a|none|null|nan|nat|never|unknown|tbd|\?+)\s*$"  # in place of a date
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
class Column:
    """What a column holds, as far as roles are guessed from it."""

    kind: str
    words: float = 0.0  # mean words of a filled cell
    distinct: int = 0
    filled: int = 0
    whole: bool = False  # holds whole numbers only
    writing: str = LANGUAGE  # what its strings are, see `writing_of`
    names_groups: bool = True  # its values are words, and no value fills nearly all cells

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
    text = _chosen_text(table, columns)
    labels = [name for name in of("category") if name not in text and simple(name) not in ("split", "fold", "set")]
    named = [name for name in of("number") if simple(name) in _LABEL_NAMES[:5]]
    labels = [name for name in labels if columns[name].distinct > 1 and not own_text(columns[name])]
    # The author of a post rather than whether a robot wrote it, or a color in hexadecimal.
    labels = [name for name in labels if columns[name].names_groups or simple(name) in _LABEL_NAMES[:10]] or labels
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
    known = {simple(name) for name in columns}
    belong = _chosen_text(table, columns)[:-1]
    texts = {
        name: column
        for name, column in columns.items()
        if column.kind == "text" and column.writing == LANGUAGE and column.words >= OPEN_WORDS and column.unique >= 0.5
        and simple(name) not in TITLE_NAMES and _NUMBERED.sub("", simple(name)) not in known - {simple(name)}
        and name not in belong
    }  # fmt: skip
    longest = max((column.words for column in texts.values()), default=0.0)
    fullest = max((column.filled for column in texts.values()), default=0)
    found = [name for name, column in texts.items() if column.words >= longest / 3 and column.filled >= fullest / 3]
    return tuple(found[:MOST_OPEN]) if len(found) > 1 else ()


def why_text(table: Table, roles: Roles) -> str:
    """Why the text column was chosen, as a clause that stands after "because"; empty where the table has none."""
    if not roles.text or any(name not in table.columns for name in roles.text):
        return ""
    if roles.text != guess_roles(table).text:
        return "you chose it"
    return reason(_users_columns(table), roles.text)


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


def _chosen_text(table: Table, columns: dict[str, Column]) -> tuple[str, ...]:
    """The columns of the text, as `choose_text` has them."""
    has_content = any(column.kind in ("vector", "image") for column in columns.values())

    def stands_in(short: str, long: str) -> bool:
        places = spaced(len(table), 200)
        held = (cells_at(table.arrow.column(name), places) for name in (short, long))
        cells = (pc.utf8_slice_codeunits(column, 0, BEGINNING).to_pylist() for column in held)
        both = [(one.strip(), other) for one, other in zip(*cells, strict=True) if one and other]
        return bool(both) and sum(one in other for one, other in both) >= 0.9 * len(both)

    return choose_text(columns, has_content, stands_in)


def _label_order(column: Column) -> tuple[bool, int]:
    """Columns with fewer than three values, or more than thirty, come last."""
    return (not 3 <= column.distinct <= 30, column.distinct)


def _named_first(names: list[str], wanted: tuple[str, ...]) -> str | None:
    for name in wanted:
        for candidate in names:
            if simple(candidate) == name:
                return candidate
    for name in wanted:
        for candidate in names:
            if simple(candidate).endswith(("_" + name, " " + name)):
                return candidate
    return names[0] if names else None


_LOOKED_AT: WeakKeyDictionary[Table, dict[str, Column]] = WeakKeyDictionary()


def _users_columns(table: Table) -> dict[str, Column]:
    made = ours(table.columns)
    return {name: column for name, column in _columns(table).items() if name not in made}


def _columns(table: Table) -> dict[str, Column]:
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


def _described(column: Column, ours: bool) -> Column:
    """What a column holds; one of ours is neither a text nor vectors."""
    return replace(column, kind="other") if ours and column.kind in ("text", "vector", "id") else column


def _look(name: str, column: pa.ChunkedArray, delimiter: str | None, numbered: bool) -> Column:
    kind = column.type
    if pa.types.is_fixed_size_list(kind) and pa.types.is_floating(kind.value_type):
        return Column("vector")
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        first = next((cell.as_py() for cell in column if cell.is_valid), b"")  # pictures are large: do not copy them
        return Column("image" if first.startswith(_PICTURES) else "other")
    if pa.types.is_nested(kind) or pa.types.is_null(kind) or pa.types.is_time(kind) or pa.types.is_duration(kind):
        return Column("other")
    filled, distinct = len(column) - column.null_count, pc.count_distinct(column).as_py()
    if pa.types.is_boolean(kind):
        return Column("category" if distinct > 1 else "other", 0.0, distinct, filled, names_groups=False)
    if pa.types.is_temporal(kind):
        return Column("date", 0.0, distinct, filled)
    if (pa.types.is_integer(kind) or pa.types.is_floating(kind)) and _dated(column.drop_null(), name):
        return Column("date", 0.0, distinct, filled)
    if pa.types.is_integer(kind):
        return Column("id" if _ID_NAME.search(name) else "number", 0.0, distinct, filled, whole=True)
    if not holds_text(kind):
        numeric = pa.types.is_floating(kind) or pa.types.is_decimal(kind)
        whole = numeric and _all_whole(column.drop_null().cast(pa.float64()).to_numpy())
        return Column("number" if numeric else "other", 0.0, distinct, filled, whole)
    return _look_at_strings(name, column, delimiter, numbered)


def _look_at_strings(name: str, column: pa.ChunkedArray, delimiter: str | None, numbered: bool) -> Column:
    cells = column.filter(pc.fill_null(pc.greater(pc.binary_length(pc.utf8_trim_whitespace(column)), 0), False))
    filled = len(cells)
    if not filled:
        return Column("other")
    distinct = pc.count_distinct(cells).as_py()
    step = np.unique(np.linspace(0, filled - 1, min(filled, SAMPLE)).astype(np.int64))
    sample = cells.take(pa.array(step))
    texts = sample.to_pylist()
    words = float(np.mean([_word_count(text) for text in texts]))
    unique = distinct / filled

    values = parse_numbers(sample, delimiter)
    whole = _all_whole(values[np.isfinite(values)])
    writing = writing_of(texts)
    counts = Counter(texts)
    names_groups = (
        writing in (LANGUAGE, "identifiers")
        and counts.most_common(1)[0][1] <= 0.95 * len(texts)
        and 2 * sum(map(_is_word, counts)) >= len(counts)
    )

    def is_a(kind: str) -> Column:
        return Column(kind, words, distinct, filled, whole, writing, names_groups)

    if np.isfinite(values).mean() >= 0.95:
        if _dated(sample, name):
            return is_a("date")
        if _ID_NAME.search(name):
            return is_a("id")
        # In a file without column names, a few repeated whole numbers are classes, as in the AG News files.
        grouped = numbered and filled >= 50 and 2 <= distinct <= 20 and all(text.strip().isdigit() for text in texts)
        return is_a("category" if grouped else "number")
    if _dated(sample, name, numeric=False):
        return is_a("date")
    if lists_of_numbers(texts):
        return is_a("other")
    address = pc.or_(pc.match_substring_regex(sample, _URL), pc.match_substring_regex(sample, _EMAIL))
    if pc.mean(address.cast(pa.int8())).as_py() >= 0.9:
        return is_a("other")
    token = words <= 1.05 and not any(_UNSPACED.search(text) for text in texts[:50])
    numbered_token = np.mean([any(mark.isdigit() for mark in text) for text in texts]) >= 0.9
    if writing == SEQUENCES and distinct > MAX_CATEGORIES // 10:
        return is_a("text")
    if token and unique >= 0.98 and filled > 1 and (numbered_token or _ID_NAME.search(name)):
        return is_a("id")
    if distinct <= MAX_CATEGORIES and distinct <= max(filled // 2, 1) and (words < 6 or unique < 0.05):
        return is_a("category" if distinct > 1 or words < 3 else "text")
    return is_a("text")


def _dated(cells: pa.ChunkedArray, name: str, numeric: bool = True) -> bool:
    """Whether filled cells are dates; those that say that there is none, such as "n/a", do not count."""
    if numeric:  # `read_dates` reads all of such a column, but for zeros, or nothing
        return not _ID_NAME.search(name) and bool((~np.isnat(parse_dates(cells, name))).any())
    said = cells.filter(pc.invert(pc.match_substring_regex(cells, _NONE)))
    return 2 * len(said) >= len(cells) > 0 and float((~np.isnat(parse_dates(said, name))).mean()) >= 0.9


def _is_word(value: str) -> bool:
    """Whether a value may name a group for people: no code, truth value, number or address."""
    value = value.strip()
    machine = re.fullmatch(r"(?i)true|false|yes|no|null|none|#[0-9a-f]{3,8}|(?=\S*\d)\S{6,}|[^\W_]*://\S+", value)
    return machine is None and any(mark.isalpha() for mark in value)


def _all_whole(values: np.ndarray) -> bool:
    return bool(len(values)) and bool(np.all(values == np.floor(values)))


def _word_count(text: str) -> float:
    text = text[:2000]
    unspaced = len(_UNSPACED.findall(text))
    return len(text.split()) + unspaced / 2 if unspaced else len(text.split())

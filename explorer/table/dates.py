"""Columns read as dates."""

from __future__ import annotations

from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.table.epochs import read_day_numbers, read_epochs
from explorer.table.table import Table, holds_text
from explorer.table.written_dates import LONGEST, read_written

_ISO = r"^\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}([.,]\d+)?)?\s?(Z|[-+]\d{2}(:?\d{2})?)?)?$"
_NUMBER = r"^\d+(\.\d*)?([eE]\+?\d+)?$"
_WRAPPED = r"^/?Date\((\d+)([-+]\d{4})?\)/?$"  # .NET's JSON: /Date(1772359200000)/
_SOME = 0.3  # of the distinct cells must hold digits


@dataclass(frozen=True)
class Dates:
    """A column as dates.

    Attributes
    ----------
    moments : datetime64[us] (n,) in UTC, NaT where a cell is missing or is no date; read-only
    notes : clauses about what the column decided where its cells leave it open, such as "dates read day first"
    """

    moments: np.ndarray
    notes: tuple[str, ...] = ()


_READ: WeakKeyDictionary[Table, dict[str, Dates]] = WeakKeyDictionary()


def dates(table: Table, column: str) -> np.ndarray:
    """The column as datetime64[us] (n,) in UTC, NaT where a cell is missing or is no date. See `read_dates`."""
    return dates_of(table, column).moments


def dates_of(table: Table, column: str) -> Dates:
    """`read_dates` of a table's column, read once for all calls."""
    known = _READ.setdefault(table, {})
    if column not in known:
        known[column] = read_dates(table.arrow.column(column), column)
    return known[column]


def parse_dates(column: pa.ChunkedArray, name: str = "") -> np.ndarray:
    """Like `dates`, for any column: datetime64[us] (n,) in UTC, NaT where a cell is missing or is no date."""
    return read_dates(column, name).moments


def read_dates(column: pa.ChunkedArray, name: str = "") -> Dates:
    """A column's dates, in the spellings of people, forms, mail and trackers, in many languages, or as numbers.

    A time without a zone is taken for UTC; a month, week or quarter for its first day. The whole column decides whether
    the day or the month stands first: a number above 12 is a day; else the order that has the rows sorted; else slashes
    put the month first, dots and dashes the day. It decides the century of two-digit years as well.

    name : of the column: it speaks for numbers that may be seconds since 1970, or against them
    """
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        found = Dates(column.cast(pa.timestamp("us"), safe=False).to_numpy().astype("datetime64[us]"))
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        whole = pa.types.is_integer(kind) and not column.null_count
        plain = column.cast(pa.float64()) if pa.types.is_decimal(kind) else column
        values = plain.to_numpy().astype(np.int64) if whole else plain.cast(pa.float64(), safe=False).to_numpy()
        found = _of_numbers(values, name)
    elif holds_text(kind):
        found = _of_texts(column, name)
    else:
        found = Dates(_none(len(column)))
    moments = found.moments.copy() if not found.moments.flags.owndata else found.moments
    moments.setflags(write=False)
    return Dates(moments, found.notes)


def _none(count: int) -> np.ndarray:
    return np.full(count, np.datetime64("NaT"), "datetime64[us]")


def _of_numbers(values: np.ndarray, name: str) -> Dates:
    days = read_day_numbers(values)
    if days is not None:
        return Dates(days)
    epochs = read_epochs(values, name)
    if epochs is None:
        return Dates(_none(len(values)))
    return Dates(epochs[0], (f"holds {epochs[1]} since 1970, read as dates",))


def _of_texts(column: pa.ChunkedArray, name: str) -> Dates:
    short = pc.less_equal(pc.utf8_length(column), LONGEST)
    text = pc.utf8_trim_whitespace(pc.if_else(short, column, pa.scalar(None, column.type)))
    coded = text.combine_chunks().dictionary_encode()  # a date stands in many rows, and each is read once
    values, rows = coded.dictionary, coded.indices
    out = _none(len(values) + 1)  # the last one for missing cells
    notes: tuple[str, ...] = ()
    filled = values.filter(pc.not_equal(values, ""))
    if not len(filled):
        return Dates(out[:1].repeat(len(column)))
    unwrapped = pc.replace_substring_regex(values, _WRAPPED, r"\1") if _share(filled, _WRAPPED) > 0.5 else values
    if _share(unwrapped.filter(pc.not_equal(unwrapped, "")), _NUMBER) >= 0.95:
        found = _of_numbers(pd.to_numeric(pd.Series(unwrapped.to_pylist()), errors="coerce").to_numpy(np.float64), name)
        out[:-1], notes = found.moments, found.notes
        if found.notes or not np.isnat(found.moments).all():
            return Dates(out[_places(rows, len(values))], notes)
    iso = pc.match_substring_regex(values, _ISO).to_numpy(zero_copy_only=False)
    if iso.any():
        out[:-1][iso] = _iso(values.filter(pa.array(iso)))
    rest = np.flatnonzero(~iso & pc.match_substring_regex(values, r"\p{N}.*\p{N}").to_numpy(zero_copy_only=False))
    if len(rest) and len(rest) + iso.sum() > _SOME * len(values):  # the names of months take a moment to load
        written = read_written(values.take(pa.array(rest)).to_pylist())
        out[rest], notes = written.moments, written.notes
    return Dates(out[_places(rows, len(values))], notes)


def _places(rows: pa.Array, missing: int) -> np.ndarray:
    return np.asarray(pc.fill_null(rows, missing).to_numpy(zero_copy_only=False))


def _share(values: pa.Array, pattern: str) -> float:
    return pc.mean(pc.match_substring_regex(values, pattern).cast(pa.int8())).as_py() or 0.0


def _iso(values: pa.Array) -> np.ndarray:
    text = pd.Series(values.to_pylist(), dtype=object)
    padded = text.str.replace(r"-(\d)(?=-|$|[T ])", r"-0\1", regex=True)
    padded = padded.str.replace(r"[T ](\d):", r" 0\1:", regex=True).str.replace(r"\s(?=[-+Z]\S*$)", "", regex=True)
    read = pd.to_datetime(padded.str.replace(",", "."), format="ISO8601", errors="coerce", utc=True)
    return np.asarray(read.dt.tz_convert(None).to_numpy().astype("datetime64[us]"))

"""Columns of text read as numbers or dates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.table.table import Table, holds_text

_SIGNED = "[-+]?"
_PLAIN = rf"^{_SIGNED}(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$"
_GROUPED_COMMA = rf"^{_SIGNED}\d{{1,3}}(,\d{{3}})+(\.\d+)?$"
_GROUPED_DOT = rf"^{_SIGNED}\d{{1,3}}(\.\d{{3}}){{2,}}$|^{_SIGNED}\d{{1,3}}(\.\d{{3}})+,\d+$"
_DECIMAL_COMMA = rf"^{_SIGNED}\d+,\d+([eE][-+]?\d+)?$"
_ISO = r"^\d{4}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}.*)?$"
_SLASHED = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})([ ,T]+\d{1,2}:\d{2}.*)?$"
_NAMED_MONTH = (
    r"(?i)^([a-z]{3,9},? )?"
    r"(\d{1,2}(st|nd|rd|th)? [a-z]{3,9}\.?,? \d{4}|[a-z]{3,9}\.? \d{1,2}(st|nd|rd|th)?,? \d{4})\b.*$"
)
_TWITTER = r"^[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d [-+]\d{4} \d{4}$"


def numbers(table: Table, column: str) -> np.ndarray:
    """The column as float64 of shape (n,), NaN where a cell is missing or is no finite number.

    Strings may have a currency or percent sign and grouped thousands. Whether the comma in "1,234" groups digits or is
    a decimal comma is decided by the other cells of the column, or else by the file: one that is delimited by
    semicolons has decimal commas.
    """
    return parse_numbers(table.arrow.column(column), table.delimiter)


def parse_numbers(column: pa.ChunkedArray, delimiter: str | None = None) -> np.ndarray:
    """Like `numbers`, for any column: float64 (n,), NaN where a cell is missing or is no finite number."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        out = column.cast(pa.float64(), safe=False).to_numpy().copy()
    elif pa.types.is_decimal(kind):
        out = column.cast(pa.float64()).to_numpy().copy()
    elif holds_text(kind):
        out = _parse_strings(column, delimiter)
    else:
        return np.full(len(column), np.nan)
    out[~np.isfinite(out)] = np.nan
    return np.asarray(out, np.float64)


def _parse_strings(column: pa.ChunkedArray, delimiter: str | None) -> np.ndarray:
    # A long text is no number: skip the regular expressions.
    text = pc.if_else(pc.less(pc.binary_length(column), 64), column, pa.scalar(None, column.type))
    text = pc.utf8_trim_whitespace(text)
    text = pc.replace_substring_regex(text, r"^([-+]?)\s*[$€£¥]\s*|\s*[%$€£¥]$", r"\1")
    text = pc.replace_substring_regex(text, "(\\d)[\\s\u00a0\u202f'’](\\d{3})\\b", r"\1\2")
    text = pc.replace_substring(text, "\u2212", "-")
    if _any(text, _GROUPED_DOT):
        dots = pc.match_substring_regex(text, _GROUPED_DOT)
        text = pc.if_else(dots, pc.replace_substring(pc.replace_substring(text, ".", ""), ",", "."), text)
    if _any(text, ","):
        comma = pc.match_substring_regex(text, _DECIMAL_COMMA)
        grouped = pc.match_substring_regex(text, _GROUPED_COMMA)
        certain_decimal = _true(pc.and_(comma, pc.invert(grouped))) or _any(text, rf"^{_SIGNED}0,\d+$")
        certain_grouped = _any(text, r",\d{3},|,\d{3}\.")
        if certain_decimal and certain_grouped:
            pass  # the cells contradict each other: those with a comma become NaN
        elif certain_decimal or (delimiter == ";" and not certain_grouped):
            text = pc.if_else(comma, pc.replace_substring(text, ",", "."), text)
        else:
            text = pc.if_else(grouped, pc.replace_substring(text, ",", ""), text)
    plain = pc.match_substring_regex(text, _PLAIN)
    kept = pc.if_else(plain, text, pa.scalar(None, text.type))
    return pd.to_numeric(pd.Series(kept.to_numpy()), errors="coerce").to_numpy(np.float64, na_value=np.nan).copy()


def dates(table: Table, column: str) -> np.ndarray:
    """The column as datetime64[us] of shape (n,) in UTC, NaT where a cell is missing or is no date.

    Read are ISO 8601, day/month/year or month/day/year, and months by English name. The column decides the order of day
    and month: a number above 12 is a day; without any, slashes put the month first, and dots and dashes the day.
    """
    return parse_dates(table.arrow.column(column))


def parse_dates(column: pa.ChunkedArray) -> np.ndarray:
    """Like `dates`, for any column: datetime64[us] (n,) in UTC, NaT where a cell is missing or is no date."""
    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        return column.cast(pa.timestamp("us"), safe=False).to_numpy().astype("datetime64[us]")
    out = np.full(len(column), np.datetime64("NaT"), "datetime64[us]")
    if not holds_text(kind):
        return out
    text = pc.if_else(pc.less(pc.binary_length(column), 48), column, pa.scalar(None, kind))
    text = pc.utf8_trim_whitespace(text)
    text = pc.replace_substring_regex(text, r"^(\d{4})[/.](\d{1,2})[/.](\d{1,2})", r"\1-\2-\3")
    for pattern, parse in ((_ISO, _iso), (_SLASHED, _slashed), (_TWITTER, _twitter), (_NAMED_MONTH, _named)):
        found = pc.fill_null(pc.match_substring_regex(text, pattern), False).to_numpy().astype(bool)
        found &= np.isnat(out)
        if found.any():
            parsed = parse(pd.Series(text.filter(pa.array(found)).to_pylist(), dtype=object))
            out[found] = parsed.dt.tz_convert(None).to_numpy().astype("datetime64[us]")
    return out


def _iso(text: pd.Series) -> pd.Series:
    padded = text.str.replace(r"-(\d)(?=-|$|[T ])", r"-0\1", regex=True)
    padded = padded.str.replace(r"[T ](\d):", r" 0\1:", regex=True)
    return pd.to_datetime(padded, format="ISO8601", errors="coerce", utc=True)


def _slashed(text: pd.Series) -> pd.Series:
    parts = text.str.extract(r"^(\d{1,2})([/.-])(\d{1,2})[/.-](\d{4}|\d{2})[ ,T]*(.*)$")
    first, second = parts[0].astype(int), parts[2].astype(int)
    day_first = bool((first > 12).any()) or not ((second > 12).any() or (parts[1] == "/").all())
    day, month = (parts[0], parts[2]) if day_first else (parts[2], parts[0])
    year = parts[3].where(parts[3].str.len() == 4, parts[3].map(lambda y: ("19" if y >= "70" else "20") + str(y)))
    clock = parts[4].map(lambda part: f" {part}" if part else "")
    joined = year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2) + clock
    plain = pd.to_datetime(joined, format="ISO8601", errors="coerce", utc=True)
    if plain.isna().any():  # 3:05 PM
        late = pd.to_datetime(joined, format="mixed", errors="coerce", utc=True)
        plain = plain.fillna(late)
    return plain


def _twitter(text: pd.Series) -> pd.Series:
    return pd.to_datetime(text, format="%a %b %d %H:%M:%S %z %Y", errors="coerce", utc=True)


def _named(text: pd.Series) -> pd.Series:
    plain = text.str.replace(r"(?<=\d)(st|nd|rd|th)\b", "", regex=True)
    return pd.to_datetime(plain, format="mixed", errors="coerce", utc=True)


def _any(text: pa.ChunkedArray, pattern: str) -> bool:
    return _true(pc.match_substring_regex(text, pattern))


def _true(mask: pa.ChunkedArray) -> bool:
    return bool(pc.any(mask).as_py())

"""Columns read as numbers. `dates` reads them as dates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from explorer.table.dates import dates, parse_dates
from explorer.table.table import Table, holds_text

__all__ = ["dates", "numbers", "parse_dates", "parse_numbers"]

_SIGNED = "[-+]?"
_PLAIN = rf"^{_SIGNED}(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$"
_GROUPED_COMMA = rf"^{_SIGNED}\d{{1,3}}(,\d{{3}})+(\.\d+)?$"
_GROUPED_DOT = rf"^{_SIGNED}\d{{1,3}}(\.\d{{3}}){{2,}}$|^{_SIGNED}\d{{1,3}}(\.\d{{3}})+,\d+$"
_DECIMAL_COMMA = rf"^{_SIGNED}\d+,\d+([eE][-+]?\d+)?$"


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


def _any(text: pa.ChunkedArray, pattern: str) -> bool:
    return _true(pc.match_substring_regex(text, pattern))


def _true(mask: pa.ChunkedArray) -> bool:
    return bool(pc.any(mask).as_py())

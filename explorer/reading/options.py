"""The input and the output of every reader."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

FORMATS = "CSV, TSV, JSON, JSONL, Parquet, XLSX, TXT, VEC, NPY or NPZ"


@dataclass(frozen=True)
class Options:
    """What a caller of `read` may set."""

    name: str = "data"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: bool | None = None  # whether the first row holds column names; None: detect it


@dataclass
class Parsed:
    """The result of one reader; `read` makes a Table of it."""

    arrow: pa.Table
    rejected: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    contents: dict[int, str] = field(default_factory=dict)  # the texts of rejected rows, by line
    format: str | None = None  # only where the contents are of another format than expected

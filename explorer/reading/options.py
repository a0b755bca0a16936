"""What every reader is given and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

FORMATS = "CSV, TSV, JSON, JSONL, Parquet, XLSX, TXT, NPY or NPZ"


@dataclass(frozen=True)
class Options:
    """What a caller of `read` may fix."""

    name: str = "data"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: bool | None = None  # whether the first row holds column names; None looks


@dataclass
class Parsed:
    """What one reader found in the bytes; `read` turns it into a Table."""

    arrow: pa.Table
    rejected: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    contents: dict[int, str] = field(default_factory=dict)  # what the rejected rows hold, by line
    format: str | None = None  # only when the contents turned out to be another format than asked for

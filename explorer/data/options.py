"""What a caller of `read` may fix; every reader gets these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    name: str = "data"
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header: bool | None = None  # whether the first row holds column names; None looks

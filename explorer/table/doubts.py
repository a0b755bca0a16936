"""A guess that another reading fits nearly as well: what to ask, and what the other reading gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

SHOWN_ROWS = 4


@dataclass(frozen=True)
class Doubt:
    """One question about how a file is to be read.

    Attributes
    ----------
    question : a sentence
    here, other : what was chosen, and what fits nearly as well, in a few words
    keep, change : the options of `read` that settle it: for what was chosen, and for the other
    names, rows : the columns and the first rows of the other reading
    """

    question: str
    here: str
    other: str
    keep: dict[str, Any]
    change: dict[str, Any]
    names: tuple[str, ...]
    rows: tuple[tuple[str | None, ...], ...]

    @classmethod
    def of(cls, values: dict[str, Any]) -> Doubt:
        """A doubt from its fields as JSON gives them."""
        return cls(**{**values, "names": tuple(values["names"]), "rows": tuple(map(tuple, values["rows"]))})

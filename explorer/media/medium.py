"""What a kind of content must tell, for the rest of the app to work with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pyarrow as pa

from explorer.media.items import Items

if TYPE_CHECKING:
    from explorer.recipe import Recipe
    from explorer.space import Space


@dataclass(frozen=True)
class Shown:
    """How a person sees an item.

    Attributes
    ----------
    text : its running text; empty where it has none
    line : what stands for it in a list: its text, else what is known of its row, such as its label
    noun : what several rows that hold it have in common: "text", "content"
    """

    text: str
    line: str
    noun: str


class Medium(Protocol):
    """An entry of `MEDIA`.

    Attributes
    ----------
    reads_questions : whether the model that made the vectors can read a question in the same space
    needs_model : whether a model makes the vectors
    """

    reads_questions: bool
    needs_model: bool

    def reads(self, recipe: Recipe) -> tuple:
        """What decides the items, beside the table, its columns and the rows chosen."""

    def asks_model(self, recipe: Recipe) -> bool:
        """Whether the model is asked what the items are, so that they are made once and stored."""

    def items(self, table: pa.Table, recipe: Recipe, rows: np.ndarray | None) -> Items:
        """The items of a recipe's columns, of all rows or of some."""

    def vectors(self, space: Space) -> np.ndarray | None:
        """The vectors of the items, (m, d) float32, where the table brings them; None where a model makes them."""

    def contents(self, space: Space, items: np.ndarray) -> list[str]:
        """What the model reads of items; for others, what their rows say of themselves."""

    def has_words(self, space: Space) -> bool:
        """Whether words can be looked for in the texts of its items."""

    def columns(self, space: Space) -> tuple[str, ...]:
        """The columns that say in words what an item is; perhaps none."""

    def shown(self, space: Space, items: np.ndarray) -> list[Shown]:
        """How a person sees items."""

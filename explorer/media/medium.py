"""What a kind of content must provide for the rest of the app to work with it."""

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
    """How an item is shown to people.

    Attributes
    ----------
    text : its running text; empty where it has none
    line : one line for lists: its text, else what is known of its row, such as its label
    noun : the word for what its rows have in common: "text" or "content"
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

    def dimensions(self, table: pa.Table, recipe: Recipe) -> int | None:
        """Of a vector, told before a build; None where a model tells only once it is loaded."""

    def reads(self, recipe: Recipe) -> tuple:
        """The values that determine the items, beside the table, its columns and the chosen rows."""

    def asks_model(self, recipe: Recipe) -> bool:
        """Whether the items depend on the model. They are then made once and stored."""

    def items(self, table: pa.Table, recipe: Recipe, rows: np.ndarray | None) -> Items:
        """The items of a recipe's columns, of all rows or only of some (an int array)."""

    def vectors(self, space: Space) -> np.ndarray | None:
        """The vectors of the items, (m, d) float32, where the table brings them; None where a model makes them."""

    def contents(self, space: Space, items: np.ndarray) -> list[str]:
        """The texts that the model reads of some items (int array (r,)); without a model, texts from their rows."""

    def has_words(self, space: Space) -> bool:
        """Whether its items have texts in which words can be searched."""

    def columns(self, space: Space) -> tuple[str, ...]:
        """The columns that describe an item in words; may be empty."""

    def shown(self, space: Space, items: np.ndarray) -> list[Shown]:
        """How some items (int array of shape (r,)) are shown to people."""

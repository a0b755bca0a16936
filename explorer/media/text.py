"""Texts as items: each distinct text one, compared after surrounding space is stripped."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from explorer.embedding.models import MODELS, reads
from explorer.media.items import Items, linked
from explorer.media.medium import Shown
from explorer.table.table import require_columns

if TYPE_CHECKING:
    from explorer.recipe import Recipe
    from explorer.space import Space


def text_items(
    texts: Sequence[str | None],
    rows: np.ndarray | None = None,
    readable: Callable[[Sequence[str]], np.ndarray] | None = None,
    unknown: str = "",
) -> Items:
    """Items of texts, each whole.

    Parameters
    ----------
    texts : one a row, None where missing
    rows : only these row numbers; all by default
    readable : says which texts the model can make anything of, bool of shape (n,); all by default
    unknown : the reason why the others are skipped
    """
    series = pd.Series(texts, dtype="object").str.strip()
    reasons = np.where(series.isna(), "the cell is missing", np.where(series == "", "the text is empty", ""))
    reasons = reasons.astype(object)
    codes, contents = pd.factorize(series.where(reasons == "", None), use_na_sentinel=True)
    if readable is not None and len(contents):
        unread = ~np.append(readable(list(contents)), True)[codes]  # the last one for rows without content
        reasons[unread] = unknown
        codes, contents = pd.factorize(series.where(reasons == "", None), use_na_sentinel=True)
    return linked(codes, [digest_of(text) for text in contents], reasons, rows)


def digest_of(text: str) -> bytes:
    """The content digest of a text: 16 bytes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def joined_texts(table: pa.Table, columns: Sequence[str]) -> list[str | None]:
    """The text of each row: the cells of `columns` that hold something, a line each; None where none does.

    Raises
    ------
    BadInput : where a column is not in the table
    """
    require_columns(table, columns)
    cells = [table.column(name).cast(pa.string()).to_pylist() for name in columns]
    if len(cells) == 1:
        return cells[0]
    joined: list[str | None] = []
    for row in zip(*cells, strict=True):
        present = [cell for cell in row if cell is not None]
        joined.append("\n".join(cell.strip() for cell in present if cell.strip()) if present else None)
    return joined


class TextMedium:
    """Texts, which a model reads. `Medium` says what its members mean."""

    reads_questions = True
    needs_model = True

    def reads(self, recipe: Recipe) -> tuple:
        known = MODELS.get(recipe.model)  # models that read every text share the items
        return (recipe.model,) if known and known.unknown else ()

    def items(self, table: pa.Table, recipe: Recipe, rows: np.ndarray | None) -> Items:
        return text_items(joined_texts(table, recipe.columns), rows, *reads(recipe.model))

    def vectors(self, space: Space) -> np.ndarray | None:
        return None

    def has_words(self, space: Space) -> bool:
        return True

    def columns(self, space: Space) -> tuple[str, ...]:
        return space.recipe.columns

    def contents(self, space: Space, items: np.ndarray) -> list[str]:
        return texts_of(space, items, self.columns(space))

    def shown(self, space: Space, items: np.ndarray) -> list[Shown]:
        return in_words(space, items, self.contents(space, items), self.columns(space))


def texts_of(space: Space, items: np.ndarray, columns: Sequence[str]) -> list[str]:
    """The text of items in some columns of the row that holds them first."""
    links = space.items.first_links[items]
    rows, place = np.unique(space.items.links[links, 0], return_inverse=True)
    part = space.table.select(list(dict.fromkeys(columns))).take(rows)  # not the vectors along with them
    texts = [(text or "").strip() for text in joined_texts(part, columns)]
    if space.items.spans is None:
        return [texts[number] for number in place.tolist()]
    spans = space.items.spans[links].tolist()
    return [texts[number][start:end] for number, (start, end) in zip(place.tolist(), spans, strict=True)]


def in_words(space: Space, items: np.ndarray, texts: Sequence[str], columns: Sequence[str]) -> list[Shown]:
    """Items shown by their texts: as running text where a column holds such, else by the row's number and a word."""
    if any(space.kinds[name] == "text" for name in columns):
        return [Shown(text, text, "text") for text in texts]
    rows = space.items.first_rows[items].tolist()
    return [Shown("", f"row {row + 1} {text}".strip(), "content") for row, text in zip(rows, texts, strict=True)]

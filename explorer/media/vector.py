"""Ready-made vectors as items: equal vectors are one item."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from explorer.media.items import Items, linked
from explorer.media.medium import Shown
from explorer.media.text import in_words, texts_of
from explorer.table.roles import guess_roles
from explorer.table.table import column_vectors

if TYPE_CHECKING:
    from explorer.recipe import Recipe
    from explorer.space import Space

_BLOCK = 65_536  # vectors processed at once


def vector_items(vectors: np.ndarray, missing: np.ndarray | None = None, rows: np.ndarray | None = None) -> Items:
    """Items of ready-made vectors: equal vectors are one item.

    vectors : float array of shape (n, d)
    missing : bool array of shape (n,), rows without a vector; none by default
    rows : int array, only these row numbers; all by default
    """
    missing = np.zeros(len(vectors), bool) if missing is None else missing
    finite, zero = np.zeros(len(vectors), bool), np.zeros(len(vectors), bool)
    row_digests = np.zeros(len(vectors), dtype="S16")
    for start in range(0, len(vectors), _BLOCK):
        here = slice(start, start + _BLOCK)
        block = np.ascontiguousarray(vectors[here], np.float32) + np.float32(0)  # -0.0 is 0.0, but other bytes
        finite[here], zero[here] = np.isfinite(block).all(axis=1), ~block.any(axis=1)
        row_digests[here] = [hashlib.blake2b(row.data, digest_size=16).digest() for row in block]
    reasons = np.select(
        [missing, ~finite, zero],
        ["the vector is missing", "the vector holds NaN or infinity", "the vector is all zeros"],
        "",
    )
    codes, digests = pd.factorize(pd.Series(list(row_digests), dtype="object").where(reasons == "", None))
    return linked(codes, list(digests), reasons, rows)


class VectorMedium:
    """Ready-made vectors, whose model is unknown. `Medium` describes the members."""

    reads_questions = False
    needs_model = False

    def dimensions(self, table: pa.Table, recipe: Recipe) -> int | None:
        return getattr(table.field(recipe.columns[0]).type, "list_size", None)

    def reads(self, recipe: Recipe) -> tuple:
        # The vectors do not depend on it, but the names of groups and the index of words do.
        return ("without markup", list(recipe.markup)) if recipe.markup else ()

    def asks_model(self, recipe: Recipe) -> bool:
        return False

    def items(self, table: pa.Table, recipe: Recipe, rows: np.ndarray | None) -> Items:
        vectors, missing = column_vectors(table, recipe.columns[0])
        return vector_items(vectors, missing, rows)

    def vectors(self, space: Space) -> np.ndarray | None:
        vectors, _ = column_vectors(space.table, space.recipe.columns[0])
        # Where each row is an item, no copy is needed.
        return vectors if len(space.items) == len(vectors) else vectors[space.items.first_rows]

    def has_words(self, space: Space) -> bool:
        return any(space.kinds[name] == "text" for name in space.describing)

    def columns(self, space: Space) -> tuple[str, ...]:
        roles = guess_roles(space.wrapped)
        return roles.text or tuple(name for name in (roles.label, roles.id) if name)[:1]

    def contents(self, space: Space, items: np.ndarray) -> list[str]:
        if not space.describing:
            return [f"row {row:,}" for row in space.items.first_rows[items]]
        return texts_of(space, items, space.describing)

    def shown(self, space: Space, items: np.ndarray) -> list[Shown]:
        return in_words(space, items, self.contents(space, items), space.describing)

"""Texts as items: each distinct text is one, or each passage of a text that is longer than the model reads.

Texts are compared after surrounding space is stripped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pyarrow as pa

from explorer.embedding.models import MODELS, encoder, find_model, reads
from explorer.media.items import Items, chosen_rows, linked, skipped_rows
from explorer.media.medium import Shown
from explorer.media.passages import Lengths, Span, passages
from explorer.media.sentences import sentences
from explorer.table.markup import without_markup
from explorer.table.table import require_columns

if TYPE_CHECKING:
    from explorer.recipe import Recipe
    from explorer.space import Space


def text_items(
    texts: Sequence[str | None],
    rows: np.ndarray | None = None,
    readable: Callable[[Sequence[str]], np.ndarray] | None = None,
    unknown: str = "",
    cut: Callable[[Sequence[str]], Sequence[Sequence[Span] | None]] | None = None,
) -> Items:
    """Items of texts.

    Parameters
    ----------
    texts : one a row, None where missing
    rows : int array, only these row numbers; all by default
    readable : gives which texts the model can embed, bool of shape (n,); all by default
    unknown : the reason why the other texts are skipped
    cut : gives the passages of each text, None for a text that stays whole; all stay whole by default
    """
    series = pd.Series(texts, dtype="object").str.strip()
    reasons = np.where(series.isna(), "the cell is missing", np.where(series == "", "the text is empty", ""))
    reasons = reasons.astype(object)
    if cut is not None and rows is not None:  # passages of other rows are not needed
        series = series.where(np.isin(np.arange(len(series)), rows), None)
    codes, contents = pd.factorize(series.where(reasons == "", None), use_na_sentinel=True)
    if readable is not None and len(contents):
        unread = ~np.append(readable(list(contents)), True)[codes]  # the last one for rows without content
        reasons[unread] = unknown
        codes, contents = pd.factorize(series.where(reasons == "", None), use_na_sentinel=True)
    spans = cut(list(contents)) if cut is not None else []
    if any(span is not None for span in spans):
        return _in_passages(codes, list(contents), spans, reasons, rows)
    return linked(codes, [digest_of(text) for text in contents], reasons, rows)


def _in_passages(
    codes: np.ndarray,
    contents: list[str],
    spans: Sequence[Sequence[Span] | None],
    reasons: np.ndarray,
    rows: np.ndarray | None,
) -> Items:
    """Items of texts, some of which are several passages.

    codes : int array of shape (n,), the text of each row, negative where it has none
    """
    parts = [span if span is not None else [(0, len(text))] for text, span in zip(contents, spans, strict=True)]
    counts = np.array([len(part) for part in parts], np.int64)
    of_part = np.array([span for part in parts for span in part], np.int32).reshape(-1, 2)
    digests = [digest_of(text[start:end]) for text, part in zip(contents, parts, strict=True) for start, end in part]
    chosen = chosen_rows(rows, len(codes))
    held = chosen[codes[chosen] >= 0]
    of_row = counts[codes[held]]
    # The parts of each row in order: where the parts of its text begin, plus 0, 1, 2, …
    first = np.concatenate([[0], np.cumsum(counts)])[codes[held]]
    within = np.arange(of_row.sum()) - np.repeat(np.cumsum(of_row) - of_row, of_row)
    part = np.repeat(first, of_row) + within
    item, used = pd.factorize(np.array(digests, dtype="S16").astype(object)[part])
    return Items(
        links=np.column_stack([np.repeat(held, of_row), item]).astype(np.int32),
        digests=np.array(list(used), dtype="S16"),
        skipped=skipped_rows(chosen[codes[chosen] < 0], reasons),
        spans=of_part[part],
    )


def digest_of(text: str) -> bytes:
    """The content digest of a text: 16 bytes."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def joined_texts(table: pa.Table, columns: Sequence[str], markup: Collection[str] = ()) -> list[str | None]:
    """The text of each row: the cells of `columns` that hold something, each on a line; None where none does.

    markup : columns whose cells hold HTML, which is left out

    Raises
    ------
    BadInput : where a column is not in the table
    """
    require_columns(table, columns)
    held = {name: table.column(name).cast(pa.string()) for name in columns}
    cells = [(without_markup(held[name]) if name in markup else held[name]).to_pylist() for name in columns]
    if len(cells) == 1:
        return cells[0]
    joined: list[str | None] = []
    for row in zip(*cells, strict=True):
        present = [cell for cell in row if cell is not None]
        joined.append("\n".join(cell.strip() for cell in present if cell.strip()) if present else None)
    return joined


class TextMedium:
    """Texts, which a model reads. `Medium` describes the members."""

    reads_questions = True
    needs_model = True

    def dimensions(self, table: pa.Table, recipe: Recipe) -> int | None:
        return find_model(recipe.model).dimensions

    def reads(self, recipe: Recipe) -> tuple:
        known = MODELS.get(recipe.model)  # models that read every text share the items
        own = (recipe.model,) if known and known.unknown else ()
        own = (*own, "passages", recipe.model) if self.asks_model(recipe) else own
        own = (*own, "sentences") if recipe.sentences else own
        cleaned = [name for name in recipe.columns if name in recipe.markup]
        return (*own, "without markup", cleaned) if cleaned else own

    def asks_model(self, recipe: Recipe) -> bool:
        known = MODELS.get(recipe.model)
        return recipe.passages and (known is None or known.cuts)

    def items(self, table: pa.Table, recipe: Recipe, rows: np.ndarray | None) -> Items:
        texts = joined_texts(table, recipe.columns, recipe.markup)
        cut = _by_sentence if recipe.sentences else None
        if not self.asks_model(recipe):
            return text_items(texts, rows, *reads(recipe.model), cut=cut)
        loaded = encoder(recipe.model)
        limit, lengths = getattr(loaded, "limit", None), getattr(loaded, "lengths", None)
        if limit is None or lengths is None:
            return text_items(texts, rows, cut=cut)
        if recipe.sentences:
            return text_items(texts, rows, cut=lambda contents: _by_sentence(contents, lengths, limit))
        return text_items(texts, rows, cut=lambda contents: passages(contents, lengths, limit))

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


def _by_sentence(
    contents: Sequence[str], lengths: Lengths | None = None, limit: int = 0
) -> list[Sequence[Span] | None]:
    """The sentences of each text; of a sentence that is too long for the model its passages."""
    found = [sentences(text) for text in contents]
    if lengths is not None:
        whole = [text[start:end] for text, spans in zip(contents, found, strict=True) for start, end in spans]
        cut = iter(passages(whole, lengths, limit))
        found = [
            [(start + low, start + high) for start, end in spans for low, high in next(cut) or [(0, end - start)]]
            for spans in found
        ]
    return [spans or None for spans in found]


def texts_of(space: Space, items: np.ndarray, columns: Sequence[str]) -> list[str]:
    """The texts of some items (int array of shape (r,)) in some columns of the first row of each."""
    links = space.items.first_links[items]
    rows, place = np.unique(space.items.links[links, 0], return_inverse=True)
    part = space.table.select(list(dict.fromkeys(columns))).take(rows)  # not the vectors along with them
    texts = [(text or "").strip() for text in joined_texts(part, columns, space.recipe.markup)]
    if space.items.spans is None:
        return [texts[number] for number in place.tolist()]
    spans = space.items.spans[links].tolist()
    return [texts[number][start:end] for number, (start, end) in zip(place.tolist(), spans, strict=True)]


def in_words(space: Space, items: np.ndarray, texts: Sequence[str], columns: Sequence[str]) -> list[Shown]:
    """Items shown by their texts: as running text where a column holds that, else as the row number and the text.

    items : int array of shape (r,)
    """
    if any(space.kinds[name] == "text" for name in columns):
        return [Shown(text, text, "text") for text in texts]
    rows = space.items.first_rows[items].tolist()
    return [Shown("", f"row {row:,} {text}".strip(), "content") for row, text in zip(rows, texts, strict=True)]

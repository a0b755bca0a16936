"""Find rows by meaning, by their words, or both; by example; and say why each was found."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from explorer.data.language import detect
from explorer.data.table import BadInput
from explorer.geometry.neighbors import unit_length
from explorer.recipe import READY_MADE
from explorer.space import Space

MODES = ("hybrid", "semantic", "keyword")
_FUSED = 60  # the constant of reciprocal rank fusion (Cormack, Clarke and Buettcher 2009)
_DEPTH = 200  # items that each way of searching hands to the fusion
_UNLIKE = 0.6  # how much "but unlike these" counts beside "like these" (Rocchio 1971)
_MOST_QUERY = 2_000  # characters

# The stemmers that LanceDB's full-text index has, by language code.
_STEMMERS = {
    "ar": "Arabic", "da": "Danish", "nl": "Dutch", "en": "English", "fi": "Finnish", "fr": "French", "de": "German",
    "el": "Greek", "hu": "Hungarian", "it": "Italian", "no": "Norwegian", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "es": "Spanish", "sv": "Swedish", "ta": "Tamil", "tr": "Turkish",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Hits:
    """What was found, best first.

    Attributes
    ----------
    items : int32 array of shape (r,), r at most k
    scores : float32 array of shape (r,): cosine similarity (semantic, by example), BM25 (keyword), or the
        fused rank score as a share of the best possible one, 0 to 1 (hybrid)
    similarity : float32 array of shape (r,), cosine similarity to the query; NaN where it has no vector
    mode : one of `MODES`, or "example"
    """

    items: np.ndarray
    scores: np.ndarray
    similarity: np.ndarray
    mode: str

    def __len__(self) -> int:
        return len(self.items)


def search(
    space: Space,
    query: str,
    k: int = 10,
    mode: str = "hybrid",
    encode: Callable[[list[str]], np.ndarray] | None = None,
    allowed: np.ndarray | None = None,
) -> Hits:
    """The k items that answer a query best; repeated texts are one item.

    Parameters
    ----------
    query : a question, a phrase, or words
    mode : "semantic" compares meanings, "keyword" words (BM25), "hybrid" fuses both rankings
    encode : makes query vectors of texts, unit length; the space's own model by default
    allowed : bool array of shape (m,), items that may be found; all by default

    Raises
    ------
    BadInput : for an unknown mode, an empty query, or a search by meaning where no model made the vectors
    """
    query = query.strip()[:_MOST_QUERY]
    if mode not in MODES:
        raise BadInput(f"No search mode is named {mode!r}. Choose one of: {', '.join(MODES)}.")
    if not query:
        raise BadInput("The query is empty. Type a question, a phrase, or a few words.")
    if k < 1:
        raise BadInput(f"At least 1 result must be asked for, not {k}.")
    if mode != "keyword" and not can_encode(space):
        if mode == "semantic":
            raise BadInput(
                "These vectors came ready-made, and no model here reads a question in their space. Search by keyword."
            )
        mode = "keyword"
    if mode != "semantic" and not space.has_text:
        raise BadInput("There is no text column to search words in. Choose rows and look for others like them.")
    vector = (encode or _own_encoder(space))([query])[0] if mode != "keyword" else None
    similarity = space.unit @ vector if vector is not None else np.full(len(space.items), np.nan, np.float32)
    if mode == "semantic":
        items = best(similarity, k, allowed)
        return Hits(items, similarity[items], similarity[items], mode)
    found, bm25 = keyword_ranking(space, query, max(k, _DEPTH), allowed)
    if mode == "keyword":
        return Hits(found[:k], bm25[:k], similarity[found[:k]], mode)
    fused = np.zeros(len(space.items), np.float32)
    for ranking in (best(similarity, _DEPTH, allowed), found):
        fused[ranking] += (_FUSED + 1) / 2 / (_FUSED + 1 + np.arange(len(ranking), dtype=np.float32))
    # Equal ranks in both lists are common: the nearer meaning goes first.
    items = best(fused + 1e-6 * similarity, min(k, int((fused > 0).sum())), allowed)
    return Hits(items, fused[items], similarity[items], mode)


def like_these(
    space: Space, like: Sequence[int], unlike: Sequence[int] = (), k: int = 10, allowed: np.ndarray | None = None
) -> Hits:
    """The k items nearest in meaning to some items, and far from others (Rocchio 1971); never those themselves.

    Raises
    ------
    BadInput : where no item is given to be like
    """
    if not len(like):
        raise BadInput("Choose at least one row that the results should be like.")
    wanted = space.unit[np.asarray(like)].mean(axis=0)
    if len(unlike):
        wanted = wanted - _UNLIKE * space.unit[np.asarray(unlike)].mean(axis=0)
    similarity = space.unit @ unit_length(wanted[None])[0]
    free = np.ones(len(similarity), bool) if allowed is None else allowed.copy()
    free[[*like, *unlike]] = False
    items = best(similarity, k, free)
    return Hits(items, similarity[items], similarity[items], "example")


def best(scores: np.ndarray, k: int, allowed: np.ndarray | None = None) -> np.ndarray:
    """The k items of highest score, best first, the smaller item first among equals: int32."""
    candidates = np.arange(len(scores)) if allowed is None else np.flatnonzero(allowed)
    k = min(k, len(candidates))
    if k < 1:
        return np.zeros(0, np.int32)
    part = scores[candidates]
    top = np.argpartition(-part, k - 1)[:k] if k < len(part) else np.arange(len(part))
    top = top[np.lexsort((top, -part[top]))]
    return candidates[top].astype(np.int32)


def keyword_ranking(
    space: Space, query: str, k: int, allowed: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Items whose words match, best first: int32 (r,), and their BM25 scores, float32 (r,); LanceDB full text."""
    table = _keyword_table(space)
    words = " ".join(re.findall(r"\w+", query))  # operators and stray quotes mean nothing here
    if not words:
        return np.zeros(0, np.int32), np.zeros(0, np.float32)
    limit = len(space.items) if allowed is not None else k
    found = table.search(words, query_type="fts").select(["item", "_score"]).limit(limit).to_arrow()
    items, scores = found["item"].to_numpy().astype(np.int32), found["_score"].to_numpy().astype(np.float32)
    if allowed is not None:
        keep = allowed[items]
        items, scores = items[keep], scores[keep]
    order = np.lexsort((items, -scores))[:k]
    return items[order], scores[order]


def matching_words(query: str, text: str) -> list[tuple[int, int]]:
    """Where words of the text match words of the query, stems alike: (start, end) places in the text."""
    stems = {_stem(word) for word in re.findall(r"\w+", query.lower()) if len(word) > 2 or not word.isascii()}
    return [found.span() for found in re.finditer(r"\w+", text) if _stem(found.group().lower()) in stems]


def sentences(text: str) -> list[str]:
    """The sentences of a text, cut at full stops, question and exclamation marks (of any script) and line ends."""
    parts = re.split(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+", text)
    return [part.strip() for part in parts if part and part.strip()]


def closest_sentences(texts: Sequence[str], query: str, encode: Callable[[list[str]], np.ndarray]) -> list[str]:
    """Of each text the one sentence nearest in meaning to the query; the text itself where it has but one."""
    split = [sentences(text)[:40] or [text] for text in texts]
    several = [part for parts in split if len(parts) > 1 for part in parts]
    if not several:
        return [parts[0] for parts in split]
    vectors = encode([query, *several])
    similarity = iter((vectors[1:] @ vectors[0]).tolist())
    chosen = []
    for parts in split:
        scores = [next(similarity) for _ in parts] if len(parts) > 1 else [1.0]
        chosen.append(parts[int(np.argmax(scores))])
    return chosen


def can_encode(space: Space) -> bool:
    """Whether a model is known that reads a question in this space."""
    return space.recipe.model != READY_MADE


def _own_encoder(space: Space) -> Callable[[list[str]], np.ndarray]:
    from explorer.embedding.models import encoder

    return lambda texts: encoder(space.recipe.model).queries(texts)


def _stem(word: str) -> str:
    """A word without its commonest English endings: enough to mark matches, not to rank them."""
    for ending in ("ing", "ies", "es", "ed", "s", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


_MAKING = threading.Lock()


def _keyword_table(space: Space) -> Any:
    """The full-text index of the items' texts, made on first use and kept in the store."""
    with _MAKING:
        return space.store.text_index(space.recipe.items_key, lambda: _texts_table(space), lambda: _stemmer(space))


def _texts_table(space: Space) -> pa.Table:
    return pa.table({"item": pa.array(np.arange(len(space.items), dtype=np.int32)), "text": space.texts()})


def _stemmer(space: Space) -> str:
    return _STEMMERS.get(next(iter(detect(space.texts())), "en"), "English")

"""Find rows by meaning, by words or by both, or by example; and say why each was found."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.analysis.keywords import word_index
from explorer.analysis.word_match import WordMatch, match_words
from explorer.errors import BadInput
from explorer.geometry.vectors import best, unit_length

if TYPE_CHECKING:
    from explorer.space import Space

MODES = ("hybrid", "semantic", "keyword")
_WORDS = 0.4  # added to the similarity of a text that holds all words of the question, where that is rare
_LEAST_WORDS = 0.02  # where all similarities are nearly the same
_UNLIKE = 0.6  # of the similarity to the rows that results should be unlike is taken away (Rocchio 1971)
_MEASURED = {"minilm", "minilm-int8", "fast"}  # models whose questions were measured: `usual_minimum`
_MINIMUM = 0.35
_UNRELATED = 0.95  # of the pairs of rows are no match
_PAIRS = 4_000
_MOST_QUERY = 2_000  # characters
MOST_WITH_WORDS = 10_000  # items fetched that hold a word of the query: a common word is in most of a million


@dataclass(frozen=True, eq=False)
class Hits:
    """What was found, best first.

    Attributes
    ----------
    items : int32 array of shape (r,), r at most k
    every_score : float32 array of shape (m,), the number that decides the order, for every item: BM25 (keyword; 0
        where an item holds no word), else cosine similarity, plus what words add (hybrid), less what is taken away
        for rows that results should be unlike (example)
    everywhere : float32 array of shape (m,), cosine similarity of every item to the query, without its "unlike" part;
        NaN where the query has no vector
    mode : one of `MODES`, or "example"
    with_words : int32 array, the items that hold a word of the query that counts, best first; None where words were
        not searched
    more_with_words : whether more items hold one; only the best `MOST_WITH_WORDS` are given
    left_out : int array, the examples, which are never results
    words : how well the words of the query match each item (hybrid); else None
    """

    items: np.ndarray
    every_score: np.ndarray
    everywhere: np.ndarray
    mode: str
    with_words: np.ndarray | None = None
    left_out: np.ndarray | None = None
    more_with_words: bool = False
    words: WordMatch | None = None

    @property
    def scores(self) -> np.ndarray:
        """What decides the order: float32 (r,), descending."""
        return self.every_score[self.items]

    @property
    def similarity(self) -> np.ndarray:
        """Cosine similarity of the found items to the query: float32 (r,)."""
        return self.everywhere[self.items]

    def close(self, minimum: float) -> np.ndarray:
        """Which items are a match, examples left out: bool (m,). Those with a score of at least the minimum, and those
        that hold every word of the query where that is rare, however low their similarity."""
        if self.mode == "keyword":
            return self.every_score > 0
        close = self.every_score >= minimum
        if self.words is not None:
            close |= self.words.whole
        if self.left_out is not None:
            close[self.left_out] = False
        return close

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
    """The k items that match a query best. Repeated texts are one item; of a long text the best passage counts.

    Parameters
    ----------
    query : a question, a phrase, or words
    mode : "semantic" compares meanings, "keyword" words (BM25); "hybrid" adds to the similarity of the meaning for
        words that the text holds, rare words more
    encode : makes query vectors of texts, float32 (texts, d), unit length; the space's own model by default
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
    mode = _possible(space, mode)
    vector = (encode or own_encoder(space))([query])[0] if mode != "keyword" else None
    similarity = space.unit @ vector if vector is not None else np.full(len(space.items), np.nan, np.float32)
    if mode == "semantic":
        return Hits(_best_rows(space, similarity, k, allowed), similarity, similarity, mode)
    if mode == "keyword":
        most = max(k, MOST_WITH_WORDS)
        found, bm25 = keyword_ranking(space, query, most + 1, allowed)
        more = len(found) > most
        found, bm25 = found[:most], bm25[:most]
        scores = np.zeros(len(space.items), np.float32)
        scores[found] = bm25
        return Hits(space.items.best_of_rows(found, k), scores, similarity, mode, found, more_with_words=more)
    words = match_words(space, query)
    summed: np.ndarray = similarity + np.float32(word_weight(space)) * words.credit
    holding = words.items if allowed is None else words.items[allowed[words.items]]
    holding = holding[np.argsort(-summed[holding], kind="stable")]
    return Hits(_best_rows(space, summed, k, allowed), summed, similarity, mode, holding, words=words)


def like_these(
    space: Space,
    like: Sequence[int] | np.ndarray,
    unlike: Sequence[int] | np.ndarray = (),
    k: int = 10,
    allowed: np.ndarray | None = None,
    query: np.ndarray | None = None,
) -> Hits:
    """The k items nearest in meaning to some items, and far from others (Rocchio 1971); never these items themselves.

    Parameters
    ----------
    like, unlike : int arrays of items
    allowed : bool array of shape (m,), items that may be found; all by default
    query : float32 of shape (d,), unit length, the vector of a question to be near as well

    Raises
    ------
    BadInput : where neither an item to be like nor a question is given
    """
    if not len(like) and query is None:
        raise BadInput("Choose at least one row that the results should be like, or type a question too.")
    wanted = np.zeros(space.unit.shape[1], np.float32) if query is None else query.astype(np.float32)
    if len(like):
        wanted = wanted + space.unit[np.asarray(like)].mean(axis=0)
    similarity = scores = space.unit @ unit_length(wanted[None])[0]
    if len(unlike):
        scores = similarity - _UNLIKE * (space.unit @ space.unit[np.asarray(unlike)].mean(axis=0))
    given = np.array([*like, *unlike], np.int64)
    examples = np.zeros(len(similarity), bool)
    examples[given] = True
    examples[space.items.of_rows(space.items.rows_of(given))] = True  # and other passages of their rows
    items = _best_rows(space, scores, k, ~examples if allowed is None else allowed & ~examples)
    return Hits(items, scores, similarity, "example", left_out=np.flatnonzero(examples))


def _best_rows(space: Space, scores: np.ndarray, k: int, allowed: np.ndarray | None) -> np.ndarray:
    """The k items with the highest scores, at most one for each row."""
    if not space.items.several:
        return best(scores, k, allowed)
    return space.items.best_of_rows(best(scores, len(scores), allowed), k)


def keyword_ranking(
    space: Space, query: str, k: int | None = None, allowed: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """The k items (all by default) whose words match, best first: int32 (r,), and their BM25 scores, float32 (r,).

    allowed : bool array of shape (m,), items that may be found; all by default
    """
    count = len(space.items)
    k = count if k is None else k
    asked = min(k, count)
    while True:
        items, scores = word_index(space).rank(query, asked)
        exhausted = len(items) < asked or asked == count
        if allowed is not None:
            keep = allowed[items]
            items, scores = items[keep], scores[keep]
        if len(items) >= k or exhausted:
            return items[:k], scores[:k]
        asked = min(8 * asked, count)  # the index does not know which items are allowed: few of the best were


def sentences(text: str) -> list[str]:
    """The sentences of a text, cut at full stops, question and exclamation marks (of any script) and line ends."""
    parts = re.split(r"(?<=[.!?…])\s+|(?<=[。！？])|\n+", text)
    return [part.strip() for part in parts if part and part.strip()]


def closest_sentences(
    texts: Sequence[str], query: str, encode: Callable[[list[str]], np.ndarray], most: int = 100
) -> list[str]:
    """For each text, the sentence nearest in meaning to the query.

    encode : makes vectors of texts: float32 of shape (texts, d), unit length
    most : how many sentences are compared

    Empty for a text of one sentence, and for texts after the first `most` sentences: a model reads some 60 sentences a
    second.
    """
    split = [sentences(text) for text in texts]
    split = [parts[:most] if len(parts) > 1 else [] for parts in split]
    total = np.cumsum([len(parts) for parts in split])
    split = [parts if so_far <= most else [] for parts, so_far in zip(split, total, strict=True)]
    together = [part for parts in split for part in parts]
    if not together:
        return [""] * len(texts)
    vectors = encode([query, *together])
    similarity = vectors[1:] @ vectors[0]
    ends = np.cumsum([len(parts) for parts in split])
    return [
        parts[int(np.argmax(similarity[end - len(parts) : end]))] if parts else ""
        for parts, end in zip(split, ends, strict=True)
    ]


def usual_minimum(space: Space) -> float:
    """The score from which an item usually is a match.

    0.35 for MiniLM and the fast model: on 623 questions to 120 passages, and on 575 to 12,000 glosses, 97 in 100 right
    answers or more lie above, and at most 4 in 100 others. For other models as near as 5 in 100 pairs of rows are,
    drawn by chance, and at least 0.35.
    """
    count = len(space.items)
    if space.recipe.model in _MEASURED or count < 2:
        return _MINIMUM
    one, other = np.random.default_rng(0).integers(0, (count, count - 1), (_PAIRS, 2)).T
    other = (one + 1 + other) % count  # never the same
    similarity = np.einsum("ij,ij->i", space.unit[one], space.unit[other])
    return round(max(_MINIMUM, float(np.quantile(similarity, _UNRELATED))), 2)


def word_weight(space: Space) -> float:
    """What is added to the similarity of a text that holds all words of the question, where that is rare.

    Less where a model finds all texts similar, so that its similarities differ less. Measured on the questions of
    `usual_minimum`, MRR by meaning, with the words, and by reciprocal rank fusion (Cormack et al. 2009): MiniLM 0.940,
    0.973, 0.956; the fast model 0.842, 0.944, 0.909; three words of a gloss 0.727, 0.985, 0.844.
    """
    return max(_WORDS * (1 - usual_minimum(space)) / (1 - _MINIMUM), _LEAST_WORDS)


def usual_mode(space: Space) -> str:
    """The default mode: both rankings where the items are running text, else by meaning."""
    return "hybrid" if len(space.items) and space.shown(np.zeros(1, np.int64))[0].text else "semantic"


def _possible(space: Space, mode: str) -> str:
    """The given mode; for "hybrid" the half of it that this space allows."""
    if mode == "keyword" and not space.medium.has_words(space):
        raise BadInput("There is no text column to search words in. Choose rows and look for others like them.")
    if space.medium.reads_questions:
        return "semantic" if mode == "hybrid" and not space.medium.has_words(space) else mode
    if mode == "keyword" or (mode == "hybrid" and space.medium.has_words(space)):
        return "keyword"
    instead = "Search by keyword." if space.medium.has_words(space) else "Choose rows and look for others like them."
    raise BadInput(f"These vectors came ready-made, and no model here reads a question in their space. {instead}")


def own_encoder(space: Space) -> Callable[[list[str]], np.ndarray]:
    """A function that makes query vectors, float32 (texts, d), with the model of the space."""
    from explorer.embedding.models import encoder

    return lambda texts: encoder(space.recipe.model).queries(texts)

"""Words of texts: an index that ranks texts by words (BM25), and the places of words in a text."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
import pyarrow as pa

from explorer.analysis.stop_words import stop_words
from explorer.errors import first_line
from explorer.table.language import UNSPACED_LETTERS, detect

if TYPE_CHECKING:
    from explorer.space import Space

# Snowball's stemmers, which LanceDB's full-text index has too, by language code.
_STEMMERS = {
    "ar": "Arabic", "da": "Danish", "nl": "Dutch", "en": "English", "fi": "Finnish", "fr": "French", "de": "German",
    "el": "Greek", "hu": "Hungarian", "it": "Italian", "no": "Norwegian", "pt": "Portuguese", "ro": "Romanian",
    "ru": "Russian", "es": "Spanish", "sv": "Swedish", "ta": "Tamil", "tr": "Turkish",
}  # fmt: skip
_MOST_WORDS = 64  # of a query; a whole pasted page is better searched by meaning
_MOST_KEPT = 64  # words whose texts are kept in memory
_SAMPLE = 400  # texts read to find the languages
_K1, _B = 1.2, 0.75  # of BM25 (Robertson and Zaragoza 2009), as LanceDB has them

# A word is a run of anything but space, punctuation and symbols; marks above and below letters belong to it.
_LETTER = (
    r"[^\s\x00-\x2f:-@\[-`{-\xbf\u2000-\u206f\u2190-\u2bff\u3000-\u3004\u3008-\u3020\uff00-\uff0f\U0001f000-\U0001faff]"
)
_WORD = re.compile(rf"{_LETTER}+(?:['’]{_LETTER}+)*")
# As the index on disk cuts: "3.5", "1,200" and "v1.2" are one word.
_INDEXED = re.compile(rf"{_LETTER}+(?:['’._]{_LETTER}+|(?<=\d),\d+)*")
# In scripts without spaces, words are compared by pairs of letters. Katakana, which is used for words of its own, makes
# no pair with other letters.
_RUN = re.compile(rf"[\u30a0-\u30ff]+|(?:(?![\u30a0-\u30ff])[{UNSPACED_LETTERS}])+")
_HIRAGANA = re.compile(r"[\u3040-\u309f]+")

# Letters that are not a plain letter with a mark, folded as LanceDB's index folds them.
_FOLDED = str.maketrans({
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "đ": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h",
})  # fmt: skip

Span = tuple[int, int]


class WordIndex:
    """Ranks the texts of a space by the words of a query.

    Attributes
    ----------
    language : Snowball's name of the language whose endings are ignored; "English" where it is unknown
    note : one sentence for the user where the index could not be kept on disk; else empty
    """

    def __init__(self, space: Space):
        self._space = space
        self._lock = threading.Lock()
        self._table: Any = None
        self._memory: MemoryIndex | None = None
        self._held: dict[tuple[str, int], tuple[np.ndarray, np.ndarray]] = {}
        self.note = ""

    @property
    def ready(self) -> bool:
        """Whether the index is made, so that a search need not wait for it."""
        return self._table is not None or self._memory is not None

    def rank(self, query: str, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The k items whose words match best: int32 (r,), and their BM25 scores, float32 (r,), best first."""
        words = self.searched(query)
        if not words:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        items, scores = self._ranked(words, k)
        order = np.lexsort((items, -scores))
        return items[order], scores[order]

    def holding(self, word: str, most: int) -> tuple[np.ndarray, np.ndarray]:
        """At most so many items that hold a word, int32 (r,), and their BM25 scores, float32 (r,): kept, since the
        next question is often nearly the same."""
        with self._lock:
            found = self._held.get((word, most))
        if found is None:
            found = self._ranked(word, most)
            with self._lock:
                while len(self._held) >= _MOST_KEPT:
                    self._held.pop(next(iter(self._held)))
                self._held[word, most] = found
        return found

    def searched(self, query: str) -> str:
        """The words of a query that are searched: without words such as "the" and "is", unless there are no others."""
        words = [found.group() for found in _WORD.finditer(query)]
        telling = [word for word in words if word.lower() not in self._stop_words]
        if len(words) > _MOST_WORDS:
            return " ".join((telling or words)[:_MOST_WORDS])
        if not telling or len(telling) == len(words):
            return query if words else ""
        return _WORD.sub(lambda found: "" if found.group().lower() in self._stop_words else found.group(), query)

    def marks(self, query: str) -> tuple[str, str]:
        """The words of a query that are searched, and the language of their endings, for `matching_words`."""
        words = self.searched(query) if query else ""
        return words, self.language if words else "English"

    def _ranked(self, words: str, k: int) -> tuple[np.ndarray, np.ndarray]:
        self.open()
        for attempt in range(2):
            if self._memory is not None:
                break
            try:
                return _found(self._table, words, k, len(self._space.items))
            except Exception as error:  # damaged on disk: LanceDB raises whatever it meets
                with self._lock:
                    if attempt:
                        self._fall_back(error)
                    else:
                        self._open(again=True)
        assert self._memory is not None
        return self._memory.rank(words, k)

    def open(self) -> None:
        """Make the index where there is none yet."""
        with self._lock:
            if not self.ready:
                self._open()

    def _open(self, again: bool = False) -> None:
        """Open the index in the store, made on first use; make one in memory where the store cannot keep it."""
        try:
            self._table = self._space.store.text_index(
                self._space.key("items"), self._texts_table, lambda: self.language, len(self._space.items), again
            )
        except Exception as error:  # a full or read-only disk: LanceDB reports it as RuntimeError, OSError, …
            self._fall_back(error)

    def _fall_back(self, error: Exception) -> None:
        reason = first_line(error, 120)
        self.note = (
            f"The index of words could not be kept on disk ({reason}). Words are searched in memory until the app "
            "stops: results are nearly the same."
        )
        self._memory = MemoryIndex(self._space.texts(), self.language)

    def _texts_table(self) -> pa.Table:
        items = pa.array(np.arange(len(self._space.items), dtype=np.int32))
        return pa.table({"item": items, "text": pa.array(self._space.texts(), pa.string())})

    @cached_property
    def language(self) -> str:
        """The commonest language of the texts; "English" where that is unknown or has no stemmer."""
        return _STEMMERS.get(next(iter(detect(self._sample)), "en"), "English")

    @cached_property
    def _stop_words(self) -> set[str]:
        return stop_words(self._sample)

    @property
    def _sample(self) -> list[str]:
        places = np.linspace(0, len(self._space.items) - 1, min(len(self._space.items), _SAMPLE))
        return self._space.texts(np.unique(places.astype(int)))


class MemoryIndex:
    """BM25 over texts in memory, for when there is no index on disk. `language` is one of Snowball's."""

    def __init__(self, texts: Sequence[str], language: str = "English"):
        from sklearn.feature_extraction.text import CountVectorizer

        self._language = language
        self._counter = CountVectorizer(analyzer=lambda text: [token for token, _ in tokens(text, language)])
        try:
            counts = self._counter.fit_transform(texts).astype(np.float32).tocoo()
        except ValueError:  # no text holds a word
            counts = None
        if counts is None:
            self._weights = None
            return
        lengths = np.bincount(counts.row, counts.data, minlength=len(texts))
        shorter = _K1 * (1 - _B + _B * lengths / max(lengths.mean(), 1e-9))
        texts_with = np.bincount(counts.col, minlength=counts.shape[1])
        rarity = np.log1p((len(texts) - texts_with + 0.5) / (texts_with + 0.5))
        counts.data *= (_K1 + 1) / (counts.data + shorter[counts.row]) * rarity[counts.col]
        self._weights = counts.tocsc()

    def rank(self, words: str, k: int) -> tuple[np.ndarray, np.ndarray]:
        """The k texts whose words match best: int32 (r,), and their scores, float32 (r,), best first."""
        if self._weights is None:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        wanted = {token for token, _ in tokens(words, self._language)}
        columns = [self._counter.vocabulary_[token] for token in wanted if token in self._counter.vocabulary_]
        scores = np.asarray(self._weights[:, columns].sum(axis=1), np.float32).ravel()
        found = np.flatnonzero(scores)
        found = found[np.lexsort((found, -scores[found]))][:k]
        return found.astype(np.int32), scores[found]


_INDEXES: WeakKeyDictionary[Space, WordIndex] = WeakKeyDictionary()
_MAKING = threading.Lock()


def word_index(space: Space) -> WordIndex:
    """The word index of a space, shared by all who search it."""
    with _MAKING:
        return _INDEXES.setdefault(space, WordIndex(space))


def tokens(text: str, language: str = "English") -> Iterator[tuple[str, Span]]:
    """The form in which each word is compared, and the place of the word: (start, end) in characters.

    Case, accents and the endings of the language (one of Snowball's) are ignored, as in LanceDB's index. Scripts
    without spaces give pairs of letters.
    """
    for word in _WORD.finditer(text):
        start, end = word.span()
        for run in _RUN.finditer(text, start, end):
            first, last = run.span()
            for place in range(first, max(last - 1, first + 1)):
                pair = text[place : min(place + 2, last)]
                yield pair, (place, place + len(pair))
        if not _RUN.search(text, start, end):
            yield _stem(word.group(), language), (start, end)


def indexed_words(text: str) -> list[str]:
    """The words of a text as the index on disk cuts them; of scripts without spaces whole runs."""
    return _INDEXED.findall(text)


def matching_words(words: str, text: str, language: str = "English") -> list[Span]:
    """Where a text holds one of the words, whatever the case, accents and endings: (start, end), in order.

    With the `language` of an index, these are the words that the index finds.
    """
    wanted = {token for token, _ in tokens(words, language)}
    if any(not _HIRAGANA.fullmatch(token) for token in wanted):
        # Pairs of hiragana are mostly grammar: they count only where the query has nothing else.
        wanted = {token for token in wanted if not _HIRAGANA.fullmatch(token)}
    spans: list[Span] = []
    for token, (start, end) in tokens(text, language):
        if token not in wanted:
            continue
        if spans and start < spans[-1][1]:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((start, end))
    return spans


def held_words(words: Sequence[str], text: str, language: str = "English") -> tuple[str, ...]:
    """Those of some words that a text holds, whatever the case, accents and endings."""
    held = {token for token, _ in tokens(text, language)}
    return tuple(word for word in words if any(token in held for token, _ in tokens(word, language)))


def _found(table: Any, words: str, k: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    answer = table.search(words, query_type="fts").select(["item", "_score"])
    found = answer.limit(k).to_arrow()
    items, scores = found["item"].to_numpy().astype(np.int32), found["_score"].to_numpy().astype(np.float32)
    if len(items) and not (items.min() >= 0 and items.max() < count):
        raise ValueError("it names texts that are not there")
    return items, scores


@lru_cache(maxsize=100_000)
def _stem(word: str, language: str) -> str:
    """A word without case, its endings (Snowball, Porter 2001) and its accents, in the order LanceDB removes them."""
    import snowballstemmer

    # A new stemmer each time: it stores the word that it works on, and several threads search.
    stem = snowballstemmer.stemmer(language.lower()).stemWord(unicodedata.normalize("NFC", word.lower()))
    if stem.isascii():
        return stem
    folded = unicodedata.normalize("NFKD", stem.translate(_FOLDED))
    return "".join(mark for mark in folded if not unicodedata.combining(mark))

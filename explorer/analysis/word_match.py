"""How well the words of a question match each text: rare words count much, words that many texts hold count nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.analysis.keywords import indexed_words, tokens, word_index
from explorer.wording import listed

if TYPE_CHECKING:
    from explorer.space import Space

_COMMON = 0.1  # a word in a larger share of the texts tells nothing
_FEW = 5  # texts: in a small table, a word in so many is not common
_MOST_FETCHED = 10_000  # texts: in a large one, a word in more is common; fetching more would take long
_RARE = 0.001  # a word in a smaller share of the texts, or in one text, is as telling as a word can be
_SURELY = 0.5  # rarity of words that make a text a match, whatever its meaning
_MOST_WORDS = 24  # looked up, each on its own


@dataclass(frozen=True, eq=False)
class WordMatch:
    """How well the words of a question match each text.

    Attributes
    ----------
    share : float32 array of shape (m,), 0 to 1, the words that an item's text holds, of all that count, each weighed by
        its inverse document frequency, as BM25 has it
    rarity : float32 array of shape (m,), 0 to 1, how rare the words are that it holds, taken together: 1 where one text
        in a thousand holds such a word, or just one text; 0 where a tenth do
    items : int32 array, ascending, the items that hold a word that counts
    words : the words that count and are in some text, as they were asked
    common : words that many texts hold, so that they do not count
    missing : words that no text holds; they count, so that no text holds all that was asked
    uncounted : how many words of a long question were not looked up
    """

    share: np.ndarray
    rarity: np.ndarray
    items: np.ndarray
    words: tuple[str, ...]
    common: tuple[str, ...]
    missing: tuple[str, ...]
    uncounted: int

    @property
    def credit(self) -> np.ndarray:
        """How well the words match: float32 (m,), 0 to 1.

        The share is squared, since one word of several is seldom what was meant.
        """
        return self.share**2 * self.rarity

    @property
    def whole(self) -> np.ndarray:
        """Which texts hold every word that counts, where that is rare: bool (m,)."""
        return (self.share > 0.999) & (self.rarity >= _SURELY)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the words that do not count: sentences."""
        notes = []
        if self.common:
            verb = "is" if len(self.common) == 1 else "are"
            rest = "." if self.words or self.missing else ": searched by meaning only."
            notes.append(f"{_quoted(self.common)} {verb} in many texts here and did not count{rest}")
        if self.missing:
            notes.append(f"No text holds {_quoted(self.missing, 'or')}.")
        if self.uncounted:
            notes.append(f"Of this long question, the {_MOST_WORDS} longest words count, numbers first.")
        return tuple(notes)


def match_words(space: Space, query: str) -> WordMatch:
    """How well the words of a question match each text of a space.

    Words such as "the" and "is" are left out, unless there are no others.
    """
    index, count = word_index(space), len(space.items)
    most = min(max(int(_COMMON * count), _FEW), _MOST_FETCHED)
    lowest = _idf(count, most)
    highest = _idf(count, max(1, int(_RARE * count)))
    asked: dict[tuple[str, ...], str] = {}
    for word in indexed_words(index.searched(query)):
        asked.setdefault(tuple(token for token, _ in tokens(word, index.language)), word)
    # Numbers and long words are the rare ones.
    looked_up = sorted(asked, key=lambda key: (not re.search(r"\d", asked[key]), -len(asked[key])))[:_MOST_WORDS]
    share, rarity, total = np.zeros(count, np.float32), np.zeros(count, np.float32), 0.0
    words: list[str] = []
    common: list[str] = []
    missing: list[str] = []
    for key, word in asked.items():
        if key not in looked_up:
            continue
        items, scores = index.holding(word, most + 1)
        if len(items) > most:
            common.append(word)
        elif not len(items):
            missing.append(word)
            total += _idf(count, 0)
        else:
            words.append(word)
            idf = _idf(count, len(items))
            total += idf
            # What the index cuts into several words, as in scripts without spaces, may be held in part.
            part = scores / scores.max() if len(key) > 1 else 1.0
            share[items] += idf * part
            rarity[items] += min((idf - lowest) / (highest - lowest), 1) * part
    return WordMatch(
        share / max(total, 1e-9), np.minimum(rarity, 1), np.flatnonzero(share).astype(np.int32),
        tuple(words), tuple(common), tuple(missing), len(asked) - len(looked_up),
    )  # fmt: skip


def _idf(texts: int, holding: int) -> float:
    """The inverse document frequency of a word, as BM25 has it."""
    return float(np.log1p((texts - holding + 0.5) / (holding + 0.5)))


def _quoted(words: tuple[str, ...], last: str = "and") -> str:
    quoted = [f"“{word}”" for word in words]
    if len(quoted) > 4:
        return listed(quoted, 3)
    return f" {last} ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)

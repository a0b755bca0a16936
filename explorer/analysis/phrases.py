"""The phrases of texts: one to four words in a row, none of which begins or ends in a stop word."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from explorer.analysis.stop_words import weak_words
from explorer.analysis.unspaced import UNSPACED, Unspaced
from explorer.table.language import detect

LONGEST = 4  # words
_SAMPLE = 100_000  # texts read for the names; more do not change them
_MOST = 50_000  # phrases of one length that are kept, the commonest
_FEW = 500  # texts: of fewer, a phrase of several words must be in two, of more in three
# What is no language: tags, entities, links, addresses, names of accounts, escaped letters.
_MARKUP = re.compile(
    r"<[^<>]{1,300}>|&(?:\w{2,8}|#\d{1,6});|(?:https?|ftp)(?::|\s*:?\s*//|%3a)\S*|www\.\S+|\S+@\S+\.\w+|\bt\.co\b\S*"
    r"|\\[nrt](?![a-z]{3})|@\w+"
)
_LETTER = (
    r"[^\s\x00-\x2f:-@\[-^`{-\xbf\u2000-\u206f\u2190-\u2bff\u3000-\u3004\u3008-\u3020"
    r"\uff00-\uff0f\U0001f000-\U0001faff]"
)
_ENDS = '.!?…:;—–"“”„»«([\n•*|。！？、'  # after these a capital says nothing
# Initials with full stops; a word, with what joins two halves; a mark at which a phrase ends.
_TOKEN = re.compile(rf"(?:[^\W\d_]\.){{2,}}|{_LETTER}+(?:['’&-]{_LETTER}+)*|[^\s\w#'’]")
_ENGLISH_S = re.compile(r"(?:(?<=[^ae])ies|(?<=[aeiou]s|[sxz]h|ch|.[xz]|ss)es|(?<=[^us'])s|['’]s)$")
_TWO_LETTERS = frozenset(
    {"ad", "ai", "ar", "dj", "eu", "ev", "hr", "id", "ip", "pc", "pr", "qa", "tv", "uk", "ui", "un", "ux", "vr"}
)
_COUNTED = re.compile(r"\d+(?:st|nd|rd|th|am|pm|h|min|s|x)", re.IGNORECASE)  # "4th", "10pm"
_POSSESSIVE = re.compile("['’]s$")


@dataclass(frozen=True, eq=False)
class Phrases:
    """Which texts hold which phrases.

    Attributes
    ----------
    held : sparse (texts read, phrases) of 0 and 1
    items : int64 array (texts read,), their numbers
    spelled : str array (phrases,), each as it is usually written within a sentence: "refund", "Red Sox", "VPN"
    inner : int32 array (phrases, 2), the phrases without the last word and without the first; -1 where that is none
    ends : int32 array (phrases, 2), its first word and its last, as phrases of their own
    words : int8 array (phrases,), how many words each has
    """

    held: sparse.csr_matrix
    items: np.ndarray
    spelled: np.ndarray
    inner: np.ndarray
    ends: np.ndarray
    words: np.ndarray

    def __len__(self) -> int:
        return len(self.spelled)


def count_phrases(texts: Sequence[str]) -> Phrases:
    """The phrases of texts. A phrase counts once a text: one long text must not name its group.

    Words that differ in capitals, or by a plural, are one word. Of very many texts a part is read, at even distances.
    """
    items = np.unique(np.linspace(0, len(texts) - 1, min(len(texts), _SAMPLE)).astype(np.int64))
    texts = [texts[item] for item in items.tolist()]
    found = _tokens(texts)
    return _counted(found, items, 2 if len(texts) <= _FEW else 3)


@dataclass(frozen=True, eq=False)
class _Tokens:
    """All tokens of all texts in a row.

    text : int32 (t,), the text of each; word : int32 (t,), its word without capitals and plural, -1 for a mark;
    written : int32 (t,), how it is written; first : bool (t,), whether a sentence begins with it
    stops : bool (t,), what may not begin or end a phrase; spelled : the writings
    """

    text: np.ndarray
    word: np.ndarray
    written: np.ndarray
    first: np.ndarray
    stops: np.ndarray
    spelled: list[str]


class _Numbers(dict[str, int]):
    def __missing__(self, key: str) -> int:
        self[key] = number = len(self)
        return number


def _tokens(texts: Sequence[str]) -> _Tokens:
    unspaced = Unspaced.learned(texts)
    number = _Numbers()
    end = number["\n"]
    codes: list[int] = []
    starts = [0]
    for text in texts:
        if "<" in text or "&" in text or "/" in text or "@" in text or "\\" in text or "www" in text:
            text = _MARKUP.sub("\n", text)
        codes += map(number.__getitem__, _TOKEN.findall(UNSPACED.sub("\n", text)))
        codes.append(end)
        for word in sorted(unspaced.words(text)):
            codes += (number[word], end)
        starts.append(len(codes))
    # Numbered by their spelling, so that nothing depends on the order of the texts.
    kinds = sorted({*number, *(_lower(kind) for kind in number)})
    place_of = {kind: place for place, kind in enumerate(kinds)}
    flat = np.array([place_of[kind] for kind in number], np.int32)[np.array(codes, np.int32)]
    is_word = np.array([any(mark.isalnum() for mark in kind) for kind in kinds], bool)
    ends = np.array([kind[0] in _ENDS and not word for kind, word in zip(kinds, is_word, strict=True)], bool)
    first = np.concatenate([[True], ends[flat[:-1]]]) if len(flat) else np.zeros(0, bool)
    often = np.bincount(flat, minlength=len(kinds))
    one_form = _folding(texts)
    folds = [
        "" if not word else one_form(kind.lower()) if count > 1 else kind.lower()
        for kind, word, count in zip(kinds, is_word, often.tolist(), strict=True)
    ]
    words = {fold: place for place, fold in enumerate(sorted(set(folds) - {""}))}
    place = np.array([words[fold] if fold else -1 for fold in folds], np.int32)
    never = weak_words(texts)
    barred = np.array([kind.lower() in never or not _says_something(kind) for kind in kinds], bool)
    for_it = np.bincount(place[is_word], np.where(barred, -often, often)[is_word], minlength=len(words))
    stops = np.append(for_it <= 0, True)[place[flat]]  # as most of its writings are
    # The first word of a sentence always has a capital, so it does not show how the word is written elsewhere.
    lower = np.array([place_of[_lower(kind)] for kind in kinds], np.int32)
    written = np.where(first, lower[flat], flat)
    text_of = np.repeat(np.arange(len(texts), dtype=np.int32), np.diff(starts))
    return _Tokens(text_of, place[flat], written, first, stops, kinds)


def _lower(word: str) -> str:
    """How the first word of a sentence would be written within it."""
    return word if word.isupper() else word.lower()


def _says_something(word: str) -> bool:
    """Whether a word may begin or end a phrase. A number may not, nor one letter or two of an alphabet: "et", "za"."""
    short = len(word) < 2 or (len(word) == 2 and word.islower() and word not in _TWO_LETTERS)
    if _COUNTED.fullmatch(word):
        return False
    return any(mark.isalpha() for mark in word) and (not short or bool(UNSPACED.match(word)))


def _folding(texts: Sequence[str]) -> Callable[[str], str]:
    """What makes a word and its plural one: "stars" is "star". English only so far, where endings are few."""
    if next(iter(detect(texts)), "en") != "en":
        return lambda word: word

    def singular(word: str) -> str:
        if len(word) < 4 or not word.isascii():
            return word
        if word.endswith("ies"):
            return word[:-3] + "y"
        return _ENGLISH_S.sub("", word)

    return singular


@dataclass(frozen=True, eq=False)
class _Rows:
    """All rows of n words, which go on to be phrases or parts of longer ones.

    which : int64 (t,), the row that begins at each token, -1 where none that is common does
    way : int64 (t,), in which way it is written there
    phrase : int64 (rows,), the number of each row as a phrase; -1 where it is none
    """

    which: np.ndarray
    way: np.ndarray
    phrase: np.ndarray


def _counted(tokens: _Tokens, items: np.ndarray, least: int) -> Phrases:
    """Phrases of growing length: a row of n words is looked for only where both its parts of n - 1 words are common."""
    rows = _Rows(tokens.word.astype(np.int64), tokens.written.astype(np.int64), np.zeros(0, np.int64))
    columns, spelled, inner, ends = [], [], [], []
    words: list[int] = []
    alone = rows  # single words
    for length in range(1, LONGEST + 1):
        longer = _longer(rows, tokens.written, length, least) if length > 1 else _single(rows)
        begins = np.flatnonzero(longer.which >= 0)
        ends_at = begins + length - 1
        fits = ~tokens.stops[begins] & ~tokens.stops[ends_at]
        if length > 1:  # "very very", "New York New"
            fits &= tokens.word[begins] != tokens.word[ends_at]
        begins = begins[fits]
        held = sparse.csr_matrix(
            (np.ones(len(begins), np.float32), (tokens.text[begins], longer.which[begins])),
            shape=(len(items), len(longer.phrase)),
        )
        held.data[:] = 1
        kept = _kept(np.asarray(held.sum(axis=0)).ravel(), 1 if length == 1 else least)
        longer.phrase[kept] = len(words) + np.arange(len(kept))
        begins = begins[longer.phrase[longer.which[begins]] >= 0]
        usual = _usual(longer, begins, tokens.first, kept)
        spelled += _spelled(tokens, usual, length)
        alone = longer if length == 1 else alone
        parts = (rows.phrase[rows.which[usual]], rows.phrase[rows.which[usual + 1]]) if length > 1 else ()
        inner.append(np.column_stack(parts) if length > 1 else np.full((len(kept), 2), -1))
        ends.append(np.column_stack([alone.phrase[alone.which[usual]], alone.phrase[alone.which[usual + length - 1]]]))
        words += [length] * len(kept)
        columns.append(held[:, kept])
        rows = longer
    return Phrases(
        sparse.hstack(columns, format="csr"), items, np.array(spelled, dtype=object), np.concatenate(inner),
        np.concatenate(ends), np.array(words, np.int8),
    )  # fmt: skip


def _single(rows: _Rows) -> _Rows:
    return _Rows(rows.which, rows.way, np.full(int(rows.which.max(initial=-1)) + 1, -1))


def _longer(rows: _Rows, written: np.ndarray, length: int, least: int) -> _Rows:
    """The rows of one word more."""
    count = len(rows.which)
    which, way = np.full(count, -1, np.int64), np.zeros(count, np.int64)
    at = np.flatnonzero((rows.which[:-1] >= 0) & (rows.which[1:] >= 0))
    _, one, often = np.unique(
        rows.which[at] * len(rows.phrase) + rows.which[at + 1], return_inverse=True, return_counts=True
    )
    common = often >= least
    number = np.where(common, np.cumsum(common) - 1, -1)
    which[at] = number[one]
    at = at[number[one] >= 0]
    following = written[at + length - 1].astype(np.int64)
    way[at] = np.unique(rows.way[at] * (int(written.max(initial=0)) + 1) + following, return_inverse=True)[1]
    return _Rows(which, way, np.full(int(common.sum()), -1))


def _kept(often: np.ndarray, least: int) -> np.ndarray:
    """The rows that are phrases: in enough texts, and the commonest where there are very many. Ascending."""
    kept = np.flatnonzero(often >= least)
    return kept if len(kept) <= _MOST else np.sort(kept[np.argsort(-often[kept], kind="stable")[:_MOST]])


def _usual(rows: _Rows, begins: np.ndarray, first: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """A token at which each kept row begins as it is written most often, within a sentence where it stands there."""
    if not len(kept):
        return np.zeros(0, np.int64)
    key = rows.which[begins] * (int(rows.way.max()) + 1) + rows.way[begins]
    _, where, one = np.unique(key, return_index=True, return_inverse=True)
    within = np.bincount(one, np.where(first[begins], 1.0, 1e6), minlength=len(where))
    row = rows.which[begins[where]]
    order = np.lexsort((where, -within, row))
    best = order[np.flatnonzero(np.diff(row[order], prepend=-1))]
    return begins[where[best]]


def _spelled(tokens: _Tokens, begins: np.ndarray, length: int) -> list[str]:
    codes = tokens.written[begins[:, None] + np.arange(length)].tolist()
    return [_POSSESSIVE.sub("", " ".join(tokens.spelled[code] for code in row)) for row in codes]

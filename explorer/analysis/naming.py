"""Names for clusters, made of their own words: those that are frequent in a cluster and rare in the others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from explorer.analysis.unspaced import UNSPACED, Unspaced
from explorer.geometry.vectors import nearest_to_mean
from explorer.table.language import detect

if TYPE_CHECKING:
    from explorer.space import Space

WORDS = 3
_MAIN_SHARE = 0.1  # of the sample: all stop words of a language as common as this are left out
_SOME_SHARE = 0.01  # and the shortest ones of a language as common as this: "la", but French "car" may be English
_SHORTEST = 3  # letters
_SAMPLE = 200_000  # texts read for the names; more do not change them
_MOST_WORDS = 50_000  # counted at most, the commonest first
# As whole words; the lists of stop words hold only their halves.
_CONTRACTIONS = {
    *("don't", "doesn't", "didn't", "can't", "couldn't", "won't", "wouldn't", "isn't", "aren't", "wasn't", "weren't"),
    *("haven't", "hasn't", "hadn't", "shouldn't", "i'm", "i've", "i'd", "i'll", "it's", "that's", "there's", "what's"),
    *("you're", "you've", "we're", "we've", "they're", "let's"),
}
# A word begins with a letter of any script, since digits name nothing. The first group: marks that end a sentence.
_WORD = re.compile(r"(?:([.!?:;…\"“”„»«\n•*–—(\[-])[ \t'’¿¡]*)?\b([^\W\d_][\w'’-]*\w)\b")


@dataclass(frozen=True, eq=False)
class Words:
    """Which texts hold which words.

    Attributes
    ----------
    held : sparse (texts, words) of 0 and 1; the first `_SAMPLE` texts
    spelled : str array of shape (words,), each as it is usually written within a sentence: "refund", "Zug", "VPN"
    """

    held: sparse.csr_matrix
    spelled: np.ndarray


def name_groups(texts: Sequence[str], labels: np.ndarray, words: int = WORDS) -> tuple[str, ...]:
    """One name a cluster, such as "refund, charge, invoice"; "group 3" where its texts hold no usable word.

    Parameters
    ----------
    texts : one an item
    labels : int array of shape (m,), 0 the first cluster, negative for items in none
    """
    return names_of(count_words(texts), labels, words)


def names_for(space: Space, labels: np.ndarray) -> tuple[str, ...]:
    """Names for the clusters of a space: from their words, or from the label column where the items have no text.

    labels : int array of shape (m,), 0 the first cluster, negative for items in none
    """
    texts = space.texts()
    if not space.medium.has_words(space):
        return name_by_label(texts, labels)
    if are_words(texts):
        return name_by_typical(texts, labels, space.unit)
    return names_of(space.words, labels)


def names_of(counted: Words, labels: np.ndarray, words: int = WORDS) -> tuple[str, ...]:
    """The names of clusters whose texts hold these words, each of at most `words` words.

    labels : int array of shape (m,), 0 the first cluster, negative for items in none

    Class-based TF-IDF (Grootendorst 2022): the number of the cluster's texts that hold a word, times log(1 + A / f).
    Here f is the number of all texts that hold it, and A is the mean over clusters of the sum of these counts.
    """
    count = int(labels.max(initial=-1)) + 1
    plain = tuple(f"group {number + 1}" for number in range(count))
    if not count or not counted.held.shape[1]:
        return plain
    labels = labels[: counted.held.shape[0]]
    grouped = np.flatnonzero(labels >= 0)
    member = sparse.csr_matrix((np.ones(len(grouped)), (labels[grouped], grouped)), shape=(count, len(labels)))
    counts = member @ counted.held
    in_cluster = np.asarray(counts.sum(axis=1)).ravel()
    overall = np.asarray(counts.sum(axis=0)).ravel()
    weight = counts.multiply(np.log1p(in_cluster.mean() / np.maximum(overall, 1))).tocsr()
    return tuple(_top(weight, number, counted.spelled, words) or plain[number] for number in range(count))


def count_words(texts: Sequence[str]) -> Words:
    """The words of texts, without stop words. A word counts once a text: one long text must not name its cluster."""
    texts = texts[:_SAMPLE]
    stop = stop_words(texts)
    unspaced = Unspaced.learned(texts)
    places: dict[tuple[str, bool], int] = {}  # a word as written, whether first in its sentence -> column
    known: dict[tuple[str, str], int | None] = {}  # what a text holds -> column, None for a stop word
    columns: list[int] = []
    starts = [0]
    for text in texts:
        found = set(_WORD.findall("\n" + UNSPACED.sub(" ", text)))
        found.update(("", word) for word in unspaced.words(text))
        held = set()
        for piece in found:
            if piece not in known:
                word = _written(*piece)
                known[piece] = None if word[0].lower() in stop else places.setdefault(word, len(places))
            held.add(known[piece])
        columns += sorted(place for place in held if place is not None)
        starts.append(len(columns))
    written = sparse.csr_matrix(
        (np.ones(len(columns)), np.array(columns, np.int64), np.array(starts)), shape=(len(texts), len(places))
    )
    return _one_spelling(written, list(places))


def _one_spelling(written: sparse.csr_matrix, spellings: list[tuple[str, bool]]) -> Words:
    """Words that differ only in capitals become one, in the usual spelling within a sentence."""
    often = np.asarray(written.sum(axis=0)).ravel()
    folded = sorted({word.lower() for word, _ in spellings})
    place = {word: number for number, word in enumerate(folded)}
    which = np.array([place[word.lower()] for word, _ in spellings], np.int64)
    best: dict[int, tuple[bool, float, str]] = {}
    for (word, first), count, number in zip(spellings, often, which.tolist(), strict=True):
        # The first word of a sentence always has a capital, so it does not show how the word is written elsewhere.
        best[number] = max(best.get(number, (False, 0.0, "")), (not first, count, word))
    spelled = np.array([best[number][2] for number in range(len(folded))], dtype=object)
    fold = sparse.csr_matrix((np.ones(len(which)), (np.arange(len(which)), which)), shape=(len(which), len(folded)))
    held = (written @ fold).tocsr()
    held.data[:] = 1
    if len(folded) > _MOST_WORDS:
        common = np.sort(np.argsort(-np.asarray(held.sum(axis=0)).ravel(), kind="stable")[:_MOST_WORDS])
        held, spelled = held[:, common], spelled[common]
    return Words(held, spelled)


def _written(before: str, word: str) -> tuple[str, bool]:
    """A word, and whether it is the first of a sentence; the first is made lower case, unless it is all capitals."""
    return (word.lower(), True) if before and not word.isupper() else (word, False)


def name_by_label(values: Sequence[str], labels: np.ndarray) -> tuple[str, ...]:
    """One name a cluster: the commonest value of its items, with its share, such as "7 (98 %)".

    "group 3" where no two items have the same value: ids and row numbers are no names.

    Parameters
    ----------
    values : one an item, of a label column
    labels : int array of shape (m,), 0 the first cluster, negative for items in none
    """
    held = np.asarray(values, dtype=str)
    names = []
    for number in range(int(labels.max(initial=-1)) + 1):
        found, counts = np.unique(held[labels == number], return_counts=True)
        most = int(counts.argmax()) if len(counts) else 0
        if not len(counts) or counts[most] == 1 < counts.sum():
            names.append(f"group {number + 1}")
        else:
            names.append(f"{found[most]} ({100 * counts[most] / counts.sum():.0f} %)")
    return tuple(names)


def stop_words(texts: Sequence[str]) -> set[str]:
    """The stop words of the languages found in the texts; of rare languages only the shortest."""
    shares = detect(texts)
    words: set[str] = set().union(*(_listed(language) for language, share in shares.items() if share >= _MAIN_SHARE))
    words = words or set(_listed("en"))
    for language, share in shares.items():
        if _SOME_SHARE <= share < _MAIN_SHARE:
            words |= {word for word in _listed(language) if len(word) <= _SHORTEST and word != "car"}
    # "don't" and "l'eau" are one word here, while some lists hold only their halves.
    return {part for word in words for part in (word.lower(), *word.lower().split("'"))} | _CONTRACTIONS


def _listed(language: str) -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
    from stop_words import StopWordError, get_stop_words

    if language == "en":  # the package's English list holds "order" and "help": names need them
        return frozenset(ENGLISH_STOP_WORDS)
    try:
        return frozenset(get_stop_words(language))
    except StopWordError:  # no list for this language; its commonest words have little weight anyway
        return frozenset()


def _top(weight: object, number: int, vocabulary: np.ndarray, words: int) -> str:
    row = weight[number]  # type: ignore[index]
    chosen: list[str] = []
    for place in np.argsort(-row.data, kind="stable"):
        word = str(vocabulary[row.indices[place]])
        # "order, orders" would name the same thing twice, and so would "返金" and "返金申請".
        if not any(_same_stem(word.lower(), other.lower()) for other in chosen):
            chosen.append(word)
        if len(chosen) == words:
            break
    return ", ".join(chosen)


def _same_stem(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    if UNSPACED.match(short):
        return short in long
    shared = max(len(short) - 2, 4)
    return len(short) >= 4 and long[:shared] == short[:shared] and len(long) - len(short) <= 4


def name_by_typical(texts: Sequence[str], labels: np.ndarray, unit: np.ndarray, words: int = WORDS) -> tuple[str, ...]:
    """One name a cluster of single words or short phrases: the items nearest to its mean.

    For texts that are each a word of their own: there no word is more frequent than another.

    Parameters
    ----------
    labels : int array of shape (m,), 0 the first cluster, negative for items in none
    unit : float32 array of shape (m, d), unit length
    words : how many items make a name
    """
    names = []
    for number in range(int(labels.max(initial=-1)) + 1):
        nearest = nearest_to_mean(unit, np.flatnonzero(labels == number))
        names.append(", ".join(texts[item] for item in nearest[:words]))
    return tuple(names)


def are_words(texts: Sequence[str]) -> bool:
    """Whether the texts are a list of words: at least four in five hold one word or two."""
    return bool(len(texts)) and float(np.mean([len(text.split()) <= 2 and len(text) <= 40 for text in texts])) >= 0.8

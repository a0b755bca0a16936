"""Names for groups, made of their own words: what a group says often and the others seldom."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import sparse

from explorer.data.language import detect

WORDS = 3
_MAIN_SHARE = 0.1  # of the sample: a language as common as this lends all its stop words,
_SOME_SHARE = 0.01  # one as common as this its shortest: "la" names nothing, but French "car" may be English
_SHORTEST = 3  # letters
_SAMPLE = 200_000  # texts read for the names; more change nothing in them
# Whole, as the vectorizer sees them; the lists hold their halves.
_CONTRACTIONS = {
    *("don't", "doesn't", "didn't", "can't", "couldn't", "won't", "wouldn't", "isn't", "aren't", "wasn't", "weren't"),
    *("haven't", "hasn't", "hadn't", "shouldn't", "i'm", "i've", "i'd", "i'll", "it's", "that's", "there's", "what's"),
    *("you're", "you've", "we're", "we've", "they're", "let's"),
}
# A word begins with a letter of any script; digits alone name nothing.
_WORD = r"(?u)\b[^\W\d_][\w'’-]*\w\b"


def name_groups(texts: Sequence[str], labels: np.ndarray, words: int = WORDS) -> tuple[str, ...]:
    """One name a group, such as "refund, charge, invoice"; "group 3" where its texts hold no usable word.

    Class-based TF-IDF (Grootendorst 2022): how many of the group's texts hold a word times log(1 + A / f), where
    f is how many of all texts do and A the average sum of these counts a group.

    Parameters
    ----------
    texts : one an item
    labels : int array of shape (m,), 0 the first group, negative for items in none
    """
    count = int(labels.max(initial=-1)) + 1
    plain = tuple(f"group {number + 1}" for number in range(count))
    if not count:
        return plain
    from sklearn.feature_extraction.text import CountVectorizer

    stop = stop_words(texts)
    labels = labels[:_SAMPLE]
    # A word counts once a text: one long text must not name its group alone.
    counter = CountVectorizer(token_pattern=_WORD, stop_words=sorted(stop) or None, max_features=50_000, binary=True)
    try:
        words_of = counter.fit_transform(texts[:_SAMPLE]).astype(np.float64)
    except ValueError:  # nothing but stop words
        return plain
    grouped = np.flatnonzero(labels >= 0)
    member = sparse.csr_matrix((np.ones(len(grouped)), (labels[grouped], grouped)), shape=(count, len(labels)))
    counts = member @ words_of
    vocabulary = counter.get_feature_names_out()
    in_group = np.asarray(counts.sum(axis=1)).ravel()
    overall = np.asarray(counts.sum(axis=0)).ravel()
    weight = counts.multiply(np.log1p(in_group.mean() / np.maximum(overall, 1))).tocsr()
    return tuple(_top(weight, number, vocabulary, words) or plain[number] for number in range(count))


def name_by_label(values: Sequence[str], labels: np.ndarray) -> tuple[str, ...]:
    """One name a group: the value most of its items have, with its share, such as "7 (98 %)".

    "group 3" where no two of its items have the same: ids and row numbers name nothing.

    Parameters
    ----------
    values : one an item, of a label column
    labels : int array of shape (m,), 0 the first group, negative for items in none
    """
    held = np.asarray(values, dtype=str)
    names = []
    for number in range(int(labels.max(initial=-1)) + 1):
        found, counts = np.unique(held[labels == number], return_counts=True)
        most = int(counts.argmax())
        if counts[most] == 1 < counts.sum():
            names.append(f"group {number + 1}")
        else:
            names.append(f"{found[most]} ({100 * counts[most] / counts.sum():.0f} %)")
    return tuple(names)


def stop_words(texts: Sequence[str]) -> set[str]:
    """The stop words of the languages found in the texts; of rare languages the shortest alone."""
    shares = detect(texts)
    words: set[str] = set().union(*(_listed(language) for language, share in shares.items() if share >= _MAIN_SHARE))
    words = words or set(_listed("en"))
    for language, share in shares.items():
        if _SOME_SHARE <= share < _MAIN_SHARE:
            words |= {word for word in _listed(language) if len(word) <= _SHORTEST and word != "car"}
    # "don't" and "l'eau" are one word to the vectorizer, while some lists hold their halves only.
    return {part for word in words for part in (word.lower(), *word.lower().split("'"))} | _CONTRACTIONS


def _listed(language: str) -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
    from stop_words import StopWordError, get_stop_words

    if language == "en":  # the package's English list holds "order" and "help": names need them
        return frozenset(ENGLISH_STOP_WORDS)
    try:
        return frozenset(get_stop_words(language))
    except StopWordError:  # a language without a list: its commonest words weigh little anyway
        return frozenset()


def _top(weight: object, number: int, vocabulary: np.ndarray, words: int) -> str:
    row = weight[number]  # type: ignore[index]
    chosen: list[str] = []
    for place in np.argsort(-row.data, kind="stable"):
        word = str(vocabulary[row.indices[place]])
        # "order, orders" says one thing twice.
        if not any(_same_stem(word, other) for other in chosen):
            chosen.append(word)
        if len(chosen) == words:
            break
    return ", ".join(chosen)


def _same_stem(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    shared = max(len(short) - 2, 4)
    return len(short) >= 4 and long[:shared] == short[:shared] and len(long) - len(short) <= 4

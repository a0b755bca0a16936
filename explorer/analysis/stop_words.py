"""Words too common to name anything: of the languages found in texts, and of code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from explorer.table.language import detect

_MAIN_SHARE = 0.1  # of the sample: all stop words of a language as common as this are left out
_SOME_SHARE = 0.01  # and the shortest ones of a language as common as this: "la", but French "car" may be English
_SHORTEST = 3  # letters
_COUNTED_FROM = 5_000  # texts from which stop words are counted where no list has them
_COMMON = 0.03  # of these texts a counted stop word stands in so many
_SHORT, _MANY = 3, 200  # and has at most so many letters; one more where there are so many texts
_CODE_SHARE = 0.1  # of the sample: texts that hold lines of code from which words of code name nothing
_SAMPLE = 400
# As whole words; the lists of stop words hold only their halves.
_CONTRACTIONS = {
    *("don't", "doesn't", "didn't", "can't", "couldn't", "won't", "wouldn't", "isn't", "aren't", "wasn't", "weren't"),
    *("haven't", "hasn't", "hadn't", "shouldn't", "i'm", "i've", "i'd", "i'll", "it's", "that's", "there's", "what's"),
    *("you're", "you've", "we're", "we've", "they're", "let's"),
}
_LINE_OF_CODE = re.compile(
    r"(?m)^\s*(?:def \w+\s*\(|class \w+\s*[(:{]|import [\w.]+|from [\w.]+ import |#include\b|<\?php"
    r"|func(?:tion)? \w*\s*\(|(?:const|let|var|public|private|static) .*[;{=]|return\b.*;\s*$|return [\w.()\[\]]+$"
    r"|(?:if|for|while)\b.*[:{]\s*$|SELECT\b.*\bFROM\b|[{}]+[;,]?\s*$)"
)
_LISTS = Path(__file__).with_name("weak_words")  # words that say little at an end of a phrase, yet can be searched


def stop_words(texts: Sequence[str]) -> set[str]:
    """The stop words of the languages found in the texts; of rare languages only the shortest.

    Where a language has no list, its stop words are counted: short words that stand in many of the texts.
    """
    shares = detect(texts)
    words: set[str] = set().union(*(listed(language) for language, share in shares.items() if share >= _MAIN_SHARE))
    if any(share >= _MAIN_SHARE and not listed(language) for language, share in shares.items()):
        words |= counted(texts)
    words = words or set(listed("en"))
    for language, share in shares.items():
        if _SOME_SHARE <= share < _MAIN_SHARE:
            words |= {word for word in listed(language) if len(word) <= _SHORTEST and word != "car"}
    # "don't" and "l'eau" are one word here, while some lists hold only their halves.
    return {part for word in words for part in (word.lower(), *word.lower().split("'"))} | _CONTRACTIONS


def listed(language: str) -> frozenset[str]:
    """The stop words of a language, an ISO 639-1 code; empty where there is no list."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
    from stop_words import StopWordError, get_stop_words

    if language == "en":  # the package's English list holds "order" and "help": names need them
        return frozenset(ENGLISH_STOP_WORDS)
    try:
        return frozenset(get_stop_words(language))
    except StopWordError:
        return frozenset()


def counted(texts: Sequence[str]) -> set[str]:
    """Words that are stop words by their use: short, and in many of the texts. Words of content are longer or rarer."""
    sample = _sample(texts, _COUNTED_FROM)
    longest = _SHORT + (len(sample) >= _MANY)
    often = Counter(word for text in sample for word in set(re.findall(r"[^\W\d_]+", text.lower())))
    least = max(_COMMON * len(sample), 3)
    return {word for word, count in often.items() if count >= least and len(word) <= longest}


def weak_words(texts: Sequence[str]) -> set[str]:
    """What neither begins nor ends a name: stop words, English words that say little, and where the texts hold lines of
    code the words of programming languages."""
    words = stop_words(texts)
    words |= _of_rare_languages(texts)
    if "en" in detect(texts) or not detect(texts):
        words |= _read("english")
    if is_code(texts):
        words |= _read("code")
    return words


def _of_rare_languages(texts: Sequence[str]) -> set[str]:
    """Stop words of languages that few texts are in, as far as they stand in these texts rather than in others:
    German "eine", but not French "plus" where it is English.
    """
    shares = detect(texts, _SAMPLE)
    main: set[str] = set().union(*(listed(language) for language, share in shares.items() if share >= _MAIN_SHARE))
    rare = [listed(language) - main for language, share in shares.items() if share < _MAIN_SHARE]
    sample = _sample(texts, _COUNTED_FROM) if any(rare) else []
    held = [set(re.findall(r"[^\W\d_]+", text.lower())) for text in sample]
    found: set[str] = set()
    for words in filter(None, rare):
        foreign: Counter[str] = Counter()
        for text in held:
            mine = text & words
            foreign.update(dict.fromkeys(mine, 1 if len(mine) > len(text & main) else -1))
        found.update(word for word, more in foreign.items() if more > 0)
    return found


def is_code(texts: Sequence[str]) -> bool:
    """Whether one in ten of the texts, or more, holds lines of code."""
    sample = _sample(texts, _SAMPLE)
    return bool(sample) and sum(bool(_LINE_OF_CODE.search(text)) for text in sample) >= _CODE_SHARE * len(sample)


@lru_cache
def _read(name: str) -> frozenset[str]:
    return frozenset((_LISTS / f"{name}.txt").read_text(encoding="utf-8").split())


def _sample(texts: Sequence[str], most: int) -> list[str]:
    """At most so many of the texts, at even distances."""
    if not len(texts):
        return []
    return [texts[place] for place in np.unique(np.linspace(0, len(texts) - 1, min(len(texts), most)).astype(int))]

"""The languages of a column of texts."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

MIN_WORDS = 4  # the language of a shorter text is not determined
MAX_CHARACTERS = 400

# Scripts written without spaces between words, as a class of a regular expression: Thai and Lao, Burmese, Khmer, kana,
# and the characters of Chinese and Japanese.
UNSPACED_LETTERS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"

# Scripts of one language, or nearly. Several languages use Cyrillic, Arabic or Devanagari: the model decides where the
# text is long enough; else the most widely used language is given.
_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af\u1100-\u11ff]")),
    ("zh", re.compile("[\u3400-\u9fff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("ka", re.compile("[\u10a0-\u10ff]")),
    ("hy", re.compile("[\u0530-\u058f]")),
    ("ta", re.compile("[\u0b80-\u0bff]")),
    ("te", re.compile("[\u0c00-\u0c7f]")),
    ("bn", re.compile("[\u0980-\u09ff]")),
)
_SHARED = (
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
)


def detect(texts: Sequence[str | None], sample: int = 200) -> dict[str, float]:
    """The languages of texts: ISO 639-1 code to share of the texts that are long enough, most frequent first.

    The same texts always give the same result: `sample` texts are taken at even distances. Their script decides, else
    py3langid (Lui & Baldwin 2012, langid.py).
    """
    places = np.unique(np.linspace(0, len(texts) - 1, min(len(texts), sample)).astype(int)) if len(texts) else ()
    found: Counter[str] = Counter()
    for place in places:
        text = texts[place]
        code = language_of(text) if isinstance(text, str) else None
        if code:
            found[code] += 1
    total = sum(found.values())
    return {code: count / total for code, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))}


def language_of(text: str) -> str | None:
    """The language of one text; None when it is too short."""
    text = re.sub(r"https?://\S+|[@#]\w+", " ", text[: 4 * MAX_CHARACTERS])[:MAX_CHARACTERS]
    text = unicodedata.normalize("NFC", text).strip()
    letters = sum(mark.isalpha() for mark in text)
    if not letters:
        return None
    for code, pattern in _SCRIPTS:
        share = len(pattern.findall(text)) / letters
        if share > 0.3 or (code == "ja" and share > 0.1):
            return code
    long_enough = len(re.findall(r"[^\W\d_]{2,}", text)) >= MIN_WORDS
    for code, pattern in _SHARED:
        if len(pattern.findall(text)) / letters > 0.5 and not long_enough:
            return code
    return str(_model().classify(text.lower() if text.isupper() else text)[0]) if long_enough else None


def _model() -> Any:
    import py3langid  # takes a third of a second to load

    return py3langid

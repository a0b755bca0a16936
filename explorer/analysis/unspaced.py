"""Words of scripts without spaces: Japanese words by changes of script, others learned from the texts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from explorer.table.language import UNSPACED_LETTERS

UNSPACED = re.compile(f"[{UNSPACED_LETTERS}]+")
_KANA = re.compile("[\u3041-\u30ff]")
_KATAKANA = re.compile("[\u30a1-\u30fa\u30fc]{2,}")
_KANJI = re.compile("([\u3005\u3400-\u9fff\uf900-\ufaff]+)([\u3041-\u309f]?)")
_NUMERALS = frozenset("一二三四五六七八九十百千万億数第")
# What may follow a noun: a particle, or the beginning of "する", "です", "まで", "から", "など". Any other kana is
# a part of the word itself: a verb or an adjective, of which the kanji would be only half.
_AFTER_ONE = frozenset("がをにはもへのとで")
_AFTER_MORE = _AFTER_ONE | frozenset("しさすせまかやよなだ")
# Single characters that are useless as the name of a cluster.
_WEAK = frozenset("日時分年月人回円個本中前後今方度目上下的何私僕俺君彼事物所者様間内外")
# Grammar of Chinese: a word ends before each of these.
_CHINESE_BREAKS = re.compile(
    "[的了吗呢吧啊呀嘛着把被给是在我你您他她它们这那哪和与及或但而就也都还又再很太最更不没有从到对为因等之其個這們嗎沒對給過还让跟已]"
)
# Grammar of Thai that is seldom inside a word.
_THAI_BREAKS = re.compile(
    "เพราะ|ครับ|ค่ะ|นะคะ|และ|ของ|ที่|เป็น|ได้|ไม่|ให้|กับ|จะ|ว่า|แต่|แล้ว|มาก|นี้|นั้น|ฉัน|เขา|จาก|โดย|หรือ|อยู่|ยัง|เมื่อ|ต้อง|ใน"
)
# A consonant with its vowels and marks, which readers of Thai or Lao see as one letter.
_THAI_UNIT = re.compile(
    "[\u0e40-\u0e44\u0ec0-\u0ec4]?[\u0e01-\u0e2e\u0e81-\u0eae][\u0e30-\u0e3a\u0e45-\u0e4e\u0eb0-\u0ebc\u0ec8-\u0ecd]*|."
)
_LEARNED_FROM = 5_000  # texts
_TOGETHER = 0.25  # the least cohesion of units that are a word
_MOSTLY = 0.8  # a sequence is a piece of a longer one where so large a share of its texts holds the longer one
_LONGEST_CHINESE, _LONGEST_THAI = 4, 7  # units


@dataclass(frozen=True, eq=False)
class Unspaced:
    """A way to find words in runs of text without spaces.

    Attributes
    ----------
    japanese : whether runs of Han characters are Japanese
    known : Japanese words of two characters that stand alone somewhere, to be found within longer ones
    often : in how many texts a sequence of characters occurs
    within : the most texts in which it occurs with the same character before or after it
    """

    japanese: bool = False
    known: frozenset[str] = frozenset()
    often: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    within: Mapping[tuple[str, ...], int] = field(default_factory=dict)

    @classmethod
    def learned(cls, texts: Sequence[str]) -> Unspaced:
        """What a sample of the texts, taken at even distances, shows about their words."""
        places = np.unique(np.linspace(0, len(texts) - 1, min(len(texts), _LEARNED_FROM)).astype(int))
        sample = [texts[place] for place in places if UNSPACED.search(texts[place])] if len(texts) else []
        if not sample:
            return cls()
        japanese = sum(bool(_KANA.search(text)) for text in sample) > 0.2 * len(sample)
        found = (kanji for text in sample for kanji, _ in _kanji(text)) if japanese else ()
        known = frozenset(kanji for kanji in found if len(kanji) == 2)
        often: Counter[tuple[str, ...]] = Counter()
        for text in sample:
            often.update({part for units in _runs(text, japanese) for part, _ in _parts(units)})
        within: dict[tuple[str, ...], int] = {}
        for part, count in often.items():
            for shorter in (part[:-1], part[1:]) if count > 1 else ():
                within[shorter] = max(within.get(shorter, 0), count)
        return cls(japanese, known, often, within)

    def words(self, text: str) -> set[str]:
        """The words found in a text, without words of scripts with spaces."""
        if not UNSPACED.search(text):
            return set()
        words = {word for units in _runs(text, self.japanese) for word in self._segmented(units)}
        return words | self._japanese(text) if self.japanese else words

    def _japanese(self, text: str) -> set[str]:
        found = set(_KATAKANA.findall(text))
        for kanji, _ in _kanji(text):
            found.add(kanji)
            found.update(part for part in _pairs(kanji) if part in self.known)
        return found

    def _segmented(self, units: tuple[str, ...]) -> Iterator[str]:
        """Words of one run: the sequences with the highest cohesion are taken first, and none overlaps another.

        Cohesion of a sequence is f² / (f of its left part × f of its right), at its weakest joint.
        """
        scored = []
        for part, start in _parts(units):
            count = self.often.get(part, 0)
            if len(part) < 2 or count < 2 or self.within.get(part, 0) > _MOSTLY * count:
                continue
            joints = [self.often[part[:cut]] * self.often[part[cut:]] for cut in range(1, len(part))]
            cohesion = count**2 / max(joints)
            if cohesion >= _TOGETHER:
                scored.append((cohesion, len(part), -start))
        taken = np.zeros(len(units), bool)
        for _, length, start in sorted(scored, reverse=True):
            place = slice(-start, -start + length)
            if not taken[place].any():
                taken[place] = True
                yield "".join(units[place])


def _kanji(text: str) -> Iterator[tuple[str, str]]:
    """Runs of kanji that are nouns, each with the kana that follows."""
    for found in _KANJI.finditer(text):
        kanji, after = found.groups()
        if len(kanji) == 1:
            fits = kanji not in _WEAK and (not after or after in _AFTER_ONE)
        else:
            fits = not after or after in _AFTER_MORE
        if fits and not set(kanji) <= _NUMERALS | _WEAK:
            yield kanji, after


def _pairs(kanji: str) -> Iterable[str]:
    return (kanji[start : start + 2] for start in range(len(kanji) - 1)) if len(kanji) > 2 else ()


def _runs(text: str, japanese: bool = False) -> Iterator[tuple[str, ...]]:
    """Runs of text between spaces, punctuation and grammar, as units: Han characters, or Thai letters with marks.

    japanese : whether to leave Han characters out, since they are Japanese
    """
    for run in UNSPACED.findall(text):
        thai = run[0] < "\u3000"
        if japanese and not thai:
            continue
        for piece in (_THAI_BREAKS if thai else _CHINESE_BREAKS).split(run):
            if piece:
                yield tuple(_THAI_UNIT.findall(piece)) if thai else tuple(piece)


def _parts(units: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    """All sequences within a run up to the length of a long word, and where each begins."""
    most = _LONGEST_THAI if units[0] < "\u3000" else _LONGEST_CHINESE
    for start in range(len(units)):
        for end in range(start + 1, min(start + most, len(units)) + 1):
            yield units[start:end], start

"""The words that stand in written dates: months and weekdays in many languages, morning and afternoon, time zones.

Names come from Babel, which has them from the Unicode CLDR.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache

# Where two languages use a word for different months (listopad: October in Croatian, November in Polish and Czech), the
# language that knows most words of the column decides, then this order.
_LANGUAGES = (
    *("en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "sv", "da", "nb", "sl", "cs", "tr", "uk", "fi", "hu", "ro"),
    *("el", "sk", "hr", "bg", "sr", "sr_Latn", "et", "lv", "lt", "ca", "eu", "gl", "ga", "is", "sq", "mk", "be", "id"),
    *("ms", "vi", "th", "hi", "bn", "ar", "he", "fa", "ur", "de_AT", "zh", "ja", "ko", "af", "sw", "az", "kk", "ka"),
)
# Spellings that CLDR does not have.
_OTHER_MONTHS = {"mrz": 3, "sept": 9, "agu": 8, "agt": 8, "okt": 10, "dic": 12}
# "on", "of", "o'clock", "year" and their like.
_FILLERS = (
    "at on of the o oclock h year ob lúc de del d den der am um uhr jahr le la el à et om las los às as die kl klo "
    "kello kell ore ora alle г р года году року и вот в о у m gada godine god r fecha dia día año any urte do y e i "
    "év hó nap ngày năm στις και พศ วันที่ เวลา น"
)
# In minutes east of Greenwich. CST and IST have several meanings: those of the United States and of India are read.
_ZONES = {
    **dict.fromkeys(("z", "utc", "gmt", "wet", "ut"), 0),
    **dict.fromkeys(("cet", "mez", "bst", "west", "wat", "hnec"), 60),
    **dict.fromkeys(("cest", "mesz", "eet", "cat", "sast", "oez", "heec"), 120),
    **dict.fromkeys(("eest", "msk", "trt", "eat", "oesz", "мск"), 180),
    **{"gst": 240, "pkt": 300, "ist": 330, "npt": 345, "ict": 420, "wib": 420, "wita": 480, "hkt": 480, "sgt": 480},
    **{"awst": 480, "jst": 540, "kst": 540, "wit": 540, "acst": 570, "aest": 600, "acdt": 630, "aedt": 660},
    **{"nzst": 720, "nzdt": 780, "brt": -180, "art": -180, "clt": -240, "ast": -240, "adt": -180, "nst": -210},
    **{"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420},
    **{"akst": -540, "akdt": -480, "hst": -600},
}
_WEEKS = {"w": "<w>", "kw": "<w>", "week": "<w>", "uge": "<w>", "woche": "<w>"}
_QUARTERS = dict.fromkeys(("q", "quarter", "quartal", "kwartaal", "kvartal", "trimestre", "trim"), "<q>")

WORD = re.compile(r"[^\s\d,;:/()\[\]+\-\u2212\u2013<>'’`.]+(?:\.[^\s\d,;:/()\[\]+\-\u2212\u2013<>'’`.]+)*")


@dataclass(frozen=True)
class _Names:
    """The words of a language: word to month from 1, weekdays, word to "<a>" (morning) or "<p>" (afternoon)."""

    months: dict[str, int]
    weekdays: frozenset[str]
    halves: dict[str, str]


def fold(word: str) -> str:
    """A word in lower case, without dots and without accents, as people leave them out."""
    if word.isascii():
        return word.lower().replace(".", "")
    apart = unicodedata.normalize("NFKD", word.casefold().replace(".", ""))
    return unicodedata.normalize("NFC", re.sub("[\u0300-\u036f]", "", apart).replace("ı", "i"))


def meanings(words: Iterable[str]) -> dict[str, str]:
    """What folded words mean in a date; words without a meaning are left out.

    "<m3>" is March, "<n3>" March or else a weekday (French "mar."), "" a weekday or a word that says nothing, "<a>" and
    "<p>" before and after noon, "<z+60>" a time zone in minutes, "<w>" a week and "<q>" a quarter.
    """
    wanted, any_language = set(words), _of_any_language()
    calendar = [word for word in wanted if word in any_language.months or word in any_language.weekdays]
    best = max(_languages(), key=lambda each: (_count(calendar, each.months), _count(calendar, each.weekdays)))
    dated = _count(calendar, best.months) > 0
    found = {word: _meaning(word, best, any_language, dated) for word in wanted}
    return {word: meaning for word, meaning in found.items() if meaning is not None}


def _count(words: list[str], among: Collection[str]) -> int:
    return sum(word in among for word in words)


def _meaning(word: str, best: _Names, any_language: _Names, dated: bool) -> str | None:
    month = best.months.get(word) or any_language.months.get(word)
    if month:
        return f"<{'n' if word in any_language.weekdays else 'm'}{month}>"
    # Without months, "cet" is rather a time zone than a Croatian Thursday.
    if (dated or word not in _ZONES) and (word in best.weekdays or word in best.halves):
        return best.halves.get(word, "")
    if word in ("am", "pm", "a", "p"):
        return f"<{word[0]}>"
    if word in _ZONES:
        return f"<z{_ZONES[word]:+d}>"
    if word in _WEEKS or word in _QUARTERS:
        return _WEEKS.get(word) or _QUARTERS[word]
    if word in _folded_fillers() or word in any_language.weekdays:
        return ""
    return any_language.halves.get(word)


@cache
def _folded_fillers() -> frozenset[str]:
    return frozenset(map(fold, _FILLERS.split()))


@cache
def _languages() -> tuple[_Names, ...]:
    return tuple(map(_names_of, _LANGUAGES))


@cache
def _of_any_language() -> _Names:
    """The words of all languages; of those that mean several months, the first language's."""
    months, halves = dict(_OTHER_MONTHS), {}
    for names in reversed(_languages()):
        months.update(names.months)
        halves.update(names.halves)
    return _Names(months, frozenset().union(*(names.weekdays for names in _languages())), halves)


def _names_of(language: str) -> _Names:
    from babel import Locale

    locale = Locale.parse(language)
    months: dict[str, set[int]] = defaultdict(set)
    weekdays: set[str] = set()
    for context in ("format", "stand-alone"):
        for width in ("wide", "abbreviated"):
            for number, name in locale.months[context][width].items():
                words = [fold(word) for word in WORD.findall(name)]
                word = words[-1] if words else ""  # Catalan: "de març"
                if len(word) < 2:  # Japanese and Vietnamese number their months
                    continue
                # People cut names where they like: "Sept", "Juil".
                for end in range(min(3, len(word)), len(word) + 1):
                    months[word[:end]].add(number)
        for width in ("wide", "abbreviated", "short"):
            for name in locale.days[context].get(width, {}).values():
                weekdays.update(word for word in map(fold, WORD.findall(name)) if len(word) > 1 or not word.isascii())
    exact = {fold(name): number for each in ("wide", "abbreviated") for context in ("format", "stand-alone")
             for number, name in locale.months[context][each].items()}  # fmt: skip
    halves = {
        fold(name.replace(" ", "").replace("\u202f", "").replace("\xa0", "")): f"<{half[0]}>"
        for names in locale.day_periods["format"].values()
        for half, name in names.items()
        if half in ("am", "pm")
    }
    certain = {word: exact.get(word) or min(numbers) for word, numbers in months.items()
               if len(numbers) == 1 or word in exact}  # fmt: skip
    return _Names(certain, frozenset(weekdays), halves)

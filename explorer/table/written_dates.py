"""Dates as people and programs write them, read from the cells of one column."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from explorer.table.calendar_words import WORD, fold, meanings

LONGEST = 80  # characters: a longer cell is no date
_LATEST = 2050  # two-digit years are read as no later than this

_S = r"[\s./,'-]*"
_YEAR = r"(\d{4}|\d{2})"


def _compiled(*forms: tuple[str, str]) -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(pattern), order) for pattern, order in forms)


# Forms with a month by name, and what their groups are.
_NAMED = _compiled(
    (rf"(\d{{1,2}}){_S}<[mn](\d+)>{_S}{_YEAR}", "dmy"),
    (rf"<[mn](\d+)>{_S}(\d{{1,2}})[\s./,'-]+{_YEAR}", "mdy"),
    (rf"(\d{{4}}){_S}<[mn](\d+)>{_S}(\d{{1,2}})", "ymd"),
    (rf"(\d{{4}})[\s./,-]+(\d{{1,2}}){_S}<[mn](\d+)>", "ydm"),
    (rf"<[mn](\d+)>{_S}(\d{{4}})", "my"),
    (r"<[mn](\d+)>\s*[-/']\s*(\d{2})", "my"),
    (rf"(\d{{4}}){_S}<[mn](\d+)>", "ym"),
)
_PLAIN = _compiled(
    (r"(\d{4})[\s./-]+(\d{1,2})[\s./-]+(\d{1,2})", "ymd"),
    (r"(\d{4})(\d{2})(\d{2})", "ymd"),
    (r"(\d{4})[/-](\d{1,2})", "ym"),
    (r"(\d{1,2})[/-](\d{4})", "my"),
    (rf"<q>\s*([1-4])[\s/,'-]*{_YEAR}", "qy"),
    (r"(\d{4})[\s/,.-]*<q>\s*([1-4])", "yq"),
    (r"([1-4])\.?\s*<q>[\s/,'-]*(\d{4})", "qy"),
)
_OPEN = re.compile(rf"(\d{{1,2}})([\s./-]+)(\d{{1,2}})([\s./,-]+){_YEAR}")  # day or month first
_WEEK = re.compile(r"(\d{4})[\s-]*<w>[\s-]*(\d{1,2})(?:-?([1-7]))?")
_WEEK_FIRST = re.compile(r"<w>[\s-]*(\d{1,2})[\s/,-]*(\d{4})")
_TIME = re.compile(
    r"(?:^|(?<=[\s,]))(?:<(?P<before>[ap])>\s*)?"
    r"(?:(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,:](?P<f>\d{1,9}))?)?(?:\s*<(?P<after>[ap])>)?"
    r"|(?P<h2>\d{1,2})\s*<(?P<after2>[ap])>)"
    r"(?:\s*\(?<z(?P<zone>[+-]\d+)>\)?)?(?:\s*(?P<sign>[+-])(?P<zh>\d{1,2}):?(?P<zm>\d{2})?)?(?:\s*\(?<z[+-]\d+>\)?)?"
    r"(?=$|[\s,])"
)
_BASIC = re.compile(r"(\d{4})(\d{2})(\d{2})[t\s]?(\d{2})(\d{2})(\d{2})?(?:\.\d+)?(z|[+-]\d{2}:?\d{2})?")
_EAST = re.compile(
    r"(?:(?P<era>令和|平成|昭和|民國|民国)\s*)?(?P<y>\d{1,4}|元)\s*[年년]\s*(?P<m>\d{1,2})\s*[月월](?:\s*(?P<d>\d{1,2})\s*[日号號일])?"
)
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_EAST_TIME = re.compile(r"(\d{1,2})\s*[時时点點시](?:\s*(\d{1,2})\s*[分분])?(?:\s*(\d{1,2})\s*[秒초])?")
_FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
_LEFT_OVER = re.compile(r"\(\s*\)|(?<=[>\s])\.")  # of words that are gone
_TWO_DIGITS = re.compile(r"\d.*\d")
_EAST_HALF = re.compile("午前|上午|오전|午後|下午|오후")
_EAST_DAY = re.compile(
    "(?:星期|週|周|礼拜)[一二三四五六日天]|[月火水木金土日]曜日?|[월화수목금토일]요일|\\([月火水木金土日월화수목금토일]\\)"
)

# Spellings that other rules then read, in order: pattern and replacement.
_BEFORE = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^(\d{4}):(\d\d):(\d\d)(?=\s)", r"\1-\2-\3"),  # cameras: 2026:03:01 10:15:00
        (r"(?<=\d{4}):(?=\d\d:\d\d)", " "),  # servers: 01/Mar/2026:10:15:00
        (r"(?<=\d)t(?=\d{1,2}:\d\d)", " "),
        (r"\s*\[[\w/]+\]$", ""),  # Java: …+01:00[Europe/Berlin]
        (r"(?<=[+-]\d{4})\s*\([^)]*\)$", ""),  # browsers: GMT+0100 (Central European Standard Time)
        (r"\b([ap])\.?\s?m\b\.?", r"\1m"),
        (r"(?<=\d)(?:st|nd|rd|th|er|re|º|ª|°)(?![^\W\d_])", ""),
        (r"(?<=\d)[oae](?=[\s.]+(?:de\s)?[^\W\d_]{3})", ""),  # 1º de março, 1e januari
        (r"(?<=\d)\s?h\s?(?=\d\d)", ":"),
        (r"(?<=\s)(\d{1,2})\s?h(?![^\W_])", r"\1:00"),
    )
)
_NUMBERED_MONTH = re.compile(r"\b(?:tháng|thg)\s*(1[0-2]|0?[1-9])\b")  # Vietnamese
_ENGLISH = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ANY_BEFORE = re.compile("|".join(pattern.pattern for pattern in (*(each for each, _ in _BEFORE), _NUMBERED_MONTH)))
_DOTTED_TIME = re.compile(r"(?<=\d{4}\s)(\d{1,2})\.(\d{2})(?:\.(\d{2}))?$")


@dataclass(frozen=True)
class WrittenDates:
    """moments : datetime64[us] (n,) in UTC, NaT where a cell is no date
    notes : clauses about what the whole column decided, such as "dates read day first"
    """

    moments: np.ndarray
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Parts:
    """A cell taken apart: fields of the date in `order` ("?" + separator where day and month are open), then the time
    in microseconds after midnight UTC."""

    order: str
    fields: tuple[int, ...]
    short: bool  # a year of two digits
    time: int = 0


def read_written(cells: Sequence[str]) -> WrittenDates:
    """The distinct cells of a column, in the order of their first rows, as dates."""
    canonical = _canonical(cells)
    parts = [_take_apart(text) if text else None for text in canonical]
    found = np.array([each is not None for each in parts], bool)
    out = np.full(len(cells), np.datetime64("NaT"), "datetime64[us]")
    taken = [each for each in parts if each is not None]
    if not taken:
        return WrittenDates(out)
    notes: list[str] = []
    year, month, day = np.ones((3, len(taken)), np.int64)
    is_open = np.array([each.order[0] == "?" for each in taken])
    for place, each in enumerate(taken):
        if not is_open[place]:
            year[place], month[place], day[place] = _fixed(each)
    if is_open.any():
        fields = np.array([each.fields for each, open_ in zip(taken, is_open, strict=True) if open_])
        short = np.array([each.short for each, open_ in zip(taken, is_open, strict=True) if open_])
        separators = {each.order[1:] for each in taken if each.order[0] == "?"}
        order, note = _order(fields, short, separators)
        year[is_open], month[is_open], day[is_open] = (fields[:, order.index(part)] for part in "ymd")
        notes += [note] if note else []
    short_year = np.array([each.short for each in taken])
    if short_year.any():
        full = _centuries(year[short_year])
        if full.min() < 2000 <= full.max() or full.max() < 2000:
            notes.append(f"two-digit years read as {full.min()} to {full.max()}")
        year[short_year] = full
    days = _days(year, month, day)
    out[found] = days.astype("datetime64[us]") + np.array([each.time for each in taken]).astype("timedelta64[us]")
    return WrittenDates(out, tuple(notes))


def _canonical(cells: Sequence[str]) -> list[str]:
    """Cells in lower case, with marks in place of words (see `calendar_words.meanings`); empty where one has a word
    that stands in no date, or too few digits."""
    texts = [_spelled(cell) if _TWO_DIGITS.search(cell) else "" for cell in cells]
    words = {found: fold(found) for text in texts for found in WORD.findall(text) if found}
    known = meanings(set(words.values())) if words else {}
    marks = {word: known.get(folded) for word, folded in words.items()}

    def mark(match: re.Match[str]) -> str:
        meaning = marks[match[0]]
        return "\0" if meaning is None else f" {meaning} " if meaning[:2] != "<z" else meaning

    out = []
    for text in texts:
        if text and (marks or "." in text):
            text = WORD.sub(mark, text)
            if "\0" in text:
                out.append("")
                continue
            text = " ".join(_LEFT_OVER.sub(" ", text).split()).strip(" ,.")
            if "<n" in text:  # two months: the one that may be a weekday is one
                text = re.sub(r"<n\d+>[\s.,]*", "", text, count=1) if re.search(r"<m|<n.*<n", text) else text
            if ":" not in text:
                text = _DOTTED_TIME.sub(lambda m: ":".join(part for part in m.groups() if part), text)
        out.append(text.strip(" ,."))
    return out


def _spelled(cell: str) -> str:
    """A cell in lower case and plain digits, with years, months and times of East Asia in ours."""
    text = cell.strip().lower()
    if text[:1] == "[" and text[-1:] == "]":
        text = text[1:-1]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).replace("\u2212", "-").replace("\u2013", "-").replace("\u200f", "")
        text = _FOREIGN_DIGIT.sub(lambda digit: str(int(digit[0])), text)
        if max(text) > "\u1100":
            text = _EAST.sub(_western, text)
            text = _EAST_TIME.sub(lambda m: f" {m[1]}:{m[2] or '00':0>2}:{m[3] or '00':0>2} ", text)
            text = _EAST_DAY.sub(" ", text)
            text = _EAST_HALF.sub(lambda m: " am " if m[0] in "午前上午오전" else " pm ", text)
    basic = _BASIC.fullmatch(text)
    if basic:
        y, m, d, hour, minute, second, zone = basic.groups()
        return f"{y}-{m}-{d} {hour}:{minute}:{second or '00'} {zone or ''}".strip()
    if _ANY_BEFORE.search(text):
        for pattern, replacement in _BEFORE:
            text = pattern.sub(replacement, text)
        text = _NUMBERED_MONTH.sub(lambda m: f" {_ENGLISH[int(m[1]) - 1]} ", text)
    return " ".join(text.split())


def _western(match: re.Match[str]) -> str:
    year = 1 if match["y"] == "元" else int(match["y"])
    year += _ERAS.get(match["era"] or "", 0)
    return f" {year:04d}-{match['m']}" + (f"-{match['d']} " if match["d"] else " ")


def _take_apart(text: str) -> _Parts | None:
    time, offset = 0, 0
    clock = _TIME.search(text) if ":" in text or "<" in text else None
    if clock is not None:
        hour, minute, second = (int(clock[part] or 0) for part in ("h", "m", "s"))
        half = clock["before"] or clock["after"] or clock["after2"]
        hour = int(clock["h2"]) if clock["h2"] else hour
        if half and hour <= 12:
            hour = hour % 12 + 12 * (half == "p")
        if hour > 24 or minute > 59 or second > 60:
            return None
        fraction = int((clock["f"] or "0").ljust(6, "0")[:6])
        if clock["sign"]:
            offset = int(clock["sign"] + "1") * (int(clock["zh"]) * 60 + int(clock["zm"] or 0))
        elif clock["zone"]:
            offset = int(clock["zone"])
        time = ((hour * 60 + minute - offset) * 60 + second) * 10**6 + fraction
        text = f"{text[: clock.start()]} {text[clock.end() :]}"
        text = " ".join(text.split()).strip(" ,.-")
    for pattern, order in _NAMED if "<" in text else _PLAIN[:4]:
        match = pattern.fullmatch(text)
        if match is not None:
            return _Parts(order, tuple(map(int, match.groups())), len(match[order.index("y") + 1]) == 2, time)
    match = _OPEN.fullmatch(text)
    if match is not None:
        first, separator, second_, other, third = match.groups()
        sign = "," if "," in other else separator.strip()[:1] or " "
        return _Parts("?" + sign, (int(first), int(second_), int(third)), len(third) == 2, time)
    return _period(text) if "<" in text and not clock else None


def _period(text: str) -> _Parts | None:
    """The first day of a week or of a quarter."""
    week, first = _WEEK.fullmatch(text), _WEEK_FIRST.fullmatch(text)
    if week is not None or first is not None:
        number, year, day = (week[2], week[1], week[3] or 1) if week is not None else (first[1], first[2], 1)  # type: ignore[index]
        try:
            when = date.fromisocalendar(int(year), int(number), int(day))
        except ValueError:
            return None
        return _Parts("ymd", (when.year, when.month, when.day), False)
    for pattern, order in _PLAIN[4:]:
        match = pattern.fullmatch(text)
        if match is not None:
            return _Parts(order, tuple(map(int, match.groups())), len(match[order.index("y") + 1]) == 2)
    return None


def _fixed(parts: _Parts) -> tuple[int, int, int]:
    named = dict(zip(parts.order, parts.fields, strict=True))
    year = named["y"]
    if 2400 <= year <= 2700:  # Thailand counts from 543 years earlier
        year -= 543
    month = 3 * named["q"] - 2 if "q" in named else named["m"]
    return year, month, named.get("d", 1)


def _order(fields: np.ndarray, short: np.ndarray, separators: set[str]) -> tuple[str, str]:
    """Which of "dmy", "mdy", "ymd" the fields of a column are, and the clause that says so where cells leave it open.

    fields : int array (n, 3), as written; the last is a year, or may be a day where all years are `short`
    """

    def valid(order: str) -> float:
        month, day = fields[:, order.index("m")], fields[:, order.index("d")]
        return float(np.mean((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)))

    day_first, month_first = valid("dmy"), valid("mdy")
    if short.all() and _year_leads(fields, valid("ymd"), max(day_first, month_first)):
        return "ymd", "dates read year first"
    names = {"dmy": "dates read day first", "mdy": "dates read month first"}
    both = (fields[:, :2] <= 12).all(axis=1) & (fields[:, 0] != fields[:, 1])
    if day_first != month_first:
        order = "dmy" if day_first > month_first else "mdy"
        return order, names[order] if both.any() else ""
    sorted_ = [order for order in names if _in_order(fields, short, order)]
    if len(sorted_) == 1 and len(fields) > 3:
        return sorted_[0], f"{names[sorted_[0]]}, since so they are in order" if both.any() else ""
    order = "mdy" if separators <= {"/", ",", " "} else "dmy"
    return order, f"{names[order]}; no day above 12 settles it" if both.any() else ""


def _year_leads(fields: np.ndarray, valid: float, otherwise: float) -> bool:
    """Whether two-digit years stand first: only so all cells are dates, or they hardly change where the days do."""
    if valid < otherwise or valid < 0.95:
        return False
    if valid > otherwise:
        return True
    first, last = len(np.unique(fields[:, 0])), len(np.unique(fields[:, 2]))
    return len(fields) >= 5 and first * 3 <= last and last > 4


def _in_order(fields: np.ndarray, short: np.ndarray, order: str) -> bool:
    year = fields[:, 2].copy()
    if short.any():
        year[short] = _centuries(year[short])
    moments = _days(year, fields[:, order.index("m")], fields[:, order.index("d")]).astype(np.int64)
    steps = np.diff(moments)
    return bool((steps >= 0).all() or (steps <= 0).all())


def _centuries(years: np.ndarray) -> np.ndarray:
    """Two-digit years in full: as few years apart as they can be, and none later than _LATEST."""
    distinct = np.unique(years)
    gaps = np.diff(np.append(distinct, distinct[0] + 100))
    last = int(distinct[int(np.argmax(gaps))])  # the year before the widest gap on a clock of a hundred
    newest = 2000 + last if 2000 + last <= _LATEST else 1900 + last
    return np.asarray(newest - (last - years) % 100)


def _days(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> np.ndarray:
    """datetime64[D], NaT where there is no such day."""
    real = (year >= 1000) & (year <= 2999) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(real, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    real &= days.astype("datetime64[M]") == months
    return np.where(real, days, np.datetime64("NaT"))

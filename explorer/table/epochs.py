"""Moments as whole numbers: seconds, milliseconds, microseconds or nanoseconds since 1970, and days as 20260301.

A number stays a number unless nearly all of the column are moments between 1990 and 2100, and its name or its spread
says that they are.
"""

from __future__ import annotations

import re

import numpy as np

_UNITS = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}  # in a second
_FIRST, _LAST = 631_152_000, 4_102_444_800  # 1990 and 2100
_LIKELY = 946_684_800, 2_051_222_400  # 2000 and 2035
_ENOUGH = 0.95  # share of the filled cells

# Words of a column's name that speak for moments, those that do unless another speaks against them (an amount may be
# received as well), and those that speak against.
_TIME = (
    "time times timestamp timestamps ts date dates datetime epoch unix unixtime ctime mtime atime utc datum zeit "
    "zeitpunkt zeitstempel uhrzeit fecha hora heure horodatage ora data orario dato tidspunkt czas дата время"
)
_EVENTS = (
    "created updated modified changed opened closed resolved posted published sent received start started end ended "
    "begin deadline due seen login logged registered joined expires expiry at when day"
)
_OTHERS = (
    "id ids uuid guid key phone tel telephone telefon mobile fax zip plz postal isbn issn ean upc gtin sku barcode "
    "code account iban card number no nr price amount cost revenue sales salary income budget views population "
    "followers size bytes count total sum hash serial snowflake"
)
_TIME_MARKS = ("時", "日", "时", "날짜", "시간", "일시")


def read_epochs(values: np.ndarray, name: str) -> tuple[np.ndarray, str] | None:
    """The moments of a column of numbers, datetime64[us] (n,), and their unit; None where it holds plain numbers.

    values : float64 or int64 (n,), NaN where missing
    name : of the column
    """
    numbers = np.asarray(values, np.float64)
    filled = np.isfinite(numbers) & (numbers != 0) & (numbers != -1)  # how programs write that there is none
    if not filled.any():
        return None
    words = name_words(name)
    other = not words.isdisjoint(_OTHERS.split())
    spoken = not words.isdisjoint(_TIME.split()) or any(mark in name for mark in _TIME_MARKS)
    spoken = spoken or (not other and not words.isdisjoint(_EVENTS.split()))
    for unit, parts in _UNITS.items():
        seconds = numbers[filled] / parts
        inside = (seconds >= _FIRST) & (seconds <= _LAST)
        if inside.mean() >= _ENOUGH:
            if not (spoken if spoken or other else _spread(seconds[inside], unit)):
                return None
            out = np.full(len(numbers), np.datetime64("NaT"), "datetime64[us]")
            places = np.flatnonzero(filled)[inside]
            exact = np.asarray(values)[places]
            whole = exact.astype(np.int64)
            micros = whole * (10**6 // parts) if parts <= 10**6 else whole // (parts // 10**6)
            if exact.dtype.kind == "f" and parts <= 10**6:
                micros = micros + np.rint((exact - whole) * (10**6 // parts)).astype(np.int64)
            out[places] = micros.astype("datetime64[us]")
            return out, unit
    return None


def read_day_numbers(values: np.ndarray) -> np.ndarray | None:
    """The days of a column of numbers such as 20260301, datetime64[us] (n,); None where it holds plain numbers.

    Of numbers with eight digits one in three thousand is a day: a few of them are enough to know.
    """
    numbers = np.asarray(values, np.float64)
    filled = np.isfinite(numbers) & (numbers != 0)
    candidates = filled & (numbers >= 19_000_101) & (numbers <= 21_001_231) & (numbers == np.floor(numbers))
    if not filled.any() or candidates.sum() < _ENOUGH * filled.sum():
        return None
    whole = np.where(candidates, numbers, 19_000_101).astype(np.int64)
    year, month, day = whole // 10_000, whole // 100 % 100, whole % 100
    months = ((year - 1970) * 12 + np.clip(month, 1, 12) - 1).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    real = candidates & (month >= 1) & (month <= 12) & (day >= 1) & (days.astype("datetime64[M]") == months)
    # A run of numbers that happens to begin with a year has days of 32 and more sooner or later.
    if real.sum() < _ENOUGH * filled.sum():
        return None
    return np.where(real, days, np.datetime64("NaT")).astype("datetime64[us]")


def name_words(name: str) -> set[str]:
    """The words of a column's name: of "createdAt_ms" created, at, ms."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = set(re.findall(r"[^\W\d_]+", apart.lower()))
    # "unixReviewTime" and "opentime" alike
    return words | {"time" for word in words if word.endswith(("time", "timestamp", "date"))}


def _spread(seconds: np.ndarray, unit: str) -> bool:
    """Whether numbers without a telling name are spread as moments are: whole minutes apart, or, where there are
    thirteen digits or more, over a few years around today."""
    distinct = np.unique(seconds)
    if len(distinct) < 5:
        return False
    apart = np.diff(distinct) / 60
    minutes = np.mean(np.abs(apart - np.rint(apart)) < 1e-6) >= 0.9
    near = distinct[0] >= _LIKELY[0] and distinct[-1] <= _LIKELY[1]
    years = (distinct[-1] - distinct[0]) / (365.25 * 86_400)
    if unit == "seconds":
        return bool(minutes and near)
    return bool(near and 1e-4 < years <= 15 and unit != "nanoseconds")

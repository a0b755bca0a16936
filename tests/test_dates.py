"""Dates in the spellings of people, forms, mail and trackers, and as numbers; what stays a number or a text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from explorer.reading.readers import read
from explorer.table.date_notes import date_notes
from explorer.table.dates import parse_dates, read_dates
from explorer.table.roles import guess_roles, kinds

CASES = Path(__file__).parent / "data" / "cases"


FIRST_OF_MARCH = """
1 March 2026|Sunday, March 1, 2026|Mar 1st, 2026|1-Mar-2026|01/Mar/26|1. März 2026|So., 1. Mär. 2026
1er mars 2026|dimanche 1 mars 2026|1 de marzo de 2026|1 marzo 2026|1º de março de 2026|1 maart 2026
niedziela, 1 marca 2026|1 марта 2026 г.|den 1 mars 2026|1. marts 2026|1. mars 2026|1. marec 2026
1. března 2026|1 Mart 2026 Pazar|2026年3月1日|2026年3月1日(日)|2026년 3월 1일 일요일|令和8年3月1日|2026. március 1.
1. maaliskuuta 2026|1 березня 2026 року|1 Μαρτίου 2026|ngày 1 tháng 3 năm 2026|1 มี.ค. 2569
1 مارس 2026|٢٠٢٦/٠٣/٠١|2026/3/1|2026.03.01|20260301|March 2026|2026-03|03/2026|Mar-26|2026-W09-7
Sun 01 Mar 2026
"""
NO_DATES = """
May|March 5|5|12:30|1.2.3|192.168.1.1|v1.2.2024|13/13/2026|2026-02-30|Section 3, March 2026
3 of 2026|$2,026|2026
"""


def cells_of(text):
    return [cell for line in text.split("\n") for cell in line.split("|") if cell]


def moments(*cells, name=""):
    return [str(moment)[:16] for moment in parse_dates(pa.chunked_array([list(cells)]), name)]


@pytest.mark.parametrize("cell", cells_of(FIRST_OF_MARCH))
def test_a_day_in_many_spellings(cell):
    assert moments(cell.strip()) == ["2026-03-01T00:00"]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("Sun, 01 Mar 2026 10:15:00 +0100 (CET)", "2026-03-01T09:15"),  # mail
        ("Sun Mar 01 10:15:00 +0000 2026", "2026-03-01T10:15"),  # Twitter
        ("Sun Mar 01 2026 10:15:00 GMT+0100 (Central European Standard Time)", "2026-03-01T09:15"),
        ("01/Mar/26 10:15 AM", "2026-03-01T10:15"),  # Jira
        ("Mar 1st, 2026 at 10:15 PM", "2026-03-01T22:15"),  # Slack
        ("01/Mar/2026:10:15:00 +0100", "2026-03-01T09:15"),  # web servers
        ("2026:03:01 10:15:00", "2026-03-01T10:15"),  # cameras
        ("20260301T101500Z", "2026-03-01T10:15"),
        ("2026-03-01T10:15:00.000-0530", "2026-03-01T15:45"),
        ("2026/03/01 8:00:09 AM GMT+1", "2026-03-01T07:00"),  # Google Forms
        ("2026-03-01 10:15 CET", "2026-03-01T09:15"),
        ("2026-03-01 10:15 EST", "2026-03-01T15:15"),
        ("10:15 01.03.2026", "2026-03-01T10:15"),
        ("1 mars 2026 à 10h15", "2026-03-01T10:15"),
        ("1 marzo 2026 10:15 p. m.", "2026-03-01T22:15"),
        ("1.3.2026 klo 10.15", "2026-03-01T10:15"),
        ("2026年3月1日 午後3時05分", "2026-03-01T15:05"),
        ("2026년 3월 1일 오전 12:15", "2026-03-01T00:15"),
        ("Q2 2026", "2026-04-01T00:00"),
        ("/Date(1772359200000)/", "NaT"),  # its column has no telling name
    ],
)
def test_a_moment_in_many_spellings(cell, expected):
    assert moments(cell) == [expected]


@pytest.mark.parametrize("cell", cells_of(NO_DATES))
def test_what_is_no_date(cell):
    assert moments(cell) == ["NaT"]


def test_the_column_decides_the_language():
    assert moments("1. listopada 2026.", "2. ožujka 2026.") == ["2026-10-01T00:00", "2026-03-02T00:00"]  # Croatian
    assert moments("1 listopada 2026", "2 września 2026") == ["2026-11-01T00:00", "2026-09-02T00:00"]  # Polish
    assert moments("mar. 3 mars 2026", "mer. 4 mars 2026") == ["2026-03-03T00:00", "2026-03-04T00:00"]  # mardi


@pytest.mark.parametrize(
    ("cells", "first", "note"),
    [
        (["01/02/2026", "13/02/2026"], "2026-02-01", "dates read day first"),
        (["01/02/2026", "02/13/2026"], "2026-01-02", "dates read month first"),
        (["01/02/2026", "03/04/2026"], "2026-01-02", "dates read month first; no day above 12 settles it"),
        (["01.02.2026", "03.04.2026"], "2026-02-01", "dates read day first; no day above 12 settles it"),
        (["10/02/2026", "12/02/2026", "02/03/2026", "03/03/2026"], "2026-02-10",
         "dates read day first, since so they are in order"),
        (["01 1, 2014", "02 2, 2014", "02 13, 2014"], "2014-01-01", None),
        ([f"26-03-{day:02}" for day in range(1, 12)], "2026-03-01", "dates read year first"),
    ],
)  # fmt: skip
def test_the_column_decides_what_stands_first(cells, first, note):
    found = read_dates(pa.chunked_array([cells]))
    assert str(found.moments[0])[:10] == first
    assert found.notes == ((note,) if note else ())


def test_the_column_decides_the_century():
    assert moments("1.2.45", "3.4.67", "5.6.89", "24.8.03") == [
        "1945-02-01T00:00", "1967-04-03T00:00", "1989-06-05T00:00", "2003-08-24T00:00"
    ]  # fmt: skip
    assert moments("31.12.26", "1.1.30") == ["2026-12-31T00:00", "2030-01-01T00:00"]


@pytest.mark.parametrize(
    ("name", "cells", "first"),
    [
        ("unixReviewTime", [1340000000, 1340086400], "2012-06-18T06:13"),
        ("created_ms", ["1772000000000", None], "2026-02-25T06:13"),
        ("opened_epoch_ms", [1772000000000, 0], "2026-02-25T06:13"),  # 0: not opened
        ("ts", ["1772359200.000100", "1772359260.000200"], "2026-03-01T10:00"),
        ("at_us", [1772359200000000], "2026-03-01T10:00"),
        ("time_ns", [1772359200000000000], "2026-03-01T10:00"),
        (
            "t",
            [1772359200123 + 1234567 * step for step in range(9)],
            "2026-03-01T10:00",
        ),  # thirteen digits, in a few days
        ("t", [1772359200 + 420 * step for step in range(9)], "2026-03-01T10:00"),  # minutes apart
        ("day", [20260301, 20260331], "2026-03-01T00:00"),
    ],
)
def test_numbers_that_are_moments(name, cells, first):
    assert moments(*cells, name=name)[0] == first


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("amount", [1_500_000_000, 1_340_000_000]),
        ("received_amount", [1_500_000_000, 1_340_000_000]),
        ("phone", [2125551234, 2125551235]),
        ("mobile", ["1772000000", "1772000001"]),
        ("user_id", [1340000000, 1340000001]),
        ("snowflake", [1100000000000000000]),
        ("ean", [4006381333931, 4006381333948]),
        ("zip", ["10115", "20095"]),
        ("year", [1999, 2026]),
        ("x", [1340000000 + 1234567 * step for step in range(9)]),
        ("lot", [20260291 + step for step in range(90)]),  # no 20260300
        ("stars", [1, 5]),
    ],
)
def test_numbers_that_stay_numbers(name, cells):
    assert set(moments(*cells, name=name)) == {"NaT"}


def test_kinds_and_notes_of_a_file_with_moments():
    table = read(CASES / "epoch_dates.csv")
    dated = {name for name, kind in kinds(table).items() if kind == "date"}
    assert dated == {"unixReviewTime", "created_ms", "reviewTime"}
    assert date_notes(table) == (
        "`unixReviewTime` holds seconds since 1970, read as dates",
        "`created_ms` holds milliseconds since 1970, read as dates",
        "`reviewTime`: dates read month first",
    )


@pytest.mark.parametrize(
    ("file", "date"),
    [("form_long_questions.csv", "Timestamp"), ("orange_three_rows.tab", "When"), ("tweets.js", "created_at")],
)
def test_the_date_of_a_file(file, date):
    assert guess_roles(read(CASES / file)).date == date


def test_cells_that_say_that_there_is_none():
    rows = "".join(
        f"{day}. März 2026,Das Paket kam am Tag {day} an\n-,Es kam nie an, leider {day}\n" for day in range(1, 20)
    )
    assert kinds(read(f"closed,text\n{rows}".encode(), name="a.csv"))["closed"] == "date"


def test_texts_with_dates_in_them_are_texts():
    rows = "".join(f"Parcel {n} came on {n} March 2026\n" for n in range(1, 30))
    assert kinds(read(f"text\n{rows}".encode(), name="a.csv")) == {"text": "text"}


def test_moments_are_read_once_and_cannot_be_changed():
    found = parse_dates(pa.chunked_array([["2026-03-01"]]))
    assert not found.flags.writeable
    assert found.dtype == np.dtype("datetime64[us]")

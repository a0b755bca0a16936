"""Where a guess is weak, a table says what else fits; where it is plain, nothing is asked."""

from __future__ import annotations

import pytest

from explorer.reading.header import header_in_doubt
from explorer.reading.readers import read

CITIES = "Berlin,Germany\nParis,France\nRome,Italy\nMadrid,Spain\nVienna,Austria\n"


def doubts(text: str, name: str = "data.csv", **choices):
    return read(text.encode(), name=name, **choices).doubts


def test_words_above_words_may_be_names_or_a_row():
    table = read(CITIES.encode(), name="cities.csv")
    (doubt,) = table.doubts
    assert doubt.question == "Does line 1 hold the column names?"
    assert doubt.here == "line 1 holds the column names"
    assert doubt.change == {"header_row": 0}
    assert doubt.names == ("column_1", "column_2")
    assert doubt.rows[0] == ("Berlin", "Germany")
    other = read(CITIES.encode(), name="cities.csv", **doubt.change)
    assert len(other) == len(table) + 1
    assert not other.doubts
    assert not read(CITIES.encode(), name="cities.csv", **doubt.keep).doubts


@pytest.mark.parametrize(
    "text",
    [
        "city,country\n" + CITIES,
        "Name,Value\n" + CITIES,
        "id,text\n1,a good one\n2,a bad one\n3,not so\n",
        "a text of one, or two\nand of three, or four more\nand so, it goes on\n",
        "question,answer\nWhat is it?,A thing of some use to people\nWho made it?,Nobody knows that, really\n",
    ],
)
def test_what_is_plain_is_not_asked(text):
    assert doubts(text) == ()


def test_two_delimiters_that_fit_alike():
    text = "\n".join(f"the {word}, seen;of {word}, heard" for word in ("sea", "hill", "moon", "river", "stone"))
    doubt = doubts(text)[0]
    assert doubt.question == "What stands between two cells?"
    assert (doubt.keep, doubt.change) == ({"delimiter": ";"}, {"delimiter": ","})
    assert len(doubt.names) == 3
    assert not any("What stands" in one.question for one in doubts(text, **doubt.keep))


def test_a_line_of_cells_above_the_names():
    rows = "".join(f"{number},a thing of some use,{number}.5\n" for number in range(12))
    (doubt,) = doubts("2026,March\n\nnr,what it is,price\n" + rows)
    assert doubt.question == "In which line are the column names?"
    assert (doubt.keep, doubt.change) == ({"header_row": 3}, {"header_row": 1})


def test_names_that_some_cells_speak_against():
    rows = [[str(number), "yes"] for number in range(12)]
    assert header_in_doubt(["nr", "yes"], rows, named=False)
    assert not header_in_doubt(["nr", "answer"], rows, named=True)

"""Home reads a dropped file another way: the header, the delimiter, the sheet, the table of an archive."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from streamlit.testing.v1 import AppTest
from test_intake import upload
from test_pages import keyed
from visits import healthy, page_text

THINGS = ("bread", "rivers", "taxes", "violins", "clouds", "horses", "stones", "lamps", "boats", "trees", "maps", "ink")
BODY = "\n".join(f"{row};The parcel of {word} came late, and nobody said why" for row, word in enumerate(THINGS))
NOTED = f"Export of March\nthe desk\nnr;what people said\n{BODY}\n"


def columns(at: AppTest) -> list[str]:
    """Names in the preview."""
    return list(at.dataframe[-1].value.columns)


def choose(at: AppTest, name: str, value: str) -> AppTest:
    return healthy(keyed(at.selectbox, f"{name}-").set_value(value).run())


def texts(at: AppTest) -> list[str]:
    return keyed(at.multiselect, "role-text").value


def test_the_header_is_in_another_line():
    at = upload("noted.csv", NOTED.encode())
    choose(at, "header", "in the line")
    healthy(keyed(at.number_input, "header-row-").set_value(4).run())
    assert columns(at) == ["0", "The parcel of bread came late, and nobody said why"]
    assert texts(at) == ["The parcel of bread came late, and nobody said why"]
    choose(at, "header", "nowhere: there is no header")
    assert columns(at) == ["column_1", "column_2"]
    assert texts(at) == ["column_2"]
    choose(at, "header", "detect")
    assert columns(at) == ["nr", "what people said"]
    assert texts(at) == ["what people said"]


def test_lines_are_left_out():
    at = upload("noted.csv", NOTED.encode())
    healthy(keyed(at.text_input, "skip-rows-").set_value("4, 6-7").run())
    assert list(at.dataframe[-1].value["nr"]) == ["1", *map(str, range(4, 12))]


def test_what_is_no_line_is_one_sentence_with_a_way_back():
    at = upload("noted.csv", NOTED.encode())
    healthy(keyed(at.text_input, "skip-rows-").set_value("two").run())
    (error,) = at.error
    assert "is no line of a file" in error.value
    healthy(keyed(at.button, "forget-").click().run())
    assert not at.error
    assert columns(at) == ["nr", "what people said"]


@pytest.mark.parametrize("name", ["noted.csv", "noted.txt"])
def test_another_delimiter_guesses_the_roles_anew(name):
    at = upload(name, NOTED.encode())
    choose(at, "delimiter", "none: each line is a text")
    assert len(columns(at)) == 1
    assert texts(at) == columns(at)
    choose(at, "delimiter", "semicolon ;")
    assert columns(at) == ["nr", "what people said"]
    assert texts(at) == ["what people said"]


def test_lines_of_text_have_no_delimiter_until_one_is_chosen():
    at = upload("lines.txt", b"one, two, and three\nfour, or five, or none\nsix, if that\nseven at most\n")
    assert columns(at) == ["text"]
    choose(at, "delimiter", "comma ,")
    assert len(columns(at)) == 3


def packed(**files: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"{name}.csv", content)
    return file.getvalue()


def test_an_archive_of_several_tables_asks_which_one():
    people = "name,about\n" + "\n".join(f"p{row},they like {row} things and say so at length" for row in range(9))
    at = upload("both.zip", packed(noted=NOTED, people=people))
    assert not at.error
    box = keyed(at.selectbox, "member-")
    assert box.label == "This archive holds 2 tables. Which one?"
    assert box.options == ["noted.csv", "people.csv"]
    assert columns(at) == ["nr", "what people said"]
    choose(at, "member", "people.csv")
    assert columns(at) == ["name", "about"]
    assert texts(at) == ["about"]
    assert keyed(at.selectbox, "member-").options == ["noted.csv", "people.csv"]
    assert "people.csv was read from both.zip" in page_text(at).replace("\\", "")


CITIES = "Berlin,Germany\nParis,France\nRome,Italy\nMadrid,Spain\nVienna,Austria\n"


def test_a_weak_guess_is_asked_about_with_both_readings_side_by_side():
    at = upload("cities.csv", CITIES.encode())
    assert "Does line 1 hold the column names?" in page_text(at).replace("\\", "")
    here, other = at.dataframe[0].value, at.dataframe[1].value
    assert (list(here.columns), list(other.columns)) == (["Berlin", "Germany"], ["column_1", "column_2"])
    healthy(keyed(at.button, "doubt-change-").click().run())
    assert columns(at) == ["column_1", "column_2"]
    assert not [button for button in at.button if (button.key or "").startswith("doubt-")]
    at = upload("cities.csv", CITIES.encode())
    healthy(keyed(at.button, "doubt-keep-").click().run())
    assert columns(at) == ["Berlin", "Germany"]
    assert not [button for button in at.button if (button.key or "").startswith("doubt-")]


def test_the_line_of_decisions_says_each_and_changes_the_text():
    at = upload("noted.csv", ("nr;note;what people said\n" + BODY.replace(";", ";of the week we write ")).encode())
    at = upload("noted.csv", NOTED.replace("nr;what", "nr;why;what").replace(";The", ";so it goes here;The").encode())
    labels = [part.proto.popover.label for part in at.get("popover")]
    assert any("Header from line 3" in label for label in labels), labels
    assert any("2 rows above the table left out" in label for label in labels), labels
    assert any("what people said" in label and "because" in label for label in labels), labels
    healthy(keyed(at.button, "instead-0-").click().run())
    assert texts(at) == ["why"]


SHOPS = [{"name": f"shop {row}", "about": f"it sells {word} on the market"} for row, word in enumerate(THINGS)]
PEOPLE = [{"name": f"person {row}", "said": f"I bought {word} there"} for row, word in enumerate(THINGS)]
LISTS = json.dumps({"shops": SHOPS, "people": PEOPLE})


def _page(*sizes: int) -> str:
    def table(size: int) -> str:
        cells = "".join(f"<tr><td>{row}</td><td>They sell {THINGS[row]} there</td></tr>" for row in range(size))
        return f"<table><tr><th>nr</th><th>about</th></tr>{cells}</table>"

    return f"<html><body>{''.join(map(table, sizes))}</body></html>"


@pytest.mark.parametrize(
    ("name", "content", "word"), [("lists.json", LISTS, "List"), ("tables.html", _page(12, 9), "Table")]
)
def test_the_tables_of_a_file_are_called_what_they_are(name, content, word):
    box = keyed(upload(name, content.encode()).selectbox, "sheet-")
    assert box.label == word
    assert len(box.options) == 2


def test_columns_of_an_export_are_not_offered_as_texts_or_chosen():
    ends = ("mail,{0},{1},0,late", "web,{0},{1},1,lost")
    rows = "\n".join(
        f"The parcel of {word} came late,{ends[row % 2].format(row, row / 8)}" for row, word in enumerate(THINGS)
    )
    at = upload("export.csv", f"said,channel,_row,_x,_cluster,_cluster_name\n{rows}\n".encode())
    box = keyed(at.multiselect, "role-text")
    assert (box.value, box.options) == (["said"], ["said", "channel"])
    assert keyed(at.selectbox, "role-Label").value == "channel"
    assert keyed(at.selectbox, "role-Number").value is None
    assert [button.label for button in at.button if (button.key or "").startswith("instead-")] == ["channel"]

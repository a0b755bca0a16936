"""Column names as survey tools, trackers and spreadsheets write them: long, in several rows, below notes, repeated."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from explorer.errors import BadInput
from explorer.reading.readers import read
from explorer.table.notes import about
from explorer.table.table import Table

CASES = Path(__file__).parent / "data" / "cases"
TEXTS = (
    "The parcel came late and the box was crushed",
    "I was charged twice for the same invoice",
    "Great advice from the young man in the store",
    "The app crashes when I open the camera",
    "Nobody in the shop wanted to help me",
    "Login loops back to the start page",
)


def text_of(row: int) -> str:
    return f"{TEXTS[row % 6]} {row // 6}"


def day(row: int) -> str:
    return f"2026-03-{row % 28 + 1:02}"


def table(*rows: list[str], delimiter: str = ",", name: str = "a.csv", **choices) -> Table:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return read(out.getvalue().encode(), name=name, **choices)


def notes(made: Table) -> str:
    return " ".join(made.notes)


# --- names -----------------------------------------------------------------------------------------------------------


def test_whole_questions_are_names():
    made = read(CASES / "form_long_questions.csv")
    assert (len(made), made.columns[0], made.header_row, made.notes) == (90, "Timestamp", 1, ())
    assert made.columns[3].startswith("If you could change one single thing about how we work")


@pytest.mark.parametrize(
    "question",
    [
        "If you could change one single thing about how we work, what would it be and why would you change it?",
        "Please describe in your own words, and at any length, what happened during your last visit to our store",
        "いちばん最近ご利用になった店舗での接客について、お気づきの点やご要望がございましたらご自由にお書きください",
        "I would recommend the company to a friend or a colleague of mine at any time. [Comment]",
    ],
)
def test_a_question_of_any_length_above_texts_is_a_name_beside_a_column_of_days(question):
    made = table(["Timestamp", question], *([day(row), text_of(row)] for row in range(12)))
    assert made.columns == ["Timestamp", question]


def test_questions_above_texts_alone_are_told_by_their_marks():
    long = "What would you change about our shop if you could change one single thing, and why?"
    assert table([long], *([text_of(row)] for row in range(12))).columns == [long]
    other = "What do you like about it, in your own words, as long as you like? *"
    assert table([long, other], *([text_of(row), text_of(row + 3)] for row in range(12))).columns == [long, other]


def test_a_statement_above_few_answers_is_a_name():
    statement = "I would recommend the company to a friend or a colleague of mine at any time of the year"
    made = table(["Comment", statement], *([text_of(row), ["Agree", "Disagree"][row % 2]] for row in range(12)))
    assert made.columns == ["Comment", statement]


def test_days_above_numbers_are_names():
    """One column for each day, as in the series of cases that Johns Hopkins published."""
    names = ["Province/State", "Country/Region", "Lat", "1/22/20", "1/23/20", "1/24/20"]
    made = table(names, *(["", f"C{row}", f"{row}.5", str(row), str(row + 1), str(row)] for row in range(9)))
    assert made.columns == names


@pytest.mark.parametrize("file", ["metadata_single.tsv"])
def test_texts_without_a_name_stay_without(file):
    made = read(CASES / file)
    assert (len(made), made.columns, made.header_row) == (200, ["column_1"], None)
    assert "columns were numbered" in notes(made)


def test_other_files_without_names():
    words = ["the", "of", "and", "to", "in", "cat", "dog", "house", "tree", "car"]
    assert len(table(*([word] for word in words), name="words.tsv")) == 10
    assert table(["Word"], *([word] for word in words), name="words.tsv").columns == ["Word"]
    assert len(table(*([["ham", "spam"][row % 3 == 0], text_of(row)] for row in range(12)))) == 12
    assert len(table(*([text_of(row) + ".", text_of(row + 2) + "!"] for row in range(12)))) == 12
    tweets = (["0", f"146{row}", "Mon Apr 06 22:19:45 PDT 2009", "NO_QUERY", text_of(row)] for row in range(12))
    assert len(table(*tweets)) == 12


def test_a_short_name_above_texts_is_a_name():
    assert len(read(CASES / "metadata_two.tsv")) == 200
    for name in ("text", "Customer complaint narrative", "full_text"):
        assert table([name], *([text_of(row)] for row in range(12))).columns == [name]


# --- several rows of names -------------------------------------------------------------------------------------------


def test_the_second_row_of_surveymonkey():
    made = read(CASES / "two_header_rows.csv")
    assert made.columns == [
        "Respondent ID", "Start Date", "Which department?", "Which department? - Other (please specify)",
        "What should we change?",
    ]  # fmt: skip
    assert (len(made), made.header_row) == (90, 1)
    assert "Header from 2 rows, from line 1 on, joined." in made.notes


def test_a_question_with_several_choices():
    made = table(
        ["Respondent ID", "Start Date", "Which do you use? Select all that apply.", "", "", "Any other comments?"],
        ["", "", "Phone", "Tablet", "Other (please specify)", "Open-Ended Response"],
        *(
            [str(118000000 + row), f"03/{row + 1:02}/2026 08:00 AM", "Phone" if row % 2 else "",
             "Tablet" if row % 3 else "", "my radio" if row == 7 else "", text_of(row)]
            for row in range(20)
        ),
    )  # fmt: skip
    which = "Which do you use? Select all that apply."
    assert made.columns[2:] == [
        f"{which} - Phone", f"{which} - Tablet", f"{which} - Other (please specify)", "Any other comments?"
    ]  # fmt: skip
    assert len(made) == 20


QUALTRICS = [
    ["StartDate", "Progress", "Duration (in seconds)", "ResponseId", "Q1", "Q2_1", "Q3_TEXT"],
    ["Start Date", "Progress", "Duration (in seconds)", "Response ID", "How satisfied are you,\nall in all?",
     "Please rate: - <b>Speed</b>", "What should we change? Please write as much as you like."],
    [f'{{"ImportId":"QID{number}"}}' for number in range(7)],
]  # fmt: skip


def qualtrics(row: int, choice: str = "") -> list[str]:
    return [
        f"{day(row)} 10:00:11",
        "100",
        str(60 + row),
        f"R_{row * 7919:x}z",
        choice or str(row % 5),
        "3",
        text_of(row),
    ]


@pytest.mark.parametrize("choice", ["", "Very satisfied"])
@pytest.mark.parametrize("ids", [True, False])
def test_the_questions_and_ids_of_qualtrics(choice, ids):
    made = table(*QUALTRICS[: 2 + ids], *(qualtrics(row, choice) for row in range(20)))
    assert made.columns == [
        "StartDate", "Progress", "Duration (in seconds)", "ResponseId", "Q1 - How satisfied are you, all in all?",
        "Q2_1 - Please rate: - Speed", "Q3_TEXT - What should we change? Please write as much as you like.",
    ]  # fmt: skip
    assert len(made) == 20
    assert ("1 row below the names left out (ids of the survey tool)" in notes(made)) == ids


def test_the_row_of_names_is_chosen():
    first = table(*QUALTRICS, *(qualtrics(row) for row in range(9)), header_row=1, skip_rows=(2,))
    assert (first.columns[4], len(first), first.header_row) == ("Q1", 9, 1)
    questions = table(*QUALTRICS, *(qualtrics(row) for row in range(9)), header_row=2)
    assert (questions.columns[5], len(questions), questions.header_row) == (QUALTRICS[1][5], 9, 2)
    assert len(questions.rejected) == 1


def test_the_types_and_flags_of_orange():
    made = read(CASES / "orange_three_rows.tab")
    assert (len(made), made.columns) == (120, ["Kind", "When", "Cost", "Comment"])
    assert made.notes == ("2 rows below the names left out (types of the columns and flags of the columns).",)


@pytest.mark.parametrize(
    ("types", "flags"),
    [
        (["c", "d", "s"], ["", "class", "meta"]),
        (["continuous", "male female", "string"], ["", "class", "meta"]),
        (["continuous", "discrete", "string"], ["", "", ""]),
        (["time", "d", "text"], ["ignore", "class", "meta hidden=True"]),
    ],
)
def test_other_types_of_orange(types, flags):
    rows = ([str(row / 2), ["male", "female"][row % 2], text_of(row)] for row in range(12))
    made = table(["size", "sex", "name"], types, flags, *rows, delimiter="\t", name="a.tab")
    assert (made.columns, len(made)) == (["size", "sex", "name"], 12)


def test_units_stand_behind_the_names():
    rows = [[["Rome", "Oslo"][row % 2], str(row), str(row * 2), text_of(row)] for row in range(12)]
    made = table(["City", "Temp", "Rain", "Remark"], ["", "°C", "[mm]", ""], *rows)
    assert (made.columns, len(made)) == (["City", "Temp (°C)", "Rain (mm)", "Remark"], 12)


def test_the_names_that_pandas_writes_in_three_rows():
    rows = [[f"City {row}", str(row), str(2 * row), str(3 * row)] for row in range(12)]
    head = [["", "price", "price", "qty"], ["", "mean", "max", "sum"], ["city", "", "", ""]]
    made = table(*head, *rows)
    assert (made.columns, len(made)) == (["city", "price - mean", "price - max", "qty - sum"], 12)


@pytest.mark.parametrize(
    "first", [["Anna", "NA", "NA", "hello there"], ["Anna", "", "", "hello there"], ["Anna", "n/a", "3", "hello"]]
)
def test_a_first_row_that_lacks_values_is_a_row(first):
    rows = [[f"N{'abcdefgh'[row % 8]}", str(20 + row % 9), str(row % 4), text_of(row)] for row in range(20)]
    assert len(table(["name", "age", "score", "text"], first, *rows)) == 21


def test_the_names_again_are_rejected_as_before():
    made = read(b"id,text,n\nid,text,n\n1,a,2\n2,b,3\n", name="a.csv")
    assert made.rejected == ((2, "the column names again"),)


# --- notes above and below -------------------------------------------------------------------------------------------

ROWS = [[str(row), text_of(row), str(row % 5)] for row in range(12)]
NAMES = ["No", "Comment", "Stars"]


def test_notes_above_and_a_total_and_notes_below():
    above = [["Survey of customers, 2026"], ["Source: the shop, see www.example.com"], [], NAMES]
    below = [["Total", "", "21"], ["", "", ""], ["Source: the shop", "", ""], ["* provisional", "", ""]]
    made = table(*above, *ROWS, *below)
    assert (made.columns, len(made), made.header_row) == (NAMES, 12, 4)
    decided = ["Header from line 4.", "2 rows above the table left out.", "1 row of totals at the end was left out."]
    assert list(made.notes) == decided
    assert [about(note) for note in made.notes] == ["header", "rows", "rows"]
    assert [line for line, _ in made.rejected] == [1, 2, 17, 18, 19, 20]
    assert len(made) + len(made.rejected) + 2 == 20, "with the names and the blank line, these are all lines"


def test_notes_above_may_have_more_cells_than_the_table():
    made = table(["Report", "from", "2026-01-01", "to", "2026-02-01"], ["Filter: none"], [], NAMES, *ROWS)
    assert (made.columns, len(made)) == (NAMES, 12)


def test_a_total_adds_up_or_lacks_what_rows_have():
    cities = [[f"City {letter}", str(people)] for people, letter in enumerate("abcdefghij")]
    assert len(table(["city", "people"], *cities, ["Total", "45"])) == 10
    assert len(table(["city", "people"], *cities, ["Total", "77"])) == 11
    assert len(table(["city", "remark"], *([city, text_of(1)] for city, _ in cities), ["Total", "all is well"])) == 11


@pytest.mark.parametrize(
    "word", ["Grand total", "Totals:", "Insgesamt", "Moyenne", "Promedio", "Итого", "合計", "Median"]
)
def test_totals_in_a_text_and_on_a_sheet(word):
    """One list of words serves both: a word learned for one is known in the other."""
    rows = [NAMES, *ROWS, [word, "", "21"]]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append([int(cell) if cell.isdigit() else cell or None for cell in row])
    sink = io.BytesIO()
    book.save(sink)
    for made in (table(*rows), read(sink.getvalue(), name="a.xlsx")):
        assert (len(made), made.rejected) == (12, ((14, "a row of totals"),))


def test_chosen_lines_are_left_out():
    made = read(b'Junk with a " in it\nid,text\n1,a\n"2","b\nc"\nTotal,x\n', name="a.csv", skip_rows=(1, 4, 6))
    assert (made.arrow.to_pydict(), made.header_row) == ({"id": ["1"], "text": ["a"]}, 2)
    assert "Lines 1, 4, 6 were left out, as you chose." in made.notes


def test_the_row_of_names_is_a_line_of_the_file():
    made = read(b"sep=;\na note\na;b\n1;2\n3;4\n", name="a.csv", header_row=3)
    assert (made.columns, len(made), made.rejected) == (["a", "b"], 2, ((2, "before the table begins"),))
    assert read(b"a,b\n1,2\n", name="a.csv", header_row=0).columns == ["column_1", "column_2"]
    with pytest.raises(BadInput, match="no rows from line 9 on"):
        read(b"a,b\n1,2\n", name="a.csv", header_row=9)


# --- columns of one name ---------------------------------------------------------------------------------------------


def test_a_field_that_a_tracker_wrote_into_several_columns():
    made = read(CASES / "tracker_repeated_columns.csv")
    assert made.columns == ["Summary", "Issue key", "Issue id", "Created", "Labels", "Comment", "Comment (when; who)"]
    assert "2 columns named Labels, 3 columns named Comment, 3 columns named Comment (when; who) were joined" in notes(
        made
    )
    comments = made.arrow.column("Comment").to_pylist()
    assert len(comments) == 90
    assert comments[3].splitlines()[1] == "Same here 3"
    assert made.arrow.column("Comment (when; who)").to_pylist()[3].splitlines()[1] == "02/Mar/26 9:00 AM;u0"
    assert comments[2] == ""


@pytest.mark.parametrize(
    ("comment", "text", "sign"),
    [
        (
            "02/Mar/26 9:00 AM;ana;It broke; then I left\nat once",
            "It broke; then I left\nat once",
            "02/Mar/26 9:00 AM;ana",
        ),
        ("02.03.2026 09:00;557058:ab-12;Same here", "Same here", "02.03.2026 09:00;557058:ab-12"),
        ("2026-03-02 09:00:11;ana;Same here", "Same here", "2026-03-02 09:00:11;ana"),
        ("02/Mär/26 9:00 AM;ana;Same here", "Same here", "02/Mär/26 9:00 AM;ana"),
    ],
)
def test_signed_comments(comment, text, sign):
    made = table(["Summary", "Comment"], *([text_of(row), comment if row % 3 else ""] for row in range(12)))
    assert made.arrow.column("Comment").to_pylist()[:2] == ["", text]
    assert made.arrow.column("Comment (when; who)").to_pylist()[:2] == ["", sign]
    plain = table(
        ["Summary", "Comment"], *([text_of(row), f"{text_of(row)} (Ana, 02/Mar/26 9:00)"] for row in range(12))
    )
    assert plain.columns == ["Summary", "Comment"]


def test_columns_of_one_name_that_are_full_are_numbered():
    made = table(["Summary", "score", "score"], *([text_of(row), "1", "2"] for row in range(9)))
    assert made.columns == ["Summary", "score", "score_2"]
    apart = table(["Comment", "day", "Comment"], *([text_of(row), day(row), ""] for row in range(9)))
    assert apart.columns == ["Comment", "day", "Comment_2"]


# --- long cells ------------------------------------------------------------------------------------------------------


def essay(size: int, start: int = 0) -> str:
    """Paragraphs with commas, semicolons, tabs and quotation marks."""
    parts, row = [], start
    while sum(map(len, parts)) < size:
        parts.append(f'{text_of(row)}, and so on; he said: "never", and\tleft.\n' + "\n" * (row % 3 == 0))
        row += 1
    return "".join(parts)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("size", [3_000, 60_000, 400_000])
def test_the_dialect_is_found_however_long_the_cells(delimiter, size):
    rows = [[f"Volume {row}", str(1880 + row), essay(size, row)] for row in range(8)]
    made = table(["title", "year", "full_text"], *rows, delimiter=delimiter)
    assert (made.columns, len(made), made.delimiter) == (["title", "year", "full_text"], 8, delimiter)
    assert made.arrow.column("full_text").to_pylist() == [row[2] for row in rows]


@pytest.mark.parametrize("delimiter", [",", ";", "|"])
def test_two_columns_of_essays_with_a_tab_in_each_line(delimiter):
    rows = [[str(row), "".join(f"{text_of(n)}; and:\tso on\n" for n in range(row, row + 900))] for row in range(5)]
    made = table(["id", "transcript"], *rows, delimiter=delimiter)
    assert (made.columns, len(made), made.delimiter) == (["id", "transcript"], 5, delimiter)


def test_entities_of_html_are_no_delimiters():
    rows = [[str(row), f"I don&#39;t know &amp; {text_of(row)} &nbsp;&gt; see, {row}"] for row in range(40)]
    made = table(["id", "body"], *rows)
    assert (made.columns, len(made)) == (["id", "body"], 40)


def test_one_column_of_essays():
    rows = [[essay(60_000, row)] for row in range(8)]
    made = table(["text"], *rows)
    assert (made.columns, len(made)) == (["text"], 8)


def test_a_stray_quote_in_a_large_file_costs_its_own_line():
    lines = [f"{row},{text_of(row)},{row % 5}" for row in range(30_000)]
    lines[4] = '4,"a stray quote,4'
    made = read("\n".join(["id,text,stars", *lines]).encode(), name="a.csv")
    assert (len(made), made.columns) == (30_000, ["id", "text", "stars"])


@pytest.mark.parametrize(
    ("delimiter", "names"),
    [("none", ["a,b"]), (";", ["a,b"]), (",", ["a", "b"]), ("comma", ["a", "b"]), ("tab", ["a,b"])],
)
def test_a_delimiter_that_is_given_counts(delimiter, names):
    assert read(b"a,b\n1,2\n3,4\n", name="a.csv", delimiter=delimiter).columns == names

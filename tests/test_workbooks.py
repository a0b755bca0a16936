"""Workbooks as people write them: the sheet with the table, titles above, groups of columns, totals below."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from explorer.errors import BadInput
from explorer.reading.readers import read
from explorer.table.roles import guess_roles
from explorer.table.table import Table

CASES = Path(__file__).parent / "data" / "cases"
TEXTS = [
    "The parcel came late and the box was torn",
    "Nobody answered my call for a whole hour",
    "The blender leaks from the bottom seal",
    "A friendly person at the desk helped me at once",
    "The app logs me out after every update",
]


def book(sheets: dict[str, Sequence[Sequence[Any]]], merged: Sequence[str] = (), hidden: Sequence[str] = ()) -> bytes:
    """A workbook of these sheets; `merged` ranges are of the last one."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        page = made.create_sheet(name)
        for row in rows:
            page.append(list(row))
        if name in hidden:
            page.sheet_state = "hidden"
    for cells in merged:
        page.merge_cells(cells)
    sink = io.BytesIO()
    made.save(sink)
    return sink.getvalue()


def opened(sheets: dict[str, Sequence[Sequence[Any]]], *more: Any, **options: Any) -> Table:
    return read(book(sheets, *more), name="report.xlsx", **options)


def cases(count: int = 5) -> list[list[Any]]:
    return [[100 + number, date(2026, 3, number + 1), TEXTS[number % 5], 2.5 * number] for number in range(count)]


HEADER = ["Case", "Received", "Complaint", "Cost"]


def test_the_case_report():
    table = read(CASES / "report_merged.xlsx")
    assert (table.sheet, len(table), table.sheets) == ("Responses", 90, ("Cover", "Lookup", "Responses"))
    assert table.columns == ["Case", "Received", "Channel", "Text", "Cost", "Total"]
    assert guess_roles(table).text == ("Text",)
    assert [line for line, _ in table.rejected] == [1, 2, 97]
    assert table.notes == (
        "The sheet 'Responses' was read, the largest one with texts; not 'Cover'.",
        "Hidden and not read: 'Lookup'. Choose a sheet to read it.",
        "Header from lines 4, 5.",
        "2 lines above the table left out.",
        "Titles above several columns are no part of the names: Contact.",
        "Line 97 holds totals and was left out.",
    )


def test_the_largest_sheet_with_texts_is_read():
    numbers = [["a", "b", "c"], *([n, n + 1, n + 2] for n in range(300))]
    table = opened({"Guide": [["How to read this file"]], "Pivot": numbers, "Answers": [HEADER, *cases()]})
    assert table.sheet == "Answers"
    assert opened({"Pivot": numbers, "Answers": [HEADER, *cases()]}, sheet="Pivot").columns == ["a", "b", "c"]


def test_of_two_equal_sheets_the_first_is_read():
    assert opened({"Jan": [HEADER, *cases()], "Feb": [HEADER, *cases()]}).sheet == "Jan"


def test_a_hidden_sheet_is_read_where_asked_or_where_there_is_no_other():
    sheets = {"Old": [HEADER, *cases(5)], "New": [HEADER, *cases(3)]}
    assert opened(sheets, (), ("Old",)).sheet == "New"
    assert any("Hidden" in note and "'Old'" in note for note in opened(sheets, (), ("Old",)).notes)
    table = opened(sheets, (), ("Old",), sheet="Old")
    assert (table.sheet, len(table)) == ("Old", 5)
    assert "The sheet 'Old' is hidden in the workbook." in table.notes
    assert opened({"Old": [HEADER, *cases()], "Empty": []}, (), ("Old",)).sheet == "Old"


@pytest.mark.parametrize(
    "above",
    [
        [["Complaints"], []],
        [["Complaints"], ["Source: the shop system"], ["Printed 2026-03-09"]],
        [["Period", "March 2026"], ["Made by", "Service"], []],
        [[], [], ["Complaints of the first quarter"], []],
        [[None, "Complaints"], []],
    ],
)
def test_lines_above_the_table_are_left_out(above):
    table = opened({"Sheet1": [*above, HEADER, *cases()]})
    assert table.columns == HEADER
    assert len(table) == 5
    assert len(table.rejected) == sum(bool(row) for row in above)


def test_a_title_above_two_columns():
    rows = [["id", "text"], *([n, TEXTS[n]] for n in range(5))]
    for above in ([["Answers"], []], [["Answers"]]):
        assert opened({"Sheet1": [*above, *rows]}).columns == ["id", "text"]
    assert len(opened({"Sheet1": [[None, "text"], *rows[1:]]})) == 5


def test_groups_of_columns_are_joined_where_names_repeat():
    rows = [["Region", "2025", None, "2026", None], [None, "Count", "Sum", "Count", "Sum"]]
    rows += [[f"Region {n}", n, n * 2, n * 3, n * 4] for n in range(1, 6)]
    table = opened({"Sheet1": rows}, ["A1:A2", "B1:C1", "D1:E1"])
    assert table.columns == ["Region", "2025 Count", "2025 Sum", "2026 Count", "2026 Sum"]
    assert len(table) == 5


def test_groups_of_columns():
    upper = ["Case", "Person", None, "Answer", None]
    lower = [None, "Name", "Age", "Name", "Text"]
    rows = [[n, f"Ann {n}", 30 + n, "x", TEXTS[n]] for n in range(5)]
    joined = ["Case", "Person Name", "Person Age", "Answer Name", "Answer Text"]
    assert opened({"Sheet1": [upper, lower, *rows]}, ["A1:A2", "B1:C1", "D1:E1"]).columns == joined
    assert opened({"Sheet1": [upper, lower, *rows]}).columns == joined  # the cells need not be merged
    lower[3] = "Rating"
    table = opened({"Sheet1": [["Survey 2026"], [], upper, lower, *rows]}, ["B3:C3", "D3:E3"])
    assert table.columns == ["Case", "Name", "Age", "Rating", "Text"]
    assert any("Person, Answer" in note for note in table.notes)


def test_the_second_row_of_a_survey_tool():
    """Qualtrics and SurveyMonkey export the same rows as XLSX as they do as CSV."""
    asked = ["How satisfied are you, all in all?", "What should we change? Write as much as you like."]
    rows = [[datetime(2026, 3, n % 28 + 1, 8, n), 100 + n, n % 5, TEXTS[n % len(TEXTS)]] for n in range(20)]
    ids = ['{"ImportId":"startDate"}', '{"ImportId":"_recordId"}', '{"ImportId":"QID1"}', '{"ImportId":"QID2_TEXT"}']
    qualtrics = [["StartDate", "ResponseId", "Q1", "Q2"], ["Start Date", "Response ID", *asked], ids, *rows]
    table = opened({"Sheet0": qualtrics})
    assert table.columns == ["StartDate", "ResponseId", f"Q1 - {asked[0]}", f"Q2 - {asked[1]}"]
    assert (len(table), table.rejected, table.header_row) == (20, ((3, "ids of the survey tool"),), 1)
    assert "Header from lines 1, 2." in table.notes
    assert "1 line below the names left out (ids of the survey tool)." in table.notes
    assert opened({"Sheet0": qualtrics}, header_row=2).columns == ["Start Date", "Response ID", *asked]

    monkey = [["Respondent ID", "Start Date", asked[0], "", asked[1]]]
    monkey += [[None, None, "Response", "Other (please specify)", "Open-Ended Response"]]
    monkey += [[when_id, when, rate, None, text] for when, when_id, rate, text in rows]
    named = ["Respondent ID", "Start Date", asked[0], f"{asked[0]} - Other (please specify)", asked[1]]
    assert opened({"Sheet": monkey}).columns == named
    table = opened({"Sheet": monkey}, ["C1:D1"])  # the question spans its columns
    assert (table.columns, len(table)) == (named, 20)


def test_a_row_of_units_or_of_types():
    rows = [[n, 20.5 + n, 40 + n, TEXTS[n % len(TEXTS)]] for n in range(12)]
    table = opened({"Sheet1": [["Run", "Temperature", "Humidity", "Remark"], [None, "°C", "%", None], *rows]})
    assert (table.columns, len(table)) == (["Run", "Temperature (°C)", "Humidity (%)", "Remark"], 12)
    table = opened({"Sheet1": [["run", "t", "h", "note"], ["integer", "float", "float", "string"], *rows]})
    assert (table.columns, len(table)) == (["run", "t", "h", "note"], 12)
    assert table.rejected == ((2, "types of the columns"),)


def test_a_header_with_an_empty_cell_is_no_group():
    rows = [["Case", None, "Complaint"], *([f"C{n}", "mail", TEXTS[n]] for n in range(5))]
    table = opened({"Sheet1": rows})
    assert table.columns == ["Case", "column_2", "Complaint"]
    assert len(table) == 5


@pytest.mark.parametrize(
    "below",
    [
        [["Total", None, None, 25]],
        [[], ["Grand total", None, None, 25]],
        [["Summe", None, None, 25], [], ["Quelle: Kundendienst"]],
        [[], ["Sum", None, None, 25], ["Average", None, None, 5]],
        [[], ["Costs are in euros and without tax."]],
        [["* preliminary figures"]],
        [[None, None, "Total", 25]],
    ],
)
def test_lines_below_the_table_are_left_out(below):
    table = opened({"Sheet1": [HEADER, *cases(), *below]})
    assert len(table) == 5
    assert len(table.rejected) == sum(bool(row) for row in below)
    assert table.notes


@pytest.mark.parametrize(
    "last",
    [
        [105, date(2026, 3, 9), "Total chaos at the counter", 1],
        [105, None, None, None],
        ["Total loss", None, "The car was a total loss", 3],
    ],
)
def test_a_row_of_data_at_the_end_is_kept(last):
    assert len(opened({"Sheet1": [HEADER, *cases(), last]})) == 6


def test_totals_of_two_columns_must_add_up():
    words = [["word", "count"], ["sum", 3], ["mean", 4], ["total", 5]]
    assert len(opened({"Sheet1": words})) == 3
    assert len(opened({"Sheet1": [*words[:3], ["total", 7]]})) == 2


def test_empty_columns_and_lines():
    rows = [[None, "Case", None, "Complaint"], [None, 1, None, TEXTS[0]], [], [None, 2, None, TEXTS[1]]]
    table = opened({"Sheet1": [[], *rows]})
    assert table.columns == ["Case", "Complaint"]
    assert len(table) == 2
    assert "1 empty line between the rows left out." in table.notes
    assert "1 empty column left out." in table.notes


def test_a_cell_that_spans_rows_stands_in_each():
    rows = [["Region", "Complaint"], ["North", TEXTS[0]], [None, TEXTS[1]], ["South", TEXTS[2]], [None, TEXTS[3]]]
    table = opened({"Sheet1": rows}, ["A2:A3", "A4:A5"])
    assert table.arrow.column("Region").to_pylist() == ["North", "North", "South", "South"]
    assert any("Region" in note for note in table.notes)
    assert opened({"Sheet1": rows}).arrow.column("Region").to_pylist() == ["North", None, "South", None]


def test_dates_times_amounts_and_truth():
    made = openpyxl.Workbook()
    page = made.active
    page.append(["day", "moment", "share", "price", "open"])
    page.append([date(2026, 3, 1), datetime(2026, 3, 1, 8, 30), 0.25, 12.5, True])
    for cell, shape in zip(page[2], ["DD.MM.YYYY", "DD/MM/YY HH:MM", "0%", '#,##0.00 "€"', "General"], strict=True):
        cell.number_format = shape
    sink = io.BytesIO()
    made.save(sink)
    assert read(sink.getvalue(), name="a.xlsx").arrow.to_pylist() == [
        {"day": "2026-03-01", "moment": "2026-03-01 08:30:00", "share": "0.25", "price": "12.5", "open": "TRUE"}
    ]


def test_without_column_names():
    rows = cases()
    table = opened({"Sheet1": rows})
    assert table.columns == ["column_1", "column_2", "column_3", "column_4"]
    assert len(table) == 5
    assert len(opened({"Sheet1": [HEADER, *rows]}, header=False)) == 6


def test_the_row_of_the_header_and_rows_to_skip_can_be_chosen():
    sheet = {"Sheet1": [["Codes"], ["c1", "c2", "c3", "c4"], HEADER, ["int", "date", "text", "float"], *cases()]}
    table = opened(sheet, header_row=3, skip_rows=(4, 6))
    assert table.columns == HEADER
    assert table.header_row == 3
    assert [line for line, _ in table.rejected] == [1, 2, 4, 6]
    assert table.arrow.column("Case").to_pylist() == ["100", "102", "103", "104"]
    assert "Lines 4, 6 were left out, as you chose." in table.notes
    assert len(table) + len(table.rejected) + 1 == 9
    with pytest.raises(BadInput, match="Line 99 of report.xlsx holds no cells"):
        opened(sheet, header_row=99)
    assert len(opened(sheet, header_row=0, skip_rows=(1,))) == 8

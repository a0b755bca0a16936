"""A workbook holds what the table holds, as somebody who opens it would expect."""

import datetime
import io
from decimal import Decimal

import numpy as np
import openpyxl
import pyarrow as pa
import pytest

from explorer.reading.readers import read
from explorer.table import excel
from explorer.table.download import flat, left_out, safe_csv
from explorer.table.table import vector_array


def sheet(table: pa.Table):
    return openpyxl.load_workbook(io.BytesIO(excel.to_excel(table))).active


def column(values, kind: pa.DataType | None = None) -> list:
    """What a sheet holds of a column, below its name."""
    made = sheet(pa.table({"name": pa.array(values, kind)}))
    return [cell.value for (cell,) in made.iter_rows(min_row=2, max_row=1 + len(values))]


@pytest.mark.parametrize("text", ["=1+1", "=cmd|' /C calc'!A0", "#N/A", "#REF!", "-1+1", "@SUM(A1)", "+1+1", " =1"])
def test_nothing_that_somebody_wrote_is_a_formula(text):
    made = sheet(pa.table({text: [text, "plain"]}))
    assert [(cell.value, cell.data_type) for cell in made["A"]] == [(text, "s"), (text, "s"), ("plain", "s")]


def test_a_formula_stays_text_when_it_is_edited_in_excel():
    assert sheet(pa.table({"a": ["=1+1"]}))["A2"].quotePrefix


@pytest.mark.parametrize(
    ("written", "held"),
    [
        (["1", "-2", "3.5", "1e-05", ""], [1, -2, 3.5, 1e-05, None]),
        (["001", "002", "010"], ["001", "002", "010"]),
        (["4111111111111111", "12"], ["4111111111111111", "12"]),
        (["12", "x", "y"], ["12", "x", "y"]),
        ([*"123456789", "n/a"], [*range(1, 10), "n/a"]),
        (["1,234", "5,678"], ["1,234", "5,678"]),
        (["$5", "$6"], ["$5", "$6"]),
        (["12e5", "3e7"], ["12e5", "3e7"]),
        (["0", "0.5"], [0, 0.5]),
        (["-0.5", "+4"], ["-0.5", "+4"]),
        (["9" * 400, "1"], ["9" * 400, "1"]),
        (["true", "no"], ["true", "no"]),
    ],
    ids=str,
)
def test_a_text_column_of_plain_numbers_holds_numbers_and_codes_stay_as_written(written, held):
    assert column(written) == held


@pytest.mark.parametrize(
    ("written", "held"),
    [
        (["2026-01-31", ""], [datetime.datetime(2026, 1, 31), None]),
        (["2026-01-31 08:30", "2026-02-01T09:00:05"],
         [datetime.datetime(2026, 1, 31, 8, 30), datetime.datetime(2026, 2, 1, 9, 0, 5)]),
        (["31/01/2026"], ["31/01/2026"]),
        (["1815-12-10", "2026-01-31"], ["1815-12-10", datetime.datetime(2026, 1, 31)]),
        (["2026-02-31", "2026-01-31"], ["2026-02-31", datetime.datetime(2026, 1, 31)]),
    ],
    ids=str,
)  # fmt: skip
def test_iso_dates_are_dates_where_a_sheet_has_them(written, held):
    assert column(written) == held


def test_typed_columns_keep_their_values():
    moment = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    assert column([moment], pa.timestamp("us", "Europe/Berlin")) == [datetime.datetime(2026, 3, 1, 10)]
    assert column([datetime.date(1815, 12, 10), None], pa.date32()) == ["1815-12-10", None]
    assert column([True, False, None]) == [True, False, None]
    assert column([2**53 + 1, 7]) == ["9007199254740993", 7]
    assert column([float("nan"), float("inf"), 0.25]) == [None, "inf", 0.25]
    assert column([Decimal("1.50")]) == [1.5]
    assert column([datetime.timedelta(hours=1)]) == ["1:00:00"]
    assert column([[1, 2], None]) == ["[1, 2]", None]


def test_what_a_sheet_cannot_hold_of_a_text_is_cut_or_left_out():
    assert column(["a\u0000b\u001fc\ufffe", " two\nlines "]) == ["abc", " two\nlines "]
    assert column(["a" * 40_000]) == ["a" * 32_767]
    (cut,) = column(["\U0001f600" * 20_000])
    assert cut == "\U0001f600" * 16_383, "an emoji counts as two, and is not halved"


def test_cells_that_are_cut_are_counted():
    long = "a" * 32_768
    table = pa.table({"a": [long, "b", None], "b": ["\U0001f600" * 16_384, "ü" * 32_767, long], "n": [1, 2, 3]})
    assert excel.cut_cells(table) == 3


def test_what_looks_like_an_escape_is_read_back_as_written():
    """Excel, and the reader here, take _x0041_ for the letter A."""
    back = read(excel.to_excel(pa.table({"text": ["_x0041_ and _x_", "plain text"]})), name="a.xlsx")
    assert back.arrow.column("text").to_pylist() == ["_x0041_ and _x_", "plain text"]


def test_a_sheet_has_one_bold_header_that_stays_in_sight():
    made = sheet(pa.table([pa.array([1]), pa.array([2])], names=["n", "n"]))
    assert [cell.value for cell in made[1]] == ["n", "n"]
    assert made["A1"].font.bold
    assert made.freeze_panes == "A2"


def test_a_table_without_rows_or_columns_is_a_sheet():
    assert sheet(pa.table({"a": pa.array([], pa.string())})).max_row == 1
    assert sheet(pa.table({})).max_column == 1


def test_a_sheet_has_limits():
    assert excel.fits(1_048_575, 16_384)
    assert not excel.fits(1_048_576, 3)
    assert not excel.fits(3, 16_385)


def test_pictures_and_vectors_are_left_out_and_lists_are_text():
    table = pa.table(
        {
            "text": ["a", "b"],
            "picture": [b"\x89PNG", None],
            "vector": vector_array(np.eye(2)),
            "near": [[1, 0], None],
            "place": [{"x": 1}, {"x": 2}],
        }
    )
    assert left_out(table) == ["picture", "vector"]
    assert flat(table).to_pydict() == {
        "text": ["a", "b"], "near": ["[1, 0]", None], "place": ['{"x": 1}', '{"x": 2}'],
    }  # fmt: skip
    assert safe_csv(flat(table)).decode("utf-8-sig").splitlines()[1] == 'a,"[1, 0]","{""x"": 1}"'

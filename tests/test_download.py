"""What is taken away does no harm in a spreadsheet, and Parquet is exact."""

import csv
import io

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.table.download import safe_csv, to_parquet

HARMFUL = [
    *(
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "=cmd|' /C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
    ),
    *("\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", "\u00a0=1", "\ufeff=1", "\u200b=1"),
]


def back(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("cell", HARMFUL, ids=repr)
def test_formulas_become_text_in_cells_and_headers(cell):
    assert back(safe_csv(pd.DataFrame({cell: [cell, "plain"]}))) == [["'" + cell], ["'" + cell], ["plain"]]


@pytest.mark.parametrize("cell", ["", "plain", "-1.5", "+49", "1e-3", "a=b", "'quoted'", "a@b.c", "007", "— dash"])
def test_other_cells_stay(cell):
    assert back(safe_csv(pd.DataFrame({"a": [cell], "b": ["x"]}))) == [["a", "b"], [cell, "x"]]


def test_csv_of_numbers_missing_cells_and_repeated_names():
    frame = pd.DataFrame([[1, -2.5, None, "a"]], columns=["n", "x", "m", "n"])
    assert back(safe_csv(frame)) == [["n", "x", "m", "n"], ["1", "-2.5", "", "a"]]


def test_csv_of_an_arrow_table_keeps_integers():
    assert back(safe_csv(pa.table({"n": [2**53 + 1, None]}))) == [["n"], ["9007199254740993"], [""]]


def test_parquet_is_exact():
    table = pa.table({"=a": ["=1", None, "-x"], "n": [2**53 + 1, None, 3]})
    assert pq.read_table(io.BytesIO(to_parquet(table))) == table

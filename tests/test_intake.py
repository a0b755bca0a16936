"""What a dropped file shows before it is built: rows that could not be read, refusals, and files of another kind."""

from __future__ import annotations

import json

import pytest
from streamlit.testing.v1 import AppTest
from visits import healthy, page_text, visit

from explorer.app.home import intake
from explorer.errors import BadInput
from explorer.library import project_file
from explorer.library.rejected import rejected_of
from explorer.reading.readers import read
from explorer.table.download import safe_csv

ODD = "id,text,stars\n1,a good one,5\n2,=too,many,cells,1\n3,fine,2\n"


def upload(name: str, content: bytes) -> AppTest:
    at = visit()
    at.file_uploader[0].upload(name, content)
    return healthy(at.run())


def test_rejected_rows_are_listed_with_line_reason_and_what_they_said():
    at = upload("odd.csv", ODD.encode())
    assert [expander.label for expander in at.expander] == ["1 row could not be read: see which"]
    shown = at.expander[0].dataframe[0].value
    assert shown.to_dict("records") == [
        {"line": 3, "reason": "5 fields where 3 are expected", "row": "2,=too,many,cells,1"}
    ]


def test_the_download_holds_the_whole_row():
    table = read(ODD.replace("cells", "c" * 2000).encode(), name="odd.csv")
    written = read(safe_csv(rejected_of(table)), name="rejected_rows.csv")
    assert written.arrow.to_pylist() == [
        {"line": "3", "reason": "5 fields where 3 are expected", "row": f"2,=too,many,{'c' * 2000},1"}
    ]


def test_a_refused_file_is_read_once(monkeypatch):
    tried = []

    def refuse(*arguments, **choices):
        tried.append(arguments)
        raise BadInput("bad.csv takes more memory to read than is allowed. Split it.")

    monkeypatch.setattr(intake, "read_apart", refuse)
    at = upload("bad.csv", b"id,text\n1,a\n")
    for _ in range(2):
        assert "takes more memory to read than is allowed" in page_text(healthy(at.run()))
    assert len(tried) == 1


def test_a_project_file_has_limits(monkeypatch, store):
    head = json.dumps({"format": project_file.FORMAT, "version": 1, "operations": []})[:-1]
    for body, why in (
        (', "entry": ' + "[" * 200_000, "not a project file"),
        (', "entry": ' + '{"a":' * 200_000, "not a project file"),
        (', "entry": [' + "[],\n" * 3_000_000, "more than the 5,000,000 values"),
    ):
        with pytest.raises(BadInput, match=why):
            project_file.open_project_file((head + body).encode(), store)
    monkeypatch.setattr(project_file, "MAX_PROJECT_BYTES", 10)
    with pytest.raises(BadInput, match="more than the 0 MB"):
        project_file.open_project_file(head.encode(), store)

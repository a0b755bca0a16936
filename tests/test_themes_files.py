"""The themes report as files: a page, a workbook with a theme on each row, pictures, a codebook."""

import io
import json

import openpyxl
import pytest
from PIL import Image

TEXTS = [*["The price is too high. Support was kind."] * 4, *["The price is too high!"] * 4, *["I cannot log in."] * 4,
         "=cmd", None]  # fmt: skip
REGIONS = ["North", "South"] * 7


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def data(tmp_path):
    file = tmp_path / "answers.jsonl"
    lines = [
        {"answer": text, "region": region, "plan": "free" if n % 3 else "paid", "day": f"2026-0{1 + n % 3}-15"}
        for n, (text, region) in enumerate(zip(TEXTS, REGIONS, strict=True))
    ]  # fmt: skip
    file.write_text("\n".join(map(json.dumps, lines)))
    return file


def test_the_workbook_has_themes_segments_periods_and_every_row(run, home, data, tmp_path):
    out = tmp_path / "t.xlsx"
    code, _, err = run("themes", data, "--text", "answer", "--model", "fast", "--by", "region", "--period", "day",
                       "--split-sentences", "--method", "kmeans", "--level", 4, "--out", out)  # fmt: skip
    assert code == 0, err
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["Themes", "Segments", "Over time", "Rows"]
    heads, *rows = book["Rows"].iter_rows(values_only=True)
    assert heads[:2] == ("_row", "answer")
    assert len(rows) == 13, "the row without an answer is in no theme"
    of_row = {line[0]: line[heads.index("_theme")] for line in rows}
    assert of_row[0].count("; ") == 1, "it says two things"
    assert of_row[4] in of_row[0].split("; ")
    assert [head for head in heads if head.startswith("_theme")] == ["_theme", "_theme_1", "_theme_2"]
    assert {line[1] for line in book["Segments"].iter_rows(min_row=2, values_only=True)} == {"North", "South"}
    assert [line[0] for line in book["Over time"].iter_rows(min_row=2, values_only=True)] != []
    assert not any(cell.data_type == "f" for sheet in book for line in sheet for cell in line)


def test_sentences_count_respondents(run, home, data):
    command = (
        "themes",
        data,
        "--text",
        "answer",
        "--model",
        "fast",
        "--split-sentences",
        "--method",
        "kmeans",
        "--level",
        4,
        "--json",
    )
    code, out, err = run(*command)
    assert code == 0, err
    found = json.loads(out)
    assert found["rows"] == 13
    assert sum(theme["rows"] for theme in found["themes"]) > found["rows"], "some say two things"


def test_two_columns_at_once(run, home, data):
    code, out, err = run(
        "themes", data, "--text", "answer", "--model", "fast", "--by", "region", "--also", "plan", "--json"
    )
    assert code == 0, err
    by = json.loads(out)["segments"]
    assert by["columns"] == ["region", "plan"]
    assert sum(segment["rows"] for segment in by["segments"]) == 13
    assert {segment["name"] for segment in by["segments"]} == {
        "North · free",
        "North · paid",
        "South · free",
        "South · paid",
    }
    code, _, err = run("themes", data, "--text", "answer", "--model", "fast", "--also", "plan")
    assert (code, "Name that with --by" in err) == (2, True)


def test_pictures_pages_and_codebooks(run, home, data, tmp_path):
    made, command = {}, ("themes", data, "--text", "answer", "--model", "fast", "--by", "region", "--period", "day")
    for kind in ("png", "svg", "html", "json"):
        out = tmp_path / f"t.{kind}"
        code, _, err = run(*command, "--out", out)
        assert code == 0, err
        made[kind] = out.read_bytes()
    picture = Image.open(io.BytesIO(made["png"]))
    assert picture.width / picture.height == pytest.approx(16 / 9, rel=0.01)
    svg, page = made["svg"].decode(), made["html"].decode()
    assert "<svg" in svg
    assert "Themes of answers.jsonl" in svg, "words stay words"
    assert "<script" not in page
    assert "By region" in page
    assert "Over time, by" in page
    assert json.loads(made["json"])["format"] == "embedding-explorer codebook"


def test_a_file_of_another_kind_is_refused_before_anything_is_built(run, home, data, tmp_path):
    code, _, err = run("themes", data, "--text", "answer", "--model", "fast", "--out", tmp_path / "t.docx")
    assert code == 2
    assert "No report is written as '.docx'. Name a file that ends in .html" in err

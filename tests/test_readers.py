"""Reading: right or refused with one sentence, and no row lost without being listed."""

import contextlib
import csv
import io
import json
import pickle
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from explorer import limits
from explorer.errors import BadInput
from explorer.reading import columnar
from explorer.reading.readers import READERS, read
from explorer.reading.text import decode
from explorer.store.digest import table_digest
from explorer.table.joins import join_vectors
from explorer.table.table import column_vectors

FILES = Path(__file__).parent / "files"


def columns(text: str | bytes, name: str = "reviews.csv", **options) -> dict:
    data = text.encode() if isinstance(text, str) else text
    return read(data, name=name, **options).arrow.to_pydict()


def refusal(source, **options) -> str:
    with pytest.raises(BadInput) as caught:
        read(source, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert "Traceback" not in message
    return message


# --- CSV -----------------------------------------------------------------------------------------------------------


def test_cells_stay_as_written():
    table = read(b"id,text,n\n001,NA,9007199254740993\n2,,\n3,null\n", name="reviews.csv")
    assert table.arrow.to_pylist() == [
        {"id": "001", "text": "NA", "n": "9007199254740993"},
        {"id": "2", "text": "", "n": ""},
        {"id": "3", "text": "null", "n": None},
    ]
    assert table.frame["n"].isna().tolist() == [False, False, True]
    assert table.notes == ("1 short row was padded with missing cells.",)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~", ":"])
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("escape", [False, True])
def test_dialects_are_found(delimiter, quote, escape):
    rows = [["id", "review", "price"]]
    rows += [[str(i), f"Screen of 15{quote}, black{delimiter} {i}", f"{i}.50"] for i in range(12)]
    written = io.StringIO()
    csv.writer(
        written,
        delimiter=delimiter,
        quotechar=quote,
        doublequote=not escape,
        escapechar="\\" if escape else None,
        quoting=csv.QUOTE_ALL,
    ).writerows(rows)
    table = read(written.getvalue().encode(), name="a.csv")
    assert table.delimiter == delimiter
    assert [table.columns, *map(list, zip(*table.arrow.to_pydict().values(), strict=True))] == rows


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "end"])
def test_line_ends(end, last):
    text = end.join(["id,text", "1,good", "", '2,"two', 'lines"', "3,bad"]) + (end if last else "")
    assert columns(text) == {"id": ["1", "2", "3"], "text": ["good", f"two{end}lines", "bad"]}


def test_mixed_line_ends():
    assert columns("id,text\r\n1,good\n2,bad\r3,fine") == {"id": ["1", "2", "3"], "text": ["good", "bad", "fine"]}


def test_line_break_in_an_unquoted_cell():
    rows = "".join(f"{i},fine,{i}.0\r\n" for i in range(20))
    table = read(f"id,text,n\r\n{rows}20,two\nlines,5.0\r\n21,too,many,7.0\r\n".encode(), name="a.csv")
    assert table.arrow.column("text")[20].as_py() == "two\nlines"
    assert table.rejected == ((24, "4 fields where 3 are expected"),)


def test_odd_rows_are_listed_and_counted():
    text = "id,text,stars\n1,a good one,5\n2,a, b or c,4\n3,x,y,z,1\n4,short\n5,trailing,3,,\n6,fine,2\n"
    table = read(text.encode(), name="reviews.csv")
    assert table.rejected == ((4, "5 fields where 3 are expected"),)
    assert len(table) + len(table.rejected) == 6
    assert table.arrow.to_pydict() == {
        "id": ["1", "2", "4", "5", "6"],
        "text": ["a good one", "a, b or c", "short", "trailing", "fine"],
        "stars": ["5", "4", None, "3", "2"],
    }
    assert len(table.notes) == 3


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        ('2,a 15" screen,4', 'a 15" screen'),
        ('2,"never closed,4', '"never closed'),
        ('2,closed twice",4', 'closed twice"'),
        ('2,"she said "no" to it",4', 'she said "no" to it'),
        ('2,"good"!,4', '"good"!'),
        ('2,"a, b" ,4', "a, b"),
        ('2,"600 dpi, A4"",4', '600 dpi, A4"'),
    ],
)
def test_stray_quotes_cost_no_other_row(line, cell):
    text = f'id,text,stars\n1,first,5\n{line}\n3,"third, quoted",3\n4,last,1\n'
    assert columns(text) == {
        "id": ["1", "2", "3", "4"],
        "text": ["first", cell, "third, quoted", "last"],
        "stars": ["5", "4", "3", "1"],
    }


def test_header_narrower_than_its_rows_makes_no_index():
    table = read(b"text,stars\ngood,5,x\nbad,1,y\n", name="a.csv")
    assert table.arrow.to_pydict() == {"text": ["good", "bad"], "stars": ["5", "1"], "column_3": ["x", "y"]}


def test_names_are_made_usable():
    assert list(columns("a,,a,a_2,a\n1,2,3,4,5\n")) == ["a", "column_2", "a_3", "a_2", "a_4"]
    assert list(columns(",column_1,\nx,y,z\n")) == ["column_1_2", "column_1", "column_3"]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("3,Wall St. slips on oil\n1,Peace talks resume\n", "column_1"),
        ("I love it,pos\nI hate it,neg\nI like it,pos\n", "column_1"),
        ("text,label\nI love it,pos\nI hate it,neg\n", "text"),
        ("country,2019,2020\nPeru,1,2\nChad,3,4\n", "country"),
        ("name,city\nAnn,Rome\n", "name"),
    ],
)
def test_header_is_told_from_values(text, first):
    assert next(iter(columns(text))) == first


def test_header_can_be_corrected():
    assert columns("Ann,Rome\nBob,Oslo\n", header=False) == {"column_1": ["Ann", "Bob"], "column_2": ["Rome", "Oslo"]}
    assert columns("1,2\n3,4\n", header=True) == {"1": ["3"], "2": ["4"]}


def test_lines_above_the_table_are_rejected_not_hidden():
    table = read(b"Sales of May\nMade by hand\n\nid,text,n\n1,good,2\n2,bad,3\n3,odd,4\n", name="a.csv")
    assert table.columns == ["id", "text", "n"]
    assert table.rejected == ((1, "before the table begins"), (2, "before the table begins"))


@pytest.mark.parametrize(
    ("text", "rejected"),
    [
        ("Sales,,\n,,\nid,text,n\n1,a,2\n2,b,3\n", {1: "Sales,,", 2: ",,"}),
        ("Sales\n\nid,text,n\n1,a,2\n2,b,3\n", {1: "Sales"}),
        ("id,text,n\nid,text,n\n1,a,2\n2,b,3\n", {2: "id,text,n"}),
        ("id,text,n\n1,a,2\nid,text,n\n2,b,3\n", {3: "id,text,n"}),
        ("id,text,n\n1,a,2\n2,b,3\nSource: us\nAll rights reserved\n", {4: "Source: us", 5: "All rights reserved"}),
        ("id,text,n\n1,a,2\n2,b,3\n\x1a", {}),
        ("id::text::n\n1::a::2\n2::b::3\n", {}),
        ('"id" "text" "n"\n"1" "a" "2"\n"2" "b" "3"\n', {}),
        ("id,text,n\n1,a,2\n'2','b','3'\n", {}),
        ("id,text,n\n1,a,2\n2,,b,3\n", {3: "2,,b,3"}),
    ],
)
def test_what_stands_around_and_between_the_rows(text, rejected):
    table = read(text.encode(), name="a.csv")
    rows = [("1", "a", "2"), ("2", "b", "3")]
    if rejected.get(3) == "2,,b,3":
        rows.pop()  # which of its four fields is one too many cannot be known
    assert list(zip(*table.arrow.to_pydict().values(), strict=True)) == rows
    assert dict(zip((line for line, _ in table.rejected), table.contents, strict=True)) == rejected


def test_a_surplus_empty_field_moves_no_cell():
    rows = "".join(f"{i},text {i},{i}.5,\n" for i in range(9))
    table = read(f"id,text,n,note\n{rows}9,,text 9,9.5,\n10,text 10,10.5,,\n".encode(), name="a.csv")
    assert table.arrow.to_pylist()[9:] == [
        {"id": str(i), "text": f"text {i}", "n": f"{i}.5", "note": ""} for i in (9, 10)
    ]


def test_one_column_of_prose_keeps_its_commas():
    text = 'text\n"Hello, world"\nWell, I never, ever\nFine\n'
    assert columns(text) == {"text": ["Hello, world", "Well, I never, ever", "Fine"]}


def test_delimiters_named_by_the_file_or_the_user():
    assert columns("sep=;\na;b\n1;2,5\n") == {"a": ["1"], "b": ["2,5"]}
    assert columns("a::b\n1::x:y\n", delimiter="::") == {"a": ["1"], "b": ["x:y"]}
    assert columns("a;b\n1;2\n", delimiter=",") == {"a;b": ["1;2"]}


def test_a_row_with_another_delimiter():
    table = read(b"id,text,n\n1,good,2\n2;bad;3\n3,odd,4\n", name="a.csv")
    assert table.arrow.column("text").to_pylist() == ["good", "bad", "odd"]
    assert "1 row used ';' as delimiter." in table.notes


def test_nul_bytes_and_odd_characters_survive():
    cell = "a\0b \u2028 \x85 \u202eright to left \U0001f469\u200d\U0001f680"
    assert columns(f"id,text\n1,{cell}\n2,plain\n")["text"] == [cell, "plain"]


@settings(max_examples=150, deadline=None)
@given(
    st.integers(1, 4).flatmap(
        lambda width: st.lists(
            st.lists(
                st.text(st.characters(exclude_categories=["Cs"], exclude_characters="'")),
                min_size=width,
                max_size=width,
            ),
            min_size=1,
            max_size=6,
        )
    )
)
@example([["", "RISPOSTA APERTA"], ["", ""], ["", ""]])  # what a survey writes below its names, above nothing
def test_what_the_csv_module_writes_comes_back(rows):
    written = io.StringIO(newline="")
    csv.writer(written).writerows([[f"name{i}" for i in range(len(rows[0]))], *rows])
    table = read(written.getvalue().encode(), name="a.csv", delimiter=",", header=True)
    assert [list(row) for row in zip(*table.arrow.to_pydict().values(), strict=True)] == rows


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.json", "a.jsonl", "a.txt", "a.parquet", "a.npy", "a"]))
def test_any_bytes_are_read_or_refused(data, name):
    with contextlib.suppress(BadInput):
        table = read(data, name=name)
        assert len(table) > 0
        assert table.digest == read(data, name=name).digest


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text("ab, ;", min_size=1, max_size=12).filter(str.strip), min_size=1, max_size=12))
def test_accepted_and_rejected_rows_make_up_the_file(lines):
    text = "id,text,n\n" + "\n".join(lines) + "\n"
    try:
        table = read(text.encode(), name="a.csv", delimiter=",", header=True)
    except BadInput:
        return  # every row was rejected
    assert len(table) + len(table.rejected) == len(lines)
    kept = "".join(cell or "" for row in table.arrow.to_pylist() for cell in row.values())
    kept += "".join(text.split("\n")[number - 1] for number, _ in table.rejected)
    assert kept.count("a") == "".join(lines).count("a")


# --- encodings -----------------------------------------------------------------------------------------------------

LEGACY = [
    ("cp1252", "Café au lait, très bon. Le garçon est arrivé à l'école"),
    ("cp1252", "Größe: schön. München und Köln"),
    ("cp1252", "O João não está. Ações e informações à mão"),
    ("cp1252", "The price is 5€ – “great” value"),
    ("cp1250", "Zażółć gęślą jaźń. Dziękuję bardzo"),
    ("cp1250", "Příliš žluťoučký kůň úpěl ďábelské ódy"),
    ("cp1254", "Sipariş gelmedi, teşekkür ederim, güneş ışığı"),
    ("cp1251", "Привет, заказ не пришёл вовремя"),
    ("koi8-r", "Привет, заказ не пришёл вовремя"),
    ("cp1253", "Καλημέρα, η παραγγελία δεν έφτασε"),
    ("cp1255", "שלום, ההזמנה לא הגיעה"),
    ("cp1256", "مرحبا، لم يصل الطلب شكرا جزيلا"),
    ("shift_jis", "荷物が届きません。返金をお願いします。"),
    ("euc_jp", "荷物が届きません。返金をお願いします。"),
    ("gb18030", "包裹没有到，请退款。谢谢你的帮助"),
    ("big5", "包裹沒有到，請退款。謝謝你的幫助"),
    ("euc_kr", "택배가 도착하지 않았습니다. 환불해 주세요."),
    *((encoding, "Größe, 荷物, שלום") for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-32")),
    ("utf-16-le", "plain words without a mark"),
    ("utf-16-be", "plain words without a mark"),
]


@pytest.mark.parametrize(("encoding", "text"), LEGACY)
def test_encodings_are_found(encoding, text):
    table = read(f"id\ttext\ttopic\n1\t{text}\tbilling\n".encode(encoding), name="a.tsv")
    assert table.arrow.column("text").to_pylist() == [text]
    assert table.columns[0] == "id"


def test_encoding_can_be_corrected_and_a_wrong_one_is_named():
    data = "id,text\n1,é\n".encode("cp1252")
    assert columns(data, encoding="cp1252")["text"] == ["é"]
    assert "line 2" in refusal(data, name="a.csv", encoding="utf-8")
    assert "no-such" in refusal(data, name="a.csv", encoding="no-such")
    assert "rot13" in refusal(data, name="a.csv", encoding="rot13")


def test_one_stray_byte_does_not_spoil_the_rest():
    data = "id,text\n1,çedilla und Größe, été\n".encode().replace(b", ", b" ") + b"2,caf\xe9\n"
    table = read(data, name="a.csv")
    assert table.arrow.column("text").to_pylist() == ["çedilla und Größe été", "café"]
    assert table.notes[0] == "1 place was not valid UTF-8 and was read as Windows-1252."


# --- limits --------------------------------------------------------------------------------------------------------


def test_a_million_columns_are_refused():
    assert "1,000,000 columns" in refusal(b",".join([b"a"] * 1_000_000) + b"\n1\n", name="a.csv")


def test_an_endless_line_is_refused(monkeypatch):
    monkeypatch.setattr(decode, "MAX_LINE_BYTES", 2 * limits.MIB)
    assert "line of 3 MB" in refusal(b"text\n" + b"x" * (3 * limits.MIB) + b"\ny\n", name="a.csv")


def test_a_megabyte_in_a_cell_is_kept():
    cell = "word, " * 170_000
    assert columns(f'id,text\n1,"{cell}"\n2,b\n')["text"] == [cell, "b"]


# --- JSON ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": 1, "text": "good"}, {"id": 2, "text": "bad"}]',
        '{"id": [1, 2], "text": ["good", "bad"]}',
        '{"count": 2, "data": [{"id": 1, "text": "good"}, {"id": 2, "text": "bad"}]}',
        '{"columns": ["id", "text"], "index": [0, 1], "data": [[1, "good"], [2, "bad"]]}',
        '{"id": {"0": 1, "1": 2}, "text": {"0": "good", "1": "bad"}}',
        '[["id", "text"], [1, "good"], [2, "bad"]]',
        '{"id": 1, "text": "good"}\n{"id": 2, "text": "bad"}\n',
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv", "a"])
def test_json_shapes(text, name):
    assert columns(text, name) == {"id": [1, 2], "text": ["good", "bad"]}


def test_json_values():
    rows = """[{"big": 123456789012345678901234567890, "mixed": 1, "nested": {"a": [1]}, "v": [1, 2.5],
                "n": 9007199254740993, "nan": NaN, "half": "\\ud800x", "a": 1, "a": 2},
               {"mixed": "x", "v": [3, 4], "n": null, "nan": 1.5}]"""
    table = read(rows.encode(), name="a.json")
    got = table.arrow.to_pydict()
    assert got["big"] == ["123456789012345678901234567890", None]
    assert got["mixed"] == ["1", "x"]
    assert got["nested.a"] == ["[1]", None]
    assert table.arrow.schema.field("v").type == pa.list_(pa.float32(), 2)
    assert got["n"] == [9007199254740993, None]
    assert table.frame["n"].iloc[0] == 9007199254740993
    assert got["nan"] == [None, 1.5]
    assert got["half"] == ["\ufffdx", None]
    assert got["a"] == [2, None]
    assert len(table.notes) == 3


def test_a_bad_line_is_named_and_the_others_kept():
    table = read(b'{"text": "good"}\n{"text": \n[1]\n\n{"text": "bad"}\n', name="a.jsonl")
    assert table.arrow.to_pydict() == {"text": ["good", "bad"]}
    assert [line for line, _ in table.rejected] == [2, 3]


def test_deep_json_is_refused_not_a_crash():
    assert "nested too deeply" in refusal(b"[" * 100_000, name="a.json")
    assert "nested too deeply" in refusal(b'{"a":' * 100_000, name="a.json")
    table = read(b'{"a": 1}\n' + b"[" * 100_000 + b'\n{"a": 2}\n', name="a.jsonl")
    assert table.rejected[0][0] == 2


@pytest.mark.parametrize("text", ["3", "null", "{}", "[]", '"text"', "[null]", "[{}]", "{"])
def test_json_without_a_table(text):
    refusal(text.encode(), name="a.json")


# --- Parquet, NumPy, workbooks ---------------------------------------------------------------------------------------


def parquet(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def test_parquet_types_and_vectors():
    stored = pa.table(
        {
            "n": pa.array([2**53 + 1, None], pa.int64()),
            "v": pa.array([[1.0, 2.0], None], pa.list_(pa.float64())),
            "ragged": pa.array([[1.0], [2.0, 3.0]]),
            "kind": pa.array(["a", "b"]).dictionary_encode(),
        }
    )
    table = read(parquet(stored), name="a.csv")
    assert table.format == "parquet"
    assert "PARQUET" in table.notes[0]
    assert table.arrow.column("n").to_pylist() == [2**53 + 1, None]
    assert table.arrow.schema.field("kind").type == pa.string()
    vectors, missing = column_vectors(table.arrow, "v")
    assert vectors.tolist() == [[1.0, 2.0], [0.0, 0.0]]
    assert missing.tolist() == [False, True]


def test_parquet_bomb(monkeypatch):
    monkeypatch.setattr(columnar, "FREE_INFLATED_BYTES", 4 * limits.MIB)
    monkeypatch.setattr(columnar, "_BATCH_BYTES", 4 * limits.MIB)
    bomb = parquet(pa.table({"text": pa.array(["x" * 100_000]).take(pa.array([0] * 1000)).dictionary_encode()}))
    assert len(bomb) < 20_000
    assert "unpacked" in refusal(bomb, name="a.parquet")


def npy(array: np.ndarray, **options) -> bytes:
    sink = io.BytesIO()
    np.save(sink, array, **options)
    return sink.getvalue()


def test_numpy():
    table = read(npy(np.arange(6.0).reshape(3, 2)), name="v.npy")
    assert table.arrow.to_pydict() == {"vector": [[0, 1], [2, 3], [4, 5]]}
    sink = io.BytesIO()
    np.savez_compressed(sink, vector=np.ones((2, 3)), id=np.array([7, 8]), text=np.array(["a", "b"]))
    got = read(sink.getvalue(), name="v.npz").arrow.to_pydict()
    assert got == {"vector": [[1, 1, 1], [1, 1, 1]], "id": [7, 8], "text": ["a", "b"]}


def test_numpy_that_lies_or_hides_objects():
    assert "never loaded" in refusal(npy(np.array([{}, 1], dtype=object), allow_pickle=True), name="a.npy")
    assert "cut short" in refusal(npy(np.ones((10, 4)))[:-8], name="a.npy")
    huge = npy(np.ones((10, 4)))
    header = huge[:128].replace(b"(10, 4), }         ", b"(99999999999, 4), }")
    assert b"99999999999" in header
    assert "cut short" in refusal(header + huge[128:], name="a.npy")
    assert "shape (2, 2, 2)" in refusal(npy(np.ones((2, 2, 2))), name="a.npy")


def test_zip_bombs_and_other_archives():
    sink = io.BytesIO()
    np.savez_compressed(sink, vector=np.zeros((1_000_000, 20), np.float32))
    assert "unpacks to more" in refusal(sink.getvalue(), name="a.npz")
    assert "Unpack it" in refusal(b"Rar!\x1a\x07", name="a.csv")


def test_workbook():
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.active.title = "empty"
    page = book.create_sheet("reviews")
    for row in (["id", "text", "when", "n"], [1, "good", date(2024, 3, 1), 0.1], [2, None, None, "007"]):
        page.append(row)
    sink = io.BytesIO()
    book.save(sink)
    table = read(sink.getvalue(), name="a.xlsx")
    assert table.arrow.to_pylist() == [
        {"id": "1", "text": "good", "when": "2024-03-01", "n": "0.1"},
        {"id": "2", "text": None, "when": None, "n": "007"},
    ]
    assert (table.sheet, table.sheets) == ("reviews", ("empty", "reviews"))
    assert "no sheet" in refusal(sink.getvalue(), name="a.xlsx", sheet="other")
    assert "no cells" in refusal(sink.getvalue(), name="a.xlsx", sheet="empty")


# --- every reader ----------------------------------------------------------------------------------------------------


def test_every_reader_has_a_file():
    found = {read(path).format for path in FILES.glob("reviews.*")}
    assert found == set(READERS)


@pytest.mark.parametrize("path", sorted(FILES.glob("reviews.*")), ids=lambda path: path.name)
def test_every_reader(path, tmp_path):
    table = read(path)
    assert len(table) == 3
    assert table.digest == read(path.read_bytes(), name="x").digest
    with path.open("rb") as stream:
        assert read(stream).name == path.name
    elsewhere = tmp_path / "renamed.csv"
    if table.format != "txt":  # one column of text is all that either can be
        elsewhere.write_bytes(path.read_bytes())
        assert read(elsewhere).arrow == table.arrow
    cut = path.read_bytes()[: path.stat().st_size * 2 // 3]
    with contextlib.suppress(BadInput):
        assert len(read(cut, name=path.name)) <= 3


def test_sources_that_hold_nothing(tmp_path):
    assert "no file" in refusal(tmp_path / "missing.csv")
    assert "folder" in refusal(tmp_path)
    (tmp_path / "empty.csv").touch()
    assert "empty.csv is empty" in refusal(tmp_path / "empty.csv")
    assert "blank" in refusal(b" \n\n ", name="a.csv")
    assert "no rows" in refusal(b"id,text\n", name="a.csv")
    assert "web page" in refusal(b"<!DOCTYPE html><p>", name="a.csv")
    assert "PDF" in refusal(b"%PDF-1.4", name="a.csv")
    refusal("bad\0name.csv")


@pytest.mark.parametrize("name", ["a.csv", "a.npy", "a.parquet", "a.json", "a.pkl"])
@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_pickles_never_run(name, protocol, tmp_path):
    canary = tmp_path / "canary"

    class Trap:
        def __reduce__(self):
            return Path.touch, (canary,)

    with contextlib.suppress(BadInput):
        read(pickle.dumps(Trap(), protocol), name=name)
    assert not canary.exists()


# --- digest ----------------------------------------------------------------------------------------------------------


def test_digest_sees_contents_and_nothing_else():
    base = pa.table(
        {
            "a": ["x", None, "", "y"],
            "b": [1, 2, None, 4],
            "v": pa.array([[1.0], [2.0], None, [3.0]], pa.list_(pa.float32(), 1)),
        }
    )
    twice = pa.concat_tables([base, base])
    assert table_digest(base) == table_digest(twice.slice(4)) == table_digest(twice.slice(2, 4).take([2, 3, 0, 1]))
    assert table_digest(base) == table_digest(pa.concat_tables([base.slice(0, 1), base.slice(1)]))
    others = [
        base.rename_columns(["a", "c", "v"]),
        base.set_column(0, "a", pa.array(["x", "", "", "y"])),
        base.set_column(0, "a", pa.array(["x", None, "y", ""])),
        base.set_column(1, "b", pa.array([1, 2, 0, 4])),
        base.set_column(1, "b", base.column("b").cast(pa.int32())),
        base.slice(0, 3),
    ]
    assert len({table_digest(other) for other in [base, *others]}) == 7


def test_digest_is_fixed():
    """A change here makes every stored result unreachable."""
    table = read(b"id,text\n1,good\n2,bad\n", name="a.csv")
    assert table.digest == "5e9f5983046a4cabb5e9acd76e3e249f"


# --- joins -----------------------------------------------------------------------------------------------------------


def test_join_by_order_and_by_id():
    table = read(b"id,text\na,first\nb,second\nc,third\n", name="reviews.csv")
    by_order = join_vectors(table, read(npy(np.eye(3)), name="v.npy"))
    assert column_vectors(by_order.arrow, "_vector")[0].tolist() == np.eye(3).tolist()
    assert by_order.digest != table.digest
    keyed = read(
        json.dumps([{"id": "c", "v": [3, 3]}, {"id": "a", "v": [1, 1]}, {"id": "z", "v": [0, 0]}]).encode(),
        name="v.json",
    )
    joined = join_vectors(table, keyed, "id")
    assert joined.arrow.column("_vector").to_pylist() == [[1, 1], None, [3, 3]]
    assert "1 of 3 rows have no vector in v.json: b." in joined.notes


def test_joins_that_cannot_be():
    table = read(b"id,text\na,first\nb,second\n", name="reviews.csv")

    def refused(vectors, column=None):
        with pytest.raises(BadInput) as caught:
            join_vectors(table, vectors, column)
        return str(caught.value)

    three = refused(read(npy(np.eye(3)), name="v.npy"))
    assert "2 rows" in three
    assert "3 vectors" in three
    twice = read(b'[{"id": "a", "v": [1, 2]}, {"id": "a", "v": [3, 4]}]', name="v.json")
    assert "more than one vector for the id a" in refused(twice, "id")
    assert "no column 'nope'" in refused(twice, "nope")
    assert "no vector column" in refused(table)
    assert "No id in" in refused(read(b'[{"id": "x", "v": [1, 2]}]', name="v.json"), "id")

"""Uploads are read in a child process: the same table, and one sentence where the child is killed or breaks."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
from dataclasses import fields
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explorer
from explorer import limits
from explorer.errors import BadInput
from explorer.reading import sandbox
from explorer.reading.options import Choices, Options
from explorer.reading.readers import read
from explorer.reading.sandbox import Reading, read_apart
from explorer.store.digest import table_digest

CSV = "sep=;\nid;text\n1;good\n2;too;many\n3;né \U0001f600\n".encode("utf-16")


def child(code: str, **limits: int) -> Reading:
    return Reading(b"id\n1\n", {"name": "a.csv"}, command=(sys.executable, "-c", code), **limits)


def refusal(reading: Reading) -> str:
    with pytest.raises(BadInput) as caught:
        reading.table()
    return str(caught.value)


def test_a_child_reads_what_this_process_reads(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_bytes(CSV)
    here = read(CSV, name="reviews.csv")
    for source in (path, CSV, io.BytesIO(CSV)):
        apart = read_apart(source, name="reviews.csv")
        assert apart.arrow.equals(here.arrow)
        assert {**vars(apart), "arrow": 0} == {**vars(here), "arrow": 0}
    assert table_digest(apart.arrow) == apart.digest
    assert apart.rejected == ((4, "3 fields where 2 are expected"),)
    assert apart.contents == ("2;too;many",)


def test_columns_of_all_kinds_come_through():
    table = pa.table({
        "vector": pa.array([[1.0, 2.0], None, [3.0, 4.0]], pa.list_(pa.float32(), 2)),
        "picture": [b"\x89PNG", None, b""],
        "when": pa.array([1, None, 3], pa.timestamp("ms")),
        "kind": pa.array(["a", None, "a"]).dictionary_encode(),
        "n": [2**53 + 1, None, 3],
    })  # fmt: skip
    out = io.BytesIO()
    pq.write_table(table, out)
    assert read_apart(out.getvalue(), name="a.parquet").arrow.equals(read(out.getvalue(), name="a.parquet").arrow)


def test_options_and_refusals_pass_through(tmp_path):
    assert read_apart(b"Ann,Rome\nBob,Oslo\n", name="a.csv", header=False).columns == ["column_1", "column_2"]
    assert read_apart(b"a;b\n1;2\n", name="a.csv", delimiter=",").columns == ["a;b"]
    for source in (b"", tmp_path / "absent.csv"):
        with pytest.raises(BadInput) as here:
            read(source)
        with pytest.raises(BadInput, match=re.escape(str(here.value))):
            read_apart(source)


def test_every_choice_is_an_option_and_reaches_the_child():
    assert list(Choices.__annotations__) == [field.name for field in fields(Options)]
    table = read_apart(b"a,b\n1,2\n", name="a.csv", delimiter="tab", header_row=0)
    assert (table.columns, table.header_row) == (["column_1"], None)
    with pytest.raises(TypeError, match="no option 'delimeter'"):
        read(b"a,b\n1,2\n", delimeter=";")  # type: ignore[call-arg]
    for wrong in ({"skip_rows": (0,)}, {"header_row": -1}, {"header_row": 2, "skip_rows": (2,)}):
        with pytest.raises(BadInput, match="counted from 1|cannot both"):
            read(b"a,b\n1,2\n", name="a.csv", **wrong)


def test_whoever_waits_for_the_child_can_do_something_meanwhile():
    done = []
    assert read_apart(b"id\n1\n", name="a.csv", meanwhile=lambda: done.append("it")).columns == ["id"]
    assert done == ["it"]

    with pytest.raises(BadInput):  # what is not there is refused without a wait
        read_apart("absent.csv", meanwhile=lambda: done.append("needlessly"))
    assert done == ["it"]

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_apart(b"id\n1\n", name="a.csv", meanwhile=stop)
    assert not [child for child in psutil.Process().children() if "reading_child" in " ".join(child.cmdline())]


def test_a_child_over_its_limits_is_killed():
    assert "longer to read than the 1 seconds" in refusal(child("while True: pass", most_seconds=1))
    hungry = child("held = []\nwhile True: held.append(bytearray(10**7))", most_bytes=150 * 2**20)
    assert "more memory to read than the 150 MB" in refusal(hungry)
    assert hungry.peak_bytes > 100 * 2**20
    # The real child, held to less than it needs by the system itself.
    assert "more memory" in refusal(Reading(b"id,text\n" + b"1,a few words\n" * 10**6, {"name": "a.csv"}, 150 * 2**20))


@pytest.mark.parametrize(
    "code",
    ["import os; os.kill(os.getpid(), 11)", "import os; os.abort()", "raise SystemExit(3)", "print('nonsense')",
     "print('{\"table\": {}}'); print('no arrow')", "print('[1]')", "print('{}')"],
)  # fmt: skip
def test_a_child_that_breaks_is_one_sentence(code):
    assert refusal(child(code)).startswith("The reader crashed on a.csv (")


def test_an_error_that_nobody_foresaw_is_one_sentence():
    message = json.dumps({"failed": "KeyError: 'x'"})
    assert refusal(child(f"print({message!r})")) == (
        "a.csv cannot be read (KeyError: 'x'). Save it again, or in another format."
    )


def test_a_parquet_file_that_aborts_its_reader_is_one_sentence_and_the_caller_lives():
    file = Path(__file__).parent / "data" / "aborts.parquet"
    with pytest.raises(BadInput, match=r"^The reader crashed on aborts\.parquet \(SIGABRT\).*another format\.$"):
        explorer.read(file)
    in_this_process = f"import explorer; explorer.read({str(file)!r}, apart=False)"
    run = subprocess.run([sys.executable, "-c", in_this_process], capture_output=True)
    assert run.returncode == -signal.SIGABRT, "pyarrow no longer aborts here: find another file"


def test_a_file_that_is_known_can_be_read_in_this_process(monkeypatch):
    apart = explorer.read(CSV, name="reviews.csv")
    monkeypatch.setattr(sandbox.subprocess, "Popen", None)
    here = explorer.read(CSV, name="reviews.csv", apart=False)
    assert apart.arrow.equals(here.arrow)
    assert {**vars(apart), "arrow": 0} == {**vars(here), "arrow": 0}
    assert explorer.read(b"a;b\n1;2\n", name="a.csv", delimiter=",", apart=False).columns == ["a;b"]


def test_the_child_is_gone_and_leaves_no_files(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = set(threading.enumerate())
    refusal(child("import tempfile, time; time.sleep(60)", most_seconds=1))
    read_apart(b"id,text\n1,a\n", name="a.csv")
    assert [thread for thread in threading.enumerate() if thread not in before] == []  # others may end meanwhile
    assert os.listdir(tmp_path) == []


def test_the_child_gets_no_secrets_of_the_server(monkeypatch):
    monkeypatch.setenv("EXPLORER_SECRET", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    template = json.dumps({"failed": "%s"})
    message = refusal(child(f"import os; print({template!r} % ' '.join(sorted(os.environ)))"))
    assert "SECRET" not in message
    assert "PATH" in message


def test_operators_change_limits_by_the_environment(monkeypatch):
    monkeypatch.setenv("EXPLORER_READ_MB", "700")
    assert limits.reading_bytes() == 700 * 2**20
    for nonsense in ("", "0", "-1", "many", "1.5", "²"):
        monkeypatch.setenv("EXPLORER_READ_MB", nonsense)
        assert 512 * 2**20 <= limits.reading_bytes() <= 8 * 2**30
    assert limits.reading_seconds(0) == 120
    assert limits.reading_seconds(100 * 2**20) == 170


def test_a_file_over_the_size_limit_starts_no_child(monkeypatch, tmp_path):
    monkeypatch.setattr("explorer.reading.readers.MAX_FILE_BYTES", 10)
    monkeypatch.setattr(sandbox.subprocess, "Popen", None)
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,text\n1,a\n")
    for source in (b"id,text\n1,a\n", path):
        with pytest.raises(BadInput, match="at most"):
            read_apart(source, name="a.csv")


# --- accepted + rejected = rows in the file -------------------------------------------------------------------------

WORD = st.text("abcxyz é\"',;|\t0123456789", max_size=8)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.lists(WORD, min_size=1, max_size=5), min_size=1, max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_line_of_a_csv_is_accepted_or_rejected(rows, end):
    body = [",".join(re.sub("[\"']", "", cell) for cell in row) for row in rows]
    lines = ["id,text,stars", *(f"{i},plain,5" for i in range(5)), *body]
    table = read(end.join(lines).encode(), name="a.csv", header=True)
    assert len(table) + len(table.rejected) == sum(bool(line.strip()) for line in lines) - 1
    content = dict(zip((line for line, _ in table.rejected), table.contents, strict=True))
    assert content == {line: lines[line - 1] for line in content}


MEMBER = st.sampled_from(['{"a": 1}', '{"a": "x", "b": 2}', "null", "3", '"x"', "[1, 2]", "true", "{}", '{"a": NaN}'])
BROKEN = st.sampled_from(["{", "{'a': 1}", '{"a": 1', "nul", '{"a": 1} x', "\x00", "[" * 5000])


@settings(deadline=None, max_examples=60)
@given(st.lists(MEMBER, max_size=10))
def test_every_member_of_a_json_list_is_accepted_or_rejected(members):
    members = ['{"a": "first"}', *members]
    table = read(f"[{','.join(members)}]".encode(), name="a.json")
    assert len(table) + len(table.rejected) == len(members)
    assert [json.loads(content) for content in table.contents] == [
        json.loads(members[at - 1]) for at, _ in table.rejected
    ]


@settings(deadline=None, max_examples=60)
@given(st.lists(MEMBER | BROKEN | st.sampled_from(["", "  "]), max_size=10))
def test_every_line_of_jsonl_is_accepted_or_rejected(lines):
    lines = ['{"a": "first"}', *lines, '{"a": "last"}']
    table = read("\n".join(lines).encode(), name="a.jsonl")
    assert len(table) + len(table.rejected) == sum(bool(line.strip()) for line in lines)
    for (line, reason), content in zip(table.rejected, table.contents, strict=True):
        assert reason
        assert content.startswith(lines[line - 1].replace("NaN", "")[:3])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=6), max_size=8))
def test_every_line_of_a_text_file_is_a_row(lines):
    lines = ["first line", *lines]
    table = read("\n".join(lines).encode(), name="a.txt")
    if table.format == "txt":
        assert len(table) == sum(bool(line.strip()) for line in lines)


def test_huge_rejected_rows_are_kept_in_part(monkeypatch):
    text = "a,b\n" + "1,2\n" * 9 + ",".join(["y" * 30_000] * 3) + "\n" + "1,2,3\n"
    table = read(text.encode(), name="a.csv")
    assert [len(content) < 10_100 for content in table.contents] == [True, True]
    assert table.contents[0].endswith("(90,002 characters)")
    assert table.contents[1] == "1,2,3"

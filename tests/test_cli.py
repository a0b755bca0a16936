"""The command line: one JSON object, one error line, exit codes, and files that hold what they promise."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from examples import SENTENCES, random_unit, sentence_space, sentence_table, three_clouds

from explorer.doors import map_command
from explorer.doors.server import DEFAULT_PORT, asked_port
from explorer.library.samples import open_sample

PROMISED = ("rows", "items", "dimensions", "model", "clusters", "truncated_rows", "rejected_rows", "skipped_rows")
TIMES = {"read", "embed", "neighbors", "project", "cluster", "total"}
ADDED = ["_row", "_x", "_y", "_cluster", "_cluster_name", "_outlier", "_neighbors"]


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A store of the test's own, behind EXPLORER_HOME as a user would set it."""
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def decided(line: str) -> bool:
    """Whether a line of stderr says what was decided while a file was read."""
    return re.match(r"[^:]+: (Header from|This file's own|The second file's)", line) is not None


def error_of(result: tuple[int, str, str]) -> str:
    """The error line of a command that was refused; checks that it is one, and that nothing else was printed."""
    code, out, err = result
    lines = [line for line in err.splitlines() if not (line.endswith("…") or decided(line))]  # these are no errors
    assert code == 2
    assert out == ""
    assert len(lines) == 1, err
    assert lines[0].startswith("error: ")
    return lines[0]


@pytest.fixture
def table(tmp_path):
    """A CSV file of 24 rows in two columns, and beside it a file of 24 vectors."""
    vectors, belongs = three_clouds(each=8)
    file = tmp_path / "things.csv"
    lines = [f"t{row:02},{['apple', 'pear', 'plum'][kind]}" for row, kind in enumerate(belongs)]
    file.write_text("\n".join(["id,fruit", *lines]) + "\n")
    np.save(tmp_path / "things.npy", vectors)
    return file


# -- map ---------------------------------------------------------------------------------------------


def test_map_of_the_sentences(run, tmp_path):
    code, out, err = run("map", SENTENCES, "--json", "--out", tmp_path / "mapped")
    report = json.loads(out)
    assert code == 0
    assert {name: report[name] for name in PROMISED} == {
        "rows": 59, "items": 58, "dimensions": 384, "model": "minilm", "clusters": 3,
        "truncated_rows": 0, "rejected_rows": 0, "skipped_rows": 0,
    }  # fmt: skip
    assert set(report["seconds"]) == TIMES
    assert all(value >= 0 for value in report["seconds"].values())
    assert report["seconds"]["total"] >= max(report["seconds"].values())
    assert report["out"] == str(tmp_path / "mapped")
    assert report["columns"] == ["text"]
    decision, *progress = err.splitlines()
    assert decision.startswith("sentences.csv: Header from line 1 · Text: `text`")
    assert [line for line in progress if line] == ["read …", "embed …", "neighbors …", "project …", "cluster …"]
    assert report["notes"][0] == "Header from line 1."
    assert report["notes"][1].startswith("Text: `text`")

    mapped = pq.read_table(tmp_path / "mapped" / "map.parquet")
    assert mapped.column_names == ["id", "text", "topic", *ADDED]
    assert mapped.select(["id", "text", "topic"]).equals(sentence_table().arrow)
    found = mapped.to_pydict()
    assert found["_row"] == list(range(59))
    place = {key: row for row, key in enumerate(found["id"])}
    assert found["_neighbors"][place["c07"]][0] == place["c17"]
    assert all(len(near) == 30 and row not in near for row, near in enumerate(found["_neighbors"]))
    twins = place["a04"], place["a09"]
    for column in ("_x", "_y", "_cluster", "_outlier", "_neighbors"):
        assert found[column][twins[0]] == found[column][twins[1]]
    assert sorted(place, key=lambda key: -found["_outlier"][place[key]])[:2] == ["x01", "x02"]
    assert found["_cluster_name"][place["a01"]] == sentence_space().clusters.names[found["_cluster"][place["a01"]]]

    assert "Chop the onions" in (tmp_path / "mapped" / "map.html").read_text(encoding="utf-8")


def test_without_json_a_person_can_read_it(run, table, tmp_path):
    code, out, _ = run("map", table, "--vectors", tmp_path / "things.npy")
    assert code == 0
    assert "24 rows, 24 distinct items" in out
    assert "16 dimensions" in out
    assert "seconds: read" in out


def test_counts_of_rows_that_have_no_place(run, tmp_path):
    file = tmp_path / "notes.csv"
    long = "word " * 300
    file.write_text(f'id,text\n1,{long}\n2,{long}\n3,\n4,"  "\n5,a plain note on nothing much\n6,too,many,cells,here\n')
    code, out, _ = run("map", file, "--json", "--text", "text", "--whole")
    report = json.loads(out)
    assert code == 0
    assert report["truncated_rows"] == 2
    assert report["items"] == 2
    assert report["skipped_rows"] == 2
    assert report["rows"] + report["rejected_rows"] == 6
    assert report["out"] is None


def test_a_sample_by_its_name(run):
    code, out, _ = run("map", "digits", "--json")
    report = json.loads(out)
    assert code == 0
    assert (report["rows"], report["dimensions"], report["model"]) == (1797, 64, "ready-made")
    assert report["seconds"]["total"] < 60  # nothing was embedded


def test_a_file_is_preferred_to_the_sample_of_its_name(run, tmp_path, monkeypatch):
    np.save(tmp_path / "digits", random_unit(11))
    (tmp_path / "digits.npy").rename(tmp_path / "digits")
    monkeypatch.chdir(tmp_path)
    assert json.loads(run("map", "digits", "--json")[1])["rows"] == 11


def test_a_sample_with_another_model_is_not_the_shipped_one(run):
    message = error_of(run("map", "support_tickets", "--model", "owner/unheard-of"))
    assert "owner/unheard-of is not on this machine" in message


def test_the_seed_moves_the_layout_alone(run, table, tmp_path):
    for seed in (1, 2, 1):
        run("map", table, "--vectors", tmp_path / "things.npy", "--seed", seed, "--out", tmp_path / str(seed))
    one, two = (pq.read_table(tmp_path / seed / "map.parquet") for seed in "12")
    assert one.column("_x") != two.column("_x")
    assert one.drop_columns(["_x", "_y"]).equals(two.drop_columns(["_x", "_y"]))


def test_several_text_columns_are_joined(run, tmp_path):
    file = tmp_path / "mail.csv"
    rows = [f"Subject {row} of the mail,The body number {row} of this mail\n" for row in range(5)]
    file.write_text("".join(["title,body\n", *rows]))
    report = json.loads(run("map", file, "--text", " title , body", "--json")[1])
    assert report["columns"] == ["title", "body"]
    assert report["items"] == 5


def test_a_column_whose_name_holds_a_comma(run, tmp_path):
    file = tmp_path / "mail.csv"
    file.write_text('"title, body",n\nThe first mail of all,1\nThe second mail of all,2\n')
    assert json.loads(run("map", file, "--text", "title, body", "--json")[1])["columns"] == ["title, body"]


# -- vectors -----------------------------------------------------------------------------------------


def test_vectors_of_a_file_are_joined_by_order(run, table, tmp_path):
    code, out, _ = run("map", table, "--vectors", tmp_path / "things.npy", "--json", "--out", tmp_path / "mapped")
    report = json.loads(out)
    assert code == 0
    assert (report["model"], report["dimensions"], report["items"]) == ("ready-made", 16, 24)
    mapped = pq.read_table(tmp_path / "mapped" / "map.parquet")
    assert mapped.column_names == ["id", "fruit", "_vector", *ADDED]
    fruit = mapped.column("fruit").to_pylist()
    assert all(fruit[near[0]] == fruit[row] for row, near in enumerate(mapped.column("_neighbors").to_pylist()))


def test_vectors_of_a_file_are_joined_by_id(run, table, tmp_path):
    vectors, _ = three_clouds(each=8)
    order = np.random.default_rng(0).permutation(24)[:20]  # four rows have no vector
    np.savez(tmp_path / "some.npz", id=np.array([f"t{row:02}" for row in order]), vector=vectors[order])
    code, out, _ = run(
        "map", table, "--vectors", tmp_path / "some.npz", "--id", "id", "--json", "--out", tmp_path / "mapped"
    )
    report = json.loads(out)
    assert code == 0
    assert (report["rows"], report["items"], report["skipped_rows"]) == (24, 20, 4)
    assert any("4 of 24 rows have no vector" in note for note in report["notes"])
    mapped = pq.read_table(tmp_path / "mapped" / "map.parquet").to_pydict()
    for row in range(24):
        if row in order:
            assert mapped["_vector"][row] == pytest.approx(vectors[row].tolist())
            assert mapped["fruit"][mapped["_neighbors"][row][0]] == mapped["fruit"][row]
        else:
            assert [mapped[column][row] for column in ADDED[1:]] == [None] * 6


def test_vectors_of_a_column(run, tmp_path):
    file = tmp_path / "v.jsonl"
    vectors = random_unit(11, 3)
    file.write_text(
        "".join(json.dumps({"name": f"n{row}", "v": list(map(float, v))}) + "\n" for row, v in enumerate(vectors))
    )
    assert json.loads(run("map", file, "--vectors", "v", "--json")[1])["dimensions"] == 3


def test_one_row_makes_a_map(run, tmp_path):
    np.save(tmp_path / "one.npy", np.ones((1, 4), np.float32))
    code, out, _ = run("map", tmp_path / "one.npy", "--json", "--out", tmp_path / "mapped")
    assert code == 0
    assert json.loads(out)["items"] == 1
    mapped = pq.read_table(tmp_path / "mapped" / "map.parquet").to_pydict()
    assert (mapped["_x"], mapped["_y"], mapped["_neighbors"]) == ([0], [0], [[]])


def test_a_map_of_a_map_of_a_map_keeps_every_column(run, table, tmp_path):
    vectors, previous = tmp_path / "things.npy", table
    for turn in range(3):
        code, _, _ = run("map", previous, "--vectors", vectors, "--out", tmp_path / str(turn))
        assert code == 0
        previous = tmp_path / str(turn) / "map.parquet"
    names = pq.read_table(previous).column_names
    assert len(set(names)) == len(names)
    assert names[-7:] == ADDED
    assert sum(name.startswith("_x") for name in names) == 3


# -- refusals ----------------------------------------------------------------------------------------


def test_a_file_that_is_not_there(run):
    assert "nowhere.csv" in error_of(run("map", "nowhere.csv"))


def test_a_folder(run, tmp_path):
    error_of(run("map", tmp_path))


def test_an_empty_file(run, tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    assert "empty.csv is empty" in error_of(run("map", tmp_path / "empty.csv"))


def test_a_column_that_is_not_there(run, table):
    message = error_of(run("map", table, "--text", "body"))
    assert "'body'" in message
    assert "id, fruit" in message


def test_a_header_of_two_lines_makes_one_line_of_error(run, tmp_path):
    (tmp_path / "a.csv").write_text('"one\ntwo",text\n1,a first plain sentence\n2,a second plain sentence\n')
    assert "two" in error_of(run("map", tmp_path / "a.csv", "--text", "body"))


def test_a_table_without_text(run, tmp_path):
    (tmp_path / "numbers.csv").write_text("a,b\n" + "".join(f"{row},{row * row}\n" for row in range(30)))
    message = error_of(run("map", tmp_path / "numbers.csv"))
    assert "No text column in numbers.csv. Found: a (number), b (number)" in message
    assert "--text" in message


def test_a_text_column_of_nothing(run, tmp_path):
    (tmp_path / "blank.csv").write_text("id,text\n1,\n2,\n")
    assert "none of 2 rows has content in text" in error_of(run("map", tmp_path / "blank.csv", "--text", "text"))


@pytest.mark.parametrize("model", ["../x", "/etc", "http://host/x", "no-such-model"])
def test_a_model_that_has_no_name(run, model):
    assert "No model is named" in error_of(run("map", SENTENCES, "--model", model))


def test_a_vector_file_of_another_length(run, table, tmp_path):
    np.save(tmp_path / "short.npy", random_unit(5))
    message = error_of(run("map", table, "--vectors", tmp_path / "short.npy"))
    assert "24 rows" in message
    assert "5 vectors" in message


def test_vectors_that_are_nowhere(run, table):
    assert "No column and no file is named 'nowhere.npy'" in error_of(run("map", table, "--vectors", "nowhere.npy"))


def test_vectors_of_a_column_that_holds_none(run, table):
    assert "'fruit' holds no vectors" in error_of(run("map", table, "--vectors", "fruit"))


def test_an_id_column_that_is_not_there(run, table, tmp_path):
    assert "'key'" in error_of(run("map", table, "--vectors", tmp_path / "things.npy", "--id", "key"))


@pytest.mark.parametrize("arguments", [["--encoding", "utf-9"], ["--encoding", "utf-16"], ["--delimiter", "ab\n"]])
def test_reading_options_that_make_no_sense(run, table, arguments):
    error_of(run("map", table, "--text", "fruit", *arguments))


def test_an_output_folder_that_cannot_be_made(run, table, tmp_path):
    message = error_of(run("map", table, "--vectors", tmp_path / "things.npy", "--out", table / "inside"))
    assert "Cannot write to" in message
    assert "--out" in message


@pytest.mark.parametrize(
    "command",
    ["", "draw", "map", "map a.csv --seed x", "map a.csv --seed -1", f"map a.csv --seed {2**32}",
     "map a.csv --unheard-of", "app --port x"],
)  # fmt: skip
def test_a_command_that_is_none(run, command):
    error_of(run(*command.split()))


def test_an_unexpected_error_is_one_line_without_a_traceback(run, table, monkeypatch):
    def break_down(*_, **__):
        raise RuntimeError("first line\nsecond line")

    monkeypatch.setattr(map_command, "build_for", break_down)
    code, out, err = run("map", table, "--text", "fruit")
    assert code == 1
    assert out == ""
    _, error = err.split("\n", 1)
    assert error.startswith("error: unexpected RuntimeError: first line ")
    assert "second line" not in err
    assert "Traceback" not in err


def test_an_interrupt_is_no_traceback_either(run, table, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(map_command, "build_for", interrupt)
    code, _, err = run("map", table, "--text", "fruit")
    assert code == 130
    assert "the same command goes on from there" in err


# -- as a process ------------------------------------------------------------------------------------


def test_as_a_process_stdout_is_json_and_nothing_else(tmp_path):
    np.save(tmp_path / "few.npy", random_unit(11))
    command = [sys.executable, "-m", "explorer", "map", str(tmp_path / "few.npy"), "--json"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["items"] == 11
    decision, *steps, note = done.stderr.splitlines()
    assert decision == "few.npy: This file's own vectors, `vector`, are mapped"
    assert steps == ["read …", "neighbors …", "project …", "cluster …"]
    assert note == "No groups: these 11 items are about as alike as the same numbers shuffled."


def test_options_are_listed_for_whoever_asks(run):
    code, out, _ = run("map", "--help")
    assert code == 0
    for option in ("--text", "--vectors", "--id", "--model", "--seed", "--encoding", "--delimiter", "--sheet", "--out"):
        assert option in out


# -- app ---------------------------------------------------------------------------------------------


def test_app_opens_the_file_it_is_given(run, table, tmp_path, monkeypatch):
    """The address that `app` prints names a dataset that the local workspace holds."""
    from urllib.parse import parse_qs, urlsplit

    from explorer.library.workspaces import Workspace
    from explorer.store.store import Store

    started = {}

    def become(program, command, environment):
        started.update(command=command, environment=environment)
        raise SystemExit(0)  # the process is another one from here on

    monkeypatch.setattr(os, "execve", become)
    monkeypatch.chdir(Path(__file__).parents[1])  # where `app` goes itself
    code, out, _ = run("app", table, "--vectors", tmp_path / "things.npy", "--port", 8765)
    address = urlsplit(out.split()[-1])
    assert code == 0
    assert address.netloc == "localhost:8765"
    entry = Workspace(Store()).find(parse_qs(address.query)["space"][0])
    assert entry is not None
    assert (entry.name, entry.rows) == ("things.csv", 24)
    command = started["command"]
    assert command[command.index("--server.address") + 1] == "localhost"  # nobody else's machine reaches it
    assert command[command.index("--server.port") + 1] == "8765"
    assert started["environment"]["EXPLORER_WORKSPACES"] == "shared"

    assert run("app", "digits")[1].strip().endswith("/?sample=digits")
    assert run("app")[1].strip().endswith(":8501/")


def test_app_alone_starts_without_reading_the_command_line_further():
    assert asked_port(["app"]) == DEFAULT_PORT
    assert asked_port(["app", "--port", "8600"]) == 8600
    for needs_more in (
        [],
        ["map", "f.csv"],
        ["app", "f.csv"],
        ["app", "--port", "x"],
        ["app", "--port"],
        ["app", "-h"],
    ):
        assert asked_port(needs_more) is None


def test_app_refuses_a_bad_file_before_it_starts(run, monkeypatch):
    monkeypatch.delattr(os, "execve")
    assert "nowhere.csv" in error_of(run("app", "nowhere.csv"))


def test_the_samples_recipe_is_the_commands(run):
    """`map support_tickets` finds what ships: nothing is embedded, so no model is loaded."""
    report = json.loads(run("map", "support_tickets", "--json")[1])
    table, _ = open_sample("support_tickets")
    assert report["rows"] == len(table)
    assert report["truncated_rows"] == 3
    assert report["skipped_rows"] == 4
    assert report["clusters"] >= 5

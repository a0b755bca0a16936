"""Vectors in the forms that people have them in: read as vectors, or named as what they are."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.errors import BadInput
from explorer.reading.readers import read
from explorer.table.embeddings import own_vectors_first, plainly_an_embedding
from explorer.table.joins import join_vectors
from explorer.table.roles import guess_roles, kinds
from explorer.table.table import Table, column_vectors

CASES = Path(__file__).parent / "data" / "cases"
VECTORS = np.random.default_rng(0).normal(size=(60, 24)).astype(np.float32)
TEXTS = [f"What somebody wrote about thing {row}" for row in range(60)]


def listed(vector, form="{:.6f}") -> list[str]:
    return [form.format(number) for number in vector]


def csv_of(cells: list[str], name: str = "data") -> Table:
    written = io.StringIO()
    csv.writer(written).writerows([["id", "text", name], *([i, TEXTS[i], cell] for i, cell in enumerate(cells))])
    return read(written.getvalue().encode(), name="a.csv")


def json_of(cells: list, name: str = "data") -> Table:
    return read(json.dumps([{"text": TEXTS[i], name: cell} for i, cell in enumerate(cells)]).encode(), name="a.json")


def parquet_of(columns: dict) -> Table:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return read(sink.getvalue(), name="a.parquet")


# --- lists of numbers in texts ---------------------------------------------------------------------------------------

FORMS = {
    "a JSON list": lambda v: json.dumps([float(x) for x in v]),
    "a JSON list without spaces": lambda v: json.dumps([float(x) for x in v], separators=(",", ":")),
    "a tuple": lambda v: str(tuple(map(float, v))),
    "numpy's print in lines": str,
    "numpy's repr": repr,
    "numpy's print with signs": lambda v: np.array2string(v, sign="+"),
    "a list of numpy 2's numbers": lambda v: str([np.float64(x) for x in v]),
    "torch's print": lambda v: f"tensor([{', '.join(listed(v))}], device='cuda:0')",
    "a row of a matrix": lambda v: f"[[{', '.join(listed(v))}]]",
    "an array of Postgres": lambda v: "{" + ",".join(listed(v)) + "}",
    "blank spaces": lambda v: " ".join(listed(v)) + " ",
    "commas": lambda v: ",".join(listed(v, "{:.8e}")),
}


@pytest.mark.parametrize("form", FORMS)
def test_texts_that_are_vectors(form):
    table = csv_of([FORMS[form](vector) for vector in VECTORS])
    vectors, missing = column_vectors(table.arrow, "data")
    assert np.abs(vectors - VECTORS).max() < 1e-5
    assert not missing.any()
    assert guess_roles(table).vector == "data"
    assert guess_roles(table).text == ("text",)
    assert "The texts in 'data' are lists of 24 numbers; they were read as vectors." in table.notes


def test_texts_that_are_vectors_in_every_format():
    cells = [str(vector) for vector in VECTORS]
    lines = "\n".join(json.dumps({"text": text, "data": cell}) for text, cell in zip(TEXTS, cells, strict=True))
    for table in (json_of(cells), read(lines.encode(), name="a.jsonl"), parquet_of({"text": TEXTS, "data": cells})):
        assert np.allclose(column_vectors(table.arrow, "data")[0], VECTORS), table.name


def test_rows_whose_text_is_no_vector_are_listed():
    cells = [json.dumps([round(float(x), 4) for x in vector]) for vector in VECTORS]
    cells[3], cells[10], cells[11], cells[40] = "", cells[10][:60] + "]", "error", cells[40].replace("1", "x")
    cells[50] = " ".join(listed(VECTORS[50]))  # another form, but a vector
    cells[55] = json.dumps([float("nan")] * 24)
    table = csv_of(cells)
    vectors, missing = column_vectors(table.arrow, "data")
    assert np.flatnonzero(missing).tolist() == [3, 10, 11, 40, 55]
    assert np.abs(vectors - VECTORS)[~missing].max() < 1e-3
    assert len(table) == 60
    assert "5 of 60 rows have no vector in 'data', counted from row 0" in table.notes[-1]
    for reason in ("missing (row 3)", "instead of 24 numbers (row 10)", "no list of numbers (rows 11, 40)", "(row 55)"):
        assert reason in table.notes[-1]


@pytest.mark.parametrize("separator", [" ", ", "])
def test_vectors_that_were_cut_when_printed(separator):
    table = csv_of([np.array2string(vector, threshold=5, separator=separator) for vector in VECTORS], "embedding")
    assert "The vectors in 'embedding' were cut" in table.notes[-1]
    assert kinds(table)["embedding"] == "other"
    assert guess_roles(table).text == ("text",)


@pytest.mark.parametrize(
    "cell",
    [
        lambda v: str([int(abs(x) * 9000) for x in v]),
        lambda v: str([int(x > 1) for x in v]),
        lambda v: str([float(x) for x in v[:2]]),
        lambda v: str([float(x) for x in v[:4]]),
        lambda v: json.dumps((np.exp(v) / np.exp(v).sum()).tolist()),
    ],
    ids=["token ids", "flags", "coordinates", "a box", "shares"],
)
def test_lists_that_are_no_embedding(cell):
    cells = [cell(vector.astype(np.float64)) for vector in VECTORS]
    table = csv_of(cells)
    assert kinds(table)["data"] == "other"
    assert table.arrow.column("data").to_pylist() == cells
    lists = list(map(json.loads, cells))
    for table in (json_of(lists), parquet_of({"text": TEXTS, "data": lists})):
        assert kinds(table)["data"] == "other"
        assert table.arrow.column("data").to_pylist()[7] == pytest.approx(lists[7])
        assert (guess_roles(table).text, guess_roles(table).vector) == (("text",), None)


def test_texts_with_numbers_stay_texts():
    for cells in (
        [f"{row}, {row + 1} and 3, 4, 5 of them were good" for row in range(60)],
        [f"[{row}] a note about {row}, 2, 3, 4" for row in range(60)],
        [f"+49 {row} 12" for row in range(60)],
        [f"... {row}" for row in range(60)],
    ):
        assert csv_of(cells).arrow.column("data").to_pylist() == cells
    assert kinds(csv_of([f"{row}, {row + 1} and 3, 4, 5 of them were good" for row in range(60)]))["data"] == "text"


def test_a_short_list_is_a_vector_where_it_is_called_one():
    table = csv_of([str([float(x) for x in vector[:3]]) for vector in VECTORS], "embedding")
    assert column_vectors(table.arrow, "embedding")[0].shape == (60, 3)


# --- lists -----------------------------------------------------------------------------------------------------------


def test_lists_of_which_a_few_are_damaged():
    lists: list = VECTORS.tolist()
    lists[1], lists[2], lists[3], lists[4], lists[5] = None, lists[2][:7], [float("nan")] * 24, [0.0] * 24, []
    lists[6][3] = None
    table = parquet_of({"text": TEXTS, "e": lists})
    missing = column_vectors(table.arrow, "e")[1]
    assert np.flatnonzero(missing).tolist() == [1, 2, 3, 4, 5, 6]
    (note,) = table.notes
    assert note == (
        "6 of 60 rows have no vector in 'e', counted from row 0: missing (row 1); 7 instead of 24 numbers (row 2); "
        "NaN or infinity (rows 3, 6); all zeros (row 4); 0 instead of 24 numbers (row 5)."
    )
    same = json_of([None if row is None else [x if x == x else None for x in row] if row else [] for row in lists], "e")
    assert np.flatnonzero(column_vectors(same.arrow, "e")[1]).tolist() == [1, 2, 3, 4, 5, 6]


def test_lists_of_many_lengths_are_no_vectors():
    table = parquet_of({"text": TEXTS, "e": [VECTORS[row][: 10 + row % 5].tolist() for row in range(60)]})
    assert kinds(table)["e"] == "other"


def test_lists_are_vectors_where_there_is_nothing_else():
    pixels = np.random.default_rng(0).integers(0, 255, (60, 64))
    table = parquet_of({"label": list(range(60)), "pixels": pixels.tolist()})
    assert guess_roles(table).vector == "pixels"


# --- numbered columns ------------------------------------------------------------------------------------------------


def wide(names: list[str], numbers: np.ndarray) -> Table:
    written = io.StringIO()
    rows = [[TEXTS[row], row % 5, *listed(vector)] for row, vector in enumerate(numbers)]
    csv.writer(written).writerows([["title", "stars", *names], *rows])
    return read(written.getvalue().encode(), name="a.csv")


NUMBERED = {
    "dim_{}": "vector", "{}": "vector", "x{}": "vector", "V{}": "vector", "Dim {}": "vector", "emb_{:03}": "emb",
    "embedding.{}": "embedding", "text_emb_{}": "text_emb", "vec[{}]": "vec", "minilm-{}": "minilm",
}  # fmt: skip


@pytest.mark.parametrize(("name", "first"), [*((name, 0) for name in NUMBERED), ("dim_{}", 1), ("V{}", 1)])
def test_numbered_columns_are_one_vector(name, first):
    made = NUMBERED[name]
    table = wide([name.format(place + first) for place in range(24)], VECTORS)
    assert table.columns == ["title", "stars", made]
    assert np.abs(column_vectors(table.arrow, made)[0] - VECTORS).max() < 1e-4
    assert f"were read as one vector column of 24 numbers, {made!r}" in table.notes[-1]


def test_numbered_columns_of_typed_files():
    columns = {"text": TEXTS, **{f"dim_{place}": VECTORS[:, place].astype(np.float64) for place in range(24)}}
    columns["dim_3"][7] = np.nan
    table = parquet_of(columns)
    assert table.columns == ["text", "vector"]
    assert np.flatnonzero(column_vectors(table.arrow, "vector")[1]).tolist() == [7]
    assert "1 of 60 rows has no vector in 'vector', counted from row 0: not all are numbers (row 7)." in table.notes


def test_two_embeddings_and_columns_out_of_order():
    names = [f"title_emb_{place}" for place in range(12)] + [f"body_emb_{place}" for place in range(12)][::-1]
    table = wide(names, VECTORS)
    assert table.columns == ["title", "stars", "title_emb", "body_emb"]
    assert np.abs(column_vectors(table.arrow, "body_emb")[0] - VECTORS[:, 12:][:, ::-1]).max() < 1e-4


def test_decimal_commas():
    text = ";".join(f"emb_{place}" for place in range(24)) + "\n"
    text += "".join(";".join(cell.replace(".", ",") for cell in listed(vector)) + "\n" for vector in VECTORS)
    assert np.abs(column_vectors(read(text.encode(), name="a.csv").arrow, "emb")[0] - VECTORS).max() < 1e-4


@pytest.mark.parametrize(
    ("names", "numbers"),
    [
        (["x", "y", "z"], VECTORS[:, :3]),
        (["x1", "x2", "x3"], VECTORS[:, :3]),
        ([f"q{place}" for place in range(1, 25)], np.abs(VECTORS * 3).round()),
        ([f"week_{place}" for place in range(1, 25)], np.cumsum(np.abs(VECTORS), axis=1) + 100),
        ([f"x{place}" for place in range(24)], np.abs(VECTORS) * 10.0 ** np.arange(24)),
        ([f"sensor_{place}" for place in range(24)], VECTORS + 20),
        ([f"{place}" for place in range(2000, 2024)], np.abs(VECTORS) * 1e6),
        ([f"emb_{place}" for place in range(0, 48, 2)], VECTORS),
    ],
    ids=["coordinates", "three numbers", "answers", "a series", "features", "sensors", "years", "gaps"],
)
def test_columns_of_a_plain_table(names, numbers):
    assert wide(names, numbers).columns == ["title", "stars", *names]


def test_case_tensors():
    table = read(CASES / "tensors.tsv")
    assert table.columns == ["vector"]
    assert column_vectors(table.arrow, "vector")[0].shape == (40, 48)
    for name in ("projector_two.tsv", "projector_single.tsv"):
        metadata = read(CASES / name, header=name == "projector_two.tsv")
        joined = join_vectors(metadata, table)
        assert len(joined) == 40
        assert joined.arrow == join_vectors(table, metadata).arrow
    with pytest.raises(BadInput, match="perhaps its first row holds values and not names"):
        join_vectors(read(CASES / "projector_single.tsv", header=True), table)


def test_a_second_file_of_numbers_is_a_vector_a_row():
    rows = read(b"id,text\n7,one of them\n8,another one\n9,the last one\n", name="a.csv")
    numbers = read(b"id,east,north\n9,0.5,1.5\n7,2.5,3.5\n", name="v.csv")
    by_id = join_vectors(rows, numbers, "id")
    assert by_id.arrow.column("_vector").to_pylist() == [[2.5, 3.5], None, [0.5, 1.5]]
    with pytest.raises(BadInput, match="no vector column"):
        join_vectors(rows, read(b"id,east,name\n7,2.5,a\n8,2.5,b\n9,1.5,c\n", name="v.csv"), "id")


# --- word vectors ----------------------------------------------------------------------------------------------------


def words_of(first: str = "", separator: str = " ", end: str = "\n", form: str = "{:.5f}") -> bytes:
    rows = [f"word{row}{separator}{separator.join(listed(vector, form))}{end}" for row, vector in enumerate(VECTORS)]
    return (first + "".join(rows)).encode()


@pytest.mark.parametrize("name", ["a.txt", "a.vec", "a", "glove.6B.24d.txt"])
@pytest.mark.parametrize("first", ["", "60 24\n"])
@pytest.mark.parametrize("separator", [" ", "\t"])
@pytest.mark.parametrize("end", ["\n", " \n", "\r\n"])
def test_word_vectors(name, first, separator, end):
    table = read(words_of(first, separator, end), name=name)
    assert table.format == "vec"
    assert table.arrow.column("word").to_pylist() == [f"word{row}" for row in range(60)]
    assert np.abs(column_vectors(table.arrow, "vector")[0] - VECTORS).max() < 1e-4
    assert not table.rejected


def test_words_with_spaces_and_lines_that_are_no_vectors():
    lines = words_of("100 24\n").decode().splitlines(keepends=True)
    lines[1] = lines[1].replace("word0", ". . .")
    lines[2] = lines[2].replace("word1", "3,14")
    lines[3] = "word2 0.1 0.2\n"
    lines[4] = "<pad>" + " 0" * 24 + "\n"
    table = read("".join(lines).encode(), name="a.vec")
    words = table.arrow.column("word").to_pylist()
    assert words[:4] == [". . .", "3,14", "<pad>", "word4"]
    assert table.rejected == ((4, "no word with 24 numbers"),)
    assert table.contents == ("word2 0.1 0.2",)
    assert np.flatnonzero(column_vectors(table.arrow, "vector")[1]).tolist() == [2]
    assert any("promises 100 words, and 60 follow" in note for note in table.notes)
    assert any("Words without a vector" in note for note in table.notes)
    assert np.abs(column_vectors(table.arrow, "vector")[0][:2] - VECTORS[:2]).max() < 1e-4


@pytest.mark.parametrize(
    "text",
    [
        "The first line.\nThe second line has 2 numbers 1.5 2.5.\nThe third.\n",
        "10 20\nWhat is this?\nNothing.\nÄrger über Öl und Übel äöü äöü äöü äöü äöü äöü äöü äöü\n",
        "setosa 5.1 3.5 1.4 0.2\n" * 9,
    ],
)
def test_texts_that_are_no_word_vectors(text):
    assert read(text.encode(), name="a.txt").format in ("txt", "csv")
    assert read(text.encode(), name="a.vec").format in ("txt", "csv")


def test_word2vec_in_binary_is_refused():
    data = b"60 24\n" + b"".join(b"word%d " % row + vector.tobytes() + b"\n" for row, vector in enumerate(VECTORS))
    for name in ("GoogleNews.bin", "a.txt", "a.vec"):
        with pytest.raises(BadInput, match="word2vec's binary form. Save them as text"):
            read(data, name=name)


# --- arrays ----------------------------------------------------------------------------------------------------------


def npz(**arrays) -> Table:
    sink = io.BytesIO()
    np.savez(sink, **arrays)
    return read(sink.getvalue(), name="a.npz")


def test_arrays_of_other_lengths_and_kinds_are_left_out():
    table = npz(
        emb=VECTORS, texts=np.array(TEXTS), xy=VECTORS[:, :2], tokens=np.arange(60 * 24).reshape(60, 24),
        vocabulary=np.array(["a", "b"]), model=np.array("minilm"), notes=np.array([{}] * 60, dtype=object),
    )  # fmt: skip
    assert table.columns == ["emb", "texts", "xy", "tokens"]
    assert [kinds(table)[name] for name in table.columns] == ["vector", "text", "other", "other"]
    assert own_vectors_first(table, guess_roles(table).vector)
    notes = " ".join(table.notes)
    for part in ("'vocabulary' was left out: it has 2 rows and not 60.", "'model' was left out", "never loaded"):
        assert part in notes


def test_the_only_array_is_a_vector_column_whatever_it_holds():
    digits = np.random.default_rng(0).integers(0, 16, (60, 64))
    table = npz(X=digits, y=digits[:, 0] % 10)
    assert guess_roles(table).vector == "X"
    assert not own_vectors_first(table, "X")


# --- the cases -------------------------------------------------------------------------------------------------------


def test_case_embedding_strings():
    table = read(CASES / "embedding_strings.csv")
    assert guess_roles(table).text[-1] == "combined"
    assert guess_roles(table).vector == "embedding"
    assert column_vectors(table.arrow, "embedding")[0].shape == (40, 48)
    assert own_vectors_first(table, "embedding")


def test_case_ragged_embedding():
    table = read(CASES / "ragged_embedding.parquet")
    assert np.flatnonzero(column_vectors(table.arrow, "embedding")[1]).tolist() == [5, 9, 11, 13]
    assert "20 instead of 48 numbers (row 9)" in table.notes[0]
    assert own_vectors_first(table, "embedding")


def test_case_token_ids():
    table = read(CASES / "token_ids.parquet")
    assert (guess_roles(table).text, guess_roles(table).vector) == (("text",), None)
    assert table.arrow.column("token_ids")[0].as_py() == list(range(16))


def test_case_word2vec():
    table = read(CASES / "word2vec.txt")
    assert len(table) == 40
    assert column_vectors(table.arrow, "vector")[0].shape == (40, 25)
    assert guess_roles(table).vector == "vector"


def test_case_several():
    table = read(CASES / "several.npz")
    assert guess_roles(table).vector == "embeddings"
    assert own_vectors_first(table, "embeddings")
    assert table.columns == ["embeddings", "texts", "labels", "ids"]


# --- what is mapped --------------------------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A store of the test's own."""
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_own_vectors_are_mapped_where_they_are_plainly_an_embedding(run):
    report = json.loads(run("map", CASES / "several.npz", "--json")[1])
    assert (report["columns"], report["dimensions"]) == (["embeddings"], 48)
    assert any("own vectors, 'embeddings', are mapped; --text texts embeds the texts" in n for n in report["notes"])
    report = json.loads(run("map", CASES / "several.npz", "--text", "texts", "--json")[1])
    assert (report["columns"], report["model"]) == (["texts"], "minilm")


@pytest.mark.parametrize(
    ("name", "vectors"),
    [
        ("series", np.cumsum(np.random.default_rng(1).normal(size=(60, 24)), axis=1)),
        ("codes", np.random.default_rng(1).integers(0, 30_000, (60, 24))),
        ("sizes", np.abs(np.random.default_rng(1).normal(size=(60, 24))) * 10.0 ** np.arange(24)),
        ("xy", np.random.default_rng(1).normal(size=(60, 2))),
        ("bbox", np.random.default_rng(1).normal(size=(60, 24))),
        ("flags", np.random.default_rng(1).integers(0, 2, (60, 24))),
        ("embedding", np.ones((60, 24))),
    ],
)
def test_what_is_not_plainly_an_embedding(name, vectors):
    assert not plainly_an_embedding(vectors, name)


def test_what_is_plainly_an_embedding():
    rng = np.random.default_rng(1)
    mixed = rng.normal(size=(200, 6)) @ rng.normal(size=(6, 384)) + rng.normal(size=384)
    unit = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
    rectified = np.maximum(rng.normal(size=(200, 512)), 0)  # as of a network for pictures
    for vectors in (mixed, unit, rectified, unit.astype(np.float32)):
        assert plainly_an_embedding(vectors, "data")
    unit[3], unit[4] = 0, np.nan
    assert plainly_an_embedding(unit, "data")


def test_the_digest_of_a_table_does_not_depend_on_how_a_file_names_the_numbers_in_a_list(tmp_path):
    """What was computed from it is found again under the digest."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    vectors = np.random.default_rng(0).standard_normal(40 * 16).astype(np.float32)
    digests = set()
    for number in ("item", "element"):
        kind = pa.list_(pa.field(number, pa.float32()), 16)
        column = pa.FixedSizeListArray.from_arrays(pa.array(vectors), type=kind)
        pq.write_table(pa.table({"vector": column}), tmp_path / "v.parquet")
        digests.add(read(tmp_path / "v.parquet").digest)
    assert len(digests) == 1

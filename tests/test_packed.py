"""Packed files: read as what they hold, asked about where they hold several tables, refused where they explode."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

import explorer
from explorer.errors import BadInput, SeveralTables
from explorer.reading.readers import read

FILES = Path(__file__).parent / "files"
CSV = b"id,text\n1,The parcel came late\n2,Nobody called me back\n"


def zstd(data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


PACK = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress, ".zst": zstd}


def zipped(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return sink.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name, data in files.items():
            about = tarfile.TarInfo(name)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
    return sink.getvalue()


def refusal(data: bytes, name: str, **choices) -> str:
    with pytest.raises(BadInput) as caught:
        read(data, name=name, **choices)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("ending", PACK)
@pytest.mark.parametrize("path", sorted(FILES.glob("reviews.*")), ids=lambda path: path.name)
def test_every_format_can_be_packed(path, ending):
    plain = read(path)
    table = read(PACK[ending](path.read_bytes()), name=path.name + ending)
    assert (table.digest, table.format) == (plain.digest, plain.format)
    assert table.name == path.name + ending
    assert table.notes == plain.notes


@pytest.mark.parametrize("ending", PACK)
def test_a_packed_file_is_known_by_its_bytes(ending):
    packed = PACK[ending]
    assert len(read(packed(CSV), name="data")) == 2
    assert len(read(packed(CSV), name="a.csv")) == 2
    assert len(read(packed(CSV[:20]) + packed(CSV[20:]), name="a.csv" + ending)) == 2  # two parts, one after another
    assert "damaged" in refusal(packed(CSV * 500)[:-9], "a.csv" + ending)
    assert "empty" in refusal(packed(b""), "a.csv" + ending)


@pytest.mark.parametrize("ending", PACK)
def test_what_explodes_is_refused(ending):
    bomb = PACK[ending](bytes(70_000_000))
    assert "unpacks to more than" in refusal(bomb, "a.csv" + ending)
    assert "unpacks to more than" in refusal(zipped({"a.csv": bytes(70_000_000)}), "a.zip")
    assert "unpacks to more than" in refusal(zipped({"a.csv" + ending: bomb}), "a.zip")


def test_layers():
    data = CSV
    for _ in range(3):
        data = gzip.compress(data)
    assert len(read(data, name="a.csv.gz.gz.gz")) == 2
    assert "packed more than 3 times" in refusal(gzip.compress(gzip.compress(data)), "a.csv.gz")


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_with_one_table_is_read(pack):
    beside = {"__MACOSX/._answers.csv": b"\0\1", ".DS_Store": b"\0", "export/README.txt": b"Our answers.\nAll of them."}
    table = read(pack({"export/answers.csv": CSV, **beside, "logo.png": b"\x89PNG"}), name="export.zip")
    assert table.columns == ["id", "text"]
    assert table.name == "export.zip"
    assert table.notes == (
        "export/answers.csv was read from export.zip.",
        "Not read from it: export/README.txt, logo.png.",
    )
    assert len(read(pack({"notes.txt": b"one text\nanother text\n"}), name="a.zip")) == 2
    assert (
        len(read(pack({"SMSSpamCollection": b"ham\tGo on\nspam\tWin\nham\tYes\n", "readme": b"x"}), name="a.zip")) == 3
    )
    assert len(read(pack({"a.csv.gz": gzip.compress(CSV)}), name="a.zip")) == 2


def test_packed_tar():
    assert len(read(gzip.compress(tarred({"a/b.csv": CSV})), name="a.tgz")) == 2
    assert len(read(lzma.compress(tarred({"./b.csv": CSV})), name="a.tar.xz")) == 2


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("apart", [False, True])
def test_an_archive_with_several_tables_asks_which(pack, apart):
    data = pack({"train.csv": CSV, "parts/test.csv": CSV * 2, "labels.jsonl": b'{"a": 1}\n', "x.png": b""})
    with pytest.raises(SeveralTables) as caught:
        explorer.read(data, name="a.zip", apart=apart)
    assert caught.value.choices == ("parts/test.csv", "train.csv", "labels.jsonl")
    assert str(caught.value).startswith("a.zip holds 3 tables: parts/test.csv (")
    assert len(explorer.read(data, name="a.zip", member="train.csv", apart=apart)) == 2
    assert explorer.read(data, name="a.zip", member="test.csv", apart=apart).format == "csv"
    assert "no file 'other.csv'. It holds train.csv" in refusal(data, "a.zip", member="other.csv")


def test_archives_without_a_table():
    assert "archive without a table (it holds a.png, b.jpg)" in refusal(zipped({"a.png": b"", "b.jpg": b""}), "a.zip")
    assert "Word document" in refusal(zipped({"word/document.xml": b"<x/>"}), "a.docx")
    assert "Numbers" in refusal(zipped({"Index/Document.iwa": b"x", "preview.jpg": b"x"}), "a.numbers")
    assert "it is empty" in refusal(zipped({"__MACOSX/x": b""}), "a.zip")
    assert "without a table" in refusal(zipped({"a.zip": zipped({"a.csv": CSV})}), "a.zip")


def test_arrays_in_a_zip_are_still_npz():
    sink = io.BytesIO()
    np.savez(sink, vector=np.ones((3, 4), np.float32))
    assert read(sink.getvalue(), name="a.zip").format == "npz"

"""The format of a file: by its contents, or else by its name."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

from explorer.errors import BadInput
from explorer.reading.excel_xml import is_excel_xml
from explorer.reading.options import FORMATS, Options
from explorer.reading.text.decode import decode_head
from explorer.reading.text.dialect import detect
from explorer.reading.text.whatsapp import is_whatsapp
from explorer.reading.text.word_vectors import is_binary, word_width
from explorer.reading.web_page import is_single_file, is_web_page

_MAGIC = ((b"PAR1", "parquet"), (b"\x93NUMPY", "npy"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "xlsx"))
# Files that people choose by mistake: their first bytes, their name, and what to do instead.
_FOREIGN = (
    (b"%PDF", "a PDF", "Save its table or text as CSV or TXT."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first."),
    (b"Rar!", "a RAR archive", "Unpack it first."),
    (b"BZh", "a bzip2 archive", "Unpack it first."),
    (b"\xfd7zXZ", "an xz archive", "Unpack it first."),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive", "Unpack it first."),
    (b"\x89PNG", "a picture", f"Choose {FORMATS}."),
    (b"\xff\xd8\xff", "a picture", f"Choose {FORMATS}."),
    (b"GIF8", "a picture", f"Choose {FORMATS}."),
    (b"SQLite format 3", "an SQLite database", "Export a table as CSV."),
    (b"\xba\x16\x4f\x2f", "a fastText model", "Save its vectors as text, a .vec file."),
    (b"ARROW1", "an Arrow file", "Save it as Parquet."),
    (b"FEA1", "a Feather file", "Save it as Parquet."),
    (b"\x7fELF", "a program", f"Choose {FORMATS}."),
    (b"{\\rtf", "an RTF document", "Save it as plain text."),
)
_PICKLES = (".pkl", ".pickle", ".joblib", ".pt", ".pth")


def sniff(data: bytes, options: Options, extensions: Mapping[str, str]) -> str:
    """The key of the reader for `data`; `extensions` maps endings such as ".csv" to keys.

    Raises
    ------
    BadInput : for pickles, whatever their name, and for unknown formats
    """
    name = options.name
    suffix = Path(name).suffix.lower()
    if suffix in _PICKLES or (data[0] == 0x80 and len(data) > 2 and data[1] in (2, 3, 4, 5) and data[-1:] == b"."):
        raise BadInput(f"{name} is a Python pickle, which can run code and is never loaded. Save Parquet or NPY.")
    for magic, key in _MAGIC:
        if data.startswith(magic):
            return key
    if data[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zipped(data, name)
    for magic, what, advice in _FOREIGN:
        if data.startswith(magic):
            raise BadInput(f"{name} is {what}. {advice}")
    if is_binary(data):
        raise BadInput(
            f"{name} holds word vectors in word2vec's binary form. Save them as text: in gensim, load them with "
            "KeyedVectors.load_word2vec_format(…, binary=True) and call save_word2vec_format('vectors.txt')."
        )
    named = extensions.get(suffix)
    if named in ("parquet", "npy", "npz", "xlsx", "html"):
        _check_is_text(data, options, named)
        if named == "html":
            return named
        named = None
    return _text_format(data, options, named)


def _zipped(data: bytes, name: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise BadInput(f"{name} is a damaged zip archive or workbook. Save or upload it again.") from None
    if any(entry.startswith("xl/") for entry in names) or "content.xml" in names:
        return "xlsx"
    if names and all(entry.endswith(".npy") for entry in names):
        return "npz"
    if not names:
        raise BadInput(f"{name} is an empty archive. Choose a file with data.")
    if any(entry.endswith("data.pkl") for entry in names):
        raise BadInput(f"{name} is a PyTorch file with a pickle in it, which is never loaded. Save NPY or Parquet.")
    raise BadInput(f"{name} is a zip archive (it holds {names[0][:60]!r}). Unpack it, and choose a file from it.")


def _check_is_text(data: bytes, options: Options, named: str) -> None:
    """Raise BadInput unless the file is text: a text file with the ending of a binary format can still be read."""
    if b"\0" in data[:1024] and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise BadInput(f"{options.name} is not a {named.upper()} file, or a damaged one. Save or upload it again.")


def _text_format(data: bytes, options: Options, named: str | None) -> str:
    """JSON, lines of JSON, delimited or plain text. The ending decides, unless the text clearly differs."""
    text = decode_head(data, options.name, options.encoding)
    complete = len(data) <= 256 * 1024
    start = text.lstrip("\ufeff \t\r\n")
    if not start:
        raise BadInput(f"{options.name} holds only blank space. Choose a file with at least one row of data.")
    if start[0] == "<" and is_excel_xml(start):
        return "xlsx"
    if is_single_file(start) or (start[0] == "<" and is_web_page(start, named)):
        return "html"
    if start[:5].lower() == "<?xml":
        raise BadInput(f"{options.name} is XML. Choose {FORMATS}.")
    if named in ("json", "jsonl"):
        return named
    if named in ("txt", None) and is_whatsapp(start[:65536].split("\n")):
        return "txt"
    if not options.delimiter and word_width(text.lstrip("\ufeff")):
        return "vec"
    if named == "vec":
        named = "txt"
    if start[0] in "[{":
        found = _json_format(start, complete=complete)
        if found:
            return found
    if options.delimiter:
        return named if named in ("csv", "tsv") else "csv"
    if named in ("csv", "tsv"):
        return named
    detected = detect(text)
    # A text file is read as lines unless it is almost certainly a table, since prose has commas too.
    needed = 0.8 if named == "txt" else detected.single
    if detected.score > needed and len(start.splitlines()) > 1:
        return "tsv" if detected.dialect.delimiter == "\t" else "csv"
    return "txt"


def _json_format(start: str, complete: bool) -> str | None:
    first, _, rest = start.partition("\n")
    try:
        value = json.loads(first)
        if isinstance(value, dict):
            return "jsonl" if rest.strip() else "json"
        return "json" if isinstance(value, list) and not rest.strip() else None
    except (ValueError, RecursionError):
        pass
    if not complete:
        return "json" if start[1:].lstrip()[:1] in ("{", '"') else None
    try:
        json.loads(start)
        return "json"
    except RecursionError:
        return "json"
    except ValueError:
        return None

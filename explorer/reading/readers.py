"""`read`: a file, bytes or an upload in, a Table out. The contents choose the reader, or else the name does."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Unpack

from explorer.errors import BadInput
from explorer.limits import GIB, MAX_ALL_REJECTED_CHARACTERS, MAX_FILE_BYTES, MAX_REJECTED_CHARACTERS
from explorer.reading.arrays import read_npy, read_npz
from explorer.reading.columnar import read_parquet
from explorer.reading.options import Choices, Options, Parsed
from explorer.reading.packed import unpack
from explorer.reading.sniff import sniff
from explorer.reading.text.delimited import read_csv, read_tsv
from explorer.reading.text.json_records import read_json, read_jsonl
from explorer.reading.text.lines import read_txt
from explorer.reading.text.word_vectors import read_vec
from explorer.reading.vectors import with_vectors
from explorer.reading.web_page import read_html
from explorer.reading.workbook import read_xlsx
from explorer.store.digest import table_digest
from explorer.table.markup import columns_with_markup, markup_note
from explorer.table.table import Table

__all__ = ["READERS", "BadInput", "Reader", "Table", "read"]


@dataclass(frozen=True)
class Reader:
    """The function that reads one format, and the endings of its files."""

    parse: Callable[[bytes, Options], Parsed]
    extensions: tuple[str, ...]


READERS: dict[str, Reader] = {
    "csv": Reader(read_csv, (".csv",)),
    "tsv": Reader(read_tsv, (".tsv", ".tab")),
    "json": Reader(read_json, (".json", ".geojson", ".js")),
    "jsonl": Reader(read_jsonl, (".jsonl", ".ndjson")),
    "parquet": Reader(read_parquet, (".parquet", ".pq")),
    "xlsx": Reader(read_xlsx, (".xlsx", ".xlsm", ".xls", ".ods")),
    "html": Reader(read_html, (".html", ".htm", ".mht", ".mhtml")),
    "txt": Reader(read_txt, (".txt", ".text")),
    "vec": Reader(read_vec, (".vec",)),
    "npy": Reader(read_npy, (".npy",)),
    "npz": Reader(read_npz, (".npz",)),
}


def read(source: str | os.PathLike[str] | bytes | BinaryIO, **choices: Unpack[Choices]) -> Table:
    """Read a table in this process, from a path, bytes, or a binary file object. `explorer.read` uses another process.

    Parameters
    ----------
    choices : those of `Choices`; what is not chosen is detected

    Raises
    ------
    BadInput : with one sentence for the user, when the source cannot be read or holds nothing
    """
    data, own_name = _bytes(source)
    options = Options.of(choices, own_name)
    if not data:
        raise BadInput(f"{options.name} is empty. Choose a file with at least one row of data.")
    extensions = {ending: key for key, reader in READERS.items() for ending in reader.extensions}
    outer = options.name
    data, options, notes = unpack(data, options, extensions)
    key = sniff(data, options, extensions)
    parsed = with_vectors(READERS[key].parse(data, options))
    found = parsed.format or key
    notes += (*parsed.notes, *markup_note(columns_with_markup(parsed.arrow)))
    named = extensions.get(Path(options.name).suffix.lower())
    if named and named != found:
        notes.insert(0, f"{options.name} was read as {found.upper()}, which is what it contains.")
    return Table(
        arrow=parsed.arrow.replace_schema_metadata(None),
        rejected=tuple(parsed.rejected),
        name=outer,
        digest=table_digest(parsed.arrow),
        format=found,
        encoding=parsed.encoding,
        delimiter=parsed.delimiter,
        sheet=parsed.sheet,
        sheets=parsed.sheets,
        header_row=parsed.header_row,
        notes=tuple(notes),
        contents=tuple(_shortened(parsed)),
        doubts=tuple(parsed.doubts),
    )


def _shortened(parsed: Parsed) -> Iterator[str]:
    """The text of each rejected row, up to a limit for each and for all."""
    left = MAX_ALL_REJECTED_CHARACTERS
    for line, _ in parsed.rejected:
        content = parsed.contents.get(line, "")
        part = content[: min(left, MAX_REJECTED_CHARACTERS)]
        kept = part.encode("utf-8", "replace").decode()  # JSON may hold lone surrogates
        left -= len(kept)
        yield kept if len(kept) == len(content) else f"{kept} … ({len(content):,} characters)"


def _bytes(source: str | os.PathLike[str] | bytes | BinaryIO) -> tuple[bytes, str]:
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        name = path.name or str(path)
        try:
            if path.is_dir():
                raise BadInput(f"{name} is a folder. Choose a file in it.")
            if path.exists() and not path.is_file():  # reading a pipe or a device might never end
                raise BadInput(f"{name} is no ordinary file. Choose one that is.")
            check_size(path.stat().st_size, name)
            data = path.read_bytes()
        except FileNotFoundError:
            raise BadInput(f"There is no file {path}. Check the name and the folder.") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise BadInput(f"{name} cannot be opened: {reason}. Check its name and permissions.") from None
    else:
        contents, name = contents_of(source)
        data = bytes(contents)
    check_size(len(data), name)
    return data, name


def contents_of(source: bytes | BinaryIO) -> tuple[bytes | memoryview, str]:
    """The bytes, without a copy where they are in memory already, and the source's own name."""
    if isinstance(source, bytes | bytearray | memoryview):
        return source, "data"
    name = os.path.basename(str(getattr(source, "name", "") or "data"))
    if isinstance(source, io.BytesIO):
        return source.getbuffer(), name
    data = source.read(MAX_FILE_BYTES + 1)
    return (data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data), name


def check_size(size: int, name: str) -> None:
    """Raise BadInput for a file above the limit on size."""
    if size > MAX_FILE_BYTES:
        raise BadInput(
            f"{name} has {size / GIB:.1f} GB, and at most {MAX_FILE_BYTES // GIB} GB can be read. "
            "Split it, or save it as Parquet."
        )

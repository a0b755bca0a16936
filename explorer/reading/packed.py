"""Packed files: what a gzip, bzip2, xz or Zstandard file holds, and the table in a zip or tar archive.

Nothing is written to disk. What is unpacked is counted while it is unpacked, so that a file made to explode is refused
before it fills the memory.
"""

from __future__ import annotations

import io
import lzma
import re
import tarfile
import zipfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from pathlib import PurePosixPath
from typing import IO

import pyarrow as pa

from explorer.errors import BadInput, SeveralTables, first_line
from explorer.limits import FREE_INFLATED_BYTES, MAX_FILE_BYTES, MAX_INFLATION, MAX_ZIP_ENTRIES, MIB
from explorer.reading.archive import check_entries
from explorer.reading.options import FORMATS, Options
from explorer.table.notes import Note
from explorer.wording import bytes_in_words, counted, listed

_MOST_LAYERS = 3  # a tar in a gzip file, or a gzip file in a zip archive
_MOST_NAMED = 8  # tables that a question lists
_XZ_MEMORY = 256 * MIB
# First bytes, how to open, and the endings that go with it. "tgz" is a tar archive below.
_STREAMS: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"\x1f\x8b", "gzip", (".gz", ".gzip")),
    (b"BZh", "bz2", (".bz2",)),
    (b"\x28\xb5\x2f\xfd", "zstd", (".zst", ".zstd")),
    (b"\xfd7zXZ\0", "xz", (".xz",)),
)
ENDINGS = tuple(ending for _, _, endings in _STREAMS for ending in endings)
_BESIDE = re.compile(
    r"^(__MACOSX/|.*/__MACOSX/)|(^|/)(\.|thumbs\.db$|desktop\.ini$|~\$)|(^|/)_(SUCCESS|metadata|common_metadata)$", re.I
)
_ABOUT = re.compile(r"(^|/)(read[-_ ]?me|licen[sc]e|copying|notice|changelog|citation|about)[^/]*$", re.IGNORECASE)
# Other zip archives that people take for tables: an entry's name, what it is, what to do instead.
_OTHER = (
    ("word/document.xml", "a Word document", "Save its table or text as CSV or TXT."),
    ("ppt/presentation.xml", "a PowerPoint file", "Save its table or text as CSV or TXT."),
    ("Index/Document.iwa", "a Numbers file", "Export it as an Excel workbook or CSV."),
    ("META-INF/container.xml", "an e-book", "Save its text as TXT."),
    ("META-INF/MANIFEST.MF", "a program", f"Choose {FORMATS}."),
)


@dataclass(frozen=True)
class _Entry:
    """A file in an archive: its name, its size as the archive tells it, and how to open it."""

    name: str
    size: int
    open: Callable[[], IO[bytes]]


def unpack(data: bytes, options: Options, endings: Collection[str]) -> tuple[bytes, Options, list[str]]:
    """The file that is packed in `data`, options with its name, and notes; `data` itself where it is not packed.

    endings : those of files that can be read, such as ".csv"

    Raises
    ------
    SeveralTables : where an archive holds several and `options.member` names none
    BadInput : for damaged archives, for archives without a table, and for what unpacks to too much
    """
    notes: list[str] = []
    size = len(data)  # what somebody sent: all layers together may not inflate it too much
    for _ in range(_MOST_LAYERS + 1):
        stream = next((found for found in _STREAMS if data.startswith(found[0])), None)
        if stream is not None:
            name = options.name
            data = _inflated(partial(_opened, data, stream[1]), name, size)
            options = replace(options, name=_inner_name(name, stream[2]))
        elif data[:4] in (b"PK\x03\x04", b"PK\x05\x06") or _is_tar(data):
            entries = _tar_entries(data, options.name) if _is_tar(data) else _zip_entries(data, options.name)
            if entries is None:
                return data, options, notes
            entry, left = _chosen(entries, options, endings)
            notes.append(Note(f"{entry.name} was read from {options.name}.", "member"))
            if left:
                notes.append(f"Not read from it: {listed(left, 5)}.")
            data = _inflated(entry.open, entry.name, size)
            options = replace(options, name=PurePosixPath(entry.name).name, member=None)
        else:
            return data, options, notes
        if not data:
            raise BadInput(f"{options.name} is empty. Choose a file with at least one row of data.")
    raise BadInput(f"{options.name} is packed more than {_MOST_LAYERS} times. Unpack it first.")


def _opened(data: bytes, kind: str) -> IO[bytes]:
    if kind == "xz":
        return lzma.LZMAFile(io.BytesIO(data), format=lzma.FORMAT_XZ)
    return pa.CompressedInputStream(pa.BufferReader(data), kind)


def _inflated(opened: Callable[[], IO[bytes]], name: str, packed: int) -> bytes:
    """All that a stream holds, unless that is too much."""
    parts, total = [], 0
    try:
        with opened() as stream:
            while block := stream.read(MIB):
                parts.append(block)
                total += len(block)
                if total > MAX_FILE_BYTES or (total > FREE_INFLATED_BYTES and total > MAX_INFLATION * packed):
                    raise BadInput(
                        f"{name} unpacks to more than {total // MIB:,} MB, from {packed / MIB:.2f} MB. "
                        "Choose a smaller file, or unpack it first."
                    )
    except (BadInput, MemoryError):
        raise
    except Exception as error:  # errors of zlib, lzma, Arrow and the system have no common base class
        raise BadInput(f"{name} is damaged ({first_line(error, 100)}). Save or upload it again.") from None
    return b"".join(parts)


def _inner_name(name: str, endings: tuple[str, ...]) -> str:
    lower = name.lower()
    for ending in endings:
        if lower.endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name[:-4] + ".tar" if lower.endswith((".tgz", ".tbz", ".txz")) else name


# -- archives ----------------------------------------------------------------------------------------


def _is_tar(data: bytes) -> bool:
    return data[257:262] == b"ustar"


def _tar_entries(data: bytes, name: str) -> list[_Entry]:
    try:
        archive = tarfile.open(fileobj=io.BytesIO(data), mode="r:")  # noqa: SIM115  its entries are read later
        found = []
        for about in archive:
            if about.isreg():
                found.append(_Entry(about.name.removeprefix("./"), about.size, partial(_of_tar, archive, about)))
            if len(found) > MAX_ZIP_ENTRIES:
                raise BadInput(f"{name} holds more than {MAX_ZIP_ENTRIES:,} files. Unpack it first.")
        return found
    except (tarfile.TarError, OSError, ValueError, EOFError) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput(f"{name} is damaged ({first_line(error, 100)}). Save or upload it again.") from None


def _of_tar(archive: tarfile.TarFile, about: tarfile.TarInfo) -> IO[bytes]:
    stream = archive.extractfile(about)
    assert stream is not None  # only regular files are entries
    return stream


def _zip_entries(data: bytes, name: str) -> list[_Entry] | None:
    """The files of a zip archive; None where it is a workbook or another format of its own."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None  # the reader says what is wrong
    names = [entry.filename for entry in entries]
    if not names or any(one.startswith("xl/") for one in names) or "content.xml" in names:
        return None
    if all(one.endswith(".npy") for one in names) or any(one.endswith("data.pkl") for one in names):
        return None
    for inside, what, advice in _OTHER:
        if inside in names:
            raise BadInput(f"{name} is {what}. {advice}")
    check_entries(entries, name)
    return [
        _Entry(entry.filename, entry.file_size, partial(archive.open, entry)) for entry in entries if not entry.is_dir()
    ]


def _chosen(entries: list[_Entry], options: Options, endings: Collection[str]) -> tuple[_Entry, list[str]]:
    """The file of an archive that holds the table, and the names of others that might."""
    name = options.name
    entries = [entry for entry in entries if not _BESIDE.search(entry.name)]
    tables = [entry for entry in entries if _may_be_table(entry.name, endings)]
    if options.member is not None:
        wanted = [entry for entry in entries if options.member in (entry.name, PurePosixPath(entry.name).name)]
        if len(wanted) != 1:
            there = listed([entry.name for entry in tables or entries], _MOST_NAMED) or "no file"
            raise BadInput(f"{name} has no file {options.member!r}. It holds {there}. Name one of these.")
        return wanted[0], []
    if not tables:
        known = {*endings, *ENDINGS}
        bare = [entry for entry in entries if PurePosixPath(entry.name).suffix.lower() not in known | _PICTURES]
        tables = bare if len(bare) == 1 or len(entries) == len(bare) else []
    about = [entry for entry in tables if _ABOUT.search(entry.name) and entry.name.lower().endswith((".txt", "readme"))]
    if len(about) < len(tables):
        tables = [entry for entry in tables if entry not in about]
    if not tables:
        holds = f"it holds {listed([entry.name[:60] for entry in entries], 3)}" if entries else "it is empty"
        raise BadInput(f"{name} is an archive without a table ({holds}). Choose {FORMATS}.")
    if len(tables) > 1:
        sized = sorted(tables, key=lambda entry: -entry.size)
        named = listed([f"{entry.name} ({bytes_in_words(entry.size)})" for entry in sized], _MOST_NAMED)
        raise SeveralTables(
            f"{name} holds {counted(len(tables), 'table')}: {named}. Choose one of them (--member NAME), or unpack it.",
            tuple(entry.name for entry in sized),
        )
    return tables[0], [entry.name for entry in entries if entry is not tables[0]]


_PICTURES = {".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf", ".mp3", ".mp4", ".zip", ".7z", ".rar", ".exe", ".pkl"}


def _may_be_table(name: str, endings: Collection[str]) -> bool:
    lower = name.lower()
    for ending in ENDINGS:
        lower = lower.removesuffix(ending)
    return lower.endswith(tuple(endings))

"""Zip archives: their contents are counted before any of them is used."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

from explorer.errors import BadInput, first_line
from explorer.limits import FREE_INFLATED_BYTES, MAX_INFLATED_BYTES, MAX_INFLATION, MAX_ZIP_ENTRIES, MIB


def check_archive(data: bytes, name: str) -> list[str]:
    """Inflate and count every entry, without keeping or writing it. Returns the names of the entries.

    Raises
    ------
    BadInput : for damaged or encrypted archives, repeated names, overlapping entries (this Python's zipfile does not
        check), too many entries, and contents that inflate beyond the limits
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            check_entries(entries, name)
            total = 0
            for entry in entries:
                total = _count(archive, entry, total, len(data), name)
    except BadInput:
        raise
    except Exception as error:  # errors of zipfile, zlib, lzma and the system have no common base class
        raise BadInput(f"{name} is damaged ({first_line(error, 100)}). Save or upload it again.") from None
    return [entry.filename for entry in entries]


def check_entries(entries: Sequence[zipfile.ZipInfo], name: str) -> None:
    """Look at the list of an archive's entries, without unpacking any. Raises BadInput as `check_archive` does."""
    if len(entries) > MAX_ZIP_ENTRIES:
        raise BadInput(f"{name} holds {len(entries):,} files, and at most {MAX_ZIP_ENTRIES:,} can be read.")
    if len({entry.filename for entry in entries}) < len(entries):
        raise BadInput(f"{name} holds two files of the same name. Save it again.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadInput(f"{name} is protected by a password. Save it without one.")
    _check_overlap(entries, name)


def _check_overlap(entries: Sequence[zipfile.ZipInfo], name: str) -> None:
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise BadInput(f"{name} is an archive whose files overlap, as only a zip bomb's do. Save it again.")
        end = entry.header_offset + 30 + entry.compress_size


def _count(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, total: int, packed: int, name: str) -> int:
    with archive.open(entry) as stream:
        while block := stream.read(MIB):
            total += len(block)
            if total > MAX_INFLATED_BYTES or (total > FREE_INFLATED_BYTES and total > MAX_INFLATION * packed):
                raise BadInput(
                    f"{name} ({packed / MIB:.2f} MB) unpacks to more than {total // MIB:,} MB. "
                    "Choose a smaller file, or save it without compression."
                )
    return total

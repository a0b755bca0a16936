"""Bytes to text: by a byte order mark, else as strict UTF-8, else by a guess."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

import numpy as np

from explorer.errors import BadInput
from explorer.limits import MAX_LINE_BYTES, MIB
from explorer.reading.options import FORMATS
from explorer.reading.text.encodings import guess_encoding

# UTF-32 first: its little-endian mark begins with UTF-16's.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_GUESS_BYTES = 32 * 1024


@dataclass(frozen=True)
class Decoded:
    """A text, its encoding, and sentences about decisions."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode_head(data: bytes, name: str, encoding: str | None = None, size: int = 256 * 1024) -> str:
    """The beginning of the text, cut at the end of a line, for detecting the format."""
    if len(data) <= size:
        return decode(data, name, encoding).text
    end = data.rfind(b"\n", 0, size) + 1 or size
    head = data[: end + -end % 4]  # whole characters of UTF-16 and UTF-32
    if encoding is not None:
        _as_asked(b"", name, encoding)
        return head.decode(encoding, "ignore").removeprefix("\ufeff")
    return decode(head, name).text


def decode(data: bytes, name: str, encoding: str | None = None) -> Decoded:
    """The text in `data`; `encoding` replaces what would be detected.

    Raises
    ------
    BadInput : when a line is too long, the given encoding is unknown or does not fit, or the bytes are not text
    """
    longest = longest_line(data)
    if longest > MAX_LINE_BYTES:
        raise BadInput(
            f"{name} has a line of {longest // MIB} MB, and at most {MAX_LINE_BYTES // MIB} MB can be read. "
            "Check that it is a text table with line breaks."
        )
    if encoding is not None:
        return Decoded(_as_asked(data, name, encoding), encoding)
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _marked(data[len(mark) :], marked)
    wide = _wide_without_mark(data)
    if wide:
        try:
            return Decoded(data.decode(wide), wide)
        except UnicodeDecodeError:
            pass
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        pass
    if _looks_binary(data):
        raise BadInput(f"{name} is not a text file. Choose {FORMATS}.")
    return _mostly_utf8(data) or _guessed(data)


def longest_line(data: bytes) -> int:
    """Bytes of the longest line, found block by block without splitting the text."""
    longest, last = 0, -1
    for start in range(0, len(data), 16 * MIB):
        block = np.frombuffer(data, np.uint8, min(16 * MIB, len(data) - start), start)
        ends = np.flatnonzero((block == 10) | (block == 13)) + start
        if len(ends):
            longest = max(longest, int(ends[0]) - last - 1, int(np.diff(ends).max(initial=1)) - 1)
            last = int(ends[-1])
    return max(longest, len(data) - last - 1)


def _as_asked(data: bytes, name: str, encoding: str) -> str:
    try:
        codec = codecs.lookup(encoding)
        if not codec._is_text_encoding:
            raise LookupError
    except (LookupError, ValueError):
        raise BadInput(f"{encoding!r} is no encoding that is known here. Try utf-8, cp1252 or shift_jis.") from None
    try:
        text = data.decode(codec.name)
    except (UnicodeDecodeError, UnicodeError) as error:
        start = getattr(error, "start", 0)
        line = data.count(b"\n", 0, start) + 1
        raise BadInput(
            f"{name} is not {encoding}: line {line} does not fit. Choose another encoding, or none to detect it."
        ) from None
    return text.removeprefix("\ufeff")


def _marked(data: bytes, encoding: str) -> Decoded:
    text = data.decode(encoding, "replace")
    bad = text.count("\ufffd")
    if bad and text != data.decode(encoding, "ignore"):
        return Decoded(text, encoding, (f"Up to {bad} characters were not valid {encoding} and show as \ufffd.",))
    return Decoded(text, encoding)


def _wide_without_mark(data: bytes) -> str | None:
    """UTF-16 of mostly Latin text has a NUL in every second byte."""
    head = data[:4096]
    if len(head) < 4 or len(data) % 2:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    if even > 0.6 * half and odd < 0.1 * half:
        return "utf-16-be"
    return None


def _looks_binary(data: bytes) -> bool:
    head = data[: 64 * 1024]
    control = sum(head.count(bytes([byte])) for byte in (*range(9), *range(14, 27), 28, 29, 30, 31))
    return control > 0.1 * len(head)


def _mostly_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with a few stray bytes, as when two exports were pasted together: those are read as cp1252."""
    bad = 0

    def stray(error: UnicodeError) -> tuple[str, int]:
        nonlocal bad
        assert isinstance(error, UnicodeDecodeError)
        bad += 1
        return error.object[error.start : error.end].decode("cp1252", "replace"), error.end

    codecs.register_error("explorer-stray", stray)
    text = data.decode("utf-8", "explorer-stray")
    good = sum(1 for _ in re.finditer("[\u0100-\U0010ffff]|[\u0080-\u00ff]", text)) - bad
    if good < 4 * bad:
        return None
    places = "1 place was" if bad == 1 else f"{bad:,} places were"
    were = "was" if bad == 1 else "were"
    return Decoded(text, "utf-8", (f"{places} not valid UTF-8 and {were} read as Windows-1252.",))


def _guessed(data: bytes) -> Decoded:
    # Only lines with other bytes than ASCII help to guess the encoding.
    telling = re.finditer(rb"[^\r\n]*[\x80-\xff][^\r\n]*", data)
    sample = b""
    for line in telling:
        sample += line[0][:_GUESS_BYTES] + b"\n"
        if len(sample) >= _GUESS_BYTES:
            break
    encoding = guess_encoding(sample)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        try:
            encoding, text = "cp1252", data.decode("cp1252")
        except UnicodeDecodeError:
            encoding, text = "latin-1", data.decode("latin-1")
    return Decoded(text, encoding, (f"The encoding was guessed: {encoding}. Check the accented letters.",))

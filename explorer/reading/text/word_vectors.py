"""Word vectors as text: word2vec, GloVe and fastText, a word and its numbers in each line."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from explorer.errors import BadInput
from explorer.limits import MAX_VECTOR_WIDTH
from explorer.reading.number_lists import Form, read_lists
from explorer.reading.options import Options, Parsed
from explorer.reading.text.decode import decode
from explorer.reading.text.dialect import split_lines
from explorer.reading.text.lines import read_txt
from explorer.table.table import string_array, vector_array

_COUNTS = re.compile(r"\s*(\d{1,9})[ \t](\d{1,5})\s*")
_LOOK = 50  # lines looked at
_FEW = 8  # without a first line that says how many, a vector has at least so many numbers
_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?|nan|-?inf")


def word_width(text: str) -> int:
    """How many numbers follow each word, from the beginning of a text; 0 where it holds something else.

    The first line may say how many words and numbers there are ("400000 300").
    """
    lines = [line for line in text.split("\n", _LOOK + 1)[: _LOOK + 1] if line.strip()]
    if text.count("\n") > _LOOK or (len(lines) > 2 and not text.endswith("\n")):
        lines = lines[:-1]  # the beginning may end within a line
    counts = _COUNTS.fullmatch(lines[0]) if lines else None
    rows = lines[1:] if counts else lines
    if counts:
        width = int(counts[2])
        return width if rows and 1 < width <= MAX_VECTOR_WIDTH and _fits(rows, width) else 0
    if len(rows) < 3:
        return 0
    width = len(rows[0].split()) - 1
    decimals = any("." in part for part in rows[0].split()[1:])
    # A word that is a number would make it a table of numbers.
    words = sum(not _NUMBER.fullmatch(line.split()[0]) for line in rows) > 0.5 * len(rows)
    return width if _FEW <= width <= MAX_VECTOR_WIDTH and decimals and words and _fits(rows, width) else 0


def _fits(rows: list[str], width: int) -> bool:
    good = sum(len(parts := line.split()) > width and all(map(_NUMBER.fullmatch, parts[-width:])) for line in rows)
    return good >= 0.9 * len(rows)


def is_binary(data: bytes) -> bool:
    """Whether bytes are word vectors in word2vec's binary form: counts as text, then words with bare floats."""
    first, _, rest = data[:4096].partition(b"\n")
    counts = _COUNTS.fullmatch(first.decode("latin-1"))
    if not counts or len(data) < 4 * int(counts[1]) * int(counts[2]):
        return False
    floats = rest.partition(b" ")[2][: 4 * int(counts[2])]
    return bool(re.search(rb"[\x00-\x08\x0e-\x1f]", floats)) or not _is_text(floats)


def _is_text(data: bytes) -> bool:
    try:
        data[:-4].decode()  # the end may be cut within a character
    except UnicodeDecodeError as error:
        return error.start > len(data) - 8
    return True


def read_vec(data: bytes, options: Options) -> Parsed:
    """Columns "word" and "vector". Lines of another form are rejected; a text without vectors is read as lines.

    Raises
    ------
    BadInput : where no line holds a word and its numbers
    """
    decoded = decode(data, options.name, options.encoding)
    width = word_width(decoded.text)
    if not width:
        parsed = read_txt(data, options)
        parsed.format = "txt"
        return parsed
    notes = list(decoded.notes)
    lines = [(number, line.strip("\r\n \t")) for number, line in enumerate(split_lines(decoded.text), 1)]
    lines = [(number, line) for number, line in lines if line]
    counts = _COUNTS.fullmatch(lines[0][1])
    if counts:
        lines = lines[1:]
        if int(counts[1]) != len(lines):
            notes.append(f"The first line promises {int(counts[1]):,} words, and {len(lines):,} follow.")
    separator = "\t" if "\t" in lines[0][1] else " "
    parts = [line.partition(separator) for _, line in lines]
    cells = pa.chunked_array([string_array([rest for _, _, rest in parts])])
    read, reasons = read_lists(cells, Form(width, " "))
    vectors = np.concatenate([chunk.values.to_numpy().reshape(-1, width) for chunk in read.chunks])
    words = [word for word, _, _ in parts]
    rejected, contents, empty = [], {}, 0
    missing, kept = np.zeros(len(lines), bool), np.ones(len(lines), bool)
    for row, reason in reasons.items():
        number, line = lines[row]
        several = line.rsplit(None, width)  # a word may hold blank spaces
        if reason in ("all zeros", "NaN or infinity"):
            missing[row], empty = True, empty + 1
        elif len(several) == width + 1 and all(map(_NUMBER.fullmatch, several[1:])):
            words[row], vectors[row] = several[0], np.array(several[1:], np.float32)
        else:
            kept[row] = False
            rejected.append((number, f"no word with {width} numbers"))
            contents[number] = line
    if not kept.any():
        raise BadInput(f"{options.name} holds no word with {width} numbers. Save it again as text.")
    if empty:
        notes.append(f"Words without a vector, since theirs is all zeros or holds NaN or infinity: {empty:,}.")
    mask = missing[kept]
    table = pa.table(
        {
            "word": string_array([word for word, keep in zip(words, kept, strict=True) if keep]),
            "vector": vector_array(vectors if kept.all() else vectors[kept], mask if mask.any() else None),
        }
    )
    notes.append(f"Each line holds a word and a vector of {width:,} numbers.")
    return Parsed(table, rejected, notes, encoding=decoded.encoding, contents=contents)

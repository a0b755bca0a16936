"""CSV, TSV and other delimited text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from functools import partial

from explorer.reading.options import ONE_COLUMN, Options, Parsed
from explorer.reading.text.body import Body, show
from explorer.reading.text.decode import decode
from explorer.reading.text.dialect import detect, doubled, sample_of
from explorer.reading.text.doubtful import doubts_of
from explorer.reading.text.records import REPAIR_LINES, Dialect, records, split_lines
from explorer.table.notes import Note
from explorer.wording import listed

_UNUSED = ("\x1f", "\x1e", "\x01", "\ue001", "\ue002")  # used as the delimiter of files with a single column
_MARKED_ENDS = {"\ue003": "\r\n", "\ue004": "\r", "\ue005": "\n"}


def read_csv(data: bytes, options: Options) -> Parsed:
    """Columns of strings exactly as written, null where missing; in doubt the delimiter is a comma."""
    return _read(data, options, prefer=",")


def read_tsv(data: bytes, options: Options) -> Parsed:
    """Like `read_csv`; in doubt the delimiter is a tab."""
    return _read(data, options, prefer="\t")


def _read(data: bytes, options: Options, prefer: str) -> Parsed:
    decoded = decode(data, options.name, options.encoding)
    parsed = parse(decoded.text, options, prefer)
    parsed.notes[:0] = decoded.notes
    parsed.encoding = decoded.encoding
    return parsed


def parse(text: str, options: Options, prefer: str = ",") -> Parsed:
    """A delimited text as a table of strings.

    Raises BadInput when there are no rows, or too many columns.
    """
    notes: list[str] = []
    text = text.removesuffix("\x1a")  # the end of a file, as DOS wrote it
    delimiter = None if options.delimiter == ONE_COLUMN else options.delimiter
    declared = re.match(r"sep=([^\r\n])\r?\n?", text)
    if declared and not delimiter:
        delimiter, text = declared[1], text[declared.end() :]
        notes.append(Note(f"The first line says that {show(delimiter)} is the delimiter.", "delimiter"))
    offset = 1 if declared and delimiter == declared[1] else 0
    shown = delimiter
    restore: dict[str, str] = {}
    if delimiter and len(delimiter) > 1:
        # The csv module needs a single character: take a private one of Unicode that is not in the text.
        mark = next(chr(code) for code in range(0xE010, 0xF8FF) if chr(code) not in text)
        text, delimiter, restore = text.replace(delimiter, mark), mark, {mark: delimiter}
    lines = split_lines(text)
    if options.skip_rows:
        notes.append(Note(_skip(lines, options.skip_rows, offset), "rows"))
        text = "".join(lines)
    detected = detect(lines, delimiter, prefer)
    dialect = detected.dialect
    if options.delimiter == ONE_COLUMN or (not delimiter and not detected.delimited):
        # One column: commas are part of cells, but quotes still count.
        dialect = Dialect(next(mark for mark in _UNUSED if mark not in text))
    elif not delimiter and doubled(sample_of(lines), dialect):
        parsed = parse(text, replace(options, delimiter=2 * dialect.delimiter, skip_rows=()), prefer)
        parsed.notes[:0] = notes
        return parsed
    if dialect.skip_space:
        notes.append("A space after each delimiter was taken as part of the delimiter.")
    in_doubt = prefer != "\t"  # TensorFlow's Projector writes one column of a TSV without a name
    body = Body(lines, dialect, options, offset, restore, in_doubt)
    if body.repaired and not dialect.escape and '\\"' in text:
        other = Body(lines, replace(dialect, escape=True), options, offset, restore, in_doubt)
        body = other if other.trouble < body.trouble else body
    if body.trouble and len(ends := Counter(re.findall("\r\n|\r|\n", text))) > 1:
        # Line ends of a rarer kind may be line breaks inside unquoted cells.
        usual = ends.most_common(1)[0][0]
        others = {mark: end for mark, end in _MARKED_ENDS.items() if end != usual and mark not in text}
        marks = {end: mark for mark, end in others.items()}
        marked = re.sub("\r\n|\r|\n", lambda end: marks.get(end[0], end[0]), text)
        other = Body(split_lines(marked), body.dialect, options, offset, restore | others, in_doubt)
        body = other if other.trouble < body.trouble else body
    parsed = body.parsed()
    parsed.doubts = (
        doubts_of(body, detected, options, partial(parse, prefer=prefer)) if not restore and not offset else []
    )
    parsed.notes[:0] = notes
    parsed.delimiter = shown or (None if dialect.delimiter in _UNUSED else dialect.delimiter)
    return parsed


def _skip(lines: list[str], skipped: tuple[int, ...], offset: int) -> str:
    """Blank the lines that are no rows, each with the rest of the record that begins there. Returns a sentence."""
    for number in skipped:
        at = number - 1 - offset
        if not 0 <= at < len(lines):
            continue
        record = next(records(lines[at : at + REPAIR_LINES], Dialect()), None)
        whole = record[3] if record and record[0] == 1 and not record[2] else 1  # (a broken record is a line)
        lines[at : at + whole] = [line[len(line.rstrip("\r\n")) :] for line in lines[at : at + whole]]
    what = "Line" if len(skipped) == 1 else "Lines"
    what = f"{what} {listed(list(map(str, skipped)), 8)} {'was' if len(skipped) == 1 else 'were'}"
    return f"{what} left out, as you chose."

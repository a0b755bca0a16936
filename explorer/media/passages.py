"""Long texts cut into passages that a model reads whole.

A passage ends at the end of a paragraph where one ends in its second half, else at the end of a sentence. The next
passage repeats its last sentence, so that each sentence is once together with the one before it. A sentence that is too
long for the model is cut between words, and a word that is too long between letters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Span = tuple[int, int]
"""Where a part of a text begins and ends, in characters."""

Lengths = Callable[[Sequence[str]], np.ndarray]
"""How many tokens each text has, with the marks of beginning and end: int array of shape (n,)."""

_PARAGRAPH = re.compile(r"\n[ \t\r\f\v]*\n\s*")
_SENTENCE = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？])|\n+")
_WORD = re.compile(r"\S+\s*")
_AT_ONCE = 4_096  # sentences whose tokens are counted together


@dataclass(frozen=True)
class _Unit:
    """A sentence or a part of one: its place, its tokens, and whether it is the last of a paragraph."""

    start: int
    end: int
    tokens: int
    last: bool


def passages(texts: Sequence[str], lengths: Lengths, limit: int) -> list[list[Span] | None]:
    """The passages of each text in order; None for a text that is read whole.

    Parameters
    ----------
    lengths : counts tokens as the model does
    limit : the most tokens that the model reads, with the marks of beginning and end
    """
    found: list[list[Span] | None] = [None] * len(texts)
    marks = int(lengths([""])[0])  # the tokens of an empty text: the marks of beginning and end, and a prompt
    room = max(limit - marks, 1)
    # No token is shorter than a byte, so only texts that may be too long are counted.
    candidates = [place for place, text in enumerate(texts) if len(text.encode("utf-8", "replace")) >= room]
    if candidates:
        counts = lengths([texts[place] for place in candidates])
        for place, count in zip(candidates, counts.tolist(), strict=True):
            if count > limit:
                found[place] = _cut(texts[place], lengths, limit, marks)
    return found


def _cut(text: str, lengths: Lengths, limit: int, marks: int) -> list[Span]:
    room = max(limit - marks, 1)
    units = _units(text, lengths, room, marks)
    spans: list[Span] = []
    start = 0
    while start < len(units):
        end, tokens = start, 0
        while end < len(units) and (end == start or tokens + units[end].tokens <= room):
            tokens += units[end].tokens
            end += 1
        end = _whole(text, units, start, end, lengths, limit)
        if end < len(units):
            end = _at_paragraph(units, start, end)
        spans.append((units[start].start, units[end - 1].end))
        if end == len(units):
            break
        # Repeat one sentence, unless the passage has only one, or it would fill half of the next.
        again = end - 1 > start and units[end - 1].tokens <= room // 2
        start = end - 1 if again else end
    return spans


def _whole(text: str, units: Sequence[_Unit], start: int, end: int, lengths: Lengths, limit: int) -> int:
    """The end at which the model reads the whole passage: sentences together may have more tokens than one by one."""
    while end - start > 1 and int(lengths([text[units[start].start : units[end - 1].end]])[0]) > limit:
        end -= 1
    return end


def _at_paragraph(units: Sequence[_Unit], start: int, end: int) -> int:
    """The last end of a paragraph in the second half of a passage; the passage's own end where there is none."""
    total = sum(unit.tokens for unit in units[start:end])
    so_far = 0
    best = end
    for place in range(start, end):
        so_far += units[place].tokens
        if units[place].last and 2 * so_far >= total:
            best = place + 1
    return best


def _units(text: str, lengths: Lengths, room: int, marks: int) -> list[_Unit]:
    """The sentences of a text; sentences that are too long are cut."""
    spans: list[tuple[int, int, bool]] = []
    for start, end in parts_between(text, _PARAGRAPH, 0, len(text)):
        inside = parts_between(text, _SENTENCE, start, end)
        spans += [(low, high, number == len(inside) - 1) for number, (low, high) in enumerate(inside)]
    units: list[_Unit] = []
    for begin in range(0, len(spans), _AT_ONCE):
        part = spans[begin : begin + _AT_ONCE]
        counts = lengths([text[low:high] for low, high, _ in part]) - marks
        for (low, high, last), count in zip(part, counts.tolist(), strict=True):
            if count <= room:
                units.append(_Unit(low, high, count, last))
            else:
                units += _pieces(text, low, high, last, lengths, room, marks)
    return units


def _pieces(text: str, start: int, end: int, last: bool, lengths: Lengths, room: int, marks: int) -> list[_Unit]:
    """The parts of a sentence that is too long, cut between words; words that are too long are cut between letters."""
    words = [(start + found.start(), start + found.end()) for found in _WORD.finditer(text[start:end])]
    counts = (lengths([text[low:high].strip() for low, high in words]) - marks).tolist()
    parts: list[tuple[int, int, int]] = []
    for (low, high), count in zip(words, counts, strict=True):
        if count > room:
            size = max(room // 4, 1)  # letters; no letter has more than four tokens
            parts += [(at, min(at + size, high), room) for at in range(low, high, size)]
        elif parts and parts[-1][2] + count <= room:
            parts[-1] = (parts[-1][0], high, parts[-1][2] + count)
        else:
            parts.append((low, high, count))
    whole = [(low, low + len(text[low:high].rstrip()), count) for low, high, count in parts]
    return [
        _Unit(low, high, count, last and place == len(whole) - 1)
        for place, (low, high, count) in enumerate(whole)
        if high > low
    ]


def parts_between(text: str, pattern: re.Pattern[str], start: int, end: int) -> list[Span]:
    """The parts of text[start:end] between the matches of a pattern, stripped of space, without empty parts.

    Marks at the beginning of a match, such as closing quotes, stay with the part before it.
    """
    bounds, last = [], start
    for match in pattern.finditer(text, start, end):
        bounds.append((last, match.end()))
        last = match.end()
    bounds.append((last, end))
    spans = []
    for low, high in bounds:
        part = text[low:high]
        low, high = low + len(part) - len(part.lstrip()), high - (len(part) - len(part.rstrip()))
        if high > low:
            spans.append((low, high))
    return spans

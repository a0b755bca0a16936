"""Texts cut into sentences, so that an answer that says two things counts for both.

A sentence ends at a full stop, question or exclamation mark that stands before space, at the end of a line, and at a
semicolon. One word alone ("Yes.", "1.") stays with what follows it, since it says nothing by itself.
"""

from __future__ import annotations

import re

from explorer.media.passages import Span, parts_between
from explorer.table.language import UNSPACED_LETTERS

_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+|(?<=[。！？｡])|\s*\n+|[;；]+\s*")
# A stop after one of these ends no sentence: a title, one letter (an initial, "z. B."), "e.g.", other short forms.
_SHORT = re.compile(
    r"(?:^|[\s(])(?:(?:\w\.)+|\w\.|(?:mr|mrs|ms|dr|prof|st|no|nr|vs|ca|approx|incl|inkl|bzw|evtl|ggf|sog|max|min|tel|"
    r"fig|sra|srta|sr|jr|dept|est|art|pp|vol)\.)$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"[-*•–—·▪◦‣+]+\s+")
_UNSPACED = re.compile(f"[{UNSPACED_LETTERS}]")
_TELLING = 3  # letters from which a run without spaces says something


def sentences(text: str) -> list[Span]:
    """The sentences of a text in order, as places in characters; a bullet at the beginning of a line is left out."""
    found: list[Span] = []
    open_from: int | None = None  # where a beginning that does not stand alone begins
    for start, end in parts_between(text, _END, 0, len(text)):
        bullet = _BULLET.match(text, start, end)
        low = bullet.end() if bullet and bullet.end() < end else start
        high = low + len(text[low:end].rstrip("; ；"))
        if high <= low:
            continue
        begin = low if open_from is None else open_from
        if _stands_alone(text[begin:high]):
            found.append((begin, high))
            open_from = None
        else:
            open_from = begin
    if open_from is not None:
        high = len(text.rstrip("; ；\n\t"))
        if found:  # the last words have nothing after them: they belong to what stands before
            found[-1] = (found[-1][0], high)
        else:
            found.append((open_from, high))
    return found


def _stands_alone(part: str) -> bool:
    if _SHORT.search(part):
        return False
    return len(part.split()) > 1 or len(_UNSPACED.findall(part)) >= _TELLING

"""JSON texts to values: what Python's parser leaves out, and its errors as a sentence."""

from __future__ import annotations

import json
import re
from typing import Any

from explorer.errors import first_line

DAMAGE = (ValueError, RecursionError)
# JavaScript before the value: `window.YTD.tweets.part0 = [`, `const data = {`, `callback([`
_NAME = r"[A-Za-z_$][\w$]*(?:\.[\w$]+|\[[\"']?[\w$.-]+[\"']?\])*"
_ASSIGNMENT = re.compile(
    rf"\s*(?:(?:(?:export\s+)?(?:var|let|const)\s+)?{_NAME}\s*=|export\s+default|return|{_NAME}\()\s*(?=[\[{{])"
)
_SPACE = re.compile(r"[\s\x1e]*")  # U+001E stands before each value of a JSON text sequence (RFC 7464)


class Decoder:
    """json.loads that counts what a table cannot hold: repeated keys, NaN, lone surrogates."""

    def __init__(self) -> None:
        self.repeated = self.not_numbers = self.halves = 0
        # One for all lines: json.loads would make another for each.
        self._usual = json.JSONDecoder(object_pairs_hook=self._pairs, parse_constant=self._constant)
        self._careful = json.JSONDecoder(
            object_pairs_hook=self._pairs, parse_constant=self._constant, parse_int=_int_or_digits
        )

    def loads(self, text: str) -> Any:
        """The one value in a text."""
        try:
            return self._usual.decode(text)
        except ValueError as error:
            if "digits" not in str(error):
                raise
            # Python refuses to make an integer of more than 4,300 digits: keep the digits as written.
            return self._careful.decode(text)

    def sequence(self, text: str) -> list[Any]:
        """Values that stand one after the other, each over any number of lines."""
        values, end = [], _end_of_space(text, 0)
        while end < len(text):
            value, end = self._careful.raw_decode(text, end)
            values.append(value)
            end = _end_of_space(text, end)
            if text[end : end + 1] == ",":
                end = _end_of_space(text, end + 1)
        return values

    def _pairs(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self.repeated += len(found) < len(pairs)
        return found

    def _constant(self, _: str) -> None:
        self.not_numbers += 1

    def whole(self, text: str) -> str:
        """The text with lone surrogates replaced, which no encoding can hold."""
        try:
            text.encode()
            return text
        except UnicodeEncodeError:
            self.halves += 1
            return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def notes(self) -> list[str]:
        """Sentences about what was counted."""
        notes = []
        if self.repeated:
            notes.append(f"{self.repeated:,} objects repeat a key; its last value was kept.")
        if self.not_numbers:
            notes.append(f"{self.not_numbers:,} values were NaN or infinite and are missing here.")
        if self.halves:
            notes.append(f"{self.halves:,} texts held half a character (a lone surrogate), shown as \ufffd.")
        return notes


def _int_or_digits(digits: str) -> int | str:
    return int(digits) if len(digits) < 4000 else digits


def _end_of_space(text: str, start: int) -> int:
    found = _SPACE.match(text, start)
    return found.end() if found else start


def without_assignment(text: str) -> tuple[str, str]:
    """The text without JavaScript around its value, and what stood before it; ("", as it was) for plain JSON."""
    found = _ASSIGNMENT.match(text)
    if not found:
        return text, ""
    end = re.search(r"[\s;]*\)?[\s;]*$" if found[0].rstrip().endswith("(") else r"[\s;]*$", text[-1000:])
    cut = len(text) - len(end[0]) if end else len(text)
    # The parser counts lines from the start of the file: keep the breaks.
    return "\n" * found[0].count("\n") + text[found.end() : cut], found[0].strip()


def why(error: BaseException, place: bool = True) -> str:
    """The reason why a text is not JSON, with its line and column (the column only, if not `place`)."""
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, json.JSONDecodeError):
        line = f"line {error.lineno}, " if place else ""
        return f"{_reason(error)} at {line}column {error.colno}"
    return first_line(error, 100)


def _reason(error: json.JSONDecodeError) -> str:
    text, place = error.doc, error.pos
    here, before = text[place : place + 2], text[max(place - 1000, 0) : place].rstrip()
    if place >= len(text.rstrip()):
        return "it ends too early, as if cut off,"
    if here in ("//", "/*") or here[:1] == "#":
        return "there is a comment, which JSON does not allow,"
    if (before[-1:] == "," and here[:1] in "]}") or "trailing comma" in error.msg:
        return "there is a comma before a closing bracket"
    if here[:1] in "'\u2018\u2019\u201c\u201d":
        return 'there are other quotation marks than "'
    if re.match(r"(None|True|False)\b", text[place : place + 6]):
        return f"{text[place : place + 5].strip(',}] ')} is Python's word, not JSON's,"
    return error.msg[0].lower() + error.msg[1:]

"""Chats that WhatsApp exports as text: time, sender and text of each message, whatever the phone's language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import pyarrow as pa

from explorer.table.table import string_array

_MARKS = (
    "\u200e\u200f\u202a\u202b\u202c\ufeff\u2068\u2069"  # direction marks: WhatsApp writes them before its own words
)
_SPACE = r"[ \u00a0\u202f]"
_DATE = rf"(?P<date>\d{{1,4}}[./-]{_SPACE}?\d{{1,2}}[./-]{_SPACE}?\d{{1,4}}\.?|\d{{4}}년 \d{{1,2}}월 \d{{1,2}}일)"
_HALF = (
    r"(?:[ap]\.?[ \u00a0\u202f]?m\.?|[^\W\d_]{1,6}\.?(?:[ \u00a0\u202f]?[^\W\d_]{1,2}\.)?)"  # AM, p. m., ص, 오후, CH
)
_TIME = (
    rf"(?P<before>[^\W\d_]{{1,4}}\.?{_SPACE}?)?(?P<clock>\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?)"
    rf"(?:{_SPACE}?(?P<after>{_HALF}))?"
)
_WHEN = rf"{_DATE}[,،]?{_SPACE}*{_TIME}"
# iOS: "[01.03.26, 10:12:33] Ana: text". Android: "01.03.26, 10:12 - Ana: text"; in Korean ", Ana : text".
_IOS = re.compile(rf"^[{_MARKS}]*\[{_WHEN}\] ?(?P<rest>.*)$", re.DOTALL | re.IGNORECASE)
_ANDROID = re.compile(rf"^[{_MARKS}]*{_WHEN}(?: [-–] |, )(?P<rest>.*)$", re.DOTALL | re.IGNORECASE)
_SENDER = re.compile(r"^(?P<mark>[\u200e\u200f\u202a]*)(?P<sender>[^:\n\"“„«]{1,100}?) ?: ?(?P<text>.*)$", re.DOTALL)
_EDITED = re.compile(r"\s*\u200e?<[^<>\n]{5,60}>$")  # "<This message was edited>"
_AFTERNOON = re.compile(r"p|μμ|م|下午|晚|午後|오후|ch$|du|후|PM", re.IGNORECASE)
_MORNING = re.compile(r"^a|πμ|ص|上午|凌晨|早|午前|오전|sa$|de|전", re.IGNORECASE)
_FILE = re.compile(
    r"^[\u200e]?(?:<[^<>\n]{3,60}>|\S[^\n]{0,80}\.\w{2,4} \([^()\n]+\)|null)$|^\u200e?[^\n]{0,40}"
    r"\b(omitted|weggelassen|ausgeschlossen|omis|omise|omitid[oa]|omess[oa]|weggelaten|utelämnad|utelatt|udeladt|oculta|ocultad[oa])\b",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"^[\u200e]?\S[^\n]{0,80}\.\w{2,4} \([^()\n]+\)\n")
_DELETED = re.compile(
    r"^\u200e?(this message was deleted|you deleted this message|message deleted|diese nachricht wurde gelöscht|"
    r"du hast diese nachricht gelöscht|se eliminó este mensaje|este mensaje fue eliminado|eliminaste este mensaje|"
    r"ce message a été supprimé|vous avez supprimé ce message|questo messaggio è stato eliminato|"
    r"hai eliminato questo messaggio|mensagem apagada|esta mensagem foi apagada|dit bericht is verwijderd|"
    r"данное сообщение удалено|вы удалили данное сообщение)\.?$",
    re.IGNORECASE,
)


@dataclass
class _Message:
    when: re.Match[str]
    lines: list[str] = field(default_factory=list)


def is_whatsapp(lines: Sequence[str]) -> bool:
    """Whether the first lines of a text are those of an exported chat."""
    head = [line for line in lines[:300] if line.strip()]
    found = [match for line in head if (match := _start(line.rstrip("\r\n")))]
    named = sum(_SENDER.match(match["rest"]) is not None for match in found)
    first = next((index for index, line in enumerate(head) if _start(line.rstrip("\r\n"))), len(head))
    return len(found) >= 2 and named >= 0.5 * len(found) and first <= 3 and len(found) >= 0.1 * len(head)


def read_whatsapp(lines: Sequence[str]) -> tuple[pa.Table, list[str]]:
    """Columns time (ISO 8601 where it is understood), sender, kind (message, media, deleted or system) and text.

    Lines without a time belong to the message above. The texts of messages that WhatsApp wrote itself are in `notice`.
    """
    messages: list[_Message] = []
    above = 0
    for line in lines:
        line = line.rstrip("\r\n")
        match = _start(line)
        if match:
            messages.append(_Message(match, [match["rest"]]))
        elif messages:
            messages[-1].lines.append(line)
        else:
            above += bool(line.strip())
    times, note = _times([message.when for message in messages])
    rows = [_parts("\n".join(message.lines).rstrip(), message.when[0].startswith("\u200e")) for message in messages]
    senders, kinds, texts, notices = zip(*rows, strict=True)
    people = {sender for sender, kind in zip(senders, kinds, strict=True) if kind != "system"}
    # An iPhone writes the group's name before what WhatsApp says in it.
    senders = tuple(sender if sender in people else None for sender in senders)
    columns = {"time": times, "sender": senders, "kind": kinds, "text": texts, "notice": notices}
    if not any(notices):
        del columns["notice"]
    notes = [f"A WhatsApp chat: {len(rows):,} messages, lines without a time joined to the message above. {note}"]
    others = sum(text is None for text in texts)
    if others:
        notes.append(f"Messages that are media, deleted or WhatsApp's own have no text ({others:,}): see 'kind'.")
    if above:
        notes.append(f"{above:,} lines above the first message left out.")
    return pa.table({name: string_array(list(cells)) for name, cells in columns.items()}), notes


def _start(line: str) -> re.Match[str] | None:
    """The beginning of a message."""
    if not any(mark.isdigit() for mark in line[:8]):
        return None
    return _IOS.match(line) or _ANDROID.match(line)


def _parts(rest: str, marked: bool) -> tuple[str | None, str, str | None, str | None]:
    """Sender, kind, text and notice of a message; `marked` by WhatsApp as its own words at the start of the line."""
    found = _SENDER.match(rest)
    if found is None:
        return None, "system", None, rest.strip(_MARKS) or None
    sender, text = found["sender"].strip(_MARKS + "~ \u00a0\u202f"), found["text"]
    own = text.startswith("\u200e")
    plain = _EDITED.sub("", text).strip(_MARKS) if not _FILE.match(text) else text.strip(_MARKS)
    caption = _CAPTION.match(text)
    if caption:
        return sender, "media", text[caption.end() :].strip(_MARKS) or None, caption[0].strip(_MARKS + "\n")
    if _DELETED.match(plain):
        return sender, "deleted", None, plain
    if _FILE.match(text):
        return sender, "media", None, plain
    if own:
        return sender, "media" if marked and "<" in text else "system", None, plain
    return sender, "message", plain or None, None


def _times(found: list[re.Match[str]]) -> tuple[list[str], str]:
    """Times in ISO 8601, as written where they are none; and how the dates were read."""
    parts = [[int(number) for number in re.findall(r"\d+", match["date"])] for match in found]
    order, why = _order(parts, found)
    times = []
    for numbers, match in zip(parts, found, strict=True):
        try:
            year, month, day = (numbers[order.index(name)] for name in "ymd")
            clock = [int(number) for number in re.findall(r"\d+", match["clock"])]
            half = (match["before"] or "") + (match["after"] or "")
            if half and clock[0] <= 12:
                clock[0] = clock[0] % 12 + 12 * (bool(_AFTERNOON.search(half)) and not _MORNING.search(half))
            hour, minute, second = (*clock, 0)[:3]
            time = datetime(year + 2000 * (year < 100), month, day, hour, minute, second)
            times.append(time.isoformat(" "))
        except ValueError:
            start, end = match.span("date")[0], max(match.span("clock")[1], match.span("after")[1])
            times.append(match.string[start:end])
    return times, why


def _order(parts: list[list[int]], found: list[re.Match[str]]) -> tuple[str, str]:
    """Which number of a date is the day: as a number above 12 shows, else by the order in time, else by the clock."""
    if parts[0][0] > 31:
        return "ymd", "Dates were read year first."
    day, month = "dmy", "mdy"
    if any(numbers[0] > 12 for numbers in parts):
        return day, "Dates were read day first."
    if any(numbers[1] > 12 for numbers in parts):
        return month, "Dates were read month first."

    def backwards(order: str) -> int:
        keys = [tuple(numbers[order.index(name)] for name in "ymd") for numbers in parts]
        return sum(later < earlier for earlier, later in pairwise(keys))

    if backwards(day) != backwards(month):
        return min((day, month), key=backwards), "Dates were read in the order in which messages follow each other."
    if "/" in found[0]["date"]:
        # American phones write 3/1/26, 9:05 PM; others write 01/03/26, 9:05 pm.
        american = any((match["after"] or "") in ("AM", "PM") for match in found) and "/0" not in found[0]["date"]
        order, name = (month, "month") if american else (day, "day")
        return order, f"Dates were read {name} first; nothing in the file shows which it is."
    return day, "Dates were read day first."

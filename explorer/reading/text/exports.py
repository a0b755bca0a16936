"""What programs write into their exports, put where people look for it: Slack, Discord, Messenger, Label Studio."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from explorer.reading.text.nested import Objects, sampled

EVENT = "event"  # the column of sentences that the program wrote, such as "Ana has joined the channel"
_SLACK_TIME = re.compile(r"\d{9,10}\.\d{6}")
_SLACK_SAID = {None, "bot_message", "me_message", "thread_broadcast", "reply_broadcast", "file_share", "file_comment"}
_DISCORD_SAID = {"Default", "Reply", "ThreadStarterMessage", "ChatInputCommand", "ContextMenuCommand", "0", "19", "20"}
_NOT_LATIN = re.compile(r"[\u0080-\u00ff]{2}")


def tidied(records: Objects) -> tuple[Objects, list[str]]:
    """The rows of a known export with its own sentences, answers or letters in place; other rows as they are."""
    sample = [record for _, record in sampled(records)]
    for fits, tidy in _EXPORTS:
        if sample and sum(map(fits, sample)) >= 0.8 * len(sample):
            return tidy(records)
    return records, []


def _is_slack(record: dict[str, Any]) -> bool:
    time = record.get("ts")
    return record.get("type") == "message" and isinstance(time, str) and bool(_SLACK_TIME.fullmatch(time))


def _slack(records: Objects) -> tuple[Objects, list[str]]:
    return _without_events(records, "text", lambda record: record.get("subtype") in _SLACK_SAID)


def _is_discord(record: dict[str, Any]) -> bool:
    return isinstance(record.get("author"), dict) and "isPinned" in record and "content" in record


def _discord(records: Objects) -> tuple[Objects, list[str]]:
    return _without_events(records, "content", lambda record: str(record.get("type")) in _DISCORD_SAID)


def _without_events(
    records: Objects, name: str, is_said: Callable[[dict[str, Any]], bool]
) -> tuple[Objects, list[str]]:
    """The program's own sentences moved from the column `name` to one of their own."""
    rows: Objects = []
    moved = 0
    for number, record in records:
        if record.get(name) and not is_said(record):
            record = record | {name: None, EVENT: record[name]}
            moved += 1
        rows.append((number, record))
    notes = [f"Sentences of the program itself ({moved:,}) are in {EVENT!r}, not in {name!r}."] if moved else []
    return rows, notes


def _is_messenger(record: dict[str, Any]) -> bool:
    return "sender_name" in record and "timestamp_ms" in record


def _messenger(records: Objects) -> tuple[Objects, list[str]]:
    """Facebook and Instagram write each byte of UTF-8 as a character of Latin-1."""
    mended = 0

    def mend(value: Any) -> Any:
        nonlocal mended
        if isinstance(value, str) and _NOT_LATIN.search(value):
            try:
                value = value.encode("latin-1").decode("utf-8")
            except UnicodeError:
                return value
            mended += 1
        elif isinstance(value, dict):
            return {key: mend(inner) for key, inner in value.items()}
        elif isinstance(value, list):
            return [mend(inner) for inner in value]
        return value

    rows = [(number, mend(record)) for number, record in records]
    return rows, [f"{mended:,} texts were written as UTF-8 twice, and mended."] if mended else []


def _is_label_studio(record: dict[str, Any]) -> bool:
    return isinstance(record.get("data"), dict) and isinstance(record.get("annotations"), list)


def _label_studio(records: Objects) -> tuple[Objects, list[str]]:
    """A column for each question that annotators answered for a whole text, named as it is in the project."""
    rows: Objects = []
    names = dict[str, None]()
    several = 0
    for number, record in records:
        given = [
            one for one in record.get("annotations") or () if isinstance(one, dict) and not one.get("was_cancelled")
        ]
        several += len(given) > 1
        answers = _answers(given[0]) if given else {}
        names |= dict.fromkeys(answers)
        rows.append(
            (number, record | {key if key not in record else f"{key} (label)": v for key, v in answers.items()})
        )
    if not names:
        return rows, []
    notes = [f"Annotations as columns: {', '.join(map(repr, list(names)[:6]))}."]
    if several:
        notes.append(f"Of {several:,} tasks with several annotations, the first is in these columns.")
    return rows, notes


def _answers(annotation: dict[str, Any]) -> dict[str, str | float]:
    found: dict[str, str | float] = {}
    for result in annotation.get("result") or ():
        value = result.get("value") if isinstance(result, dict) else None
        if not isinstance(value, dict) or "start" in value:  # a span of the text stays in the JSON
            continue
        kind = result.get("type")
        given = value.get(kind) if isinstance(kind, str) else None
        if given is None:
            given = next(
                (value[key] for key in ("choices", "rating", "text", "number", "taxonomy") if key in value), None
            )
        name = str(result.get("from_name") or kind or "label")
        if isinstance(given, list):
            given = ", ".join(" / ".join(map(str, one)) if isinstance(one, list) else str(one) for one in given)
        if isinstance(given, str | int | float):
            found[name] = given
    return found


_EXPORTS: tuple[tuple[Callable[[dict[str, Any]], bool], Callable[[Objects], tuple[Objects, list[str]]]], ...] = (
    (_is_slack, _slack),
    (_is_discord, _discord),
    (_is_messenger, _messenger),
    (_is_label_studio, _label_studio),
)

"""Messages and posts as Slack, Discord, Telegram, Messenger and X export them: what was said and by whom, said once."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from explorer.reading.text.nested import Objects, Path, at
from explorer.wording import listed

Record = dict[str, Any]
Names = dict[Path, Path]  # the path of a list of objects, and that of the name in each of them

EVENT = "event"  # the column of sentences that the program wrote, such as "Ana has joined the channel"
_SLACK_TIME = re.compile(r"\d{9,10}\.\d{6}")
_SLACK_SAID = {None, "bot_message", "me_message", "thread_broadcast", "reply_broadcast", "file_share", "file_comment"}
_DISCORD_SAID = {"Default", "Reply", "ThreadStarterMessage", "ChatInputCommand", "ContextMenuCommand", "0", "19", "20"}
_MESSENGER_SAID = {None, "Generic", "Share"}
_NOT_LATIN = re.compile(r"[\u0080-\u00ff]{2}")
# What says again what another field says, or is for the program alone.
_SLACK_AGAIN = ("type", "blocks")
_DISCORD_AGAIN = ("type", "author.discriminator", "author.color", "author.avatarUrl")
_TELEGRAM_AGAIN = ("type", "text_entities", "date_unixtime", "edited_unixtime")
_MESSENGER_AGAIN = ("type", "is_geoblocked_for_viewer", "is_unsent_image_by_messenger_kid_parent")
_TWEET_AGAIN = ("id_str", "edit_info", "display_text_range")


def _is_slack(record: Record) -> bool:
    time = record.get("ts")
    return record.get("type") == "message" and isinstance(time, str) and bool(_SLACK_TIME.fullmatch(time))


def _slack(records: Objects) -> tuple[Objects, list[str]]:
    records, notes = _without_events(records, "text", lambda record: record.get("subtype") in _SLACK_SAID)
    records, more = _left_out(records, _SLACK_AGAIN)
    return records, notes + more


def _is_discord(record: Record) -> bool:
    return isinstance(record.get("author"), dict) and "isPinned" in record and "content" in record


def _discord(records: Objects) -> tuple[Objects, list[str]]:
    records, notes = _without_events(records, "content", lambda record: str(record.get("type")) in _DISCORD_SAID)
    records, more = _left_out(records, _DISCORD_AGAIN)
    named: Names = {("author", "roles"): ("name",), ("mentions",): ("name",), ("stickers",): ("name",)}
    named |= {("attachments",): ("fileName",), ("reactions",): ("emoji", "name")}
    return _named(records, named), notes + more


def _is_telegram(record: Record) -> bool:
    return record.get("type") in ("message", "service") and bool({"from_id", "actor_id", "text_entities"} & set(record))


def _telegram(records: Objects) -> tuple[Objects, list[str]]:
    records, notes = _left_out(records, _TELEGRAM_AGAIN)
    return _named(records, {("reactions",): ("emoji",)}), notes


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
    notes = [f"{mended:,} texts were written as UTF-8 twice, and mended."] if mended else []
    rows, events = _without_events(rows, "content", lambda record: record.get("type") in _MESSENGER_SAID)
    rows, more = _left_out(rows, _MESSENGER_AGAIN)
    return _named(rows, {("reactions",): ("reaction",)}), notes + events + more


def _is_tweet(record: Record) -> bool:
    post = _post(record)
    return isinstance(post.get("entities"), dict) and "id_str" in post and ("full_text" in post or "text" in post)


def _post(record: Record) -> Record:
    """A post of the archive, which wraps each in an object of its own."""
    inner = record.get("tweet")
    return inner if isinstance(inner, dict) and len(record) == 1 else record


def _tweets(records: Objects) -> tuple[Objects, list[str]]:
    wrapped = sum(_post(record) is not record for _, record in records)
    notes = ["The columns inside 'tweet' are named without it."] if wrapped else []
    records = [(number, _post(record)) for number, record in records]
    records, more = _left_out(records, _TWEET_AGAIN)
    named: Names = {("entities", "hashtags"): ("text",), ("entities", "symbols"): ("text",)}
    named |= {("entities", "user_mentions"): ("screen_name",), ("entities", "urls"): ("expanded_url",)}
    return [
        (number, record | {"source": re.sub("<[^<>]*>", "", record["source"])} if _has_link(record) else record)
        for number, record in _named(records, named)
    ], notes + more


def _has_link(record: Record) -> bool:
    return isinstance(record.get("source"), str) and record["source"].startswith("<a ")


MESSAGES: tuple[tuple[Callable[[Record], bool], Callable[[Objects], tuple[Objects, list[str]]]], ...] = (
    (_is_slack, _slack),
    (_is_discord, _discord),
    (_is_telegram, _telegram),
    (_is_messenger, _messenger),
    (_is_tweet, _tweets),
)


def _without_events(records: Objects, name: str, is_said: Callable[[Record], bool]) -> tuple[Objects, list[str]]:
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


def _left_out(records: Objects, names: tuple[str, ...]) -> tuple[Objects, list[str]]:
    """The records without some fields, dotted where they are inside an object; and a sentence about those."""
    there = [name for name in names if any(at(record, tuple(name.split("."))) is not None for _, record in records)]
    for name in there:
        *above, last = name.split(".")
        records = [(number, _without(record, above, last)) for number, record in records]
    note = f"Left out, since it says nothing more: {listed([repr(name) for name in there], 9)}."
    return records, [note] if there else []


def _without(record: Record, above: list[str], last: str) -> Record:
    if not above:
        return {key: value for key, value in record.items() if key != last}
    inner = record.get(above[0])
    return record | {above[0]: _without(inner, above[1:], last)} if isinstance(inner, dict) else record


def _named(records: Objects, names: Names) -> Objects:
    """The records with the names of things in place of lists of objects: {"hashtags": [{"text": …}]} are its texts."""
    for path, name in names.items():
        records = [(number, _with_names(record, path, name)) for number, record in records]
    return records


def _with_names(record: Record, path: Path, name: Path) -> Record:
    inner = record.get(path[0])
    if len(path) > 1:
        return record | {path[0]: _with_names(inner, path[1:], name)} if isinstance(inner, dict) else record
    if not isinstance(inner, list):
        return record
    found = [at(entry, name) for entry in inner]
    return record | {path[0]: found} if all(isinstance(text, str) for text in found) else record

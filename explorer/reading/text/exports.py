"""What programs write into their exports, put where people look for it: messages, posts, annotations."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from explorer.reading.text.messages import MESSAGES
from explorer.reading.text.nested import Objects, sampled

_NOT_LATIN = re.compile(r"[\u0080-\u00ff]{2}")


def tidied(records: Objects) -> tuple[Objects, list[str]]:
    """The rows of a known export with its own sentences, answers or letters in place; other rows as they are."""
    sample = [record for _, record in sampled(records)]
    for fits, tidy in _EXPORTS:
        if sample and sum(map(fits, sample)) >= 0.8 * len(sample):
            return tidy(records)
    return records, []


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
    *MESSAGES,
    (_is_messenger, _messenger),
    (_is_label_studio, _label_studio),
)

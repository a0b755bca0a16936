"""What programs write into their exports, put where people look for it: messages, posts, annotations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.reading.text.messages import MESSAGES
from explorer.reading.text.nested import Objects, sampled


def tidied(records: Objects) -> tuple[Objects, list[str]]:
    """The rows of a known export with its own sentences, answers or letters in place; other rows as they are."""
    if _is_bulk(records):
        return _documents(records)
    sample = [record for _, record in sampled(records)]
    for fits, tidy in _EXPORTS:
        if sample and sum(map(fits, sample)) >= 0.8 * len(sample):
            return tidy(records)
    return records, []


def _is_bulk(records: Objects) -> bool:
    """Whether the records are those of Elasticsearch's bulk files: where to put a document, then the document."""
    first = [record for _, record in records[::2]]
    return (
        len(records) > 1
        and len(records) % 2 == 0
        and all(
            len(record) == 1
            and isinstance(next(iter(record.values())), dict)
            and next(iter(record)) in ("index", "create")
            for record in first
        )
    )


def _documents(records: Objects) -> tuple[Objects, list[str]]:
    rows: Objects = []
    for (_, action), (number, document) in zip(records[::2], records[1::2], strict=True):
        rows.append((number, {**next(iter(action.values())), **document}))
    return rows, [f"The lines that say where each of the {len(rows):,} documents goes were joined to it."]


def _is_typeform(record: dict[str, Any]) -> bool:
    answers = record.get("answers")
    return (
        isinstance(answers, list)
        and bool(answers)
        and all(
            isinstance(one, dict) and isinstance(one.get("field"), dict) and one.get("type") in one for one in answers
        )
    )


def _typeform(records: Objects) -> tuple[Objects, list[str]]:
    """A column for each question of a form, named by its reference."""
    rows: Objects = []
    for number, record in records:
        given = dict[str, Any]()
        for one in record.get("answers") or ():
            value = one[one["type"]]
            if isinstance(value, dict):
                value = value.get("label") or value.get("labels") or value.get("other") or value
            given[f"answer.{one['field'].get('ref') or one['field'].get('id')}"] = value
        rows.append((number, {key: value for key, value in record.items() if key != "answers"} | given))
    return rows, ["The answers of each form are columns, named by the references of their questions."]


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
    (_is_typeform, _typeform),
    (_is_label_studio, _label_studio),
)

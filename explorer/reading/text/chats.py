"""Chats as turns: one row for what one speaker said, with the role as a column."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from explorer.reading.text.nested import Objects, Path, at, beside, frame, lists_in, sampled
from explorer.wording import listed

_ROLE_KEYS = ("role", "from", "sender", "speaker", "author", "type")
_SAID_KEYS = ("content", "value", "text", "message", "utterance", "parts", "body")
_PROMPTS = {"system", "developer"}
_TOOLS = {"tool", "function", "observation", "ipython", "tool_result", "function_call", "tool_call", "environment"}
_PEOPLE = {"user", "human", "prompter", "customer", "client", "usr", "me"}
_MODELS = {"assistant", "gpt", "chatgpt", "model", "ai", "bot", "agent", "bing", "bard", "claude", "chatbot"}
_ROLES = _PROMPTS | _TOOLS | _PEOPLE | _MODELS
_TEXT_PARTS = {None, "text", "input_text", "output_text", "refusal"}
_PARTS = {  # how kinds of parts are called here; others keep their own name
    **{name: "image" for name in ("image_url", "input_image", "image_asset_pointer", "image", "img")},
    **{name: "tool call" for name in ("tool_use", "tool_call", "function_call", "functionCall", "server_tool_use")},
    **{name: "tool result" for name in ("tool_result", "function_response", "functionResponse")},
    **{name: "audio" for name in ("input_audio", "audio", "audio_url", "audio_asset_pointer", "audio_transcription")},
    **{name: "thinking" for name in ("thinking", "redacted_thinking", "reasoning", "thoughts", "reasoning_recap")},
    **{name: "file" for name in ("inlineData", "inline_data", "fileData", "file", "document", "input_file")},
}
NOT_SAID = "system_or_tool"  # the column of prompts and of what tools answered

_UNSEEN = ("status", "weight", "end_turn", "metadata", "channel", "update_time")  # of a message of ChatGPT's export


@dataclass
class _Turn:
    """What one speaker said. kinds: of the parts that are no text; rest: the other fields."""

    role: str
    text: str | None
    kinds: list[str]
    rest: dict[str, Any]


def is_conversation(value: Any) -> bool:
    """Whether a value is one conversation of ChatGPT's export, whose messages are a tree called "mapping"."""
    nodes = value.get("mapping") if isinstance(value, dict) else None
    return isinstance(nodes, dict) and any(isinstance(node, dict) and "message" in node for node in nodes.values())


def turns(records: Objects) -> tuple[Objects, list[str]]:
    """Rows from objects that hold a conversation each, or are turns themselves; other objects as they are.

    Of a conversation, each turn becomes a row: the other fields of the conversation, `conversation` (its number from
    1), `turn` (from 1), `role`, `text` (what was said, parts joined), `kind` (of what is no text, where there is such)
    and the turn's other fields. System prompts, and what tools were asked and answered, are in a column of their own.
    """
    exported = any(is_conversation(record) for _, record in records)
    if exported:
        records = [(number, _from_tree(record)) for number, record in records]
    sample = [record for _, record in sampled(records)]
    paths = _paths(sample)
    if paths:
        rows, notes = _from_lists(records, paths)
    elif sample and all(_is_turn(record, ("role", "from")) for record in sample):
        said = [_turn(record) for _, record in records]
        spoken = _systems_speak(said)
        rows = [(number, _row(turn, spoken)) for (number, _), turn in zip(records, said, strict=True)]
        notes = [f"Each of the {len(rows):,} rows is what one speaker said; 'role' says who.", *_apart(rows)]
    else:
        return records, []
    if exported:
        notes.append(f"Of each message, {listed([repr(name) for name in _UNSEEN], 9)} left out.")
    return rows, notes


def _from_lists(records: Objects, paths: list[Path]) -> tuple[Objects, list[str]]:
    rows: Objects = []
    left = dict[str, None]()
    conversations = empty = blank = repeated = 0
    for number, record in records:
        above = record
        for path in paths:
            above = frame(above, path, left)
        lists: dict[str, list[Any]] = {}
        for path in paths:
            items = at(record, path)
            if isinstance(items, list) and items in lists.values():
                repeated += 1  # such as `messages` beside the same turns in `chosen`
            elif isinstance(items, list) and items:
                lists[".".join(path)] = items
        empty += not lists
        conversations += bool(lists)
        for name, items in lists.items():
            said = [_turn(item) for item in items]
            spoken = _systems_speak(said)
            for place, turn in enumerate(said, 1):
                if turn.text is None and not turn.kinds and turn.role.lower() in _PROMPTS:
                    blank += 1
                    continue
                which = {"list": name} if len(paths) > 1 else {}
                row = {"conversation": conversations, **which, "turn": place} | _row(turn, spoken)
                rows.append((number, beside(above, row)))
    notes = [
        f"{conversations:,} conversations were read as {len(rows):,} turns, one in each row; 'role' says who spoke."
    ]
    notes += _apart(rows)
    if empty:
        notes.append(f"{empty:,} objects without turns give no row.")
    if blank:
        notes.append(f"{blank:,} empty system messages left out.")
    if repeated:
        notes.append(f"{repeated:,} lists with the same turns as another of the same object left out.")
    for path in paths:
        left.pop(path[-1], None)
    if left:
        notes.append(f"Other lists of the conversations left out: {listed([repr(name) for name in left], 6)}.")
    return rows, notes


def _apart(rows: Objects) -> list[str]:
    count = sum(NOT_SAID in row for _, row in rows)
    if not count:
        return []
    return [f"{count:,} system prompts and texts from or to tools are in {NOT_SAID!r}: 'text' holds what people said."]


def _paths(sample: list[dict[str, Any]]) -> list[Path]:
    """Where the objects hold lists of turns."""
    found: dict[Path, list[bool]] = {}
    for record in sample:
        for path, items in lists_in(record, 1):
            found.setdefault(path, []).append(all(_is_turn(item, _ROLE_KEYS) for item in items[:5]))
    return [path for path, fits in found.items() if sum(fits) >= 0.8 * len(fits)]


def _role_key(item: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    """The field that holds a role such as user, assistant, human or gpt."""
    for key in keys:
        value = item.get(key)
        if isinstance(value, dict):
            value = value.get("role")
        if isinstance(value, str) and value.lower() in _ROLES:
            return key
    return None


def _unpacked(item: dict[str, Any]) -> dict[str, Any]:
    """A turn without an object around it: {"message": {"role": …}}."""
    inner = item.get("message")
    if isinstance(inner, dict) and "role" in inner:
        return {key: value for key, value in item.items() if key not in ("message", "type")} | inner
    return item


def _is_turn(item: Any, keys: tuple[str, ...]) -> bool:
    if not isinstance(item, dict):
        return False
    item = _unpacked(item)
    said = _SAID_KEYS if len(keys) > 2 else ("content", "value", "parts")
    return _role_key(item, keys) is not None and any(key in item for key in (*said, "tool_calls"))


def _turn(item: Any) -> _Turn:
    if not isinstance(item, dict):
        return _Turn("", item if isinstance(item, str) else None, [], {})
    item = _unpacked(item)
    key = _role_key(item, _ROLE_KEYS) or next((key for key in _ROLE_KEYS if isinstance(item.get(key), str)), None)
    role = item.get(key) if key else None
    if isinstance(role, dict):
        role = role.get("role")
    rest = {name: value for name, value in item.items() if name != key}
    text, kinds = None, list[str]()
    for name in _SAID_KEYS:
        if name in rest and name != key:
            found, others = said(rest.pop(name))
            kinds += [kind for kind in others if kind not in kinds]
            if found and found.strip():
                text = found
                if rest.get("text") == found:  # as in Claude's export, which writes it twice
                    del rest["text"]
                break
    if (rest.get("tool_calls") or rest.get("function_call")) and "tool call" not in kinds:
        kinds.append("tool call")
    return _Turn(role or "", text, kinds, rest)


def said(content: Any) -> tuple[str | None, list[str]]:
    """The text of a turn whose content is a text, an object or a list of parts; and the kinds of parts without text."""
    if isinstance(content, str):
        return content, []
    if isinstance(content, list):
        texts, kinds = list[str](), list[str]()
        for part in content:
            text, others = said(part)
            texts += [text] if text else []
            kinds += [kind for kind in others if kind not in kinds]
        return "\n".join(texts) or None, kinds
    if not isinstance(content, dict):
        return None, []
    if isinstance(content.get("parts"), list):
        return said(content["parts"])
    kind = content.get("type") or content.get("content_type")
    if kind in _TEXT_PARTS:
        for key in ("text", "value", "content"):
            if content.get(key):
                return said(content[key])
        kind = next((key for key in content if key in _PARTS), None)
    return None, [_PARTS.get(kind, str(kind).replace("_", " "))] if kind else []


def _systems_speak(said: list[_Turn]) -> bool:
    """Whether "system" is a speaker, as in corpora of dialogs, and no prompt: it answers, and no assistant does."""
    roles = [turn.role.lower() for turn in said]
    return roles.count("system") > 1 and not _MODELS & set(roles)


def _row(turn: _Turn, systems_speak: bool) -> dict[str, Any]:
    role = turn.role.lower()
    apart = role in _TOOLS or (role in _PROMPTS and not systems_speak)
    row: dict[str, Any] = {"role": turn.role or None, "text": None if apart else turn.text}
    if turn.kinds:
        row["kind"] = ", ".join(turn.kinds)
    if apart and turn.text:
        row[NOT_SAID] = turn.text
    taken = {*row, "kind", "conversation", "turn", "list", NOT_SAID}
    return row | {f"turn.{key}" if key in taken else key: value for key, value in turn.rest.items()}


def _from_tree(record: dict[str, Any]) -> dict[str, Any]:
    """A conversation of ChatGPT's export with its messages as a list, each answer after its question."""
    nodes = record.get("mapping")
    if not isinstance(nodes, dict):
        return record
    rest = {key: value for key, value in record.items() if key != "mapping"}
    return rest | {"messages": list(_walk({key: node for key, node in nodes.items() if isinstance(node, dict)}))}


def _walk(nodes: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    ahead = [key for key, node in nodes.items() if node.get("parent") not in nodes][::-1]
    seen = set[str]()
    while ahead:
        key = ahead.pop()
        if key in seen or key not in nodes:
            continue
        seen.add(key)
        children = nodes[key].get("children")
        ahead += [child for child in reversed(children if isinstance(children, list) else []) if isinstance(child, str)]
        message = nodes[key].get("message")
        if isinstance(message, dict):
            author = message.get("author")
            role = author.get("role") if isinstance(author, dict) else author
            model = at(message, ("metadata", "model_slug"))
            yield (
                {"role": role}
                | {name: value for name, value in message.items() if name not in ("author", *_UNSEEN)}
                | ({"model": model} if model else {})
            )

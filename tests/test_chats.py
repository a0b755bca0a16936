"""Chats: a row for each turn, with the role as a column and what people said as the text."""

from __future__ import annotations

import json

import pytest
from test_nested import CASES, cells, table_of

from explorer.reading.readers import read
from explorer.table.roles import guess_roles


def test_messages():
    table = read(CASES / "chat_messages.jsonl")
    assert table.columns == ["conversation", "turn", "role", "text", "system_or_tool"]
    assert guess_roles(table).text == ("text",)
    assert set(cells(table, "role")) == {"system", "user", "assistant"}
    prompts = [text for role, text in zip(cells(table, "role"), cells(table, "text"), strict=True) if role == "system"]
    assert prompts == [None] * 10
    assert not any("{" in text or "friendly way" in text for text in cells(table, "text") if text)
    assert "12 conversations were read as 4" in table.notes[0]
    assert "10 system prompts" in table.notes[1]


USER, REPLY = "Where is my parcel today?", "It comes tomorrow at noon."


OPENAI = [{"role": "user", "content": USER}, {"role": "assistant", "content": REPLY}]
SHAREGPT = [{"from": "human", "value": USER}, {"from": "gpt", "value": REPLY}]
CLAUDE = [
    {"uuid": "1", "text": USER, "content": [{"type": "text", "text": USER}], "sender": "human"},
    {"uuid": "2", "text": "", "content": [{"type": "text", "text": REPLY}], "sender": "assistant"},
]
GEMINI = [{"role": "user", "parts": [{"text": USER}]}, {"role": "model", "parts": [{"text": REPLY}]}]
DIALOG = [{"speaker": "USER", "utterance": USER}, {"speaker": "SYSTEM", "utterance": REPLY}] * 2


def message(role: str, *parts: object) -> dict:
    """A message of ChatGPT's export."""
    return {"author": {"role": role}, "content": {"content_type": "text", "parts": parts}, "status": "done"}


CHATGPT = {
    "a": {"id": "a", "message": None, "parent": None, "children": ["s"]},
    "s": {"id": "s", "message": message("system", ""), "parent": "a", "children": ["b"]},
    "c": {"id": "c", "message": message("assistant", REPLY), "parent": "b", "children": []},
    "b": {"id": "b", "message": message("user", {"content_type": "image"}, USER), "parent": "s", "children": ["c"]},
}


@pytest.mark.parametrize(
    ("record", "roles"),
    [
        ({"messages": OPENAI}, None),
        ({"body": {"messages": OPENAI}, "id": 1}, None),
        (OPENAI, None),
        ({"id": "x", "conversations": SHAREGPT}, ["human", "gpt"]),
        ({"conversation": [{"role": "User", "text": USER}, {"role": "Bot", "text": REPLY}]}, ["User", "Bot"]),
        ({"contents": GEMINI}, ["user", "model"]),
        ({"turns": DIALOG}, ["USER", "SYSTEM"] * 2),
        ({"uuid": "u", "name": "Parcels", "chat_messages": CLAUDE}, ["human", "assistant"]),
        ({"title": "Parcels", "current_node": "c", "mapping": CHATGPT}, None),
    ],
)
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_forms_of_turns(record, roles, name):
    table = table_of([record, record], name)
    roles = roles or ["user", "assistant"]
    assert cells(table, "role") == roles * 2
    assert cells(table, "text") == [USER, REPLY] * len(roles)
    assert cells(table, "conversation") == [1] * len(roles) + [2] * len(roles)
    assert "read as" in table.notes[0]


def test_one_conversation():
    turns = [{"role": "system", "content": "Be brief."}, *OPENAI]
    for value in (turns, {"model": "m", "messages": turns}):
        table = table_of(value)
        assert cells(table, "text") == [None, USER, REPLY]
        assert cells(table, "system_or_tool") == ["Be brief.", None, None]


def test_parts_and_tools():
    turns = [
        {
            "role": "user",
            "content": [{"type": "text", "text": USER}, {"type": "image_url", "image_url": {"url": "data:"}}],
        },
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "function": {"name": "track"}}]},
        {"role": "tool", "content": '{"parcel": 1}', "tool_call_id": "1"},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": REPLY}]},
    ]
    table = table_of([{"messages": turns, "topic": "post"}] * 2, "a.jsonl")
    assert cells(table, "text") == [USER, None, None, REPLY] * 2
    assert cells(table, "kind") == ["image", "tool call", None, "thinking"] * 2
    assert cells(table, "system_or_tool") == [None, None, '{"parcel": 1}', None] * 2
    assert cells(table, "topic") == ["post"] * 8


def test_chosen_and_rejected():
    ask = {"role": "user", "content": USER}
    chosen, rejected = (
        [ask, {"role": "assistant", "content": REPLY}],
        [ask, {"role": "assistant", "content": "No idea."}],
    )
    table = table_of([{"prompt": USER, "chosen": chosen, "rejected": rejected, "messages": chosen, "score": 3}] * 2)
    assert cells(table, "list") == ["chosen", "chosen", "rejected", "rejected"] * 2
    assert cells(table, "text") == [USER, REPLY, USER, "No idea."] * 2
    assert "2 lists with the same turns as another of the same object left out." in table.notes


def test_other_lists_are_no_turns():
    rows = [{"id": i, "content": f"{USER} {i}", "from": "Ana", "role": "buyer"} for i in range(3)]
    assert table_of(rows).columns == ["id", "content", "from", "role"]
    threads = [{"id": i, "title": "Post", "replies": [{"from": "Li", "text": REPLY}]} for i in range(3)]
    assert table_of(threads).columns == ["id", "title", "from", "text"]
    assert json.loads(cells(table_of([{"text": USER, "by": [{"role": "user", "id": 1}]}]), "by")[0]) == [
        {"role": "user", "id": 1}
    ]


def test_lines_of_lists():
    assert cells(read(b"[1.5, 2]\n[3, 4]\n", name="a.jsonl"), "vector") == [[1.5, 2], [3, 4]]
    assert cells(read(b"[\n[1.5, 2],\n[3, 4]\n]", name="a.jsonl"), "vector") == [[1.5, 2], [3, 4]]

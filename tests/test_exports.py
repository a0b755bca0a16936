"""Exports of Slack, Discord, Telegram, Messenger and Label Studio."""

from __future__ import annotations

import json

from test_nested import CASES, SAID, cells, table_of

from explorer.reading.readers import read
from explorer.table.roles import guess_roles


def test_slack():
    table = read(CASES / "slack_2026-03-01.json")
    assert len(table) == 10
    assert "Please refund the annual fee" in cells(table, "text")[1]
    rows = [
        {"type": "message", "ts": f"17720000{i:02}.000100", "user": "U1", "text": text} for i, text in enumerate(SAID)
    ]
    joined = {
        "type": "message",
        "subtype": "channel_join",
        "ts": "1772000100.000100",
        "text": "<@U1> has joined the channel",
    }
    table = table_of([*rows, joined, rows[0] | {"subtype": "thread_broadcast"}])
    assert cells(table, "text") == [*SAID, None, SAID[0]]
    assert cells(table, "event") == [None] * 3 + ["<@U1> has joined the channel", None]
    assert table.notes == (
        "Sentences of the program itself (1) are in 'event', not in 'text'.",
        "Left out, since it says nothing more: 'type'.",
    )


def test_slack_with_what_people_see_in_it():
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text"}]}]}
    rows = [
        {
            "client_msg_id": f"{i:08}-4a5b",
            "type": "message",
            "text": f"{text}, and I wait for an answer {i}",
            "user": f"U{i % 4}",
            "ts": f"17720000{i:02}.000100",
            "team": "T1",
            "user_profile": {"real_name": f"Person {i % 4}", "team": "T1", "is_restricted": False},
            "blocks": [block | {"block_id": f"b{i}"}],
            "reactions": [{"name": "+1", "users": ["U1"], "count": 1}, {"name": "tada", "users": ["U2"], "count": 1}],
        }
        for i, text in enumerate(SAID * 5)
    ]
    table = table_of(rows)
    assert "blocks" not in table.columns
    assert cells(table, "reactions.name")[0] == "+1, tada"
    roles = guess_roles(table)
    assert (roles.text, roles.label) == (("text",), "user")


def test_discord():
    table = read(CASES / "discord_export.json")
    assert cells(table, "author.roles") == ["mods"] * 8
    assert not {"type", "author.color", "author.avatarUrl"} & set(table.columns)
    written = json.loads((CASES / "discord_export.json").read_text())
    written["messages"] *= 5
    roles = guess_roles(table_of(written))
    assert (roles.text, roles.label) == (("content",), "author.name")


def test_posts():
    table = read(CASES / "tweets.js")
    assert cells(table, "source")[0] == "Web"
    assert cells(table, "entities.hashtags")[:2] == ["delivery", "billing"]
    assert not {"id_str", "edit_info.initial.editTweetIds", "display_text_range"} & set(table.columns)
    assert guess_roles(table).text == ("full_text",)
    asked = [  # as the web service answers, without the archive's object around each
        {
            "created_at": "Fri Feb 23 22:34:37 +0000 2018",
            "id": 967165828490842100 + i,
            "id_str": f"{967165828490842100 + i}",
            "text": text,
            "entities": {
                "hashtags": [{"text": "shop", "indices": [1, 6]}],
                "user_mentions": [{"screen_name": "ana", "name": "Ana", "id": 7}, {"screen_name": "li", "id": 8}],
                "urls": [{"url": "https://t.co/x", "expanded_url": "https://example.org/"}],
            },
            "user": {"screen_name": "li", "followers_count": 3},
        }
        for i, text in enumerate(SAID)
    ]
    table = table_of(asked)
    assert cells(table, "text") == SAID
    assert cells(table, "entities.user_mentions")[0] == "ana, li"
    assert cells(table, "entities.urls")[0] == "https://example.org/"


def test_names_in_lists_of_objects():
    """Labels of GitHub's issues, tags of a shop: the names can be filtered and colored by."""
    rows = [
        {"number": i, "title": text, "body": f"{text} and more", "labels": [{"id": i, "name": "bug", "color": "f00"}]}
        for i, text in enumerate(SAID)
    ]
    rows[1]["labels"] = []
    rows[2]["labels"].append({"id": 9, "name": "docs, text", "color": "0f0"})
    table = table_of(rows)
    assert cells(table, "labels.name") == ["bug", None, "bug; docs, text"]
    assert cells(table, "labels")[0] == '[{"id": 0, "name": "bug", "color": "f00"}]'
    unnamed = table_of([{"body": text, "parts": [{"name": "a"}, {"id": 1}]} for text in SAID])
    assert unnamed.columns == ["body", "parts"]


def test_discord_events():
    rows = [
        {"id": str(i), "type": "Default", "isPinned": False, "content": text, "author": {"name": "Ana"}}
        for i, text in enumerate(SAID)
    ]
    table = table_of(
        {
            "guild": {"id": "1"},
            "messages": [*rows, rows[0] | {"type": "GuildMemberJoin", "content": "Joined the server."}],
        }
    )
    assert cells(table, "content") == [*SAID, None]
    assert cells(table, "event")[-1] == "Joined the server."


TELEGRAM = [
    {
        "id": 1,
        "type": "service",
        "date": "2026-03-01T10:00:00",
        "actor": "Ana",
        "action": "create_group",
        "text": "",
        "text_entities": [],
    },
    {
        "id": 2,
        "type": "message",
        "date": "2026-03-01T10:01:00",
        "from": "Ana",
        "text": SAID[0],
        "text_entities": [{"type": "plain", "text": SAID[0]}],
        "date_unixtime": "1772359260",
        "reactions": [{"type": "emoji", "count": 2, "emoji": "👍"}, {"type": "emoji", "count": 1, "emoji": "❤"}],
    },
    {
        "id": 3,
        "type": "message",
        "date": "2026-03-01T10:02:00",
        "from": "Li",
        "from_id": "user2",
        "text": ["see ", {"type": "link", "text": "example.org"}, " for it"],
    },
]


def test_telegram():
    chat = {"name": "Garden", "type": "private_group", "id": 9, "messages": TELEGRAM}
    chats = {"about": "x", "list": [chat, {"name": "Empty", "id": 8, "messages": []}]}
    about = "Here is the data you requested from the program."
    for value in (chat, {"about": about, "contacts": {"list": [{"first_name": "Li"}] * 9}, "chats": chats}):
        table = table_of(value)
        assert cells(table, "text") == ["", SAID[0], "see example.org for it"]
        assert cells(table, "from") == [None, "Ana", "Li"]
        assert cells(table, "reactions") == [None, "👍, ❤", None]
        assert not {"type", "text_entities", "date_unixtime"} & set(table.columns)
    assert cells(table, "above.id") == [9] * 3
    assert cells(table, "name") == ["Garden"] * 3


def test_messenger():
    broken = "Größe passt, merci beaucoup".encode().decode("latin-1")
    rows = [
        {"sender_name": "Ana", "timestamp_ms": 1772000000000 + i, "content": text, "type": "Generic"}
        for i, text in enumerate([broken, *SAID])
    ]
    table = table_of({"participants": [{"name": "Ana"}, {"name": "Li"}], "messages": rows, "title": "Ana"})
    assert cells(table, "content") == ["Größe passt, merci beaucoup", *SAID]
    assert "1 texts were written as UTF-8 twice, and mended." in table.notes
    assert "type" not in table.columns
    rows.append({"sender_name": "Li", "timestamp_ms": 1772000001000, "content": "Li started a call.", "type": "Call"})
    rows[1]["reactions"] = [{"reaction": "\u00e2\u009d\u00a4", "actor": "Li"}]
    table = table_of({"participants": [{"name": "Ana"}], "messages": rows})
    assert (cells(table, "content")[-1], cells(table, "event")[-1]) == (None, "Li started a call.")
    assert cells(table, "reactions")[1] == "❤"


def test_label_studio():
    def task(number, text, *choices):
        done = [
            {
                "id": 1,
                "result": [
                    {"value": {"choices": [choice]}, "from_name": "sentiment", "to_name": "text", "type": "choices"}
                ],
            }
            for choice in choices
        ]
        return {"id": number, "data": {"text": text, "source": "web"}, "annotations": done, "predictions": []}

    table = table_of([task(1, SAID[0], "negative"), task(2, SAID[1], "negative", "neutral"), task(3, SAID[2])])
    assert cells(table, "data.text") == SAID
    assert cells(table, "sentiment") == ["negative", "negative", None]
    assert "Of 1 tasks with several annotations, the first is in these columns." in table.notes


def test_other_nested_exports():
    scraped = {
        "items": [
            {"id": str(i), "snippet": {"topLevelComment": {"snippet": {"textDisplay": text, "likeCount": 1}}}}
            for i, text in enumerate(SAID)
        ]
    }
    assert cells(table_of(scraped), "snippet.topLevelComment.snippet.textDisplay") == SAID
    whisper = {
        "text": " ".join(SAID),
        "segments": [{"id": i, "start": 0.5, "text": text, "tokens": [1, 2]} for i, text in enumerate(SAID)],
        "language": "en",
    }
    assert cells(table_of(whisper), "text") == SAID
    issues = {
        "total": 3,
        "issues": [
            {"key": f"A-{i}", "fields": {"summary": text, "comment": {"comments": [{"body": "I see it too"}]}}}
            for i, text in enumerate(SAID)
        ],
    }
    assert cells(table_of(issues), "fields.summary") == SAID


def test_bulk_files_of_elasticsearch():
    lines = [part for i, text in enumerate(SAID) for part in ({"index": {"_id": str(i)}}, {"body": text})]
    table = table_of(lines, "bulk.jsonl")
    assert table.arrow.to_pydict() == {"_id": ["0", "1", "2"], "body": SAID}
    assert len(table_of([{"index": {"a": 1}}, {"index": {"a": 2}}, {"index": {"a": 3}}], "a.jsonl")) == 3


def test_answers_of_a_form():
    def answer(ref, kind, value):
        return {"field": {"id": "x", "type": "long_text", "ref": ref}, "type": kind, kind: value}

    items = [
        {
            "token": f"t{i}",
            "answers": [
                answer("why", "text", text),
                answer("stars", "number", i),
                answer("how", "choice", {"label": "By mail"}),
                answer("what", "choices", {"labels": ["app", "shop"]}),
            ],
        }
        for i, text in enumerate(SAID)
    ]
    table = table_of({"total_items": 3, "items": items})
    assert cells(table, "answer.why") == SAID
    assert cells(table, "answer.stars") == [0, 1, 2]
    assert (cells(table, "answer.how")[0], cells(table, "answer.what")[0]) == ("By mail", "app, shop")


def test_pieces_of_a_text_are_no_names():
    rows = [{"text": text, "tokens": [{"text": word, "id": 0} for word in text.split()]} for text in SAID]
    assert table_of(rows).columns == ["text", "tokens"]

"""Chats that WhatsApp exported as text, in the spellings of several phones and languages."""

from __future__ import annotations

import pytest
from test_nested import CASES, cells

from explorer.reading.readers import read
from explorer.table.roles import guess_roles

FIRST = "Wrong address on the shipping label, parcel went back"


def test_export_of_a_phone():
    table = read(CASES / "whatsapp_chat.txt")
    assert table.columns == ["time", "sender", "kind", "text", "notice"]
    assert table.arrow.slice(0, 2).to_pylist() == [
        {"time": "2026-03-01 07:00:00", "sender": None, "kind": "system", "text": None,
         "notice": "Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt."},
        {"time": "2026-03-01 14:09:00", "sender": "Jonas", "kind": "message", "notice": None,
         "text": f"{FIRST}\nSee also the second thing\n\nand a third line 👍"},
    ]  # fmt: skip
    assert set(cells(table, "kind")) == {"system", "message", "media"}
    assert "Dates were read day first." in table.notes[0]
    assert guess_roles(table).text == ("text",)


ANDROID = """01/03/2026, 10:12 - Messages and calls are end-to-end encrypted. Tap to learn more.
01/03/2026, 10:12 - Ana: Hello there: you
second
13/03/2026, 10:13 - Li: <Media omitted>
13/03/2026, 10:14 - Li: IMG-1.jpg (file attached)
a caption
13/03/2026, 10:15 - Li changed the subject from "A: b" to "C"
13/03/2026, 10:15 - Ana: This message was deleted
"""


def test_media_in_portuguese_and_a_notice_of_a_group():
    lines = ["[01/03/2026, 22:12:33] Horta: \u200eAna adicionou você", "[01/03/2026, 22:13:33] Ana: Bom dia a todos"]
    lines += ["[01/03/2026, 22:14:33] Li: \u200eimagem ocultada", "[01/03/2026, 22:15:33] Li: Que linda"]
    table = read("\n".join(lines).encode(), name="chat.txt")
    assert cells(table, "kind") == ["system", "message", "media", "message"]
    assert cells(table, "sender") == [None, "Ana", "Li", "Li"]


@pytest.mark.parametrize("name", ["chat.txt", "chat"])
def test_kinds_of_messages(name):
    table = read(ANDROID.encode(), name=name)
    assert cells(table, "kind") == ["system", "message", "media", "media", "system", "deleted"]
    assert cells(table, "sender") == [None, "Ana", "Li", "Li", None, "Ana"]
    assert cells(table, "text") == [None, "Hello there: you\nsecond", None, "a caption", None, None]
    assert cells(table, "notice")[3:5] == ["IMG-1.jpg (file attached)", 'Li changed the subject from "A: b" to "C"']
    assert "own have no text (4)" in table.notes[1]


@pytest.mark.parametrize(
    ("first", "second", "time"),
    [
        ("[3/1/26, 9:05:12\u202fPM] Ana: one", "[3/1/26, 9:06:12\u202fPM] Li: two", "2026-03-01 21:05:12"),
        ("[3/1/26, 12:05:12\u202fAM] Ana: one", "[3/13/26, 9:06:12\u202fPM] Li: two", "2026-03-01 00:05:12"),
        ("1/3/26, 9:05 p.\u00a0m. - Ana: one", "14/3/26, 9:05 a.\u00a0m. - Li: two", "2026-03-01 21:05:00"),
        ("2026년 3월 1일 오후 9:05, Ana : one", "2026년 3월 2일 오전 9:05, Li : two", "2026-03-01 21:05:00"),
        ("2026/3/1 下午9:05 - Ana: one", "2026/3/2 上午9:05 - Li: two", "2026-03-01 21:05:00"),
        ("٠١/٠٣/٢٠٢٦، ٠٩:٠٥ م - Ana: one", "٠١/٠٣/٢٠٢٦، ١٠:١٢ م - Li: two", "2026-03-01 21:05:00"),
        ("01/03/2026 à 21:05 - Ana: one", "02/03/2026 à 10:12 - Li: two", "2026-03-01 21:05:00"),
        ("1.3.2026 klo 21.05 - Ana: one", "2.3.2026 klo 9.05 - Li: two", "2026-03-01 21:05:00"),
        ("01-03-2026 21:05 - Ana: one", "02-03-2026 10:12 - Li: two", "2026-03-01 21:05:00"),
        ("[2026-03-01, 21:05:33] Ana: one", "[2026-03-01, 21:05:34] Li: two", "2026-03-01 21:05:33"),
        ("01/03/26, 9:05 pm - Ana: one", "02/03/26, 9:05 pm - Li: two", "2026-03-01 21:05:00"),
        ("3/1/26, 9:05 PM - Ana: one", "2/2/26, 9:05 PM - Li: two", "2026-01-03 21:05:00"),
    ],
)
def test_times(first, second, time):
    table = read(f"{first}\n{second} \u200e<This message was edited>\n".encode(), name="chat.txt")
    assert cells(table, "time")[0] == time
    assert cells(table, "sender") == ["Ana", "Li"]
    assert cells(table, "text") == ["one", "two"]


@pytest.mark.parametrize(
    "text",
    [
        "10:12 is a time\nand 11:30 is another: yes\n",
        "2026-03-01 10:12:33,123 - root - INFO - message: x\n" * 3,
        "[1] First note: text\n[2] Second note: text\n",
        "On 01/03/2026, 10:12 - as noted: we met.\nThen we left.\n",
    ],
)
def test_other_texts_are_lines(text):
    table = read(text.encode(), name="a.txt")
    assert table.columns == ["text"]
    assert len(table) == text.count("\n")

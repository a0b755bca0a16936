"""The text column is what people wrote, and the reason says why; labels are what people name groups by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from examples import table_of

from explorer.reading.readers import read
from explorer.table.roles import Roles, guess_roles, kinds, why_text
from explorer.table.writing import writing_of

CASES = Path(__file__).parent / "data" / "cases"
WRITTEN = [f"The parcel came {n} days late and I want my money back" for n in range(12)]
SHORT = [f"Parcel {n} is late" for n in range(12)]
BASES = "ACGT"
MACHINE = {
    "web addresses": [f"https://shop.example/{n}/parcels-and-all-the-rest" for n in range(12)],
    "mail addresses": [f"Anna {n} <anna{n}@example.org>" for n in range(12)],
    "street addresses": [f"{n} Main Street, Springfield, IL 6270{n % 10}, United States of America" for n in range(12)],
    "hashes": [f"{n:064x}" for n in range(12)],
    "file paths": [f"/usr/share/doc/{n}/read me first.txt" for n in range(12)],
    "base64": [f"aGVsbG8gd29ybGQ0Mg{n:02}Zm9vYmFyIGJheg==" for n in range(12)],
    "JSON": [f'{{"a": {n}, "b": "all of the words that a form sends with it to us"}}' for n in range(12)],
    "markup": [f'<svg width="10"><path d="M 1 {n} L 20 30 Z" fill="red"/><g></g></svg>' for n in range(12)],
    "source code": [
        f"def price_{n}(basket, rate):\n    total = sum(basket)\n    return total * rate" for n in range(12)
    ],
    "log lines": [f"2026-03-01 10:15:{n:02},123 ERROR [main] org.shop.Mail could not be sent to it" for n in range(12)],
    "identifiers": [f"PARCEL_{n}" for n in range(12)],
    "figures": [f"48.1{n}, 11.5, 17, 2026" for n in range(12)],
}


@pytest.mark.parametrize("sort", MACHINE)
def test_what_programs_write_is_no_text_beside_what_people_wrote(sort):
    assert writing_of(MACHINE[sort]) == sort
    found = table_of(body=MACHINE[sort], said=SHORT)
    assert guess_roles(found).text == ("said",)


@pytest.mark.parametrize(
    "texts",
    [
        WRITTEN,
        ["ok", "great!!!", "5 stars", "[deleted]"],
        ["Toy Story (1995)", "Heat (1995)"],
        ["Please select one from the list", "Update my address please", "Class act!"],
        ["荷物が3日遅れて届きました。", "2回請求されました。"],
        ["พัสดุมาถึงช้าสามวัน", "แย่มาก"],
        ["😀😀", "🎉"],
        ["<p>My parcel is <b>late</b> &amp; I want it</p>"],
        ["I paid $5 (five) and got nothing", "12 people waited on the street"],
        ["SUCH A LOVELY PLACE", "TERRIBLE AND SLOW SERVICE"],
        ["The setting default_connection_retry_timeout_in_ms does nothing", "mend user_last_login_time_utc please"],
        ["{sigh} it is late again", "[Music] la la la"],
    ],
)
def test_what_people_write_is_language(texts):
    assert writing_of(texts) == "language"


@pytest.mark.parametrize("piece", ["y", "a@", "/", "C1", "(", "a b ", "1 a ", "<a", "A.", "[[", "=1", "\n;", "0:", "_"])
def test_no_cell_takes_long(piece):
    writing_of([piece * 5_000 + end for end in ("", "!", " Ω")] * 20)


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("dna", ["".join(BASES[(n * step) // 3 % 4] for step in range(40)) for n in range(1, 13)]),
        ("smiles", [f"CC(=O)Oc1ccccc1C{'C' * n}(=O)O" for n in range(12)]),
        ("code", MACHINE["source code"]),
    ],
)
def test_sequences_and_code_are_embedded_where_nothing_else_is(name, cells):
    found = table_of(**{name: cells, "url": MACHINE["web addresses"], "key": MACHINE["hashes"]})
    assert guess_roles(found).text == (name,)
    assert why_text(found, guess_roles(found)).startswith("nothing in the file is language; it holds s")


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        ({"said": WRITTEN}, "the file has no other column"),
        ({"said": WRITTEN, "n": list(range(12))}, "it is the only column of running text, 12 words a cell"),
        ({"note": WRITTEN, "n": list(range(12))},
         "its name says so and it is the only column of running text, 12 words a cell"),
        ({"said": WRITTEN, "heading": SHORT}, "it holds the longest running text, 12 words a cell"),
        ({"comment": SHORT, "raw": MACHINE["JSON"]},
         "nothing else in the file is language, 4 words a cell; `raw` holds JSON"),
        ({"said": SHORT, "reply": [WRITTEN[0], *[None] * 11]},
         "it is filled in more rows than `reply`, 4 words a cell"),
    ],
)  # fmt: skip
def test_the_reason_is_a_clause(columns, reason):
    found = table_of(**columns)
    assert why_text(found, guess_roles(found)) == reason


def test_there_is_no_reason_for_no_text_and_another_choice_is_yours():
    found = table_of(said=WRITTEN, heading=SHORT)
    assert why_text(found, Roles(text=("heading",))) == "you chose it"
    assert why_text(found, Roles()) == why_text(found, Roles(text=("gone",))) == ""


def test_a_constant_is_never_the_label():
    found = table_of(text=WRITTEN, type=["message"] * 12, team=["red", "blue", "green"] * 4)
    assert guess_roles(found).label == "team"
    assert guess_roles(table_of(text=WRITTEN, type=["message"] * 12)).label is None


def test_the_label_is_what_people_name_groups_by():
    found = table_of(text=WRITTEN, bot=[True, False] * 6, color=["#AABBCC", "#112233"] * 6, author=["Ann", "Bo"] * 6)
    assert guess_roles(found).label == "author"
    assert guess_roles(table_of(text=WRITTEN, bot=[True, False] * 6)).label == "bot"  # where there is nothing else


def test_an_export_of_discord_has_its_authors_as_label():
    export = json.loads((CASES / "discord_export.json").read_text(encoding="utf-8"))
    export["messages"] = [
        {**message, "id": f"{message['id']}{week}"} for week in range(6) for message in export["messages"]
    ]
    table = read(json.dumps(export).encode(), name="discord.json")
    assert kinds(table)["author.name"] == "category"
    assert (guess_roles(table).text, guess_roles(table).label) == (("content",), "author.name")

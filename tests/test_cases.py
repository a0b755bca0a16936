"""Files as people have them: rows, text and vectors as their makers mean them, told by the readers and the roles alone.

Each file is a shortened copy of one of `../shared/data/cases`. Tests beside this one hold the rest of each answer.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.reading.readers import read
from explorer.table.roles import guess_roles, kinds

CASES = Path(__file__).parent / "data" / "cases"
CHANGE = "If you could change one single thing about how we work, what would it be and why would you change it?"
ANSWERS: dict[str, tuple[int, str | None, str | None]] = {  # rows, the text (below a title), the vectors
    "chat_messages.jsonl": (40, "text", None),
    "discord_export.json": (8, "content", None),
    "embedding_strings.csv": (40, "combined", "embedding"),
    "form_long_questions.csv": (90, CHANGE, None),
    "html_bodies.csv": (60, "body", None),
    "metadata_single.tsv": (200, "column_1", None),
    "metadata_two.tsv": (200, "Name", None),
    "orange_three_rows.tab": (120, "Comment", None),
    "ragged_embedding.parquet": (40, "body", "embedding"),
    "report_html.xls": (70, "Complaint", None),
    "report_merged.xlsx": (90, "Text", None),
    "reports.geojson": (12, "note", None),
    "several.npz": (40, "texts", "embeddings"),
    "slack_2026-03-01.json": (10, "text", None),
    "tensors.tsv": (40, None, "vector"),
    "token_ids.parquet": (60, "text", None),
    "tweets.js": (6, "full_text", None),
    "two_header_rows.csv": (90, "What should we change?", None),
    "whatsapp_chat.txt": (26, "text", None),
    "word2vec.txt": (40, "word", "vector"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_rows_text_and_vectors(name):
    table = read(CASES / name)
    roles = guess_roles(table)
    assert (len(table), (roles.text or (None,))[-1], roles.vector) == ANSWERS[name]


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("discord_export.json", "author.name"),
        ("slack_2026-03-01.json", "user"),
        ("tweets.js", "entities.hashtags"),
        ("reports.geojson", "kind"),
        ("squad_nested.json", "title"),
        ("whatsapp_chat.txt", "sender"),
        ("chat_messages.jsonl", "role"),
        ("tracker_repeated_columns.csv", "Labels"),
        ("metadata_two.tsv", "Group"),
        ("several.npz", "labels"),
    ],
)
def test_what_colors_the_map(name, column):
    table = read(CASES / name)
    assert table.arrow.column(column).null_count < len(table)
    if len(table) >= 20:  # in a few rows nothing repeats
        assert kinds(table)[column] == "category"

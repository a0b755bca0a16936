"""What a model cannot read is counted before the build, in a sentence that says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from explorer.doors.opening import open_data, reading_options
from explorer.embedding.models import MODELS, Model
from explorer.embedding.unreadable import unreadable_texts
from explorer.reading.readers import read

SIX_LANGUAGES = Path(__file__).parent / "data" / "cases" / "six_languages.csv"
PLAIN = [f"The parcel came {n} days late" for n in range(9)]


def messages():
    return read(SIX_LANGUAGES).arrow.column("message").to_pylist()


@pytest.mark.parametrize(("model", "title"), [("minilm", "MiniLM"), ("fast", "static MiniLM")])
def test_scripts_and_emoji_are_counted(model, title):
    found = unreadable_texts(messages(), model)
    assert found.count == 40  # 20 in Thai and 20 of emoji only
    assert found.note.startswith(
        f"40 of 120 texts are in scripts that {title} cannot read (Thai, emoji): they get nearly one vector"
    )
    assert "multilingual" in found.note
    assert all(example in messages() for example in found.examples)


def test_what_the_model_knows_is_read():
    assert unreadable_texts([*PLAIN, "great 😀", "Größe naïve", "Посылка пришла поздно", ""], "minilm").count == 0
    assert unreadable_texts([], "minilm") == unreadable_texts(["", " "], "fast") == unreadable_texts(PLAIN, "minilm")


def test_sentences_about_a_name_with_underscores_are_no_code():
    names = ("default_connection_retry_timeout_in_ms", "user_last_login_time_utc", "max_open_files_per_worker")
    assert (
        unreadable_texts([f"What does {name} mean in row {n}?" for n in range(9) for name in names], "minilm").count
        == 0
    )


def test_repeated_texts_count_each_time():
    found = unreadable_texts([*PLAIN, "😀", "😀", "🎉"], "minilm")
    assert (found.count, found.examples) == (3, ("😀", "🎉"))
    assert found.note.startswith("3 of 12 texts are only emoji, which MiniLM cannot read")


def test_a_model_without_a_tokenizer_here_says_nothing(monkeypatch):
    monkeypatch.setitem(MODELS, "bare", Model("Bare", "", (), 1.0, load=lambda: None))
    assert unreadable_texts(messages(), "bare").note == unreadable_texts(messages(), "some/model").note == ""


def test_a_sample_is_named():
    found = unreadable_texts(messages(), "minilm", sample=60)
    assert found.note.startswith("About ")
    assert found.note.endswith("Estimated from 60 of the texts in question.")
    assert 30 <= found.count <= 50


def test_words_that_are_too_long():
    found = unreadable_texts([*PLAIN, "x" * 200, "y" * 300], "minilm")
    assert found.note.startswith("2 of 11 texts are words of a hundred letters and more, which MiniLM cannot read")


@pytest.mark.parametrize(
    ("texts", "sort"),
    [
        ([f"ACGTTGCA{'ACGT' * n}TTGACA" for n in range(1, 9)], "sequences"),
        ([f"CC(=O)Oc1ccccc1C{'C' * n}(=O)O" for n in range(8)], "sequences"),
        ([f"def price_{n}(basket):\n    total = sum(basket)\n    return total * {n}" for n in range(8)], "source code"),
        ([f"{n:040x}" for n in range(8)], "hashes"),
    ],
)
def test_sequences_and_code_are_read_letter_by_letter(texts, sort):
    found = unreadable_texts(texts, "minilm")
    assert found.count == 8
    assert found.note.startswith(f"Most texts are {sort}: MiniLM ")


def test_the_terminal_says_so(store, capsys):
    options = reading_options().parse_args(["--model", "fast"])
    options.data = str(SIX_LANGUAGES)
    table, _, _ = open_data(options, store)
    note = unreadable_texts(messages(), "fast").note
    assert note in capsys.readouterr().err
    assert note in table.notes  # which are the notes in JSON

"""Files of alike texts, and of texts that the model cannot read: what is found, and what is said of it."""

import json
from pathlib import Path

import pytest

CASES = Path(__file__).parent / "data" / "cases"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(tmp_path / "home"))


@pytest.fixture
def asked(run):
    def ask(command, file, *options):
        code, out, err = run(command, CASES / file, *options, "--json")
        assert code == 0, err
        return json.loads(out), err

    return ask


def test_thirty_texts_of_one_template_are_one_group_and_it_says_why(asked):
    report, err = asked("clusters", "near_constant_30.csv")
    assert [each["rows"] for each in report["clusters"]] == [30]
    said = "No groups: these 30 texts are about as alike as the same numbers shuffled."
    assert report["notes"] == [said]
    assert said in err


def test_as_many_groups_as_asked_for_are_made_of_them_without_that_note(asked):
    report, _ = asked("clusters", "near_constant_30.csv", "--method", "kmeans")
    assert len(report["clusters"]) == 10
    assert report["notes"] == []


@pytest.mark.parametrize("command", ["clusters", "map"])
def test_scripts_that_the_model_does_not_know_are_named(asked, command):
    report, err = asked(command, "six_languages.csv")
    (note,) = (note for note in report["notes"] if "nearly the same vector" in note)
    assert note.startswith("36 different texts in 2 sets")  # twenty in Thai, sixteen of the twenty in emoji
    assert "พัสดุมาถึงช้าสามวัน" in note
    assert "cannot read" in note
    assert note in err


def test_parts_in_eight_drawers_are_eight_groups(asked):
    report, _ = asked("clusters", "same_words.csv", "--vectors", str(CASES / "same_words.npy"))
    assert [each["rows"] for each in report["clusters"]] == [30] * 8
    assert report["notes"] == []

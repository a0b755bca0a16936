"""search, clusters, outliers and themes on the command line: one JSON object, rows from 0, exit codes."""

import json
import re

import numpy as np
import pytest
from examples import EXACT_DUPLICATES, ODDITIES, SENTENCES, sentence_table, three_clouds
from test_cli import decided

IDS = sentence_table().arrow.column("id").to_pylist()
TEXTS = sentence_table().arrow.column("text").to_pylist()


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """One store for the module, so that the sentences are embedded once."""
    return tmp_path_factory.mktemp("answers")


@pytest.fixture(autouse=True)
def home(stored, monkeypatch):
    monkeypatch.setenv("EXPLORER_HOME", str(stored))
    return stored


@pytest.fixture
def answer(run):
    """Run a command with --json: its answer."""

    def answer(*arguments: object) -> dict:
        code, out, err = run(*arguments, "--json")
        assert code == 0, err
        return json.loads(out)

    return answer


@pytest.fixture
def vectors(tmp_path):
    """A file of three clouds of eight vectors each, rows 0 to 7, 8 to 15 and 16 to 23."""
    np.save(tmp_path / "clouds.npy", three_clouds(each=8)[0])
    return tmp_path / "clouds.npy"


def error_of(result: tuple[int, str, str]) -> str:
    code, out, err = result
    lines = [line for line in err.splitlines() if not (line.endswith("…") or decided(line))]  # these are no errors
    assert (code, out, len(lines)) == (2, "", 1), result
    assert lines[0].startswith("error: ")
    return lines[0]


# ---- search ------------------------------------------------------------------------------------------------


def test_a_question_about_the_sky_is_answered_by_astronomy(answer):
    found = answer("search", SENTENCES, "planets and stars", "-k", 5, "--mode", "semantic")
    assert list(found) == ["query", "mode", "results"]
    assert (found["query"], found["mode"]) == ("planets and stars", "semantic")
    assert len(found["results"]) == 5
    for result in found["results"]:
        assert list(result) == ["row", "score", "similarity", "words", "close", "text", "weight"]
        assert (result["words"], result["score"]) == ([], result["similarity"])
        assert result["close"] == (result["score"] >= 0.35)
        assert IDS[result["row"]].startswith("a")
        assert result["text"] == TEXTS[result["row"]]
    scores = [result["score"] for result in found["results"]]
    assert scores == sorted(scores, reverse=True)


def test_search_is_hybrid_where_there_is_text_and_gives_ten(answer):
    found = answer("search", SENTENCES, "onions")
    assert (found["mode"], len(found["results"])) == ("hybrid", 10)
    assert "onions" in found["results"][0]["text"]
    assert found["results"][0]["words"] == ["onions"]
    assert found["results"][0]["score"] > found["results"][0]["similarity"]
    assert found["results"][0]["close"]
    scores = [result["score"] for result in found["results"]]
    assert scores == sorted(scores, reverse=True)
    some = answer("search", SENTENCES, "onions", "--minimum", scores[1] + 1e-3)["results"]
    assert [result["close"] for result in some][1:] == [False] * 9


def test_a_keyword_search_finds_only_what_holds_the_word(answer):
    found = answer("search", SENTENCES, "onions", "--mode", "keyword")
    assert found["results"]
    assert all("onion" in result["text"].lower() for result in found["results"])
    assert answer("search", SENTENCES, "zyzzyva", "--mode", "keyword")["results"] == []


def test_a_text_that_two_rows_hold_is_found_once_with_its_weight(answer):
    first, second = (IDS.index(name) for name in EXACT_DUPLICATES)
    assert TEXTS[first] == TEXTS[second]
    found = answer("search", SENTENCES, TEXTS[first], "--mode", "semantic", "-k", 59)["results"]
    assert (found[0]["row"], found[0]["weight"]) == (first, 2)
    assert found[0]["score"] == pytest.approx(1, abs=1e-3)
    assert second not in [result["row"] for result in found]
    assert len(found) == 58


def test_search_neither_lays_out_nor_groups(run):
    _, _, err = run("search", SENTENCES, "onions")
    assert "project" not in err
    assert "cluster" not in err


@pytest.mark.parametrize("mode", [[], ["--mode", "semantic"], ["--mode", "keyword"]])
def test_vectors_without_text_cannot_be_asked(run, vectors, mode):
    error_of(run("search", vectors, "anything", *mode))


def test_a_person_can_read_what_was_found(run):
    code, out, _ = run("search", SENTENCES, "onions", "-k", 4, "--minimum", "0.9")
    assert code == 0
    assert out.startswith("by hybrid: score, row (from 0), text\n")
    assert "no close match, below 0.90:" in out.splitlines()
    assert len(out.splitlines()) == 6
    assert run("search", SENTENCES, "zyzzyva", "--mode", "keyword")[1].splitlines()[-1] == "nothing found"


# ---- clusters ----------------------------------------------------------------------------------------------


def test_the_sentences_make_three_groups_that_agree_with_their_topic(answer):
    found = answer("clusters", SENTENCES)
    assert (found["method"], found["rows"], found["items"], found["ungrouped_rows"]) == ("leiden", 59, 58, 0)
    assert len(found["clusters"]) == 3
    assert found["label"]["column"] == "topic"
    assert found["label"]["ami"] > 0.8
    assert sum(group["rows"] for group in found["clusters"]) == 59
    assert sum(group["share"] for group in found["clusters"]) == pytest.approx(1)
    assert 0.4 < found["names_ami"] <= 1
    assert 0.7 < found["stability"] <= 1
    for group in found["clusters"]:
        assert group["name"] == ", ".join(phrase["text"] for phrase in group["phrases"])
        assert all(0 < phrase["share"] <= 1 for phrase in group["phrases"])
        assert len(group["typical"]) == 3
        topics = {IDS[typical["row"]][0] for typical in group["typical"]}
        assert len(topics) == 1
        assert all(typical["text"] == TEXTS[typical["row"]] for typical in group["typical"])


@pytest.mark.parametrize("level", [1, 2])
def test_as_many_groups_as_asked_for(answer, level):
    found = answer("clusters", SENTENCES, "--level", level)
    assert len(found["clusters"]) == found["level"] == level
    assert sum(group["rows"] for group in found["clusters"]) == 59


def test_more_groups_than_there_can_be(run):
    code, out, err = run("clusters", SENTENCES, "--level", 1_000, "--json")
    assert code == 0
    made = len(json.loads(out)["clusters"])
    assert f"These rows make {made} groups here, not 1000." in err


@pytest.mark.parametrize("method", ["kmeans", "hdbscan"])
def test_another_method(answer, vectors, method):
    found = answer("clusters", vectors, "--method", method)
    placed = sum(group["rows"] for group in found["clusters"])
    assert placed + found["ungrouped_rows"] == 24
    assert found["label"] is None


def test_each_cloud_is_a_group(answer, vectors):
    found = answer("clusters", vectors, "--level", 3)
    assert [group["rows"] for group in found["clusters"]] == [8, 8, 8]
    assert {typical["row"] // 8 for typical in found["clusters"][0]["typical"]} in ({0}, {1}, {2})


def test_a_person_can_read_the_groups(run):
    code, out, _ = run("clusters", SENTENCES)
    assert code == 0
    assert out.startswith("3 groups by leiden; shares are of the 59 rows with content")
    assert "19 rows (18 distinct)  star, planet, night" in out  # a04 and a09 are the same text
    assert "every row is in a group" in out
    assert "agreement with 'topic': adjusted mutual information 0." in out


# ---- outliers ----------------------------------------------------------------------------------------------


def test_the_two_oddities_have_the_highest_scores(answer):
    found = answer("outliers", SENTENCES)
    assert found["method"] == "distance"
    assert len(found["results"]) == 10
    assert {IDS[result["row"]] for result in found["results"][:2]} == ODDITIES
    assert [result["flagged"] for result in found["results"]] == [True] * 2 + [False] * 8
    assert (found["flagged"], found["flagged_rows"], found["outlier_rows"], found["items"]) == (2, 2, 2, 58)
    assert found["line"] in ("gap", "chance")
    first = found["results"][0]
    assert first["reason"].startswith("far from everything: nearest similarity 0.")
    scores = [result["score"] for result in found["results"]]
    assert scores == sorted(scores, reverse=True)
    assert scores[1] > found["threshold"] > scores[2]


@pytest.mark.parametrize("method", ["distance", "density", "covariance"])
def test_every_method_ranks_as_many_as_there_are(answer, method):
    found = answer("outliers", SENTENCES, "--method", method, "-k", 500)
    assert found["method"] == method
    assert len(found["results"]) == 58
    assert 0 <= found["agreed"] <= found["flagged"] <= 4
    first = IDS.index(EXACT_DUPLICATES[0])
    twin = next(result for result in found["results"] if result["row"] == first)
    assert twin["reason"].endswith("; 2 rows hold this text")
    assert twin["weight"] == 2


def test_too_few_rows_are_ranked_and_none_is_flagged(answer, tmp_path):
    np.save(tmp_path / "few.npy", np.eye(5, dtype=np.float32))
    found = answer("outliers", tmp_path / "few.npy")
    assert found["threshold"] is None  # not Infinity, which is no JSON
    assert (found["line"], found["flagged"]) == ("none", 0)
    assert len(found["results"]) == 5


def test_one_row_is_no_outlier(answer, tmp_path):
    np.save(tmp_path / "one.npy", np.ones((1, 4), np.float32))
    assert (
        answer("outliers", tmp_path / "one.npy")["results"][0]["reason"] == "there is nothing else to compare it with"
    )


def test_a_person_can_read_the_outliers(run):
    code, out, _ = run("outliers", SENTENCES, "-k", 1)
    assert code == 0
    assert re.match(
        r"2 rows are possible outliers: above 0\.\d\d, .*\nAnother method flags \d rows? of these too\.\n", out
    )
    assert len(out.splitlines()) == 5


# ---- themes ------------------------------------------------------------------------------------------------


def test_a_report_of_the_sentences(answer, tmp_path):
    page = tmp_path / "report.html"
    found = answer("themes", SENTENCES, "--by", "topic", "--out", page)
    assert [theme["rows"] for theme in found["themes"]] == sorted(
        (theme["rows"] for theme in found["themes"]), reverse=True
    )
    assert {theme["commonest"] for theme in found["themes"]} == {"cooking", "football", "astronomy"}
    assert found["out"] == str(page)
    text = page.read_text(encoding="utf-8")
    assert all(theme["quotes"][0]["text"][:20] in text for theme in found["themes"])
    assert "<script" not in text


def test_a_report_by_number_and_period(answer, tmp_path):
    """Rows 0 to 29 are in January, the others in March; each row's number is its place."""
    file = tmp_path / "dated.csv"
    lines = [f'"{text}",{place},2026-0{1 if place < 30 else 3}-{place % 28 + 1:02}' for place, text in enumerate(TEXTS)]
    file.write_text("\n".join(["text,place,day", *lines]), encoding="utf-8")
    found = answer("themes", file, "--by", "place", "--period", "day")
    assert found["period"] == "day"
    assert found["out"] is None
    counted = sum(theme["rows"] for theme in found["themes"])
    assert sum(theme["mean"] * theme["rows"] for theme in found["themes"]) / counted == pytest.approx(29, abs=0.01)
    assert sum(theme["change"] for theme in found["themes"]) == pytest.approx(0, abs=1e-9)


def test_a_person_can_read_the_report(run):
    code, out, _ = run("themes", SENTENCES)
    assert code == 0
    assert len(out.splitlines()) == 4


# ---- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ["search"], ["search", SENTENCES], ["search", SENTENCES, "x", "-k", "0"], ["search", SENTENCES, "x", "-k", "½"],
        ["search", SENTENCES, "x", "--mode", "magic"], ["search", SENTENCES, " "],
        ["clusters", SENTENCES, "--level", "-1"],
        ["clusters", SENTENCES, "--method", "magic"], ["clusters", "nowhere.csv"],
        ["outliers", SENTENCES, "-k", "9" * 5000],
        ["outliers", SENTENCES, "--method", "magic"], ["outliers", SENTENCES, "--text", "body"],
        ["themes", SENTENCES, "--by", "stars"], ["themes", SENTENCES, "--period", "text"],
        ["themes", SENTENCES, "--out", "/nowhere/at/all/report.html"],
    ],
    ids=lambda value: " ".join(str(part)[-20:] for part in value),
)  # fmt: skip
def test_a_command_that_cannot_be_done_is_one_line_of_error(run, arguments):
    error_of(run(*arguments))


def test_a_column_of_nothing_cannot_be_searched(run, tmp_path):
    (tmp_path / "blank.csv").write_text("id,text\n1,\n2,\n")
    for command in (["search", tmp_path / "blank.csv", "x"], ["outliers", tmp_path / "blank.csv"]):
        assert "none of 2 rows has content in text" in error_of(run(*command, "--text", "text"))

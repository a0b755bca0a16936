"""What pages show is what commands print of the same data; and how pages show rows that are several passages."""

from __future__ import annotations

import json
import os
import re

import pytest
from examples import HASHED, LONG, SENTENCES, SHORT, hashed_recipe, sentence_table, stored_recipe, table_of
from streamlit.testing.v1 import AppTest
from visits import drawn, link_of, opened, page_text, press

from explorer.analysis import portraits
from explorer.analysis.filters import Condition, to_link
from explorer.analysis.outliers import OUTLIER_METHODS
from explorer.app import session
from explorer.building import build
from explorer.embedding.models import MODELS
from explorer.recipe import Recipe

QUESTION = "planets and stars"


@pytest.fixture
def home():
    """The commands use the store of the pages."""
    return os.environ["EXPLORER_HOME"]


@pytest.fixture
def answer(run):
    def answer(*arguments: object) -> dict:
        code, out, err = run(*arguments, "--json")
        assert code == 0, err
        return json.loads(out)

    return answer


@pytest.fixture(scope="module")
def sentences_recipe() -> Recipe:
    """The sentences as a command without options builds them, in the store of the pages."""
    recipe = stored_recipe(session.store(), sentence_table(), ("text",))
    build(recipe, store=session.store())
    return recipe


@pytest.fixture
def page(sentences_recipe):
    return lambda name, **params: opened(f"pages/{name}.py", sentences_recipe, sentence_table(), **params)


def words(at: AppTest) -> str:
    return page_text(at).replace("\\", "")


def rows_linked(at: AppTest) -> list[int]:
    """The rows, from 0, whose links to the map stand on the page, in order."""
    return [int(link.label.split()[1]) for link in at.page_link if link.label.startswith("Row ")]


# ---- the numbers of the command line -----------------------------------------------------------------------


@pytest.mark.parametrize("mode", [("both", "hybrid"), ("meaning", "semantic"), ("words", "keyword")])
def test_search_lists_the_rows_of_the_command(answer, page, mode):
    there, here = mode
    found = answer("search", SENTENCES, QUESTION, "--mode", here)
    at = page("search", q=QUESTION, mode=there)
    assert rows_linked(at) == [result["row"] for result in found["results"]]
    for result in found["results"]:
        assert f"**{result['score']:.2f}**" in words(at)


def test_search_by_example_is_that_of_the_command(answer, page):
    found = answer("search", SENTENCES, "", "--like", "3", "--like", "20", "--unlike", "41")
    at = page("search", more="3,20", less="41")
    assert rows_linked(at) == [result["row"] for result in found["results"]]


@pytest.mark.parametrize("method", OUTLIER_METHODS)
def test_outliers_are_those_of_the_command(answer, page, method):
    found = answer("outliers", SENTENCES, "--method", method)
    flagged = [result for result in found["results"] if result["flagged"]]
    at = page("outliers", method=method)
    assert f"{found['flagged_rows']} row" in words(at)
    assert ("possible outlier" in words(at)) == (found["line"] in ("gap", "chance"))
    heads = re.findall(r"\*\*(\d+\.\d\d)\*\* &nbsp; Row (\d+)", words(at))
    assert heads == [(f"{result['score']:.2f}", str(result["row"])) for result in flagged]
    for result in flagged:
        also = words(at).split(result["reason"])[1].split("\n")[0].removeprefix("; also ")
        assert 1 + (len(also.split(", ")) if also else 0) == result["methods"]


def test_another_line_is_that_of_the_command(answer, page):
    found = answer("outliers", SENTENCES, "--above", "0.6", "-k", "58")
    at = page("outliers", above="0.6")
    assert (found["threshold"], found["line"]) == (0.6, "chosen")
    assert f"**{found['flagged_rows']} rows" in words(at)
    assert sum(result["flagged"] for result in found["results"]) == found["flagged"] > 2


def test_clusters_are_those_of_the_command(answer, page):
    found = answer("clusters", SENTENCES)
    at = page("clusters")
    assert f"**{len(found['clusters'])} groups**" in words(at)
    assert f"AMI **{found['label']['ami']:.2f}**" in words(at)
    lines = [line.label.replace("\\", "") for line in at.expander]
    for cluster, line in zip(found["clusters"], lines, strict=True):
        assert line.startswith(f"**{cluster['name']}** :gray[{cluster['rows']} rows")
        assert f":gray[{100 * cluster['share']:.0f} %]" in line
        quotes = [
            link.label.replace("\\", "") for link in page("clusters", group=str(cluster["typical"][0]["row"])).page_link
        ]
        for typical in cluster["typical"]:
            assert any(quote.startswith(f"“{typical['text']}” :small[:gray[row {typical['row']}") for quote in quotes)


def test_clusters_against_another_column_are_those_of_the_command(answer, run, page):
    assert answer("clusters", SENTENCES, "--against", "topic") == answer("clusters", SENTENCES)
    code, _, err = run("clusters", SENTENCES, "--against", "mood")
    assert (code, "mood" in err) == (2, True)


def test_the_report_is_that_of_the_command(answer, page):
    found = answer("themes", SENTENCES, "--by", "topic")
    at = page("clusters", tab="Themes report", by="topic")
    (table,) = [frame.value for frame in at.dataframe if "theme" in frame.value]
    assert table["theme"].tolist() == [theme["name"] for theme in found["themes"]]
    assert table["rows"].tolist() == [theme["rows"] for theme in found["themes"]]
    assert table["share %"].tolist() == pytest.approx([100 * theme["share"] for theme in found["themes"]], abs=0.06)
    assert table["quote 1"].tolist() == [theme["quotes"][0]["text"] for theme in found["themes"]]


def test_the_day_of_a_split_is_asked_for_on_the_command_line(answer, run, tmp_path):
    file = tmp_path / "dated.csv"
    texts = sentence_table().arrow.column("text").to_pylist()
    file.write_text(
        "\n".join(["text,day", *(f'"{text}",2026-01-{place % 28 + 1:02}' for place, text in enumerate(texts))])
    )
    found = answer("themes", file, "--period", "day", "--split", "2026-01-05")
    assert found["split"] == "2026-01-05"
    assert run("themes", file, "--split", "2026-01-05")[0] == 2
    assert run("themes", file, "--period", "day", "--split", "soon")[0] == 2


# ---- passages ----------------------------------------------------------------------------------------------

TEXTS = [*LONG, *SHORT, "quixotic zephyr waltz. bread dough oven rises. telescope comet sky far. xylophone jukebox."]


@pytest.fixture
def long_page(monkeypatch):
    """Pages on three long rows of several passages each and sixteen short ones."""
    monkeypatch.setitem(MODELS, "hashed", HASHED)
    table, store = table_of(text=TEXTS), session.store()
    recipe = hashed_recipe(store, TEXTS)
    build(recipe, store=store)
    return lambda name, **params: opened(f"pages/{name}.py", recipe, table, **params)


def test_a_result_shows_its_passage_in_its_place(long_page):
    at = long_page("search", q="rain together", mode="meaning", above="0.3")
    assert rows_linked(at)[0] == 1
    assert "passage 3 of 3" in words(at)
    first = next(part.value for part in at.markdown if ":blue-background[" in part.value).replace("\\", "")
    assert first == (
        "The goalkeeper saved a penalty late. Fans sang until the final whistle. "
        ":blue-background[They walked home in heavy **rain** together.]"
    )
    link = next(link for link in at.page_link if link.label == "Row 1")
    assert "at=1&passage=3" in link.proto.query_string


def test_results_count_rows_where_rows_hold_several_items(long_page):
    at = long_page("search", q="bread dough oven", mode="meaning", k="25", above="-1")
    rows = rows_linked(at)
    assert len(rows) == len(set(rows)) == len(TEXTS)
    assert f"**{len(TEXTS)} rows** above -1.00" in words(at)
    assert at.button(key="show-all").label == f"Show all {len(TEXTS)} rows on the map"
    at = long_page("search", q="bread", mode="words")
    assert "**10 rows** hold at least one of the words" in words(at)


def test_an_item_of_a_filter_shows_the_row_that_meets_it(monkeypatch):
    """Two rows share a passage; the filter leaves the second, of which it is another one."""
    monkeypatch.setitem(MODELS, "hashed", HASHED)
    one, two, other = (
        "The dough rose twice before noon.",
        "A comet crossed the sky at night.",
        "Rain fell on us all day.",
    )
    texts = [f"{one} {two} {other}", f"{two} {other} {one}", "short"]
    table, store = table_of(text=texts, kind=["a", "b", "c"]), session.store()
    recipe = stored_recipe(store, table, ("text",), model="hashed")
    build(recipe, store=store)
    at = opened("pages/search.py", recipe, table, q="dough rose", f=to_link([Condition("kind", values=("b",))]))
    assert rows_linked(at)[0] == 1
    assert "within the filter: 1 of 3 rows" in words(at)


def test_a_card_of_an_outlier_shows_its_passage(long_page):
    at = long_page("outliers", above="0")
    cards = re.findall(r"Row (\d+) · passage (\d) of (\d)", words(at))
    assert cards
    assert all((row in ("0", "1") and of == "3") or row == str(len(TEXTS) - 1) for row, _, of in cards)
    assert any(part.value.replace("\\", "") in " ".join(TEXTS) for part in at.markdown)
    row, passage, _ = cards[0]
    assert f"passage={passage}" in "".join(link.proto.query_string for link in at.page_link if "map" in link.page)
    at = long_page("outliers", above="0", row=row, passage=passage)
    assert "Open row" in words(at)
    assert drawn(at)["highlight"]["focus"] is not None


def test_a_decision_about_a_passage_is_about_its_row(long_page):
    at = long_page("outliers", above="0", at="1", passage="3")
    item = drawn(at)["highlight"]["focus"]
    press(at, f"clicked-remove-{item}")
    assert "What was removed: **1 row**" in words(at)
    assert "at" in link_of(at)


def test_quotes_of_a_group_come_from_different_rows(monkeypatch):
    monkeypatch.setitem(MODELS, "hashed", HASHED)
    baking = ["bread dough oven flour yeast", "dough oven flour bread salt", "oven bread yeast dough rye"]
    texts = [". ".join(f"{part} {n} {m}" for m, part in enumerate(baking)) + "." for n in range(6)]
    table, store = table_of(text=texts), session.store()
    recipe = stored_recipe(store, table, ("text",), model="hashed")
    space = build(recipe, store=store)
    assert space.items.several
    for group in range(len(space.clusters)):
        for quotes in (
            portraits.quotes(space, space.clusters, group),
            portraits.quoted(space, portraits.typical_rows(space, space.clusters, group, 3)),
        ):
            rows = [quote.row for quote in quotes]
            assert len(rows) == len(set(rows)) > 0
    at = opened("pages/clusters.py", recipe, table, group="0")
    assert any(link.label.startswith("“") for link in at.page_link)

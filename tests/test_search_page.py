"""The search page without a browser: empty, asked in every way, by example, within a filter, and with wrong links."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from examples import HASHED, random_unit, stored_recipe, table_of
from garbage import SHOWN_GARBAGE
from streamlit.testing.v1 import AppTest
from visits import drawn, healthy, link_of, opened, page_text, press
from visits import visit as visit_page

from explorer.analysis.filters import Condition, to_link
from explorer.analysis.keywords import WordIndex
from explorer.app import session
from explorer.app.marked import marked
from explorer.building import build
from explorer.embedding.models import MODELS
from explorer.errors import BadInput
from explorer.library.samples import open_sample

QUESTION = "my parcel never came"


def visit(sample: str = "support_tickets", **params: str) -> AppTest:
    return visit_page("pages/search.py", sample=sample, **params)


def found(at: AppTest) -> list[int]:
    """The items listed, best first."""
    keys = [button.key or "" for button in at.button]
    return [int(key.removeprefix("like-hit-")) for key in keys if key.startswith("like-hit-")]


def shown(at: AppTest) -> str:
    return page_text(at).replace("\\", "")


def test_an_empty_page_offers_queries_made_of_the_groups():
    at = visit()
    assert "Ask in your own words" in shown(at)
    assert found(at) == []
    assert drawn(at)["highlight"]["star"] is None
    query = at.button(key="try-0").label
    press(at, "try-0")
    assert at.text_input(key="q").value == query
    assert len(found(at)) == 10


def test_a_question_lists_texts_with_their_words_bold_and_puts_a_star_on_the_map():
    at = visit(q=QUESTION)
    assert len(found(at)) == 10
    assert "**parcel**" in shown(at)
    assert "cosine similarity" in shown(at)
    assert "above 0.35" in shown(at)
    highlight = drawn(at)["highlight"]
    assert highlight["star"]["text"] == QUESTION
    assert sorted(highlight["items"]) == sorted(found(at))
    assert highlight["neighbors"] == found(at)


def test_the_mode_is_in_the_address_and_decides_what_is_found():
    lists = {mode: found(visit(q=QUESTION, mode=mode)) for mode in ("both", "meaning", "words")}
    assert len(set(map(tuple, lists.values()))) == 3
    at = visit(q=QUESTION, mode="words")
    assert at.segmented_control(key="mode").value == "words"
    assert "BM25" in shown(at)
    assert "at least one of the words" in shown(at)
    assert drawn(at)["highlight"]["star"] is None
    healthy(at.segmented_control(key="mode").set_value("meaning").run())
    assert found(at) == lists["meaning"]


def test_how_many_are_shown_and_what_counts_as_close():
    at = visit(q=QUESTION, mode="meaning", k="25", above="0.45")
    assert len(found(at)) == 25
    close = int(re.search(r"\*\*(\d+) rows?(?: \(\d+ distinct\))?\*\* above 0\.45", shown(at)).group(1))
    assert 0 < close < 25
    folded = next(part for part in at.expander if part.label.startswith("No close match"))
    assert folded.label.endswith("below 0.45")
    below = [button.key for button in folded.button if (button.key or "").startswith("like-hit-")]
    assert 0 < len(below) < 25
    assert [int(key.removeprefix("like-hit-")) for key in below] == found(at)[-len(below) :]
    at = visit(q=QUESTION, above="0.99")
    assert "Nothing here is close to what you ask" in shown(at)
    assert re.fullmatch(r"No close match: 1\d rows( \(10 distinct\))? below 0\.99", at.expander[-1].label)


@pytest.mark.parametrize("params", [{}, {"mode": "meaning"}, {"mode": "words"}, {"more": "4", "less": "6"}])
@pytest.mark.parametrize("sample", ["support_tickets", "movies"])
def test_the_numbers_shown_fall_from_result_to_result(sample, params):
    at = visit(sample, q="a heist goes wrong with the card", k="25", above="0.3", **params)
    numbers = [float(number) for number in re.findall(r"^\*\*(\d\.\d\d)\*\*", shown(at), re.MULTILINE)]
    assert len(numbers) == len(found(at)) > 0
    assert numbers == sorted(numbers, reverse=True)


def test_the_parts_of_a_number_add_up_to_it():
    for params, what in (({"q": "card charged twice"}, "words"), ({"more": "4", "less": "6"}, "less like")):
        text = shown(visit(k="25", above="0", **params))
        parts = re.findall(
            r"\*\*(.+)\*\* :small\[:gray\[= (.+) (?:meaning|similarity) (−|\+) (\S+) (words|less like)\]", text
        )
        assert len(parts) > 5
        for score, meaning, sign, rest, kind in parts:
            assert kind == what
            assert float(score) == pytest.approx(float(meaning) + float(rest) * (1 if sign == "+" else -1))


def test_what_holds_all_the_words_is_a_match_and_says_so():
    at = visit(q="card charged twice", above="0.95")
    assert "meaning + 0.40 words, all your words" in shown(at)
    assert at.expander[-1].label.startswith("No close match: 9 rows")


def test_words_that_did_not_count_are_named():
    text = shown(visit("movies", q="a heist goes wrong"))
    assert "No text holds “heist”." in text


def test_a_row_is_called_by_its_number_and_its_own_id():
    at = visit(q=QUESTION)
    table, _ = open_sample("support_tickets")
    ids = table.arrow.column("id").to_pylist()
    links = [link.label for link in at.page_link if link.label.startswith("Row ")]
    assert len(links) == 10
    assert all(label == f"Row {row} · {ids[int(row)]}" for label in links for row in [label.split()[1]])
    first = ids[int(links[0].split()[1])]
    assert first not in shown(at), "once is enough"


def test_words_that_are_nowhere_lead_on_to_meaning():
    at = visit(q="zzqx", mode="words")
    assert found(at) == []
    assert "No text holds these words" in shown(at)
    press(at, "by-meaning")
    assert len(found(at)) == 10


def test_all_that_is_close_goes_to_the_map():
    at = visit(q=QUESTION, mode="meaning")
    label = at.button(key="show-all").label
    at.button(key="show-all").click().run()
    assert not at.exception
    assert len(link_of(at).get("sel") or "") == 32
    selected = len(drawn(at)["highlight"]["items"])
    rows = int(re.search(r"all (\d+) rows", label).group(1))
    assert f"{rows} rows" in shown(at)
    assert selected <= rows


def test_the_closest_sentence_of_a_long_text_is_tinted():
    at = visit(q="the app fails during fitness classes", mode="meaning")
    tinted = [part.value for part in at.markdown if ":blue-background[" in part.value]
    assert tinted
    assert any("crashed four times" in text.split(":blue-background[")[1] for text in tinted)
    assert all(len(text) > 200 for text in tinted)


def test_rows_selected_are_counted_below_the_small_map_until_let_go():
    at = visit(q=QUESTION)
    at.button(key="show-all").click().run()
    at = visit(q=QUESTION, sel=link_of(at).get("sel") or "")
    assert " selected" in shown(at)
    press(at, "clear-search-map")
    assert " selected" not in shown(at)


# ---- by example ----------------------------------------------------------------------------------------


def test_like_and_unlike_are_in_the_address_and_move_the_results():
    at = visit(q=QUESTION)
    first, second = found(at)[:2]
    press(at, f"like-hit-{first}")
    assert link_of(at).get("more")
    assert first not in found(at)
    assert "**More like** row" in shown(at)
    assert "and what you ask, by meaning" in shown(at)
    press(at, f"unlike-hit-{found(at)[0]}")
    assert link_of(at).get("less")
    assert ", **less like** row" in shown(at)
    press(at, "clear-examples")
    assert link_of(at).get("more") is None
    assert link_of(at).get("less") is None
    assert found(at)[:2] == [first, second]


def test_rows_in_the_address_are_examples():
    at = visit(more="4,18", less="6")
    assert "**More like** rows 4 and 18, **less like** row 6 · T0007" in shown(at)
    assert drawn(at)["highlight"]["star"]["text"] == "more like rows 4 and 18, less like row 6 · T0007"
    press(at, "drop-18")
    assert link_of(at).get("more") == "4"
    assert "**More like** row 4 · T0005, **less like** row 6 · T0007" in shown(at)


def test_a_row_to_be_unlike_alone_asks_for_more():
    at = visit(less="6")
    assert found(at) == []
    assert any("like" in info.value for info in at.info)


def test_a_point_of_the_map_can_be_an_example():
    at = visit(at="11")
    assert drawn(at)["highlight"]["focus"] is not None
    item = drawn(at)["highlight"]["focus"]
    press(at, f"like-clicked-{item}")
    assert link_of(at).get("more") == "11"
    assert item not in found(at)


def test_a_clicked_point_is_shown_until_it_is_closed_or_something_else_is_asked():
    at = visit(q=QUESTION, at="11")
    assert any(button.key.startswith("like-clicked-") for button in at.button if button.key)
    press(at, "close-clicked")
    assert link_of(at).get("at") is None
    assert not any(button.key.startswith("like-clicked-") for button in at.button if button.key)
    assert len(found(at)) == 10
    at = visit(q=QUESTION, at="11")
    healthy(at.text_input(key="q").set_value("another question").run())
    assert link_of(at).get("at") is None


def test_a_row_can_be_named():
    at = visit()
    healthy(at.number_input(key="row-number").set_value(17).run())
    assert link_of(at).get("more") == "17"


# ---- without a model, within a filter ------------------------------------------------------------------


def test_ready_made_vectors_are_searched_by_example():
    at = visit("digits")
    assert at.text_input(key="q").disabled
    assert "ready-made" in at.text_input(key="q").placeholder
    press(at, "try-1")
    assert len(found(at)) == 10
    table, _ = open_sample("digits")
    rows = [int(link_of(at)["more"]), *found(at)]
    digits = [table.arrow.column("digit")[row].as_py() for row in rows]
    assert digits.count(digits[0]) >= 8
    assert found(visit("digits", q="three")) == []


def test_a_model_that_does_not_answer_leaves_the_words(monkeypatch):
    def silent(self: object, model: str, texts: list[str]) -> None:
        raise BadInput("The model did not answer within a minute. Try again.")

    monkeypatch.setattr("explorer.jobs.queue.Jobs.encode", silent)
    at = visit(q="parcel courier")  # asked nowhere else, so that no vector of it is kept
    assert [warning.value for warning in at.warning] == [r"The model did not answer within a minute\. Try again\."]
    assert len(found(at)) == 10
    assert "BM25" in shown(at)


def test_only_what_meets_the_linked_filter_is_found():
    table, _ = open_sample("support_tickets")
    topics = table.arrow.column("topic").to_pylist()
    at = visit(q=QUESTION, f=to_link([Condition("topic", values=("refund",))]))
    assert "within the filter" in shown(at)
    rows = [int(link.label.split()[1]) for link in at.page_link if link.label.startswith("Row ")]
    assert len(rows) == 10
    assert {topics[row] for row in rows} == {"refund"}
    at = visit(q=QUESTION, f=to_link([Condition("topic", values=("nowhere",))]))
    assert "No row meets the filter" in shown(at)
    press(at, "clear-filter")
    assert len(found(at)) == 10


def test_a_repeated_text_says_how_many_rows_hold_it():
    table, _ = open_sample("support_tickets")
    texts = table.arrow.column("text").to_pylist()
    again = next(text for text in texts if texts.count(text) > 2)
    at = visit(q=again, mode="meaning")
    count = texts.count(again)
    assert f"and {count - 1} rows with the same text" in shown(at)
    assert len(set(found(at))) == 10


def test_an_index_that_cannot_be_kept_is_reported_and_searched_all_the_same(monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("explorer.store.store.Store.text_index", full)
    for module in ("app.search.page", "app.search.results", "answers.search", "analysis.search"):
        monkeypatch.setattr(f"explorer.{module}.word_index", lambda space: _fresh.setdefault(space, WordIndex(space)))
    _fresh: dict[Any, WordIndex] = {}
    at = visit(q="parcel", mode="words")
    assert len(found(at)) == 10
    assert "No space left on device" in shown(at)


def table_on_page(monkeypatch, **columns):
    """The search page on a made-up table with ready-made vectors or the small model; a function of parameters."""
    monkeypatch.setitem(MODELS, "hashed", HASHED)
    table, store = table_of(**columns), session.store()
    ready = "vector" in columns
    recipe = stored_recipe(
        store, table, ("vector",) if ready else ("text",), model="ready-made" if ready else "hashed", passages=False
    )
    build(recipe, store=store)
    return lambda **params: opened("pages/search.py", recipe, table, **params)


def test_a_table_of_one_row_is_searched_in_every_way(monkeypatch):
    page = table_on_page(monkeypatch, text=["One lonely row."])
    assert found(page(q="lonely")) == [0]
    assert "**1 row** above" in shown(page(q="lonely", mode="both"))
    assert "No close match: 1 row below 0.99" in [part.label for part in page(q="rain", above="0.99").expander]
    assert found(page(q="rain", mode="words")) == []
    assert found(page(more="0")) == [], "the only row is the example"


def test_long_names_are_cut(monkeypatch):
    name, count = "n" * 80, 30
    page = table_on_page(
        monkeypatch,
        id=[f"{'id' * 38}-{row:03}" for row in range(count)],
        text=[f"text {row} about something that nobody else says {row * 7}" for row in range(count)],
        **{name: [row / 7 for row in range(count)]},
    )
    at = page(q="something 49", k="25")
    assert len(found(at)) == 25
    assert all(len(link.label.replace("\\", "")) <= 60 for link in at.page_link if link.label.startswith("Row "))
    assert name not in shown(at)


def test_ready_made_vectors_with_text_are_searched_by_words_and_by_example(monkeypatch):
    texts = [f"{word} is a thing that people write about at some length" for word in (*"abcdefgh", "parcel", "courier")]
    page = table_on_page(monkeypatch, vector=random_unit(10, 16), text=texts)
    at = page(q="the parcel")
    assert found(at) == [8]
    assert "BM25" in shown(at)
    at = page(more="8", above="-1")
    assert len(found(at)) == 9
    assert float(at.number_input(key="above").value) == -1


# ---- wrong links ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", SHOWN_GARBAGE)
def test_garbage_in_the_address_does_no_harm(value):
    at = visit(
        **dict.fromkeys(("like", "unlike", "more", "less", "mode", "k", "above", "row", "at", "f"), value), q=QUESTION
    )
    assert 1 <= len(found(at)) <= 50
    assert at.segmented_control(key="mode").value in ("both", None), "none, where it is empty, is both"


@pytest.mark.parametrize(
    "query", ["[x](javascript:alert(1))", "<script>", "$a$ `b`", ":red[x]", "\x00", "a" * 9000, "“'*"]
)
def test_a_question_of_any_signs_is_a_question(query):
    at = visit(q=query)
    assert len(found(at)) == 10


# ---- the text of a result ------------------------------------------------------------------------------


def test_marked_text_keeps_every_sign_to_itself():
    assert marked("*refund* [me](x) <b>", "refund") == r"\***refund**\* \[me\]\(x\) \<b\>"
    assert marked("plain") == "plain"
    assert marked("", "refund") == ""


def test_a_marked_sentence_is_tinted_with_its_words_bold():
    text = "It rained. The refund is late. Bye."
    assert marked(text, "refund", "The refund is late.") == (
        r"It rained\. :blue-background[The **refund** is late\.] Bye\."
    )
    assert marked(text, "", "not in it") == r"It rained\. The refund is late\. Bye\."


@pytest.mark.parametrize("where", [0, 500, 900, 1990])
def test_a_long_text_is_cut_around_what_is_marked(where):
    words = ["blah"] * 2000
    words[where] = "refund"
    text = " ".join(words)
    cut = marked(text, "refund")
    assert "**refund**" in cut
    assert len(cut) < 470
    assert cut.startswith("… ") == (where > 0)
    assert cut.endswith(" …") == (where < 1990)
    sentence = f"{'x' * 300} refund {'y' * 300}."
    assert ":blue-background[" in marked(f"{text} {sentence} {text}", "refund", sentence)


def test_a_passage_too_long_to_show_is_cut_around_the_word_in_it():
    passage = f"{'begins ' * 200}refund {'ends ' * 200}".strip()
    cut = marked(f"{'before ' * 100}{passage} {'after ' * 100}", "refund", passage)
    assert "**refund**" in cut
    assert cut.startswith("… :blue-background[begins")
    assert cut.endswith("ends] …")
    assert len(cut) < 500


def test_text_without_spaces_is_cut_too():
    assert len(marked("注文" * 3000, "文注")) < 3000
    assert len(marked("a" * 5000)) < 450
    assert json.dumps(marked("\ud800 lone", "lone")) is not None

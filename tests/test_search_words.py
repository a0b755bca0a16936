"""How the words of a question count beside its meaning: rare ones much, common ones nothing."""

from __future__ import annotations

import numpy as np
import pytest
from examples import random_unit, sentence_ids, sentence_space, stored_recipe, table_of

from explorer.analysis.search import search, usual_minimum, word_weight
from explorer.analysis.word_match import match_words
from explorer.answers.search import Ask, run
from explorer.answers.view import View
from explorer.library.samples import open_sample
from explorer.space import Space
from explorer.store.store import Store

TEXTS = [
    *(f"The order number {1000 + number} is late, we are sorry." for number in range(60)),
    *(f"A parcel of kind {number} went to the wrong house." for number in range(4)),
    "The printer shows error 504 again.",
    "The printer shows error 505 again.",
    "A robot goes home.",
]


def space_of(store: Store, texts: list[str], **choices: object) -> Space:
    space = Space(stored_recipe(store, table_of(text=texts), ("text",), passages=False, **choices), store)
    space.take("vectors", (random_unit(len(space.items), 32), np.zeros(len(space.items), bool)))
    return space


@pytest.fixture
def space(store):
    return space_of(store, TEXTS)


def sample_view(store: Store, name: str) -> View:
    store = Store(store.home)  # with what is shipped
    table, recipe = open_sample(name)
    store.put("table", table.digest, table.arrow, {"name": table.name})
    return View(Space(recipe, store))


def ask(view: View, query: str, **choices: object):
    return run(view, Ask(query, **choices), lambda *_: None)


# ---- which words count ---------------------------------------------------------------------------------


def test_a_word_in_many_texts_does_not_count_and_one_in_none_does(space):
    match = match_words(space, "the order goes to Neptune")
    assert (match.words, match.common, match.missing) == (("goes",), ("order",), ("Neptune",))
    assert match.items.tolist() == [TEXTS.index("A robot goes home.")]
    assert match.share.max() < 0.6, "one of two words that count"
    assert not match.whole.any()
    assert match.notes == ("“order” is in many texts here and did not count.", "No text holds “Neptune”.")


def test_where_all_words_are_common_meaning_alone_decides(space):
    hits = search(space, "late order", mode="hybrid", encode=lambda texts: random_unit(1, 32, seed=5))
    assert hits.words is not None
    assert hits.words.notes == (
        "“late” and “order” are in many texts here and did not count: searched by meaning only.",
    )
    assert hits.scores == pytest.approx(hits.similarity)
    assert hits.with_words is not None
    assert len(hits.with_words) == 0


def test_in_a_small_table_a_word_of_three_texts_counts(store):
    space = space_of(store, [*(f"a lamp of kind {name}" for name in "uvw"), *(f"chair {name}" for name in "abcdefghi")])
    match = match_words(space, "lamp")
    assert match.words == ("lamp",)
    assert np.flatnonzero(match.credit).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("error 504", "The printer shows error 504 again."),
        ("504", "The printer shows error 504 again."),
        ("1042", "The order number 1042 is late, we are sorry."),
        ("order 1042 is late", "The order number 1042 is late, we are sorry."),
        ("ROBOTS", "A robot goes home."),
    ],
)  # fmt: skip
def test_exact_numbers_and_names_come_first_and_are_a_match_whatever_their_meaning(space, query, first):
    vector = -space.unit[TEXTS.index(first)][None]  # the least like it
    hits = search(space, query, mode="semantic", k=1, encode=lambda texts: vector)
    assert space.texts(hits.items) != [first]
    vector = random_unit(1, 32, seed=9)
    hits = search(space, query, mode="hybrid", encode=lambda texts: 0.1 * vector)
    assert space.texts(hits.items[:1]) == [first]
    assert hits.close(0.99)[hits.items].tolist() == [True] + [False] * 9


def test_a_longer_question_looks_up_its_numbers_and_longest_words(space):
    words = " ".join(f"word{'x' * (1 + n % 7)}{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(40))
    match = match_words(space, f"{words} 504")
    assert match.words == ("504",)
    assert match.uncounted == 41 - 24
    assert "24 longest words" in match.notes[-1]


@pytest.mark.parametrize("query", ["🎉", '"', "***", "\x00"])
def test_a_question_without_words_is_asked_by_meaning(space, query):
    match = match_words(space, query)
    assert not match.share.any()
    assert match.notes == ()


@pytest.mark.parametrize("texts", [["one text"], ["one text", "another"], ["a", "b", "c"]])
def test_tables_of_hardly_any_rows(store, texts):
    space = space_of(store, texts)
    hits = search(space, "another text", mode="hybrid", encode=lambda asked: random_unit(1, 32))
    assert len(hits) == len(texts)
    assert np.isfinite(hits.scores).all()
    assert 0.35 <= usual_minimum(space) <= 1


def test_scripts_without_spaces_count_by_what_of_them_is_held(store):
    space = space_of(store, ["注文をキャンセルしたいのですが", "荷物がまだ届きません", "我想取消订单", *"abcdefgh"])
    match = match_words(space, "注文をキャンセル")
    assert int(match.credit.argmax()) == 0
    assert match.credit[3:].max() == 0


def test_the_index_in_memory_counts_the_same(store, monkeypatch):
    on_disk = match_words(space_of(store, TEXTS), "wrong order error 504 parcel")

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(store, "text_index", full)
    in_memory = match_words(space_of(store, TEXTS), "wrong order error 504 parcel")
    assert in_memory.credit == pytest.approx(on_disk.credit)
    assert (in_memory.words, in_memory.common) == (on_disk.words, on_disk.common)


# ---- on real texts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "query", "telling"),
    [
        ("movies", "a heist goes wrong", set()),
        ("movies", "nothing that people do", set()),
        ("movies", "somebody comes and goes", set()),
        ("support_tickets", "the app goes dark", {"dark"}),
        ("support_tickets", "the thing does not work and I want it to work", set()),
        ("support_tickets", "who says what goes", set()),
    ],
)
def test_one_word_that_says_little_lifts_no_text_over_clearly_nearer_ones(store, sample, query, telling):
    found = ask(sample_view(store, sample), query, k=30)
    similarity = found.hits.similarity
    for place, words in enumerate(found.words):
        if len(words) == 1 and words[0] not in telling:
            assert (similarity[place + 1 :] < similarity[place] + 0.15).all(), (words, found.results[place].text)


def test_a_question_of_a_film_that_is_not_there_finds_no_close_match(store):
    found = ask(sample_view(store, "movies"), "a heist goes wrong")
    assert not any("goes" in words for words in found.words[:5])
    assert "No text holds “heist”." in found.notes
    assert not any(found.matches)


def test_all_the_words_of_a_complaint_find_it(store):
    found = ask(sample_view(store, "support_tickets"), "card charged twice")
    assert found.words[0] == ("card", "charged", "twice")
    assert all(set(words) <= {"card", "charged", "twice"} for words in found.words)
    assert found.matches[0]
    assert (np.diff(found.hits.scores) <= 0).all()


# ---- what is close -------------------------------------------------------------------------------------


def test_close_are_those_above_the_minimum_without_the_examples():
    view = View(sentence_space())
    found = ask(view, "", like=(0,), k=57, minimum=0.4)
    assert found.matches == (found.hits.scores >= 0.4).tolist()
    assert 0 < sum(found.matches) < len(found.matches)
    assert not found.close[found.hits.left_out].any()
    assert found.close.sum() == sum(found.matches)


def test_the_usual_minimum_is_that_of_the_model_and_of_the_data_where_the_model_is_unknown(store):
    assert usual_minimum(sentence_space()) == 0.35
    assert word_weight(sentence_space()) == pytest.approx(0.4)
    near = np.ones((300, 32), np.float32) + 3 * random_unit(300, 32)
    space = Space(stored_recipe(store, table_of(vector=near), ("vector",), model="ready-made"), store)
    pairs = (space.unit @ space.unit.T)[np.triu_indices(300, 1)]
    assert usual_minimum(space) == pytest.approx(np.quantile(pairs, 0.95), abs=0.01)
    assert 0 < word_weight(space) < 0.4


def test_every_question_about_the_sentences_finds_its_topic_close():
    for query, topic in (("soup with onions", "c"), ("the goalkeeper", "f"), ("stars and planets", "a")):
        found = ask(View(sentence_space()), query, k=5)
        assert all(sentence_ids()[line.item][0] == topic for line in found.results)
        assert found.matches[0]

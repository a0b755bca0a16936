"""Search on the sixty sentences, whose answers anybody can check, and words in other languages."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import numpy as np
import pytest
from examples import random_unit, sentence_ids, sentence_space, stored_recipe, table_of, vector_recipe

from explorer.analysis.keywords import MemoryIndex, WordIndex, matching_words, word_index
from explorer.analysis.search import closest_sentences, keyword_ranking, like_these, search, sentences
from explorer.embedding.models import encoder
from explorer.errors import BadInput
from explorer.geometry.vectors import best
from explorer.space import Space
from explorer.store.store import Store

POLYGLOT = [
    "Die Rechnung für Herrn Müller ist doppelt abgebucht worden.",
    "Der Kunde möchte mehrere Rechnungen stornieren.",
    "注文をキャンセルしたいのですが、返品できますか",
    "荷物がまだ届きません",
    "The courier left my parcel in the rain.",
    'A 5" screen and an "unbalanced quote',
    "🎉 the party was loud 🎉",
    "to be or not to be",
    "我想取消订单",
    "प्रकाश की गति क्या है",
    "Le café était froid, l'eau aussi.",
    "ok",
]


def ids(items: Sequence[int] | np.ndarray) -> list[str]:
    return [sentence_ids()[item] for item in items]


def item(name: str) -> int:
    return sentence_ids().index(name)


def made_up(store: Store, texts: Sequence[str], **columns: object) -> Space:
    """A space of texts with vectors out of the air."""
    recipe = stored_recipe(store, table_of(text=list(texts), **columns), ("text",), passages=False)
    space = Space(recipe, store)
    count = len(space.items)
    space.take("vectors", (random_unit(count), np.zeros(count, bool)))
    return space


def toward(vector: np.ndarray):
    """An encoder that reads the same into everything."""
    return lambda texts: np.repeat(vector[None], len(texts), axis=0)


@pytest.fixture
def polyglot(store):
    return made_up(store, POLYGLOT)


# ---- by meaning ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "topic"),
    [("recipes for dinner", "c"), ("soccer", "f"), ("astrophysics lecture", "a"), ("border control papers", "x")],
)
def test_meaning_finds_the_topic_without_a_shared_word(query, topic):
    hits = search(sentence_space(), query, k=5 if topic != "x" else 1, mode="semantic")
    assert all(name[0] == topic for name in ids(hits.items)), ids(hits.items)
    texts = sentence_space().texts(hits.items)
    words = word_index(sentence_space()).searched(query)
    assert not any(matching_words(words, text) for text in texts)
    assert (np.diff(hits.scores) <= 0).all()
    assert hits.scores == pytest.approx(hits.similarity)
    assert -1 <= hits.scores.min() <= hits.scores.max() <= 1


def test_similarity_is_the_cosine_of_the_query_to_every_item():
    space = sentence_space()
    hits = search(space, "penalty", k=3, mode="semantic")
    vector = encoder("minilm").queries(["penalty"])[0]
    assert hits.everywhere == pytest.approx(space.unit @ vector, abs=1e-5)


# ---- by words ------------------------------------------------------------------------------------------


def test_a_word_finds_the_texts_that_hold_it_and_no_others():
    assert sorted(ids(search(sentence_space(), "passport", mode="keyword").items)) == ["x01"]
    assert sorted(ids(search(sentence_space(), "potatoes", mode="keyword").items)) == ["c07", "c17"]
    assert sorted(ids(search(sentence_space(), "Galaxy", mode="keyword").items)) == ["a03", "a07", "a18"]
    hits = search(sentence_space(), "xylophone", mode="keyword")
    assert len(hits) == 0
    assert hits.with_words is not None
    assert len(hits.with_words) == 0


def test_all_that_hold_a_word_are_told_beside_the_best():
    hits = search(sentence_space(), "goal ball", k=2, mode="keyword")
    assert len(hits) == 2
    assert hits.with_words is not None
    assert set(ids(hits.with_words)) == {"f05", "f09", "f11", "f12", "f15", "f16"}
    assert ids(hits.items)[0] == "f12", "the only one with both words"


def test_no_more_is_fetched_than_is_needed(monkeypatch):
    asked = []
    rank = WordIndex.rank
    monkeypatch.setattr(WordIndex, "rank", lambda self, query, k: asked.append(k) or rank(self, query, k))
    monkeypatch.setattr("explorer.analysis.search.MOST_WITH_WORDS", 4)
    hits = search(sentence_space(), "goal ball", k=2, mode="keyword")
    assert asked == [5]
    assert hits.more_with_words
    assert set(ids(hits.with_words)) < {"f05", "f09", "f11", "f12", "f15", "f16"}
    assert len(hits.with_words) == 4
    monkeypatch.setattr("explorer.analysis.search.MOST_WITH_WORDS", 6)
    hits = search(sentence_space(), "goal ball", k=2, mode="keyword")
    assert (len(hits.with_words), hits.more_with_words) == (6, False)
    assert len(search(sentence_space(), "goal ball", k=50, mode="keyword")) == 6


def test_what_is_allowed_is_found_however_far_down(monkeypatch):
    asked = []
    rank = WordIndex.rank
    monkeypatch.setattr(WordIndex, "rank", lambda self, query, k: asked.append(k) or rank(self, query, k))
    everything = keyword_ranking(sentence_space(), "goal ball")[0]
    allowed = np.zeros(len(sentence_space().items), bool)
    allowed[everything[-2:]] = True
    asked.clear()
    assert keyword_ranking(sentence_space(), "goal ball", 1, allowed)[0].tolist() == [everything[-2]]
    assert asked == [1, 8]
    assert keyword_ranking(sentence_space(), "goal ball", 2, allowed)[0].tolist() == everything[-2:].tolist()


def test_a_query_of_nothing_but_common_words_finds_them(polyglot):
    assert search(polyglot, "not to be", mode="keyword").items[0] == 7
    assert 7 not in search(polyglot, "the parcel to be", mode="keyword").items, "beside a telling word they are noise"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Müller", {0}), ("müller", {0}), ("MULLER", {0}), ("abgebucht", {0}), ("stornieren", {1}),
        ("注文", {2}), ("キャンセル", {2}), ("荷物", {3}), ("取消", {8}), ("गति", {9}), ("cafe", {10}), ("l'eau", {10}),
        ('"unbalanced', {5}), ('screen"', {5}), ("parcel AND", {4}), ("(parcel", {4}), ("parcel*", {4}),
        ("+parcel -rain", {4}), ("text:parcel", {4}), ("parcel~2^", {4}), ("ok", {11}),
        ("🎉", set()), ('"', set()), ("'", set()), ("\\", set()), ("*", set()), ("()[]{}", set()), ("zebra", set()),
        ("\x00", set()), ("AND OR NOT ~", {6, 4, 5, 7}),
    ],
)  # fmt: skip
def test_words_of_any_script_are_found_and_no_sign_does_harm(polyglot, query, found):
    items, scores = keyword_ranking(polyglot, query)
    assert set(items.tolist()) <= found if query.startswith("AND") else set(items.tolist()) == found
    assert len(items) == len(scores)


@pytest.mark.parametrize("query", ["Müller", "注文", "取消", "गति", "cafe", '"unbalanced', "parcel", "zebra", "🎉", ""])
def test_the_index_in_memory_finds_the_same(polyglot, query):
    index = MemoryIndex(polyglot.texts())
    assert set(index.rank(query, 10)[0].tolist()) == set(keyword_ranking(polyglot, query)[0].tolist())


def test_bm25_in_memory_by_hand():
    items, scores = MemoryIndex(["red fox", "red red hen", "blue hen hen"]).rank("red", 3)
    # Two of three texts hold the word: ln(1 + 1.5 / 2.5). Mean length 8/3; k1 = 1.2, b = 0.75.
    rarity = np.log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    once = 2.2 / (1 + 1.2 * (0.25 + 0.75 * 2 / (8 / 3)))
    twice = 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / (8 / 3)))
    assert items.tolist() == [1, 0]
    assert scores == pytest.approx([rarity * twice, rarity * once], rel=1e-5)


@pytest.mark.parametrize("texts", [["!!!", "...", "🎉"], ["", " "], []])
def test_texts_without_a_word_find_nothing(texts):
    assert len(MemoryIndex(texts).rank("word", 3)[0]) == 0


# ---- both ----------------------------------------------------------------------------------------------


def test_words_add_to_the_similarity_of_a_text_that_holds_them(store):
    space = made_up(store, ["a violin", "a cello", "a violin and a cello", "rain", "snow"])
    vectors = np.eye(5, 8, dtype=np.float32)
    space.take("vectors", (vectors, np.zeros(5, bool)))
    query = np.array([0.1, 0.6, 0.5, 0.8, 0.3, 0, 0, 0], np.float32)  # rain, cello, violin and cello, snow, violin
    hits = search(space, "snow", mode="hybrid", encode=toward(query))
    assert hits.mode == "hybrid"
    # One text holds the only word that counts: it gets all that words can give.
    assert hits.similarity == pytest.approx([0.8, 0.3, 0.6, 0.5, 0.1])
    assert hits.items.tolist() == [3, 4, 1, 2, 0]
    assert hits.scores == pytest.approx([0.8, 0.3 + 0.4, 0.6, 0.5, 0.1])
    # Of two words each text with one gets a fourth of that; the text with both gets all.
    hits = search(space, "violin cello", mode="hybrid", encode=toward(query))
    gains = dict(zip(hits.items.tolist(), (hits.scores - hits.similarity).tolist(), strict=True))
    assert gains[2] > 4 * gains[1] > 0
    assert gains[0] == pytest.approx(gains[1])
    assert gains[3] == gains[4] == 0


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "keyword"])
@pytest.mark.parametrize("query", ["a heist goes wrong", "the goal and the ball", "penalty", "to be", "galaxy 504 x"])
def test_the_score_gives_the_order_in_every_mode(mode, query):
    hits = search(sentence_space(), query, k=58, mode=mode)
    assert (np.diff(hits.scores) <= 0).all()
    hits = like_these(sentence_space(), [item("c02")], [item("c07")], k=50)
    assert (np.diff(hits.scores) <= 0).all()


def test_both_on_the_sentences_gives_the_word_first_and_the_topic_after():
    hits = search(sentence_space(), "penalty for the team", k=6, mode="hybrid")
    assert set(ids(hits.items)[:2]) <= {"f02", "f03"}
    assert all(name[0] == "f" for name in ids(hits.items))


# ---- by example ----------------------------------------------------------------------------------------


def test_like_a_row_gives_its_neighbors_and_never_itself():
    hits = like_these(sentence_space(), [item("c07")], k=5)
    assert ids(hits.items)[0] == "c17"
    assert "c07" not in ids(hits.items)
    assert hits.scores[0] == pytest.approx(
        float(sentence_space().unit[item("c07")] @ sentence_space().unit[item("c17")])
    )
    assert hits.left_out is not None
    assert hits.left_out.tolist() == [item("c07")]


def test_unlike_moves_the_results_away():
    space = sentence_space()
    both = ids(like_these(space, [item("c02"), item("f01")], k=15).items)
    without = ids(like_these(space, [item("c02"), item("f01")], [item("f03")], k=15).items)
    assert sum(name[0] == "f" for name in without) < sum(name[0] == "f" for name in both)
    assert "f03" not in without


def test_examples_pull_a_question_their_way():
    space = sentence_space()
    star = encoder("minilm").queries(["star"])[0]
    away = ids(like_these(space, [], [item("a07"), item("a10")], k=8, query=star).items)
    toward_football = ids(like_these(space, [item("f16"), item("f18")], k=8, query=star).items)
    assert all(name[0] == "a" for name in ids(like_these(space, [item("a07")], k=8, query=star).items))
    assert any(name[0] == "f" for name in toward_football)
    assert not {"a07", "a10"} & set(away)


def test_by_hand_on_three_directions(store):
    space = Space(vector_recipe(store, np.eye(3)), store)
    hits = like_these(space, [0], [2], k=3)
    # The only one left is at a right angle to both.
    assert hits.items.tolist() == [1]
    assert hits.scores == pytest.approx([0.0])
    assert hits.everywhere.tolist() == [1, 0, 0], "how near to what is wanted, not to what is unwanted"
    space = Space(vector_recipe(store, np.array([[1, 0, 0], [0.6, 0.8, 0], [0.6, 0, 0.8], [0, 0, 1]])), store)
    hits = like_these(space, [0], [3], k=2)
    assert hits.items.tolist() == [1, 2]
    assert hits.similarity == pytest.approx([0.6, 0.6])
    assert hits.scores == pytest.approx([0.6, 0.6 - 0.6 * 0.8])


# ---- what may be found, and what not -------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["semantic", "keyword", "hybrid"])
def test_only_what_is_allowed_is_found(mode):
    space = sentence_space()
    allowed = np.array([name[0] == "f" for name in sentence_ids()])
    allowed[item("f12")] = False
    hits = search(space, "ball goal galaxy", k=50, mode=mode, allowed=allowed)
    assert len(hits)
    assert allowed[hits.items].all()
    assert hits.with_words is None or allowed[hits.with_words].all()
    assert allowed[like_these(space, [item("c01")], k=50, allowed=allowed).items].all()
    assert len(search(space, "ball", mode=mode, allowed=np.zeros(len(allowed), bool))) == 0


@pytest.mark.parametrize("mode", ["semantic", "keyword", "hybrid"])
def test_a_repeated_text_comes_once_with_its_weight(mode):
    space = sentence_space()
    hits = search(space, "the moon hides the sun during an eclipse", k=20, mode=mode)
    assert ids(hits.items)[0] == "a04"
    assert space.items.weights[hits.items[0]] == 2
    assert len(set(hits.items.tolist())) == len(hits)
    assert "a09" not in ids(hits.items)


@pytest.mark.parametrize("mode", ["semantic", "keyword", "hybrid"])
def test_more_results_than_there_are_items_is_no_error(mode):
    hits = search(sentence_space(), "star", k=10_000, mode=mode)
    assert len(hits) == {"semantic": 58, "hybrid": 58}.get(mode, len(hits.items)) <= 58
    few, more = search(sentence_space(), "star", 3, mode), search(sentence_space(), "star", 9, mode)
    assert few.items.tolist() == more.items.tolist()[:3]


@pytest.mark.parametrize(
    ("query", "k", "mode"), [("", 5, "hybrid"), ("  \n", 5, "semantic"), ("star", 0, "hybrid"), ("star", 5, "magic")]
)
def test_what_cannot_be_asked_gets_a_sentence(query, k, mode):
    with pytest.raises(BadInput, match=r"\.$"):
        search(sentence_space(), query, k, mode)


def test_without_a_model_words_are_searched_where_there_are_any(store):
    table = table_of(vector=random_unit(12), text=[f"{text} {text}" for text in POLYGLOT])
    space = Space(stored_recipe(store, table, ("vector",), model="ready-made"), store)
    assert space.medium.has_words(space)
    hits = search(space, "parcel", mode="hybrid")
    assert hits.mode == "keyword"
    assert hits.items.tolist() == [4]
    assert np.isnan(hits.similarity).all()
    with pytest.raises(BadInput, match="Search by keyword"):
        search(space, "parcel", mode="semantic")


def test_without_a_model_or_words_rows_can_be_chosen(store):
    space = Space(vector_recipe(store, random_unit(6)), store)
    for mode in ("semantic", "keyword", "hybrid"):
        with pytest.raises(BadInput, match="like them"):
            search(space, "three", mode=mode)
    assert len(like_these(space, [0])) == 5
    with pytest.raises(BadInput, match="at least one row"):
        like_these(space, [], [1])


def test_best_takes_the_smaller_item_among_equals():
    scores = np.array([0.5, 0.9, 0.5, 0.9, 0.1])
    assert best(scores, 3).tolist() == [1, 3, 0]
    assert best(scores, 99).tolist() == [1, 3, 0, 2, 4]
    assert best(scores, 2, np.array([False, False, True, False, True])).tolist() == [2, 4]
    assert best(scores, 2, np.zeros(5, bool)).tolist() == []


# ---- the index in the store ----------------------------------------------------------------------------


def test_the_index_is_made_once_and_opened_by_the_next_who_searches(store, monkeypatch):
    space = made_up(store, POLYGLOT)
    first = WordIndex(space)
    assert not first.ready
    assert first.rank("parcel", 5)[0].tolist() == [4]
    assert first.ready
    monkeypatch.setattr(WordIndex, "_texts_table", lambda self: pytest.fail("it is there already"))
    again = WordIndex(space)
    assert again.rank("parcel", 5)[0].tolist() == [4]
    assert not again.note
    assert word_index(space) is word_index(space)


def test_a_damaged_index_is_set_aside_and_made_again(store):
    space = made_up(store, POLYGLOT)
    WordIndex(space).rank("parcel", 5)
    (folder,) = store.home.glob("store/words-*.lance")
    for file in folder.rglob("*"):
        if file.is_file():
            file.write_bytes(b"\x00" * file.stat().st_size)
    other = Store(store.home, shipped=None)
    index = WordIndex(Space(space.recipe, other))
    assert index.rank("parcel", 5)[0].tolist() == [4]
    assert not index.note
    assert any("set aside" in warning for warning in other.warnings)


def test_an_index_without_its_words_is_made_again(store):
    space = made_up(store, POLYGLOT)
    WordIndex(space).rank("parcel", 5)
    (folder,) = store.home.glob("store/words-*.lance")
    shutil.rmtree(folder / "_indices")
    index = WordIndex(Space(space.recipe, Store(store.home, shipped=None)))
    assert index.rank("parcel", 5)[0].tolist() == [4]
    assert not index.note


def test_a_disk_that_takes_nothing_is_no_reason_not_to_search(store, monkeypatch):
    space = made_up(store, POLYGLOT)

    def full(*_: object) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(store, "text_index", full)
    index = WordIndex(space)
    assert index.rank("Müller", 5)[0].tolist() == [0]
    assert "No space left" in index.note
    assert index.note.endswith(".")


# ---- why it was found ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("refund order", "The order was refunded. Reorder!", ["order", "refunded"]),
        ("cancel", "Cancelled twice, cancelling again: cancels.", ["Cancelled", "cancelling", "cancels"]),
        ("delivery", "Deliveries, and a delivery.", ["Deliveries", "delivery"]),
        ("deliver", "Delivered, delivering: delivers.", ["Delivered", "delivering", "delivers"]),
        ("universe", "A university", []),
        ("müller", "Herr MÜLLER und Frau Muller", ["MÜLLER", "Muller"]),
        ("キャンセルしたい", "注文をキャンセルしました", ["キャンセル"]),
        ("注文", "注文の注文", ["注文", "注文"]),
        ("人々", "村の人々と人", ["人々"]),
        ("don't", "I don't and he doesn't", ["don't"]),
        ("a*b [x]", "an a and an x", ["a", "x"]),
        ("", "nothing", []),
        ("🎉", "🎉", []),
    ],
)
def test_matching_words(query, text, marked):
    assert [text[start:end] for start, end in matching_words(query, text)] == marked


# Texts long enough for their language to be detected; a query, and which of them hold its word in some form.
LANGUAGES = {
    "German": (
        ["Die Häuser in dieser Straße sind sehr alt und schön.", "Das Haus meiner Eltern steht am Rand der Stadt.",
         "Drei Rechnungen sind heute mit der Post gekommen.", "Wir haben gestern den ganzen Tag im Garten gearbeitet."],
        {"Haus": {0, 1}, "Häuser": {0, 1}, "HÄUSERN": {0, 1}, "Rechnung": {2}, "strasse": {0}, "Gärten": {3}},
    ),
    "French": (
        ["Les chevaux courent dans le grand pré derrière la ferme.", "Mon cheval est malade depuis une semaine.",
         "La livraison est arrivée avec deux semaines de retard.", "L'eau de cette rivière est vraiment très froide."],
        {"cheval": {0, 1}, "livraisons": {2}, "arriver": {2}, "eau": {3}, "rivières": {3}, "riviere": set()},
    ),
    "Spanish": (
        ["Quiero hacer una devolución porque el pedido llegó roto.", "Las devoluciones son gratis durante un mes.",
         "Los niños juegan en el parque todas las tardes.", "La canción más bonita de este disco es la última."],
        {"devolución": {0, 1}, "devolucion": {0, 1}, "niño": {2}, "canciones": {3}},
    ),
    "Russian": (
        ["Я прочитал эту книгу за один вечер и остался доволен.", "В магазине продаются новые книги и старые журналы.",
         "Посылка пришла вовремя и ничего не было сломано.", "Мы долго ждали ответа от службы поддержки."],
        {"книга": {0, 1}, "посылки": {2}, "ответ": {3}, "КНИГАМИ": {0, 1}},
    ),
    "Danish": (
        ["Vi har ikke modtaget vores pakke endnu, og det er ærgerligt.", "Pakkerne blev leveret dagen efter, tak.",
         "Det grønne hus ved søen er blevet solgt til en ung familie.", "Jeg kan ikke logge ind på min konto i dag."],
        {"pakken": {0, 1}, "huset": {2}, "konti": set(), "gron": {2}},
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_index_finds_is_marked(store, language):
    texts, answers = LANGUAGES[language]
    space = made_up(store, texts)
    index, memory = word_index(space), MemoryIndex(texts, language)
    assert index.language == language
    for query, items in answers.items():
        assert set(keyword_ranking(space, query)[0].tolist()) == items, query
        assert set(memory.rank(query, 9)[0].tolist()) == items, query
        words, ending = index.marks(query)
        assert {place for place, text in enumerate(texts) if matching_words(words, text, ending)} == items, query


def test_sentences_of_several_scripts():
    assert sentences("One. Two! Three? v1.2 is out…\nFour") == ["One.", "Two!", "Three?", "v1.2 is out…", "Four"]
    assert sentences("一つ。二つ！") == ["一つ。", "二つ！"]
    assert sentences(" \n ") == []


def test_the_closest_sentence_of_each_long_text():
    texts = [
        "We cooked soup at home. The telescope showed the rings of Saturn. Then it rained.",
        "Only one sentence here.",
        "The keeper held the penalty. A planet was found around a distant star!",
    ]
    assert closest_sentences(texts, "astronomy", encoder("minilm").queries) == [
        "The telescope showed the rings of Saturn.", "", "A planet was found around a distant star!",
    ]  # fmt: skip


def test_no_more_sentences_are_compared_than_there_is_time_for():
    asked: list[int] = []

    def counting(texts: list[str]) -> np.ndarray:
        asked.append(len(texts))
        return random_unit(len(texts))

    found = closest_sentences(["One. Two. Three."] * 10, "query", counting, most=8)
    assert asked == [1 + 6]
    assert [bool(sentence) for sentence in found] == [True] * 2 + [False] * 8
    assert closest_sentences(["One", ""], "query", counting) == ["", ""]
    assert len(asked) == 1, "texts of one sentence ask nothing"

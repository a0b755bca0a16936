"""Every clustering labels every item, largest group first; and the names of groups are their own words."""

import numpy as np
import pytest
from examples import WRONG_LABEL, random_unit, sentence_ids, sentence_space, three_clouds
from sklearn.metrics import adjusted_mutual_info_score

from explorer.analysis.name_quality import Quality, nearest_names, quality, recovered
from explorer.analysis.naming import name_by_label, name_groups
from explorer.analysis.phrases import count_phrases
from explorer.analysis.stop_words import stop_words
from explorer.errors import BadInput
from explorer.geometry.clusters import CLUSTERINGS, Clusters, group, largest_first
from explorer.geometry.communities import communities, modularity, similarity_graph
from explorer.geometry.neighbors import Neighbors, nearest_neighbors
from explorer.geometry.stability import stability
from explorer.recipe import Clustering

METHODS = pytest.mark.parametrize("method", list(CLUSTERINGS))


def grouped(unit, method="leiden", **settings):
    return group(unit, nearest_neighbors(unit), Clustering(method, **settings))


CASES = {
    **{f"{count} items": random_unit(count) for count in (0, 1, 2, 3, 4, 5, 12, 40)},
    "all alike": np.tile(np.array([[0.6, 0.8]], np.float32), (40, 1)),
    "three alike": np.tile(np.array([[0.6, 0.8]], np.float32), (3, 1)),
    "one dimension": np.array([[1]] * 20 + [[-1]] * 5, np.float32),
    "one apart from its copies": np.array([[1, 0]] * 39 + [[-1, 0]], np.float32),
}


@METHODS
@pytest.mark.parametrize("case", list(CASES))
def test_every_item_has_a_label_and_the_largest_group_is_the_first(method, case):
    labels = grouped(CASES[case], method)
    assert labels.shape == (len(CASES[case]),)
    assert labels.dtype == np.int32
    sizes = np.bincount(labels[labels >= 0])
    assert (sizes > 0).all()
    assert (np.diff(sizes) <= 0).all()
    if method != "hdbscan":
        assert (labels >= 0).all()
    assert labels.min(initial=0) >= -1


@METHODS
def test_the_same_items_have_the_same_groups(method):
    unit = random_unit(200)
    assert (grouped(unit, method) == grouped(unit, method)).all()


def test_leiden_is_the_same_again_and_its_seed_is_heard():
    """Its refinement chooses by C's `rand`, which goes on from one grouping to the next unless it is seeded."""
    graph = nearest_neighbors(random_unit(3000))
    first, again = (communities(graph, 1.25, 42) for _ in range(2))
    assert (first == again).all()
    assert (communities(graph, 1.25, 7) != first).any()


@METHODS
def test_three_clouds_are_three_groups(method):
    unit, belongs = three_clouds()
    labels = grouped(unit, method, n_clusters=3, resolution=0.8)
    assert adjusted_mutual_info_score(belongs, labels) > 0.95


@METHODS
def test_shuffled_items_have_the_same_groups(method):
    unit, _ = three_clouds()
    order = np.random.default_rng(0).permutation(len(unit))
    one, other = (grouped(each, method, n_clusters=3, resolution=0.8) for each in (unit, unit[order]))
    assert adjusted_mutual_info_score(one[order], other) > 0.95


def test_a_finer_resolution_makes_more_groups():
    unit, _ = three_clouds()
    assert grouped(unit, resolution=0.2).max() < grouped(unit, resolution=3.0).max()


@pytest.mark.parametrize("wanted", [1, 2, 7])
def test_k_means_makes_as_many_groups_as_asked_for(wanted):
    assert grouped(random_unit(60), "kmeans", n_clusters=wanted).max() + 1 == wanted


def test_k_means_makes_no_more_groups_than_there_are_contents():
    unit = np.repeat(np.eye(3, dtype=np.float32), 5, axis=0)
    assert grouped(unit, "kmeans", n_clusters=10).max() + 1 == 3


def test_hdbscan_leaves_what_stands_alone():
    unit, _ = three_clouds()
    unit = np.concatenate([unit, -unit[:1]])
    labels = grouped(unit, "hdbscan")
    assert labels[-1] == -1
    assert (labels[:-1] >= 0).mean() > 0.8


def testlargest_first_by_hand():
    assert largest_first(np.array([5, 2, 2, -1, 7, 2, 7])).tolist() == [2, 0, 0, -1, 1, 0, 1]
    assert largest_first(np.array([3, 1, 3, 1])).tolist() == [0, 1, 0, 1]  # of equal size, the earlier item
    assert largest_first(np.array([-1, -1])).tolist() == [-1, -1]


def test_sizes_leave_out_what_is_in_no_group():
    assert Clusters(np.array([1, 0, -1, 0], np.int32), ("a", "b")).sizes.tolist() == [2, 1]


def test_the_similarity_graph_by_hand():
    """A pair is as near as cosine says, whether one names the other or both do; never below zero."""
    graph = Neighbors(np.array([[1], [0], [0]], np.int32), np.array([[0.25], [0.25], [1.5]], np.float32))
    assert similarity_graph(graph).toarray() == pytest.approx(np.array([[0, 0.75, 1e-6], [0.75, 0, 0], [1e-6, 0, 0]]))


def test_modularity_by_hand():
    """Two pairs, linked inside only: all weight is inside, and each pair holds half of it."""
    graph = Neighbors(np.array([[1], [0], [3], [2]], np.int32), np.zeros((4, 1), np.float32))
    assert modularity(graph, np.array([0, 0, 1, 1]), 1.0) == pytest.approx(1 - (0.5**2 + 0.5**2))
    assert modularity(graph, np.array([0, 0, 0, 0]), 1.25) == pytest.approx(1 - 1.25)
    assert modularity(graph, np.array([0, 1, 0, 1]), 1.0) == pytest.approx(0 - 0.5)


@pytest.mark.parametrize(
    "clustering",
    [
        Clustering("dbscan"),
        Clustering(resolution=0.0),
        Clustering(resolution=float("nan")),
        Clustering("kmeans", n_clusters=0),
        Clustering("hdbscan", min_size=1),
    ],
)
def test_settings_out_of_range_are_refused(clustering):
    unit = random_unit(20)
    with pytest.raises(BadInput):
        group(unit, nearest_neighbors(unit), clustering)


# -- the sentences -----------------------------------------------------------------------------------


@METHODS
def test_the_three_topics_of_the_sentences_are_found(method):
    space = sentence_space()
    labels = group(space.unit, space.neighbors, Clustering(method, n_clusters=3, min_size=5))
    first_letters = [sentence_id[0] for sentence_id in sentence_ids()]
    floor = {"leiden": 0.9, "kmeans": 0.8}.get(method, 0.5)
    assert adjusted_mutual_info_score(first_letters, labels) > floor


def test_the_wrong_label_is_grouped_with_what_it_speaks_of():
    space = sentence_space()
    labels = dict(zip(sentence_ids(), space.clusters.labels.tolist(), strict=True))
    assert len(space.clusters) == 3
    assert {labels[key] for key in labels if key.startswith("f")} == {labels[WRONG_LABEL]}
    assert {labels[key] for key in labels if key.startswith("c")} != {labels[WRONG_LABEL]}


def test_groups_are_named_by_their_own_words():
    space = sentence_space()
    names = {}
    for number, name in enumerate(space.clusters.names):
        letters = [key[0] for key, label in zip(sentence_ids(), space.clusters.labels, strict=True) if label == number]
        names[max(set(letters), key=letters.count)] = set(name.split(", "))
    assert names["c"] & {"butter", "pan", "oven", "salt", "salted", "hot"}
    assert names["f"] & {"team", "goal", "ball", "match", "season"}
    assert names["a"] & {"star", "planet", "galaxy", "moon", "sky"}
    assert all(len(words) == 3 for words in names.values())


# -- names -------------------------------------------------------------------------------------------


def names(texts, labels):
    return [str(name) for name in name_groups(texts, np.array(labels))]


def test_names_by_hand():
    texts = ["a red apple", "the red apple pie", "red wine", "a blue sky", "the blue sky above", "blue water"]
    first, second = names(texts, [0, 0, 0, 1, 1, 1])
    assert first.startswith("red")
    assert second.startswith("blue")


def test_a_phrase_stands_in_the_place_of_its_words():
    texts = [
        "the Red Sox won",
        "Red Sox lost again",
        "a Red Sox fan",
        "big blue whale",
        "a blue whale sang",
        "blue whale!",
    ]
    first, second = name_groups(texts, np.array([0, 0, 0, 1, 1, 1]))
    assert (first.head, second.head) == ("Red Sox", "blue whale")
    assert first.phrases[0] == ("Red Sox", 1.0)


def test_stop_words_are_barred_only_at_the_ends_of_a_phrase():
    texts = ["It was out of stock.", "They ran out of paper and the point of sale broke.", "Our point of sale is slow."]
    held = set(count_phrases(texts).spelled)
    assert "point of sale" in held
    assert not held & {"out of", "of sale", "point of", "of"}


def test_a_word_said_often_in_one_text_does_not_name_the_group():
    texts = ["spam " * 50 + "refund", "refund money", "refund card", "parcel late", "parcel lost", "parcel gone"]
    assert [name.split(", ")[0] for name in names(texts, [0, 0, 0, 1, 1, 1])] == ["refund", "parcel"]


def test_one_word_in_two_forms_is_said_once():
    texts = ["order, orders, shop", "orders, order, shop", "order, orders", "cat", "cat, dog", "cat"]
    (first, _) = names(texts, [0, 0, 0, 1, 1, 1])
    assert ("order" in first.split(", ")) != ("orders" in first.split(", "))
    assert "shop" in first


def test_items_in_no_group_name_none():
    assert names(["noise", "red", "red"], [-1, 0, 0]) == ["red"]


@pytest.mark.parametrize("texts", [["the", "and", "of"], ["", "", ""], ["1", "2", "3"], ["!", "?", "-"]])
def test_texts_without_usable_words_give_numbered_groups(texts):
    assert names(texts, [0, 0, 1]) == ["group 1", "group 2"]


def test_one_group_without_words_among_others():
    assert names(["red wine", "red pie", "7", "8"], [0, 0, 1, 1])[1] == "group 2"


@pytest.mark.parametrize("texts", [[], ["a"]])
def test_no_groups_no_names(texts):
    assert name_groups(texts, np.full(len(texts), -1)) == ()


GERMAN = [
    "Der Zug nach Hamburg hatte wieder einmal eine Stunde Verspätung.",
    "Ich habe den Zug verpasst, weil der Bahnsteig geändert wurde.",
    "Im Zug war es sehr voll, und die Heizung ging nicht.",
    "Die Suppe war leider kalt und auch nicht gut gewürzt.",
    "Wir haben die Suppe mit frischem Brot gegessen.",
    "Eine warme Suppe ist im Winter immer das Beste für mich.",
]
SPANISH = [
    "El tren a Madrid llegó con una hora de retraso otra vez.",
    "Perdí el tren porque cambiaron el andén sin avisar.",
    "En el tren hacía mucho frío y no había asientos.",
    "La sopa estaba fría y no tenía nada de sal.",
    "Comimos la sopa con un poco de pan recién hecho.",
    "Una sopa caliente es lo mejor para mí en el invierno.",
]


@pytest.mark.parametrize(("texts", "expected"), [(GERMAN, ("Zug", "Suppe")), (SPANISH, ("tren", "sopa"))])
def test_names_in_other_languages_are_no_stop_words(texts, expected):
    found = names(texts, [0, 0, 0, 1, 1, 1])
    assert [name.split(", ")[0] for name in found] == list(expected)
    stop = {"der", "die", "und", "nicht", "mit", "ich", "el", "la", "no", "con", "una", "por", "para", "que"}
    assert not stop & {word.lower() for name in found for word in name.split(", ")}


def test_stop_words_follow_the_language():
    german = stop_words(GERMAN)
    assert {"nicht", "und"} <= german
    assert "sopa" not in german
    assert {"the", "and", "don't"} <= stop_words(["The train was late and nobody told us why.", "It is what it is."])


def test_names_in_a_script_without_latin_letters():
    texts = ["поезд опоздал", "поезд ушёл", "суп остыл", "суп горячий"]
    assert [name.split(", ")[0] for name in names(texts, [0, 0, 1, 1])] == ["поезд", "суп"]


def test_groups_of_labeled_items_are_named_by_the_commonest_label():
    labels = np.array([0, 0, 0, 0, 1, 1, -1])
    seven, three = name_by_label(["7", "7", "7", "1", "3", "3", "9"], labels)
    assert (str(seven), str(three)) == ("7 (75 %)", "3 (100 %)")
    assert seven.phrases == (("7", 0.75),)


def test_a_label_that_no_two_items_share_names_nothing():
    """Row numbers and ids differ from row to row: "row 12 (1 %)" would say nothing of a group."""
    labels = np.array([0, 0, 0, 1])
    found = name_by_label(["row 1", "row 2", "row 3", "row 4"], labels)
    assert [str(name) for name in found] == ["group 1", "row 4 (100 %)"]


# -- quality -----------------------------------------------------------------------------------------


def test_the_groups_of_the_sentences_are_found_again():
    found = quality(sentence_space(), sentence_space().clusters)
    assert found.names_ami is not None
    assert found.stability is not None
    assert 0.4 < found.names_ami <= 1
    assert 0.7 < found.stability <= 1
    assert quality(sentence_space(), sentence_space().clusters) == found, "the same each time"


def test_groups_drawn_by_chance_are_not_found_again():
    space = sentence_space()
    drawn = np.random.default_rng(0).integers(0, 3, len(space.items)).astype(np.int32)
    assert abs(stability(space.unit, space.neighbors, drawn, space.recipe.clustering)) < 0.2


def test_one_group_is_neither_stable_nor_recovered():
    space = sentence_space()
    whole = Clusters(np.zeros(len(space.items), np.int32), ("all",))
    assert quality(space, whole) == Quality(None, None)


def test_names_recover_the_groups_that_they_were_made_for():
    unit = np.eye(4, dtype=np.float32)[[0, 0, 1, 1, 2]]
    labels = np.array([0, 0, 1, 1, -1])
    assert recovered(labels, nearest_names(unit, np.eye(4, dtype=np.float32)[:2])) == 1

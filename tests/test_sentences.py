"""Texts cut into sentences: each is an item of its own, and a row is in the theme of each."""

import numpy as np
import pytest
from examples import stored_recipe, table_of

from explorer.analysis.memberships import memberships
from explorer.analysis.themes import themes
from explorer.building import build
from explorer.geometry.clusters import Clusters
from explorer.media.sentences import sentences
from explorer.recipe import Recipe


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Great app. Terrible support!", ["Great app.", "Terrible support!"]),
        ("slow login; no dark mode;", ["slow login", "no dark mode"]),
        ("- too expensive\n- hard to cancel\n", ["too expensive", "hard to cancel"]),
        ("Yes. It works.", ["Yes. It works."]),
        ("It works. Thanks!", ["It works. Thanks!"]),
        ("Dr. Who likes e.g. the charts, z. B. Karten. We do not.",
         ["Dr. Who likes e.g. the charts, z. B. Karten.", "We do not."]),
        ("It costs $3.50 (really). \"Too much!\" Odd.", ["It costs $3.50 (really).", "\"Too much!\" Odd."]),
        ("とても良い。でも高いです。", ["とても良い。", "でも高いです。"]),
        ("ok", ["ok"]),
        ("...", ["..."]),
        ("", []),
    ],
)  # fmt: skip
def test_where_sentences_end(text, parts):
    assert cut(text) == parts


def test_every_word_is_in_one_sentence():
    text = "First, it is slow. Second: login fails\n\n3. No. charts;; \t\n* end of it. Bye"
    kept = "".join(cut(text)).replace(" ", "").replace("\n", "")
    assert kept == text.replace("* ", "").replace(";", "").replace(" ", "").replace("\n", "").replace("\t", "")


ANSWERS = [
    "The price is too high. Support was kind.",
    "The price is too high.",
    "Support was kind; the app is slow.",
    None,
]


def test_a_row_has_an_item_for_each_sentence(store):
    recipe = stored_recipe(store, table_of(text=ANSWERS), ("text",), model="fast", sentences=True)
    space = build(recipe, store=store, wanted=("items",))
    assert space.texts() == ["The price is too high.", "Support was kind.", "Support was kind", "the app is slow."]
    assert space.links.tolist() == [[0, 0], [0, 1], [1, 0], [2, 2], [2, 3]]


def test_shares_count_respondents_who_may_stand_in_several_themes(store):
    recipe = stored_recipe(store, table_of(text=ANSWERS, stars=[1, 2, 3, 4]), ("text",), model="fast", sentences=True)
    space = build(recipe, store=store)
    clusters = Clusters(np.array([0, 1, 1, 2], np.int32), ("price", "support", "speed"))
    found = memberships(space, clusters)
    assert (found.rows.tolist(), found.groups.tolist()) == ([0, 0, 1, 2, 2], [0, 1, 0, 1, 2])
    found = themes(space, clusters, by="stars")
    assert {theme.name: (theme.rows, theme.mean) for theme in found.themes} == {
        "price": (2, 1.5), "support": (2, 2.0), "speed": (1, 3.0),
    }  # fmt: skip
    assert (found.rows, found.grouped) == (3, 3)


def test_recipes_without_sentences_keep_their_keys():
    plain = Recipe("a" * 32, ("text",))
    assert "sentences" not in plain.to_json()
    assert Recipe.from_json(plain.to_json()) == plain
    cut_up = Recipe("a" * 32, ("text",), sentences=True)
    assert Recipe.from_json(cut_up.to_json()) == cut_up
    assert cut_up.key != plain.key

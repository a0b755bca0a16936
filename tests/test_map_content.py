"""What the map says of its points, and the small picture of it."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from examples import sentence_space, sentence_table, stored_recipe, table_of, three_clouds

from explorer.building import build
from explorer.geometry.clusters import Clusters
from explorer.recipe import READY_MADE, Clustering
from explorer.table.roles import Roles, guess_roles
from explorer.views import map_content, thumbnail
from explorer.views.coloring import NO_VALUE
from explorer.views.map_content import GROUP, OUTLIER_SCORE, REPEATS, coloring
from explorer.wording import Amount, shorten


@pytest.fixture
def fruit(store):
    """Eighteen vectors in three clouds, with a fruit, a weight, a day and a picture; row 2 repeats row 1."""
    vectors, belongs = three_clouds(each=6)
    vectors[2] = vectors[1]
    table = table_of(
        fruit=[["apple", "pear", "plum"][cloud] for cloud in belongs],
        grams=[float(row) if row else None for row in range(18)],
        day=[f"2024-01-{row + 1:02}" for row in range(18)],
        picture=[b"\x89PNG rest" if row == 0 else b"\xff\xd8\xff rest" if row == 1 else b"GIF8" for row in range(18)],
        vector=vectors,
    )
    recipe = stored_recipe(store, table, ["vector"], model=READY_MADE, clustering=Clustering("kmeans", n_clusters=3))
    return build(recipe, store=store)


def test_a_map_can_be_colored_by_what_was_computed_and_by_columns(fruit):
    assert map_content.color_choices(fruit) == [GROUP, "fruit", "grams", "day", OUTLIER_SCORE, REPEATS]
    assert map_content.color_choices(sentence_space()) == [GROUP, "topic", OUTLIER_SCORE, REPEATS]


def test_every_choice_colors_every_item(fruit):
    for choice in [*map_content.color_choices(fruit), "no such column"]:
        assert len(coloring(fruit, choice).values) == 17


def test_a_category_has_a_color_a_value(fruit):
    colors = coloring(fruit, "fruit")
    assert (colors.kind, sorted(colors.names)) == ("category", ["apple", "pear", "plum"])
    assert len(set(colors.values.tolist())) == 3


def test_a_label_is_colored_by_its_values_even_where_these_are_numbers(fruit):
    assert coloring(fruit, "grams").kind == "number"
    assert coloring(fruit, "grams", label="grams").kind == "category"


def test_groups_with_the_same_words_keep_their_own_colors():
    colors = map_content.color_clusters(Clusters(np.array([0, 1, -1, 0], np.int32), ("a, b", "a, b")))
    assert colors.names == ("a, b", "a, b")
    assert colors.values[0] == colors.values[3] != colors.values[1]


def test_the_rows_of_an_item_keep_their_own_colors(store):
    """Rows 1 and 2 hold the same content; one is a pear, the other a plum."""
    vectors, _ = three_clouds(each=6)
    vectors[2] = vectors[1]
    kinds = ["apple", "pear", "plum", *["apple"] * 15]
    table = table_of(fruit=kinds, vector=vectors)
    recipe = stored_recipe(store, table, ["vector"], model=READY_MADE, clustering=Clustering("kmeans", n_clusters=3))
    space = build(recipe, store=store)
    rows = map_content.coloring_of_rows(space, "fruit")
    assert [rows.name_of(code) for code in rows.values] == kinds
    every = np.ones(18, bool)
    counts = dict(zip(rows.names, rows.counts(every)["counts"], strict=True))
    assert counts == {"apple": 16, "pear": 1, "plum": 1}
    assert np.flatnonzero(rows.holding(rows.names.index("plum"))).tolist() == [2]
    shared = int(space.item_of_row[1])
    assert space.item_of_row[2] == shared
    first, other = coloring(space, "fruit"), coloring(space, "fruit", rows=np.where(np.arange(17) == shared, 2, 0))
    assert (rows.name_of(first.values[shared]), rows.name_of(other.values[shared])) == ("pear", "plum")


def test_a_column_named_like_a_computed_color_keeps_its_own(store):
    vectors, belongs = three_clouds(each=6)
    table = table_of(group=[f"team {cloud}" for cloud in belongs], cluster=belongs.tolist(), vector=vectors)
    recipe = stored_recipe(store, table, ["vector"], model=READY_MADE, clustering=Clustering("kmeans", n_clusters=3))
    space = build(recipe, store=store)
    choices = map_content.color_choices(space)
    assert len(set(choices)) == len(choices)
    assert sorted(coloring(space, "group (column)").names) == ["team 0", "team 1", "team 2"]
    assert coloring(space, GROUP).names == space.clusters.names
    assert map_content.color_in_link(space, "group (column)") == "group (column)"


def test_links_know_the_old_names_of_colors(fruit):
    old = {"cluster": GROUP, "strangeness": OUTLIER_SCORE, "rows per item": REPEATS, "fruit": "fruit", "nothing": None}
    assert {name: map_content.color_in_link(fruit, name) for name in old} == old


def test_what_is_in_no_group_is_counted_as_having_no_value():
    clusters = Clusters(np.array([0, 1, -1, 0], np.int32), ("a", "b"))
    colors = map_content.color_clusters(clusters)
    assert colors.counts(np.ones(4, bool)) == {"counts": [2, 1], "missing": 1}
    assert colors.holding(NO_VALUE).tolist() == [False, False, True, False]


def test_many_groups_share_the_gray_of_other():
    clusters = Clusters(np.arange(20, dtype=np.int32), tuple(f"group {i}" for i in range(20)))
    colors = map_content.color_clusters(clusters)
    assert colors.names[-1] == "other (9 groups)"
    assert colors.counts(np.ones(20, bool))["counts"] == [1] * 11 + [9]


def test_a_point_says_which_row_it_is_and_how_many_hold_the_same(fruit):
    describe = map_content.describe(fruit, guess_roles(fruit.wrapped))
    assert describe(0)["title"] == "Row 0"
    assert describe(1)["title"] == "Row 1 and 1 more with the same content"
    assert ["fruit", "apple"] in describe(0)["fields"]
    assert ["grams", ""] in describe(0)["fields"]
    assert describe(0)["image"].startswith("data:image/png;base64,")
    assert describe(1)["image"].startswith("data:image/jpeg;base64,")
    assert "image" not in describe(2)


def test_a_sentence_says_what_it_says():
    describe = map_content.describe(sentence_space(), guess_roles(sentence_table()))
    about = describe(0)
    assert about["title"] == f"Row 0 · {sentence_table().arrow.column('id')[0]}"
    assert about["text"] == "Chop the onions and fry them gently in butter until they turn golden."
    assert ["topic", "cooking"] in about["fields"]


def test_a_point_shows_the_row_that_meets_the_filter(fruit):
    links = fruit.items.first_links.copy()
    links[1] = 2  # row 2, which repeats row 1
    describe = map_content.describe(fruit, guess_roles(fruit.wrapped), links)
    assert describe(1)["title"] == "Row 2 and 1 more with the same content"
    assert ["grams", "2.0"] in describe(1)["fields"]


def test_the_columns_beside_a_text_leave_the_text_out(fruit):
    assert map_content.field_columns(sentence_space(), guess_roles(sentence_table())) == ["topic", "id"]
    assert map_content.field_columns(fruit, Roles(label="fruit", number="grams")) == ["fruit", "grams", "day"]


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("short", 5, "short"),
        ("a few words here", 12, "a few words…"),
        ("abcdefghij", 5, "abcd…"),
        ("", 3, ""),
    ],
)
def test_shortened_texts_end_at_a_word(text, most, expected):
    assert shorten(text, most) == expected
    assert len(shorten(text, most)) <= most


def test_the_sentence_about_trust_counts_rows():
    assert map_content.trust_sentence(0.8512, Amount(1234, 1200)) == (
        "Every one of 1,234 rows is drawn (1,200 distinct). 85 % of a point's 15 nearest neighbors are also nearest on "
        "the map. Trust closeness, not distances between groups."
    )
    assert map_content.trust_sentence(0.1, Amount(1234, 1234)).startswith("Every one of 1,234 rows is drawn. Only 10 %")
    assert map_content.trust_sentence(0.9, Amount(3, 3)) == "Every one of 3 rows is drawn."
    assert map_content.trust_sentence(0.9, Amount(3, 2), 4) == (
        "3 of 7 rows are drawn (2 distinct); the others hold no content."
    )
    assert map_content.trust_sentence(float("nan"), Amount(1, 1)) == "The one row is drawn."
    assert map_content.amount_drawn(sentence_space()) == Amount(59, 58)


# -- thumbnails --------------------------------------------------------------------------------------


def circles(svg: str) -> list[tuple[float, float]]:
    root = ElementTree.fromstring(svg)
    return [
        (float(dot.get("cx", "nan")), float(dot.get("cy", "nan"))) for dot in root.iter() if dot.tag.endswith("circle")
    ]


def test_a_thumbnail_draws_every_item_within_its_frame():
    svg = thumbnail.thumbnail(sentence_space(), 'Sentences <& "more">', width=300, height=100)
    dots = circles(svg)
    assert len(dots) == 58
    assert all(5 <= x <= 295 and 5 <= y <= 95 for x, y in dots)
    assert 'aria-label="Map of Sentences &lt;&amp; &quot;more&quot;&gt;"' in svg
    assert len(set(re.findall(r'fill="(#\w+)"', svg))) == 3


def test_a_thumbnail_of_many_items_draws_some(monkeypatch):
    monkeypatch.setattr(thumbnail, "MOST_POINTS", 20)
    assert len(circles(thumbnail.thumbnail(sentence_space(), "Sentences"))) == 20


def test_a_thumbnail_of_one_item_is_a_dot_in_the_middle(store):
    space = build(
        stored_recipe(store, table_of(vector=np.ones((1, 4), np.float32)), ["vector"], model=READY_MADE), store=store
    )
    assert circles(thumbnail.thumbnail(space, "One", width=100, height=50)) == [(50, 25)]


def test_a_thumbnail_shows_what_is_in_no_group(store):
    vectors, _ = three_clouds()
    table = table_of(vector=np.concatenate([vectors, -vectors[:1]]))
    recipe = stored_recipe(store, table, ["vector"], model=READY_MADE, clustering=Clustering("hdbscan"))
    space = build(recipe, store=store)
    assert space.clusters.labels[-1] == -1
    assert len(circles(thumbnail.thumbnail(space, "Noise"))) == 121

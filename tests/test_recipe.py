"""Each choice moves the keys of the stages that depend on it, and no other key."""

import json
from dataclasses import fields, replace

import pytest

from explorer.recipe import READY_MADE, Clustering, Projection, Recipe
from explorer.stages import STAGES, key

BASE = Recipe("0123abcd", ("text",))


def moved(other: Recipe, base: Recipe = BASE) -> set[str]:
    """The stages whose keys differ between two recipes."""
    return {name for name in STAGES if key(name, other) != key(name, base)}


EVERYTHING = set(STAGES)


@pytest.mark.parametrize(
    ("change", "stages"),
    [
        ({"table": "4567"}, EVERYTHING),
        ({"columns": ("title",)}, EVERYTHING),
        ({"columns": ("title", "text")}, EVERYTHING),
        ({"subset": "89ab"}, EVERYTHING),
        ({"model": READY_MADE}, EVERYTHING),  # equal texts are one item, equal vectors another
        ({"model": "owner/name"}, EVERYTHING),  # what it reads whole is another passage
        ({"passages": False}, EVERYTHING),
        ({"model": "glove"}, EVERYTHING),  # a text of which it knows no word is no item
        ({"projection": Projection("pca")}, {"layout"}),
        ({"projection": Projection("tsne")}, {"layout"}),
        ({"projection": Projection(dimensions=3)}, {"layout"}),
        ({"projection": Projection(n_neighbors=5)}, {"layout"}),
        ({"projection": Projection(min_dist=0.5)}, {"layout"}),
        ({"projection": Projection(seed=7)}, {"layout"}),
        ({"clustering": Clustering("kmeans")}, {"clusters"}),
        ({"clustering": Clustering(resolution=2.0)}, {"clusters"}),
        ({"clustering": Clustering(seed=7)}, {"clusters"}),
    ],
    ids=lambda value: str(value)[:60] if isinstance(value, dict) else "",
)
def test_a_choice_moves_the_keys_that_depend_on_it(change, stages):
    assert moved(replace(BASE, **change)) == stages


@pytest.mark.parametrize(
    ("method", "reads"),
    [
        ("umap", {"dimensions", "n_neighbors", "min_dist", "seed"}),
        ("pca", {"dimensions"}),
        ("tsne", {"dimensions", "seed"}),
    ],
)
def test_a_layout_depends_only_on_what_its_method_reads(method, reads):
    base = replace(BASE, projection=Projection(method))
    other = {"dimensions": 3, "n_neighbors": 5, "min_dist": 0.5, "seed": 7}
    assert set(other) == {field.name for field in fields(Projection)} - {"method"}
    moving = {
        name
        for name, value in other.items()
        if moved(replace(base, projection=replace(base.projection, **{name: value})), base)
    }
    assert moving == reads


@pytest.mark.parametrize(
    ("method", "reads"),
    [("leiden", {"resolution", "seed"}), ("kmeans", {"n_clusters", "seed"}), ("hdbscan", {"min_size"})],
)
def test_clusters_depend_only_on_what_their_method_reads(method, reads):
    base = replace(BASE, clustering=Clustering(method))
    other = {"resolution": 2.0, "n_clusters": 3, "min_size": 4, "seed": 7}
    assert set(other) == {field.name for field in fields(Clustering)} - {"method"}
    moving = {
        name
        for name, value in other.items()
        if moved(replace(base, clustering=replace(base.clustering, **{name: value})), base)
    }
    assert moving == reads


def test_models_that_read_texts_whole_share_their_items():
    whole = replace(BASE, passages=False)
    assert moved(replace(whole, model="owner/name"), whole) == EVERYTHING - {"items", "words"}
    assert moved(replace(BASE, model="fast", passages=False), replace(BASE, model="fast")) == set(), "it cuts nothing"


def test_columns_are_not_run_together():
    assert moved(replace(BASE, columns=("ab", "c")), replace(BASE, columns=("a", "bc"))) == EVERYTHING


def test_a_key_is_32_hexadecimal_digits_and_the_same_every_time():
    again = Recipe("0123abcd", ("text",))
    for one, other in [(BASE.key, again.key), *((key(name, BASE), key(name, again)) for name in STAGES)]:
        assert len(one) == 32
        assert int(one, 16) >= 0
        assert other == one


def test_json_round_trip_gives_an_equal_recipe():
    recipe = Recipe(
        "ff",
        ("Überschrift", 'say "hi"'),
        "00",
        "owner/name",
        Projection("tsne", 3, 5, 0.25, 1),
        Clustering("kmeans", 2.0),
    )
    back = Recipe.from_json(recipe.to_json())
    assert back == recipe
    assert hash(back) == hash(recipe)
    assert back.key == recipe.key


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '"x"', json.dumps({"table": "a"}), BASE.to_json().replace('"min_dist"', '"max_dist"')],
)
def test_other_json_is_refused(text):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Recipe.from_json(text)

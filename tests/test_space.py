"""A space end to end: built once, then read stage by stage from the store."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from examples import (
    EXACT_DUPLICATES,
    NEAR_DUPLICATES,
    random_unit,
    sentence_ids,
    sentence_space,
    sentence_table,
    stored_recipe,
    table_of,
    three_clouds,
    vector_recipe,
)

from explorer.analysis.findings import Findings, findings, typical_first
from explorer.building import build
from explorer.embedding import models
from explorer.errors import BadInput
from explorer.library.workspaces import keep_selection
from explorer.recipe import READY_MADE, Clustering, Projection, Recipe
from explorer.space import Space
from explorer.stages import NotBuilt, key, steps
from explorer.store.store import Store


def item_of(sentence_id: str) -> int:
    """The item of a sentence, by its id."""
    row = sentence_table().arrow.column("id").to_pylist().index(sentence_id)
    return int(sentence_space().item_of_row[row])


@pytest.fixture
def no_model(monkeypatch):
    """Any call of an encoder fails the test; the sentences are embedded before."""
    sentence_space()

    def refuse(name):
        raise AssertionError(f"{name} was asked to embed")

    monkeypatch.setattr(models, "encoder", refuse)
    monkeypatch.setattr("explorer.embedding.embed.encoder", refuse)


# -- the sentences, end to end -----------------------------------------------------------------------


def test_what_was_found_in_the_sentences():
    assert findings(sentence_space()) == Findings(rows=59, items=58, groups=3, strange=2, repeated=1, cut=0, skipped=0)


def test_every_stage_has_a_row_an_item():
    space = sentence_space()
    assert space.vectors.shape == space.unit.shape == (58, 384)
    assert space.neighbors.indices.shape == space.neighbors.distances.shape == (58, 30)
    assert space.layout.shape == space.preview.shape == (58, 2)
    assert space.clusters.labels.shape == space.outlier_scores.shape == space.strange.shape == (58,)
    assert len(space.links) == len(space.item_of_row) == 59
    assert all(space.has(stage) for stage in ("vectors", "neighbors", "layout", "clusters"))


@pytest.mark.parametrize("name", ["vectors", "unit"])
def test_arrays_of_a_space_cannot_be_written(name):
    array = getattr(sentence_space(), name)
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 0


def test_the_exact_duplicates_are_one_item():
    one, other = map(item_of, EXACT_DUPLICATES)
    assert one == other
    assert sentence_space().items.weights[one] == 2
    assert sentence_space().texts(np.array([one])) == ["The moon hides the sun during a total eclipse."]


def test_the_near_duplicates_are_each_others_nearest():
    one, other = map(item_of, NEAR_DUPLICATES)
    neighbors = sentence_space().neighbors
    assert neighbors.indices[one, 0] == other
    assert neighbors.indices[other, 0] == one
    assert neighbors.distances[one, 0] < 0.02 < neighbors.distances[:, 1].min()


def test_nearest_sentences_speak_of_the_same_topic():
    space, ids = sentence_space(), sentence_ids()
    agree = [ids[item][0] == ids[near][0] for item, near in enumerate(space.neighbors.indices[:, 0])]
    assert sum(agree) >= 55  # of 58, of which the two oddities have no topic


def test_typical_sentences_come_first_and_the_oddities_last():
    order = [sentence_ids()[item] for item in typical_first(sentence_space(), np.arange(58))]
    assert {"x01", "x02"} <= set(order[-12:])


# -- from the store ----------------------------------------------------------------------------------


def test_the_second_time_everything_comes_from_the_store(no_model):
    first = sentence_space()
    seen = []
    again = build(first.recipe, lambda stage, *_: seen.append(stage), Store(first.store.home, shipped=None))
    assert seen == ["read"]  # nothing was made
    assert (again.vectors == first.vectors).all()
    assert (again.neighbors.indices == first.neighbors.indices).all()
    assert (again.layout == first.layout).all()
    assert again.clusters.names == first.clusters.names


def test_moving_a_projection_setting_makes_a_layout_and_nothing_else(no_model):
    first = sentence_space()
    store = Store(first.store.home, shipped=None)
    recipe = replace(first.recipe, projection=Projection("pca", dimensions=3))
    seen = []
    space = build(recipe, lambda stage, *_: seen.append(stage), store)
    assert space.layout.shape == (58, 3)
    assert seen == ["read", "project"]
    assert (space.clusters.labels == first.clusters.labels).all()


def test_another_clustering_makes_groups_and_nothing_else(no_model):
    first = sentence_space()
    recipe = replace(first.recipe, clustering=Clustering("kmeans", n_clusters=4))
    seen = []
    space = build(recipe, lambda stage, *_: seen.append(stage), Store(first.store.home, shipped=None))
    assert len(space.clusters) == 4
    assert seen == ["read", "cluster"]
    assert (space.layout == first.layout).all()


def test_a_stage_that_nobody_computed_is_not_built(store):
    space = Space(vector_recipe(store, random_unit(11)), store)
    for stage in ("neighbors", "layout", "clusters"):
        assert not space.has(stage)
        with pytest.raises(NotBuilt, match=stage):
            getattr(space, stage)
    assert space.vectors.shape == (11, 8)  # the table has them
    texts = Space(stored_recipe(store, table_of(text=["a", "b"]), ["text"], passages=False), store)
    assert not texts.has("vectors")
    with pytest.raises(NotBuilt, match="vectors"):
        texts.unit  # noqa: B018


def test_the_time_of_each_stage_is_told(store):
    seconds: dict[str, float] = {}
    build(vector_recipe(store, random_unit(11)), store=store, seconds=seconds)
    assert set(seconds) == set(steps())
    assert min(seconds.values()) >= 0


# -- rows, items and selections ----------------------------------------------------------------------


def test_rows_without_content_are_counted_and_have_no_place(store):
    vectors = random_unit(14)
    vectors[3] = 0
    vectors[5, 0] = np.nan
    vectors[8] = vectors[7]
    space = build(vector_recipe(store, vectors), store=store)
    assert space.item_of_row.tolist() == [0, 1, 2, -1, 3, -1, 4, 5, 5, 6, 7, 8, 9, 10]
    assert [row for row, _ in space.items.skipped] == [3, 5]
    found = findings(space)
    assert (found.rows, found.items, found.repeated, found.skipped) == (14, 11, 1, 2)


def test_vectors_of_any_length_make_the_map_of_their_directions(store):
    vectors = random_unit(11)
    scaled = build(vector_recipe(store, vectors * np.linspace(1e-3, 1e3, 11)[:, None]), store=store)
    plain = build(vector_recipe(store, vectors), store=store)
    assert scaled.unit == pytest.approx(plain.unit, abs=1e-6)
    assert scaled.neighbors.indices.tolist() == plain.neighbors.indices.tolist()
    assert np.linalg.norm(scaled.vectors[0]) == pytest.approx(1e-3, rel=1e-4)  # as they were given


def test_a_selection_is_a_space_of_its_own(store):
    vectors, belongs = three_clouds(each=6)
    recipe = vector_recipe(store, vectors)
    chosen = np.flatnonzero(belongs == 1)
    space = build(replace(recipe, subset=keep_selection(store, chosen[::-1])), store=store)
    assert space.links[:, 0].tolist() == chosen.tolist()
    assert space.layout.shape == (6, 2)
    assert (space.item_of_row >= 0).sum() == 6
    assert space.vectors.tolist() == vectors[chosen].tolist()


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_a_few_rows_make_a_whole_space(store, count):
    space = build(vector_recipe(store, random_unit(count)), store=store)
    assert space.layout.shape == (count, 2)
    assert np.isfinite(space.layout).all()
    assert space.clusters.sizes.sum() == count
    assert findings(space).items == count
    later = build(space.recipe, store=Store(store.home, shipped=None))  # and it can be read again
    assert later.neighbors.k == count - 1


def test_groups_of_ready_made_vectors_are_named_by_their_label(store):
    vectors, belongs = three_clouds(each=6)
    table = table_of(vector=vectors, label=[["apple", "pear", "plum"][cloud] for cloud in belongs])
    recipe = stored_recipe(store, table, ["vector"], model=READY_MADE, clustering=Clustering("kmeans", n_clusters=3))
    assert set(build(recipe, store=store).clusters.names) == {"apple (100 %)", "pear (100 %)", "plum (100 %)"}


def test_groups_of_nameless_vectors_are_numbered(store):
    recipe = vector_recipe(store, three_clouds(each=6)[0], clustering=Clustering("kmeans", n_clusters=3))
    assert build(recipe, store=store).clusters.names == ("group 1", "group 2", "group 3")


# -- refusals ----------------------------------------------------------------------------------------


def test_a_table_that_is_not_stored(store):
    with pytest.raises(BadInput, match="not stored here any more. Open its file again"):
        build(Recipe("0" * 32, ("text",)), store=store)


def test_a_column_that_is_not_there(store):
    for model in ("minilm", READY_MADE):
        recipe = stored_recipe(store, table_of(text=["a"]), ["body"], model=model)
        with pytest.raises(BadInput, match=r"No column 'body' here. Found: text\."):
            build(recipe, store=store)


def test_only_the_stages_asked_for_are_made(store):
    recipe = vector_recipe(store, random_unit(20))
    space = build(recipe, store=store, wanted=("clusters",))
    assert space.clusters.labels.shape == (20,)
    assert not space.has("layout")


def test_what_another_is_computing_is_waited_for_and_taken(store):
    """The lock is held as if another process were at the neighbors; it puts them there and lets go."""
    recipe = vector_recipe(store, random_unit(20))
    finished = build(recipe, store=store)
    arrays = {"indices": finished.neighbors.indices, "distances": finished.neighbors.distances}
    store.delete(f"neighbors-{key('neighbors', recipe)}")
    held, asked = threading.Event(), threading.Event()

    def other() -> None:
        with Store(store.home, shipped=None).alone(key("neighbors", recipe)):
            held.set()
            asked.wait(30)
            store.put_arrays("neighbors", key("neighbors", recipe), {"recall": 0.5}, **arrays)

    def progress(stage, *_):
        if stage == "wait":
            asked.set()

    thread = threading.Thread(target=other)
    thread.start()
    held.wait(30)
    space = build(recipe, progress, Store(store.home, shipped=None))
    thread.join()
    assert space.neighbors.recall == 0.5  # the other's, not ours


def test_nothing_to_embed(store):
    recipe = stored_recipe(store, table_of(text=["", None, " "]), ["text"])
    with pytest.raises(BadInput, match="none of 3 rows has content in text"):
        build(recipe, store=store)
    with pytest.raises(BadInput, match="none of 2 rows has content in vector"):
        build(vector_recipe(store, np.zeros((2, 3))), store=store)


def test_a_selection_that_is_gone(store):
    recipe = replace(vector_recipe(store, random_unit(3)), subset="0" * 32)
    with pytest.raises(BadInput, match="no longer stored. Select the rows again"):
        build(recipe, store=store)


def test_spaces_over_the_same_vectors_share_one_array(store):
    recipe = vector_recipe(store, 3 * random_unit(30))
    one = build(recipe, store=store)
    later = Store(store.home, shipped=None)
    first, second = Space(recipe, later), Space(replace(recipe, clustering=Clustering("kmeans")), later)
    assert first.vectors is second.vectors
    assert first.unit is second.unit
    assert first.unit is not first.vectors, "they were not of unit length"
    assert first.layout is second.layout
    assert one.clusters is not None

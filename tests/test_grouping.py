"""Names, merges and splits stay with the rows they were made for: over levels, seeds and new versions of a file."""

import numpy as np
import pyarrow as pa
import pytest
from examples import sentence_space, three_clouds

from explorer.geometry.clusters import Clusters, Name, group, largest_first
from explorer.library.annotations import Operation, row_keys
from explorer.library.grouping import edited, operation_on, waiting
from explorer.media.items import Items
from explorer.recipe import Clustering


def keys_for(numbers):
    return row_keys(pa.table({"n": list(numbers)}), None)


def rows_by(item_of_row):
    """The cluster of each row, from the item that it holds; -1 for none."""
    held = np.flatnonzero(item_of_row >= 0)
    links = np.column_stack([held, item_of_row[held]]).astype(np.int32)
    items = Items(links, np.zeros(int(item_of_row.max(initial=-1)) + 1, "S16"), ())
    return lambda labels: items.labels_of_rows(labels, len(item_of_row))


def named(labels):
    return tuple(Name(f"auto {number}") for number in range(int(labels.max(initial=-1)) + 1))


def clusters_of(labels):
    labels = largest_first(np.asarray(labels, np.int32))
    return Clusters(labels, tuple("abcdefgh"[: int(labels.max(initial=-1)) + 1]))


class Case:
    """Thirty rows, an item each: 15 in group a, 10 in b, 5 in c."""

    labels = np.repeat([0, 1, 2], [15, 10, 5]).astype(np.int32)
    unit = three_clouds(10)[0]

    def __init__(self, numbers=range(30), labels=labels):
        self.clusters = clusters_of(labels)
        self.keys, self.of_rows = keys_for(numbers), rows_by(np.arange(len(labels)))

    def say(self, kind, groups, value=""):
        return operation_on(kind, self.clusters, groups, self.keys, self.of_rows, value)

    def after(self, *operations):
        unit = np.resize(self.unit, (len(self.clusters.labels), self.unit.shape[1]))
        return edited(self.clusters, operations, self.keys, self.of_rows, unit, named)

    def waits(self, *operations):
        return len(waiting(self.clusters, operations, self.keys, self.of_rows, self.unit))


def test_a_group_is_renamed():
    case = Case()
    assert case.after(case.say("rename", [1], "parcels")).names == ("a", "parcels", "c")
    assert case.clusters.names == ("a", "b", "c"), "what was computed stays"


def test_merged_groups_are_one_with_the_first_ones_name():
    case = Case()
    merged = case.after(case.say("merge", [1, 2]))
    assert merged.names == ("a", "b")
    assert merged.sizes.tolist() == [15, 15]
    assert case.after(case.say("merge", [1, 2], "both")).names == ("a", "both")


def test_the_largest_is_first_after_a_merge():
    case = Case(labels=np.repeat([0, 1, 2], [12, 10, 8]))
    assert case.after(case.say("merge", [1, 2])).names == ("b", "a")


def test_a_group_is_split_into_parts_named_by_their_words():
    unit, belongs = three_clouds(10)
    whole = Clusters(np.zeros(30, np.int32), ("all",))
    keys, items = keys_for(range(30)), np.arange(30)
    parts = edited(
        whole, [operation_on("split", whole, [0], keys, rows_by(items), "3")], keys, rows_by(items), unit, named
    )
    assert len(parts) == 3
    assert set(parts.names) == {"auto 0", "auto 1", "auto 2"}
    assert all(len(set(belongs[parts.labels == number])) == 1 for number in range(3))


def test_edits_follow_each_other():
    """Merge b and c, name the whole, split a: the name stays with the merged rows."""
    case = Case()
    first = case.say("merge", [1, 2])
    merged = case.after(first)
    second = operation_on("rename", merged, [1], case.keys, case.of_rows, "goods")
    third = operation_on("split", merged, [0], case.keys, case.of_rows, "2")
    final = case.after(first, second, third)
    assert len(final) == 3
    assert final.names[0] == "goods"
    assert (final.labels[15:] == 0).all()


def test_a_name_waits_while_its_group_is_part_of_a_much_larger_one():
    case = Case()
    change = case.say("rename", [2], "rare")
    coarse = Case(labels=np.zeros(30, int))
    assert coarse.after(change).names == ("a",)
    assert coarse.waits(change) == 1
    assert case.waits(change) == 0
    assert case.after(change).names[2] == "rare"


def test_a_name_stays_with_the_larger_half_of_its_group():
    change = Case().say("rename", [0], "big")
    finer = Case(labels=np.repeat([0, 3, 1, 2], [9, 6, 10, 5]))
    names = dict(zip(finer.after(change).names, finer.after(change).sizes.tolist(), strict=True))
    assert names["big"] == 9


def test_merged_groups_come_apart_at_a_finer_level():
    """The slider asks for more detail than the merge took away: half of each is no reason to join the halves."""
    change = Case().say("merge", [0, 1])
    finer = Case(labels=np.repeat([0, 3, 1, 4, 2], [5, 10, 4, 6, 5]))
    assert len(finer.after(change)) in (4, 5)
    coarse = Case(labels=np.repeat([0, 1], [25, 5]))
    assert len(coarse.after(change)) == 2
    assert coarse.waits(change) == 1


@pytest.mark.parametrize("new", [0, 15, 30, 300])
def test_names_stay_over_new_rows(new):
    """A later version of the file has the same rows and new ones, spread over the groups."""
    change = Case().say("rename", [1], "parcels")
    extra = np.random.default_rng(0).choice(3, new, p=[0.5, 1 / 3, 1 / 6])
    later = Case(range(30 + new), np.concatenate([Case.labels, extra]))
    assert later.after(change).names[later.clusters.labels[20]] == "parcels"


def test_names_stay_when_rows_go():
    change = Case().say("rename", [0], "big")
    kept = np.arange(0, 30, 3)
    assert Case(kept, Case.labels[kept]).after(change).names[0] == "big"


def test_names_stay_in_another_order():
    change = Case().say("rename", [2], "rare")
    order = np.random.default_rng(1).permutation(30)
    assert Case(order, Case.labels[order]).after(change).names[2] == "rare"


def test_a_name_of_rows_that_are_gone_does_nothing():
    change = Case().say("rename", [0], "big")
    other = Case(range(100, 130))
    assert other.after(change).names == ("a", "b", "c")
    assert other.waits(change) == 1


@pytest.mark.parametrize("value", ["", "0", "1", "-3", "99999", "x", "٣", "9" * 5000])
def test_a_split_into_nonsense_is_one_into_two_to_four(value):
    case = Case()
    assert 4 <= len(case.after(Operation("split", case.say("split", [0]).rows, value, 15))) <= 6


def test_rows_without_items_and_items_without_groups_are_left_alone():
    labels = np.array([0, 0, 0, -1, 1], np.int32)
    clusters = Clusters(labels, ("a", "b"))
    keys, items = keys_for(range(6)), np.array([0, 1, 2, 3, 4, -1])
    change = operation_on("merge", clusters, [0, 1], keys, rows_by(items))
    merged = edited(clusters, [change], keys, rows_by(items), three_clouds(2)[0][:5], named)
    assert merged.labels.tolist() == [0, 0, 0, -1, 0]


def test_a_group_of_one_cannot_be_split():
    clusters = Clusters(np.zeros(1, np.int32), ("a",))
    keys, items = keys_for([1]), np.array([0])
    change = operation_on("split", clusters, [0], keys, rows_by(items), "2")
    assert edited(clusters, [change], keys, rows_by(items), np.ones((1, 2), np.float32), named).names == ("a",)


def test_no_items_no_groups():
    empty = Clusters(np.zeros(0, np.int32), ())
    nothing = np.zeros(0, np.int64)
    change = Case().say("rename", [0], "x")
    assert len(edited(empty, [change], keys_for([]), rows_by(nothing), np.zeros((0, 3), np.float32), named)) == 0


def test_items_that_are_all_alike_can_be_split_without_harm():
    clusters = Clusters(np.zeros(8, np.int32), ("a",))
    keys, items = keys_for(range(8)), np.arange(8)
    change = operation_on("split", clusters, [0], keys, rows_by(items), "4")
    with pytest.warns(match="distinct clusters"):
        parts = edited(clusters, [change], keys, rows_by(items), np.ones((8, 2), np.float32), named)
    assert sum(parts.sizes) == 8
    assert len(parts.names) == parts.labels.max() + 1


def test_a_renamed_group_of_the_sentences_keeps_its_name_under_another_seed():
    space = sentence_space()
    keys = row_keys(space.table, "id")
    change = operation_on("rename", space.clusters, [1], keys, space.labels_of_rows, "mine")
    labels = group(space.unit, space.neighbors, Clustering(seed=7))
    again = edited(Clusters.named(labels, named(labels)), [change], keys, space.labels_of_rows, space.unit, named)
    assert again.names.count("mine") == 1
    was, now = space.clusters.labels == 1, again.labels == again.names.index("mine")
    assert (was & now).sum() > 0.5 * (was | now).sum()

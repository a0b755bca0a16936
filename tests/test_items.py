"""Rows and items: equal contents are one item, and a row without content has none, with the reason."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import BadInput
from explorer.media.text import joined_texts, text_items
from explorer.media.vector import vector_items
from explorer.table.table import column_vectors, vector_array


def links(items) -> list[tuple[int, int]]:
    return [tuple(pair) for pair in items.links.tolist()]


class TestTexts:
    def test_equal_texts_are_one_item_with_a_weight(self):
        items = text_items(["ok", "late", "ok", "ok"])
        assert len(items) == 2
        assert links(items) == [(0, 0), (1, 1), (2, 0), (3, 0)]
        assert items.weights.tolist() == [3, 1]
        assert items.first_rows.tolist() == [0, 1]

    def test_space_around_a_text_is_not_part_of_it(self):
        items = text_items(["ok", " ok\n", "\tok", "o k"])
        assert links(items) == [(0, 0), (1, 0), (2, 0), (3, 1)]
        assert set(items.digests) == set(text_items(["ok", "o k"]).digests)

    def test_case_and_accents_are_part_of_it(self):
        assert len(text_items(["ok", "OK", "ök"])) == 3

    def test_rows_without_text_have_no_item_and_a_reason(self):
        items = text_items(["", "ok", None, "  \n "])
        assert links(items) == [(1, 0)]
        assert items.skipped == ((0, "the text is empty"), (2, "the cell is missing"), (3, "the text is empty"))

    @pytest.mark.parametrize("texts", [[], [None], ["", None]], ids=["no rows", "one missing", "all empty"])
    def test_no_content_at_all(self, texts):
        items = text_items(texts)
        assert len(items) == 0
        assert items.links.shape == (0, 2)
        assert items.weights.tolist() == []
        assert items.first_rows.tolist() == []
        assert len(items.skipped) == len(texts)

    def test_the_word_none_is_a_text(self):
        assert len(text_items(["None", "nan", "NA", None])) == 3

    def test_a_selection_numbers_its_own_items_from_its_own_rows(self):
        items = text_items(["a", "b", "", "b", "c"], rows=np.array([4, 3, 2, 3]))
        assert links(items) == [(3, 0), (4, 1)]
        assert items.skipped == ((2, "the text is empty"),)
        assert items.digests.tolist() == text_items(["b", "c"]).digests.tolist()

    @pytest.mark.parametrize("row", [-1, 2])
    def test_a_selection_of_a_row_that_is_not_there_is_refused(self, row):
        with pytest.raises(BadInput, match="2 rows"):
            text_items(["a", "b"], rows=np.array([row]))

    @given(st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=12), st.randoms(use_true_random=False))
    def test_shuffled_rows_have_the_same_items(self, texts, random):
        order = list(range(len(texts)))
        random.shuffle(order)
        one, other = text_items(texts), text_items([texts[row] for row in order])

        def content_of_row(items, rows):
            held = dict.fromkeys(range(len(texts)))
            held.update({rows[row]: bytes(items.digests[item]) for row, item in items.links})
            return held

        assert content_of_row(one, range(len(texts))) == content_of_row(other, order)
        assert sorted(other.first_rows.tolist()) == other.first_rows.tolist()
        assert {(order[row], reason) for row, reason in other.skipped} == set(one.skipped)
        assert one.weights.sum() + len(one.skipped) == len(texts)


class TestVectors:
    def test_equal_vectors_are_one_item(self):
        items = vector_items(np.array([[1, 2], [3, 4], [1, 2]], np.float32))
        assert links(items) == [(0, 0), (1, 1), (2, 0)]
        assert items.weights.tolist() == [2, 1]

    def test_minus_zero_is_zero(self):
        assert len(vector_items(np.array([[1, 0.0], [1, -0.0]], np.float32))) == 1

    def test_vectors_without_a_direction_have_no_item_and_a_reason(self):
        vectors = np.array([[1, 0], [0, 0], [np.nan, 1], [np.inf, 1], [5, 5]], np.float32)
        items = vector_items(vectors, missing=np.array([False, False, False, False, True]))
        assert links(items) == [(0, 0)]
        assert items.skipped == (
            (1, "the vector is all zeros"),
            (2, "the vector holds NaN or infinity"),
            (3, "the vector holds NaN or infinity"),
            (4, "the vector is missing"),
        )

    def test_a_selection_of_vectors(self):
        items = vector_items(np.array([[1, 0], [0, 1], [0, 1]], np.float32), rows=np.array([2, 1]))
        assert links(items) == [(1, 0), (2, 0)]

    def test_no_vectors(self):
        items = vector_items(np.zeros((0, 3), np.float32))
        assert len(items) == 0
        assert items.links.shape == (0, 2)

    @given(st.lists(st.tuples(*[st.sampled_from([-1.0, -0.0, 0.0, 2.0, float("nan")])] * 2), max_size=12))
    def test_as_many_items_as_distinct_usable_vectors(self, rows):
        vectors = np.array(rows, np.float32).reshape(-1, 2)
        usable = {row for row in rows if np.isfinite(row).all() and any(row)}
        items = vector_items(vectors)
        assert len(items) == len(usable)
        assert items.weights.sum() + len(items.skipped) == len(rows)
        in_order = dict.fromkeys(row for row in rows if row in usable)
        assert [tuple(vectors[row]) for row in items.first_rows] == list(in_order)


def test_texts_that_the_model_can_make_nothing_of_have_no_item_and_are_listed():
    items = text_items(
        ["king", "xq", "", "queen", "xq "], readable=lambda texts: [t != "xq" for t in texts], unknown="?"
    )
    assert links(items) == [(0, 0), (3, 1)]
    assert items.skipped == ((1, "?"), (2, "the text is empty"), (4, "?"))
    assert items.digests.tolist() == text_items(["king", "queen"]).digests.tolist()


class TestColumns:
    def test_one_column_is_taken_as_it_is(self):
        table = pa.table({"text": ["a", None, " b "]})
        assert joined_texts(table, ["text"]) == ["a", None, " b "]

    def test_several_columns_are_joined_a_line_each(self):
        table = pa.table({"title": ["Late", " ", None, None], "text": [" Very. ", "b", "c", None]})
        assert joined_texts(table, ["title", "text"]) == ["Late\nVery.", "b", "c", None]
        assert joined_texts(table, ["text", "title"])[0] == "Very.\nLate"

    def test_numbers_are_written_out(self):
        assert joined_texts(pa.table({"n": [2**53 + 1, None]}), ["n"]) == [str(2**53 + 1), None]

    def test_a_column_that_is_not_there(self):
        with pytest.raises(BadInput, match=r"'body'.*Found: text"):
            joined_texts(pa.table({"text": ["a"]}), ["body"])

    def test_missing_vectors_are_zero_and_marked(self):
        vectors = np.arange(6, dtype=np.float32).reshape(3, 2)
        column = vector_array(vectors, missing=np.array([False, True, False]))
        found, missing = column_vectors(pa.table({"v": column}), "v")
        assert found.tolist() == [[0, 1], [0, 0], [4, 5]]
        assert missing.tolist() == [False, True, False]

    def test_a_slice_of_a_vector_column_keeps_its_rows(self):
        vectors = np.arange(8, dtype=np.float32).reshape(4, 2)
        table = pa.concat_tables(
            [pa.table({"v": vector_array(vectors)}).slice(1, 2), pa.table({"v": vector_array(vectors[:1])})]
        )
        assert column_vectors(table, "v")[0].tolist() == [[2, 3], [4, 5], [0, 1]]

    def test_a_vector_column_that_is_none(self):
        with pytest.raises(BadInput, match="'text' holds no vectors of equal length"):
            column_vectors(pa.table({"text": ["a"]}), "text")

    def test_a_vector_column_that_is_not_there(self):
        with pytest.raises(BadInput, match="'v'"):
            column_vectors(pa.table({"text": ["a"]}), "v")

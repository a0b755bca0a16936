"""Different texts with one vector are found; texts that are alike, and have near vectors for that, are not."""

import numpy as np
import pytest
from examples import random_unit

from explorer.analysis.collapse import collapsed, in_common
from explorer.geometry.neighbors import nearest_neighbors

DIFFERENT = ["Der Zug ist weg", "soup is cold", "my parcel never came", "quanto costa", "who won the match", "17 °C"]
ONE_TEMPLATE = [f"Your order {number} was handed to the carrier today." for number in range(4100, 4106)]


def sets_of(vectors, texts):
    found = collapsed(nearest_neighbors(vectors), lambda items: [texts[item] for item in items])
    return [items.tolist() for items in found]


def with_one_vector(count, rest=30):
    """So many items of one vector, then others that lie anywhere."""
    return np.concatenate([np.tile(random_unit(1, 16), (count, 1)), random_unit(rest, 16, seed=1)])


def texts_for(first):
    return [*first, *(f"text number {number}" for number in range(30))]


def test_six_different_texts_with_one_vector_are_a_set():
    assert sets_of(with_one_vector(6), texts_for(DIFFERENT)) == [[0, 1, 2, 3, 4, 5]]


def test_six_texts_of_one_template_are_not():
    assert sets_of(with_one_vector(6), texts_for(ONE_TEMPLATE)) == []


def test_four_are_too_few():
    assert sets_of(with_one_vector(4), texts_for(DIFFERENT[:4])) == []


def test_the_larger_set_comes_first():
    vectors = np.concatenate([np.repeat(random_unit(2, 16), [5, 6], axis=0), random_unit(30, 16, seed=1)])
    texts = texts_for([*["ab", "cd", "ef", "gh", "ij"], *DIFFERENT])
    assert sets_of(vectors, texts) == [[5, 6, 7, 8, 9, 10], [0, 1, 2, 3, 4]]


@pytest.mark.parametrize("count", [0, 1, 2, 40])
def test_vectors_that_lie_anywhere_are_no_set(count):
    assert sets_of(random_unit(count, 16), [str(number) for number in range(count)]) == []


def test_what_two_texts_have_in_common():
    assert in_common("The Cat", "the cat") == 1
    assert in_common("red big apple", "apple red big") == 1
    assert in_common("a" * 300 + "one end", "a" * 300 + "another") == 1  # a model reads no further either
    assert in_common("พัสดุมาถึงช้า", "soup") == 0

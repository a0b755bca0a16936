"""Whatever is typed into the address is read as what it says or as nothing, without a page around it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import streamlit as st
from garbage import GARBAGE

from explorer.analysis.filters import from_link
from explorer.app import address
from explorer.app.outliers import page as outliers_page
from explorer.app.project import chosen_level
from explorer.app.search import asked
from explorer.library.workspaces import stored_selection

ROWS = np.arange(444)
SPACE = SimpleNamespace(
    table=SimpleNamespace(num_rows=445),
    item_of_row=np.append(ROWS, -1),
    links=np.column_stack([ROWS, ROWS]),
)


@pytest.fixture
def typed(monkeypatch):
    def typed(**params: str) -> None:
        monkeypatch.setattr(st, "query_params", params)

    return typed


@pytest.mark.parametrize("value", GARBAGE)
def test_garbage_is_read_as_nothing(value, typed, store):
    assert address.whole_number(value, 1, 445) is None
    typed(**dict.fromkeys(("row", "view", "level", "like", "unlike"), value))
    assert address.item_in_address(SPACE) is None
    assert address.object_in_address("view") is None
    assert chosen_level() is None
    assert asked._examples_in_address(SPACE) == ((), ())
    assert from_link(value) == ()
    assert stored_selection(store, value) is None
    if value != "0":  # there is a row 0; what version 0.1 wrote counted from 1
        typed(**dict.fromkeys(("at", "more", "less"), value))
        assert address.item_in_address(SPACE) is None
        assert asked._examples_in_address(SPACE) == ((), ())


def test_links_of_version_0_1_name_the_same_rows(typed):
    typed(row="12", like="4,18", unlike="6")
    assert address.item_in_address(SPACE) == 11
    assert asked._examples_in_address(SPACE) == ((3, 17), (5,))


def test_a_change_of_the_address_is_one_entry_of_the_history(monkeypatch):
    sent = []

    class Params(dict):
        def to_dict(self):
            return dict(self)

        def from_dict(self, wanted):
            sent.append(wanted)

    monkeypatch.setattr(st, "query_params", Params(sample="words", sel="abc", at="3"))
    address.put(**address.NO_ROW, sel=None, q="tides")
    address.put(sample="words")
    assert sent == [{"sample": "words", "q": "tides"}]


@pytest.mark.parametrize("value", GARBAGE)
def test_a_threshold_stays_in_range_whatever_is_typed(value):
    found = outliers_page._within(value, 0.4, 0.9)
    assert found is None or 0.4 <= found <= 0.9


@pytest.mark.parametrize(("value", "threshold"), [("0.5", 0.5), ("99", 0.9), ("-1", 0.4), ("nan", None), ("x", None)])
def test_a_threshold_is_brought_into_range(value, threshold):
    assert outliers_page._within(value, 0.4, 0.9) == threshold


def test_what_makes_sense_is_read(typed):
    typed(at="11", view='{"x":[0,1]}', level="8", more="3,17,x,3", less="5,17")
    assert address.item_in_address(SPACE) == 11
    assert address.object_in_address("view") == {"x": [0, 1]}
    assert chosen_level() == 8
    assert asked._examples_in_address(SPACE) == ((3, 17), (5,))


def test_a_row_without_an_item_or_after_the_last_is_none(typed):
    for row in ("445", "446"):
        typed(row=row)
        assert address.item_in_address(SPACE) is None

"""The page of clusters: fewer and more, rename, merge, split and undo, agreement, the report; odd data too."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from examples import random_unit, stored_recipe, table_of, three_clouds, vector_recipe
from garbage import SHOWN_GARBAGE
from streamlit.testing.v1 import AppTest
from visits import healthy, page_text, press
from visits import opened as opened_page
from visits import visit as visit_page

from explorer.app import project, session
from explorer.building import build
from explorer.library.annotations import Operation, Project
from explorer.recipe import READY_MADE, Clustering, Projection
from explorer.stages import key

TICKETS = "support_tickets"

visit = partial(visit_page, "pages/clusters.py")
opened = partial(opened_page, "pages/clusters.py")


def words(at: AppTest) -> str:
    return page_text(at).replace("\\", "")


def headline(at: AppTest) -> str:
    return next(part.value for part in at.markdown if "left over" in part.value).replace("\\", "")


def names(at: AppTest) -> list[str]:
    """The names on the cards: each is the bold line above its counts."""
    lines = [part.value for part in at.markdown]
    places = [place for place, line in enumerate(lines) if "rows** ·" in line or "row** ·" in line]
    return [lines[place - 1][2:-2].replace("\\", "") for place in places]


def tick(at: AppTest, *groups: int) -> AppTest:
    for group in groups:
        next(box for box in at.checkbox if box.key.endswith(f"-{group}")).check()
    return healthy(at.run())


def level(at: AppTest):
    return next(slider for slider in at.slider if slider.key.startswith("level-"))


def test_an_empty_page_says_what_it_would_show():
    at = visit()
    assert at.markdown[0].value.startswith("# See what your data speaks of")
    assert any(button.key == f"open-{TICKETS}" for button in at.button)


def test_each_group_has_its_name_its_rows_and_its_texts():
    at = visit(sample=TICKETS)
    assert "8 groups" in headline(at)
    assert "agrees with “topic”: AMI **0." in headline(at)
    assert len(names(at)) == 8
    shown = words(at)
    assert shown.count("Typical: nearest to the middle") == shown.count("At the edge") == 8
    assert sum(text.value.startswith("“") for text in at.text) == 8 * 5
    assert "mean urgency" in shown


def test_fewer_and_more_groups_and_back():
    at = visit(sample=TICKETS)
    assert level(at).max > 8
    level(at).set_value(3)
    healthy(at.run())
    assert at.query_params["level"] in ("3", ["3"])
    assert len(names(at)) == 3
    level(at).set_value(8)
    healthy(at.run())
    assert "level" not in at.query_params
    assert len(names(at)) == 8


@pytest.mark.parametrize("asked", ["2", "12", "9999"])
def test_a_link_brings_the_level_back(asked):
    at = visit(sample=TICKETS, level=asked)
    assert len(names(at)) == min(int(asked), level(at).max, 30)


@pytest.mark.parametrize("value", SHOWN_GARBAGE)
def test_garbage_in_the_address_does_no_harm(value):
    garbage = dict.fromkeys(("level", "against", "by", "period", "split", "f"), value)
    assert "8 groups" in headline(visit(sample=TICKETS, tab="Themes report", **garbage))
    assert "8 groups" in headline(visit(sample=TICKETS, **garbage, tab=value))


def test_rename_merge_split_and_undo():
    at = visit(sample=TICKETS)
    first, gone = names(at)[0], "password, account, old"
    assert gone in names(at)
    press(at, "rename-1")
    at.text_input(key="new-name-1").set_value("Money *back*").run()
    healthy(at)
    assert names(at)[:2] == [first, "Money *back*"]
    assert "Renamed." in words(at)
    tick(at, 1, 2)
    press(at, "merge-selected")
    assert names(at)[:2] == ["Money *back*", first]
    assert "7 groups" in headline(at)
    press(at, "split-1-3")
    assert "9 groups" in headline(at)
    press(at, "undo-here")
    assert "7 groups" in headline(at)
    # With more groups the merged ones come apart, and their edits wait.
    level(at).set_value(2)
    healthy(at.run())
    assert "Money *back*" not in names(at)
    assert "waits" in words(at) or "wait" in words(at)
    level(at).set_value(8)
    healthy(at.run())
    assert names(at)[:2] == ["Money *back*", first]
    assert gone not in names(at)


def test_an_empty_or_unchanged_name_says_nothing():
    at = visit(sample=TICKETS)
    before = names(at)
    press(at, "rename-0")
    at.text_input(key="new-name-0").set_value("   ").run()
    assert names(healthy(at)) == before
    press(at, "rename-0")
    press(at, "cancel-0")
    assert names(at) == before
    assert "Renamed." not in words(at)


def test_one_group_ticked_cannot_be_merged():
    at = tick(visit(sample=TICKETS), 0)
    assert at.button(key="merge-selected").disabled


def test_a_group_goes_to_the_map():
    at = visit(sample=TICKETS)
    first = names(at)[0]
    press(at, "map-0")
    assert at.query_params["why"] in (first, [first])
    assert "94 rows selected" in words(at)


def test_a_filter_changes_the_counts_and_says_so():
    at = visit(sample=TICKETS, f='[["channel",["phone"]]]')
    assert "that meet the filter" in words(at)
    assert "8 groups" in headline(at)
    at = visit(sample=TICKETS, f='[["channel",["no such"]]]')
    assert "8 groups hold no row that meets the filter" in words(at)
    at = visit(sample=TICKETS, f='[["channel",["no such"]]]', tab="Themes report")
    assert "No row meets the filter" in words(at)


def test_the_column_compared_can_be_chosen():
    at = visit(sample=TICKETS, against="channel")
    assert "agrees with “channel”" in headline(at)
    at.selectbox(key="against-box").set_value("product").run()
    assert "agrees with “product”" in headline(healthy(at))


def test_other_settings_make_other_groups():
    at = visit(sample=TICKETS)
    next(box for box in at.selectbox if (box.key or "").endswith("-method")).set_value("kmeans").run()
    next(slider for slider in at.slider if (slider.key or "").endswith("-count")).set_value(5)
    healthy(at.run())
    press(at, "apply-grouping")
    healthy(at.run())
    assert "5 groups" in headline(at)


def test_the_report_has_a_line_a_theme():
    at = visit(sample=TICKETS, tab="Themes report")
    (table,) = [frame.value for frame in at.dataframe if "theme" in frame.value]
    assert len(table) == 8
    assert {"rows", "share %", "mean urgency", "earlier %", "later %", "change, points", "quote 3"} <= set(table)
    assert table["rows"].sum() == 441
    assert "Fisher" in words(at)
    assert "441 rows · 8 themes · 2026-01-02 to 2026-09-30" in words(at)


def test_the_report_by_category_and_without_periods():
    at = visit(sample=TICKETS, tab="Themes report", by="topic", period="-")
    (table,) = [frame.value for frame in at.dataframe if "theme" in frame.value]
    assert "commonest topic" in table
    assert "later %" not in table


def test_the_later_period_can_begin_on_a_given_day():
    at = visit(sample=TICKETS, tab="Themes report", split="2026-09-01")
    assert "before 2026-09-01" in words(at)


# ---- odd data ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sample", ["digits"])
@pytest.mark.parametrize("tab", ["Groups", "Themes report"])
def test_vectors_without_text(sample, tab):
    at = visit(sample=sample, tab=tab)
    assert "10 groups" in headline(at)


PCA = Projection("pca")  # laid out at once
READY = {"model": READY_MADE, "projection": PCA}


@pytest.mark.parametrize("count", [1, 2, 3])
@pytest.mark.parametrize("tab", ["Groups", "Themes report"])
def test_a_few_items_with_text_and_vectors(count, tab):
    store = session.store()
    texts = ["A red apple fell down.", "A blue sky tonight, at last.", "Nine green bottles on the wall."][:count]
    table = table_of(text=texts, vector=random_unit(count))
    recipe = stored_recipe(store, table, ("vector",), **READY)
    build(recipe, store=store)
    at = opened(recipe, table, tab=tab)
    assert "1 group**, none left over" in headline(at)
    assert not [slider for slider in at.slider if slider.key.startswith("level-")]


def test_items_left_over_are_counted():
    store = session.store()
    unit, belongs = three_clouds()
    unit = np.vstack([unit, random_unit(20, 16)])
    table = table_of(vector=unit, cloud=[f"cloud {n}" for n in belongs] + [None] * 20)
    recipe = stored_recipe(store, table, ("vector",), clustering=Clustering("hdbscan"), **READY)
    space = build(recipe, store=store)
    left = int((space.clusters.labels < 0).sum())
    assert left > 1
    at = opened(recipe, table)
    assert f"**3 groups**, {left} items left over" in headline(at)
    assert "agrees with “cloud”: AMI **1.00**" in headline(at)


@pytest.mark.parametrize("tab", ["Groups", "Themes report"])
def test_everything_left_over(tab):
    store = session.store()
    unit = random_unit(40, 16)
    recipe = vector_recipe(store, unit, clustering=Clustering("hdbscan", min_size=39), projection=PCA)
    space = build(recipe, store=store)
    store.put_arrays("clusters", key("clusters", recipe), {"names": []}, labels=np.full(len(space.unit), -1, np.int32))
    at = opened(recipe, table_of(vector=unit), tab=tab)
    assert "0 groups" in headline(at)
    assert "40 items left over" in headline(at)


def test_three_hundred_groups_are_shown_page_by_page():
    store = session.store()
    unit = random_unit(900, 16)
    recipe = vector_recipe(store, unit, clustering=Clustering("kmeans", n_clusters=300), projection=PCA)
    build(recipe, store=store)
    at = opened(recipe, table_of(vector=unit))
    assert "300 groups" in headline(at)
    assert len(names(at)) == 30


def test_two_projects_never_share_their_edits_of_groups():
    # A project file may hold any time at all, so the time alone would let one visitor see another's names.
    rename = Operation("rename", ("00" * 16,), "mine", at=5.0)
    versions = {project.edits_version(Project(session.store(), id, "", [rename])) for id in ("one", "two")}
    assert len(versions) == 2
    assert project.edits_version(Project(session.store(), "one")) == ""

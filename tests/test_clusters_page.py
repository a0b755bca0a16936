"""The page of clusters: fewer and more, rename, merge, split and undo, agreement, the report; odd data too."""

from __future__ import annotations

import re
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
    return next(
        part.value for part in at.markdown if "in a group" in part.value or "in no group" in part.value
    ).replace("\\", "")


def lines(at: AppTest) -> list[str]:
    """The lines of the list: each is the name in bold, then its numbers."""
    return [part.label.replace("\\", "") for part in at.expander if part.label.startswith("**")]


def names(at: AppTest) -> list[str]:
    return [line[2:].partition("** :gray")[0] for line in lines(at)]


def first_row(sample: str, group: int) -> str:
    """A row of a group of a sample, from 0, as the address names the group."""
    space = session.space_of(session.sample(sample))
    return str(np.flatnonzero(space.labels_of_rows(space.clusters.labels) == group)[0])


def quotes(at: AppTest) -> list[str]:
    return [link.label for link in at.page_link if link.label.startswith("“")]


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
    assert "every row is in a group" in headline(at)
    assert len(names(at)) == 8
    assert all("mean urgency" in line for line in lines(at))
    assert lines(at)[0].startswith("**parcel, arrived, glass** :gray[94 rows] _(93 distinct)_ :gray[21 %]")
    assert not quotes(at)


def test_the_group_that_the_address_names_is_open():
    at = visit(sample=TICKETS, group=first_row(TICKETS, 2))
    assert words(at).count("Typical: nearest to the middle") == words(at).count("At the edge") == 1
    assert len(quotes(at)) == 5
    assert all(re.search(r"row \d+ · T\d+", quote.replace("\\", "")) for quote in quotes(at))
    assert "topic **" in words(at)


@pytest.mark.parametrize("group", ["-1", "445", "no such", "none", "1e3"])
def test_a_group_that_is_not_there_opens_nothing(group):
    at = visit(sample=TICKETS, group=group)
    assert len(names(at)) == 8
    assert not quotes(at)


def test_an_open_group_stays_open_at_another_level_and_under_another_name():
    at = visit(sample=TICKETS, group=first_row(TICKETS, 7))
    level(at).set_value(3)
    healthy(at.run())
    assert len(quotes(at)) == 5
    press(at, next(button.key for button in at.button if button.key.startswith("rename-")))
    (box,) = [box for box in at.text_input if box.key.startswith("new-name-")]
    healthy(box.set_value("Anything").run())
    assert "Anything" in names(at)
    assert len(quotes(at)) == 5


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
    garbage = dict.fromkeys(("level", "against", "by", "period", "split", "f", "group"), value)
    assert "8 groups" in headline(visit(sample=TICKETS, tab="Themes report", **garbage))
    assert "8 groups" in headline(visit(sample=TICKETS, **garbage, tab=value))


def test_rename_merge_split_and_undo():
    at = visit(sample=TICKETS, group=first_row(TICKETS, 1))
    first, gone = names(at)[0], "code, password, sign-in"
    assert gone in names(at)
    press(at, "rename-1")
    healthy(at.text_input(key="new-name-1").set_value("Money *back*").run())
    assert names(at)[:2] == [first, "Money *back*"]
    assert "Renamed." in words(at)
    with_which = next(box for box in at.multiselect if box.key.startswith("merge-with-"))
    assert at.button(key="merge-1").disabled
    healthy(with_which.set_value([2]).run())
    press(at, "merge-1")
    assert names(at)[:2] == ["Money *back*", first]
    assert gone not in names(at)
    assert "7 groups" in headline(at)
    press(at, "split-0-3")
    assert "9 groups" in headline(at)
    press(at, "undo-here")
    assert "7 groups" in headline(at)
    # With fewer groups the merged ones are part of a larger one, and their edits wait.
    level(at).set_value(2)
    healthy(at.run())
    assert "Money *back*" not in names(at)
    assert "waits" in words(at) or "wait" in words(at)
    level(at).set_value(8)
    healthy(at.run())
    assert names(at)[:2] == ["Money *back*", first]
    assert gone not in names(at)


def test_an_empty_or_unchanged_name_says_nothing():
    at = visit(sample=TICKETS, group=first_row(TICKETS, 0))
    before = names(at)
    press(at, "rename-0")
    at.text_input(key="new-name-0").set_value("   ").run()
    assert names(healthy(at)) == before
    press(at, "rename-0")
    press(at, "cancel-0")
    assert names(at) == before
    assert "Renamed." not in words(at)


def test_a_group_goes_to_the_map():
    at = visit(sample=TICKETS, group=first_row(TICKETS, 0))
    first = names(at)[0]
    press(at, "map-0")
    assert at.query_params["why"] in (first, [first])
    assert "94 rows selected" in words(at)


def test_a_filter_changes_the_counts_and_says_so():
    at = visit(sample=TICKETS, f='[["channel",["phone"]]]')
    assert "that meet the filter" in words(at)
    assert "8 groups" in headline(at)
    at = visit(sample=TICKETS, f='[["channel",["no such"]]]')
    assert "8 groups without a row that meets the filter" in words(at)
    assert not names(at)
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


def test_themes_by_segment_and_over_time_on_the_page():
    at = visit(sample=TICKETS, tab="Themes report", by="channel", also="product")
    page = words(at)
    assert "by channel and product" in page
    assert "Over time, by month" in page
    at = visit(sample=TICKETS, tab="Themes report", by="channel", period="product")
    assert "Over time, by wave" in words(at), "a column of few names is one of waves"


def test_answers_are_split_into_sentences_by_a_switch():
    at = visit(sample=TICKETS, tab="Themes report")
    (switch,) = [toggle for toggle in at.toggle if toggle.label == "Split answers into sentences"]
    assert switch.value is False
    switch.set_value(True).run()
    at = healthy(at.run())  # the first run says that it builds
    (switch,) = [toggle for toggle in at.toggle if toggle.label == "Split answers into sentences"]
    assert switch.value is True
    assert "441 rows" in words(at), "shares count rows, not sentences"


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
    assert "**1 group** · every row is in a group" in headline(at)
    assert not [slider for slider in at.slider if slider.key.startswith("level-")]


def test_rows_in_no_group_are_counted_and_are_a_line_of_their_own():
    store = session.store()
    unit, belongs = three_clouds()
    unit = np.vstack([unit, random_unit(20, 16)])
    table = table_of(vector=unit, cloud=[f"cloud {n}" for n in belongs] + [None] * 20)
    recipe = stored_recipe(store, table, ("vector",), clustering=Clustering("hdbscan"), **READY)
    space = build(recipe, store=store)
    left = int((space.clusters.labels < 0).sum())
    assert left > 1
    at = opened(recipe, table)
    assert f"**3 groups** · {left} rows in no group" in headline(at)
    assert "agrees with “cloud”: AMI **1.00**" in headline(at)
    assert lines(at)[-1].startswith(f"**In no group** :gray[{left} rows]")
    assert sum(int(line.partition(":gray[")[2].split()[0]) for line in lines(at)) == len(unit)
    at = opened(recipe, table, group="none")
    press(at, "map--1")
    assert f"{left} rows selected" in words(at)


@pytest.mark.parametrize("tab", ["Groups", "Themes report"])
def test_every_row_in_no_group(tab):
    store = session.store()
    unit = random_unit(40, 16)
    recipe = vector_recipe(store, unit, clustering=Clustering("hdbscan", min_size=39), projection=PCA)
    space = build(recipe, store=store)
    store.put_arrays("clusters", key("clusters", recipe), {"names": []}, labels=np.full(len(space.unit), -1, np.int32))
    at = opened(recipe, table_of(vector=unit), tab=tab)
    assert "0 groups" in headline(at)
    assert "40 rows in no group" in headline(at)


def test_three_hundred_groups_are_shown_page_by_page():
    store = session.store()
    unit = random_unit(900, 16)
    recipe = vector_recipe(store, unit, clustering=Clustering("kmeans", n_clusters=300), projection=PCA)
    space = build(recipe, store=store)
    at = opened(recipe, table_of(vector=unit))
    assert "300 groups" in headline(at)
    assert len(names(at)) == 30
    last = np.argsort(space.clusters.sizes)[0]
    at = opened(recipe, table_of(vector=unit), group=str(np.flatnonzero(space.clusters.labels == last)[0]))
    assert f"map-{last}" in [button.key for button in at.button]


def test_two_projects_never_share_their_edits_of_groups():
    # A project file may hold any time at all, so the time alone would let one visitor see another's names.
    rename = Operation("rename", ("00" * 16,), "mine", at=5.0)
    versions = {project.edits_version(Project(session.store(), id, "", [rename])) for id in ("one", "two")}
    assert len(versions) == 2
    assert project.edits_version(Project(session.store(), "one")) == ""


def test_one_cloud_says_why_it_is_one_group_until_it_is_split():
    store, unit = session.store(), random_unit(60, 16)
    recipe, table = vector_recipe(store, unit, projection=PCA), table_of(vector=unit)
    build(recipe, store=store)
    assert "No groups: these 60 items are about as alike as the same numbers shuffled." in notes(opened(recipe, table))
    assert notes(opened(recipe, table, level="3")) == []


def notes(at: AppTest) -> list[str]:
    return [part.value.replace("\\", "") for part in at.info]

"""Downloads of rows: their numbers are those on screen, and their groups those that people see."""

import io
from collections.abc import Callable

import openpyxl
import pandas as pd
import pyarrow.parquet as pq
import pytest
import streamlit as st
from examples import stored_recipe, table_of, three_clouds
from visits import healthy, opened, page_text, press, visit

from explorer.analysis.filters import Condition, to_link
from explorer.app import project, session
from explorer.app.pages import PAGES
from explorer.building import build
from explorer.geometry.clusters import Clusters
from explorer.library.samples import open_sample
from explorer.recipe import READY_MADE
from explorer.space import Space
from explorer.table import excel
from explorer.views.export import mapped_table

MAP, CLUSTERS = PAGES["map"].script, PAGES["clusters"].script
BILLING = to_link([Condition("topic", values=("billing",))])


@pytest.fixture
def offered(monkeypatch) -> dict[str, Callable[[], bytes]]:
    """What each download button of the pages that are run would give, by the button's key."""
    found: dict[str, Callable[[], bytes]] = {}
    drawn = st.download_button

    def draw(label, data, *arguments, key, **options):
        found[key] = data
        return drawn(label, data, *arguments, key=key, **options)

    monkeypatch.setattr(st, "download_button", draw)
    return found


def parquet(data: bytes) -> pd.DataFrame:
    return pq.read_table(io.BytesIO(data)).to_pandas()


def csv(data: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(data), encoding="utf-8-sig")


def workbook(data: bytes) -> pd.DataFrame:
    header, *rows = openpyxl.load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
    return pd.DataFrame(rows, columns=list(header))


def sample_space(name: str) -> Space:
    return Space(open_sample(name)[1], session.store())


READS = {"csv": csv, "excel": workbook, "parquet": parquet}


@pytest.mark.parametrize("page", [MAP, CLUSTERS])
@pytest.mark.parametrize("sample", ["support_tickets", "digits"])
def test_all_rows_with_their_groups_come_in_three_formats(page, sample, offered):
    visit(page, sample=sample)
    space = sample_space(sample)
    for kind, read in READS.items():
        frame = read(offered[f"all-rows-{kind}"]())
        assert frame["_row"].tolist() == list(range(space.table.num_rows)), kind
        assert set(frame["_cluster_name"].dropna()) == set(space.clusters.names), kind


def test_a_row_is_the_same_row_in_every_format(offered):
    visit(MAP, sample="movies")
    made = [read(offered[f"all-rows-{kind}"]()) for kind, read in READS.items()]
    table = open_sample("movies")[0].arrow
    for column in ("title", "_row", "_cluster", "_cluster_name"):
        assert made[0][column].tolist() == made[1][column].tolist() == made[2][column].tolist()
    assert made[0]["title"].tolist() == table.column("title").to_pylist()


def test_rows_that_meet_the_filter_are_offered_beside_all(offered):
    at = visit(MAP, sample="support_tickets", f=BILLING)
    topics = open_sample("support_tickets")[0].arrow.column("topic").to_pylist()
    billing = [row for row, topic in enumerate(topics) if topic == "billing"]
    assert parquet(offered["all-rows-filtered-parquet"]())["_row"].tolist() == billing
    assert len(parquet(offered["all-rows-parquet"]())) == len(topics)
    assert f"**{len(billing)} rows**" in page_text(at)
    assert f"**{len(topics)} rows**" in page_text(at)


@pytest.mark.parametrize("page", [MAP, CLUSTERS])
def test_groups_are_those_on_screen_at_their_level_and_with_the_names_people_gave(page, monkeypatch, offered):
    visit(page, sample="support_tickets", level="4")
    before = parquet(offered["all-rows-parquet"]())
    assert before["_cluster"].nunique() == 4
    honest = project.edited_groups

    def renamed(*arguments) -> Clusters:
        found = honest(*arguments)
        return Clusters(found.labels, ("money matters", *found.names[1:]))

    monkeypatch.setattr(project, "edited_groups", renamed)
    visit(page, sample="support_tickets", level="4")
    after = parquet(offered["all-rows-parquet"]())
    assert after["_cluster"].equals(before["_cluster"])
    assert set(after["_cluster_name"][after["_cluster"] == 0]) == {"money matters"}
    others = after["_cluster"] > 0
    assert after[others].equals(before[others])


def test_a_map_of_a_selection_is_downloaded_with_its_own_rows(offered):
    at = visit(MAP, sample="support_tickets")
    press(at, "group-0")
    space = sample_space("support_tickets")
    chosen = space.items.rows_of((space.clusters.labels == 0).nonzero()[0])
    offered.clear()
    press(at, "only-these")
    while "all-rows-parquet" not in offered:  # its layout is still made
        healthy(at.run())
    assert parquet(offered["all-rows-parquet"]())["_row"].tolist() == chosen.tolist()


def test_the_file_of_the_command_line_has_the_groups_that_were_computed():
    space = sample_space("support_tickets")
    names = tuple(f"group {number}" for number in range(len(space.clusters)))
    table, edited = mapped_table(space), mapped_table(space, Clusters(space.clusters.labels, names))
    assert table.column_names == edited.column_names
    assert set(table.column("_cluster_name").drop_null().to_pylist()) == set(space.clusters.names)
    assert set(edited.column("_cluster_name").drop_null().to_pylist()) == set(names)


def test_what_a_sheet_cannot_hold_is_said_and_parquet_offered_instead(monkeypatch, offered):
    assert "CSV and Excel leave out" in page_text(visit(MAP, sample="digits"))
    assert "leave out" not in page_text(visit(MAP, sample="movies"))
    monkeypatch.setattr(excel, "MOST_ROWS", 100)
    at = visit(MAP, sample="support_tickets")
    assert "take Parquet" in page_text(at)
    asked = {button.proto.id.split("-", 1)[1]: button.proto.disabled for button in at.get("download_button")}
    assert [name for name, disabled in asked.items() if disabled and name.endswith("all-rows-excel")]
    assert [name for name, disabled in asked.items() if not disabled and name.endswith("all-rows-csv")]


def test_cells_that_a_sheet_would_cut_are_announced():
    store = session.store()
    table = table_of(text=["a" * 40_000, "b", "c", "d"], vector=three_clouds(2)[0][:4])
    recipe = stored_recipe(store, table, ("vector",), model=READY_MADE)
    build(recipe, store=store)
    assert "Excel cuts 1 cell of this table to 32,767 characters" in page_text(opened(MAP, recipe, table))

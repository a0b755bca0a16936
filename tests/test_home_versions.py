"""Home says what a dropped file has to do with what is known: a next version, the same file, an export."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from test_pages import build, buttons, go, keyed, upload
from visits import drawn, healthy, link_of, page_text, press, visit

from explorer.analysis.filters import Condition, to_link
from explorer.app import session
from explorer.app.pages import PAGES
from explorer.library.annotations import Project
from explorer.library.workspaces import Entry, Workspace, new_token
from explorer.table.download import safe_csv

HOME, MAP = PAGES["home"].script, PAGES["map"].script
DATA = Path(__file__).parent / "data"
YESTERDAY, TODAY = ((DATA / f"{day}.csv").read_bytes() for day in ("yesterday", "today"))


def opened(name: str, content: bytes, at: AppTest | None = None) -> AppTest:
    """A file read by the quick model, on the map."""
    at = upload(name, content, at)
    healthy(at.radio(key="model").set_value("fast").run())
    return build(at)


def entry_of(at: AppTest):
    link = link_of(at)
    return Workspace(session.store(), link["w"]).find(link["space"])


def words(at: AppTest) -> str:
    """What the page says, as it is read."""
    return page_text(at).replace("\\", "")


def edited(csv: bytes, change) -> bytes:
    frame = pd.read_csv(io.BytesIO(csv), dtype=str, keep_default_na=False)
    return change(frame).to_csv(index=False).encode()


@pytest.fixture
def offered(monkeypatch):
    """What each download button would give, by its key."""
    found, drawn_button = {}, st.download_button

    def draw(label, data, *arguments, key=None, **options):
        found[key] = data
        return drawn_button(label, data, *arguments, key=key, **options)

    monkeypatch.setattr(st, "download_button", draw)
    return found


@pytest.fixture(scope="module")
def made() -> Entry:
    """yesterday.csv, with a tag on its largest group."""
    at = opened("yesterday.csv", YESTERDAY)
    press(at, "group-0")
    healthy(at.text_input(key="tag").set_value("mine").run())
    press(at, "tag-rows")
    return entry_of(at)


@pytest.fixture
def yesterday(made) -> dict[str, str]:
    """The link to it, alone in a workspace of its own."""
    workspace = Workspace(session.store(), new_token())
    project = Project.load(session.store(), made.project).copy()
    return {"w": workspace.token, **workspace.remember(replace(made, project=project.id)).link}


def home(link: dict[str, str]) -> AppTest:
    return visit(HOME, **link)


def test_today_is_proposed_as_the_next_version_of_yesterday(yesterday):
    at = upload("today.csv", TODAY, home(yesterday))
    assert "This looks like a newer version of **yesterday.csv**: 50 new rows." in words(at)
    assert keyed(at.segmented_control, "version-").value == "Its next version"
    assert keyed(at.radio, "model-").value == "fast", "the model goes on, so that its vectors are used again"
    at = build(at)
    entry = entry_of(at)
    assert Project.load(session.store(), entry.project).tags().keys() == {"mine"}
    assert "_version" in at.selectbox(key="color").options
    shown = drawn(go(at, MAP, f=to_link([Condition("_version", values=("new",))]), color="_version"))
    assert shown["points"]["n"] == 350
    assert "50 rows" in words(at)

    at = go(at, HOME, f="")
    assert "The next version of yesterday.csv" in words(at)
    links = {link.label: link.proto.query_string for link in at.page_link}
    assert "color=_version" in links["50 new rows"]

    at = upload("today.csv", TODAY, at)
    assert "These are the 350 rows of **today.csv**, opened before" in words(at)
    at = build(at)
    assert entry_of(at) is not None
    assert entry_of(at).recipe == entry.recipe
    assert entry_of(at).project == entry.project


def test_what_somebody_else_found_is_not_taken_for_ones_own(yesterday, made):
    """Both have the same files: each goes on with the own names and tags, also with those made since."""
    upload("today.csv", TODAY, home(yesterday))
    other = Workspace(session.store(), new_token())
    entry = other.remember(replace(made, project=None))
    link = {"w": other.token, **entry.link}
    upload("today.csv", TODAY, home(link))
    own = Project.create(session.store(), "mine")
    other.remember(replace(entry, project=own.id))
    at = build(upload("today.csv", TODAY, home(link)))
    assert entry_of(at).project == own.id


def test_rows_that_are_gone_are_listed_and_can_be_downloaded(yesterday, offered):
    later = edited(TODAY, lambda frame: frame.assign(label=frame["label"].where(frame["id"] != "7", "odd")).iloc[3:])
    at = upload("later.csv", later, home(yesterday))
    assert "50 new, 1 changed, 3 gone rows" in words(at)
    at = go(build(at), HOME)
    assert {"50 new rows", "1 changed row"} <= {link.label for link in at.page_link}
    gone = pd.read_csv(io.BytesIO(offered["gone-csv"]()), encoding="utf-8-sig", dtype=str)
    assert gone["id"].tolist() == ["0", "1", "2"]
    assert gone.columns.tolist() == ["id", "text", "label"]


def test_a_dataset_of_its_own_has_no_states_and_nothing_of_the_other(yesterday):
    at = upload("today.csv", edited(TODAY, lambda frame: frame.iloc[:-1]), home(yesterday))
    healthy(keyed(at.segmented_control, "version-").set_value("A dataset of its own").run())
    healthy(at.radio(key="model").set_value("fast").run())
    at = build(at)
    assert entry_of(at).project is None
    assert "_version" not in at.selectbox(key="color").options


def test_the_same_file_dropped_again_keeps_its_names_and_tags(yesterday):
    before = Workspace(session.store(), yesterday["w"]).find(yesterday["space"])
    at = upload("yesterday.csv", YESTERDAY, home(yesterday))
    assert not at.segmented_control, "there is nothing to choose"
    assert "names, tags and decisions go on" in words(at)
    at = build(at)
    assert entry_of(at).project == before.project is not None


def test_another_file_with_the_same_columns_is_not_proposed(yesterday):
    other = edited(
        YESTERDAY, lambda frame: frame.assign(text=[f"a note on subject {row}" for row in range(len(frame))])
    )
    at = upload("other.csv", other, home(yesterday))
    assert "newer version" not in words(at)
    assert keyed(at.selectbox, "continues-").value is None, "it can still be said to be one"


def test_names_and_tags_of_an_export_are_offered_and_taken_over(yesterday, offered):
    visit(MAP, **yesterday)
    frame = pq.read_table(io.BytesIO(offered["all-rows-parquet"]())).to_pandas()
    assert {tuple(tags) for tags in frame["_tags"].dropna()} == {("mine",)}
    first = frame["_cluster"] == 0
    assert frame["_tags"].notna().equals(first)
    frame.loc[first, "_cluster_name"] = "what people wait for"  # as somebody may have typed in Excel
    file = safe_csv(frame.assign(_tags=np.where(first, '["mine"]', None)))

    again = upload("yesterday_groups.csv", offered["all-rows-csv"](), home(yesterday))
    assert "These are the 300 rows of **yesterday.csv**" in words(again)
    assert "taken over" not in words(again), "all of them are here"
    again = upload("yesterday_groups.csv", file, home(yesterday))
    assert "can be taken over" in words(again), "a name was changed"
    press(again, next(key for key in buttons(again) if key.startswith("take-over-")))
    again = build(again)
    assert entry_of(again).name == "yesterday.csv"
    assert "what people wait for" in words(again) + "".join(button.label for button in again.button)

    at = upload("yesterday_groups.csv", file)  # in another workspace
    groups = frame["_cluster_name"].nunique()
    assert f"This file came from here: {groups} group names and 1 tag can be taken over." in words(at)
    press(at, next(key for key in buttons(at) if key.startswith("take-over-")))
    assert f"{groups} group names and 1 tag are taken over" in words(at)
    healthy(at.radio(key="model").set_value("fast").run())
    at = build(at)
    names = Project.load(session.store(), entry_of(at).project)
    assert set(names.tags()) == {"mine"}
    assert len(names.tags()["mine"]) == first.sum()
    assert "what people wait for" in words(at) + "".join(button.label for button in at.button)

"""What the legend of a map counts and selects: rows, of those that meet the filter."""

from collections import Counter
from typing import Any

import numpy as np
import pytest
from examples import stored_recipe, table_of, three_clouds
from streamlit.testing.v1 import AppTest
from visits import drawn, healthy, opened, visit

from explorer.analysis.filters import Condition, to_link
from explorer.app import session
from explorer.app.pages import PAGES
from explorer.building import build
from explorer.library.workspaces import sample_entry, stored_selection
from explorer.recipe import READY_MADE, Clustering

MAP = PAGES["map"].script
PHONES = to_link((Condition("channel", values=("phone",)),))


def rows_of_sample(name: str) -> list[dict[str, Any]]:
    space = session.space_of(sample_entry(name))
    held = np.flatnonzero(space.item_of_row >= 0)
    return space.table.take(held).append_column("row", [held]).to_pylist()


def named(data: dict[str, Any]) -> dict[str, int]:
    """The counts that the legend of a map was given, by name."""
    return {name: count for name, count in zip(data["color"]["names"], data["counts"]["counts"], strict=True) if count}


@pytest.mark.parametrize("link", ["", PHONES])
def test_the_legend_counts_rows_that_meet_the_filter(link):
    at = visit(MAP, sample="support_tickets", color="topic", **({"f": link} if link else {}))
    rows = [row for row in rows_of_sample("support_tickets") if not link or row["channel"] == "phone"]
    assert named(drawn(at)) == Counter(row["topic"] for row in rows if row["topic"])
    assert drawn(at)["counts"]["missing"] == sum(not row["topic"] for row in rows)


def test_rows_that_share_a_content_count_with_their_own_values():
    """Rows 1 and 2 hold the same content, a pear in the shop and a plum at the market."""
    vectors, _ = three_clouds(each=6)
    vectors[2] = vectors[1]
    table = table_of(
        fruit=["apple", "pear", "plum", *["apple"] * 15], place=["shop", "shop", *["market"] * 16], vector=vectors
    )
    recipe = stored_recipe(
        session.store(), table, ["vector"], model=READY_MADE, clustering=Clustering("kmeans", n_clusters=3)
    )
    build(recipe, store=session.store())
    wanted = {"shop": {"apple": 1, "pear": 1}, "market": {"apple": 15, "plum": 1}}
    versions = set()
    for place, counts in wanted.items():
        link = to_link((Condition("place", values=(place,)),))
        at = opened(MAP, recipe, table, color="fruit", f=link)
        assert named(drawn(at)) == counts
        versions.add(drawn(at)["color"]["version"])
    assert len(versions) == 2  # the point that both share is painted as a pear, then as a plum


def page(sample: str, choice: str, name: str, more: bool) -> None:
    import streamlit as st

    from explorer.app.map_colors import colors_by
    from explorer.app.visit import Visit
    from explorer.library.workspaces import sample_entry

    colors = colors_by(Visit(sample_entry(sample)), choice)
    names = colors.rows.names
    code = next((code for code, one in enumerate(names) if one.startswith(name)), 65535)
    colors.select(code if name != "nonsense" else -3, more)
    st.text(st.query_params.get("sel", ""))
    st.text(st.query_params.get("why", ""))


def chosen(sample: str, choice: str, name: str, more: bool = False, **address: str) -> tuple[list[int], str, str]:
    """The rows that a click on a name in the legend selects, why, and the name of the selection."""
    at = AppTest.from_function(page, args=(sample, choice, name, more), default_timeout=120)
    for parameter, value in address.items():
        at.query_params[parameter] = value
    selection, why = (text.value for text in healthy(at.run()).text)
    rows = stored_selection(session.store(), selection) if selection else None
    return ([] if rows is None else rows.tolist()), why, selection


def test_a_click_in_the_legend_selects_the_rows_of_that_value():
    rows = rows_of_sample("support_tickets")
    assert chosen("support_tickets", "topic", "billing")[:2] == (
        [row["row"] for row in rows if row["topic"] == "billing"], "billing"
    )  # fmt: skip
    assert chosen("support_tickets", "topic", "billing", f=PHONES)[0] == [
        row["row"] for row in rows if row["topic"] == "billing" and row["channel"] == "phone"
    ]


def test_a_second_click_with_shift_adds_its_rows():
    first, _, selection = chosen("support_tickets", "topic", "billing")
    both, why, _ = chosen("support_tickets", "topic", "login", True, sel=selection, why="billing")
    second, _, _ = chosen("support_tickets", "topic", "login", sel=selection, why="billing")
    assert both == sorted([*first, *second])
    assert why == "billing, login"


def test_other_stands_for_all_that_it_folds():
    names = named(drawn(visit(MAP, sample="words", color="family")))
    rows, why, _ = chosen("words", "family", "other (")
    assert rows == [row["row"] for row in rows_of_sample("words") if row["family"] and row["family"] not in names]
    assert len(rows) == names[why]


def test_a_group_in_the_legend_has_the_rows_of_its_group():
    space = session.space_of(sample_entry("support_tickets"))
    rows, why, _ = chosen("support_tickets", "group", space.clusters.names[2])
    assert rows == np.flatnonzero(space.labels_of_rows(space.clusters.labels) == 2).tolist()
    assert why == space.clusters.names[2]


def test_what_no_legend_holds_selects_nothing():
    assert chosen("support_tickets", "topic", "nonsense") == ([], "", "")


def test_escape_closes_the_row_then_the_selection_then_the_question():
    def close() -> None:
        import streamlit as st

        from explorer.app.selecting import close_innermost

        st.button("escape", key="escape", on_click=close_innermost)

    at = AppTest.from_function(close, default_timeout=60)
    address = {"q": "late refund", "sel": "some", "why": "billing", "at": "3", "passage": "2", "f": "kept"}
    at.query_params.update(address)
    healthy(at.run())
    left = []
    for _ in range(4):
        healthy(at.button(key="escape").click().run())
        left.append(set(at.query_params))
    assert left == [{"q", "sel", "why", "f"}, {"q", "f"}, {"f"}, {"f"}]


@pytest.mark.parametrize(("name", "asked"), [("search", {"q": "refund"}), ("outliers", {})])
def test_a_small_map_counts_rows_too(name, asked):
    data = drawn(visit(PAGES[name].script, sample="support_tickets", **asked))
    assert sum(data["counts"]["counts"]) == (len(rows_of_sample("support_tickets")) if name == "search" else 0)

"""Widgets whose value is kept in the address: read with care, written only where it is not the usual one."""

from __future__ import annotations

import datetime
import tomllib

import pytest
from streamlit.testing.v1 import AppTest
from visits import ROOT, healthy, link_of, visit

from explorer.app.theme import THEMES


def page() -> None:
    import streamlit as st

    from explorer.app.address import bound, one_of, whole_number

    def remember() -> None:
        st.session_state["changes"] = st.session_state.get("changes", 0) + 1

    color = bound(
        st.selectbox,
        "Color",
        "color",
        usual="red",
        read=one_of(["red", "blue"]),
        options=["red", "blue"],
        then=remember,
    )
    size = bound(
        st.slider, "Size", "size", usual=3, read=lambda text: whole_number(text, 1, 9), key="size-box",
        write=lambda value: f"0{value}", min_value=1, max_value=9,
    )  # fmt: skip
    st.write(f"{color} {size} {st.session_state.get('changes', 0)}")


def at(**params: str) -> AppTest:
    app = AppTest.from_function(page)
    for name, value in params.items():
        app.query_params[name] = value
    return healthy(app.run())


def test_the_address_decides_and_its_garbage_is_the_usual():
    assert at().markdown[0].value == "red 3 0"
    assert at(color="blue", size="7").markdown[0].value == "blue 7 0"
    for garbage in ("", "green", "10", "-1", "9" * 5000, "\x00", "<b>"):
        app = at(color=garbage, size=garbage)
        assert app.markdown[0].value == "red 3 0"
        assert (app.selectbox[0].value, app.slider[0].value) == ("red", 3)


def test_a_change_is_in_the_address_until_it_is_the_usual_again():
    app = at()
    healthy(app.selectbox(key="color").set_value("blue").run())
    healthy(app.slider(key="size-box").set_value(5).run())
    assert link_of(app) == {"color": "blue", "size": "05"}
    assert app.markdown[0].value == "blue 5 1"  # `then` is called for its own widget alone
    healthy(app.selectbox(key="color").set_value("red").run())
    assert link_of(app) == {"size": "05"}
    assert app.markdown[0].value == "red 5 2"


def test_an_address_that_changes_moves_the_widget():
    app = at(size="4")
    app.query_params["size"] = "6"
    app.run()
    assert app.slider[0].value == 6


def test_what_is_reported_is_in_the_address():
    report = {"sample": "support_tickets", "tab": "Themes report"}
    page = visit("pages/clusters.py", **report)
    by, day = page.selectbox(key="themes-by"), page.date_input(key="themes-split")
    usual = by.value, day.value
    healthy(by.set_value("-").run())  # no column at all is a choice too
    healthy(page.date_input(key="themes-split").set_value(day.value + datetime.timedelta(days=9)).run())
    link = link_of(page)
    assert (link["by"], link["split"]) == ("-", (usual[1] + datetime.timedelta(days=9)).isoformat())
    again = visit("pages/clusters.py", **link)
    assert again.selectbox(key="themes-by").value == "-"
    healthy(again.selectbox(key="themes-by").set_value(usual[0]).run())
    healthy(again.date_input(key="themes-split").set_value(usual[1]).run())
    assert link_of(again) == report


@pytest.mark.parametrize("kind", ["light", "dark"])
def test_charts_wear_the_colors_of_the_page(kind):
    page = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"][kind]
    assert (THEMES[kind].text, THEMES[kind].accent) == (page["textColor"], page["primaryColor"])

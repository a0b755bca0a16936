"""What the map component publishes and understands, without a browser."""

import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit.testing.v1 import AppTest

from explorer.app import routes
from explorer.app.map_component import Points
from explorer.views.selection import inside

GRID = np.array([[x, y] for y in range(4) for x in range(4)], dtype=np.float32)


@pytest.fixture
def client(monkeypatch):
    registry = routes.Published()
    monkeypatch.setattr(routes, "published", lambda: registry)
    return TestClient(Starlette(routes=routes.routes())), registry


def test_a_box_and_a_lasso_hold_what_lies_in_them():
    box = {"type": "box", "x": [0.5, 2.5], "y": [-1, 1.5]}
    assert inside(box, GRID).tolist() == [1, 2, 5, 6]
    triangle = {"type": "lasso", "x": [-0.5, 3.9, -0.5], "y": [-0.5, -0.5, 3.9]}
    assert inside(triangle, GRID).tolist() == [0, 1, 2, 3, 4, 5, 6, 8, 9, 12]


def test_a_lasso_that_crosses_itself_leaves_out_the_knot():
    bow = {"type": "lasso", "x": [-0.5, 3.5, -0.5, 3.5], "y": [-0.5, 3.6, 3.5, -0.4]}
    assert 4 not in inside(bow, GRID)
    assert 1 in inside(bow, GRID)


@pytest.mark.parametrize(
    "shape",
    [
        {},
        {"type": "box"},
        {"type": "box", "x": ["a", 1], "y": [0, 1]},
        {"type": "box", "x": [0, np.nan], "y": [0, 1]},
        {"type": "lasso", "x": [0, 1], "y": [0, 1]},
        {"type": "lasso", "x": [[0]], "y": [[0]]},
        {"type": "lasso", "x": [0, 1, 2], "y": [0, 1]},
        {"type": "star", "x": [0, 1, 2], "y": [0, 1, 0]},
    ],
)
def test_a_shape_that_is_not_one_holds_nothing(shape):
    assert inside(shape, GRID).size == 0


@given(st.floats(-5, 5), st.floats(-5, 5), st.floats(0.1, 5), st.floats(0.1, 5))
def test_a_rectangular_lasso_is_a_box(x, y, w, h):
    rng = np.random.default_rng(0)
    xy = rng.uniform(-6, 6, (200, 2))
    lasso = {"type": "lasso", "x": [x, x + w, x + w, x], "y": [y, y, y + h, y + h]}
    box = {"type": "box", "x": [x, x + w], "y": [y, y + h]}
    assert inside(lasso, xy).tolist() == inside(box, xy).tolist()


def test_points_travel_column_by_column():
    points = Points(np.array([[1, 2], [3, 4]]), weight=np.array([5, 6]))
    assert np.frombuffer(points.packed, "<f4").tolist() == [1, 3, 2, 4, 5, 6]
    assert points.version != Points(np.array([[1, 2], [3, 5]]), weight=np.array([5, 6])).version


def test_scripts_come_compressed_once_and_keep_forever(client):
    browser, _ = client
    answer = browser.get(routes.asset_path() + "/map.js")
    assert answer.status_code == 200
    assert "export function createMap" in answer.text
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    raw = browser.get(routes.asset_path() + "/map.js", headers={"accept-encoding": "identity"})
    assert raw.text == answer.text
    assert browser.get(routes.PREFIX + "/old/map.js").status_code == 404
    assert browser.get(routes.asset_path() + "/..%2Froutes.py").status_code == 404
    assert gzip.decompress(routes._bundle()[1]["plotly.min.js"][1]).startswith(b"/**\n* plotly.js")


def test_arrays_and_descriptions_are_found_by_token_only(client):
    browser, registry = client
    token = registry.publish("session", "points/1", b"\x00\x01")
    assert registry.publish("session", "points/1", b"ignored") == token
    assert registry.publish("another session", "points/1", b"\x00\x01") != token
    assert browser.get(routes.data_path(token)).content == b"\x00\x01"
    assert browser.get(routes.data_path("guess")).status_code == 404
    texts = ["<b>one</b>", "two"]
    hover = registry.publish("session", "hover/map", lambda item: {"text": texts[item]}, describes=True)
    assert browser.get(f"{routes.data_path(hover)}/0").json() == {"text": "<b>one</b>"}
    assert browser.get(f"{routes.data_path(hover)}/9").status_code == 404
    assert browser.get(routes.data_path(hover)).status_code == 404
    assert browser.get(f"{routes.data_path(token)}/0").status_code == 404


def test_what_is_idle_or_too_much_leaves(monkeypatch):
    now = [0.0]
    registry = routes.Published(clock=lambda: now[0])
    old = registry.publish("s", "a", b"a")
    now[0] = routes.IDLE_SECONDS + 1
    registry.publish("s", "b", b"b")
    assert registry.get(old) is None
    monkeypatch.setattr(routes, "MOST_BYTES", 10)
    first = registry.publish("s", "c", b"12345678")
    last = registry.publish("s", "d", b"12345678")
    assert registry.get(first) is None
    assert registry.get(last) == b"12345678"
    assert registry.publish("s", "c", b"12345678") != first


def page() -> None:
    import numpy as np
    import streamlit as st

    from explorer.app.map_component import Highlight, Label, Points, Star, map_view
    from explorer.views.coloring import color_by_category

    xy = np.arange(10, dtype=np.float32).reshape(5, 2)
    events = map_view(
        "map", Points(xy), color=color_by_category(list("aabbc"), "letter"), labels=[Label(1, 2, "name", 3)],
        highlight=Highlight(np.arange(2), 1, np.array([2]), Star(0, 0, "query")), lit=xy[:, 0] > 2,
        hover=lambda item: {"text": str(item)}, view={"x": [0, 1], "y": [0, 1]},
    )  # fmt: skip
    st.write(f"{events.view} {events.clicked} {events.selected}")


def test_a_page_with_a_map_runs_without_a_browser():
    app = AppTest.from_function(page).run(timeout=30)
    assert not app.exception
    assert app.markdown[0].value == "None () ()"

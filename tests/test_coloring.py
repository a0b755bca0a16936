"""Colors: who gets one, and whether they can be distinguished."""

import numpy as np
import pytest

from explorer.views.coloring import NO_VALUE, OTHER, PALETTE, SCALE, color_by_category, color_by_number, plain

# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
BLINDNESS = {
    "none": np.eye(3),
    "protan": np.array([[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]]),
    "deutan": np.array([[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]]),
    "tritan": np.array([[1.2555, -0.0767, -0.1788], [-0.0784, 0.9308, 0.1476], [0.0047, 0.6914, 0.3039]]),
}


def linear(color: str) -> np.ndarray:
    part = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    """Ottosson's OKLab, in which equal distances look about equal."""
    to_lms = np.array([[0.4122, 0.5363, 0.0514], [0.2119, 0.6807, 0.1074], [0.0883, 0.2817, 0.6300]])
    to_lab = np.array([[0.2105, 0.7936, -0.0041], [1.9780, -2.4286, 0.4506], [0.0259, 0.7828, -0.8087]])
    return to_lab @ np.cbrt(np.clip(to_lms @ rgb, 0, None))


def contrast(one: str, other: str) -> float:
    light, dark = sorted((float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("kind", BLINDNESS)
@pytest.mark.parametrize(("most", "least"), [(6, 0.07), (12, 0.05)])
def test_colors_stay_apart_for_every_eye(kind, most, least):
    seen = [oklab(np.clip(BLINDNESS[kind] @ linear(color), 0, 1)) for color in PALETTE[:most]]
    gaps = [np.linalg.norm(a - b) for i, a in enumerate(seen) for b in seen[:i]]
    assert min(gaps) > least


@pytest.mark.parametrize("page", ["#ffffff", "#14171c"])
def test_colors_stand_out_on_both_pages(page):
    assert min(contrast(color, page) for color in (*PALETTE, OTHER)) > 2.4
    assert min(contrast(color, page) for color in SCALE) > 1.8


def test_the_number_scale_rises_in_lightness():
    lightness = [oklab(linear(color))[0] for color in SCALE]
    assert np.all(np.diff(lightness) > 0.03)


def test_categories_are_coded_by_frequency():
    coloring = color_by_category(["b", "a", "b", None, float("nan"), "b", "a", "c"], "topic")
    assert coloring.names == ("b", "a", "c")
    assert coloring.values.tolist() == [0, 1, 0, NO_VALUE, NO_VALUE, 0, 1, 2]
    assert coloring.palette == PALETTE[:3]
    assert coloring.folded == 0


def test_an_order_comes_before_frequency():
    assert color_by_category(["b", "b", "a"], "cluster", order=["a", "b"]).names == ("a", "b")


def test_rare_categories_share_one_gray():
    values = [f"v{i:02d}" for i in range(40) for _ in range(50 - i)]
    coloring = color_by_category(values, "city")
    assert coloring.names[:11] == tuple(f"v{i:02d}" for i in range(11))
    assert coloring.names[11] == "other (29 values)"
    assert coloring.palette[11] == OTHER
    assert coloring.folded == 29
    assert (coloring.values == 11).sum() == sum(50 - i for i in range(11, 40))


def test_twelve_categories_need_no_other():
    coloring = color_by_category([str(i) for i in range(12)], "month")
    assert coloring.folded == 0
    assert len(set(coloring.palette)) == 12


def test_one_extreme_number_does_not_flatten_the_scale():
    coloring = color_by_number([*range(100), 1_000_000], "stars")
    assert coloring.limits[0] == 0
    assert coloring.limits[1] < 200


def test_plain_numbers_keep_their_exact_ends():
    assert color_by_number([1, 2, 3, 4, 5], "stars").limits == (1, 5)


@pytest.mark.parametrize("values", [[], [None, float("nan"), float("inf")], [7], [7, 7, 7]])
def test_degenerate_numbers_have_an_answer(values):
    coloring = color_by_number(values, "stars", "points")
    assert len(coloring.values) == len(values)
    assert np.isfinite(coloring.limits).all()


def test_the_version_follows_what_is_seen():
    one = color_by_category(["a", "b"], "topic")
    assert one.version == color_by_category(["a", "b"], "topic").version
    assert one.version != color_by_category(["a", "b"], "product").version
    assert one.version != color_by_category(["b", "a"], "topic").version
    assert plain(3).version != plain(4).version

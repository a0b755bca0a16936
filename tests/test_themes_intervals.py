"""Intervals of shares, changes and means: against printed tables, by simulation, and as the report marks with them."""

from __future__ import annotations

import numpy as np
import pytest
from test_themes import made_up

from explorer.analysis.intervals import mean_interval, newcombe, wilson
from explorer.analysis.themes import in_period, themes
from explorer.views.theme_figures import theme_bars
from explorer.views.themes import chance_sentence, themes_html, themes_table

GRAY = "#999999"

# Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3; and 873-890, table II, method 10.
SHARES = [((81, 263), (0.2553, 0.3662)), ((15, 148), (0.0624, 0.1605)), ((0, 20), (0, 0.1611)),
          ((1, 29), (0.0061, 0.1718))]  # fmt: skip
DIFFERENCES = [
    ((56, 70, 48, 80), (0.0524, 0.3339)), ((9, 10, 3, 10), (0.1705, 0.8090)), ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)), ((0, 10, 0, 20), (-0.1611, 0.2775)), ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0)), ((10, 10, 0, 10), (0.6075, 1.0)),
]  # fmt: skip


@pytest.mark.parametrize(("counts", "interval"), SHARES)
def test_shares_as_printed(counts, interval):
    assert wilson(*counts) == pytest.approx(interval, abs=6e-5)


@pytest.mark.parametrize(("counts", "interval"), DIFFERENCES)
def test_differences_as_printed(counts, interval):
    more, of, less, out_of = counts
    assert newcombe(less, out_of, more, of) == pytest.approx(interval, abs=6e-5)


def test_a_mean_by_hand():
    """1, 2, 3, 4 and 5: the standard error is the root of 2.5 / 5, and t with 4 degrees of freedom 2.776."""
    low, high = mean_interval(np.array([15.0]), np.array([10.0]), np.array([5]))
    assert (low[0], high[0]) == pytest.approx((3 - 2.776 * 0.5**0.5, 3 + 2.776 * 0.5**0.5), abs=1e-3)


def test_too_few_or_equal_numbers_have_no_interval_and_two_a_wide_one():
    space, clusters = made_up([0, 0, 1, 1, 2, 3], stars=[1.0, 2.0, 5.0, 5.0, 3.0, None])
    ranges = {theme.group: theme.mean_range for theme in themes(space, clusters, by="stars").themes}
    assert ranges[0] == pytest.approx((1.5 - 12.706 * 0.5, 1.5 + 12.706 * 0.5), abs=1e-3)
    assert ranges[1] is ranges[2] is ranges[3] is None


@pytest.mark.parametrize("share", [0.02, 0.2, 0.5])
def test_intervals_hold_what_is_true_19_times_of_20(share):
    numbers = np.random.default_rng(0)
    times, before, after = 4000, np.full(4000, 60), np.full(4000, 90)
    early, late = numbers.binomial(60, share, times), numbers.binomial(90, min(share + 0.1, 1), times)
    held = {
        "share": _held(wilson(early, before), share),
        "difference": _held(newcombe(early, before, late, after), min(share + 0.1, 1) - share),
    }
    values = numbers.exponential(2.0, (times, 40))
    squares = ((values - values.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    held["mean"] = _held(mean_interval(values.sum(axis=1), squares, np.full(times, 40)), 2.0)
    assert all(0.92 < part < 0.985 for part in held.values()), held


def _held(ends: tuple[np.ndarray, np.ndarray], true: float) -> float:
    low, high = ends
    return float(((low <= true) & (true <= high)).mean())


def test_all_intervals_of_a_report_hold_at_once_19_times_of_20():
    """Eight themes, 200 rows a report, nothing changes: some interval is without zero in about one report of twenty."""
    numbers = np.random.default_rng(1)
    times, count = 400, 8
    missed = 0
    for _ in range(times):
        kinds, late = numbers.integers(0, count, 200), numbers.random(200) < 0.5
        early, then = (np.bincount(kinds[late == side], minlength=count) for side in (False, True))
        before, after = np.full(count, (~late).sum()), np.full(count, late.sum())
        low, high = newcombe(early, before, then, after, 1 - 0.05 / count)
        missed += bool(((low > 0) | (high < 0)).any())
    assert missed / times < 0.08


# ---- the report ------------------------------------------------------------------------------------------


def two_periods(early: dict[int, int], late: dict[int, int]):
    """A report over rows of groups, so many of each in either period."""
    kinds = [group for part in (early, late) for group, rows in part.items() for _ in range(rows)]
    days = ["2026-01-01"] * sum(early.values()) + ["2026-02-01"] * sum(late.values())
    space, clusters = made_up(kinds, text=[f"row {n}" for n in range(len(kinds))], has_text=True, day=days)
    return space, themes(space, clusters, period="day")


STEADY = two_periods({0: 30, 1: 12, 2: 8}, {0: 26, 1: 15, 2: 9})
PLANTED = two_periods({0: 60, 1: 30, 2: 10}, {0: 58, 1: 2, 2: 40})


def test_nothing_beyond_chance_is_said_and_gray():
    _, report = STEADY
    assert chance_sentence(report) == "No change is larger than chance."
    assert '<p class="finding">No change is larger than chance.</p>' in themes_html(report, "steady")
    assert themes_table(report)["beyond chance"].tolist() == ["", "", ""]
    figure = theme_bars(report, ["#123456", "#abcdef", "#00ff00"], "#000", "#ccc", GRAY)
    assert figure.data[-1].marker.color == (GRAY,) * 3
    for theme in report.themes:
        assert theme.change_range.low <= 0 <= theme.change_range.high


def test_a_planted_change_is_marked_and_its_interval_is_without_zero():
    _, report = PLANTED
    marked = {theme.group: theme.change_range for theme in report.themes if theme.marked}
    assert set(marked) == {1, 2}
    assert marked[1].high < 0 < marked[2].low
    assert chance_sentence(report) == "2 changes are larger than chance: ▲ group 2, ▼ group 1."
    figure = theme_bars(report, ["#111111", "#222222", "#333333"], "#000", "#ccc", GRAY)
    assert figure.data[-1].marker.color == (GRAY, "#222222", "#333333")
    whiskers = figure.data[-1].error_x
    at = [theme.change for theme in report.themes]
    drawn = [(x - minus, x + plus) for x, minus, plus in zip(at, whiskers.arrayminus, whiskers.array, strict=True)]
    assert drawn == [pytest.approx(theme.change_range) for theme in report.themes]


def test_marks_and_intervals_agree_whatever_the_numbers():
    """Small and lopsided counts, where an exact test and a score interval may differ."""
    numbers = np.random.default_rng(2)
    marked = 0
    for _ in range(150):
        early, late = ({group: int(n) for group, n in enumerate(numbers.integers(0, 9, 4))} for _ in range(2))
        early[9], late[9] = 5, 5
        _, report = two_periods(early, late)
        for theme in report.themes:
            low, high = theme.change_range
            assert low <= theme.change <= high
            assert theme.marked == (low > 0 or high < 0)
            marked += theme.marked
    assert marked > 0


@pytest.mark.parametrize("rows", [1, 2, 5])
def test_few_rows_have_wide_intervals(rows):
    _, report = two_periods({0: rows}, {1: rows})
    for theme in report.themes:
        low, high = theme.change_range
        assert high - low > (80 if rows < 5 else 40)
        assert not theme.marked or rows == 5
        share = theme.share_range
        assert share.high - share.low > 0.4
    theme_bars(report, ["#123456"] * 2, "#000", "#ccc", GRAY)
    assert "<svg" in themes_html(report, "few")


def test_the_table_has_the_ends_of_every_interval():
    _, report = PLANTED
    table = themes_table(report)
    assert table["change_low"].tolist() == [round(theme.change_range.low, 1) for theme in report.themes]
    assert table["change_high"].tolist() == [round(theme.change_range.high, 1) for theme in report.themes]
    assert (table["share_low %"] < table["share %"]).all()
    assert (table["share %"] < table["share_high %"]).all()


def test_the_rows_of_a_period_by_hand():
    space, report = two_periods({0: 2, 1: 1}, {0: 1, 1: 2})
    assert in_period(space, report, np.arange(6), later=False).tolist() == [0, 1, 2]
    assert in_period(space, report, np.array([0, 3, 5]), later=True).tolist() == [3, 5]
    undated = themes(space, made_up([0, 0, 1, 0, 1, 1])[1])
    assert in_period(space, undated, np.arange(6), later=True).tolist() == []


def test_names_of_80_characters_and_hostile_ones_are_drawn_as_text():
    labels = [0] * 6 + [1] * 6
    space, clusters = made_up(labels, day=["2026-01-01", "2026-02-01"] * 6, stars=list(range(12)))
    long, hostile = "long name " * 8, "<a href='x'>{y}</a> %{customdata}"
    named = type(clusters)(clusters.labels, (long, hostile))
    figure = theme_bars(themes(space, named, by="stars", period="day"), ["#111", "#222"], "#000", "#ccc", GRAY)
    texts = [note.text for note in figure.layout.annotations] + [text for bar in figure.data for text in bar.hovertext]
    assert not any("<a" in text for text in texts)
    assert all(bar.hovertemplate is None for bar in figure.data)

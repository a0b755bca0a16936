"""The themes report: shares, means, changes and quotes by hand, and a page that runs nothing."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from examples import random_unit, sentence_space, table_of, vector_recipe

from explorer.analysis.portraits import edge, foreign, means, over_time, quotes, typical
from explorer.analysis.themes import middle, themes
from explorer.building import build
from explorer.errors import BadInput
from explorer.geometry.clusters import Clusters
from explorer.geometry.neighbors import nearest_neighbors
from explorer.media.items import Items
from explorer.media.medium import Shown
from explorer.table.roles import kinds
from explorer.views.theme_figures import course_lines, theme_bars
from explorer.views.themes import counts_sentence, mark, number, themes_html, themes_table
from explorer.wording import day, one_line, shorten


def made_up(labels, items=None, has_text=False, **columns):
    """A space of these columns: an item a row where `items` does not say otherwise."""
    labels = np.asarray(labels, np.int32)
    table = table_of(**columns)
    item_of_row = np.arange(len(labels)) if items is None else np.asarray(items)
    unit = random_unit(len(labels))
    kept = np.flatnonzero(item_of_row >= 0)
    links = np.column_stack([kept, item_of_row[kept]]).astype(np.int32)
    contents = Items(links, np.zeros(len(labels), "S16"), ())
    first_rows = contents.first_rows
    space = SimpleNamespace(
        recipe=SimpleNamespace(sentences=False),
        table=table.arrow, wrapped=table, kinds=kinds(table), item_of_row=item_of_row, unit=unit, links=links,
        neighbors=nearest_neighbors(unit), items=contents,
        labels_of_rows=lambda each: contents.labels_of_rows(each, len(item_of_row)),
        shown=lambda which: [
            Shown(columns["text"][first_rows[item]] if has_text else "", "", "text") for item in which
        ],
    )  # fmt: skip
    return space, Clusters(labels, tuple(f"group {n}" for n in range(int(labels.max(initial=-1)) + 1)))


DAYS = [f"2026-01-{day:02d}" for day in range(1, 11)]


def test_shares_and_means_by_hand():
    """Five rows of four items: three rows in group 0, one in group 1, one in none."""
    space, clusters = made_up([0, 0, 1, -1], [0, 0, 1, 2, 3], stars=[1.0, 3.0, 5.0, None, 11.0])
    found = themes(space, clusters, by="stars")
    assert [(theme.rows, theme.share, theme.mean) for theme in found.themes] == [(3, 0.6, 3.0), (1, 0.2, None)]
    assert (found.rows, found.grouped, found.overall) == (5, 4, 5.0)
    assert found.has_numbers
    assert counts_sentence(found) == "5 rows · 2 themes · 1 row in none"


def test_rows_without_content_are_not_counted():
    space, clusters = made_up([0, 1], [0, -1, 1], stars=[1, 100, 3])
    assert themes(space, clusters, by="stars").rows == 2
    assert themes(space, clusters, by="stars").overall == 2


def test_a_category_has_its_commonest_value_in_each_theme():
    space, clusters = made_up([0, 0, 0, 1, 1, 1], city=["Rome", "Rome", "Oslo", "Oslo", None, None])
    found = themes(space, clusters, by="city")
    assert [theme.common for theme in found.themes] == [("Rome", 2 / 3), ("Oslo", 1.0)]
    assert found.common == ("Oslo", 0.5)
    assert not found.has_numbers


def test_the_change_between_two_periods_by_hand():
    """Ten days; group 1 has one of the first five rows and four of the last five."""
    space, clusters = made_up([0, 0, 0, 0, 1, 1, 1, 1, 1, 0], day=DAYS)
    found = themes(space, clusters, period="day", split=np.datetime64("2026-01-06", "us"))
    change = {theme.name: (theme.earlier, theme.later, pytest.approx(theme.change)) for theme in found.themes}
    assert change == {"group 0": (0.8, 0.2, -60.0), "group 1": (0.2, 0.8, 60.0)}
    assert not any(theme.marked for theme in found.themes), "four of five may be chance"
    assert (found.before, found.after, found.undated) == (5, 5, 0)


def test_a_change_beyond_chance_is_marked():
    labels = [0] * 40 + [1] * 10 + [0] * 10 + [1] * 40
    space, clusters = made_up(labels, day=["2026-01-01"] * 50 + ["2026-02-01"] * 50)
    found = themes(space, clusters, period="day")
    assert [(theme.name, mark(theme)) for theme in found.themes] == [("group 0", "▼"), ("group 1", "▲")]


def test_reports_of_chance_seldom_mark_anything():
    numbers = np.random.default_rng(0)
    marked = 0
    for _ in range(20):
        space, clusters = made_up(numbers.integers(0, 8, 200), day=numbers.choice(DAYS, 200).tolist())
        marked += any(theme.marked for theme in themes(space, clusters, period="day").themes)
    assert marked <= 3  # one expected at most


def test_the_middle_of_dates_begins_a_day():
    first, last = np.datetime64("2026-01-01T10:00", "us"), np.datetime64("2026-01-10T09:00", "us")
    assert day(middle(first, last)) == "2026-01-05"
    assert day(middle(first, first + np.timedelta64(4, "h"))) == "2026-01-01 12:00"


@pytest.mark.parametrize("dates", [["2026-01-01"] * 4, ["2026-01-01", None, None, None], ["2026-01-01", "", "", "x"]])
def test_one_date_makes_no_two_periods(dates):
    space, clusters = made_up([0, 0, 1, 1], day=dates)
    found = themes(space, clusters, period="day")
    assert all(theme.change is None for theme in found.themes)
    assert "change" not in " ".join(themes_table(found).columns)


def test_a_filter_counts_only_its_rows():
    space, clusters = made_up([0, 0, 0, 1, 1, 1], text=list("abcdef"), has_text=True, stars=[1, 2, 3, 4, 5, 6])
    found = themes(space, clusters, by="stars", rows=np.array([True, False, False, True, True, False]))
    assert [(theme.group, theme.rows) for theme in found.themes] == [(1, 2), (0, 1)]
    assert {quote.row for theme in found.themes for quote in theme.quotes} <= {0, 3, 4}
    assert "3 rows that meet the filter" in counts_sentence(found)
    nothing = themes(space, clusters, rows=np.zeros(6, bool))
    assert nothing.themes == ()
    assert nothing.rows == 0


def test_a_column_that_is_not_there_is_refused():
    space, clusters = made_up([0, 1], city=["a", "b"])
    with pytest.raises(BadInput, match="No column 'town' here"):
        themes(space, clusters, by="town")
    space, clusters = made_up([0, 1] * 20, name=[f"somebody {number}" for number in range(40)])
    with pytest.raises(BadInput, match="holds no dates"):
        themes(space, clusters, period="name")


def test_the_last_wave_is_compared_with_those_before_it():
    space, clusters = made_up([0, 0, 1, 0, 1, 1], wave=["w1", "w1", "w2", "w2", "w10", "w10"])
    found = themes(space, clusters, period="wave")
    assert (found.parts, found.first, found.last, found.split) == (("before w10", "w10"), "w1", "w10", None)
    assert {theme.name: (theme.earlier, theme.later) for theme in found.themes} == {
        "group 0": (0.75, 0.0), "group 1": (0.25, 1.0),
    }  # fmt: skip
    assert found.courses.names == ("w1", "w2", "w10")


def test_quotes_are_typical_and_differ():
    """One group of the sentences: the first quote is nearest to its middle, none is the near-duplicate of another."""
    space = sentence_space()
    for group in range(len(space.clusters)):
        found = quotes(space, space.clusters, group)
        assert len({quote.text for quote in found}) == 3
        items = space.item_of_row[[quote.row for quote in found]]
        assert items[0] == typical(space, space.clusters, group)[0]
        assert set(items) <= set(typical(space, space.clusters, group)[: int(space.clusters.sizes[group] / 2) + 1])
        assert (space.unit[items] @ space.unit[items].T - np.eye(3)).max() < 0.8


@pytest.mark.parametrize("members", [1, 2, 3])
def test_small_groups_are_quoted_whole(members):
    space, clusters = made_up([0] * members, text=list("abc")[:members], has_text=True)
    assert len(quotes(space, clusters, 0)) == members


def test_texts_are_shortened_at_a_sentence_or_a_word():
    assert one_line("One two.\n Three  four.") == "One two. Three four."
    assert (
        shorten("First sentence here. Second one is too long for this.", 30, sentences=True) == "First sentence here. …"
    )
    assert shorten("word " * 20, 22) == "word word word word…"
    assert shorten("x" * 50, 10) == "x" * 9 + "…"
    assert shorten("電車が遅れました。" * 9, 20, sentences=True) == "電車が遅れました。電車が遅れました。 …"


def test_the_edge_has_its_neighbors_elsewhere():
    space = sentence_space()
    outside = foreign(space, space.clusters)
    found = edge(space, space.clusters, 0, outside)
    assert set(found) == set(np.flatnonzero(space.clusters.labels == 0))
    assert (np.diff(outside[found]) <= 0).all()
    assert outside[found[0]] > outside[typical(space, space.clusters, 0)[0]]


def test_counts_over_time_by_hand():
    space, clusters = made_up([0] * 5 + [1] * 5, day=DAYS)
    counts = over_time(space, clusters, "day").counts
    assert counts.sum(axis=1).tolist() == [5, 5]
    assert counts[0, 6:].sum() == counts[1, :5].sum() == 0
    assert over_time(*made_up([0, 0], day=["2026-01-01"] * 2), "day") is None


def test_means_a_group():
    space, clusters = made_up([0, 0, 1], stars=[1, 2, None])
    assert means(space, clusters, "stars").tolist()[0] == 1.5
    assert np.isnan(means(space, clusters, "stars")[1])


# -- the page, the table and the picture -------------------------------------------------------------


HOSTILE = '<script>alert(1)</script><img src=x onerror="x()">'


def hostile_report():
    labels = [0] * 40 + [1] * 10 + [0] * 10 + [1] * 40
    space, clusters = made_up(
        labels, text=[f"{HOSTILE} {n}" for n in range(100)], has_text=True, city=[HOSTILE] * 100,
        day=["2026-01-01"] * 50 + ["2026-02-01"] * 50,
    )  # fmt: skip
    return themes(space, Clusters(clusters.labels, (HOSTILE, "plain")), by="city", period="day")


def test_the_page_runs_nothing_and_asks_nothing():
    page = themes_html(hostile_report(), HOSTILE)
    assert "<script" not in page
    assert "<img" not in page
    assert "default-src 'none'" in page
    assert not re.findall(r"(?:src|href)=[\"'](?!data:)", page)
    assert "url(" not in page
    assert "&lt;script&gt;" in page
    page.encode("utf-8")
    themes_html(hostile_report(), "half a surrogate \ud800").encode("utf-8")


def test_the_page_holds_every_theme_with_its_numbers_and_quotes():
    report = hostile_report()
    page = themes_html(report, "Themes in a file", ["#123456", "#abcdef"])
    assert page.count("<blockquote>") == 6
    # Two dots, the bar of its share, and of its change, which is beyond chance; its course, a line and a band.
    assert page.count("#123456") == 6
    assert "▼ -60.0" in page
    assert "▲ +60.0" in page
    assert "50.0 %" in page
    assert "Fisher" in page
    assert page.count("<tr>") == 3


def test_the_table_holds_what_the_page_does():
    table = themes_table(hostile_report())
    assert table["rows"].tolist() == [50, 50]
    assert table["change, points"].tolist() == [-60.0, 60.0]
    assert table["beyond chance"].tolist() == ["▼", "▲"]
    assert table["its share %"].tolist() == [100.0, 100.0]
    assert "quote 3" in table


def test_the_picture_draws_each_theme():
    figure = theme_bars(hostile_report(), ["#123456", "#abcdef"], "#000", "#ccc", "#999")
    assert [bar.x for bar in figure.data] == [(50.0, 50.0), (pytest.approx(-60), pytest.approx(60))]
    assert figure.data[1].marker.color == ("#123456", "#abcdef"), "what is beyond chance has its color"
    assert "<script" not in str(figure.layout.annotations)


@pytest.mark.parametrize(
    ("value", "written"), [(12345.6, "12,346"), (123.45, "123.5"), (2.5, "2.50"), (0, "0"), (0.00123, "0.0012")]
)
def test_means_are_written_as_people_do(value, written):
    assert number(value) == written


# -- odd spaces ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_few_vectors_make_a_report(store, count):
    space = build(vector_recipe(store, random_unit(count)), store=store)
    found = themes(space, space.clusters)
    assert sum(theme.rows for theme in found.themes) == count
    assert all(theme.quotes == () for theme in found.themes)
    assert "<table>" in themes_html(found, "few")
    theme_bars(found, ["#123456"] * len(found.themes), "#000", "#ccc", "#999")


def test_all_left_over_is_an_empty_report():
    space, clusters = made_up([-1, -1, -1], stars=[1, 2, 3])
    found = themes(space, clusters, by="stars")
    assert found.themes == ()
    assert found.overall == 2
    assert "<table>" in themes_html(found, "none")
    assert len(themes_table(found)) == 0


def test_three_hundred_groups_are_all_in_table_and_page():
    space, clusters = made_up(np.arange(900) % 300, day=np.resize(DAYS, 900).tolist())
    found = themes(space, clusters, period="day")
    assert len(themes_table(found)) == 300
    assert themes_html(found, "many").count("<tr>") == 301
    assert len(theme_bars(found, ["#123456"] * 300, "#000", "#ccc", "#999").data[0].y) == 24


def test_lines_over_time_have_the_shares_of_the_report():
    space, clusters = made_up([0, 0, 1, 1, 0, 1], day=["2026-01-05", "2026-01-06", "2026-02-05"] * 2)
    found = themes(space, clusters, period="day", every="month")
    figure = course_lines(found, ["#111111", "#222222"], "black", "gray")
    assert [list(line.x) for line in figure.data] == [["2026-01", "2026-02"]] * 2
    assert [[round(share, 1) for share in line.y] for line in figure.data] == [
        [round(100 * share, 1) for share in course.shares] for course in found.courses.courses
    ]

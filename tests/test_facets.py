"""Columns beside the map: what they hold is counted over rows, every value can be reached, and a choice filters."""

import re

import numpy as np
import pytest
from examples import stored_recipe, table_of, three_clouds
from streamlit.testing.v1 import AppTest
from visits import healthy, link_of, opened, page_text, press, visit

from explorer.analysis.filters import NO_VALUE, Condition, from_link, rows_meeting, to_link
from explorer.app import session
from explorer.app.map.ranges import scale_of
from explorer.app.pages import PAGES
from explorer.building import build
from explorer.library.samples import SAMPLES, open_sample
from explorer.reading.readers import read
from explorer.recipe import READY_MADE
from explorer.space import Space
from explorer.table.roles import kinds
from explorer.views.facets import facet, facet_kinds, histogram_html, share

MAP = PAGES["map"].script
CSV = b"text,topic,stars,created\na,x,1,2026-01-01\nb,y,2,2026-01-31\nc,x,,2026-02-01\nd,,5,\n"


def every(table) -> np.ndarray:
    return np.ones(len(table), bool)


@pytest.fixture
def table():
    return read(CSV, name="four.csv")


# ---- what is counted -------------------------------------------------------------------------------------


def test_a_category_counts_all_rows_and_those_left_and_rows_without_a_value(table):
    found = facet(table, "topic", "category", np.array([True, False, False, True]), every(table))
    assert dict(zip(found.labels, found.values.tolist(), strict=True)) == {"x": [2, 1], "y": [1, 0], NO_VALUE: [1, 1]}
    assert found.rows == 2


def test_only_rows_with_content_are_counted(table):
    among = np.array([True, True, False, False])
    found = facet(table, "topic", "category", every(table), among)
    assert (found.labels, found.values.tolist(), found.rows) == (("x", "y"), [[1, 1], [1, 1]], 2)


def test_few_whole_numbers_have_a_bin_each(table):
    stars = facet(table, "stars", "number", every(table), every(table))
    assert stars.edges.tolist() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]
    assert stars.bins.tolist() == [[1, 1], [1, 1], [0, 0], [0, 0], [1, 1]]
    assert (stars.labels, stars.values.tolist()) == ((NO_VALUE,), [[1, 1]])


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_row_is_in_a_bin_or_has_a_label(sample):
    table = open_sample(sample)[0]
    for column, kind in facet_kinds(table, kinds(table)).items():
        found = facet(table, column, kind, every(table), every(table))
        if found is not None:
            assert found.values.sum() + found.bins.sum() == 2 * len(table), column


def test_a_column_of_one_value_has_no_facet():
    table = read(b"text,same,half\na,x,y\nb,x,\n", name="same.csv")
    assert facet(table, "same", "category", every(table), every(table)) is None
    assert facet(table, "half", "category", every(table), every(table)) is not None


def test_a_text_column_of_hundreds_of_repeated_values_is_one_of_categories():
    products = [f"the product {number % 300}" for number in range(3000)]
    table = table_of(product=products, said=[f"sentence {n} of some length" for n in range(3000)])
    assert facet_kinds(table, {"product": "text", "said": "text"}) == {"product": "category"}


@pytest.mark.parametrize(
    ("part", "of", "words"), [(92, 445, "21 %"), (1, 445, "<1 %"), (0, 445, "0 %"), (3, 3, "100 %"), (0, 0, "0 %")]
)
def test_a_share_for_people(part, of, words):
    assert share(part, of) == words


def test_the_chosen_range_of_a_histogram_stands_out(table):
    found = facet(table, "stars", "number", every(table), every(table))
    bright = histogram_html(found, Condition("stars", 2, 4), "#00f", "#ccc").split("</div></div>")
    assert [re.search(r"opacity:([\d.]+)", part)[1] for part in bright[:5]] == ["0.35", "1", "1", "1", "0.35"]
    assert 'title="2: 1 of 1 rows"' in bright[1]


# ---- ranges ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [[1, 5, 3], [0.1, 0.2, 0.35], [-3.25, 1e6], [0, 10**12], [1e-9, 3e-9], [1994, 2003]],
    ids=str,
)
def test_the_slider_of_numbers_reaches_both_ends(values):
    table = table_of(n=values)
    scale = scale_of(facet(table, "n", "number", every(table), every(table)))
    assert scale.low <= min(values)
    assert scale.high >= max(values)
    assert scale.high - scale.low <= 1.5 * (max(values) - min(values))


@pytest.mark.parametrize("values", [[0, 2**60], [1e300, -1e300], [1.0, 1.0 + 1e-12]], ids=str)
def test_numbers_that_no_slider_tells_apart_have_none(values):
    table = table_of(n=values)
    assert scale_of(facet(table, "n", "number", every(table), every(table))) is None


def test_the_slider_of_dates_goes_by_days(table):
    scale = scale_of(facet(table, "created", "date", every(table), every(table)))
    assert [scale.write(end) for end in (scale.low, scale.high)] == ["2026-01-01", "2026-02-01"]
    assert scale.within("2026-01-20T08:30", scale.low).isoformat() == "2026-01-20"
    assert scale.within(5.0, scale.low) == scale.low, "a number is no date"


# ---- on the page -----------------------------------------------------------------------------------------


def columns(at: AppTest) -> AppTest:
    return healthy(at.segmented_control(key="beside").set_value("Columns").run())


def filtered(at: AppTest) -> tuple[Condition, ...]:
    return from_link(link_of(at).get("f", ""))


def value_button(at: AppTest, start: str):
    return next(b for b in at.button if (b.key or "").startswith("value-") and b.label.strip("*").startswith(start))


def test_a_click_on_a_value_wants_it_and_a_second_click_does_not():
    at = columns(visit(MAP, sample="support_tickets"))
    table = open_sample("support_tickets")[0]
    billing = int(rows_meeting(table, [Condition("topic", values=("billing",))]).sum())
    assert f" :gray[{billing} · " in value_button(at, "billing").label
    healthy(value_button(at, "billing").click().run())
    assert filtered(at) == (Condition("topic", values=("billing",)),)
    assert f"**{billing} of {len(table)} rows** meet the filter" in page_text(at)
    healthy(value_button(at, "login").click().run())
    assert filtered(at) == (Condition("topic", values=("billing", "login")),)
    healthy(value_button(at, "billing").click().run())
    healthy(value_button(at, "login").click().run())
    assert filtered(at) == ()


def test_shares_are_of_the_rows_that_meet_the_filter_on_other_columns():
    at = columns(visit(MAP, sample="support_tickets", f=to_link([Condition("channel", values=("email",))])))
    table = open_sample("support_tickets")[0]
    content = Space(open_sample("support_tickets")[1], session.store()).item_of_row >= 0
    email = rows_meeting(table, [Condition("channel", values=("email",))]) & content
    both = email & rows_meeting(table, [Condition("topic", values=("login",))])
    assert f":gray[{both.sum()} · {100 * both.sum() / email.sum():.0f} %]" in value_button(at, "login").label


def test_the_rest_of_the_values_opens_and_closes():
    at = columns(visit(MAP, sample="support_tickets"))
    topics = set(open_sample("support_tickets")[0].arrow.column("topic").to_pylist())

    def shown() -> set[str]:
        return {topic for topic in topics if any(b.label.startswith(f"{topic} ") for b in at.button)}

    assert len(shown()) == 8
    (more,) = [b for b in at.button if b.label == f"and {len(topics) - 8} more"]
    press(at, more.key)
    assert shown() == topics
    press(at, more.key)
    assert len(shown()) == 8


@pytest.fixture
def wide() -> AppTest:
    """A map of a table with more columns than are shown at once, one with hundreds of values."""
    store, n = session.store(), 900
    parts = {f"flag {number}": ["yes" if row % (number + 2) else "no" for row in range(n)] for number in range(9)}
    makers = [f"the maker no {row % 150}" for row in range(n)]
    table = table_of(maker=makers, price=[row / 7 for row in range(n)], **parts, vector=three_clouds(n // 3)[0])
    recipe = stored_recipe(store, table, ("vector",), model=READY_MADE)
    build(recipe, store=store)
    return columns(opened(MAP, recipe, table))


def test_one_of_hundreds_of_values_is_found_by_typing(wide):
    (box,) = [box for box in wide.selectbox if (box.key or "").startswith("find-value-")]
    assert len(box.options) == 150 - 8
    healthy(box.select_index(100).run())
    (condition,) = filtered(wide)
    assert condition.values is not None
    assert box.options[100].startswith(f"{condition.values[0]} · ")
    assert value_button(wide, condition.values[0]), "what is chosen is in sight"


def test_columns_beyond_the_first_eight_are_chosen_from_a_list(wide):
    assert "**flag 8**" not in page_text(wide)
    healthy(wide.selectbox(key="facet-more").select("flag 8").run())
    assert "**flag 8**" in page_text(wide)


def test_a_range_is_set_and_removed(wide):
    (slider,) = [slider for slider in wide.slider if (slider.key or "").startswith("range-")]
    low, high = slider.value
    healthy(slider.set_value((20.0, high)).run())
    assert filtered(wide) == (Condition("price", 20.0, None),)
    press(wide, "unfilter-all")
    assert filtered(wide) == ()
    assert wide.slider(key=slider.key).value == (low, high)


def test_rows_without_a_value_can_be_wanted(wide):
    table = table_of(n=[1, 2, None, None, 5, 6], vector=three_clouds(2)[0])
    recipe = stored_recipe(session.store(), table, ("vector",), model=READY_MADE)
    build(recipe, store=session.store())
    at = columns(opened(MAP, recipe, table))
    healthy(value_button(at, "no value").click().run())
    assert filtered(at) == (Condition("n", values=(NO_VALUE,)),)
    assert "**2 of 6 rows** meet the filter" in page_text(at)


@pytest.mark.parametrize(
    "f", ['[["urgency","2026-01-01",null]]', '[["created",3,4]]', '[["created","-0044-03-15",null]]']
)
def test_a_condition_of_the_wrong_kind_in_the_address_does_no_harm(f):
    columns(visit(MAP, sample="support_tickets", f=f))


def test_names_of_values_are_shown_as_written():
    table = table_of(tag=["<b>x</b>", "*y*", "<b>x</b>", ":red[z]"] * 2, vector=three_clouds(3)[0][:8])
    recipe = stored_recipe(session.store(), table, ("vector",), model=READY_MADE)
    build(recipe, store=session.store())
    labels = [b.label for b in columns(opened(MAP, recipe, table)).button if (b.key or "").startswith("value-")]
    assert [label.split(" :gray")[0] for label in labels] == [r"\<b\>x\</b\>", r"\*y\*", r"\:red\[z\]"]

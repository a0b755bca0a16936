"""Themes by segment, in waves and over time: counts by hand, and chance told from more."""

from types import SimpleNamespace

import numpy as np
import pytest
from examples import table_of

from explorer.analysis.memberships import Memberships
from explorer.analysis.over_time import courses
from explorer.analysis.segments import OTHERS, segments
from explorer.analysis.waves import waves
from explorer.errors import BadInput
from explorer.table.roles import kinds


def space_of(**columns):
    table = table_of(**columns)
    return SimpleNamespace(table=table.arrow, wrapped=table, kinds=kinds(table))


def members(groups: list[int]) -> Memberships:
    groups = np.asarray(groups)
    rows = np.flatnonzero(groups >= 0)
    return Memberships(rows, groups[rows], int(groups.max()) + 1)


def test_shares_and_differences_by_hand():
    """North: 3 of 4 in theme 0; South: 1 of 4. One row has no region."""
    space = space_of(region=["North"] * 4 + ["South"] * 4 + [None])
    found = segments(space, members([0, 0, 0, 1, 0, 1, 1, 1, 0]), [0, 1], ("region",), np.ones(9, bool))
    assert (found.names, found.rows, found.without) == (("North", "South"), (4, 4), 1)
    cells = {(cell.group, found.names[cell.segment]): (cell.rows, cell.share, cell.difference) for cell in found.cells}
    assert cells == {
        (0, "North"): (3, 0.75, 50.0), (0, "South"): (1, 0.25, -50.0),
        (1, "North"): (1, 0.25, -50.0), (1, "South"): (3, 0.75, 50.0),
    }  # fmt: skip
    assert not any(cell.marked for cell in found.cells), "three of four may be chance"


def test_a_difference_beyond_chance_is_marked():
    space = space_of(region=["North"] * 60 + ["South"] * 60)
    found = segments(
        space, members(([0] * 45 + [1] * 15) + ([0] * 15 + [1] * 45)), [0, 1], ("region",), np.ones(120, bool)
    )
    assert all(cell.marked for cell in found.cells)
    assert found.of(0)[0].difference_range.low > 25


def test_chance_alone_marks_few_cells():
    numbers = np.random.default_rng(0)
    marked = []
    for _ in range(20):
        space = space_of(region=numbers.choice(list("abcdef"), 300).tolist())
        found = segments(space, members(numbers.integers(0, 8, 300)), list(range(8)), ("region",), np.ones(300, bool))
        marked += [cell.marked for cell in found.cells]
    assert len(marked) == 20 * 8 * 6
    assert sum(marked) <= 10


def test_two_columns_at_once():
    space = space_of(region=["N", "N", "S", "S"], plan=["free", "paid", "free", None])
    found = segments(space, members([0, 1, 0, 0]), [0, 1], ("region", "plan"), np.ones(4, bool))
    assert (found.names, found.rows, found.without) == (("N · free", "N · paid", "S · free"), (1, 1, 1), 1)
    assert [cell.rows for cell in found.of(0)] == [1, 0, 1]


def test_many_values_are_counted_together():
    values = [value for number in range(20) for value in [f"v{number:02d}"] * (20 - number)]
    space = space_of(city=values)
    found = segments(space, members([0, 1] * (len(values) // 2)), [0, 1], ("city",), np.ones(len(values), bool))
    assert (found.names[0], found.names[-1], len(found.names)) == ("v00", OTHERS, 12)
    assert sum(found.rows) == len(values)


def test_a_segment_of_all_rows_has_nothing_to_compare():
    space = space_of(region=["N"] * 4)
    assert segments(space, members([0, 1, 0, 1]), [0, 1], ("region",), np.ones(4, bool)).cells == ()


@pytest.mark.parametrize(
    ("every", "names", "places"),
    [
        ("day", 33, [0, 1, 32]),
        ("week", ("2026-02-23", "2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"), [0, 1, 5]),
        ("month", ("2026-03", "2026-04"), [0, 0, 1]),
        ("quarter", ("2026 Q1", "2026 Q2"), [0, 0, 1]),
        ("year", ("2026",), [0, 0, 0]),
    ],
)  # fmt: skip
def test_days_weeks_and_months(every, names, places):
    """A Sunday, the Monday after it, and a Thursday a month later."""
    found = waves(space_of(day=["2026-03-01", "2026-03-02", "2026-04-02", None]), "day", every)
    assert found.of_row.tolist() == [*places, -1]
    assert len(found.names) == names if isinstance(names, int) else found.names == names


def test_the_length_of_a_period_is_chosen():
    days = [str(np.datetime64("2024-01-01") + each) for each in range(0, 700, 7)]
    assert waves(space_of(day=days), "day").every == "quarter"
    assert waves(space_of(day=days[:20]), "day").every == "month"
    assert waves(space_of(day=days[:3]), "day").every == "day" or waves(space_of(day=days[:3]), "day").every == "week"


def test_waves_by_name_in_their_natural_order():
    found = waves(space_of(wave=["wave 10", "wave 2", "wave 1", "wave 2"]), "wave")
    assert (found.names, found.of_row.tolist(), found.every) == (("wave 1", "wave 2", "wave 10"), [2, 1, 0, 1], "wave")


def test_what_are_no_waves_is_said():
    texts = [f"answer number {number} is of its own and long" for number in range(100)]
    with pytest.raises(BadInput, match="holds no dates.*Choose a column of dates"):
        waves(space_of(text=texts), "text")
    with pytest.raises(BadInput, match="more than 400 days. Take weeks."):
        waves(space_of(day=["2020-01-01", "2022-01-01"]), "day", "day")


def test_new_and_gone_themes():
    """Theme 0 is always there, theme 1 begins with month 3, theme 2 ends after month 1, theme 3 has one late row."""
    months = [month for month in range(4) for _ in range(40)]
    groups = [1 if month >= 2 and number % 4 == 0 else 2 if month < 1 and number % 4 == 0 else 0
              for number, month in enumerate(months)]  # fmt: skip
    groups[-1] = 3
    space = space_of(day=[f"2026-{month + 1:02d}-05" for month in months])
    found = courses(members(groups), [0, 1, 2, 3], waves(space, "day", "month"), np.ones(160, bool))
    assert found.names == ("2026-01", "2026-02", "2026-03", "2026-04")
    assert found.rows == (40, 40, 40, 40)
    seen = {course.group: (course.new_since, course.gone_since) for course in found.courses}
    assert seen == {0: (None, None), 1: (2, None), 2: (None, 1), 3: (None, None)}
    assert found.courses[1].rows == (0, 0, 10, 10)
    assert found.courses[1].shares == (0.0, 0.0, 0.25, 0.25)
    low, high = found.courses[1].ranges[3]
    assert low < 0.25 < high


def test_a_period_without_rows_has_no_share():
    space = space_of(day=["2026-01-05", "2026-03-05"])
    found = courses(members([0, 0]), [0], waves(space, "day", "month"), np.ones(2, bool))
    assert found.courses[0].shares == (1.0, None, 1.0)
    assert found.courses[0].ranges[1] is None

"""`python -m faults --only kills` in short: processes killed in the middle of their work, and work asked for twice.

Two kills; `make faults` has some hundreds, of the app's worker too, which tests/test_jobs.py kills once.
"""

import numpy as np
import pytest

from faults import builds, kills


@pytest.mark.parametrize(
    "provoke",
    [lambda: kills.at_every_write(short=True), lambda: kills.asked_twice(short=True)],
    ids=["in the middle of its writes", "asked twice"],
)
def test_nothing_is_lost_and_nothing_made_twice(provoke):
    result = provoke()
    assert result.bad == []
    assert result.lost == 0
    assert result.cases >= 1


def test_a_result_that_differs_in_its_last_bit_is_noticed():
    vectors = np.ones((3, 2), np.float32)
    other = vectors.copy()
    other[2, 1] = np.nextafter(np.float32(1), np.float32(2))
    builds.same({"vectors": vectors}, {"vectors": vectors.copy()})
    with pytest.raises(AssertionError, match="vectors differ"):
        builds.same({"vectors": vectors}, {"vectors": other})

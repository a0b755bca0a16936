"""`python -m faults --only kills` in short: processes killed in the middle of their work, and work asked for twice.

Two kills; `make faults` has some hundreds, of the app's worker too, which tests/test_jobs.py kills once.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from faults import builds, kills, real_kills


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


def test_of_the_real_app_a_worker_is_killed_and_nothing_else():
    """The whole run takes minutes: `python -m faults --only real_kills --short`."""
    killed = []

    def process(*words: str) -> SimpleNamespace:
        return SimpleNamespace(cmdline=lambda: list(words), kill=lambda: killed.append(words[-1]))

    children = [process("python", "streamlit"), process("python", "-m", "explorer.jobs.worker"), process("python", "x")]
    assert real_kills._kill_a_worker(SimpleNamespace(server=SimpleNamespace(children=lambda: children)))
    assert killed == ["explorer.jobs.worker"]
    assert not real_kills._kill_a_worker(SimpleNamespace(server=SimpleNamespace(children=lambda: children[:1])))

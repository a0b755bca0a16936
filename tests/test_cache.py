"""What pages keep in memory is bounded by bytes, made once, and shared."""

import threading
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from explorer.app import cache
from explorer.app.cache import Cache, cached, forget, weigh


@dataclass(eq=False)
class Holder:
    array: np.ndarray
    name: str = ""


def test_arrays_count_by_their_bytes_and_shared_ones_once():
    array = np.zeros(1_000, np.float32)
    assert weigh([array]) == 4_000
    assert weigh([array, array[::2], Holder(array)]) == 4_000 + 8
    assert weigh([[array, {"a": np.zeros(10, np.int64)}]]) == 4_000 + 80 + 16
    assert weigh([pa.table({"x": np.zeros(100)})]) >= 800
    assert weigh(["four", None, 3]) == 4


def test_what_was_longest_not_used_leaves_when_bytes_are_short():
    now = [0.0]
    kept = Cache(lambda: 250, lambda: now[0])
    for asked_again, name in (("", "a"), ("", "b"), ("a", "c")):
        now[0] += 10
        if asked_again:
            kept.get((asked_again, ()), list)
        kept.get((name, ()), lambda: np.zeros(100, np.uint8))
    made = []
    for name in "abc":
        kept.get((name, ()), lambda name=name: made.append(name) or np.zeros(1, np.uint8))
    assert made == ["b"], "a was asked for after it"


def test_the_newest_stays_whatever_it_takes():
    kept = Cache(lambda: 10)
    assert len(kept.get(("large", ()), lambda: np.zeros(1_000))) == 1_000
    assert len(kept) == 1


def test_what_grows_is_weighed_again():
    now = [0.0]
    kept = Cache(lambda: 1_000, lambda: now[0])
    grows = kept.get(("grows", ()), lambda: Holder(np.zeros(1, np.uint8)))
    grows.array = np.zeros(5_000, np.uint8)
    now[0] += 10
    kept.get(("small", ()), lambda: "x")
    assert len(kept) == 1


def test_it_is_made_once_by_those_who_ask_at_once():
    kept, made, go = Cache(lambda: 10**9), [], threading.Event()

    def make():
        go.wait(10)
        made.append(1)
        return "made"

    found = []
    threads = [threading.Thread(target=lambda: found.append(kept.get(("k", ()), make))) for _ in range(4)]
    for thread in threads:
        thread.start()
    go.set()
    for thread in threads:
        thread.join(10)
    assert (made, found) == ([1], ["made"] * 4)


def test_a_failure_is_not_kept():
    kept = Cache(lambda: 10**9)
    for value in (None, "second"):
        try:
            found = kept.get(("k", ()), lambda value=value: value or 1 / 0)
        except ZeroDivisionError:
            found = "failed"
    assert found == "second"


def test_arguments_with_an_underscore_are_not_part_of_the_key(monkeypatch):
    monkeypatch.setattr(cache, "CACHE", Cache(lambda: 10**9))
    calls = []

    @cached()
    def double(number, _large=None, *, plus=0):
        calls.append(number)
        return 2 * number + plus

    assert [double(1, "a"), double(1, _large="b"), double(number=1), double(1, plus=1)] == [2, 2, 2, 3]
    assert calls == [1, 1]
    forget(double, 1)
    assert double(1) == 2
    assert calls == [1, 1, 1]


def test_what_is_kept_for_a_while_is_made_again_after_it():
    now = [0.0]
    kept = Cache(lambda: 10**9, lambda: now[0])
    assert kept.get(("k", ()), lambda: 1, seconds=60) == 1
    now[0] = 59
    assert kept.get(("k", ()), lambda: 2, seconds=60) == 1
    now[0] = 61
    assert kept.get(("k", ()), lambda: 2, seconds=60) == 2

"""What pages keep in memory between runs, for all visitors: bounded by bytes, the longest unused leaves first.

A cached function takes what its result depends on as arguments; arguments whose names begin with "_" are left out of
the key, as in Streamlit's caches. It reads neither the address nor session state. Results are shared and never changed.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from contextlib import nullcontext
from typing import Any, ParamSpec, TypeVar

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st
from scipy import sparse

from explorer.limits import cache_bytes

P = ParamSpec("P")
R = TypeVar("R")
Key = tuple[str, tuple[Hashable, ...]]

_MOST_ENTRIES = 4_096
_WEIGH_EVERY = 1.0  # seconds: what is kept may grow while it is used, as a space does


def weigh(values: Iterable[Any]) -> int:
    """Bytes that values take in memory; arrays that several share count once."""
    seen: set[int] = set()
    return sum(_weight(value, seen, 0) for value in values)


def _weight(value: Any, seen: set[int], depth: int) -> int:
    if value is None or isinstance(value, bool | int | float) or id(value) in seen or depth > 6:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        owner = value
        while isinstance(owner.base, np.ndarray):
            owner = owner.base
        return value.nbytes if owner is value else _weight(owner, seen, depth)
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, pa.Table | pa.ChunkedArray | pa.Array):
        return value.get_total_buffer_size()
    if isinstance(value, pd.DataFrame | pd.Series):
        return int(np.sum(value.memory_usage()))
    if sparse.issparse(value):
        return value.data.nbytes * 2
    if isinstance(value, dict):
        parts: Iterable[Any] = list(value.values())
    elif isinstance(value, list | tuple | set | frozenset):
        parts = value if len(value) <= 1_000 else ()
        if not parts:  # of a long list, its first stands for all
            first = next(iter(value), None)
            return len(value) * (8 + _weight(first, set(), depth + 1))
    elif dataclasses.is_dataclass(value) or type(value).__module__.startswith("explorer."):
        parts = list(getattr(value, "__dict__", {}).values())  # a copy: a space loads more meanwhile
    else:
        return 64
    return 8 + sum(_weight(part, seen, depth + 1) for part in parts)


class Cache:
    """Results by key. Safe to use from any thread.

    limit : gives the most bytes that may be kept; what is newest stays whatever it takes
    """

    def __init__(self, limit: Callable[[], int], clock: Callable[[], float] = time.monotonic):
        self._limit = limit
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: OrderedDict[Key, tuple[Any, float]] = OrderedDict()
        self._making: dict[Key, threading.Lock] = {}
        self._weighed = float("-inf")

    def get(self, key: Key, make: Callable[[], Any], seconds: float | None = None) -> Any:
        """What is kept under a key, made by one of those who ask at once where nothing is.

        seconds : how long it may be kept; None for as long as there is room
        """
        with self._lock:
            if (found := self._found(key)) is not None:
                return found[0]
            making = self._making.setdefault(key, threading.Lock())
        with making:
            with self._lock:
                if (found := self._found(key)) is not None:
                    return found[0]
            try:
                value = make()
                with self._lock:
                    until = float("inf") if seconds is None else self._clock() + seconds
                    self._entries[key] = (value, until)
                    self._make_room()
            finally:
                with self._lock:
                    self._making.pop(key, None)
        return value

    def forget(self, key: Key) -> None:
        """Let go of what is kept under a key."""
        with self._lock:
            self._entries.pop(key, None)

    def clear(self) -> None:
        """Let go of everything."""
        with self._lock:
            self._entries.clear()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def bytes(self) -> int:
        """What it all takes."""
        with self._lock:
            return weigh(value for value, _ in self._entries.values())

    def _found(self, key: Key) -> tuple[Any, float] | None:
        found = self._entries.get(key)
        if found is None:
            return None
        if found[1] < self._clock():
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return found

    def _make_room(self) -> None:
        while len(self._entries) > _MOST_ENTRIES:
            self._entries.popitem(last=False)
        now = self._clock()
        if now - self._weighed < _WEIGH_EVERY:
            return
        self._weighed = now
        # From the newest to the oldest: what no longer fits leaves.
        seen: set[int] = set()
        total, limit = 0, self._limit()
        for number, key in enumerate(reversed(list(self._entries))):
            total += _weight(self._entries[key][0], seen, 0)
            if number and total > limit:
                del self._entries[key]


CACHE = Cache(cache_bytes)


def cached(*, spinner: str = "", seconds: float | None = None) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Keep the results of a function; see the head of this file.

    Parameters
    ----------
    spinner : what a visitor reads who waits for it
    seconds : how long a result may be kept; None for as long as there is room
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        key_of = _key_maker(function)

        @functools.wraps(function)
        def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
            def make() -> R:
                with st.spinner(spinner) if spinner else nullcontext():
                    return function(*args, **kwargs)

            return CACHE.get(key_of(*args, **kwargs), make, seconds)

        return wrapper

    return decorate


def forget(function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
    """Let go of one result of a cached function."""
    CACHE.forget(_key_maker(inspect.unwrap(function))(*args, **kwargs))


def _key_maker(function: Callable[..., Any]) -> Callable[..., Key]:
    signature = inspect.signature(function)
    name = f"{function.__module__}.{function.__qualname__}"
    counted = [each for each in signature.parameters if not each.startswith("_")]

    def key_of(*args: Any, **kwargs: Any) -> Key:
        bound = signature.bind_partial(*args, **kwargs)
        bound.apply_defaults()
        return name, tuple(bound.arguments.get(each) for each in counted)

    return key_of

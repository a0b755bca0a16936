"""How long work reports its progress."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with (step, items done, items in all); 0 in all where a step does not know. What it raises stops the work."""

Counts = Callable[[int, int], None]
"""The same within one step: called with (done, in all)."""


def silent(done: int, total: int) -> None:
    """A `Counts` that ignores progress."""

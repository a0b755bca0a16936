"""What the user reads when something cannot be done, and how any error becomes one sentence."""

from __future__ import annotations


class BadInput(ValueError):
    """What the user gave cannot be used. Its text is the one sentence that they read."""


def first_line(error: BaseException, most: int = 160) -> str:
    """The first line of an error's text, at most so many characters; its type's name where it has no text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:most]

"""The errors that users read, and how any error becomes one sentence."""

from __future__ import annotations


class BadInput(ValueError):
    """The user's input cannot be used. The text is one sentence for the user."""


class SeveralTables(BadInput):
    """A file holds several tables, and which one is meant is for the user to say.

    Attributes
    ----------
    choices : their names, the largest first; `read` takes one as `member`
    """

    def __init__(self, message: str, choices: tuple[str, ...] = ()):
        super().__init__(message)
        self.choices = choices


def first_line(error: BaseException, most: int = 160) -> str:
    """The first line of an error's text, at most so many characters; its type's name where it has no text."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:most]

"""Every EXPLORER_ variable: its type, its default, and what it does. Read from the environment at each call.

`settings.HOME()` gives the value. README and docs/operations.md explain the variables to operators.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from explorer.errors import BadInput

T = TypeVar("T")

SETTINGS: dict[str, Setting[Any]] = {}
"""Every setting by the name of its variable."""


@dataclass(frozen=True)
class Setting(Generic[T]):
    """One variable.

    Attributes
    ----------
    name : of the variable
    default : its value where the variable is unset or blank
    parse : makes a value from the text; raises ValueError where that is impossible
    needs : what the text must be, for the error; where empty, an invalid text counts as unset
    """

    name: str
    default: T
    parse: Callable[[str], T]
    needs: str = ""

    def __call__(self) -> T:
        """The current value.

        Raises
        ------
        BadInput : where the text is invalid and `needs` says what it must be
        """
        text = os.environ.get(self.name, "").strip()
        if not text:
            return self.default
        try:
            return self.parse(text)
        except (ValueError, OverflowError):
            if not self.needs:
                return self.default
            raise BadInput(f"{self.name} is {text[:40]!r}; it must be {self.needs}.") from None


def _setting(name: str, default: T, parse: Callable[[str], T], needs: str = "") -> Setting[T]:
    SETTINGS[name] = setting = Setting(name, default, parse, needs)
    return setting


def _positive(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise ValueError(text)
    return int(text)


def _gigabytes(text: str) -> int:
    return int(float(text) * 10**9)


def _names(text: str) -> tuple[str, ...]:
    """Names with commas or spaces between."""
    return tuple(text.replace(",", " ").split())


_NONE: tuple[str, ...] = ()


def _engine(text: str) -> str:
    if text.lower() not in ("torch", "openvino"):
        raise ValueError(text)
    return text.lower()


# -- where things are kept ---------------------------------------------------------------------------

HOME = _setting("EXPLORER_HOME", "", str)  # folder of uploads and results; "": the platform's data directory
ENGINES = _setting("EXPLORER_ENGINES", "", str)  # folder of converted models; "": `engines` in the home folder
DATA_FOLDER = _setting("EXPLORER_DATA_FOLDER", "", str)  # files under it may be opened by path; "": none
STORE_GB = _setting("EXPLORER_STORE_GB", 20 * 10**9, _gigabytes)  # bytes that the store may take

# -- models ------------------------------------------------------------------------------------------

ENGINE = _setting("EXPLORER_ENGINE", "", _engine, '"torch", "openvino" or unset')  # "": as the machine suggests
HUB_MODELS = _setting("EXPLORER_HUB_MODELS", _NONE, _names)  # Hub ids that may be named; (): any
MODELS = _setting("EXPLORER_MODELS", _NONE, _names)  # modules that add models

# -- limits ------------------------------------------------------------------------------------------

MAX_UPLOAD_MB = _setting("EXPLORER_MAX_UPLOAD_MB", 2048, _positive)  # MiB of one file
READ_MB = _setting("EXPLORER_READ_MB", 0, _positive)  # MiB of memory to read one file; 0: a share of what is free
READ_SECONDS = _setting("EXPLORER_READ_SECONDS", 120, _positive)  # to read one small file
MEMORY_GB = _setting("EXPLORER_MEMORY_GB", None, _gigabytes, "a number of gigabytes, such as 4")  # bytes; None: all
CACHE_GB = _setting("EXPLORER_CACHE_GB", None, _gigabytes)  # bytes that open pages keep in memory; None: a share
WORKERS = _setting("EXPLORER_WORKERS", 1, _positive)  # builds at once

# -- a server ----------------------------------------------------------------------------------------

WORKSPACES = _setting("EXPLORER_WORKSPACES", "private", str)  # "shared": one list for everyone
LOGIN_ALLOW = _setting("EXPLORER_LOGIN_ALLOW", _NONE, _names)  # addresses and @domains that may log in; (): everyone
FRAMED_BY = _setting("EXPLORER_FRAMED_BY", _NONE, _names)  # sites that may embed the app
METRICS = _setting("EXPLORER_METRICS", "", str)  # "1": /_stcore/metrics answers

# -- tests and reports of errors ---------------------------------------------------------------------

JOBS = _setting("EXPLORER_JOBS", "", str)  # "inline": builds run in the caller's process
TRACE = _setting("EXPLORER_TRACE", "", str)  # anything: a command prints the traceback of an unexpected error

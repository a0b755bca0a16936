"""What an answer is made of, and how its question is asked."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from explorer.progress import Progress
from explorer.recipe import Recipe

VIEW, VIEWS, TABLE, NOTHING = "view", "views", "table", "nothing"


@dataclass(frozen=True)
class Answer:
    """An entry of `ANSWERS`: one question with everything that a page, a command or a web address needs to ask it.

    Attributes
    ----------
    help : one line: what it gives
    asks : a frozen dataclass, the question; its fields are made by `asked`
    run : gives the result, a frozen dataclass, and writes no file; raises BadInput where there is no answer. Where the
        result has `notes`, these are sentences for whoever asked.
    report : the result as JSON values
    lines : the result as lines of a terminal
    about : what it is asked of: one view, two, a table, or nothing
    needs : the stages that it reads
    recipe : the recipe that the question is asked of, for a question that chooses how stages are made
    files : files that a door may write, by the name of the field of `asks` that asks for them: result to bytes
    writes : whether it changes what people keep
    long : whether it takes so long that it runs as a job
    """

    help: str
    asks: type
    run: Callable[[Any, Any, Progress], Any]
    report: Callable[[Any], dict[str, Any]]
    lines: Callable[[Any], Iterable[str]]
    about: str = VIEW
    needs: tuple[str, ...] = ()
    recipe: Callable[[Recipe, Any], Recipe] = lambda recipe, ask: recipe
    files: Mapping[str, Callable[[Any], bytes]] = field(default_factory=dict)
    writes: bool = False
    long: bool = False


@dataclass(frozen=True)
class InputFile:
    """A file that a question brings along: a door gives its path, or takes an upload in its place."""

    path: str


@dataclass(frozen=True)
class OutputFile:
    """A file that a question asks for: a door writes it, or offers it as a download."""

    path: str


@dataclass(frozen=True)
class Option:
    """How one field of a question is asked for.

    help : one line
    kind : makes the value of a text; raises ValueError, whose text says what is wrong
    choices : the only values
    flag : its short name on the command line, such as "-k"
    metavar : what stands for the value in help
    positional : whether its place names it on the command line
    several : whether it may be given more than once
    """

    help: str
    kind: Callable[[str], Any] = str
    choices: tuple[str, ...] = ()
    flag: str = ""
    metavar: str = ""
    positional: bool = False
    several: bool = False


def asked(default: Any = dataclasses.MISSING, *, help: str, **option: Any) -> Any:
    """A field of a question; see `Option`. Without a default it must be given."""
    return field(default=default, metadata={"option": Option(help, **option)})


def options(asks: type) -> dict[str, tuple[Option, Any]]:
    """The fields of a question with their defaults; `MISSING` where there is none."""
    return {each.name: (each.metadata["option"], each.default) for each in dataclasses.fields(asks)}


def count(text: str) -> int:
    """A whole number from 1 to a million."""
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:12]) <= 1_000_000:
        raise ValueError(f"{text!r} is no whole number from 1 to 1,000,000")
    return int(text)


def row_number(text: str) -> int:
    """A row, counted from 0."""
    if not (text.isascii() and text.isdecimal()):
        raise ValueError(f"{text!r} is no row: rows are counted from 0")
    return int(text[:12])


def number(text: str) -> float:
    """A finite number."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]!r} is no number")
    return value


def in_json(value: float) -> float | None:
    """A number as JSON has it, to six digits; None for what JSON has not."""
    return float(f"{float(value):.6g}") if math.isfinite(value) else None

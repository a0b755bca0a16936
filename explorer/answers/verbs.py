"""One Python function for each answer: `explorer.search(space, "late refund", k=10)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from explorer.answers.answer import VIEW, VIEWS
from explorer.answers.registry import ANSWERS, ask
from explorer.answers.view import View
from explorer.space import Space


def verb(name: str) -> Callable[..., Any] | None:
    """The function of an answer: what it is about comes first, then the fields of its question; None where there is
    no such answer."""
    if name not in ANSWERS:
        return None
    answer = ANSWERS[name]

    def function(*arguments: Any, **fields: Any) -> Any:
        count = {VIEW: 1, VIEWS: 2}.get(answer.about, 0)
        about = tuple(View(each) if isinstance(each, Space) else each for each in arguments[:count])
        return ask(name, about[0] if count == 1 else about, answer.asks(*arguments[count:], **fields))

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"{answer.help.capitalize()}. Asked by the fields of {answer.asks.__module__}.Ask."
    return function

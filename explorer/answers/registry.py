"""`ANSWERS`: every question that can be asked, by name. A new one is its file and its line here."""

from __future__ import annotations

from typing import Any

from explorer.answers import clusters, outliers, search, themes
from explorer.answers.answer import Answer
from explorer.building import build
from explorer.progress import Progress
from explorer.stages import NotBuilt

ANSWERS: dict[str, Answer] = {
    "search": search.ANSWER,
    "clusters": clusters.ANSWER,
    "outliers": outliers.ANSWER,
    "themes": themes.ANSWER,
}


def ask(
    name: str, about: Any, question: Any, progress: Progress = lambda step, done, total: None, *, mend: bool = True
) -> Any:
    """The answer to a question, given what it is about: a view, a pair of views, a table, or None.

    mend : whether to make again what is damaged since it was last looked at, or evicted. A page has a job for that.

    Raises
    ------
    BadInput : where there is none
    NotBuilt : where a stage is missing and must not be made here
    """
    try:
        return ANSWERS[name].run(about, question, progress)
    except NotBuilt:
        if not mend:
            raise
        for view in about if isinstance(about, tuple) else (about,):
            build(view.space.recipe, progress, view.space.store, wanted=ANSWERS[name].needs)
        return ANSWERS[name].run(about, question, progress)

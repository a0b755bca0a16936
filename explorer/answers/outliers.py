"""Outliers: what does not belong, the farthest first, each with the reason."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.analysis import outliers
from explorer.analysis.outliers import OUTLIER_METHODS, Outliers, reasons, repeats, votes
from explorer.answers.answer import Answer, asked, count, in_json
from explorer.answers.search import SHOWN
from explorer.answers.view import Line, View
from explorer.progress import Progress
from explorer.wording import one_line, shorten


@dataclass(frozen=True)
class Ask:
    """What does not belong."""

    method: str = asked("distance", help="default distance", choices=tuple(OUTLIER_METHODS))
    k: int = asked(10, help="results at most (default 10)", kind=count, flag="-k", metavar="N")


@dataclass(frozen=True)
class Result:
    """One item of the ranking.

    Attributes
    ----------
    line : its first row, how many rows hold it, its text
    score, reason : by the method asked for
    flagged : whether it lies above the threshold
    methods : how many methods flag it
    """

    line: Line
    score: float
    reason: str
    flagged: bool
    methods: int


@dataclass(frozen=True, eq=False)
class Found:
    """The ranking.

    Attributes
    ----------
    outliers : scores and threshold of all items
    others : for each item, how many of the other methods flag it: int (m,)
    results : the farthest items
    """

    outliers: Outliers
    others: np.ndarray
    results: tuple[Result, ...]

    @property
    def agreed(self) -> int:
        """How many flagged items another method flags too."""
        return int((self.outliers.flagged & (self.others > 0)).sum())


def run(view: View, ask: Ask, progress: Progress) -> Found:
    """Rank the items of a view; a filter bounds what is listed, not how it is scored."""
    space = view.space
    every = {name: outliers.find_outliers(space.unit, space.neighbors, name) for name in OUTLIER_METHODS}
    found = every.pop(ask.method)
    others = votes(list(every.values()))
    ranking = found.ranking if view.items is None else found.ranking[view.items[found.ranking]]
    return Found(found, others, tuple(listed(view, found, others, ranking[: ask.k])))


def listed(view: View, found: Outliers, others: np.ndarray, items: np.ndarray) -> Iterator[Result]:
    """Items with their reasons."""
    space = view.space
    whys, shown = reasons(found, space.neighbors, items), space.shown(items)
    for item, why, look, line in zip(items, whys, shown, view.lines(items), strict=True):
        reason = "; ".join(part for part in (why, repeats(line.weight, look.noun)) if part)
        flagged = bool(found.flagged[item])
        yield Result(line, float(found.scores[item]), reason, flagged, int(flagged) + int(others[item]))


def report(found: Found) -> dict[str, Any]:
    odd = found.outliers
    return {
        "method": odd.method, "unit": OUTLIER_METHODS[odd.method].unit, "items": len(odd.scores),
        "threshold": in_json(odd.threshold), "flagged": int(odd.flagged.sum()), "agreed": found.agreed,
        "results": [
            {
                "row": result.line.row, "score": in_json(result.score), "reason": result.reason,
                "flagged": result.flagged, "methods": result.methods, "weight": result.line.weight,
            }
            for result in found.results
        ],
    }  # fmt: skip


def lines(found: Found) -> Iterator[str]:
    odd = found.outliers
    if math.isfinite(odd.threshold):
        yield (
            f"{int(odd.flagged.sum()):,} of {len(odd.scores):,} items score above {odd.threshold:.2f}; "
            f"another method flags {found.agreed:,} of these too"
        )
    else:
        yield f"{len(odd.scores):,} items are too few to say what is usual: ranked, none flagged"
    yield f"score ({OUTLIER_METHODS[odd.method].unit}), row (from 0), reason"
    for result in found.results:
        yield f"{result.score:7.3f} {'*' if result.flagged else ' '} {result.line.row:>7}  {result.reason}"
        yield f"{'':19}{shorten(one_line(result.line.text), SHOWN)}"


ANSWER = Answer(
    help="what does not belong, and why",
    asks=Ask,
    needs=("neighbors",),
    run=run,
    report=report,
    lines=lines,
)

"""Possible outliers: rows by their outlier score, highest first, each with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from explorer.analysis.outlier_line import CHANCE, CHOSEN, FARTHEST, FEWEST, GAP, NONE, SHARE
from explorer.analysis.outliers import OUTLIER_METHODS, Outliers, reasons, repeats
from explorer.answers.answer import Answer, asked, count, in_json, number
from explorer.answers.search import SHOWN
from explorer.answers.view import Line, View
from explorer.progress import Progress
from explorer.wording import Amount, one_line, shorten


@dataclass(frozen=True)
class Ask:
    """Possible outliers."""

    method: str = asked("distance", help="default distance", choices=tuple(OUTLIER_METHODS))
    k: int = asked(10, help="results at most (default 10)", kind=count, flag="-k", metavar="N")
    above: float | None = asked(
        None,
        help="the score above which a row is flagged (default: drawn from the scores)",
        kind=number,
        metavar="SCORE",
    )


@dataclass(frozen=True)
class Result:
    """One item of the ranking.

    Attributes
    ----------
    line : its first row, how many rows hold it, its text
    score, reason : by the method asked for
    flagged : whether it lies above the threshold
    also : the other methods that flag it, each above its own line
    shown : its running text; empty where it has none
    """

    line: Line
    score: float
    reason: str
    flagged: bool
    also: tuple[str, ...]
    shown: str

    @property
    def methods(self) -> int:
        """How many methods flag it."""
        return int(self.flagged) + len(self.also)


@dataclass(frozen=True, eq=False)
class Found:
    """The ranking.

    Attributes
    ----------
    view : what was asked of
    outliers : scores and threshold of all items
    others : by method, the items that each of the others flags above its own line: bool (m,)
    ranking : the items that have a row which meets the filter, highest score first: int64
    k : how many `results` there are at most
    """

    view: View
    outliers: Outliers
    others: Mapping[str, np.ndarray]
    ranking: np.ndarray
    k: int

    @cached_property
    def results(self) -> list[Result]:
        """The items with the highest scores, and their reasons."""
        return self.about(self.ranking[: self.k])

    def about(self, items: np.ndarray) -> list[Result]:
        """Any items with their scores and reasons."""
        found, space = self.outliers, self.view.space
        lines, whys, shown = self.view.lines(items), reasons(found, space.neighbors, items), space.shown(items)
        return [
            Result(
                line, float(found.scores[line.item]),
                "; ".join(part for part in (why, repeats(line.weight, look.noun)) if part),
                bool(found.flagged[line.item]),
                tuple(name for name, flagged in self.others.items() if flagged[line.item]), look.text,
            )
            for line, why, look in zip(lines, whys, shown, strict=True)
        ]  # fmt: skip

    @cached_property
    def listed(self) -> np.ndarray:
        """The items above the line that meet the filter, highest score first; all where there is no line: int64."""
        if self.outliers.line == NONE:
            return self.ranking
        return self.ranking[self.outliers.flagged[self.ranking]]

    @cached_property
    def also(self) -> np.ndarray:
        """The items above the line that another method flags too: (m,) bool."""
        return self.outliers.flagged & np.logical_or.reduce(list(self.others.values()))

    @cached_property
    def agreed(self) -> int:
        """How many items above the line another method flags too."""
        return int(self.also.sum())

    @cached_property
    def above(self) -> Amount:
        """The rows above the line that meet the filter."""
        return self.view.amount(self.outliers.flagged)

    @cached_property
    def possible(self) -> Amount:
        """The rows that are possible outliers and meet the filter."""
        return self.view.amount(self.outliers.possible)


def run(view: View, ask: Ask, progress: Progress) -> Found:
    """Rank the items of a view; a filter bounds what is listed, not how it is scored."""
    found = view.outliers(ask.method)
    if ask.above is not None:
        found = found.with_threshold(ask.above)
    others = {name: view.outliers(name).flagged for name in OUTLIER_METHODS if name != ask.method}
    ranking = found.ranking if view.items is None else found.ranking[view.items[found.ranking]]
    return Found(view, found, others, ranking, ask.k)


def report(found: Found) -> dict[str, Any]:
    odd = found.outliers
    return {
        "method": odd.method, "unit": OUTLIER_METHODS[odd.method].unit, "items": len(odd.scores),
        "threshold": in_json(odd.threshold), "line": odd.line, "flagged": int(odd.flagged.sum()),
        "flagged_rows": found.above.rows, "outlier_rows": found.possible.rows, "agreed": found.agreed,
        "results": [
            {
                "row": result.line.row, "score": in_json(result.score), "reason": result.reason,
                "flagged": result.flagged, "methods": result.methods, "weight": result.line.weight,
            }
            for result in found.results
        ],
    }  # fmt: skip


def summary(found: Found) -> str:
    """What is above the line and how the line was drawn, as one sentence or two."""
    odd, rows = found.outliers, found.above
    if odd.line == NONE:
        return f"{_why_no_line(found)}: no line is drawn, and rows are listed by their score."
    if odd.line == FARTHEST:
        return f"No row stands out. These are the {SHARE} % with the highest scores, to look at: {rows}."
    above = f"above {odd.threshold:.2f}"
    if odd.line == CHOSEN:
        return f"{rows} {'scores' if rows.rows == 1 else 'score'} {above}, the line you chose."
    return (
        f"{rows} {'is a possible outlier' if rows.rows == 1 else 'are possible outliers'}: {above}, {DRAWN[odd.line]}."
    )


DRAWN = {
    GAP: "where the scores leave a gap wider than chance explains",
    CHANCE: "farther than the spread of the other scores explains",
}


def _why_no_line(found: Found) -> str:
    scores, rows = found.outliers.scores, len(found.view.space.items.rows_of(np.arange(len(found.outliers.scores))))
    if len(scores) == 1:
        return "There is only one row" if rows == 1 else f"All {rows:,} rows have the same content"
    if len(scores) < FEWEST:
        return f"Fewer than {FEWEST} {'rows' if rows < FEWEST else 'distinct rows'} are too few to say what is usual"
    return "All rows score the same" if scores.min() == scores.max() else "Many rows share the highest score"


def lines(found: Found) -> Iterator[str]:
    odd = found.outliers
    yield summary(found)
    if found.agreed:
        yield f"Another method flags {found.view.amount(found.also)} of these too."
    yield f"score ({OUTLIER_METHODS[odd.method].unit}), row (from 0), reason"
    for result in found.results:
        yield f"{result.score:7.3f} {'*' if result.flagged else ' '} {result.line.row:>7}  {result.reason}"
        yield f"{'':19}{shorten(one_line(result.line.text), SHOWN)}"


ANSWER = Answer(
    help="possible outliers: rows far from the others, and why",
    asks=Ask,
    needs=("neighbors",),
    run=run,
    report=report,
    lines=lines,
)

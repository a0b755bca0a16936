"""Themes: a report on the clusters, to hand on: shares, means, change over time, and their own words."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.analysis import themes
from explorer.analysis.intervals import Interval
from explorer.analysis.themes import Themes
from explorer.answers.answer import Answer, OutputFile, asked
from explorer.answers.clusters import Grouping, at_level, recipe
from explorer.answers.view import View
from explorer.errors import BadInput
from explorer.progress import Progress


def day_of(text: str) -> np.datetime64:
    """A day written as in 2026-03-31."""
    try:
        return np.datetime64(datetime.date.fromisoformat(text), "us")
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no day such as 2026-03-31") from None


@dataclass(frozen=True)
class Ask(Grouping):
    """What to report."""

    by: str | None = asked(None, help="a number, for its mean, or a category, for its commonest value", metavar="COL")
    period: str | None = asked(None, help="dates: the change from the earlier half to the later", metavar="COL")
    split: np.datetime64 | None = asked(  # noqa: RUF009
        None, help="the day on which the later half begins (default: the middle)", kind=day_of, metavar="YYYY-MM-DD"
    )
    out: OutputFile | None = asked(None, help="write one offline page", kind=OutputFile, metavar="HTML")  # noqa: RUF009


@dataclass(frozen=True, eq=False)
class Found:
    """The report. name : of the dataset. row_name : what a row is called. notes : on how the groups were made."""

    themes: Themes
    name: str
    row_name: Callable[[int], str]
    out: OutputFile | None
    notes: tuple[str, ...] = ()


def run(view: View, ask: Ask, progress: Progress) -> Found:
    """The themes of a view, over the rows that meet its filter."""
    clusters, notes = at_level(view, ask)
    if ask.split is not None and ask.period is None:
        raise BadInput("The day of a split needs a column of dates. Name it with --period.")
    found = themes.themes(view.space, clusters, ask.by, ask.period, ask.split, view.rows)
    return Found(found, view.name, view.row_name, ask.out, notes)


def report(found: Found) -> dict[str, Any]:
    from explorer.wording import day

    report_ = found.themes
    return {
        "by": report_.by, "period": report_.period, "split": day(report_.split) or None, "rows": report_.rows,
        "ungrouped_rows": report_.rows - report_.grouped, "undated_rows": report_.undated,
        "themes": [
            {
                "name": theme.name, "rows": theme.rows, "share": theme.share, **_ends("share", theme.share_range),
                "mean": theme.mean, **_ends("mean", theme.mean_range),
                "commonest": theme.common[0] if theme.common else None,
                "earlier": theme.earlier, "later": theme.later, "change": theme.change,
                **_ends("change", theme.change_range), "beyond_chance": theme.marked,
                "quotes": [{"row": quote.row, "text": quote.text} for quote in theme.quotes],
            }
            for theme in report_.themes
        ],
        "out": found.out.path if found.out else None,
    }  # fmt: skip


def _ends(name: str, interval: Interval | None) -> dict[str, float | None]:
    low, high = interval or (None, None)
    return {f"{name}_low": low, f"{name}_high": high}


def lines(found: Found) -> Iterator[str]:
    from explorer.views.themes import MINOR, chance_sentence, themes_table

    table = themes_table(found.themes)
    shown = table[[name for name in table.columns if not name.startswith("quote ") and name not in MINOR]]
    yield from shown.to_string(index=False, max_colwidth=60).splitlines() if len(shown) else ["no themes"]
    if sentence := chance_sentence(found.themes):
        yield sentence


def page(found: Found) -> bytes:
    """The report as one offline page."""
    from explorer.views.themes import themes_html

    return themes_html(found.themes, f"Themes of {found.name}", row_name=found.row_name).encode()


ANSWER = Answer(
    help="a report on the groups, to hand on",
    asks=Ask,
    needs=("clusters",),
    recipe=recipe,
    run=run,
    report=report,
    lines=lines,
    files={"out": page},
)

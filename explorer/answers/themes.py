"""Themes: a report on the clusters, to hand on: shares, means, change over time, and their own words."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from explorer.analysis import themes
from explorer.analysis.codebook import Codebook, Coded, Encode, codebook_of, coded_by
from explorer.analysis.intervals import Interval
from explorer.analysis.naming import names_for
from explorer.analysis.search import own_encoder
from explorer.analysis.themes import Themes
from explorer.analysis.waves import EVERY
from explorer.answers.answer import Answer, InputFile, OutputFile, asked, in_json
from explorer.answers.clusters import Grouping, at_level
from explorer.answers.clusters import recipe as by_method
from explorer.answers.view import View
from explorer.errors import BadInput
from explorer.geometry.clusters import Clusters
from explorer.library.codebook_file import read_codebook, to_json
from explorer.progress import Progress
from explorer.recipe import Recipe
from explorer.wording import counted

_SURE = 0.8  # certainty from which a text is said to be coded with certainty


def day_of(text: str) -> np.datetime64:
    """A day written as in 2026-03-31."""
    try:
        return np.datetime64(datetime.date.fromisoformat(text), "us")
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no day such as 2026-03-31") from None


@dataclass(frozen=True)
class Ask(Grouping):
    """What to report."""

    by: str | None = asked(
        None, help="a number, for the mean of each theme, or a category, for the share of each theme in each value",
        metavar="COL",
    )  # fmt: skip
    also: str | None = asked(None, help="a second category: its values are combined with those of --by", metavar="COL")
    period: str | None = asked(
        None, help="dates, or a column that names waves: each theme over time, and what changed", metavar="COL"
    )
    every: str | None = asked(None, help="how long a period is (default: as fits)", choices=EVERY)
    split: np.datetime64 | None = asked(  # noqa: RUF009
        None, help="the day on which the later half begins (default: the middle)", kind=day_of, metavar="YYYY-MM-DD"
    )
    split_sentences: bool = asked(
        False, help="put each sentence into a theme: an answer can have several", kind=bool
    )  # fmt: skip
    codebook: InputFile | None = asked(  # noqa: RUF009
        None, help="code by the themes of this file: one that --out FILE.json wrote, or a table of names",
        kind=InputFile, metavar="FILE",
    )  # fmt: skip
    out: OutputFile | None = asked(  # noqa: RUF009
        None, help="write an offline page (.html), a workbook (.xlsx), a picture (.svg, .png) or a codebook (.json)",
        kind=OutputFile, metavar="FILE",
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Found:
    """The report.

    Attributes
    ----------
    themes : the themes
    view, clusters : what they were made of
    coded : how clearly each item is in its theme, where a codebook was given
    out : where a file is to be written
    notes : on how the groups were made
    """

    themes: Themes
    view: View
    clusters: Clusters
    coded: Coded | None
    out: OutputFile | None
    notes: tuple[str, ...] = ()


def recipe(recipe: Recipe, ask: Ask) -> Recipe:
    """The recipe with the method that was asked for, and of sentences where these are."""
    return replace(by_method(recipe, ask), sentences=ask.split_sentences or recipe.sentences)


def run(view: View, ask: Ask, progress: Progress) -> Found:
    """The themes of a view, over the rows that meet its filter."""
    if ask.out is not None:
        writer(ask.out.path)
    if ask.split is not None and ask.period is None:
        raise BadInput("The day of a split needs a column of dates. Name it with --period.")
    if ask.also is not None and ask.by is None:
        raise BadInput("A second column is combined with a first. Name that with --by.")
    coded, before = None, None
    if ask.codebook is None:
        clusters, notes = at_level(view, ask)
    else:
        book = read_codebook(ask.codebook.path)
        coded = coded_by(view.space, book, _encode(view), lambda labels: tuple(map(str, names_for(view.space, labels))))
        clusters, notes = coded.clusters, (_coded_note(coded, book),)
        if book.total:
            rows = [-1 if code.rows is None else code.rows for code in book.codes]
            rows += [-1] * (len(clusters) - len(rows))
            before = themes.Before(book.source or "the codebook", np.array(rows), book.total)
    found = themes.themes(
        view.space, clusters, ask.by, ask.period, ask.split, view.rows, also=ask.also, every=ask.every, before=before
    )
    return Found(found, view, clusters, coded, ask.out, notes)


def _encode(view: View) -> Encode:
    if view.encode is not None:
        return view.encode
    if not view.space.medium.needs_model:
        raise BadInput(
            "Ready-made vectors cannot be coded by words: their model is not known. Embed the texts with --text."
        )
    return own_encoder(view.space)


def _coded_note(coded: Coded, book: Codebook) -> str:
    labels = coded.clusters.labels
    new, none = int((labels >= coded.known).sum()), int((labels < 0).sum())
    sure = (
        float(np.mean(coded.certainty[(labels >= 0) & (labels < coded.known)] >= _SURE)) if (labels >= 0).any() else 0
    )
    return (
        f"Coded by {counted(len(book.codes), 'theme')} of {book.source or 'the codebook'}: {new:,} of "
        f"{counted(len(labels), 'text')} fit none and form groups of their own, {none:,} stay without a theme; "
        f"{100 * sure:.0f} % of those coded are certain (0.8 or more)."
    )


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
        "segments": _segments(report_), "over_time": _over_time(report_), "codebook": _codebook(found),
        "out": found.out.path if found.out else None,
    }  # fmt: skip


def _segments(found: Themes) -> dict[str, Any] | None:
    by = found.segments
    if by is None:
        return None
    return {
        "columns": list(by.columns), "without": by.without,
        "segments": [{"name": name, "rows": rows} for name, rows in zip(by.names, by.rows, strict=True)],
        "cells": [
            {
                "theme": theme.name, "segment": by.names[cell.segment], "rows": cell.rows, "share": cell.share,
                "difference": cell.difference, **_ends("difference", cell.difference_range), "p": cell.p,
                "beyond_chance": cell.marked,
            }
            for theme in found.themes for cell in by.of(theme.group)
        ],
    }  # fmt: skip


def _over_time(found: Themes) -> dict[str, Any] | None:
    times = found.courses
    if times is None:
        return None

    def name(place: int | None) -> str | None:
        return None if place is None else times.names[place]

    return {
        "every": times.every, "periods": list(times.names), "rows": list(times.rows), "without": times.without,
        "themes": [
            {
                "theme": theme.name, "rows": list(course.rows), "shares": list(course.shares),
                "new_since": name(course.new_since), "gone_since": name(course.gone_since),
            }
            for theme, course in zip(found.themes, times.courses, strict=True)
        ],
    }  # fmt: skip


def _codebook(found: Found) -> dict[str, Any] | None:
    """How each row was coded, where a codebook was given."""
    if found.coded is None:
        return None
    space, labels = found.view.space, found.clusters.labels
    of_row = space.items.means_of_rows(found.coded.certainty, space.table.num_rows)
    members = found.themes.members
    return {
        "known": found.coded.known, "new": len(found.clusters) - found.coded.known,
        "texts_without": int((labels < 0).sum()),
        "rows": [
            {"row": int(row), "theme": found.clusters.names[group], "certainty": in_json(round(of_row[row], 4))}
            for row, group in zip(members.rows.tolist(), members.groups.tolist(), strict=True)
        ],
    }  # fmt: skip


def _ends(name: str, interval: Interval | None) -> dict[str, float | None]:
    low, high = interval or (None, None)
    return {f"{name}_low": low, f"{name}_high": high}


def lines(found: Found) -> Iterator[str]:
    from explorer.views.theme_sections import course_sentences, segment_sentences
    from explorer.views.themes import MINOR, chance_sentence, themes_table

    table = themes_table(found.themes)
    shown = table[[name for name in table.columns if not name.startswith("quote ") and name not in MINOR]]
    yield from shown.to_string(index=False, max_colwidth=60).splitlines() if len(shown) else ["no themes"]
    if sentence := chance_sentence(found.themes):
        yield sentence
    yield from segment_sentences(found.themes)
    yield from course_sentences(found.themes)


def page(found: Found) -> bytes:
    """The report as one offline page."""
    from explorer.views.themes import themes_html

    view = found.view
    return themes_html(found.themes, f"Themes of {view.name}", row_name=view.row_name).encode()


def sheets(found: Found) -> bytes:
    """The report as a workbook."""
    from explorer.views.theme_tables import themes_workbook

    certainty = None if found.coded is None else found.coded.certainty
    return themes_workbook(found.themes, found.view.space, found.clusters, certainty)


def book(found: Found) -> bytes:
    """The themes as a codebook, for the next wave."""
    return to_json(codebook_of(found.view.space, found.clusters, found.themes, found.view.name))


def picture(kind: str) -> Callable[[Found], bytes]:
    """What draws the report as a picture for slides."""

    def draw(found: Found) -> bytes:
        from explorer.views.theme_picture import theme_picture

        return theme_picture(found.themes, f"Themes of {found.view.name}", kind)

    return draw


# What a file is, by the end of its name.
WRITERS: dict[str, Callable[[Found], bytes]] = {
    ".html": page, ".htm": page, ".xlsx": sheets, ".json": book, ".svg": picture("svg"), ".png": picture("png"),
}  # fmt: skip


def writer(path: str) -> Callable[[Found], bytes]:
    """What writes a file of this name. Raises BadInput where no report is written so."""
    kind = Path(path).suffix.lower()
    if kind not in WRITERS:
        raise BadInput(f"No report is written as {kind or 'a file without an ending'!r}. Name a file that ends in "
                       f"{', '.join(WRITERS)}.")  # fmt: skip
    return WRITERS[kind]


def write(found: Found) -> bytes:
    """The file that was asked for."""
    assert found.out is not None
    return writer(found.out.path)(found)


ANSWER = Answer(
    help="a report on the groups, to hand on",
    asks=Ask,
    needs=("clusters",),
    recipe=recipe,
    run=run,
    report=report,
    lines=lines,
    files={"out": write},
)

"""How well each outlier method finds outliers that were planted in known data."""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass

import numpy as np

from benchmarks import outlier_line
from benchmarks.data import WORDNET, rows
from benchmarks.report import Section, Table
from explorer.analysis.outliers import OUTLIER_METHODS, Outliers, find_outliers, votes
from explorer.geometry.neighbors import nearest_neighbors
from explorer.geometry.vectors import unit_length

GLOSSES = 3_000
OFTEN = 2.0  # percent of the digits that are spoiled: below the 3 in 100 that are listed where nothing stands out
FOREIGN = ("de", "fr", "es")


@dataclass(frozen=True, eq=False)
class Planted:
    """Vectors with known odd items.

    unit : float32 array of shape (m, d), unit length
    odd : bool array of shape (m,)
    """

    title: str
    unit: np.ndarray
    odd: np.ndarray


def run() -> Section:
    """Precision, recall and average precision of every method and of their agreement, on each planted set."""
    tickets, foreign = _tickets()
    print("  tickets, digits", file=sys.stderr, flush=True)
    sets = [tickets, *_digits()]
    print(f"  embedding {GLOSSES:,} glosses", file=sys.stderr, flush=True)
    sets += _glosses(tickets)
    tables = [table_of(planted) for planted in sets]
    flags = {
        name: find_outliers(tickets.unit, nearest_neighbors(tickets.unit), name).flagged for name in OUTLIER_METHODS
    }
    counts = ", ".join(f"{name} {int((flag & foreign).sum())}" for name, flag in flags.items())
    about = (
        "Average precision: 1 where all odd items come first, the share of odd items where the order is random. "
        "Precision and recall: of what is above the line, which is drawn from the scores, or below the 3 % farthest "
        "where nothing stands out; it is the same for every method and was not fitted to these sets. Two or more "
        "agree: above the line of at least two methods; its order is the mean of the ranks. "
        f"Flagged of the {int(foreign.sum())} ordinary tickets in German, French or Spanish: {counts}."
    )
    print("  made tables", file=sys.stderr, flush=True)
    return Section("Outliers", about, (*tables, *outlier_line.tables()))


def table_of(planted: Planted) -> Table:
    """The results for one set."""
    graph = nearest_neighbors(planted.unit)
    found = [find_outliers(planted.unit, graph, name) for name in OUTLIER_METHODS]
    lines = [_line(one.method, one.scores, one.flagged, planted.odd) for one in found]
    lines.append(_line("two or more agree", mean_rank(found), votes(found) >= 2, planted.odd))
    count, every = int(planted.odd.sum()), len(planted.odd)
    caption = f"{planted.title}: {count} odd of {every:,} items ({100 * count / every:.1f} %)"
    return Table(caption, ("method", "average precision", "precision", "recall", "flagged", "right"), tuple(lines))


def mean_rank(found: list[Outliers]) -> np.ndarray:
    """The mean place of each item over several methods, 0 the lowest score: (m,) float64."""
    return np.mean([np.argsort(np.argsort(one.scores, kind="stable"), kind="stable") for one in found], axis=0)


def _line(name: str, scores: np.ndarray, flagged: np.ndarray, odd: np.ndarray) -> tuple[str, ...]:
    from sklearn.metrics import average_precision_score

    right, count = int((flagged & odd).sum()), int(flagged.sum())
    precision = f"{right / count:.2f}" if count else "–"
    figures = (f"{average_precision_score(odd, scores):.2f}", precision, f"{right / odd.sum():.2f}")
    return (name, *figures, f"{count}", f"{right}")


def _tickets() -> tuple[Planted, np.ndarray]:
    """The sample with its planted outliers, and which items are ordinary tickets in other languages."""
    from explorer.library.samples import FOLDER, open_sample
    from explorer.space import Space
    from explorer.store.store import Store
    from explorer.table.language import language_of

    table, recipe = open_sample("support_tickets")
    space = Space(recipe, Store())
    with (FOLDER / "support_tickets_answers.csv").open(encoding="utf-8", newline="") as file:
        planted = {line["id"] for line in csv.DictReader(file) if line["fault"] == "outlier"}
    ids = table.arrow.column("id").to_pylist()
    odd = np.array([ids[row] in planted for row in space.items.first_rows])
    foreign = np.array([language_of(text) in FOREIGN for text in space.texts()]) & ~odd
    return Planted("Support tickets; odd: recipes, results, keyboard mash", space.unit, odd), foreign


def _digits() -> list[Planted]:
    """Handwritten digits, spoiled in three ways. The third, a wrong label, does not change the vector."""
    from sklearn.datasets import load_digits

    random = np.random.default_rng(0)
    digits = load_digits()
    pixels, kinds = digits.data.astype(np.float32), digits.target
    chosen = random.choice(len(pixels), int(len(pixels) * OFTEN / 100) + 1, replace=False)
    odd = np.zeros(len(pixels), bool)
    odd[chosen] = True
    noisy, halves = pixels.copy(), pixels.copy().reshape(-1, 8, 8)
    noisy[chosen] = np.clip(noisy[chosen] + random.normal(0, 5, (len(chosen), 64)), 0, 16)
    for one in chosen:
        other = random.choice(np.flatnonzero(kinds != kinds[one]))
        halves[one, :, 4:] = pixels[other].reshape(8, 8)[:, 4:]
    return [
        Planted("Digits; odd: noise of a third of the scale on every pixel", unit_length(noisy), odd),
        Planted("Digits; odd: the right half is another digit's", unit_length(halves.reshape(-1, 64)), odd),
        Planted("Digits; only labels are wrong, which no method looks at", unit_length(pixels), odd),
    ]


def _glosses(tickets: Planted) -> list[Planted]:
    """Dictionary glosses with other sentences mixed in: similar ones, and ones that are all different."""
    from explorer import embed

    table, name = rows(GLOSSES)
    glosses = embed(table.column("text").to_pylist())
    name = name if WORDNET.exists() else f"{name}, for want of WordNet"
    ordinary = np.random.default_rng(0).choice(np.flatnonzero(~tickets.odd), 60, replace=False)
    return [
        _mixed(f"{name}; odd: 60 tickets, many alike", glosses, tickets.unit[ordinary]),
        _mixed(f"{name}; odd: the 12 outliers of the tickets", glosses, tickets.unit[tickets.odd]),
    ]


def _mixed(title: str, usual: np.ndarray, odd: np.ndarray) -> Planted:
    return Planted(title, np.vstack([usual, odd]), np.repeat([False, True], [len(usual), len(odd)]))

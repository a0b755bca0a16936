"""Whether a long text is found by what stands anywhere in it: cut at the limit, and by its best passage."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from benchmarks.data import WORDNET, generated
from benchmarks.report import Section, Table
from explorer.building import build
from explorer.embedding.models import encoder
from explorer.recipe import Recipe
from explorer.space import Space
from explorer.store.digest import table_digest
from explorer.store.store import Store

ARTICLES = WORDNET.with_name("questions_passages.csv")  # XQuAD, English (Artetxe, Ruder and Yogatama 2020)
QUESTIONS = WORDNET.with_name("questions.csv")


@dataclass(frozen=True)
class Asked:
    """Long texts, questions, and which text answers each. name : what they are."""

    name: str
    texts: list[str]
    questions: list[str]
    answers: np.ndarray


def run(asked: Asked | None = None, model: str = "minilm") -> Section:
    """The share of questions whose text comes first, and among the first three."""
    asked = asked or (articles() if ARTICLES.exists() else planted())
    table = pa.table({"text": asked.texts})
    lines = []
    with tempfile.TemporaryDirectory() as home:
        store = Store(home, shipped=None)
        digest = table_digest(table)
        store.put("table", digest, table)
        queries = encoder(model).queries(asked.questions)
        for name, passages in (("whole, cut at the limit", False), ("by the best passage", True)):
            space = build(Recipe(digest, ("text",), model=model, passages=passages), store=store, wanted=("vectors",))
            places = _places(space, queries, asked.answers)
            shares = (f"{np.mean(places < k):.3f}" for k in (1, 3))
            lines.append((name, f"{len(space.items):,}", f"{int(space.truncated.sum()):,}", *shares))
    columns = ("", "items", "cut", "right text first", "among the first three")
    caption = f"{asked.name}: {len(asked.texts)} texts, {len(asked.questions)} questions, {model}"
    about = "A question is compared with every item; the text of the nearest item comes first."
    return Section("Passages", about, (Table(caption, columns, tuple(lines)),))


def _places(space: Space, queries: np.ndarray, answers: np.ndarray) -> np.ndarray:
    """The place of the right text for each question, 0 for the first: int (q,)."""
    similarity = queries @ space.unit.T
    best = np.full((len(queries), space.table.num_rows), -np.inf)
    for row, item in space.links.tolist():
        best[:, row] = np.maximum(best[:, row], similarity[:, item])
    right = best[np.arange(len(queries)), answers]
    return (best > right[:, None]).sum(axis=1)


def articles() -> Asked:
    """Articles of Wikipedia, their paragraphs joined, and questions about one paragraph each."""
    with ARTICLES.open(encoding="utf-8", newline="") as file:
        paragraphs = list(csv.DictReader(file))
    with QUESTIONS.open(encoding="utf-8", newline="") as file:
        questions = list(csv.DictReader(file))
    titles = list(dict.fromkeys(paragraph["title"] for paragraph in paragraphs))
    texts = ["\n\n".join(p["text"] for p in paragraphs if p["title"] == title) for title in titles]
    answers = [titles.index(paragraphs[int(question["row"])]["title"]) for question in questions]
    return Asked("Wikipedia articles", texts, [question["question"] for question in questions], np.array(answers))


_COUNTRIES = (
    *("Peru", "Norway", "Japan", "Kenya", "Canada", "Greece", "India", "Chile", "Egypt", "Ireland", "Vietnam", "Cuba"),
    *("Poland", "Morocco", "Iceland", "Turkey", "Brazil", "Nepal", "Finland", "Ghana", "Portugal", "Mongolia", "Iran"),
    "Australia",
)
_BUILDINGS = ("bridge", "opera house", "lighthouse", "zoo", "tunnel", "stadium")


def planted(count: int = len(_COUNTRIES), sentences: int = 160, facts: int = len(_BUILDINGS)) -> Asked:
    """Long texts made here, with facts at even distances that no other text holds."""
    filler = generated(count * sentences).column("text").to_pylist()
    texts, questions, answers = [], [], []
    for number, country in enumerate(_COUNTRIES[:count]):
        mine = filler[number * sentences : (number + 1) * sentences]
        for fact, building in enumerate(_BUILDINGS[:facts]):
            sentence = f"The largest {building} in {country} was finished in {1700 + 10 * number + fact}."
            mine.insert((fact + 1) * sentences // (facts + 1), sentence)
            questions.append(f"When was the largest {building} in {country} finished?")
            answers.append(number)
        texts.append(". ".join(mine))
    return Asked("made here, with planted facts", texts, questions, np.array(answers))

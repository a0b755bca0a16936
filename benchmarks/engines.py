"""`python -m benchmarks.engines`: the engines of the text models, and the fast model, in one process.

The engines take turns for several rounds, and the quickest round of each counts, so that other programs on the machine
disturb all equally. Neighbors are compared with those of sentence-transformers on torch in float32.
"""

from __future__ import annotations

import csv
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import machine
from benchmarks.data import rows
from benchmarks.report import NONE, Section, Table, verdict
from explorer.embedding.models import calibration_texts

ROUNDS = 2
TEXTS = 2_000  # for speed and agreement
K = 10
TICKETS = Path("datasets/support_tickets.csv")
_Make = Callable[[list[str]], np.ndarray]


def run(count: int = TEXTS, rounds: int = ROUNDS) -> Section:
    """Speed, agreement and label accuracy of each engine on the same texts."""
    from explorer.embedding.conversions import openvino
    from explorer.embedding.engines import OpenVinoEncoder, native_precision, with_engine
    from explorer.embedding.models import MINILM_SHA256, MODELS, minilm_on_torch
    from explorer.embedding.torch_encoder import SentenceEncoder

    table, kind = rows(count)
    texts = [str(text) for text in table.column("text").to_pylist()]
    torch_model = minilm_on_torch()
    os.environ["EXPLORER_ENGINE"] = "openvino"
    engine = with_engine(MINILM_SHA256, lambda: torch_model)
    made: dict[str, _Make] = {"MiniLM, torch f32 (sentence-transformers)": SentenceEncoder(torch_model).documents}
    goals: dict[str, tuple[float, float, float]] = {}
    if isinstance(engine, OpenVinoEncoder):
        name = f"MiniLM, OpenVINO {engine.precision}"
        made[name], goals[name] = engine.block, (3.0 if engine.precision == "bf16" else 0.0, 0.99, 0.0)
        if engine.precision == "bf16":
            from explorer.embedding.conversions import Conversions

            kept = Conversions().load(MINILM_SHA256)
            if kept is not None:
                made["MiniLM, OpenVINO f32"] = OpenVinoEncoder(kept, precision="f32").block
    in_int8 = with_engine(MINILM_SHA256, lambda: torch_model, calibration_texts)
    if isinstance(in_int8, OpenVinoEncoder):
        name = "MiniLM, OpenVINO int8"
        made[name], goals[name] = in_int8.block, (4.5 if engine.precision == "bf16" else 0.0, 0.93, 0.0)
    made["fast"], goals["fast"] = MODELS["fast"].load().documents, (100.0, 0.0, 0.95)
    took: dict[str, float] = {}
    vectors: dict[str, np.ndarray] = {}
    for turn in range(rounds):
        for name, make in made.items():
            print(f"  {name}, round {turn + 1}", file=sys.stderr, flush=True)
            began = time.perf_counter()
            vectors[name] = make(texts)
            took[name] = min(took.get(name, np.inf), time.perf_counter() - began)
    with TICKETS.open(encoding="utf-8", newline="") as stream:
        tickets = [(row["text"], row["topic"]) for row in csv.DictReader(stream) if row["text"].strip()]
    labels = {
        kind: np.array(table.column("topic").to_pylist()),
        "support tickets": np.array([topic for _, topic in tickets]),
    }
    by_labels = {
        name: {kind: vectors[name], "support tickets": make([text for text, _ in tickets])}
        for name, make in made.items()
    }
    first = next(iter(made))
    speeds = tuple(
        _speed_row(name, len(texts) / took[name], took[first] / took[name], vectors[name], vectors[first], goals)
        for name in made
    )
    accuracies = tuple(
        _accuracy_row(f"{name}, {what}", by_labels[name][what], by_labels[first][what], labels[what], goals.get(name))
        for what in labels
        for name in made
    )
    bf16 = native_precision(openvino().Core()) == "bf16"
    precision = (
        "OpenVINO runs in bf16 here."
        if bf16
        else "This processor has no bf16, so OpenVINO runs in f32; the targets for processors with bf16, 3 times torch "
        "and 4.5 times in int8, do not apply."
    )
    about = (
        f"{len(texts):,} {kind}, each engine in turn, the quickest of {rounds} rounds, without loading. "
        f"{precision} Agreement: the share of a text's {K} nearest neighbors that torch finds too. Label accuracy: how "
        f"often a text's nearest neighbor, and of its {K} nearest each, has the text's own label; the last column is "
        "the first of these relative to torch."
    )
    return Section(
        "Engines",
        about,
        (
            Table(
                "Speed",
                ("engine", "texts/s", "× torch", "target", "", f"agreement@{K}", "target", ""),
                speeds,
            ),
            Table(
                "Label accuracy",
                ("engine, texts", "nearest", f"of {K} nearest", "relative to torch", "target", ""),
                accuracies,
            ),
        ),
    )


def _speed_row(
    name: str,
    rate: float,
    ratio: float,
    ours: np.ndarray,
    theirs: np.ndarray,
    goals: dict[str, tuple[float, float, float]],
) -> tuple[str, ...]:
    shared = agreement(ours, theirs)
    quick, true, _ = goals.get(name, (0.0, 0.0, 0.0))
    return (
        name,
        f"{rate:,.0f}",
        f"{ratio:.2f}",
        *_goal(ratio, quick),
        f"{shared:.3f}",
        *_goal(shared, true),
    )


def _accuracy_row(
    name: str, ours: np.ndarray, theirs: np.ndarray, labels: np.ndarray, goals: tuple[float, float, float] | None
) -> tuple[str, ...]:
    relative = label_accuracy(ours, labels, 1) / label_accuracy(theirs, labels, 1)
    found = (f"{label_accuracy(ours, labels, k):.3f}" for k in (1, K))
    return (name, *found, f"{relative:.3f}", *_goal(relative, goals[2] if goals else 0.0))


def _goal(value: float, goal: float) -> tuple[str, str]:
    return (f"≥ {goal:g}", verdict(value >= goal)) if goal else (NONE, NONE)


def nearest(vectors: np.ndarray, k: int) -> np.ndarray:
    """Each row's k nearest others by cosine, nearest first: int64 of shape (n, k).

    vectors : float array of shape (n, d), unit length
    """
    similarity = vectors @ vectors.T
    np.fill_diagonal(similarity, -np.inf)
    return np.argsort(-similarity, axis=1, kind="stable")[:, :k]


def agreement(ours: np.ndarray, theirs: np.ndarray, k: int = K) -> float:
    """Mean share of common neighbors, 0 to 1, of two float arrays of shape (n, d), unit length."""
    pairs = zip(nearest(ours, k), nearest(theirs, k), strict=True)
    return float(np.mean([len(set(one) & set(other)) / k for one, other in pairs]))


def label_accuracy(vectors: np.ndarray, labels: np.ndarray, k: int) -> float:
    """The share of a row's k nearest that have its label, 0 to 1. Vectors (n, d) of unit length, labels (n,)."""
    return float(np.mean(labels[nearest(vectors, k)] == labels[:, None]))


if __name__ == "__main__":
    print(f"{machine.describe()}\npython -m benchmarks.engines\n", flush=True)
    print(run(*(int(word) for word in sys.argv[1:])).text())

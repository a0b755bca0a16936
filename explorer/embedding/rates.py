"""How quick a model is on this machine: measured once, kept beside the engines, and used to estimate waits.

Only measuring loads a model, so a page may ask for an estimate at any time.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from explorer import settings
from explorer.embedding.conversions import engine_folders, key_of
from explorer.embedding.embed import in_order_of_length
from explorer.embedding.models import MODELS, encoder, find_model, held
from explorer.embedding.static_model import FOLDER as FAST
from explorer.machine import computes_in_bf16, processor

TOKENS = (16, 64, 256, 1_024)  # lengths of the measured texts; MiniLM reads 256 tokens and only counts the rest
WORTH_IT = 1.3  # times as quick: the least for a quicker form of a model to be offered
SAMPLE = 200  # texts whose tokens are counted for an estimate
_SECONDS = 1.5  # for measuring one model; longer for a slow model
_ROUNDS = 3  # the quickest counts: other programs can only make it slower
_DISTURBED = 1.5  # wall time over processor time: above this, other programs used the machine, and the measure is void
_FEW, _MOST = 8, 256  # texts of one round
_CHARACTERS = 2_000  # of a text in which tokens are counted; for a longer text the count is scaled up
_WORDS = (  # each is one token in MiniLM's vocabulary
    "time people water house music world money light paper table river garden summer winter letter number market "
    "school doctor window mother father city road train horse bread stone silver story"
)


@dataclass(frozen=True)
class Rate:
    """How long a model takes on this machine.

    tokens : lengths of texts, ascending
    seconds : for one text of each length, embedded together with others of its length
    """

    tokens: tuple[int, ...]
    seconds: tuple[float, ...]

    def of(self, lengths: np.ndarray) -> np.ndarray:
        """Seconds for each of n texts with these numbers of tokens: float64 of shape (n,)."""
        lengths = np.asarray(lengths, float)
        slope = (self.seconds[-1] - self.seconds[-2]) / (self.tokens[-1] - self.tokens[-2])
        beyond = np.maximum(lengths - self.tokens[-1], 0) * max(slope, 0.0)
        return np.interp(lengths, self.tokens, self.seconds) + beyond


class Rates:
    """The rates kept in the folder of the engines: a JSON file for each model, engine and processor."""

    def __init__(self, folder: Path | None = None):
        self._folders = engine_folders(folder)

    def load(self, name: str) -> Rate | None:
        """The measured rate of a model on this machine; None where none can be read."""
        for folder in self._folders:
            with contextlib.suppress(Exception):  # not there, or damaged
                kept = json.loads((folder / _file(name)).read_text(encoding="utf-8"))
                rate = Rate(tuple(map(int, kept["tokens"])), tuple(map(float, kept["seconds"])))
                if len(rate.tokens) == len(rate.seconds) >= 2 and min(rate.seconds) > 0:
                    return rate
        return None

    def keep(self, name: str, rate: Rate) -> bool:
        """Store a rate. Returns whether the disk took it."""
        folder = self._folders[0]
        about = {"model": name, "processor": processor(), **asdict(rate)}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile("w", dir=folder, prefix=".rate-", delete=False, encoding="utf-8") as part:
                part.write(json.dumps(about))
            os.replace(part.name, folder / _file(name))
            return True
        except OSError:
            return False


def measured(make: Callable[[list[str]], Any], seconds: float = _SECONDS) -> Rate | None:
    """The rate at which `make` embeds texts, measured in about so many seconds; None where other programs disturbed it.

    make : embeds a list of texts, as a build does
    """
    share = seconds / len(TOKENS) / _ROUNDS
    began, worked = time.perf_counter(), time.process_time()
    found = []
    for length in TOKENS:
        texts = _texts_of(length)
        make(texts[:_FEW])  # compilation for this length does not count
        once = _timed(make, texts[:_FEW]) / _FEW
        count = int(np.clip(share / once, _FEW, _MOST))
        rounds = 1 if once * _FEW > share else _ROUNDS
        found.append(min(_timed(make, texts[:count]) for _ in range(rounds)) / count)
    if time.perf_counter() - began > _DISTURBED * (time.process_time() - worked):
        return None
    return Rate(TOKENS, tuple(found))


def measure(name: str, folder: Path | None = None) -> None:
    """Measure a model and keep its rate, unless that has been done. Loads the model if need be.

    Where other programs used the processor, nothing is kept, and the next call tries again.

    Raises
    ------
    BadInput : when the model cannot be loaded
    """
    rates = Rates(folder)
    if rates.load(name) is None:
        loaded = encoder(name)

        def make(texts: list[str]) -> None:
            in_order_of_length(loaded, texts)
            loaded.truncated(texts)

        rate = measured(make)
        if rate is not None:
            rates.keep(name, rate)


def measure_held(name: str) -> None:
    """`measure`, but only for a model that this process has loaded already. Never fails."""
    if held(name):
        with contextlib.suppress(Exception):  # a missing estimate must not stop anything
            measure(name)


def seconds_for(name: str, lengths: np.ndarray, count: int) -> float:
    """Seconds that embedding takes here, without loading the model.

    lengths : int array of shape (n,), tokens of a sample of the texts
    count : distinct texts
    """
    rate = Rates().load(name)
    if rate is None or not len(lengths):
        return count / find_model(name).texts_per_second
    return float(rate.of(lengths).mean()) * count


def worth_offering(name: str, lengths: np.ndarray) -> bool:
    """Whether to offer a packaged model here: False for a quicker form of another model that is hardly quicker.

    A model that was not measured yet counts as quicker where the processor is not quick in bf16. Torch has no 8 bits.

    lengths : int array of shape (n,), tokens of a sample of the texts
    """
    plain = MODELS[name].quicker_form_of
    if not plain:
        return True
    if Rates().load(name) is None or Rates().load(plain) is None:
        return settings.ENGINE() != "torch" and not computes_in_bf16()
    lengths = lengths if len(lengths) else np.array(TOKENS[:2])
    return seconds_for(plain, lengths, 1) >= WORTH_IT * seconds_for(name, lengths, 1)


def token_lengths(texts: Sequence[str | None]) -> np.ndarray:
    """Word pieces of each text as MiniLM counts them, int64 of shape (n,). Close enough for other models."""
    parts = [(text or "")[:_CHARACTERS] for text in texts]
    # Plus 2: the marks of beginning and end.
    found = [len(tokens) + 2 for tokens in _counter().encode_batch(parts, add_special_tokens=False)]
    whole = [max(len(text or ""), 1) / max(len(part), 1) for text, part in zip(texts, parts, strict=True)]
    return np.round(np.array(found, float) * whole).astype(np.int64)


@lru_cache(maxsize=1)
def _counter() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(FAST / "tokenizer.json"))  # small, and part of the repository
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _file(name: str) -> str:
    return f"rate-{_key(name, find_model(name).weights, settings.ENGINE())}.json"


@lru_cache(maxsize=256)
def _key(name: str, weights: str, engine: str) -> str:
    return key_of(json.dumps([name, weights, engine, processor(), TOKENS]))


def _texts_of(tokens: int) -> list[str]:
    """Texts of so many tokens, with the marks of beginning and end; no two are the same."""
    random = np.random.default_rng(tokens)
    return [" ".join(random.choice(_WORDS.split(), tokens - 2)) for _ in range(_MOST)]


def _timed(make: Callable[[list[str]], Any], texts: list[str]) -> float:
    began = time.perf_counter()
    make(texts)
    return max(time.perf_counter() - began, 1e-6)

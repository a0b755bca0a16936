"""How quick a model is on this machine: measured once, kept beside the engines, and what a wait is estimated from.

Nothing here loads a model unless asked to measure one: a page may ask for an estimate at any time.
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

TOKENS = (16, 64, 256, 1_024)  # lengths that are measured; MiniLM reads 256 and only counts the rest
WORTH_IT = 1.3  # times as quick: from here on a quicker form of a model is offered
SAMPLE = 200  # texts whose tokens are counted for an estimate
_SECONDS = 1.5  # that measuring one model takes, a slow model's longer
_ROUNDS = 3  # the quickest counts: others on the machine only ever make it slower
_DISTURBED = 1.5  # times its own processor time that measuring took: others had the machine, it is no measure
_FEW, _MOST = 8, 256  # texts of one round
_CHARACTERS = 2_000  # of a text, whose tokens are counted; a longer one has as many in proportion
_WORDS = (  # a token each in MiniLM's vocabulary
    "time people water house music world money light paper table river garden summer winter letter number market "
    "school doctor window mother father city road train horse bread stone silver story"
)


@dataclass(frozen=True)
class Rate:
    """What a model takes here.

    tokens : lengths of texts, ascending
    seconds : that one text of each length took, among others of its length
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
    """Those kept in the folder of the engines, a JSON file for each model, what runs it, and processor."""

    def __init__(self, folder: Path | None = None):
        self._folders = engine_folders(folder)

    def load(self, name: str) -> Rate | None:
        """The measured rate of a model on this machine; None where there is none that can be read."""
        for folder in self._folders:
            with contextlib.suppress(Exception):  # not there, or damaged in whatever way
                kept = json.loads((folder / _file(name)).read_text(encoding="utf-8"))
                rate = Rate(tuple(map(int, kept["tokens"])), tuple(map(float, kept["seconds"])))
                if len(rate.tokens) == len(rate.seconds) >= 2 and min(rate.seconds) > 0:
                    return rate
        return None

    def keep(self, name: str, rate: Rate) -> bool:
        """Whether the disk took it."""
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
    """The rate of what embeds texts, in about so many seconds; None where others had the processor meanwhile.

    make : embeds a list of texts, as a build would
    """
    share = seconds / len(TOKENS) / _ROUNDS
    began, worked = time.perf_counter(), time.process_time()
    found = []
    for length in TOKENS:
        texts = _texts_of(length)
        make(texts[:_FEW])  # what is compiled for this length is no part of it
        once = _timed(make, texts[:_FEW]) / _FEW
        count = int(np.clip(share / once, _FEW, _MOST))
        rounds = 1 if once * _FEW > share else _ROUNDS
        found.append(min(_timed(make, texts[:count]) for _ in range(rounds)) / count)
    if time.perf_counter() - began > _DISTURBED * (time.process_time() - worked):
        return None
    return Rate(TOKENS, tuple(found))


def measure(name: str, folder: Path | None = None) -> None:
    """Measure a model and keep its rate, unless that has been done; it is loaded where it is not.

    Where others had the processor, nothing is kept, and the next time is another try.

    Raises
    ------
    BadInput : when the model is not to be had
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
    """The same for a model that this process has loaded; any other is left alone. It never fails."""
    if held(name):
        with contextlib.suppress(Exception):  # an estimate is no reason to stop anything
            measure(name)


def seconds_for(name: str, lengths: np.ndarray, count: int) -> float:
    """Seconds that embedding takes here, loading left out.

    lengths : tokens of a sample of the texts, shape (n,)
    count : distinct texts
    """
    rate = Rates().load(name)
    if rate is None or not len(lengths):
        return count / find_model(name).texts_per_second
    return float(rate.of(lengths).mean()) * count


def worth_offering(name: str, lengths: np.ndarray) -> bool:
    """Whether a packaged model pays here: false for a quicker form of another that is hardly quicker.

    One that was not measured yet counts as quicker where the processor does not compute in bf16. 8 bits are OpenVINO's.
    """
    plain = MODELS[name].quicker_form_of
    if not plain:
        return True
    if Rates().load(name) is None or Rates().load(plain) is None:
        return settings.ENGINE() != "torch" and not computes_in_bf16()
    lengths = lengths if len(lengths) else np.array(TOKENS[:2])
    return seconds_for(plain, lengths, 1) >= WORTH_IT * seconds_for(name, lengths, 1)


def token_lengths(texts: Sequence[str | None]) -> np.ndarray:
    """Word pieces of each text as MiniLM counts them, int64 of shape (n,): near enough for other models."""
    parts = [(text or "")[:_CHARACTERS] for text in texts]
    found = [len(tokens) + 2 for tokens in _counter().encode_batch(parts, add_special_tokens=False)]  # begin and end
    whole = [max(len(text or ""), 1) / max(len(part), 1) for text, part in zip(texts, parts, strict=True)]
    return np.round(np.array(found, float) * whole).astype(np.int64)


@lru_cache(maxsize=1)
def _counter() -> Any:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(FAST / "tokenizer.json"))  # small, and shipped
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def _file(name: str) -> str:
    return f"rate-{_key(name, find_model(name).weights, settings.ENGINE())}.json"


@lru_cache(maxsize=256)
def _key(name: str, weights: str, engine: str) -> str:
    return key_of(json.dumps([name, weights, engine, processor(), TOKENS]))


def _texts_of(tokens: int) -> list[str]:
    """Texts of so many tokens, those that mark beginning and end included, no two alike."""
    random = np.random.default_rng(tokens)
    return [" ".join(random.choice(_WORDS.split(), tokens - 2)) for _ in range(_MOST)]


def _timed(make: Callable[[list[str]], Any], texts: list[str]) -> float:
    began = time.perf_counter()
    make(texts)
    return max(time.perf_counter() - began, 1e-6)

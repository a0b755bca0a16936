"""Models converted for OpenVINO: made once from torch, kept on disk with vectors to prove them, checked when loaded.

A conversion is a folder `EXPLORER_HOME/engines/<key>`. Its key is made of the weights, the precision and the versions
of the libraries involved. The folder is renamed into place, so it is there whole or not at all; one that fails its
check is made again. `make install` puts MiniLM's into the Python environment (`scripts/prepare.py`), so that no first
map waits for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explorer import settings
from explorer.machine import home_folder
from explorer.store.database import remove_abandoned

FORMAT = 2
INSTALLED = Path(sys.prefix, "share", "embedding-explorer", "engines")
_VERSIONS_OF = ("openvino", "nncf", "sentence-transformers", "transformers", "tokenizers")
_FILES = ("model.xml", "model.bin", "tokenizer.json", "proof.npz", "settings.json")
_DIGESTS = "digests.json"
_PART = ".part-"
_LONGEST = 100_000  # tokens; a tokenizer whose limit is higher has none
_INPUTS = {"input_ids", "attention_mask", "token_type_ids"}
_MODULES = ("Transformer", "Pooling", "Normalize")

# Texts whose vectors must agree between torch and the engine: short, longer than any limit, odd, of several scripts.
PROOF_TEXTS = (
    "A cat sleeps on the sofa.",
    "Interest rates rose again, the third time in a year; bond prices fell and lenders said more would follow.",
    "word",
    "The parcel arrived late, the box was open, and nobody answers the telephone. " * 40,
    "ÜBERRASCHUNG: naïve café, 東京 안녕하세요 Привет 🙂🚀",
    "x = [f(y) for y in z]; # 3.14159e-10 <b>&amp;</b>\t\n\r  a\u00a0b\u200bc",
    "Pneumonoultramicroscopicsilicovolcanoconiosis " * 3,
)


class Unconvertible(ValueError):
    """The model has parts that are not converted."""


@dataclass(frozen=True)
class Settings:
    """How texts become the model's inputs, as sentence-transformers does it."""

    dimensions: int
    limit: int  # tokens that it reads, with those that mark beginning and end
    inputs: tuple[str, ...]
    document_prompt: str
    query_prompt: str
    pad_id: int
    pad_type_id: int
    pad_left: bool
    int8: bool = False


@dataclass(frozen=True)
class Conversion:
    """A converted model, and torch's vectors of a few texts, by which an engine is checked.

    documents, queries : float32 arrays of shape (len(texts), dimensions), unit length
    """

    model: Any  # openvino.Model: tokens in, pooled vectors out
    tokenizer: str  # JSON of the tokenizers library, cutting at the limit
    settings: Settings
    texts: tuple[str, ...]
    documents: np.ndarray
    queries: np.ndarray


def converted(model: Any) -> Conversion:
    """A sentence-transformers model for OpenVINO, with the pooling of its own configuration.

    Raises
    ------
    Unconvertible : where it has modules beside transformer, pooling and normalization, or prepares texts in another way
    """
    from tokenizers import Tokenizer

    settings = _settings(model)
    tokenizer = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.enable_truncation(settings.limit, direction=model.tokenizer.truncation_side)
    texts = list(PROOF_TEXTS)  # encoded one by one, so that torch needs no padding
    documents = _unit(model.encode_document(texts, show_progress_bar=False, batch_size=1))
    same = settings.query_prompt == settings.document_prompt
    return Conversion(
        model=_traced(model, settings.inputs),
        tokenizer=tokenizer.to_str(),
        settings=settings,
        texts=PROOF_TEXTS,
        documents=documents,
        queries=documents if same else _unit(model.encode_query(texts, show_progress_bar=False, batch_size=1)),
    )


class Conversions:
    """The conversions kept in a folder: EXPLORER_ENGINES or, where that is unset, `engines` in the home folder."""

    def __init__(self, folder: Path | None = None):
        self.folder, *others = engine_folders(folder)
        self._installed = others[0] if others else None

    def load(self, weights: str, int8: bool = False) -> Conversion | None:
        """The conversion of these weights; None where there is none. A damaged one is deleted."""
        key = key_of(weights, int8)
        try:
            kept = _load(self.folder / key)
        except Exception:  # damaged
            self.drop(weights, int8)
            kept = None
        if kept is None and self._installed:
            with contextlib.suppress(Exception):
                kept = _load(self._installed / key)
        return kept

    def keep(self, weights: str, conversion: Conversion) -> bool:
        """Store a conversion. Returns whether the disk took it."""
        part = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            remove_abandoned(self.folder, f"{_PART}*")
            part = Path(tempfile.mkdtemp(prefix=_PART, dir=self.folder))
            _write(part, conversion)
            os.replace(part, self.folder / key_of(weights, conversion.settings.int8))
            return True
        except Exception:  # a full disk, or another process was quicker
            return False
        finally:
            if part is not None:
                shutil.rmtree(part, ignore_errors=True)

    def drop(self, weights: str, int8: bool = False) -> None:
        shutil.rmtree(self.folder / key_of(weights, int8), ignore_errors=True)


def engine_folders(folder: Path | None = None) -> tuple[Path, ...]:
    """The folders of conversions and rates: the first is written to, all are read. `folder` replaces them all."""
    chosen = settings.ENGINES()
    if folder or chosen:
        return (folder or Path(chosen),)
    return (home_folder() / "engines", INSTALLED)


def inputs_of(tokens: Sequence[Any], settings: Settings) -> dict[str, np.ndarray]:
    """What the model reads of n tokenized texts: int64 arrays of shape (n, tokens of the longest), padded."""
    length = max(1, *(len(found) for found in tokens))
    empty = {"input_ids": settings.pad_id, "attention_mask": 0, "token_type_ids": settings.pad_type_id}
    inputs = {name: np.full((len(tokens), length), empty[name], np.int64) for name in settings.inputs}
    for row, found in enumerate(tokens):
        place = slice(length - len(found), None) if settings.pad_left else slice(len(found))
        given = {"input_ids": found.ids, "attention_mask": found.attention_mask, "token_type_ids": found.type_ids}
        for name, values in inputs.items():
            values[row, place] = given[name]
    return inputs


def openvino() -> Any:
    """The library. It sends telemetry where the package for that is installed: prevented here."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino


def key_of(weights: str, int8: bool = False) -> str:
    """The key of a conversion: it changes with the weights, the precision and the version of every library involved."""
    versions = [importlib.metadata.version(name) for name in _VERSIONS_OF]
    return hashlib.blake2b(json.dumps([FORMAT, weights, int8, *versions]).encode(), digest_size=16).hexdigest()


def _settings(model: Any) -> Settings:
    modules = [type(module).__name__ for module in model]
    if modules[0] != "Transformer" or not set(modules) <= set(_MODULES):
        raise Unconvertible(f"it consists of {', '.join(modules)}.")
    tokenizer, transformer = model.tokenizer, model[0]
    if not getattr(tokenizer, "is_fast", False):
        raise Unconvertible("its tokenizer is not one of the tokenizers library.")
    unusual = ("query_length", "document_length", "query_expansion")
    if any(getattr(transformer, name, None) is not None for name in unusual):
        raise Unconvertible("it reads queries and documents in different ways.")
    prompts = model.prompts
    document = next((prompts[name] for name in ("document", "passage", "corpus") if name in prompts), None)
    query = prompts.get("query")
    usual = prompts.get(model.default_prompt_name) if model.default_prompt_name else None
    document, query = (prompt if prompt is not None else usual or "" for prompt in (document, query))
    if (document or query) and not all(getattr(module, "include_prompt", True) for module in model):
        raise Unconvertible("its pooling leaves the prompt out.")
    features = model.preprocess(["a b"])
    inputs = tuple(name for name, value in features.items() if hasattr(value, "shape"))
    if not {"input_ids", "attention_mask"} <= set(inputs) <= _INPUTS:
        raise Unconvertible(f"it reads {', '.join(inputs)}.")
    if not model.max_seq_length or model.max_seq_length > _LONGEST:
        raise Unconvertible("it reads texts of any length.")
    return Settings(
        dimensions=int(model.get_embedding_dimension()),
        limit=int(model.max_seq_length),
        inputs=inputs,
        document_prompt=document,
        query_prompt=query,
        pad_id=int(tokenizer.pad_token_id or 0),
        pad_type_id=int(tokenizer.pad_token_type_id or 0),
        pad_left=tokenizer.padding_side == "left",
    )


def _traced(model: Any, inputs: tuple[str, ...]) -> Any:
    import torch

    class Whole(torch.nn.Module):
        """The modules one after the other, from tokens to the sentence's vector."""

        def __init__(self) -> None:
            super().__init__()
            self.model = model

        def forward(self, input_ids: Any, attention_mask: Any, token_type_ids: Any = None) -> Any:
            features = {"input_ids": input_ids, "attention_mask": attention_mask, "token_type_ids": token_type_ids}
            return self.model({name: features[name] for name in inputs})["sentence_embedding"]

    # Two texts of different lengths, so that padding is traced too.
    features = model.preprocess(["A cat sleeps on the sofa.", "word"])
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's; its result is checked against torch
        return openvino().convert_model(Whole().eval(), example_input={name: features[name] for name in inputs})


def _write(folder: Path, conversion: Conversion) -> None:
    openvino().save_model(conversion.model, folder / "model.xml", compress_to_fp16=False)
    (folder / "tokenizer.json").write_text(conversion.tokenizer, encoding="utf-8")
    np.savez(folder / "proof.npz", documents=conversion.documents, queries=conversion.queries)
    about = {"settings": asdict(conversion.settings), "texts": conversion.texts}
    (folder / "settings.json").write_text(json.dumps(about), encoding="utf-8")
    (folder / _DIGESTS).write_text(json.dumps({name: _digest(folder / name) for name in _FILES}), encoding="utf-8")


def _load(folder: Path) -> Conversion | None:
    """The conversion in a folder; None where there is no such folder. Raises any exception for a damaged one."""
    if not folder.exists():
        return None
    digests = json.loads((folder / _DIGESTS).read_text(encoding="utf-8"))
    if {name: _digest(folder / name) for name in _FILES} != digests:
        raise ValueError("altered")
    return _read(folder)


def _read(folder: Path) -> Conversion:
    about = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    with np.load(folder / "proof.npz", allow_pickle=False) as proof:
        return Conversion(
            model=openvino().Core().read_model(folder / "model.xml"),
            tokenizer=(folder / "tokenizer.json").read_text(encoding="utf-8"),
            settings=Settings(**{**about["settings"], "inputs": tuple(about["settings"]["inputs"])}),
            texts=tuple(about["texts"]),
            documents=proof["documents"],
            queries=proof["queries"],
        )


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "blake2b").hexdigest()


def _unit(vectors: Any) -> np.ndarray:
    from explorer.geometry.vectors import unit_length

    return unit_length(np.asarray(vectors, np.float32))

"""What runs a text model: OpenVINO, several times as quick as torch on a processor, or torch where OpenVINO cannot.

`EXPLORER_ENGINE` chooses: "torch" or "openvino"; unset means OpenVINO, or torch where there is a CUDA device. A model
is converted once and kept (`conversions.py`); from then on neither torch nor sentence-transformers is imported.
"""

from __future__ import annotations

import ctypes
import functools
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from explorer import settings
from explorer.embedding.conversions import Conversion, Conversions, converted, inputs_of, openvino
from explorer.embedding.torch_encoder import SentenceEncoder
from explorer.errors import first_line
from explorer.machine import computes_in_bf16, cores

COSINE = {"f32": 0.999, "bf16": 0.999, "int8": 0.985}  # the least, with torch's vectors of the same texts
_QUICK = 3  # texts, the short ones that stand first
_TOKENS = 512  # of one request, with padding; on 2 cores larger requests were not quicker
_TEXTS = 32  # of one request at most
_STREAMS = 16  # at most; each takes memory of its own


class Unfaithful(ValueError):
    """The engine's vectors differ from the model's."""


def with_engine(weights: str, torch_model: Callable[[], Any], int8: Callable[[], Sequence[str]] | None = None) -> Any:
    """An encoder of these weights on the chosen engine, or on torch where that engine fails.

    Parameters
    ----------
    weights : digest of the model's files, or another text that identifies them
    torch_model : loads the model in sentence-transformers, which takes seconds; called only where it is needed
    int8 : gives the texts from which the size of activations is learned, where weights and activations are to be in 8
        bits: several times as quick again and slightly less exact; OpenVINO only

    Raises
    ------
    BadInput : when EXPLORER_ENGINE is neither "torch" nor "openvino"; and what `torch_model` raises
    """
    if chosen_engine() == "torch":
        plain = SentenceEncoder(torch_model())
        plain.notes = ("8 bits are OpenVINO's: on torch this model runs whole, and slower.",) if int8 else ()
        return plain
    kept = Conversions().load(weights, bool(int8))
    if kept is not None:
        try:
            return OpenVinoEncoder(kept, quickly=True)
        except Exception:  # made on another processor or system: converted again below
            Conversions().drop(weights, bool(int8))
    torch_model = functools.cache(torch_model)
    try:
        fresh = _in_int8(weights, torch_model, int8()) if int8 else converted(torch_model())
        encoder = OpenVinoEncoder(fresh)
    except Exception as error:  # torch works where OpenVINO fails for any reason
        why = first_line(error, 200)
        plain = SentenceEncoder(torch_model())
        what = "in 8 bits on OpenVINO" if int8 else "on OpenVINO"
        plain.notes = (f"This model runs on torch, which is slower, and not {what}: {why}",)
        return plain
    if Conversions().keep(weights, fresh):
        # A stored conversion rounds differently from a fresh one. Load it, so that the first run equals all later ones.
        kept = Conversions().load(weights, bool(int8))
        return encoder if kept is None else OpenVinoEncoder(kept, quickly=True)
    return encoder


def _in_int8(weights: str, torch_model: Callable[[], Any], texts: Sequence[str]) -> Conversion:
    from explorer.embedding.quantization import quantized

    return quantized(Conversions().load(weights) or converted(torch_model()), texts)


def chosen_engine() -> str:
    """ "torch" or "openvino", as EXPLORER_ENGINE says or, where it is unset, as suits the machine."""
    return settings.ENGINE() or ("torch" if cuda_device() else "openvino")


def cuda_device() -> bool:
    """Whether torch can use an NVIDIA device. Torch takes seconds to import, so it is asked only where there is one."""
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        count = ctypes.c_int(0)
        if driver.cuInit(0) or driver.cuDeviceGetCount(ctypes.byref(count)) or not count.value:
            return False
    except (OSError, AttributeError):
        return False
    import torch

    return torch.cuda.is_available()


class OpenVinoEncoder:
    """A converted model on OpenVINO. `models.Encoder` says what its methods do.

    Attributes
    ----------
    precision : "int8" for a quantized model, else "bf16" where the processor is quick in it, else "f32"

    Parameters
    ----------
    quickly : check only a few short texts: enough for a conversion that was checked on all of them before

    Raises
    ------
    Unfaithful : when its vectors of the conversion's texts differ from torch's
    """

    notes: tuple[str, ...] = ()

    def __init__(self, conversion: Conversion, precision: str | None = None, quickly: bool = False):
        from tokenizers import Tokenizer

        core = openvino().Core()
        computing = precision or native_precision(core)
        self.precision = "int8" if conversion.settings.int8 else computing
        self._settings = conversion.settings
        self.dimensions = conversion.settings.dimensions
        self._tokenizer = Tokenizer.from_str(conversion.tokenizer)
        self._counter = Tokenizer.from_str(conversion.tokenizer)
        self._counter.no_truncation()
        threads = cores()
        compiled = core.compile_model(
            conversion.model,
            "CPU",
            {
                # Set explicitly: on some processors OpenVINO picks half precision by default.
                "INFERENCE_PRECISION_HINT": computing,
                "INFERENCE_NUM_THREADS": threads,
                "NUM_STREAMS": min(threads, _STREAMS),
            },
        )
        self._requests = _Requests(compiled, min(threads, _STREAMS))
        self._one_caller = threading.Lock()
        self._prove(conversion, slice(_QUICK if quickly else None))

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        return self._vectors(texts, self._settings.document_prompt)

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._vectors(texts, self._settings.query_prompt)

    def block(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> np.ndarray:
        """`documents` of many texts; `progress` is called now and then with how many are done."""
        return self._vectors(texts, self._settings.document_prompt, progress)

    @property
    def limit(self) -> int:
        return self._settings.limit

    def lengths(self, texts: Sequence[str]) -> np.ndarray:
        prompt = self._settings.document_prompt
        counted = self._counter.encode_batch_fast([prompt + text for text in texts])
        return np.array([len(found) for found in counted], np.int64)

    def truncated(self, texts: Sequence[str]) -> np.ndarray:
        # No token is shorter than a byte, so only texts that may be too long are counted.
        prompt = len(self._settings.document_prompt.encode())
        over = np.array([prompt + len(text.encode()) >= self.limit - 2 for text in texts], bool)
        long = [text for text, might in zip(texts, over, strict=True) if might]
        if long:
            over[over] = self.lengths(long) > self.limit
        return over

    def _vectors(self, texts: Sequence[str], prompt: str, progress: Callable[[int], None] | None = None) -> np.ndarray:
        """Longest first, in parallel requests. The same texts make the same requests and so the same bits."""
        from explorer.geometry.vectors import unit_length

        vectors = np.zeros((len(texts), self.dimensions), np.float32)
        tokens = self._tokenizer.encode_batch([prompt + text for text in texts]) if len(texts) else []
        order = np.argsort([-len(found) for found in tokens], kind="stable")
        with self._one_caller:
            try:
                start = 0
                while start < len(order):
                    length = max(len(tokens[order[start]]), 1)
                    part = order[start : start + max(1, min(_TEXTS, _TOKENS // length))]
                    self._requests.start(inputs_of([tokens[i] for i in part], self._settings), vectors, part)
                    start += len(part)
                    if progress:
                        progress(start)
            finally:  # whatever was raised, nothing is under way when the next caller begins
                self._requests.finish()
        return unit_length(vectors)

    def _prove(self, conversion: Conversion, some: slice) -> None:
        proofs = [("documents", self.documents, conversion.documents)]
        if self._settings.query_prompt != self._settings.document_prompt:
            proofs.append(("queries", self.queries, conversion.queries))
        for what, make, theirs in proofs:
            worst = float(np.einsum("ij,ij->i", make(conversion.texts[some]), theirs[some]).min())
            least = COSINE[self.precision]
            if not worst >= least:  # or NaN
                raise Unfaithful(f"its vectors of {what} have a cosine of {worst:.4f} with torch's, not {least}.")


def native_precision(core: Any) -> str:
    """ "bf16" where OpenVINO supports it and the processor is quick in it, else "f32"."""
    able = "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if able and computes_in_bf16() else "f32"


class _Requests:
    """Several requests side by side, each used again in its turn.

    OpenVINO's own AsyncInferQueue calls back into Python from its threads: freed soon after its last answer, it waits
    for a thread that waits for the interpreter. Here no Python runs on OpenVINO's threads.
    """

    def __init__(self, compiled: Any, count: int):
        self._requests = [compiled.create_infer_request() for _ in range(count)]
        self._asked: list[tuple[np.ndarray, np.ndarray] | None] = [None] * count
        self._next = 0

    def start(self, inputs: dict[str, np.ndarray], vectors: np.ndarray, part: np.ndarray) -> None:
        """Have vectors[part] computed; waits while all requests are busy. Raises what an earlier one failed with."""
        place, self._next = self._next, (self._next + 1) % len(self._requests)
        self._take(place)
        self._requests[place].start_async(inputs)
        self._asked[place] = (vectors, part)

    def finish(self) -> None:
        """Wait for all of them. Raises what one failed with, when none is under way any more."""
        failed: list[Exception] = []
        for place in range(len(self._requests)):
            try:
                self._take(place)
            except Exception as error:
                failed.append(error)
        if failed:
            raise failed[0]

    def _take(self, place: int) -> None:
        asked, self._asked[place] = self._asked[place], None
        if asked is not None:
            self._requests[place].wait()
            vectors, part = asked
            vectors[part] = self._requests[place].get_output_tensor(0).data

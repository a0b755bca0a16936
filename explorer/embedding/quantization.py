"""Converted models in 8 bits: their weights, and their activations by the ranges that these have in a few texts (nncf).

Needs OpenVINO alone, no torch. Source: Jacob et al. 2018; SmoothQuant (Xiao et al. 2023), as nncf implements them.
"""

from __future__ import annotations

import contextlib
import io
import logging
from dataclasses import replace

from explorer.data.samples import open_sample
from explorer.embedding.conversions import PROOF_TEXTS, Conversion, inputs_of, openvino

_TOGETHER = 10  # plots that make one long text


def quantized(conversion: Conversion) -> Conversion:
    """The same model with matrix products in int8. What proves it stays what torch made."""
    openvino()  # before nncf, which would send telemetry where it finds the means
    import nncf
    from tokenizers import Tokenizer

    nncf.set_log_level(logging.ERROR)
    tokenizer = Tokenizer.from_str(conversion.tokenizer)
    seen = [inputs_of([tokenizer.encode(text)], conversion.settings) for text in _texts()]
    with contextlib.redirect_stdout(io.StringIO()):  # it draws bars there, where our answers go
        model = nncf.quantize(
            conversion.model.clone(),
            nncf.Dataset(seen),
            model_type=nncf.ModelType.TRANSFORMER,
            subset_size=len(seen),
        )
    return replace(conversion, model=model, settings=replace(conversion.settings, int8=True))


def _texts() -> list[str]:
    """Short and long, plain and odd: the films' plots, and what any engine is proved by."""
    plots = [str(plot) for plot in open_sample("movies")[0].arrow.column("plot").to_pylist()]
    long = [" ".join(plots[start : start + _TOGETHER]) for start in range(0, len(plots), _TOGETHER)]
    return [*plots, *long, *PROOF_TEXTS]

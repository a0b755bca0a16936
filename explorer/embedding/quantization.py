"""Converted models in 8 bits: their weights, and their activations, whose ranges are learned from a few texts (nncf).

Needs only OpenVINO, not torch. Source: Jacob et al. 2018; SmoothQuant (Xiao et al. 2023), as nncf implements them.
"""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Sequence
from dataclasses import replace

from explorer.embedding.conversions import PROOF_TEXTS, Conversion, inputs_of, openvino


def quantized(conversion: Conversion, texts: Sequence[str]) -> Conversion:
    """The same model with matrix products in int8. It is still checked against torch's vectors.

    texts : short and long ones of the kind that it will read; `PROOF_TEXTS` are added
    """
    openvino()  # before nncf, which would otherwise send telemetry
    import nncf
    from tokenizers import Tokenizer

    nncf.set_log_level(logging.ERROR)
    tokenizer = Tokenizer.from_str(conversion.tokenizer)
    seen = [inputs_of([tokenizer.encode(text)], conversion.settings) for text in (*texts, *PROOF_TEXTS)]
    with contextlib.redirect_stdout(io.StringIO()):  # it draws progress bars on stdout, where our answers go
        model = nncf.quantize(
            conversion.model.clone(),
            nncf.Dataset(seen),
            model_type=nncf.ModelType.TRANSFORMER,
            subset_size=len(seen),
        )
    return replace(conversion, model=model, settings=replace(conversion.settings, int8=True))

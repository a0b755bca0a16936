"""`python -m scripts.prepare`: does once what the first map would otherwise wait for. `make install` runs it.

It converts MiniLM for its engine and stores it in the Python environment, measures the speed of the packaged models for
estimates, and compiles the loops of the layout, which numba keeps beside their source. It never fails: what cannot be
prepared is made when it is needed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from explorer.embedding.conversions import INSTALLED, Conversions, converted
from explorer.embedding.models import MINILM_SHA256, MODELS, minilm_on_torch
from explorer.embedding.rates import measure
from explorer.geometry.projection import warm_up


def main() -> None:
    tried("MiniLM for OpenVINO", convert)
    tried("the estimates of how long a map takes", measure_all)
    tried("the map's layout", warm_up)


def tried(what: str, work: Callable[[], object]) -> None:
    print(f"Preparing {what} …", flush=True)
    try:
        work()
    except Exception as error:
        print(f"Not prepared ({type(error).__name__}: {error}): done when it is needed.", file=sys.stderr, flush=True)


def convert() -> None:
    """Convert MiniLM, unless that has been done."""
    kept = Conversions(INSTALLED)
    if kept.load(MINILM_SHA256) is None and not kept.keep(MINILM_SHA256, converted(minilm_on_torch())):
        raise OSError(f"{INSTALLED} cannot be written")


def measure_all() -> None:
    """Measure the packaged models, unless that has been done. The one in 8 bits is measured when it is chosen."""
    for name, model in MODELS.items():
        if not model.quicker_form_of:
            measure(name, INSTALLED)


if __name__ == "__main__":
    main()

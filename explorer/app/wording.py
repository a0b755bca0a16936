"""How numbers, names and other people's texts are written on a page."""

from __future__ import annotations

import re

from explorer.embedding.models import MODELS
from explorer.recipe import READY_MADE


def model_title(name: str) -> str:
    """A model's name for people."""
    if name == READY_MADE:
        return "ready-made vectors"
    return MODELS[name].title.split(": ")[-1] if name in MODELS else name


def literal(text: str) -> str:
    """Text for places that read Markdown: every character stands for itself."""
    escaped = re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=\"'])", r"\\\1", text)
    return re.sub(r"\s+", " ", escaped)


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 row", "1,204 rows"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"

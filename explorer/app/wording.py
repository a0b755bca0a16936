"""How names and other people's texts are written where Markdown is read."""

from __future__ import annotations

import re

from explorer.answers.view import Line
from explorer.embedding.models import MODELS
from explorer.recipe import READY_MADE

_NO_MODEL = {READY_MADE: "ready-made vectors"}


def model_title(name: str) -> str:
    """A model's name for people."""
    return _NO_MODEL.get(name) or (MODELS[name].title.split(": ")[-1] if name in MODELS else name)


def passage_of(line: Line) -> str:
    """ "passage 3 of 9", or nothing for a row that is one item."""
    return f"passage {line.passage} of {line.passages}" if line.passages > 1 else ""


def literal(text: str) -> str:
    """Text for places that read Markdown: every character stands for itself."""
    escaped = re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:&^=\"'])", r"\\\1", text)
    return re.sub(r"\s+", " ", escaped)

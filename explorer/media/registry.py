"""`MEDIA`: the kinds of content that there are, by name."""

from __future__ import annotations

from explorer.media.medium import Medium
from explorer.media.text import TextMedium
from explorer.media.vector import VectorMedium
from explorer.recipe import READY_MADE, Recipe

MEDIA: dict[str, Medium] = {"text": TextMedium(), "vector": VectorMedium()}


def medium_of(recipe: Recipe) -> Medium:
    """The medium of a recipe's items."""
    return MEDIA[recipe.medium or ("vector" if recipe.model == READY_MADE else "text")]

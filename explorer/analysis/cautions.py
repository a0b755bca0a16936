"""What to know before the groups of a space are read: why there are none, and texts that the model takes for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.analysis.collapse import collapsed
from explorer.wording import counted, one_line, shorten

if TYPE_CHECKING:
    from explorer.space import Space

_SHOWN = 3  # examples
_CHARACTERS = 40  # of each


def about_groups(space: Space, shown: int) -> tuple[str, ...]:
    """Sentences that belong beside the groups of a space. shown : how many groups there are on the screen"""
    return (*(_why_no_groups(space) if shown == 1 else ()), *_same_vectors(space))


def _why_no_groups(space: Space) -> tuple[str, ...]:
    """A sentence where Leiden left all items in one group because a twin showed as much; else nothing."""
    clustering, count = space.recipe.clustering, len(space.items)
    # From resolution 1 on, Leiden by itself leaves a graph of several items in one group hardly ever.
    one = len(space.clusters) == 1 and count > 2 and clustering.method == "leiden" and clustering.resolution >= 1
    what = "text" if space.medium.has_words(space) else "item"
    return (f"No groups: these {counted(count, what)} are about as alike as the same numbers shuffled.",) * one


def _same_vectors(space: Space) -> tuple[str, ...]:
    """A sentence where different texts have nearly the same vector; nothing where all can be told apart, or where no
    model of ours made the vectors."""
    if not space.medium.needs_model:
        return ()
    sets = collapsed(space.neighbors, space.texts)
    if not sets:
        return ()
    largest = space.texts(sets[0][:_SHOWN])
    examples = ", ".join(f"“{shorten(one_line(text), _CHARACTERS)}”" for text in largest)
    where = "one set" if len(sets) == 1 else f"{len(sets):,} sets"
    return (
        f"{counted(sum(map(len, sets)), 'different text')} in {where} have nearly the same vector, such as {examples}: "
        "the model cannot read what they say. Their groups, neighbors and places on the map mean nothing. Choose a "
        "model that knows their language.",
    )

"""Names of groups, made of their own phrases: common in the group, rare in its siblings, near to its meaning."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from explorer.analysis.name_candidates import candidates
from explorer.analysis.name_choice import by_meaning, by_words, choose
from explorer.analysis.phrases import Phrases, count_phrases
from explorer.embedding.embed import in_order_of_length
from explorer.embedding.models import encoder
from explorer.errors import BadInput
from explorer.geometry.clusters import Clusters, Name
from explorer.geometry.levels import Levels
from explorer.geometry.vectors import nearest_to_mean, unit_length
from explorer.media.text import texts_of
from explorer.table.language import UNSPACED_LETTERS
from explorer.table.roles import guess_roles

if TYPE_CHECKING:
    from explorer.space import Space

_TEXTS = 2_000  # by which phrases are compared
_LEAST = 20  # of each group
_MOSTLY = 0.5  # of a group's items: a label as common as this names a group that no phrase names

_UNSPACED = re.compile(f"[{UNSPACED_LETTERS}]")
_WORD_UNSPACED = 8  # letters of a script without spaces that one word has at most; more are a sentence

Encode = Callable[[list[str]], np.ndarray]


def names_for(space: Space, labels: np.ndarray, parts: np.ndarray | None = None) -> tuple[Name, ...]:
    """Names for the groups of a space: phrases of their texts; values of the label column where they have no text, or
    where all texts hold the same words; "group 3" where there is neither. No two are alike.

    Parameters
    ----------
    labels : int array of shape (m,), 0 the first group, negative for items in none
    parts : int array of shape (m,), the groups of which these consist; a name then fits all parts of its group
    """
    if not space.medium.has_words(space):
        return _distinct(name_by_label(space.texts(), labels))
    if are_words(space.texts()):
        return _distinct(name_by_typical(space.texts(), labels, space.unit))
    names = name_by_phrases(space.phrases, labels, space.unit, encode_of(space), parts)
    if any(not name.phrases for name in names) and (values := _labels_of(space)):
        labeled = name_by_label(values, labels)
        names = tuple(
            other if not name.phrases and other.phrases and other.phrases[0][1] >= _MOSTLY else name
            for name, other in zip(names, labeled, strict=True)
        )
    return _distinct(names)


def clusters_at(space: Space, tree: Levels, level: int) -> Clusters:
    """So many clusters of a space's tree. Where they are fewer than were computed, each name fits all of its parts."""
    labels = tree.cut(level)
    given = space.clusters
    if np.array_equal(labels, given.labels):
        return given
    coarser = int(labels.max(initial=-1)) + 1 < len(given)
    return Clusters.named(labels, names_for(space, labels, given.labels if coarser else None))


def name_selection(space: Space, items: np.ndarray) -> Name:
    """What some items of a space have in common, in contrast to all others.

    items : bool array of shape (m,), or int array of items
    """
    labels = np.ones(len(space.items), np.int32)
    labels[items] = 0
    return names_for(space, labels)[0]


def name_groups(texts: Sequence[str], labels: np.ndarray) -> tuple[Name, ...]:
    """Names for groups of texts by their words alone.

    labels : int array of shape (m,), 0 the first group, negative for texts in none
    """
    return _distinct(name_by_phrases(count_phrases(texts), labels))


def name_by_phrases(
    phrases: Phrases,
    labels: np.ndarray,
    unit: np.ndarray | None = None,
    encode: Encode | None = None,
    parts: np.ndarray | None = None,
) -> tuple[Name, ...]:
    """One name a group, of the phrases that its texts hold; "group 3" without phrases where none is its own.

    Parameters
    ----------
    labels, parts : as in `names_for`
    unit : float32 array of shape (m, d), unit length; None where only words count
    encode : gives vectors of phrases in the same space; None to take the mean of the texts that hold a phrase
    """
    labels = np.asarray(labels)
    count = int(labels.max(initial=-1)) + 1
    if not count or not len(phrases):
        return tuple(_plain(group) for group in range(count))
    read = labels[phrases.items]
    own = None if unit is None else unit[phrases.items]
    found = candidates(phrases, read, own, None if parts is None else parts[phrases.items])
    used = np.unique(np.concatenate([each.phrase for each in found]))
    if not len(used):
        return tuple(_plain(group) for group in range(count))
    texts = _some(read, count)
    rulers, read_names = [by_words(phrases, texts, used)], None
    if own is not None:
        if encode is not None:
            vectors = encode([str(text) for text in phrases.spelled[used]])

            def read_names(names: list[str]) -> np.ndarray:
                return encode(names) @ own[texts].T

        else:
            vectors = unit_length(np.asarray(phrases.held[:, used].T @ own, np.float32))
        rulers.append(by_meaning(own[texts], vectors))
    names = []
    for group, (each, taken) in enumerate(
        zip(found, choose(phrases, found, used, rulers, read[texts], read_names), strict=True)
    ):
        said = zip(phrases.spelled[each.phrase[taken]].tolist(), each.share[taken].tolist(), strict=True)
        names.append(Name.of(tuple(said)) if len(taken) else _plain(group))
    return tuple(names)


def _some(labels: np.ndarray, count: int) -> np.ndarray:
    """Texts by which names are compared: of each group its part of `_TEXTS`, at even distances. Ascending."""
    total = int((labels >= 0).sum())
    chosen = []
    for group in range(count):
        mine = np.flatnonzero(labels == group)
        many = min(len(mine), max(_TEXTS * len(mine) // max(total, 1), _LEAST))
        chosen.append(mine[np.linspace(0, len(mine) - 1, many).astype(int)] if many else mine)
    return np.sort(np.concatenate(chosen))


def encode_of(space: Space) -> Encode | None:
    """The space's own model, to read phrases with; None where there is none, or it cannot be loaded any more."""
    if not space.medium.needs_model:
        return None
    try:
        loaded = encoder(space.recipe.model)
    except BadInput:
        return None
    return lambda texts: in_order_of_length(loaded, texts)


def _labels_of(space: Space) -> list[str]:
    """The label of each item; empty where there is no label column."""
    label = guess_roles(space.wrapped).label
    return texts_of(space, np.arange(len(space.items)), (label,)) if label else []


def _plain(group: int) -> Name:
    return Name(f"group {group + 1}")


def _distinct(names: Sequence[Name]) -> tuple[Name, ...]:
    """No two alike: the second "bolt (50 %)" becomes "bolt (50 %) 2"."""
    seen: dict[str, int] = {}
    distinct = []
    for name in names:
        often = seen[str(name)] = seen.get(str(name), 0) + 1
        if often > 1:
            *before, last = name.head, *name.qualifiers
            head, *qualifiers = *before, f"{last} {often}"
            name = Name(head, tuple(qualifiers), name.phrases)
        distinct.append(name)
    return tuple(distinct)


def name_by_label(values: Sequence[str], labels: np.ndarray) -> tuple[Name, ...]:
    """One name a group: the commonest value of its items, with its share, such as "7 (98 %)".

    "group 3" where no two items have the same value: ids and row numbers are no names.

    Parameters
    ----------
    values : one an item, of a label column
    labels : int array of shape (m,), 0 the first group, negative for items in none
    """
    held = np.asarray(values, dtype=str)
    names = []
    for number in range(int(labels.max(initial=-1)) + 1):
        found, counts = np.unique(held[labels == number], return_counts=True)
        most = int(counts.argmax()) if len(counts) else 0
        if not len(counts) or counts[most] == 1 < counts.sum():
            names.append(_plain(number))
        else:
            share = float(counts[most] / counts.sum())
            names.append(Name(f"{found[most]} ({100 * share:.0f} %)", (), ((str(found[most]), share),)))
    return tuple(names)


def name_by_typical(texts: Sequence[str], labels: np.ndarray, unit: np.ndarray) -> tuple[Name, ...]:
    """One name a group of single words or short phrases: the items nearest to its mean.

    For texts that are each a word of their own: there no word is more frequent than another.

    Parameters
    ----------
    labels : int array of shape (m,), 0 the first group, negative for items in none
    unit : float32 array of shape (m, d), unit length
    """
    names = []
    for number in range(int(labels.max(initial=-1)) + 1):
        nearest = nearest_to_mean(unit, np.flatnonzero(labels == number))
        said = [(texts[item], 1 / max(len(nearest), 1)) for item in nearest[:3]]
        names.append(Name.of(tuple(said)) if said else _plain(number))
    return tuple(names)


def are_words(texts: Sequence[str]) -> bool:
    """Whether the texts are a list of words: at least four in five hold one word or two."""
    return bool(len(texts)) and float(np.mean([_is_word(text) for text in texts])) >= 0.8


def _is_word(text: str) -> bool:
    unspaced = len(_UNSPACED.findall(text))
    return len(text.split()) <= 2 and len(text) <= 40 and unspaced <= _WORD_UNSPACED

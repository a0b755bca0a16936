"""The phrases of all names of a level, chosen together: such that the names alone tell the groups' texts apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from explorer.analysis.name_candidates import Candidates
from explorer.analysis.phrases import Phrases
from explorer.analysis.unspaced import UNSPACED

PHRASES = 3  # in a name: the head and two qualifiers
_OTHERS = 2  # of each phrase of a name, that are compared as a model reads the whole name
_ROUNDS = 4  # at most; in each, every phrase of every name may be exchanged
_BY_CONTRAST = 0.3  # what the logarithm of the contrast weighs beside the likelihood of a text
_BY_SHARE = 0.2  # and that of the head's share
_HEAD_BY_SHARE = 0.5  # when the head of three is found, beside the logarithm of the contrast
# How sharp the two rulers are, and what they weigh: measured by `python -m benchmarks --only names`.
_BY_WORDS, _BY_MEANING = (0.5, 1.0), (0.4, 1.5)

Read = Callable[[list[str]], np.ndarray]


@dataclass(frozen=True, eq=False)
class Ruler:
    """A way to compare texts with phrases: by words, or by meaning.

    Attributes
    ----------
    texts : float32 array (phrases, texts), the similarity of each phrase with each text
    phrases : float array (phrases, phrases), the products of the phrases' vectors
    sharp : of the spread of similarities: a name nearer by this is e times as likely to be the text's
    weight : how much it counts
    """

    texts: np.ndarray
    phrases: np.ndarray
    sharp: float
    weight: float

    def similar(self, one: np.ndarray, rest: np.ndarray) -> np.ndarray:
        """Of names that consist of one of some phrases and of all the rest with each text: (len(one), texts)."""
        norm = self.phrases[one, one] + 2 * self.phrases[np.ix_(one, rest)].sum(axis=1)
        norm = norm + self.phrases[np.ix_(rest, rest)].sum()
        length = np.sqrt(np.maximum(norm, 1e-9)).astype(np.float32)
        return (self.texts[one] + self.texts[rest].sum(axis=0)) / length[:, None]


def by_words(phrases: Phrases, texts: np.ndarray, used: np.ndarray) -> Ruler:
    """The ruler of TF-IDF vectors of words.

    texts : int array, those of `phrases` to compare; used : int array, the phrases to compare them with
    """
    words = np.flatnonzero(phrases.words == 1)
    held = phrases.held[:, words]
    rarity = np.log((1 + held.shape[0]) / (1 + np.asarray(held.sum(axis=0)).ravel())) + 1
    weighted = held[texts] @ sparse.diags_array(rarity)
    norm = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    place = np.full(len(phrases), -1)
    place[words] = np.arange(len(words))
    first, last = place[phrases.ends[used]].T
    longer = np.flatnonzero(first != last)
    rows, columns = np.concatenate([first, last[longer]]), np.concatenate([np.arange(len(used)), longer])
    of_phrase = sparse.csr_matrix((rarity[rows], (rows, columns)), shape=(len(words), len(used)))
    similar = (of_phrase.T @ (sparse.diags_array(1 / np.maximum(norm, 1e-9)) @ weighted).T).toarray()
    return Ruler(similar.astype(np.float32), (of_phrase.T @ of_phrase).toarray(), *_BY_WORDS)


def by_meaning(unit: np.ndarray, vectors: np.ndarray) -> Ruler:
    """The ruler of a model's vectors, all of unit length: of texts (texts, d) and of phrases (phrases, d)."""
    return Ruler(vectors @ unit.T, vectors @ vectors.T, *_BY_MEANING)


def choose(
    phrases: Phrases,
    found: Sequence[Candidates],
    used: np.ndarray,
    rulers: Sequence[Ruler],
    labels: np.ndarray,
    read: Read | None = None,
) -> list[np.ndarray]:
    """The phrases of each name, the head first: places among the candidates of its group.

    Names begin with the phrases of highest contrast. Then one phrase after the other is exchanged for the one with
    which the texts are likeliest to be the group's own, given the names of the siblings. It ends where no exchange is
    better; no two phrases of a name share a word, and no two names have one head where there is another. A name is
    taken for the sum of its phrases until then; where a model can read names, the likeliest are compared as it reads
    them.

    Parameters
    ----------
    used : int64 array, ascending: the phrases that the rulers know
    labels : int array (texts,), the group of each text that the rulers know, none negative
    read : gives the similarity of whole names with the texts by the last ruler: float array (names, texts)
    """
    choice = _Choice(phrases, found, used, rulers, labels)
    choice.settle()
    if read is not None:
        choice.compare(read)
    return choice.taken()


class _Choice:
    def __init__(
        self,
        phrases: Phrases,
        found: Sequence[Candidates],
        used: np.ndarray,
        rulers: Sequence[Ruler],
        labels: np.ndarray,
    ):
        self._found = found
        self._place = [np.searchsorted(used, each.phrase) for each in found]
        self._spelled = [[str(text) for text in phrases.spelled[each.phrase]] for each in found]
        self._text = [[text.lower() for text in texts] for texts in self._spelled]
        self._alike = [_alike(texts) for texts in self._text]
        self._rulers = rulers
        self._labels = labels
        self._sums: list[np.ndarray] = []
        self._taken: list[list[int]] = []
        for group in range(len(found)):
            self._taken.append(self._first(group))
        self._near = [self._names(ruler) for ruler in rulers]
        self._step = [self._step_of(ruler, near) for ruler, near in zip(rulers, self._near, strict=True)]

    def settle(self) -> None:
        """Exchange phrases until none is better."""
        for _ in range(_ROUNDS):
            self._add_up()
            exchanged = [
                self._exchange(group, slot)
                for group, taken in enumerate(self._taken)
                for slot in range(len(taken) if (self._labels == group).any() else 0)
            ]
            if not any(exchanged):
                break
        self._put_in_order()

    def compare(self, read: Read) -> None:
        """Exchange names for others that differ in one phrase, where these are better as the model reads them."""
        others = [self._others(group) for group in range(len(self._taken))]
        names = [
            ", ".join(self._spelled[group][place] for place in taken) for group, of in enumerate(others) for taken in of
        ]
        near = np.split(read(names).astype(np.float32), np.cumsum([len(of) for of in others])[:-1])
        self._near[-1] = np.stack([of_group[0] for of_group in near])
        self._step[-1] = self._step_of(self._rulers[-1], self._near[-1])
        for _ in range(_ROUNDS):
            self._add_up()
            if not any([self._rename(group, others[group], near[group]) for group in range(len(others))]):
                break

    def taken(self) -> list[np.ndarray]:
        """The phrases of each name, the head first."""
        self._put_in_order()
        return [np.array(taken, np.int64) for taken in self._taken]

    def _others(self, group: int) -> list[list[int]]:
        """The name as it is, and the likeliest that differ in one phrase."""
        taken, names = self._taken[group], [self._ordered(group, self._taken[group])]
        for slot in range(len(taken) if (self._labels == group).any() else 0):
            rest = [place for number, place in enumerate(taken) if number != slot]
            free = self._free(group, rest, slot == 0)
            value = self._value(group, free, rest, 0 if slot else _BY_SHARE)[0].round(6)
            best = [place for place in free[np.argsort(-value, kind="stable")].tolist() if place != taken[slot]]
            names += [self._ordered(group, [*rest, place]) for place in best[:_OTHERS]]
        return names

    def _rename(self, group: int, names: Sequence[list[int]], read: np.ndarray) -> bool:
        """Exchange a name for the best of these. Whether it was another."""
        found, mine, heads = self._found[group], self._labels == group, self._heads(group)
        usual = [number for number, taken in enumerate(names) if taken and self._text[group][taken[0]] not in heads]
        if not usual or not mine.any():
            return False
        value = np.array([
            _BY_CONTRAST * np.log(found.contrast[names[number]]).sum()
            + _BY_SHARE * np.log(found.share[names[number][0]])
            for number in usual
        ])  # fmt: skip
        at = [self._place[group][names[number]] for number in usual]
        fresh = [np.concatenate([ruler.similar(place[:1], place[1:]) for place in at]) for ruler in self._rulers[:-1]]
        fresh.append(read[usual])
        best = int(np.argmax((value + self._likelihoods(group, fresh, mine)).round(6)))
        self._set(group, [new[best] for new in fresh])
        other = names[usual[best]] != self._ordered(group, self._taken[group])
        self._taken[group] = names[usual[best]]
        return other

    def _ordered(self, group: int, taken: Sequence[int]) -> list[int]:
        """The phrase first that most of the texts hold and that is most their own, unless another name begins so."""
        found, heads = self._found[group], self._heads(group)
        value = np.log(found.contrast) + _HEAD_BY_SHARE * np.log(found.share)
        return sorted(taken, key=lambda place: (self._text[group][place] in heads, -value[place], place))

    def _put_in_order(self) -> None:
        for group, taken in enumerate(self._taken):
            self._taken[group] = self._ordered(group, taken)

    def _heads(self, group: int) -> set[str]:
        """The heads of all other names."""
        others = [(other, taken) for other, taken in enumerate(self._taken) if taken and other != group]
        return {self._text[other][taken[0]] for other, taken in others}

    def _add_up(self) -> None:
        """Of each text, the sum over all names by which its softmax divides; made anew since rounding adds up."""
        self._sums = [_powers(near, step).sum(axis=0) for near, step in zip(self._near, self._step, strict=True)]

    def _step_of(self, ruler: Ruler, near: np.ndarray) -> float:
        return ruler.sharp * max(float(near.std(axis=0).mean()), 1e-6) if near.size else 1.0

    def _set(self, group: int, near: Sequence[np.ndarray]) -> None:
        """How similar the texts are to a group's new name, by each ruler."""
        for old, new, sums, step in zip(self._near, near, self._sums, self._step, strict=True):
            sums += _powers(new, step) - _powers(old[group], step)
            old[group] = new

    def _first(self, group: int) -> list[int]:
        taken: list[int] = []
        while len(taken) < PHRASES and len(free := self._free(group, taken, not taken)):
            taken.append(int(free[0]))
        return taken

    def _free(self, group: int, rest: Sequence[int], head: bool) -> np.ndarray:
        """The candidates that may stand beside the rest."""
        free = np.logical_not(self._alike[group][:, list(rest)].any(axis=1))
        free[list(rest)] = False
        if head:
            heads = self._heads(group)
            unlike = free & np.array([text not in heads for text in self._text[group]], bool)
            free = unlike if unlike.any() else free
        return np.flatnonzero(free)

    def _names(self, ruler: Ruler) -> np.ndarray:
        """The similarity of each name with each text: (groups, texts)."""
        near = np.zeros((len(self._found), len(self._labels)), np.float32)
        for group, taken in enumerate(self._taken):
            if taken:
                at = self._place[group][taken]
                near[group] = ruler.similar(at[:1], at[1:])[0]
        return near

    def _exchange(self, group: int, slot: int) -> bool:
        """Exchange one phrase for the best. Whether it was another."""
        taken = self._taken[group]
        rest = [place for number, place in enumerate(taken) if number != slot]
        free = self._free(group, rest, slot == 0)
        value, fresh = self._value(group, free, rest, 0 if slot else _BY_SHARE)
        best = int(np.argmax(value.round(6)))
        self._set(group, [new[best] for new in fresh])
        other = int(free[best]) != taken[slot]
        taken[slot] = int(free[best])
        return other

    def _value(
        self, group: int, free: np.ndarray, rest: Sequence[int], by_share: float
    ) -> tuple[np.ndarray, list[np.ndarray]]:
        """How good names of a free candidate and the rest are, and how similar the texts are to them by each ruler."""
        found, mine = self._found[group], self._labels == group
        value = _BY_CONTRAST * np.log(found.contrast[free]) + by_share * np.log(found.share[free])
        at = self._place[group]
        fresh = [ruler.similar(at[free], at[np.array(rest, np.int64)]) for ruler in self._rulers]
        value = value + self._likelihoods(group, fresh, mine)
        return value, fresh

    def _likelihoods(self, group: int, fresh: Sequence[np.ndarray], mine: np.ndarray) -> np.ndarray:
        """How likely the texts are in their groups with each new name of one of them, for each of its texts."""
        value = np.zeros(len(fresh[0]))
        for ruler, near, new, sums, step in zip(self._rulers, self._near, fresh, self._sums, self._step, strict=True):
            others = np.maximum(sums - _powers(near[group], step), 0) if len(near) > 1 else 0
            value = value + ruler.weight * _likelihood(new, others, mine, step) / max(mine.sum(), 1)
        return value


def _powers(near: np.ndarray, step: float) -> np.ndarray:
    """e to the similarity in steps, at most e⁶⁰⁰, which is still a number: float64 of the shape of `near`."""
    return np.exp(np.minimum(near.astype(np.float64) / step, 600))


def _likelihood(new: np.ndarray, others: np.ndarray | float, mine: np.ndarray, step: float) -> np.ndarray:
    """The logarithm of how likely all texts are in their groups, for each new name of one group, but for a constant.

    A text is the likelier in a group the nearer it is to its name, as a softmax says.

    new : array (names, texts); others : array (texts,), the sum of the powers of the other groups' names; 0 for none
    """
    own = new[:, mine].sum(axis=1, dtype=np.float64) / step
    return own if np.ndim(others) == 0 else own - np.log(others + _powers(new, step)).sum(axis=1)


def _alike(texts: Sequence[str]) -> np.ndarray:
    """Which phrases have a word in common, endings aside: bool (phrases, phrases)."""
    words = [text.split() for text in texts]
    alike = np.zeros((len(texts), len(texts)), bool)
    for one in range(len(texts)):
        for other in range(one):
            alike[one, other] = alike[other, one] = any(same_stem(a, b) for a in words[one] for b in words[other])
    return alike


def same_stem(one: str, other: str) -> bool:
    """Whether two words are forms of one: "order" and "orders"; without spaces, whether one holds the other."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if UNSPACED.match(short):
        return short in long
    shared = max(len(short) - 2, 4)
    return len(short) >= 4 and long[:shared] == short[:shared] and len(long) - len(short) <= 4

"""A codebook: themes with their names, descriptions and quotes, by which the rows of another file are coded.

A theme made of rows keeps their mean vector, how near its own rows lie to it, and how many there were, so that the next
wave can be coded with it and compared. A theme that a person wrote has words only; its vector is made of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from explorer.analysis.search import usual_minimum
from explorer.errors import BadInput
from explorer.geometry.clusters import Clusters
from explorer.geometry.communities import communities
from explorer.geometry.neighbors import nearest_neighbors
from explorer.geometry.vectors import unit_length

if TYPE_CHECKING:
    from explorer.analysis.themes import Themes
    from explorer.space import Space

NEW = "new theme? "  # before the names of groups that fit no theme of the codebook
LEAST_NEW = 5  # items that a group of what fits none has at least
_REACH = 0.02  # of a theme's own items lie farther from its center than its reach
# Of the score from which an answer to a question is close: a theme in words covers texts that a question of the same
# words would not find. Chosen on the few sentences of tests/test_codebook.py; not measured on data.
_LOOSER = 0.6
_TEMPERATURES = np.geomspace(0.005, 1.0, 40)
USUAL_TEMPERATURE = 0.05  # of themes that have words only
_FITTED = 4_000  # items that the temperature is fitted on

Encode = Callable[[list[str]], np.ndarray]


@dataclass(frozen=True, eq=False)
class Code:
    """One theme of a codebook.

    Attributes
    ----------
    name, description : in words
    quotes : typical rows, or examples that a person wrote
    center : float32 array of shape (d,), unit length; None where it is to be made of the words
    reach : the least cosine similarity to the center that belongs to the theme; None where unknown
    rows : how many rows had it where the codebook was made; None where it was written by hand
    """

    name: str
    description: str = ""
    quotes: tuple[str, ...] = ()
    center: np.ndarray | None = None
    reach: float | None = None
    rows: int | None = None


@dataclass(frozen=True, eq=False)
class Codebook:
    """Themes to code with.

    Attributes
    ----------
    codes : the themes
    model : whose vectors the centers are; "" where there are none
    source : what it was made of
    total : how many rows were counted there; None where it was written by hand
    temperature : by which similarities become certainties
    """

    codes: tuple[Code, ...]
    model: str = ""
    source: str = ""
    total: int | None = None
    temperature: float = USUAL_TEMPERATURE


@dataclass(frozen=True, eq=False)
class Coded:
    """The items of a space, coded.

    Attributes
    ----------
    clusters : the themes of the codebook in its order, then groups of what fits none
    certainty : float64 array of shape (m,), 0 to 1: how clearly the nearest theme is the nearest
    known : how many of the clusters are themes of the codebook
    """

    clusters: Clusters
    certainty: np.ndarray
    known: int


def codebook_of(space: Space, clusters: Clusters, report: Themes, source: str) -> Codebook:
    """The codebook of a report, in the order of its themes."""
    unit, labels = space.unit, clusters.labels
    centers = np.stack([unit[labels == theme.group].mean(axis=0) for theme in report.themes]) if report.themes else None
    if centers is None:
        return Codebook((), space.recipe.model, source, report.rows)
    centers = unit_length(centers.astype(np.float32))
    codes = tuple(
        Code(
            theme.name, "", tuple(quote.text for quote in theme.quotes), center,
            float(np.quantile(unit[labels == theme.group] @ center, _REACH)), theme.rows,
        )
        for theme, center in zip(report.themes, centers, strict=True)
    )  # fmt: skip
    place = {theme.group: number for number, theme in enumerate(report.themes)}
    own = np.array([place.get(label, -1) for label in labels.tolist()])
    return Codebook(codes, space.recipe.model, source, report.rows, _temperature(unit, centers, own))


def coded_by(space: Space, codebook: Codebook, encode: Encode, name: Callable[[np.ndarray], tuple[str, ...]]) -> Coded:
    """The items of a space, each in the theme whose center is nearest; those farther than its reach in groups of their
    own, of at least `LEAST_NEW`, or in none.

    Parameters
    ----------
    encode : makes vectors of texts with the space's model: float32 (n, d), unit length
    name : gives names of clusters from their labels, int array of shape (m,)

    Raises
    ------
    BadInput : where the codebook has no theme
    """
    if not codebook.codes:
        raise BadInput("The codebook has no theme. Name at least one.")
    unit = space.unit
    centers = _centers(space, codebook, encode)
    similar = unit @ centers.T
    best = similar.argmax(axis=1)
    certainty = _certainty(similar, codebook.temperature)
    usual = _LOOSER * usual_minimum(space)
    reach = np.array([usual if code.reach is None else code.reach for code in codebook.codes])
    labels = np.where(similar.max(axis=1) >= reach[best], best, -1).astype(np.int32)
    known = len(codebook.codes)
    names = [code.name for code in codebook.codes]
    left = np.flatnonzero(labels < 0)
    if len(left) >= LEAST_NEW:
        own = communities(nearest_neighbors(unit[left]), 1.0, space.recipe.clustering.seed)
        sizes = np.bincount(own)
        kept = np.argsort(-sizes, kind="stable")[: int((sizes >= LEAST_NEW).sum())]
        number = np.full(len(sizes), -1)
        number[kept] = known + np.arange(len(kept))
        labels[left] = number[own]
        if len(kept):
            names += [f"{NEW}{given}" for given in name(labels)[known:]]
    return Coded(Clusters(labels, tuple(names)), certainty, known)


def _centers(space: Space, codebook: Codebook, encode: Encode) -> np.ndarray:
    """The center of each theme, of its words where it has none of this model: float32 (c, d), unit length."""
    same = codebook.model == space.recipe.model
    made = []
    for code in codebook.codes:
        if same and code.center is not None and len(code.center) == space.unit.shape[1]:
            made.append(code.center)
        else:
            words = [part for part in (code.description or code.name, *code.quotes) if part.strip()]
            made.append(encode(words).mean(axis=0))
    return unit_length(np.stack(made).astype(np.float32))


def _certainty(similar: np.ndarray, temperature: float) -> np.ndarray:
    """The softmax of the nearest theme: float64 (m,)."""
    scaled = (similar - similar.max(axis=1, keepdims=True)) / temperature
    return 1 / np.exp(scaled).sum(axis=1)


def _temperature(unit: np.ndarray, centers: np.ndarray, own: np.ndarray) -> float:
    """The temperature at which the certainties of the items' own themes are most likely (Guo et al. 2017)."""
    held = np.flatnonzero(own >= 0)
    if len(held) > _FITTED:
        held = held[np.linspace(0, len(held) - 1, _FITTED).astype(int)]
    if not len(held) or len(centers) < 2:
        return USUAL_TEMPERATURE
    similar = unit[held] @ centers.T
    mine = similar[np.arange(len(held)), own[held]]

    def surprise(temperature: float) -> float:
        scaled = similar / temperature
        top = scaled.max(axis=1)
        return float((top + np.log(np.exp(scaled - top[:, None]).sum(axis=1)) - mine / temperature).mean())

    return float(min(_TEMPERATURES, key=surprise))

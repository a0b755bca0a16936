"""Which lists of numbers are an embedding, and which are coordinates, token ids, flags or measurements."""

from __future__ import annotations

import re

import numpy as np

from explorer.table.table import Table, column_vectors

FEW = 8  # shorter lists are taken for an embedding only where their name says so
SAMPLE = 1_000  # rows looked at, evenly spaced
_NAMED = re.compile(
    r"(^|[^a-z])(embeds?|embs?|embeddings?|vectors?|vecs?|v|latents?|hidden|ada|openai|sbert|bert|clip)([^a-z]|$)"
)
_OTHER_THING = re.compile(
    r"(^|[^a-z])(b?box(es)?|coord(inate)?s?|geometry|polygons?|points?|positions?|locations?|lat|lon|lng|tokens?|ids?"
    r"|masks?|offsets?|spans?|logits?|prob(abilitie)?s?|segmentations?|keypoints?|landmarks?|series|signals?"
    r"|waveforms?|audio|history|prices?|umap|tsne|xy|xyz|rgb)([^a-z]|$)"
)
_TYPE = r"(?:(?:np\.|torch\.|numpy\.)?(?:array|[tT]ensor|Vector)\()?"
_NUMBER = r"(?:np\.float(?:16|32|64)\()?[-+]?(?:\d+(?:\.\d*)?|\.\d+|nan|NaN|inf|null|None)(?:[eE][-+]?\d+)?\)?"
_NEXT = rf"(?:(?:\s*[,;|]\s*|\s+){_NUMBER}|\s*,?\s*(?:\.\.\.|…)\s*,?)"
# Two numbers in brackets, or four without.
_CELL = re.compile(rf"\s*{_TYPE}(?:[\[({{<]+\s*{_NUMBER}{_NEXT}|{_NUMBER}{_NEXT}{{3}})")
_SHOWN = 400  # characters of a cell that tell


def named_embedding(name: str) -> bool:
    """Whether a column's name says that it holds vectors, such as "embedding" or "ada_vec"."""
    return bool(_NAMED.search(_spaced(name))) and not _OTHER_THING.search(_spaced(name))


def no_embedding(vectors: np.ndarray, name: str) -> str | None:
    """Why lists of numbers are no embedding; None where they may be one.

    vectors : float array of shape (m, d), some rows of the column
    name : of the column
    """
    if _OTHER_THING.search(_spaced(name)) and not _NAMED.search(_spaced(name)):
        return "by their name they are something else"
    if named_embedding(name):
        return None
    if vectors.shape[1] < FEW:
        return f"they have only {vectors.shape[1]} numbers"
    known = vectors[np.isfinite(vectors).all(axis=1)]
    if not known.size:
        return "they hold no numbers"
    if (known == np.floor(known)).all():
        flags = np.isin(known, (0, 1)).all()
        return "they are flags, 0 or 1" if flags else "they are whole numbers, such as token ids or counts"
    if (known >= 0).all() and np.allclose(known.sum(axis=1), 1, atol=1e-3):
        return "they are shares that add up to 1"
    return None


def plainly_an_embedding(vectors: np.ndarray, name: str = "") -> bool:
    """Whether vectors are so clearly an embedding that a map should use them rather than embed the texts beside them.

    They have at least 8 numbers with decimals, none of which outweighs the others; their lengths are alike; and
    neighboring numbers are no more alike than distant ones, as they would be in a series or a spectrum. Where the name
    says "embedding", only the first of these is asked.

    vectors : float array of shape (m, d), some rows of the column; rows of zeros, NaN or infinity do not count
    """
    if vectors.shape[1] < FEW or no_embedding(vectors, name):
        return False
    known = vectors[np.isfinite(vectors).all(axis=1) & vectors.any(axis=1)].astype(np.float64)
    if not len(known) or (known == np.floor(known)).all():
        return False
    if named_embedding(name):
        return True
    if len(known) < FEW or (known.max(axis=0) == known.min(axis=0)).mean() > 0.5:
        return False
    lengths = np.linalg.norm(known, axis=1)
    scales = np.sqrt((known**2).mean(axis=0))
    if lengths.std() > 0.6 * lengths.mean() or scales.max() ** 2 > 0.5 * (scales**2).sum():
        return False
    return not _in_order(known)


def _in_order(vectors: np.ndarray) -> bool:
    """Whether neighboring numbers of a vector go together more than distant ones do: a series, not an embedding."""
    varied = vectors[:, vectors.std(axis=0) > 0]
    if varied.shape[1] < FEW:
        return False
    with np.errstate(invalid="ignore", divide="ignore"):
        related = np.abs(np.corrcoef(varied, rowvar=False))
    far = related[np.triu_indices(len(related), len(related) // 2)]
    return bool(np.nanmean(np.diagonal(related, 1)) > np.nanmean(far) + 0.35)


def own_vectors_first(table: Table, column: str | None) -> bool:
    """Whether a table's vector column is plainly an embedding, so that it is mapped rather than the texts beside it."""
    if column is None or not len(table):
        return False
    sample = table.arrow.select([column]).take(spaced(len(table), SAMPLE))
    vectors, missing = column_vectors(sample, column)
    return plainly_an_embedding(vectors[~missing], column)


def spaced(count: int, most: int) -> np.ndarray:
    """Up to `most` places among `count`, evenly spaced: int64."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).astype(np.int64))


def lists_of_numbers(texts: list[str]) -> bool:
    """Whether nearly all texts are lists of numbers, cut ones too, so that there is nothing to read in them."""
    found = sum(bool(_CELL.match(text[:_SHOWN])) and _only_numbers(text) for text in texts)
    return bool(texts) and found >= 0.9 * len(texts)


def _only_numbers(text: str) -> bool:
    """Whether the beginning of a text is free of words."""
    words = re.findall(r"[^\W\d_]{2,}+(?=.)", text[:_SHOWN], re.DOTALL)  # the last one may be cut
    return all(word in _WORDS for word in words)


_WORDS = {"nan", "NaN", "inf", "null", "None", "np", "float", "array", "tensor", "Tensor", "torch", "numpy", "Vector"}
_WORDS |= {"dtype", "device", "cuda", "cpu"}


def _spaced(name: str) -> str:
    """A name in lower case, with the parts of camelCase apart."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()

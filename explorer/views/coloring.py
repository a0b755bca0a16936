"""What the colors of a map show: a code or number for each item, and the names, colors and limits of the legend."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np

NO_VALUE = 65535
"""The category code of an item that has no value."""

# Twelve colors that differ also for red-, green- and blue-blind readers, and stand out on a white and on a near-black
# page. Found by a search for the largest minimal distance in OKLab, in which the first few weigh most.
# tests/test_coloring.py measures both.
PALETTE = (
    "#407fdb", "#df9134", "#1a7121", "#c05390", "#3bb5a1", "#8247b4",
    "#8e8046", "#b48cf6", "#8d556c", "#b5360e", "#8a8cc2", "#e86b73",
)  # fmt: skip

OTHER = "#9aa1ab"
"""The gray of "other": visible, but not asking for attention."""

SCALE = ("#4a4fb0", "#2e7fb8", "#1fa08c", "#7fb848", "#e2b022")
"""From low to high, with steadily rising lightness, so that it can be read without hue."""


@dataclass(frozen=True, eq=False)
class Coloring:
    """Colors for m items.

    Attributes
    ----------
    title : what the color shows, for people
    kind : "category", "number" or "none" (all items in one color)
    values : uint16 array of shape (m,), codes into `names` (65535 = no value); or float32 (m,) (NaN = no value)
    names : one a code, most frequent first; the last may be "other (n values)"
    palette : one CSS color a code; for numbers the colors of the scale from low to high
    limits : the numbers at both ends of the scale; values beyond have the color of the end
    unit : of the numbers, for people
    folded : how many distinct categories are in "other"
    """

    title: str
    kind: Literal["category", "number", "none"]
    values: np.ndarray
    names: tuple[str, ...] = ()
    palette: tuple[str, ...] = ()
    limits: tuple[float, float] = (0.0, 1.0)
    unit: str = ""
    folded: int = 0

    def at(self, places: np.ndarray) -> Coloring:
        """The same colors for some of the items, or for what lies at those places: an int array."""
        return replace(self, values=self.values[places])

    def holding(self, code: int) -> np.ndarray:
        """Which items have a code, or no value (NO_VALUE): bool (m,)."""
        return np.isnan(self.values) if self.kind == "number" else self.values == code

    def counts(self, among: np.ndarray) -> dict[str, object]:
        """How many of some items have each name (`counts`, by code), and how many have no value (`missing`).

        among : bool array of shape (m,)
        """
        values = self.values[among]
        if self.kind == "number":
            return {"counts": [], "missing": int(np.isnan(values).sum())}
        held = values[values != NO_VALUE]
        return {
            "counts": np.bincount(held, minlength=len(self.names)).tolist(),
            "missing": len(values) - len(held),
        }

    def name_of(self, code: int) -> str:
        """The name of a code for people."""
        return self.names[code] if 0 <= code < len(self.names) else f"{self.title}: no value"

    @cached_property
    def version(self) -> str:
        """Digest of all colors, values and names."""
        fields = repr((self.title, self.kind, self.names, self.palette, self.limits, self.unit))
        return hashlib.blake2b(fields.encode() + self.values.tobytes(), digest_size=12).hexdigest()

    def meta(self) -> dict[str, object]:
        """All but the values, ready for JSON."""
        low, high = self.limits
        return {
            "version": self.version, "kind": self.kind, "title": self.title, "names": list(self.names),
            "palette": list(self.palette), "min": low, "max": high, "unit": self.unit,
        }  # fmt: skip


def plain(m: int) -> Coloring:
    """All m items in the accent color."""
    return Coloring("", "none", np.zeros(m, np.uint16))


def color_by_category(
    values: Sequence[object] | np.ndarray, title: str, *, order: Sequence[object] = (), most: int = 12
) -> Coloring:
    """Colors for categories: the most frequent have their own, the others share a gray named "other".

    At most `most` (12 or fewer) categories have a color, "other" included.

    values : m values; None and NaN are "no value"
    order : values that come first, whatever their counts, such as clusters in the order of their labels
    """
    words = [None if _is_missing(value) else str(value) for value in values]
    counts = Counter(word for word in words if word is not None)
    rank = {str(value): place for place, value in enumerate(order)}
    ranked = sorted(counts, key=lambda word: (rank.get(word, len(rank)), -counts[word], word))
    most = min(most, len(PALETTE))
    # "Other" takes the last place, so that it stands for two values or more.
    kept = ranked if len(ranked) <= most else ranked[: most - 1]
    folded = len(ranked) - len(kept)
    code = {word: place for place, word in enumerate(kept)}
    codes = np.fromiter(
        (NO_VALUE if word is None else code.get(word, len(kept)) for word in words), np.uint16, len(words)
    )
    names, colors = list(kept), list(PALETTE[: len(kept)])
    if folded:
        names.append(f"other ({folded:,} values)")
        colors.append(OTHER)
    return Coloring(title, "category", codes, tuple(names), tuple(colors), folded=folded)


def color_by_number(values: Sequence[object] | np.ndarray, title: str, unit: str = "") -> Coloring:
    """Colors for numbers between the 2nd and the 98th percentile, so that one extreme does not gray the rest.

    The limits are the exact minimum and maximum where these are close to the percentiles.

    values : m numbers; None, NaN and infinities are "no value"
    """
    numbers = np.asarray([np.nan if value is None else value for value in values], dtype=np.float64)
    numbers[~np.isfinite(numbers)] = np.nan
    held = numbers[~np.isnan(numbers)]
    if not held.size:
        return Coloring(title, "number", numbers.astype(np.float32), (), SCALE, (0.0, 1.0), unit)
    low, high = (float(v) for v in np.percentile(held, (2, 98)))
    least, most = float(held.min()), float(held.max())
    reach = high - low
    low = least if low - least <= 0.25 * reach else low
    high = most if most - high <= 0.25 * reach else high
    if low == high:
        low, high = least, most
    return Coloring(title, "number", numbers.astype(np.float32), (), SCALE, (low, high), unit)


def _is_missing(value: object) -> bool:
    return value is None or (isinstance(value, (float, np.floating)) and bool(np.isnan(value)))

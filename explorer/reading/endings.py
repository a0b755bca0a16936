"""What people write below a table, in a sheet as in a text: totals and remarks."""

from __future__ import annotations

import re
from collections.abc import Sequence

_TOTALS = (
    *("(grand |sub-?|over|overall )?totals?", "sums?", "averages?", "means?", "medians?", "counts?", "all rows"),
    *("(zwischen|gesamt)?summe", "gesamt(ergebnis)?", "insgesamt", "mittelwert", "durchschnitt", "anzahl"),
    *("(total|sous-total|somme) ?(général|general)?", "totaux", "moyenne", "suma", "totale", "somma", "media"),
    *("totales", "promedio", "média", "soma", "totaal", "gemiddelde", "razem", "toplam", "итого", "всего"),
    *("合计", "总计", "小计", "總計", "小計", "合計", "総計", "합계", "총계"),
)
_TOTAL = re.compile(rf"({'|'.join(_TOTALS)})\s*([:(（].*)?", re.IGNORECASE)
_REMARK = re.compile(
    r"[*†‡§©¹²³]|\(?[1-9a-c]\)\s|n ?=|end of\b|\(?(notes?|sources?|copyright|generated|exported|created|printed|"
    r"updated|last updated|disclaimer|remarks?|quelle|anmerkung|hinweis|erstellt|stand|fuente|nota|fonte|"
    r"remarque|bron)[\s:.]",
    re.IGNORECASE,
)


def is_total(text: str) -> bool:
    """Whether a cell says that its row holds totals, in any of the languages known here."""
    return _TOTAL.fullmatch(text) is not None


def is_remark(text: str) -> bool:
    """Whether a cell begins as a remark on the whole table does: a source, a note, a date of printing."""
    return _REMARK.match(text) is not None


def number_in(cell: str | None) -> float | None:
    """A cell as a number, without its thousands, currency and percent signs; None where it is none."""
    try:
        return float(re.sub(r"[\s$€£%,]", "", cell or ""))
    except ValueError:
        return None


def adds_up(cell: str | None, above: Sequence[str | None]) -> bool:
    """Whether a cell is the sum or the mean of the numbers above it."""
    value = number_in(cell)
    held = [number for number in map(number_in, above) if number is not None]
    if not value or len(held) < 2:
        return False
    return any(abs(value - of) <= 1e-6 * abs(of) + 0.01 for of in (sum(held), sum(held) / len(held)))

"""Codebooks as files: JSON with all that is known, or a table that a person wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from explorer.analysis.codebook import USUAL_TEMPERATURE, Code, Codebook
from explorer.errors import BadInput
from explorer.geometry.vectors import unit_length
from explorer.reading.sandbox import read_apart

FORMAT = "embedding-explorer codebook"


def read_codebook(path: str | Path) -> Codebook:
    """The codebook in a file: JSON as `to_json` writes it or simpler, or a table (CSV, Excel, …) as `from_lines` reads.

    Raises
    ------
    BadInput : where there is none
    """
    if Path(path).suffix.lower() == ".json":
        try:
            return from_json(Path(path).read_bytes().decode("utf-8-sig"))
        except OSError as error:
            raise BadInput(f"Cannot read {path}: {error.strerror or error}. Name another codebook.") from None
        except UnicodeDecodeError:
            raise BadInput(f"{path} is no text in UTF-8. Save the codebook again.") from None
    return from_lines(read_apart(str(path)).arrow.to_pylist())


def to_json(codebook: Codebook) -> bytes:
    """The codebook as a JSON file, with its centers to six digits."""
    themes = [
        {
            "name": code.name, "description": code.description, "quotes": list(code.quotes), "rows": code.rows,
            "reach": code.reach,
            "center": None if code.center is None else [float(f"{value:.6g}") for value in code.center],
        }
        for code in codebook.codes
    ]  # fmt: skip
    found = {
        "format": FORMAT, "model": codebook.model, "source": codebook.source, "rows": codebook.total,
        "temperature": codebook.temperature, "themes": themes,
    }  # fmt: skip
    return json.dumps(found, ensure_ascii=False, indent=1).encode()


def from_json(text: str) -> Codebook:
    """The codebook that `to_json` wrote, perhaps edited by hand: a theme needs its name only.

    Raises
    ------
    BadInput : where it is no codebook
    """
    try:
        found = json.loads(text)
        listed = found["themes"] if isinstance(found, Mapping) else found
        codes = tuple(_code({"name": each} if isinstance(each, str) else each) for each in listed)
        about = found if isinstance(found, Mapping) else {}
        temperature = float(about.get("temperature") or USUAL_TEMPERATURE)
        total = about.get("rows")
        book = Codebook(
            codes, str(about.get("model", "")), str(about.get("source", "")),
            None if total is None else int(total), temperature if temperature > 0 else USUAL_TEMPERATURE,
        )  # fmt: skip
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BadInput(
            'This JSON is no codebook. It needs a list of themes, each with a name: {"themes": [{"name": "price", '
            '"description": "too expensive, hidden fees"}]}.'
        ) from None
    return _checked(book)


def from_lines(lines: Sequence[Mapping[str, Any]]) -> Codebook:
    """A codebook from the rows of a table with the columns name (or theme, code, label), description, quotes or
    examples; several rows of one name are quotes of one theme.

    Raises
    ------
    BadInput : where no column names the themes
    """
    found: dict[str, Code] = {}
    for line in lines:
        cells = {str(name).strip().lower(): str(cell).strip() for name, cell in line.items() if cell is not None}
        name = next((cells[head] for head in ("name", "theme", "code", "label") if cells.get(head)), "")
        if not name:
            continue
        quotes = [
            part.strip() for head, cell in cells.items() if head.startswith(("quote", "example"))
            for part in cell.splitlines() if part.strip()
        ]  # fmt: skip
        before = found.get(name, Code(name))
        described = before.description or cells.get("description", "")
        found[name] = Code(name, described, (*before.quotes, *quotes))
    if not found:
        raise BadInput(
            "The codebook names no theme. It needs a column called name (or theme, code, label), and may have "
            "description, quotes or examples."
        )
    return _checked(Codebook(tuple(found.values())))


def _code(each: Mapping[str, Any]) -> Code:
    center = each.get("center")
    quotes = each.get("quotes") or each.get("examples") or ()
    made = None if center is None else unit_length(np.array([center], np.float32))[0]
    reach, rows = each.get("reach"), each.get("rows")
    if made is not None and not np.isfinite(made).all():
        raise ValueError("no vector")
    return Code(
        str(each["name"]).strip(), str(each.get("description") or ""),
        (quotes,) if isinstance(quotes, str) else tuple(str(quote) for quote in quotes), made,
        None if reach is None else float(reach), None if rows is None else int(rows),
    )  # fmt: skip


def _checked(codebook: Codebook) -> Codebook:
    names = [code.name for code in codebook.codes]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise BadInput(f"The codebook names {twice!r} twice. Give each theme a name of its own.")
    if not all(names) or not names:
        raise BadInput("The codebook has no theme, or one without a name. Name each.")
    return codebook

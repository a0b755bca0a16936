"""Values that databases write as an object: {"$oid": "5f…"} of MongoDB is the text 5f…"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def plain(cell: dict[str, Any]) -> Any:
    """The value that MongoDB's extended JSON wraps, or the object itself if it wraps none.

    Dates become ISO 8601 in UTC. `$numberDecimal` stays as written, since it may have more digits than a float.
    """
    key = next(iter(cell), "")
    if key[:1] != "$" or not (len(cell) == 1 or key in ("$binary", "$regex")):
        return cell
    value = cell[key]
    if key == "$date":
        return _date(value)
    if key in ("$numberLong", "$numberInt"):
        return _number(value, int)
    if key == "$numberDouble":
        number = _number(value, float)
        return number if not isinstance(number, float) or abs(number) < float("inf") else None
    if key == "$timestamp" and isinstance(value, dict):
        return _date(_seconds(value.get("t")))
    if key == "$binary":
        return value.get("base64") if isinstance(value, dict) else value
    if key == "$regularExpression" and isinstance(value, dict):
        return value.get("pattern")
    if key in ("$oid", "$uuid", "$numberDecimal", "$symbol", "$code", "$regex"):
        return value
    return None if key in ("$undefined", "$minKey", "$maxKey") else cell


def plain_within(value: Any) -> Any:
    """The same for the entries of a list."""
    if isinstance(value, list):
        return [plain(entry) if type(entry) is dict else entry for entry in value]
    return value


def _date(value: Any) -> Any:
    if isinstance(value, dict):
        value = plain(value)
    if type(value) is not int:
        return value
    try:
        return (_EPOCH + timedelta(milliseconds=value)).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    except OverflowError:
        return value


def _seconds(value: Any) -> Any:
    return value * 1000 if type(value) is int else value


def _number(value: Any, kind: type[int] | type[float]) -> Any:
    try:
        return kind(value)
    except (TypeError, ValueError):
        return value

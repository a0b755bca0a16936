"""A text with what matters in it marked: words bold, one sentence on a tint; long texts cut around them."""

from __future__ import annotations

from explorer.analysis.keywords import Span, matching_words
from explorer.app.wording import literal

SHOWN = 420  # characters of a long text


def marked(text: str, words: str = "", sentence: str = "", most: int = SHOWN, language: str = "English") -> str:
    """Markdown of a text, or of the part of it around what is marked; every character of the text is literal.

    Parameters
    ----------
    words, language : the words to mark and the language of their endings, as `matching_words` takes them
    sentence : a part of the text to mark, such as a sentence or a passage; none by default
    most : characters; a marked part shows whole up to twice as many, a longer one around the first word in it
    """
    at = text.find(sentence) if sentence else -1
    bold = matching_words(words, text, language) if words else []
    tinted = (at, at + len(sentence)) if at >= 0 else None
    important = tinted or (bold[0] if bold else (0, 0))
    if tinted is not None and tinted[1] - tinted[0] > 2 * most:
        important = next((span for span in bold if tinted[0] <= span[0] < tinted[1]), tinted)
    start, end = _window(text, important, most)
    if tinted is None:
        shown = _bold(text, start, end, bold)
    else:
        low, high = max(tinted[0], start), min(tinted[1], end)
        middle = f":blue-background[{_bold(text, low, high, bold)}]"
        shown = _bold(text, start, low, bold) + middle + _bold(text, high, end, bold)
    return ("… " if start else "") + shown + (" …" if end < len(text) else "")


def _window(text: str, important: Span, most: int) -> Span:
    """Which part of a text shows: what is important, and as much around it as there is room for."""
    if len(text) <= most:
        return 0, len(text)
    start = 0
    if important[1] > most * 3 // 4:
        start = text.rfind(" ", 0, max(important[0] - most // 5, 0)) + 1
        start = start if important[0] - start < most // 2 else max(important[0] - most // 5, 0)
    end = max(start + most, min(important[1], start + 2 * most))
    if end >= len(text):
        return start, len(text)
    space = text.rfind(" ", max(start + most * 3 // 4, important[1]), end)
    return start, space if space > 0 else end


def _bold(text: str, start: int, end: int, spans: list[Span]) -> str:
    """Markdown of text[start:end] with the spans in it bold."""
    parts, place = [], start
    for low, high in spans:
        low, high = max(low, start), min(high, end)
        if low >= high:
            continue
        parts.append(f"{literal(text[place:low])}**{literal(text[low:high])}**")
        place = high
    return "".join(parts) + literal(text[place:end])

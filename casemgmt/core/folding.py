"""Text as a search reads it: lower case, without accents or punctuation. Plain functions, no database."""

import unicodedata

_KEEP = {
    "ß": "ss",
    "ø": "o",
    "Ø": "o",
    "ł": "l",
    "Ł": "l",
    "đ": "d",
    "Đ": "d",
    "æ": "ae",
    "Æ": "ae",
    "œ": "oe",
    "Œ": "oe",
}


def fold(text):
    """Lower case without accents or punctuation, words separated by one space; letters of other scripts stay."""
    text = "".join(_KEEP.get(c, c) for c in text or "")
    marks_off = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(
        "".join(c if c.isalnum() else " " if c not in "'’`" else "" for c in marks_off.casefold()).split()
    )

"""Names as a search reads them: folded, by sound, and phone digits. Plain functions, no database."""

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
_SOUNDS = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556")


def fold(text):
    """Lower case without accents or punctuation, words separated by one space; letters of other scripts stay."""
    text = "".join(_KEEP.get(c, c) for c in text or "")
    marks_off = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(
        "".join(c if c.isalnum() else " " if c not in "'’`" else "" for c in marks_off.casefold()).split()
    )


def sound(text):
    """A key that names spelt alike share: the first letter of each word and its consonants by kind (Russell's idea)."""
    return " ".join(sorted(_sound_of(word) for word in fold(text).split()))


def _sound_of(word):
    if not word.isascii() or not word.isalpha():
        return word
    codes = [c for c in word.translate(_SOUNDS)]
    first = word.translate(_SOUNDS)[0]
    kept, last = [], first
    for code in codes[1:]:
        if code.isdigit() and code != last:
            kept.append(code)
        if code not in "hw":
            last = code
    return (word[0] + "".join(kept) + "000")[:4]


def digits(text):
    """The digits of a phone number, without the leading 1 of North America."""
    found = "".join(c for c in text or "" if c.isdecimal())
    return found[1:] if len(found) == 11 and found.startswith("1") else found

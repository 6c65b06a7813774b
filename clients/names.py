"""Names as a search reads them: folded, by sound, and phone digits. Plain functions, no database."""

from casemgmt.core.folding import fold

_SOUNDS = str.maketrans("bfpvcgjkqsxzdtlmnr", "111122222222334556")


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

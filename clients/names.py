"""Names as a search reads them: folded, by sound, by what is near, and phone digits. Plain functions, no database."""

from itertools import product

from rapidfuzz.distance import OSA

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


def near(asked, name):
    """How near a folded name comes to the words asked for, from 0 to 1: each word beside the one most like it."""
    words = name.split()
    if not words:
        return 0.0
    return sum(max(_alike(one, word) for word in words) for one in asked) / len(asked)


def _alike(one, word):
    begins = 0.95 * OSA.normalized_similarity(one, word[: len(one)])  # somebody may still be typing
    return max(OSA.normalized_similarity(one, word), begins)


def near_patterns(asked):
    """LIKE patterns of names with one slip in each word asked for: half of each word is still as it was.

    One word: it begins with the first half, ends with the second, or two letters in the middle changed places. The
    patterns of several words are joined by &.
    """
    return ["&".join(parts) for parts in product(*(_halves(w) for w in sorted(asked, key=len)[-3:]))]


def _halves(word):
    if len(word) < 4:
        return [f"% {word[:2]}%", f"%{word[-2:]} %"]
    half = len(word) // 2
    crossed = word[: half - 1] + word[half] + word[half - 1] + word[half + 1 :]
    return [f"% {word[:half]}%", f"%{word[half:]} %", f"%{crossed}%"]


def digits(text):
    """The digits of a phone number, without the leading 1 of North America."""
    found = "".join(c for c in text or "" if c.isdecimal())
    return found[1:] if len(found) == 11 and found.startswith("1") else found

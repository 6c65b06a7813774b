"""The words a search goes by: which of a service's words count, and which known word a mistyped one means.

Plain functions, no database.
"""

from rapidfuzz import process
from rapidfuzz.distance import OSA

from casemgmt.core.folding import fold

LONGEST = 40
# Words that stand in every description and say nothing.
_STOP = """
a an and are as at be by can for from has have he her his if in into is it its may must not of on or our out she such
than that the their them they this to up was we who will with you your all any each other more most also inc n
provides provide provided providing offers offer service services program programs
"""
STOP = frozenset(_STOP.split())
# As many wrong letters as a word of this length may have.
SLIPS = ((4, 1), (8, 2), (99, 3))


def words_of(*texts):
    """The words of these texts that count, each once, in order."""
    return list(dict.fromkeys(w[:LONGEST] for text in texts for w in fold(text).split() if w not in STOP))


def key_of(*texts):
    """These words as one text in which ` word` finds every word that begins so."""
    return "".join(f" {word}" for word in words_of(*texts)) + " "


def asked(text):
    """The words of a question, at most eight; stop words only where there is nothing else."""
    return (words_of(text) or fold(text).split())[:8]


def meant(word, known):
    """The known words that `word` may be a slip of, the likeliest first; a word begun right is no slip."""
    if len(word) < 3 or word.isdigit():
        return []
    most = next(slips for length, slips in SLIPS if len(word) <= length)
    near = process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=12)
    if not near:
        return []
    least = min(distance for _word, distance, _at in near)
    best = [found for found, distance, _at in near if distance == least]
    # A wrong first letter is rarer than any other slip.
    return sorted(best, key=lambda found: found[:1] != word[:1])[:4]

"""How alike two notes are, so that a note carried forward from the last one is seen before it is signed (PR-25).

Plain functions, no database; what they cost does not grow with what somebody pastes into a note.
"""

from rapidfuzz import fuzz

from casemgmt.core.folding import fold

TOO_ALIKE = 85  # percent; from here on auditors call it copied
SHORTEST = 50  # characters: "Left a message." is true however often it is written
LONGEST = 20_000  # characters that are compared


def likeness(text, other):
    """How much of two texts is the same, in percent, case and punctuation apart; 0 where either is too short to say."""
    lengths = len(text), len(other)
    if min(lengths) < SHORTEST or 200 * min(lengths) / sum(lengths) < TOO_ALIKE:
        return 0
    return fuzz.ratio(fold(text[:LONGEST]), fold(other[:LONGEST]), score_cutoff=TOO_ALIKE)


def is_too_alike(percent):
    return percent >= TOO_ALIKE

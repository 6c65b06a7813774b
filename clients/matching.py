"""Whether two descriptions are of one person: what speaks for it, what against it, in words. Pure, no database.

Four explanations compete for what two descriptions have in common: they are of one person; of two who live together; of
a parent and a child who bear one name; of two who have nothing to do with each other. Each field says how well it fits
each explanation, and the score is the chance of the first, out of 100. So twins, or a father and a son, do not pass for
one person by sharing nearly everything: living together explains it better. A score is a question to a worker, never
a decision.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property, lru_cache
from itertools import combinations
from math import exp, log

from django.utils.translation import gettext, gettext_noop
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler, LCSseq

from clients import names
from clients.nicknames import are_kin, is_name

# --- Weights ----------------------------------------------------------------------------------------------------------
# How often something is found when a field of two descriptions is compared:
#     (one person, one household, parent and child of one name, strangers)
# Only the proportions within a line count. They are round figures. What strangers share follows from how many names,
# dates and numbers there are (25,000 days, some hundred usual first names); how one person's records differ comes from
# counting it in the public benchmarks that `manage.py match_report` reads, all of them together, so that none is
# fitted; how households look is judgement, because none of those holds any. What is missing says nothing.

WEIGHTS = {
    "given": {
        "same": (0.76, 0.005, 0.90, 0.005),
        "kin": (0.04, 0.003, 0.08, 0.002),
        "close": (0.08, 0.004, 0.01, 0.002),
        "part": (0.02, 0.006, 0.02, 0.004),
        "alike": (0.03, 0.02, 0.01, 0.012),
        "mixed": (0.02, 0.012, 0.001, 0.015),
        "names": (0.002, 0.04, 0.001, 0.003),
        "initial": (0.02, 0.002, 0.02, 0.002),
        "differ": (0.015, 0.95, 0.001, 0.96),
    },
    "family": {
        "same": (0.80, 0.78, 0.97, 0.002),
        "close": (0.08, 0.01, 0.01, 0.001),
        "part": (0.02, 0.02, 0.01, 0.001),
        "alike": (0.03, 0.006, 0.003, 0.006),
        "mixed": (0.02, 0.003, 0.001, 0.010),
        "initial": (0.01, 0.005, 0.01, 0.001),
        "differ": (0.05, 0.20, 0.01, 0.98),
    },
    # First and last name stand in each other's place; counts on top of the two.
    "order": {"swapped": (0.10, 0.10, 0.10, 1.0)},
    "middle": {
        "same": (0.70, 0.05, 0.20, 0.05),
        "close": (0.20, 0.05, 0.10, 0.05),
        "differ": (0.10, 0.90, 0.70, 0.90),
    },
    "suffix": {"same": (0.95, 0.30, 0.02, 0.40), "differ": (0.05, 0.70, 0.98, 0.60)},
    "birth": {
        "same": (0.80, 0.013, 0.0001, 0.00005),
        "swapped": (0.02, 0.0002, 0.0001, 0.0001),
        "digit": (0.05, 0.004, 0.005, 0.002),
        "near": (0.04, 0.003, 0.0001, 0.003),
        "around": (0.04, 0.003, 0.0001, 0.015),
        "newyear": (0.50, 0.03, 0.001, 0.012),
        "year": (0.90, 0.06, 0.002, 0.03),
        "apart": (0.03, 0.48, 0.03, 0.52),
        "generation": (0.02, 0.50, 0.96, 0.46),
    },
    "phone": {
        "same": (0.55, 0.70, 0.70, 0.0003),
        "close": (0.05, 0.02, 0.02, 0.0007),
        "differ": (0.40, 0.28, 0.28, 0.999),
    },
    "email": {
        "same": (0.65, 0.35, 0.30, 0.0001),
        "close": (0.12, 0.03, 0.03, 0.0003),
        "differ": (0.23, 0.62, 0.67, 0.9996),
    },
    # An identity number: people borrow, mistype and share them, and those of brothers and sisters often follow another.
    "number": {
        "same": (0.80, 0.05, 0.05, 0.003),
        "close": (0.08, 0.05, 0.01, 0.001),
        "mixed": (0.03, 0.02, 0.02, 0.003),
        "differ": (0.09, 0.90, 0.92, 0.993),
    },
    # Those who live together are written down together: one address, spelt one way.
    "street": {
        "same": (0.60, 0.95, 0.95, 0.0015),
        "spelt": (0.25, 0.02, 0.02, 0.005),
        "close": (0.05, 0.01, 0.01, 0.03),
        "differ": (0.10, 0.02, 0.02, 0.96),
    },
    "house": {
        "same": (0.82, 0.96, 0.96, 0.02),
        "close": (0.07, 0.01, 0.01, 0.20),
        "differ": (0.11, 0.03, 0.03, 0.78),
    },
    "city": {
        "same": (0.75, 0.96, 0.96, 0.15),
        "spelt": (0.17, 0.01, 0.01, 0.05),
        "differ": (0.08, 0.03, 0.03, 0.80),
    },
    "postcode": {
        "same": (0.80, 0.96, 0.96, 0.01),
        "close": (0.12, 0.01, 0.01, 0.02),
        "differ": (0.08, 0.03, 0.03, 0.97),
    },
    # Another address altogether: people move.
    "address": {"other": (0.25, 0.06, 0.06, 0.97)},
    "sex": {"same": (0.97, 0.50, 0.90, 0.50), "differ": (0.03, 0.50, 0.10, 0.50)},
}
# Before anything is known: how often each of the four is true of two descriptions that are compared at all.
BEFORE = (1.0, 1.0, 0.02, 10_000.0)

# From LINE on the machine says "probably"; from ASK on it asks a worker to look.
LINE = 50
ASK = 5
# One kind of evidence never reaches the line: many people bear one name, and a number may be another's.
KINDS = {
    "given": "name", "family": "name", "birth": "birth", "number": "number", "phone": "contact", "email": "contact",
    "street": "address",
}  # fmt: skip
PERSONAL = {"name", "birth"}

_LOGS = {name: {said: tuple(map(log, row)) for said, row in rows.items()} for name, rows in WEIGHTS.items()}
_BEFORE = tuple(map(log, BEFORE))


# --- What is known of a person ----------------------------------------------------------------------------------------

# What people type where they have nothing to say.
_NOTHING = {
    "", "unknown", "unk", "not known", "na", "n a", "none", "nil", "null", "no name", "noname", "name unknown", "test",
    "refused", "anonymous", "xxx", "not available", "baby", "baby boy", "baby girl", "newborn", "infant", "homeless",
    "shelter", "no address", "no fixed address", "nfa", "general delivery",
}  # fmt: skip
_TITLES = {"mr", "mrs", "ms", "miss", "dr", "prof", "rev"}
_SUFFIXES = {"jr": "jr", "junior": "jr", "sr": "sr", "senior": "sr", "ii": "ii", "iii": "iii", "iv": "iv"}
_STREET_WORDS = {
    "st": "street", "str": "street", "ave": "avenue", "av": "avenue", "rd": "road", "dr": "drive", "blvd": "boulevard",
    "ln": "lane", "ct": "court", "pl": "place", "hwy": "highway", "pkwy": "parkway", "cir": "circle", "crt": "circuit",
    "cct": "circuit", "cres": "crescent", "ter": "terrace", "sq": "square", "apt": "apartment", "ste": "suite",
    "n": "north", "s": "south", "e": "east", "w": "west", "rte": "route", "mt": "mount", "bldg": "building",
}  # fmt: skip
_UNITS = {"apartment", "suite", "unit", "floor", "flat", "room", "no", "number"}
# These say little about which street it is, also where the space before them got lost.
_KINDS_OF_STREET = re.compile(
    "street|avenue|road|drive|boulevard|lane|court|place|highway|parkway|circle|circuit|crescent|terrace|square|"
    "close"
)
_CYRILLIC = "а=a б=b в=v г=g ґ=g д=d е=e є=e ж=zh з=z и=i і=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya"  # noqa: E501
_GREEK = "α=a β=v γ=g δ=d ε=e ζ=z η=i θ=th ι=i κ=k λ=l μ=m ν=n ξ=x ο=o π=p ρ=r σ=s τ=t υ=y φ=f χ=ch ψ=ps ω=o"
_LATIN = str.maketrans(dict(pair.split("=") for pair in f"{_CYRILLIC} {_GREEK}".split()))


@lru_cache(maxsize=65_536)
def _folded(text):
    """Folded as a search does it, with Cyrillic and Greek in Latin letters."""
    return names.fold(text).translate(_LATIN)


@lru_cache(maxsize=65_536)
def _sound(folded):
    return names.sound(folded)


def _plain(text):
    """Folded, and nothing where somebody typed that they do not know."""
    folded = _folded(str(text or "")[:300])
    return "" if folded in _NOTHING else folded


def _line(text):
    """The digits of a telephone number without extension and country; empty where it is made up."""
    whole = str(text or "")[:80].casefold()
    for mark in ("ext", "x", "#"):
        whole = whole.partition(mark)[0]
    found = "".join(str(unicodedata.decimal(c)) for c in whole if c.isdecimal())[-10:]
    return found if len(found) >= 7 and len(set(found)) > 2 else ""


def _number(text):
    """An identity number without its punctuation; empty where it is made up, such as 999-99-9999."""
    found = "".join(c for c in _folded(str(text or "")[:80]) if c.isalnum())
    return found if len(found) >= 4 and len(set(found)) > 1 and found not in "1234567890" else ""


def _apart(whole):
    """A whole name as first and last name; one word alone is a first name."""
    *words, last = [w for w in whole.split() if w not in _SUFFIXES] or [""]
    return (" ".join(words), last) if words else (last, "")


@dataclass(frozen=True)
class Traits:
    """What one record says of a person, as it was written down; everything may be missing."""

    given: str = ""
    middle: str = ""
    family: str = ""
    suffix: str = ""
    chosen: str = ""
    others: tuple[str, ...] = ()
    born_on: date | None = None
    born_precision: str = "exact"
    born_typed: str = ""  # where it is no day that exists, such as 1944-87-20
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    numbers: Mapping[str, str] = field(default_factory=dict)
    street: str = ""
    city: str = ""
    postcode: str = ""
    sex: str = ""

    @cached_property
    def called(self):
        """Every first and last name the person goes by, folded; a whole name in one field is also taken apart."""
        given, family = _plain(self.given), _plain(self.family)
        ways = [(given, family), (_plain(self.chosen), family if self.chosen else "")]
        ways += [_apart(_plain(other)) for other in self.others]
        found = {}
        for first, last in ways:
            first = " ".join(w for w in first.split() if w not in _TITLES) or first
            last = " ".join(w for w in last.split() if w not in _SUFFIXES) or last
            found[first, last] = None
            if not (first and last):
                found[_apart(first or last)] = None
        return tuple(way for way in found if any(way))

    @cached_property
    def between(self):
        return _plain(self.middle)

    @cached_property
    def generation(self):
        """Jr, Sr, III: from its own field, or from the end of the last name."""
        words = f"{_plain(self.family)} {_plain(self.suffix)}".split()
        return next((_SUFFIXES[w] for w in reversed(words) if w in _SUFFIXES), "")

    @cached_property
    def lines(self):
        return tuple(filter(None, map(_line, self.phones)))

    @cached_property
    def mail(self):
        return tuple(m for e in self.emails if len(m := str(e or "").strip().casefold()[:200]) > 4)

    @cached_property
    def identity(self):
        return {kind: number for kind, text in self.numbers.items() if (number := _number(text))}

    @cached_property
    def home(self):
        """The numbers and the words of the address."""
        words = [_STREET_WORDS.get(w, w) for w in _plain(self.street).split()]
        numbers = tuple(w for w in words if w[0].isdecimal())
        return numbers, " ".join(w for w in words if not w[0].isdecimal() and w not in _UNITS)

    @cached_property
    def area(self):
        code = _plain(self.postcode).replace(" ", "")
        return code[:5] if code.isdecimal() else code, _plain(self.city)

    @cached_property
    def gender(self):
        said = _plain(self.sex)[:1]
        return said if said in ("m", "f") else ""

    @cached_property
    def day(self):
        """The birth date in eight digits where it is known to the day."""
        if self.born_on:
            return f"{self.born_on:%Y%m%d}".zfill(8) if self.born_precision == "exact" else ""
        found = "".join(c for c in self.born_typed[:40] if c.isascii() and c.isdecimal())
        return found if len(found) == 8 else ""


# --- One field with another -------------------------------------------------------------------------------------------


@lru_cache(maxsize=262_144)
def _likeness(one, other, first):
    """How alike two folded names are; `first` names may be short forms of each other."""
    one, other = sorted((one, other))
    short, more = one.replace(" ", ""), other.replace(" ", "")
    if short == more:
        return "same"
    if first and are_kin(one, other):
        return "kin"
    if len(short) < 4 or len(more) < 4:
        if short.startswith(more) or more.startswith(short):
            return "initial"  # or somebody is still typing
        if len(short) == 1 or len(more) == 1:
            return "differ"
    if (" " in one or " " in other) and (found := _in_words(one.split(), other.split(), first)):
        return found
    longer = max(len(short), len(more))
    steps = OSA.distance(short, more, score_cutoff=2)
    if steps < 3 and first and is_name(one) and is_name(other):
        # Maria and Marta are two names, not one mistyped.
        return "names" if steps == 1 else "differ"
    if (steps == 1 and longer > 3) or (steps == 2 and longer > 6):
        return "close"
    if longer < 4:
        return "alike" if steps == 1 and longer == 3 else "differ"
    if (
        OSA.normalized_similarity(short, more) >= 0.6
        or JaroWinkler.similarity(short, more) >= 0.88
        or _sound(one) == _sound(other)
    ):
        return "alike"
    letters = LCSseq.similarity("".join(sorted(short)), "".join(sorted(more)))
    return "mixed" if letters >= 0.75 * longer else "differ"


def _in_words(words, more, first):
    """Maria is part of Maria Elena; Maria Elena and Maria Jose are only alike."""
    if len(words) > len(more):
        words, more = more, words
    fits = sum(any(_same_word(word, other, first) for other in more) for word in words)
    return "part" if fits == len(words) else "names" if fits and first else "alike" if fits else ""


def _same_word(word, other, first):
    if word == other:
        return len(word) > 2
    return first and _likeness(word, other, True) in ("kin", "close")


def _one_step(one, other):
    """One digit is wrong, missing or too many, or two beside each other have changed places."""
    return OSA.distance(one, other, score_cutoff=1) == 1


def _called(a, b):
    """The best way to lay one's names beside the other's: {"given": …, "family": …, "order": …}."""
    best, found = None, {}
    some, others = sorted((a.called, b.called))  # so that the answer is the same either way round
    for given, family in some:
        for other_given, other_family in others:
            for order, first, last in (
                (None, (given, other_given), (family, other_family)),
                ("swapped", (given, other_family), (family, other_given)),
            ):
                laid = {}
                if all(first):
                    laid["given"] = _likeness(*first, True)
                if all(last):
                    laid["family"] = _likeness(*last, False)
                if not laid:
                    continue
                if order:
                    laid["order"] = order
                speaks = _for_one_person(laid)
                if best is None or speaks > best:
                    best, found = speaks, laid
    return found


def _for_one_person(found):
    """How much more these names speak for one person than for strangers."""
    return sum(_LOGS[name][said][0] - _LOGS[name][said][3] for name, said in found.items())


def _births(a, b):
    if not (a.born_on and b.born_on):
        if not (a.day and b.day):
            return None
        return "same" if a.day == b.day else "digit" if _one_step(a.day, b.day) else None
    years = abs(a.born_on.year - b.born_on.year)
    far = "generation" if 15 <= years <= 50 else "apart"
    if not (a.day and b.day):
        # Only the year is known, or only about when.
        about = "approximate" in (a.born_precision, b.born_precision)
        return "year" if years <= (2 if about else 0) else far
    if a.day == b.day:
        # The first of January stands for "some time that year" on many papers.
        return "newyear" if a.day.endswith("0101") else "same"
    if a.day == b.day[:4] + b.day[6:] + b.day[4:6]:
        return "swapped"
    if far == "apart" and _one_step(a.day, b.day):
        return "digit"
    days = abs((a.born_on - b.born_on).days)
    return "near" if days <= 31 else "around" if days <= 200 else far


def _phones(a, b):
    if not (a.lines and b.lines):
        return None
    pairs = [(x, y) for x in a.lines for y in b.lines]
    if any(x.endswith(y) or y.endswith(x) for x, y in pairs):
        return "same"
    return "close" if any(_one_step(x, y) for x, y in pairs) else "differ"


def _emails(a, b):
    if not (a.mail and b.mail):
        return None
    if not set(a.mail).isdisjoint(b.mail):
        return "same"
    return "close" if any(fuzz.ratio(x, y) >= 80 for x in a.mail for y in b.mail) else "differ"


def _numbers(a, b):
    found = {
        _number_with(a.identity[kind], b.identity[kind]) for kind in a.identity.keys() & b.identity.keys()
    }
    if len(found) > 1 and "differ" in found:
        return "mixed"
    return "same" if "same" in found else found.pop() if found else None


def _number_with(one, other):
    allowed = 2 if min(len(one), len(other)) > 8 else 1
    steps = OSA.distance(one, other, score_cutoff=allowed)
    return "same" if steps == 0 else "close" if steps <= allowed else "differ"


def _middles(a, b):
    if not (a.between and b.between):
        return None
    found = _likeness(a.between, b.between, True)
    return found if found in ("same", "differ") else "close"


def _suffixes(a, b):
    return ("same" if a.generation == b.generation else "differ") if a.generation and b.generation else None


def _sexes(a, b):
    return ("same" if a.gender == b.gender else "differ") if a.gender and b.gender else None


def _addresses(a, b):
    """What is found for street, house, city and postcode; or only that it is another address altogether."""
    (numbers, words), (others, more) = a.home, b.home
    (code, city), (other_code, other_city) = a.area, b.area
    found = {}
    if words and more:
        found["street"] = _streets(words, more)
    if city and other_city:
        found["city"] = (
            "same" if city == other_city else "spelt" if fuzz.ratio(city, other_city) >= 60 else "differ"
        )
    if code and other_code:
        found["postcode"] = _codes(code, other_code)
    if found and not {"same", "spelt"} & set(found.values()):
        return {"address": "other"}
    if numbers and others and found.get("street") != "differ":
        found["house"] = "same" if set(numbers) & set(others) else _codes(numbers[0], others[0])
    return found


def _streets(words, more):
    """Spaces get lost, lines change places, and a second line is left out."""
    if words == more:
        return "same"
    whole, other = (w.replace(" ", "") for w in sorted((words, more)))
    bare, other_bare = (_KINDS_OF_STREET.sub(" ", w).strip() or w for w in sorted((words, more)))
    alike = max(
        fuzz.token_set_ratio(bare, other_bare),
        _within(bare.replace(" ", ""), other_bare.replace(" ", "")),
    )
    if alike >= 85 or _within(whole, other) >= 85:
        return "spelt"
    return "close" if alike >= 70 else "differ"


def _within(one, other):
    return fuzz.partial_ratio(one, other) if min(len(one), len(other)) > 3 else fuzz.ratio(one, other)


def _codes(one, other):
    return "same" if one == other else "close" if _one_step(one, other) else "differ"


_FIELDS = {
    "birth": _births,
    "phone": _phones,
    "email": _emails,
    "number": _numbers,
    "middle": _middles,
    "suffix": _suffixes,
    "sex": _sexes,
}


# --- The answer -------------------------------------------------------------------------------------------------------


class Verdict(StrEnum):
    """What the machine says to the worker, who decides."""

    PROBABLY = "probably"
    PERHAPS = "perhaps"
    HOUSEHOLD = "household"
    UNLIKELY = "unlikely"


_VERDICTS = {
    Verdict.PROBABLY: gettext_noop("probably the same person"),
    Verdict.PERHAPS: gettext_noop("perhaps the same person"),
    Verdict.HOUSEHOLD: gettext_noop("perhaps of one household"),
    Verdict.UNLIKELY: gettext_noop("hardly the same person"),
}
# What is said of each thing found; of what is not here, nothing is said.
_SAYS = {
    ("name", "same"): gettext_noop("same name"),
    ("order", "swapped"): gettext_noop("first and last name swapped"),
    ("given", "same"): gettext_noop("same first name"),
    ("given", "kin"): gettext_noop("one first name is short for the other"),
    ("given", "close"): gettext_noop("first name a letter or two off"),
    ("given", "part"): gettext_noop("one of the first names is the same"),
    ("given", "alike"): gettext_noop("first names look or sound alike"),
    ("given", "mixed"): gettext_noop("first name with its letters mixed up"),
    ("given", "names"): gettext_noop("first names much alike, but two names"),
    ("given", "initial"): gettext_noop("first name begins the same"),
    ("given", "differ"): gettext_noop("different first names"),
    ("family", "same"): gettext_noop("same last name"),
    ("family", "close"): gettext_noop("last name a letter or two off"),
    ("family", "part"): gettext_noop("one of the last names is the same"),
    ("family", "alike"): gettext_noop("last names look or sound alike"),
    ("family", "mixed"): gettext_noop("last name with its letters mixed up"),
    ("family", "initial"): gettext_noop("last name begins the same"),
    ("family", "differ"): gettext_noop("different last names"),
    ("middle", "same"): gettext_noop("same middle name"),
    ("middle", "differ"): gettext_noop("different middle names"),
    ("suffix", "differ"): gettext_noop("different suffixes, such as Jr and Sr"),
    ("birth", "same"): gettext_noop("same birth date"),
    ("birth", "swapped"): gettext_noop("day and month of birth swapped"),
    ("birth", "digit"): gettext_noop("birth date differs by one digit"),
    ("birth", "near"): gettext_noop("birth dates within a month"),
    ("birth", "around"): gettext_noop("birth dates within half a year"),
    ("birth", "newyear"): gettext_noop("both born on January 1, often a guess"),
    ("birth", "year"): gettext_noop("birth year fits"),
    ("birth", "apart"): gettext_noop("different birth dates"),
    ("birth", "generation"): gettext_noop("birth dates many years apart"),
    ("phone", "same"): gettext_noop("same phone"),
    ("phone", "close"): gettext_noop("phone differs by one digit"),
    ("email", "same"): gettext_noop("same e-mail"),
    ("email", "close"): gettext_noop("e-mail nearly the same"),
    ("number", "same"): gettext_noop("same identity number"),
    ("number", "close"): gettext_noop("identity number a digit or two off"),
    ("number", "mixed"): gettext_noop("one identity number is the same, another is not"),
    ("number", "differ"): gettext_noop("different identity numbers"),
    ("home", "same"): gettext_noop("same address"),
    ("street", "same"): gettext_noop("same street"),
    ("street", "spelt"): gettext_noop("same street, spelt otherwise"),
    ("house", "differ"): gettext_noop("different house numbers"),
    ("city", "same"): gettext_noop("same town"),
    ("postcode", "same"): gettext_noop("same postal code"),
    ("address", "other"): gettext_noop("different addresses"),
    ("sex", "differ"): gettext_noop("different sex on file"),
}


@dataclass(frozen=True)
class Match:
    """How likely two descriptions are of one person, and what was found."""

    chance: float
    household: float
    found: Mapping[str, str]

    @property
    def score(self):
        """Out of 100; nothing is certain, and one kind of evidence is never enough."""
        score = min(int(self.chance * 100), 99)
        kinds = {KINDS[name] for name, said in self.found.items() if name in KINDS and _bits(name, said) > 0}
        return score if len(kinds) > 1 and kinds & PERSONAL else min(score, LINE - 1)

    @property
    def verdict(self):
        if self.score >= LINE:
            return Verdict.PROBABLY
        if self.household >= 0.5 and self.household > self.chance:
            return Verdict.HOUSEHOLD
        return Verdict.PERHAPS if self.score >= ASK else Verdict.UNLIKELY

    @property
    def is_worth_asking(self):
        """Whether a worker should look: also where nothing but an identity number is the same."""
        return self.score >= ASK or self.found.get("number") == "same"

    @property
    def words(self):
        return gettext(_VERDICTS[self.verdict])

    @property
    def reasons(self):
        """In words: another explanation where there is one, then what speaks for one person, then what against."""
        found, hint = dict(self.found), self._hint()
        if hint in (_TWIN, _TWIN_AT_HOME):
            del found["given"], found["birth"]
        if found.get("given") == found.get("family") == "same":
            del found["given"], found["family"]
            found |= {"name": "same"} if "order" not in found else {}
        if found.get("street") == "same" and found.get("house", "same") == "same":
            if "differ" not in (found.get("city"), found.get("postcode")):
                found = {k: v for k, v in found.items() if k not in ("street", "house", "city", "postcode")}
                found |= {"home": "same"} if hint != _TWIN_AT_HOME else {}
        said = [(name, how) for name, how in _SAYS if found.get(name) == how]
        said.sort(key=lambda item: item[0] != "order" and _bits(*item) <= 0)
        return [gettext(hint)] * bool(hint) + [gettext(_SAYS[item]) for item in said]

    def _hint(self):
        found = self.found
        if self.household > self.chance and self.household >= 0.3:
            if found.get("birth") == "same" and found.get("given") in ("differ", "names"):
                return _TWIN_AT_HOME if found.get("street") == "same" else _TWIN
            if found.get("birth") == "generation" and found.get("given") in ("same", "kin"):
                return gettext_noop("same name, birth years far apart: perhaps parent and child")
            return gettext_noop("perhaps of one household")
        if self.score < LINE and found.get("number") in ("same", "close") and found.get("given") == "differ":
            return gettext_noop(
                "an identity number alone says little: it may be mistyped, borrowed or shared"
            )
        return ""


_TWIN = gettext_noop("different first names, same birth date: perhaps a twin")
_TWIN_AT_HOME = gettext_noop("different first names, same birth date and address: perhaps a twin")


def _bits(name, said):
    """For one person rather than for strangers, as a logarithm."""
    row = _LOGS[{"name": "family", "home": "street"}.get(name, name)][said]
    return row[0] - row[3]


def compare(a, b, *, households=1.0):
    """How likely these two `Traits` are of one person; the same either way round.

    `households`: how much more or less often than usual people of one household are compared here.
    """
    found = _called(a, b)
    for name, look in _FIELDS.items():
        if said := look(a, b):
            found[name] = said
    found |= _addresses(a, b)
    chances = list(_BEFORE)
    for name, said in found.items():
        for column, value in enumerate(_LOGS[name][said]):
            chances[column] += value
    top = max(chances)
    one, *others = (exp(c - top) for c in chances)
    return _weigh(one, others[0] + others[1], others[2], found, households)


def _weigh(one, household, strangers, found, households):
    household *= households
    whole = one + household + strangers
    return Match(one / whole, household / whole, found)


# --- A whole file -----------------------------------------------------------------------------------------------------

CROWD = 100  # so many records under one key say nothing any more
USUAL = 50  # so much weight has what is usual against what a file shows of its households


def keys(t):
    """Under which keys somebody is filed, so that only who shares one is compared at all."""
    (numbers, words), (code, city) = t.home, t.area
    street = words.replace(" ", "")[:4]
    filed = {("number", *pair) for pair in t.identity.items()}
    filed |= {("phone", n[-7:]) for n in t.lines}
    filed |= {("email", m) for m in t.mail}
    if street:
        filed |= {("house", n, street) for n in numbers}
        filed.add(("street", street, code))
    if t.day:
        filed.add(("day", t.day[:4], *sorted((t.day[4:6], t.day[6:]))))
    for first, last in t.called:
        if first and last:
            filed.add(("name", *sorted((_sound(first), _sound(last)))))
    for name in {name for way in t.called for name in way if name}:
        sound = _sound(name)
        if t.day:
            filed.add(("month", name[:4], t.day[:6]))
            filed.add(("year", sound, t.day[:4]))
            filed.add(("date", sound, t.day[4:]))
        if code:
            filed.add(("code", sound, code))
        if city:
            filed.add(("city", name, city))
        if street:
            filed.add(("at", sound, street))
    return filed


def candidates(people):
    """The pairs of places in this list that are worth comparing, each once, the smaller place first."""
    filed = defaultdict(list)
    for place, traits in enumerate(people):
        for key in keys(traits):
            filed[key].append(place)
    return {pair for places in filed.values() if len(places) <= CROWD for pair in combinations(places, 2)}


def compare_all(people):
    """{(i, j): Match} of the pairs in this list that may be one person.

    How common households are is estimated from the list itself, beginning with what is usual: in one where nobody
    shares an address with another, a changed first name is rather a mistake than a twin.
    """
    found = {(i, j): compare(people[i], people[j]) for i, j in candidates(people)}
    shares = [(m.chance, m.household) for m in found.values() if m.chance + m.household > 0.001]
    households = 1.0
    for _round in range(20):
        one = two = 0.0
        for chance, household in shares:
            rest = 1 - chance - household
            whole = chance + household * households + rest
            one += chance / whole
            two += household * households / whole
        households = (USUAL + two) / (USUAL + one)
    return {
        pair: _weigh(m.chance, m.household, 1 - m.chance - m.household, m.found, households)
        for pair, m in found.items()
    }

"""A screening as every file tells it: whose it is, when it was, and what was answered to which question. No database.

What is read here waits as plain dicts until all questions of a run are known, and may wait on disk.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.interchange.hmis.batches import BEGINNING, Fault
from casemgmt.interchange.hmis.reader import parse_date
from casemgmt.interchange.hrsn import codes

LONGEST_KEY = 150  # the code of the screening comes behind it
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,6})?", re.ASCII)


@dataclass
class Person:
    """Who was asked, as far as the file says; `file` and `line` are where."""

    file: str
    line: int
    key: str
    given_name: str = ""
    middle_name: str = ""
    family_name: str = ""
    name_suffix: str = ""
    born_on: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    language: str = ""
    pronouns: str = ""
    medicaid: str = ""
    social: str = ""

    @property
    def day(self):
        return date.fromisoformat(self.born_on) if self.born_on else None


@dataclass
class Said:
    """What was answered to one question: codes with their words, or a number; `rows` of the file say so."""

    question: str
    text: str
    codes: list = field(default_factory=list)
    number: float | None = None
    category: str = ""
    is_flagged: bool = False
    several: bool = False
    rows: int = 1

    def add(self, other):
        """Take in another row about the same question. Returns False where it says nothing new; raises Fault."""
        new = [pair for pair in other.codes if pair[0] not in {code for code, _label in self.codes}]
        if not new and self.number == other.number:
            self.is_flagged |= other.is_flagged
            return False
        if not (self.several and self.codes and other.codes):
            raise Fault("ANSWER_CODE", _("This question has another answer already in this screening."))
        self.codes += new
        self.is_flagged |= other.is_flagged
        self.rows += 1
        return True


def cleaned(text, longest=2000):
    """Text as a database takes it, on one line."""
    text = str(text).replace("\x00", "").encode(errors="replace").decode()
    return " ".join(text.split())[:longest]


def short_key(*parts):
    """A key of these parts that has room in a row; one that is too long ends in a digest of the whole."""
    whole = "/".join(parts)
    if len(whole) <= LONGEST_KEY:
        return whole
    return f"{whole[:80]}…{hashlib.sha256(whole.encode()).hexdigest()[:60]}"


def moment(text):
    """(day, time) of a date with or without time and zone, in the agency's time zone; noon where no hour is said.

    Raises ValueError.
    """
    zone = timezone.get_current_timezone()
    if not _ISO_DAY.match(text):
        return _at_noon(parse_date(text, timezone.localdate()), zone)
    if len(text) == 10:
        return _at_noon(date.fromisoformat(text), zone)
    found = datetime.fromisoformat(text)
    found = found.astimezone(zone) if found.tzinfo else found.replace(tzinfo=zone)
    return found.date(), found


def _at_noon(day, zone):
    return day, datetime.combine(day, time(12), tzinfo=zone)


def past_moment(text, column):
    """As `moment`, for something that has happened; in UTC, so that texts of it can be compared. Raises Fault."""
    try:
        day, at = moment(text)
    except (ValueError, OverflowError):
        raise Fault(column, _("This is no date that can be read.")) from None
    if not BEGINNING <= day <= timezone.localdate():
        raise Fault(column, _("The date is in the future, or before 1900."))
    return at.astimezone(UTC).isoformat()


def understand(question, text, pairs, words, *, category="", flag=""):
    """The Said of one question, answered by codes with labels, or in `words`. Raises Fault with the column."""
    question = question.strip()
    if not codes.LOINC.fullmatch(question):
        raise Fault("QUESTION_CODE", _("This is no LOINC code of a question."))
    known = codes.QUESTIONS.get(question)
    if known is None and not text:
        raise Fault(
            "QUESTION_CODE_DESCRIPTION", _("Nobody here knows this question, and its words are missing.")
        )
    said = Said(
        question,
        cleaned(text) or question,
        category=category.strip().casefold()[:60],
        is_flagged=_is_positive(flag) and not codes.speaks_for_itself(question),
        several=known.several if known else len(pairs) > 1,
    )
    if not pairs:
        _in_words(said, known, words)
        return said
    if len(pairs) > 1 and not said.several:
        raise Fault("ANSWER_CODE", _("This question takes one answer, and here are several."))
    for code, label in pairs:
        code = code.strip().upper()
        if not codes.ANSWER.fullmatch(code) or (known and code not in known.answers):
            raise Fault("ANSWER_CODE", _("This code is on no list of answers to this question."))
        said.codes.append([code, cleaned(label, 300) or code])
    return said


def _is_positive(flag):
    return "POS" in {word.strip().upper() for word in flag.split(";")}


def _in_words(said, known, words):
    """An answer without a code is a number, where the question takes one; nothing else is kept."""
    words = words.strip()
    if known and known.answers:
        raise Fault("ANSWER_CODE", _("The code of the answer is missing."))
    if not _NUMBER.fullmatch(words):
        raise Fault("ANSWER_CODE", _("There is neither a code nor a number: answers in words are not taken."))
    number = float(words)
    said.number = int(number) if number == int(number) else number


def absent_words(reason):
    """Why there is no answer, in words."""
    return codes.ABSENT.get(reason.strip().casefold(), _("not said why"))

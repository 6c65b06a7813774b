"""A questionnaire as it is asked: its questions as plain rows for the template, and what was sent back. No database.

Whoever shows questions prepares `parts` and includes assessments/_questions.html; whoever takes answers asks `sent`.
"""

import hashlib
import json
import random
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.definition import CHOICES
from casemgmt.core.models import Refused

MOST_ON_A_SCREEN = 12
MOST_STEPS = 11  # more taps do not fit beside each other on a phone
MANY_OPTIONS = 6
SHORT_LABEL, MEDIUM_LABEL = 9, 17


@dataclass(frozen=True)
class Choice:
    """One answer to tap."""

    value: object
    label: str
    checked: bool


@dataclass
class Question:
    """One question as the page shows it; `name` is the name of its input, `last_time` the earlier answer in words.

    `same` is the earlier answer itself, where one tap may give it again; `was` tells whether the answer was touched.
    """

    n: int
    name: str
    code: str
    text: str
    kind: str
    group: str = ""
    options: list = field(default_factory=list)
    low: float | None = None
    high: float | None = None
    low_label: str = ""
    high_label: str = ""
    value: object = ""
    required: bool = False
    shown: bool = True
    last_time: str = ""
    same: str = ""
    error: str = ""
    was: str = ""

    @property
    def may_clear(self):
        """A tapped answer that may be taken back: buttons alone cannot be emptied."""
        return bool(self.options) and self.kind != "multi" and not self.required

    @property
    def width(self):
        """How much room the answers need beside each other: many stand in columns, short ones in a row."""
        if self.kind not in ("single", "multi"):
            return ""
        longest = max(len(option.label) for option in self.options)
        if len(self.options) > MANY_OPTIONS:
            return "long"
        return "short" if longest <= SHORT_LABEL else "medium" if longest <= MEDIUM_LABEL else ""

    @property
    def label(self):
        """What it is called in a list of problems."""
        return Truncator(self.text).chars(40) or _("Question %(n)s") % {"n": self.n}


def parts(definition, said, *, before=None, names="", errors=None, shuffle=None):
    """The questions by their headings: [{"title", "questions"}], those hidden for now among them.

    `said` maps codes to answers; `before` is an earlier response with its own definition; `names` goes before the
    name of every input; `errors` maps codes to sentences; `shuffle` is a seed for the words inside a box (REQ-97).
    """
    errors = errors or {}
    asked = {item.code for item in scoring.asked(definition, said)}
    found = []
    for n, item in enumerate(definition.items):
        question = _question(definition, item, n, said.get(item.code), names, before, shuffle)
        question.shown = item.code in asked
        question.error = errors.get(item.code, "")
        if question.error:
            question.was = ""  # what could not be kept is looked at again, however it comes back
        if not found or found[-1]["title"] != item.group:
            found.append({"title": item.group, "questions": []})
        found[-1]["questions"].append(question)
    return found


def _question(definition, item, n, value, names, before, shuffle):
    last_time, same = _last_time(before, item)
    return Question(
        n=n + 1,
        name=name_of(n, names),
        code=item.code,
        text=item.text,
        kind=item.kind,
        group=item.group,
        options=_options(item, value, shuffle),
        low=item.low,
        high=item.high,
        low_label=item.low_label,
        high_label=item.high_label,
        value="" if value is None else value,
        required=item.required,
        last_time=last_time,
        same=same,
        was=mark(value),
    )


def name_of(n, names=""):
    """The name of the input of the question with this index."""
    return f"{names}q-{n}"


def mark(value):
    """A short mark of an answer, to see whether the one sent back differs from the one that was shown."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]


def _options(item, value, shuffle):
    given = (
        {str(v) for v in value} if isinstance(value, list) else {str(value)} if value is not None else set()
    )
    options = [Choice(o.value, o.label, str(o.value) in given) for o in item.options]
    if item.kind == "scale" and _steps(item):
        options = [Choice(n, str(n), str(n) in given) for n in _steps(item)]
    if item.kind == "forced" and shuffle is not None:
        random.Random(f"{shuffle}-{item.code}").shuffle(options)  # noqa: S311 (an order of words, not a secret)
    return options


def _steps(item):
    """The numbers of a scale that fit beside each other; nothing when there are too many, or they are not whole."""
    if item.low != int(item.low) or item.high != int(item.high) or item.high - item.low >= MOST_STEPS:
        return ()
    return range(int(item.low), int(item.high) + 1)


def _last_time(before, item):
    """The earlier answer to the same question: in words with its day, and as it would be given again."""
    value = before.answers.get(item.code) if before is not None else None
    earlier = before.definition.by_code.get(item.code) if value is not None else None
    if earlier is None:
        return "", ""
    words = _("Last time, %(day)s: %(answer)s") % {
        "day": _day(before.held_on),
        "answer": in_words(earlier, value),
    }
    again = item.kind not in CHOICES and item.kind != "scale" and earlier.kind == item.kind
    return words, json.dumps(value) if again else ""


def _day(day):
    """A day in few letters: the year only where it is another one."""
    return date_format(day, "j M" if day.year == timezone.localdate().year else "j M Y")


def in_words(item, value):
    """An answer as somebody would say it; "" when there is none."""
    if value in (None, "", []):
        return ""
    if isinstance(value, list):
        return ", ".join(in_words(item, one) for one in value)
    if item.options:
        return next((o.label for o in item.options if str(o.value) == str(value)), str(value))
    if item.kind == "date":
        return date_format(date.fromisoformat(value), "j M Y")
    return str(value)


def screens(found):
    """The same parts, as many to a screen as somebody answers without losing the thread; short ones stay together."""
    total = sum(len(part["questions"]) for part in found)
    if total <= MOST_ON_A_SCREEN:
        return [found]
    pages, room = [[]], MOST_ON_A_SCREEN
    for part in found:
        pieces = _pieces(part["questions"])
        for piece in pieces:
            if len(piece) > room and pages[-1]:
                pages.append([])
                room = MOST_ON_A_SCREEN
            pages[-1].append({"title": part["title"], "questions": piece})
            room -= len(piece)
    return pages


def _pieces(questions):
    """Pieces of about the same length, none longer than a screen."""
    n = -(-len(questions) // MOST_ON_A_SCREEN)
    size, rest = divmod(len(questions), n)
    pieces, start = [], 0
    for k in range(n):
        end = start + size + (k < rest)
        pieces.append(questions[start:end])
        start = end
    return pieces


def progress(definition, said):
    """How many of the questions that are asked have an answer: (answered, asked)."""
    asked = [item.code for item in scoring.asked(definition, said) if item.kind != "info"]
    return sum(code in said for code in asked), len(asked)


def newly_asked(definition, before, now):
    """The codes of questions without an answer that are asked now and were not asked with the answers before."""
    were = {item.code for item in scoring.asked(definition, before)}
    asked = [item.code for item in scoring.asked(definition, now) if item.kind != "info"]
    return {code for code in asked if code not in were and code not in now}


def hidden(definition, said, names=""):
    """The names of the questions that are not asked with these answers."""
    asked = {item.code for item in scoring.asked(definition, said)}
    return [name_of(n, names) for n, item in enumerate(definition.items) if item.code not in asked]


def problems(screen, form, instead=None):
    """What keeps the form from going on: each sentence once, with links to where it holds.

    `instead` says for a sentence beside a question what stands in the list.
    """
    found = {sentence: [] for sentence in form.non_field_errors()}
    for bound in form:
        for sentence in bound.errors:
            found.setdefault(sentence, []).append({"anchor": bound.id_for_label, "label": bound.label})
    for part in screen:
        for question in part["questions"]:
            if question.error:
                place = {"anchor": f"div_{question.name}", "label": question.label}
                found.setdefault((instead or {}).get(question.error, question.error), []).append(place)
    return [{"sentence": sentence, "places": places} for sentence, places in found.items()]


def by_language(versions, wanted):
    """The versions to choose from, {language: version}: [{"version", "language"}], the wanted language first."""
    rows = [{"version": v, "language": _language(code)} for code, v in versions.items()]
    fits = wanted.strip().casefold()
    return sorted(rows, key=lambda row: not (fits and fits in names_of(row["version"].language)))


def _language(code):
    """A language as its speakers call it."""
    try:
        return get_language_info(code)["name_local"]
    except KeyError:
        return code


def names_of(code):
    """What people write for a language: its code, its English name, its own name."""
    try:
        info = get_language_info(code)
    except KeyError:
        return {code.casefold()}
    return {code.casefold(), info["name"].casefold(), info["name_local"].casefold()}


# --- What was sent back -------------------------------------------------------------------------------------------


def sent(definition, data, names=""):
    """The answers that a form brought and somebody touched, by code, as they were typed."""
    found = {}
    for n, item in enumerate(definition.items):
        name = name_of(n, names)
        was = data.get(f"{name}-was")
        if was is None and name not in data:
            continue
        value = typed(item, data.getlist(name))
        # A tapped answer cannot be sent back empty: nothing means that it was left alone.
        if not value and (item.kind in CHOICES or item.kind in ("scale", "info")):
            continue
        if was != mark(_as_kept(item, value)):
            found[item.code] = value
    return found


def typed(item, values):
    """What the inputs of a question held: all of it where several may be chosen, else the last."""
    if item.kind == "multi":
        return values
    return values[-1].replace("\r\n", "\n") if values else ""


def _as_kept(item, value):
    try:
        return scoring.clean(item, value)
    except ValueError:
        return value


def keep(row, answers, *, by):
    """Keep each of these answers; returns those that cannot be, with the sentence, and what must be acted upon."""
    errors, concerns = {}, []
    for code, value in answers.items():
        try:
            concerns = row.say(code, value, by=by)
        except Refused as refused:
            errors[code] = str(refused)
    return errors, concerns

"""What the questions and answers of social-needs screenings mean to us: plain facts about LOINC codes, no database.

Only codes stand here. The words of a question or an answer are other people's and come with each file (DOMAIN 3.1).
"""

import re
from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from assessments.domains import Domain

LOINC = re.compile(r"\d{1,7}-\d", re.ASCII)
ANSWER = re.compile(r"LA\d{1,7}-\d", re.ASCII)
SCREENING = re.compile(r"[A-Za-z0-9][A-Za-z0-9.\-]{0,39}", re.ASCII)
DECLINED = "LA30122-8"
YES, NO = "LA33-6", "LA32-8"

# One screening, called differently by the flat files, the bundles and the questionnaire of New York.
NEW_YORK = "NYS-AHC-HRSN"
SAME_SCREENING = {"NYSAHCHRSN": NEW_YORK, "NYS-HRSN-QUESTIONNAIRE": NEW_YORK}
SCREENINGS = {"96777-8", "97023-6", "93025-5", NEW_YORK}
REPORT_ONLY = {"100698-0"}  # says that it is a report of a screening, not of which


@dataclass(frozen=True)
class Question:
    """A question that we know: its part of life, the answers it takes and what each counts, and which show a need.

    `answers` maps each code to what it counts in a score; None counts nothing. Without answers it takes a number.
    """

    domain: str = ""
    answers: dict = field(default_factory=dict)
    points: tuple = ()
    words: object = ""
    several: bool = False


def _listed(codes, numbers=()):
    codes = codes.split()
    return dict(zip(codes, numbers or [None] * len(codes), strict=True))


_YES_NO = _listed(f"{YES} {NO}")
_FOOD = _listed("LA28397-0 LA6729-3 LA28398-8")
_HITS = _listed("LA6270-8 LA10066-1 LA10082-8 LA16644-9 LA6482-9", (1, 2, 3, 4, 5))
_OFTEN = _listed("LA6270-8 LA10066-1 LA10082-8 LA10044-8 LA9933-8")
_USE = _listed("LA6270-8 LA26460-8 LA18876-5 LA18891-4 LA18934-2")
_USED = ("LA26460-8", "LA18876-5", "LA18891-4", "LA18934-2")
_TWO_WEEKS = _listed("LA6568-5 LA6569-3 LA6570-1 LA6571-9", (0, 1, 2, 3))
_AMOUNT = _listed("LA6568-5 LA13863-8 LA13909-9 LA13902-4 LA13914-9")
_DAYS = _listed("LA6111-4 LA6112-2 LA6113-0 LA6114-8 LA6115-5 LA10137-0 LA10138-8 LA10139-6")
_MINUTES = _listed(
    "LA6111-4 LA13942-0 LA19282-5 LA28855-7 LA28858-1 LA28854-0 LA28853-2 LA28891-2 LA32059-0 LA32060-8"
)

SAFETY = ("95618-5", "95617-7", "95616-9", "95615-1")
MOOD = ("44250-9", "44255-8")
TOTALS = {"95614-4": "safety"}  # sums that a file brings along, and our scale that must agree

_HARMED = _("Somebody hurts or threatens them")
_USES = _("Drinking, tobacco or drugs")
# In the order in which they are asked.
QUESTIONS = {
    "71802-3": Question(
        Domain.HOUSING,
        _listed("LA31993-1 LA31994-9 LA31995-6"),
        ("LA31994-9", "LA31995-6"),
        _("No steady place to live"),
    ),
    "96778-6": Question(
        Domain.HOUSING,
        _listed("LA31996-4 LA28580-1 LA31997-2 LA31998-0 LA31999-8 LA32000-4 LA32001-2 LA9-3"),
        ("LA31996-4", "LA28580-1", "LA31997-2", "LA31998-0", "LA31999-8", "LA32000-4", "LA32001-2"),
        _("Problems with the place they live in"),
        several=True,
    ),
    "88122-7": Question(
        Domain.FOOD, _FOOD, ("LA28397-0", "LA6729-3"), _("Food runs out before there is money")
    ),
    "88123-5": Question(
        Domain.FOOD, _FOOD, ("LA28397-0", "LA6729-3"), _("Food runs out before there is money")
    ),
    "93030-5": Question(Domain.TRANSPORT, _YES_NO, (YES,), _("No way to get to where they must be")),
    "96779-4": Question(
        Domain.MONEY,
        _listed(f"{YES} {NO} LA32002-0"),
        (YES, "LA32002-0"),
        _("Power, gas, oil or water is cut off, or about to be"),
    ),
    **{code: Question(Domain.SAFETY, _HITS) for code in SAFETY},
    "95614-4": Question(Domain.SAFETY),
    "76513-1": Question(
        Domain.MONEY,
        _listed("LA15832-1 LA22683-9 LA31980-8"),
        ("LA15832-1", "LA22683-9"),
        _("Hard to pay for the basics"),
    ),
    "96780-2": Question(
        Domain.EMPLOYMENT,
        _listed("LA31981-6 LA31982-4 LA31983-2"),
        ("LA31981-6", "LA31982-4"),
        _("Wants help to find or keep work"),
    ),
    "96781-0": Question(
        Domain.DAILY_LIVING,
        _listed("LA31976-6 LA31977-4 LA31978-2 LA31979-0"),
        ("LA31978-2", "LA31979-0"),
        _("Needs more help from day to day"),
    ),
    "93159-2": Question(Domain.SOCIAL, _OFTEN, ("LA10044-8", "LA9933-8"), _("Often lonely")),
    "97027-7": Question("", _YES_NO),
    "96782-8": Question(Domain.EDUCATION, _YES_NO, (YES,), _("Wants help with school or training")),
    "89555-7": Question(Domain.PHYSICAL_HEALTH, _DAYS),
    "68516-4": Question(Domain.PHYSICAL_HEALTH, _MINUTES),
    "77594-0": Question(Domain.PHYSICAL_HEALTH),
    "68517-2": Question(Domain.SUBSTANCE_USE, _USE, _USED, _USES),
    "96842-0": Question(Domain.SUBSTANCE_USE, _USE, _USED, _USES),
    "95530-2": Question(Domain.SUBSTANCE_USE, _USE, _USED, _USES),
    "68524-8": Question(Domain.SUBSTANCE_USE, _USE, _USED, _USES),
    **{code: Question(Domain.MENTAL_HEALTH, _TWO_WEEKS) for code in MOOD},
    "71969-0": Question(Domain.MENTAL_HEALTH),
    "93038-8": Question(Domain.MENTAL_HEALTH, _AMOUNT, ("LA13902-4", "LA13914-9"), _("Much stress")),
    "69858-9": Question(Domain.DAILY_LIVING, _YES_NO, (YES,), _("Hard to concentrate, remember or decide")),
    "69861-3": Question(Domain.DAILY_LIVING, _YES_NO, (YES,), _("Errands alone are hard")),
}
# How the answers are called that a score counts, where the file does not say: so that every version has all of them.
WORDS = {
    "LA6270-8": _("Never"),
    "LA10066-1": _("Rarely"),
    "LA10082-8": _("Sometimes"),
    "LA16644-9": _("Fairly often"),
    "LA6482-9": _("Frequently"),
    "LA6568-5": _("Not at all"),
    "LA6569-3": _("Several days"),
    "LA6570-1": _("More than half the days"),
    "LA6571-9": _("Nearly every day"),
}
ORDER = {code: at for at, code in enumerate(QUESTIONS)}

# What a need is about that the file marks and of which we know nothing else.
CATEGORIES = {
    "food-insecurity": Domain.FOOD,
    "housing-instability": Domain.HOUSING,
    "homelessness": Domain.HOUSING,
    "inadequate-housing": Domain.HOUSING,
    "transportation-insecurity": Domain.TRANSPORT,
    "financial-insecurity": Domain.MONEY,
    "material-hardship": Domain.MONEY,
    "utility-insecurity": Domain.MONEY,
    "medical-cost-burden": Domain.MONEY,
    "health-insurance-coverage-status": Domain.MONEY,
    "educational-attainment": Domain.EDUCATION,
    "personal-health-literacy": Domain.EDUCATION,
    "digital-literacy": Domain.EDUCATION,
    "digital-access": Domain.DAILY_LIVING,
    "employment-status": Domain.EMPLOYMENT,
    "stress": Domain.MENTAL_HEALTH,
    "social-connection": Domain.SOCIAL,
    "intimate-partner-violence": Domain.SAFETY,
    "elder-abuse": Domain.SAFETY,
}
HARMED = _HARMED

# Why there is no answer, by the codes of FHIR's data-absent-reason.
ABSENT = {
    "asked-declined": _("asked, and not wanted"),
    "asked-unknown": _("asked, and not known"),
    "not-asked": _("not asked"),
    "not-applicable": _("does not apply"),
    "masked": _("hidden by the sender"),
    "not-permitted": _("hidden by the sender"),
}
SELF_ADMINISTERED = "23918007"


def screening_code(text):
    """The code of a screening under the one name that we keep; empty where it is none."""
    code = text.strip()
    known = SAME_SCREENING.get(code.upper(), code.upper())
    return (known if known in SCREENINGS else code) if SCREENING.fullmatch(code) else ""


def speaks_for_itself(question):
    """Whether we know which answers to it show a need: then a mark in the file says nothing more."""
    known = QUESTIONS.get(question)
    return bool(known and (known.points or question in SAFETY + MOOD or question in TOTALS))


def domain_of(question, category):
    """The part of life that a question is about, by what we know of it, else by the file's category; or empty."""
    known = QUESTIONS.get(question)
    return known.domain if known else CATEGORIES.get(category, "")

"""What the rows about income, health, work and housing say of a person, as dated facts and events. No database.

Each reader takes a row and tells `doubt(column, why)` about a cell that it has to leave out. The codes are those of the
HMIS data standards (FY2022 to FY2026), the words are ours.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from casemgmt.interchange.hmis import lists
from casemgmt.interchange.hmis.reader import parse_date
from clients.models import DatedFact, KeyEvent

Topic, Kind = DatedFact.Topic, KeyEvent.Kind


@dataclass(slots=True)
class Said:
    """One fact of a row. `part` tells it from the row's other facts; the row's first fact has none.

    An empty `said` means: asked, and no answer noted. `mends` is one that is written only over an older answer, such as
    a “no” to one of many kinds of income.
    """

    topic: str
    label: str
    said: str
    cents: int | None = None
    part: str = ""
    mends: bool = False


@dataclass(slots=True)
class Happened:
    """An event that a row tells of, on the day of the row."""

    kind: str
    note: str
    part: str = ""


# 1.8 and 1.7; 99 says that nobody asked.
ANSWERS = {
    "0": gettext_lazy("No"),
    "1": gettext_lazy("Yes"),
    "8": gettext_lazy("Does not know"),
    "9": gettext_lazy("Prefers not to answer"),
    "99": "",
}
NOT_ANSWERED = {"8": ANSWERS["8"], "9": ANSWERS["9"], "99": ""}

# 5.03.1
STAGES = {
    "1": gettext_lazy("At entry"),
    "2": gettext_lazy("Update"),
    "3": gettext_lazy("At exit"),
    "5": gettext_lazy("Annual review"),
    "6": gettext_lazy("After exit"),
}

# 4.02: column of the answer, its label, column of the monthly amount.
INCOMES = (
    ("Earned", gettext_lazy("Wages"), "EarnedAmount"),
    ("Unemployment", gettext_lazy("Unemployment insurance"), "UnemploymentAmount"),
    ("SSI", gettext_lazy("SSI"), "SSIAmount"),
    ("SSDI", gettext_lazy("SSDI"), "SSDIAmount"),
    ("VADisabilityService", gettext_lazy("VA disability, from service"), "VADisabilityServiceAmount"),
    ("VADisabilityNonService", gettext_lazy("VA disability pension"), "VADisabilityNonServiceAmount"),
    ("PrivateDisability", gettext_lazy("Private disability insurance"), "PrivateDisabilityAmount"),
    ("WorkersComp", gettext_lazy("Workers’ compensation"), "WorkersCompAmount"),
    ("TANF", gettext_lazy("TANF"), "TANFAmount"),
    ("GA", gettext_lazy("General Assistance"), "GAAmount"),
    ("SocSecRetirement", gettext_lazy("Social Security retirement"), "SocSecRetirementAmount"),
    ("Pension", gettext_lazy("Pension"), "PensionAmount"),
    ("ChildSupport", gettext_lazy("Child support"), "ChildSupportAmount"),
    ("Alimony", gettext_lazy("Alimony"), "AlimonyAmount"),
    ("OtherIncomeSource", gettext_lazy("Other income"), "OtherIncomeAmount"),
)
# 4.03
BENEFITS = (
    ("SNAP", gettext_lazy("SNAP (food)")),
    ("WIC", gettext_lazy("WIC")),
    ("TANFChildCare", gettext_lazy("TANF child care")),
    ("TANFTransportation", gettext_lazy("TANF transportation")),
    ("OtherTANF", gettext_lazy("Other TANF service")),
    ("OtherBenefitsSource", gettext_lazy("Other benefit")),
)
# 4.04; a column that changed its name stands here under both.
INSURANCES = (
    ("Medicaid", gettext_lazy("Medicaid")),
    ("Medicare", gettext_lazy("Medicare")),
    ("SCHIP", gettext_lazy("Children’s Health Insurance Program")),
    ("VHAServices|VAMedicalServices", gettext_lazy("Veterans health care")),
    ("EmployerProvided", gettext_lazy("Insurance through work")),
    ("COBRA", gettext_lazy("COBRA")),
    ("PrivatePay", gettext_lazy("Private insurance")),
    ("StateHealthIns", gettext_lazy("State insurance for adults")),
    ("IndianHealthServices", gettext_lazy("Indian Health Service")),
    ("OtherInsurance", gettext_lazy("Other insurance")),
    ("HIVAIDSAssistance", gettext_lazy("HIV/AIDS assistance")),
    ("ADAP", gettext_lazy("AIDS Drug Assistance Program")),
    ("RyanWhiteMedDent", gettext_lazy("Ryan White medical or dental help")),
)
# Free words that go with a “yes”.
IN_WORDS = {
    "OtherIncomeSource": "OtherIncomeSourceIdentify",
    "OtherBenefitsSource": "OtherBenefitsSourceIdentify",
    "OtherInsurance": "OtherInsuranceIdentify",
}

# 1.3
DISABILITIES = {
    "5": gettext_lazy("Physical disability"),
    "6": gettext_lazy("Developmental disability"),
    "7": gettext_lazy("Chronic health condition"),
    "8": gettext_lazy("HIV/AIDS"),
    "9": gettext_lazy("Mental health disorder"),
    "10": gettext_lazy("Substance use disorder"),
}
SUBSTANCE_USE = "10"
# 4.10.2
SUBSTANCES = {
    "0": ANSWERS["0"],
    "1": gettext_lazy("Alcohol"),
    "2": gettext_lazy("Drugs"),
    "3": gettext_lazy("Alcohol and drugs"),
    **NOT_ANSWERED,
}

# 4.11.A
WHEN_VIOLENCE = {
    "1": gettext_lazy("within three months before"),
    "2": gettext_lazy("three to six months before"),
    "3": gettext_lazy("six to twelve months before"),
    "4": gettext_lazy("a year before or longer"),
    "8": "",
    "9": "",
    "99": "",
}
# R7.1
HEALTH = {
    "1": gettext_lazy("Excellent"),
    "2": gettext_lazy("Very good"),
    "3": gettext_lazy("Good"),
    "4": gettext_lazy("Fair"),
    "5": gettext_lazy("Poor"),
    **NOT_ANSWERED,
}
HEALTHS = (
    ("GeneralHealthStatus", gettext_lazy("Health in general")),
    ("DentalHealthStatus", gettext_lazy("Dental health")),
    ("MentalHealthStatus", gettext_lazy("Mental health")),
)

# R6.A, R6.B, R4.1, R5.1
WORK_TYPES = {
    "1": gettext_lazy("full time"),
    "2": gettext_lazy("part time"),
    "3": gettext_lazy("seasonal or day labor"),
    "99": "",
}
NO_WORK = {
    "1": gettext_lazy("looking for work"),
    "2": gettext_lazy("unable to work"),
    "3": gettext_lazy("not looking"),
    "99": "",
}
GRADES = {
    "1": gettext_lazy("Below grade 5"),
    "2": gettext_lazy("Grade 5 or 6"),
    "3": gettext_lazy("Grade 7 or 8"),
    "4": gettext_lazy("Grade 9 to 11"),
    "5": gettext_lazy("Grade 12"),
    "6": gettext_lazy("A school without grades"),
    "7": gettext_lazy("GED"),
    "10": gettext_lazy("Some college"),
    "11": gettext_lazy("Associate’s degree"),
    "12": gettext_lazy("Bachelor’s degree"),
    "13": gettext_lazy("Graduate degree"),
    "14": gettext_lazy("Vocational certificate"),
    **NOT_ANSWERED,
}
SCHOOL = {
    "1": gettext_lazy("Attends regularly"),
    "2": gettext_lazy("Attends irregularly"),
    "3": gettext_lazy("Finished high school"),
    "4": gettext_lazy("Has a GED"),
    "5": gettext_lazy("Dropped out"),
    "6": gettext_lazy("Suspended"),
    "7": gettext_lazy("Expelled"),
    **NOT_ANSWERED,
}
# C3.2, C3.A, C3.B
ATTENDS = {
    "0": gettext_lazy("Not in school"),
    "1": gettext_lazy("Enrolled, attends irregularly"),
    "2": gettext_lazy("Enrolled, attends regularly"),
    **NOT_ANSWERED,
}
LAST_SCHOOLING = {
    "0": gettext_lazy("finished high school"),
    "1": gettext_lazy("has a GED"),
    "2": gettext_lazy("left school early"),
    "3": gettext_lazy("suspended"),
    "4": gettext_lazy("expelled"),
    "5": gettext_lazy("college, not attending now"),
    "6": gettext_lazy("left college"),
    "7": gettext_lazy("has a college degree or certificate"),
    "8": "",
    "9": "",
    "99": "",
}
SCHOOLING = {
    "0": gettext_lazy("for a high school diploma or GED"),
    "1": gettext_lazy("for an associate’s degree"),
    "2": gettext_lazy("for a bachelor’s degree"),
    "3": gettext_lazy("for a graduate degree"),
    "4": gettext_lazy("for another certificate"),
    "8": "",
    "9": "",
    "99": "",
}

# 4.20.2: steps of coordinated entry, and how a referral went.
EVENTS = {
    "1": gettext_lazy("Referral: homelessness prevention"),
    "2": gettext_lazy("Problem solving or diversion"),
    "3": gettext_lazy("Referral: crisis needs assessment"),
    "4": gettext_lazy("Referral: housing needs assessment"),
    "5": gettext_lazy("Referral: support after moving in"),
    "6": gettext_lazy("Referral: street outreach"),
    "7": gettext_lazy("Referral: housing navigation"),
    "8": gettext_lazy("Referral elsewhere: not eligible here"),
    "9": gettext_lazy("Referral elsewhere: no room here"),
    "10": gettext_lazy("Referral: emergency shelter bed"),
    "11": gettext_lazy("Referral: transitional housing"),
    "12": gettext_lazy("Referral: transitional and rapid rehousing"),
    "13": gettext_lazy("Referral: rapid rehousing"),
    "14": gettext_lazy("Referral: permanent supportive housing"),
    "15": gettext_lazy("Referral: other permanent housing"),
    "16": gettext_lazy("Referral: emergency money or furniture"),
    "17": gettext_lazy("Referral: Emergency Housing Voucher"),
    "18": gettext_lazy("Referral: Housing Stability Voucher"),
}
RESULTS = {
    "1": gettext_lazy("accepted"),
    "2": gettext_lazy("the person declined"),
    "3": gettext_lazy("the provider declined"),
}
# 4.19
LEVELS = {"1": gettext_lazy("Crisis needs"), "2": gettext_lazy("Housing needs")}
WAYS = {"1": gettext_lazy("by phone"), "2": gettext_lazy("online"), "3": gettext_lazy("in person")}
PRIORITY = {"1": gettext_lazy("on the priority list"), "2": gettext_lazy("not on the priority list")}

# Where somebody went at exit, when that is an event in a life.
EXIT_EVENTS = {
    "204": Kind.HOSPITAL_MH,
    "206": Kind.HOSPITAL,
    "207": Kind.JAIL,
    "24": Kind.DEATH,
}


class Unknown(Exception):
    """The row cannot be understood without the code in this column, which is on no list."""

    def __init__(self, column):
        self.column = column
        super().__init__(column)


ON_NO_LIST = gettext_lazy("This code is on no list; left out.")
_AMOUNT = re.compile(r"\$? ?(\d{1,3}(?:,\d{3}){1,2}|\d{1,9})(\.\d+)?", re.ASCII)


def cents(text):
    """“$1,234.50” in cents. Raises ValueError for what is no amount, or below zero, or a thousand million and more."""
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return round(Decimal(found[1].replace(",", "") + (found[2] or "")) * 100)


def _word(row, column, words, doubt):
    """The word for a code; empty for an empty cell, for “not collected” and, with a remark, for a code on no list."""
    code = row[column].removesuffix(".0")
    if not code:
        return ""
    if code not in words:
        doubt(column, ON_NO_LIST)
        return ""
    return str(words[code])


def _amount(row, column, doubt):
    if not row[column]:
        return None
    try:
        return cents(row[column])
    except ValueError:
        doubt(column, _("This is no amount of money; left out."))
        return None


def _day(row, column, doubt):
    """A day that is told in words beside an answer, written in one way whatever the export's way was."""
    if not row[column]:
        return ""
    try:
        return parse_date(row[column], timezone.localdate()).isoformat()
    except ValueError:
        doubt(column, _("This is no date that can be read; left out."))
        return ""


def _joined(*parts):
    return ", ".join(str(part) for part in parts if part)


def _kinds(row, kinds, topic, doubt):
    """A fact for each kind that is there; for one that is not, only over an older answer."""
    for columns, label, *amount in kinds:
        column = next((name for name in columns.split("|") if row[name]), columns.split("|")[0])
        answer = _word(row, column, ANSWERS, doubt)
        part, code = columns.split("|")[0], row[column].removesuffix(".0")
        if code == "1":
            said = _joined(answer, row[IN_WORDS[column]] if column in IN_WORDS else "")
            money = _amount(row, amount[0], doubt) if amount else None
            yield Said(topic, str(label), said, money, part)
        elif code == "0":
            yield Said(topic, str(label), answer, None, part, mends=True)


def income(row, doubt):
    """IncomeBenefits: income in all and by source, benefits that are no money, health insurance."""
    answer = _word(row, "IncomeFromAnySource", ANSWERS, doubt)
    yield Said(Topic.INCOME, _("Income in all"), answer, _amount(row, "TotalMonthlyIncome", doubt))
    yield from _kinds(row, INCOMES, Topic.INCOME, doubt)
    for column, label, topic, kinds in (
        ("BenefitsFromAnySource", _("Benefits other than money"), Topic.BENEFIT, BENEFITS),
        ("InsuranceFromAnySource", _("Health insurance"), Topic.INSURANCE, INSURANCES),
    ):
        each = list(_kinds(row, kinds, topic, doubt))
        answer = _word(row, column, ANSWERS, doubt)
        if answer:
            named = any(not said.mends for said in each)
            yield Said(topic, label, answer, None, column, mends=named)
        yield from each


def disability(row, doubt):
    """Disabilities: one kind of disability, and whether it lasts."""
    kind = row["DisabilityType"].removesuffix(".0")
    if kind not in DISABILITIES:
        raise Unknown("DisabilityType")
    answer = _word(row, "DisabilityResponse", SUBSTANCES if kind == SUBSTANCE_USE else ANSWERS, doubt)
    lasts = answer and row["IndefiniteAndImpairs"] == "1" and _("long-lasting, limits independence")
    yield Said(Topic.DISABILITY, str(DISABILITIES[kind]), _joined(answer, lasts))


def health(row, doubt):
    """HealthAndDV: domestic violence as it was said on the day, and how health is."""
    column = "DomesticViolenceSurvivor"
    if not row[column] and row["DomesticViolenceVictim"]:
        column = "DomesticViolenceVictim"
    answer = _word(row, column, ANSWERS, doubt)
    when = _word(row, "WhenOccurred", WHEN_VIOLENCE, doubt)
    yield Said(Topic.VIOLENCE, _("Domestic violence"), _joined(answer, when))
    fleeing = _word(row, "CurrentlyFleeing", ANSWERS, doubt)
    if fleeing:
        yield Said(Topic.VIOLENCE, _("Fleeing domestic violence"), fleeing, None, "CurrentlyFleeing")
    if row["CurrentlyFleeing"] == "1":
        yield Happened(Kind.VIOLENCE, _("Was fleeing on this day."))
    for column, label in HEALTHS:
        answer = _word(row, column, HEALTH, doubt)
        if answer:
            yield Said(Topic.HEALTH, str(label), answer, None, column)
    pregnant = _word(row, "PregnancyStatus", ANSWERS, doubt)
    if pregnant:
        due_on = _day(row, "DueDate", doubt)
        due = due_on and _("due %(day)s") % {"day": due_on}
        is_no = row["PregnancyStatus"] == "0"
        yield Said(Topic.HEALTH, _("Pregnant"), _joined(pregnant, due), None, "PregnancyStatus", mends=is_no)


def work(row, doubt):
    """EmploymentEducation."""
    answer = _word(row, "Employed", ANSWERS, doubt)
    more = ""
    if row["Employed"] == "1":
        more = _word(row, "EmploymentType", WORK_TYPES, doubt)
    elif row["Employed"] == "0":
        more = _word(row, "NotEmployedReason", NO_WORK, doubt)
    yield Said(Topic.WORK, _("Employed"), _joined(answer, more))
    for column, label, words in (
        ("LastGradeCompleted", _("Last grade completed"), GRADES),
        ("SchoolStatus", _("School"), SCHOOL),
    ):
        answer = _word(row, column, words, doubt)
        if answer:
            yield Said(Topic.WORK, label, answer, None, column)


def youth_education(row, doubt):
    """YouthEducationStatus."""
    yield Said(
        Topic.WORK,
        _("School"),
        _joined(
            _word(row, "CurrentSchoolAttend", ATTENDS, doubt),
            _word(row, "MostRecentEdStatus", LAST_SCHOOLING, doubt),
            _word(row, "CurrentEdStatus", SCHOOLING, doubt),
        ),
    )


def _housing(row, column, subsidy_column, doubt):
    code, subsidy = lists.living_situation(row[column], row[subsidy_column])
    if code and code not in lists.LIVING_SITUATIONS:
        doubt(column, ON_NO_LIST)
    label = "" if code == "99" else lists.LIVING_SITUATIONS.get(code, "")
    return label, lists.SUBSIDIES.get(subsidy, "")


def living_situation(row, doubt):
    """CurrentLivingSituation: where somebody lived on a day."""
    label, subsidy = _housing(row, "CurrentLivingSituation", "CLSSubsidyType", doubt)
    yield Said(Topic.HOUSING, _("Living situation"), _joined(label, subsidy, row["LocationDetails"]))


def before_entry(row, doubt):
    """Enrollment: where somebody had lived on the day before it."""
    label, subsidy = _housing(row, "LivingSituation", "RentalSubsidyType", doubt)
    if label:
        said = _joined(label, subsidy)
        yield Said(Topic.HOUSING, _("Living situation before entry"), said, None, "LivingSituation")


def step(row, doubt):
    """Event: a step of coordinated entry."""
    kind = row["Event"].removesuffix(".0")
    if kind not in EVENTS:
        raise Unknown("Event")
    result = _word(row, "ReferralResult", RESULTS, doubt)
    on = result and _day(row, "ResultDate", doubt)
    yield Said(Topic.OTHER, str(EVENTS[kind]), _joined(result, on) or _("done"))


def coordinated_entry(row, doubt):
    """Assessment: that an assessment of coordinated entry took place."""
    said = _joined(
        _word(row, "AssessmentLevel", LEVELS, doubt),
        _word(row, "AssessmentType", WAYS, doubt),
        _word(row, "PrioritizationStatus", PRIORITY, doubt),
    )
    yield Said(Topic.OTHER, _("Coordinated entry assessment"), said)


def service(row, _doubt):
    """Services that nobody need have met the person for: a bed for the night, money, a voucher."""
    kind, provided = row["RecordType"], row["TypeProvided"]
    if kind == lists.BED_NIGHT:
        yield Said(Topic.HOUSING, _("Bed night"), _("In the shelter"))
        return
    amount = row["FAAmount"] and _("Amount: %(amount)s") % {"amount": row["FAAmount"]}
    words = _joined(row["OtherTypeProvided"], amount) or _("Given")
    yield Said(Topic.OTHER, lists.service_label(kind, provided), words)


@dataclass(frozen=True, slots=True)
class Kept:
    """A file of facts: the columns of its key and its day, and what reads a row."""

    file: str
    key: str
    day: str
    read: object


FACT_FILES = (
    Kept("IncomeBenefits", "IncomeBenefitsID", "InformationDate", income),
    Kept("Disabilities", "DisabilitiesID", "InformationDate", disability),
    Kept("HealthAndDV", "HealthAndDVID", "InformationDate", health),
    Kept("EmploymentEducation", "EmploymentEducationID", "InformationDate", work),
    Kept("YouthEducationStatus", "YouthEducationStatusID", "InformationDate", youth_education),
    Kept("CurrentLivingSituation", "CurrentLivingSitID", "InformationDate", living_situation),
    Kept("Event", "EventID", "EventDate", step),
    Kept("Assessment", "AssessmentID", "AssessmentDate", coordinated_entry),
)


def occasion(row, doubt):
    """At which point of a stay the row was collected."""
    return _word(row, "DataCollectionStage", STAGES, doubt)

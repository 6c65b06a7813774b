"""The code lists of the HMIS data standards (FY2022 to FY2026) that an import needs, in our own short words."""

from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.program import ModelOfPractice
from clients.models import Client, HouseholdMember

# 2.02.6: short name, and the model of practice a new program starts with; the agency sets the right one.
PROJECT_TYPES = {
    "0": ("ES-EE", ModelOfPractice.CUSTOM),
    "1": ("ES-NbN", ModelOfPractice.CUSTOM),
    "2": ("TH", ModelOfPractice.CUSTOM),
    "3": ("PSH", ModelOfPractice.INTENSIVE),
    "4": ("SO", ModelOfPractice.BROKER),
    "6": ("SSO", ModelOfPractice.BROKER),
    "7": ("OTHER", ModelOfPractice.CUSTOM),
    "8": ("SH", ModelOfPractice.CUSTOM),
    "9": ("PH", ModelOfPractice.CUSTOM),
    "10": ("PH-S", ModelOfPractice.CUSTOM),
    "11": ("DS", ModelOfPractice.CUSTOM),
    "12": ("HP", ModelOfPractice.BROKER),
    "13": ("RRH", ModelOfPractice.CUSTOM),
    "14": ("CE", ModelOfPractice.BROKER),
}

# 3.03.2; 8, 9 and 99 say that nobody vouches for the date beside them.
BIRTH_PRECISION = {
    "1": Client.BirthPrecision.EXACT,
    "2": Client.BirthPrecision.APPROXIMATE,
    "8": Client.BirthPrecision.APPROXIMATE,
    "9": Client.BirthPrecision.APPROXIMATE,
    "99": Client.BirthPrecision.APPROXIMATE,
}

# 3.01.5
NAME_QUALITY = {"1": Client.NameQuality.FULL, "2": Client.NameQuality.PARTIAL}

# 3.15.1; 99 says nothing.
RELATIONS = {
    "1": HouseholdMember.Relation.HEAD,
    "2": HouseholdMember.Relation.CHILD,
    "3": HouseholdMember.Relation.PARTNER,
    "4": HouseholdMember.Relation.RELATIVE,
    "5": HouseholdMember.Relation.OTHER,
}

# 3.12.1: where somebody lives, or went.
LIVING_SITUATIONS = {
    "101": _("Emergency shelter"),
    "116": _("Place not meant for living in"),
    "118": _("Safe Haven"),
    "204": _("Psychiatric hospital or facility"),
    "205": _("Substance use treatment or detox"),
    "206": _("Hospital or other medical facility"),
    "207": _("Jail, prison or juvenile detention"),
    "215": _("Foster care"),
    "225": _("Long-term care or nursing home"),
    "302": _("Transitional housing"),
    "312": _("With family, for a time"),
    "313": _("With friends, for a time"),
    "314": _("Hotel or motel without a shelter voucher"),
    "327": _("HOPWA transitional housing, from another HOPWA project"),
    "329": _("Residential project or halfway house"),
    "332": _("Host home, not in a crisis"),
    "335": _("At a family member’s place"),
    "336": _("At a friend’s place"),
    "410": _("Rents, without ongoing subsidy"),
    "411": _("Owns, without ongoing subsidy"),
    "421": _("Owns, with ongoing subsidy"),
    "422": _("With family, for good"),
    "423": _("With friends, for good"),
    "426": _("HOPWA permanent housing, from another HOPWA project"),
    "435": _("Rents, with ongoing subsidy"),
    "8": _("Does not know"),
    "9": _("Prefers not to answer"),
    "17": _("Other"),
    "24": _("Died"),
    "30": _("No exit interview"),
    "37": _("Worker could not tell"),
    "99": _("Not collected"),
}

# 3.12.A: with which subsidy somebody rents.
SUBSIDIES = {
    "419": _("VASH subsidy"),
    "420": _("another ongoing subsidy"),
    "428": _("GPD TIP subsidy"),
    "431": _("Rapid Re-Housing or similar subsidy"),
    "433": _("Housing Choice Voucher"),
    "434": _("public housing"),
    "436": _("Housing Stability Voucher"),
    "437": _("Family Unification Program voucher"),
    "438": _("Foster Youth to Independence"),
    "439": _("permanent supportive housing"),
    "440": _("permanent housing for people who were homeless"),
}

# The numbers before FY2024 and what they became.
_RENUMBERED = {
    **{str(n): str(100 + n) for n in (1, 16, 18)},
    **{str(n): str(200 + n) for n in (4, 5, 6, 7, 15, 25)},
    **{str(n): str(300 + n) for n in (2, 12, 13, 14, 27, 29, 32, 35, 36)},
    **{str(n): str(400 + n) for n in (10, 11, 19, 20, 21, 22, 23, 26, 28, 31, 33, 34)},
    "3": "440",
}


def living_situation(code, subsidy=""):
    """Code and subsidy in today's numbers; what used to be one number may be renting with a subsidy now."""
    code = _RENUMBERED.get(code, code)
    return ("435", code) if code in SUBSIDIES else (code, subsidy)


# R17.1 and R17.A
PLANNED = {"1": True, "2": False, "3": False}
EARLY_EXIT = {
    "1": _("Criminal activity, destruction of property or violence"),
    "2": _("Did not keep the project’s rules"),
    "3": _("Did not pay rent"),
    "4": _("Reached the longest stay"),
    "5": _("The project ended"),
    "6": _("Not known, disappeared"),
}

# 1.4: the kinds of record in Services.csv, each with its list of types (P1.2, R14.2, W1.2, V2.2, W2.2, V3.3, P2.2 …).
SERVICES = {
    "141": (
        _("PATH service"),
        {
            "1": _("re-engagement"),
            "2": _("screening"),
            "3": _("habilitation or rehabilitation"),
            "4": _("community mental health"),
            "5": _("substance use treatment"),
            "6": _("case management"),
            "7": _("residential support"),
            "8": _("minor renovation"),
            "9": _("moving"),
            "10": _("housing eligibility"),
            "11": _("security deposit"),
            "12": _("one-time rent to prevent eviction"),
            "14": _("clinical assessment"),
        },
    ),
    "142": (
        _("RHY service"),
        {
            "2": _("community service"),
            "5": _("education"),
            "6": _("employment and training"),
            "7": _("legal services"),
            "8": _("life skills"),
            "10": _("parenting education"),
            "12": _("care after giving birth"),
            "13": _("care before giving birth"),
            "14": _("health care"),
            "17": _("substance use treatment"),
            "18": _("substance use education and prevention"),
            "26": _("services at home"),
            "27": _("care of the newborn"),
            "28": _("STD testing"),
            "29": _("services on the street"),
        },
    ),
    "143": (
        _("HOPWA service"),
        {
            "1": _("adult day care and personal assistance"),
            "2": _("case management"),
            "3": _("child care"),
            "4": _("legal services"),
            "5": _("education"),
            "6": _("employment and training"),
            "7": _("food and nutrition"),
            "8": _("health care"),
            "9": _("life skills"),
            "10": _("mental health care"),
            "11": _("outreach"),
            "12": _("substance use treatment"),
            "13": _("transportation"),
            "14": _("other"),
        },
    ),
    "144": (
        _("SSVF service"),
        {
            "1": _("outreach"),
            "2": _("case management"),
            "3": _("help to obtain VA benefits"),
            "4": _("help to obtain other public benefits"),
            "5": _("other public benefits, given directly"),
            "6": _("other, approved by VA"),
            "7": _("shallow subsidy"),
            "8": _("returning home"),
            "9": _("rapid resolution"),
            "10": _("health care navigation"),
        },
    ),
    "151": (
        _("HOPWA financial assistance"),
        {
            "1": _("rent"),
            "2": _("security deposit"),
            "3": _("utility deposit"),
            "4": _("utility payments"),
            "7": _("mortgage"),
        },
    ),
    "152": (
        _("SSVF financial assistance"),
        {
            "1": _("rent"),
            "2": _("security deposit"),
            "3": _("utility deposit"),
            "4": _("utility payments"),
            "5": _("moving costs"),
            "8": _("transportation, tokens or vouchers"),
            "9": _("transportation, vehicle repair"),
            "10": _("child care"),
            "11": _("emergency supplies"),
            "12": _("housing stability"),
            "14": _("emergency housing"),
            "15": _("shallow subsidy"),
            "16": _("food"),
            "17": _("landlord incentive"),
            "18": _("tenant incentive"),
        },
    ),
    "161": (
        _("PATH referral"),
        {
            "1": _("community mental health"),
            "2": _("substance use treatment"),
            "3": _("primary health and dental care"),
            "4": _("job training"),
            "5": _("education"),
            "6": _("housing services"),
            "7": _("permanent housing"),
            "8": _("income assistance"),
            "9": _("employment assistance"),
            "10": _("medical insurance"),
            "11": _("temporary housing"),
        },
    ),
    "200": (_("Bed night"), {}),
    "210": (
        _("HUD-VASH voucher"),
        {
            "1": _("referral sent to the housing agency"),
            "2": _("denied"),
            "3": _("issued"),
            "4": _("revoked or expired"),
            "5": _("in use, moved in"),
            "6": _("ported locally"),
            "7": _("absorbed by another housing agency"),
            "8": _("turned into a Housing Choice Voucher"),
            "9": _("left, voucher returned"),
            "10": _("left, family kept the voucher"),
            "11": _("left before receiving one"),
            "12": _("other"),
        },
    ),
    "300": (
        _("Moving On"),
        {
            "1": _("help to apply for subsidized housing"),
            "2": _("financial assistance"),
            "3": _("other assistance"),
            "4": _("housing referral or placement"),
            "5": _("other"),
        },
    ),
}
BED_NIGHT = "200"
# A bed, money, a voucher: given to somebody, but nobody need have met them.
NOT_A_MEETING = {BED_NIGHT, "151", "152", "210"}

# P2.A
REFERRAL_OUTCOMES = {"1": _("attained"), "2": _("not attained"), "3": _("outcome not known")}


def service_label(record_type, type_provided):
    """“SSVF service: outreach”; None for a kind of record that the standards do not know."""
    if record_type not in SERVICES:
        return None
    kind, types = SERVICES[record_type]
    if record_type == BED_NIGHT or not type_provided:
        return str(kind)
    return f"{kind}: {types.get(type_provided, type_provided)}"

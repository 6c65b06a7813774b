"""What a service is for and for whom, in our own codes, and how a directory's words lead to them. No database.

The needs carry the codes of the Needs & Strengths Review (assessments/domains.py, a floor above; a test holds the two
together), so that an unmet need leads to services.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from casemgmt.core.folding import fold


class Need(models.TextChoices):
    """The sixteen parts of life in which a service may help."""

    HOUSING = "housing", _("Housing")
    FOOD = "food", _("Food")
    MONEY = "money", _("Money and benefits")
    LEGAL = "legal", _("Legal and immigration")
    PHYSICAL_HEALTH = "physical_health", _("Physical health")
    MENTAL_HEALTH = "mental_health", _("Mental health")
    SUBSTANCE_USE = "substance_use", _("Substance use")
    TREATMENT = "treatment", _("Medication and treatment")
    SAFETY = "safety", _("Safety")
    DAILY_LIVING = "daily_living", _("Daily living")
    EMPLOYMENT = "employment", _("Employment")
    EDUCATION = "education", _("Education")
    TRANSPORT = "transport", _("Transport")
    FAMILY = "family", _("Family and caregiving")
    SOCIAL = "social", _("Social support and community")
    CULTURE = "culture", _("Culture, language and spirituality")


class Population(models.TextChoices):
    """Whom a service is made for (REQ-101); a service without any is for everybody."""

    CHILDREN = "children", _("Children")
    YOUTH = "youth", _("Youth")
    FAMILIES = "families", _("Families")
    WOMEN = "women", _("Women")
    OLDER = "older", _("Older adults")
    VETERANS = "veterans", _("Veterans")
    DISABILITY = "disability", _("People with disabilities")
    HOMELESS = "homeless", _("People without a home")
    SURVIVORS = "survivors", _("Survivors of violence")
    REENTRY = "reentry", _("People leaving prison or jail")
    REFUGEES = "refugees", _("Refugees and immigrants")
    LGBTQ = "lgbtq", _("LGBTQ+ people")
    END_OF_LIFE = "end_of_life", _("People near the end of life")


# How words of a service's category begin, folded; with $ the whole word. Several words must stand next to each other.
NEED_WORDS = {
    Need.HOUSING: "housing|shelter|rent$|rental|eviction|homeless|tenant|landlord|mortgage|transitional living|utility",
    Need.FOOD: "food|meal|nutrition|grocer|snap$|wic$|pantry|soup kitchen|congregate",
    Need.MONEY: (
        "financial|income|cash|benefit|public assistance|tanf|social security|ssi$|ssdi$|tax|budget|debt|credit|"
        "money|insurance|medicaid|medicare|bill payment|scholarship"
    ),
    Need.LEGAL: "legal|law$|lawyer|court|attorney|immigra|citizenship|deport|civil right|expunge|criminal|bail$",
    Need.PHYSICAL_HEALTH: (
        "health care|physical health|medical|dental|dentist|clinic|hospital|primary care|vision|eye care|hearing|hiv$|"
        "aids$|immuniz|vaccin|prenatal|cancer|diabetes|physical therap|nursing|wellness|disease|health education|"
        "screening"
    ),
    Need.MENTAL_HEALTH: (
        "mental|counsel|psych|therapy|depress|anxiety|grief|bereave|crisis intervention|behavioral|emotional|"
        "suicide|trauma"
    ),
    Need.SUBSTANCE_USE: (
        "substance|alcohol|drug abuse|drug addiction|drug treatment|addict|detox|recovery|opioid|sober|"
        "methadone|12 step|narcotic|smoking"
    ),
    Need.TREATMENT: "medication|prescription|pharmac|residential treatment|inpatient|outpatient|adherence",
    Need.SAFETY: (
        "domestic violence|child abuse|elder abuse|abused|violence|victim|sexual assault|safety|protective|crime|"
        "disaster|traffick|neglect|911$|hotline"
    ),
    Need.DAILY_LIVING: (
        "daily living|home care|homemaker|personal care|in home|clothing|furniture|household|hygiene|shower|"
        "laundry|adult day|home repair|chore|independent living|assistive|disabilit|material goods|basic needs"
    ),
    Need.EMPLOYMENT: "employ|job$|jobs$|work$|career|vocation|resume|occupation|apprentice|workforce",
    Need.EDUCATION: (
        "educat|school|ged$|literacy|tutor|esl$|english|college|class|learning|train|library|computer|headstart|"
        "head start"
    ),
    Need.TRANSPORT: "transport|transit$|bus$|buses|ride$|rides|driver|paratransit|travel",
    Need.FAMILY: (
        "family|families|parent|child|caregiv|adoption|foster|daycare|day care|pregnan|respite|mother|father|"
        "maternity|infant|early intervention"
    ),
    Need.SOCIAL: (
        "social club|social support|socializ|support group|community center|recreation|mentor|"
        "volunteer|friend|senior center|club$|clubs|companion|peer$|"
        "camp$|camps|sport|arts$|after school"
    ),
    Need.CULTURE: "cultur|language|interpret|translat|faith|spiritual|religio|church|ethnic|pastoral|heritage",
}
POPULATION_WORDS = {
    Population.CHILDREN: "child|children|infant|toddler|kids",
    Population.YOUTH: "youth|teen|adolescen|juvenile|young adult|runaway",
    Population.FAMILIES: "family|families|parent",
    Population.WOMEN: "women|woman|mother|girl|pregnan",
    Population.OLDER: "senior|older adult|elder|aging|aged$|60 and over|65 and over|geriatric",
    Population.VETERANS: "veteran|military|service member",
    Population.DISABILITY: "disab|special needs|blind|deaf|autis|wheelchair|impair",
    Population.HOMELESS: "homeless",
    Population.SURVIVORS: "domestic violence|sexual assault|battered|victim|traffick|abused",
    Population.REENTRY: "offender|inmate|prison|jail|probation|parole|incarcerat|re entry|reentry",
    Population.REFUGEES: "refugee|immigra|asylum|migrant|undocumented|newcomer",
    Population.LGBTQ: "lgbt|gay|lesbian|bisexual|transgender|queer",
    Population.END_OF_LIFE: "hospice|terminal|end of life|palliative",
}


def _beginnings(table):
    return {code.value: tuple(map(_beginning, words.split("|"))) for code, words in table.items()}


def _beginning(word):
    return f" {fold(word)} " if word.endswith("$") else f" {fold(word)}"


_NEEDS, _POPULATIONS = _beginnings(NEED_WORDS), _beginnings(POPULATION_WORDS)


def needs_of(*texts):
    """The needs that these categories speak of."""
    return _codes(_NEEDS, texts)


def populations_of(*texts):
    """For whom a service is, by its categories and its words about eligibility."""
    return _codes(_POPULATIONS, texts)


def _codes(table, texts):
    said = "".join(f" {fold(text)} " for text in texts)
    return [code for code, words in table.items() if any(word in said for word in words)]

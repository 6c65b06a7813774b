"""The kinds of work that Today derives, in words, and which of them may wait."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.words import worded

# In the order in which a list of kinds is read.
KINDS = {
    "contact": worded(_("{Visits} due")),
    "planned": worded(_("Agreed {visits} to log")),
    "note": _("Notes to sign"),
    "cosign": _("Notes for a second signature"),
    "question": _("Questions about notes"),
    "consult": _("Colleagues who ask for advice"),
    "report": _("Incidents and suspicions to report"),
    "debrief": _("Talks after something hard"),
    "concern": _("Answers to act upon"),
    "ask": _("Questionnaires to ask"),
    "answers": _("Questionnaires to look at"),
    "assessment": _("Assessments"),
    "plan": worded(_("{Plans} to write")),
    "unsigned": worded(_("{Plans} not signed")),
    "returned": worded(_("{Plans} that came back")),
    "review": worded(_("Reviews of {plans}")),
    "action": worded(_("Steps of {plans}")),
    "milestone": _("Milestones"),
    "service": _("Referrals without an answer"),
    "interruption": _("Services that stop"),
    "gone": _("Services no longer in the directory"),
    "authorization": _("Authorizations"),
    "benefit": _("Benefits to renew"),
    "consent": _("Consents that run out"),
    "credential": _("My licences that run out"),
    "safety": _("Safety plans to look at"),
    "alert": _("Alerts to review"),
    "referral": _("Referrals to meet"),
    "intake": _("Intakes"),
    "refer_out": _("Referrals to ask about"),
    "aftercare": _("Follow-up after discharge"),
    "check_in": _("Colleagues who did not come back"),
}
# A person may be in danger, or the law gives the day.
NEVER_WAIT = frozenset(
    {
        "concern",
        "crisis",
        "incident",
        "mandated",
        "report",
        "debrief",
        "check_in",
        "aftercare",
        "question",
        "consult",
        "cosign",
    }
)


def label_of(kind):
    return str(KINDS.get(kind) or _("Other"))


def may_wait(item):
    """Whether somebody may put it off: it is known again tomorrow, is about a person, and nobody is in danger."""
    return bool(item.subject and item.client) and item.kind in KINDS and item.kind not in NEVER_WAIT


def longest(kind):
    """How many days it may rest at most."""
    return settings.SNOOZE_DAYS_OF.get(kind, settings.SNOOZE_DAYS)

"""Who may do what: every role and every permission of the product, on one screen.

A role opens pages; which records a page shows is decided by `visible_to` at the four doors. Mentor and mentee are not
roles but relations (mentoring.Pairing). The platform operator is Django's superuser, in an agency for a limited time.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.words import capital


class Role(models.TextChoices):
    """A job's kind of work; a job may have several."""

    DIRECTOR = "director", _("Director")
    SUPERVISOR = "supervisor", _("Supervisor")
    CASE_MANAGER = "case_manager", _("Case manager")
    QUALITY = "quality", _("Quality reviewer")
    EVALUATOR = "evaluator", _("Evaluator")
    ADMIN = "admin", _("Agency admin")
    OPERATOR = "operator", _("Platform operator")


ROLE_WORDS = {Role.SUPERVISOR: capital("supervisor"), Role.CASE_MANAGER: capital("worker")}

D, S, C, Q, E, A, O = (  # noqa: E741 (one letter a column)
    Role.DIRECTOR,
    Role.SUPERVISOR,
    Role.CASE_MANAGER,
    Role.QUALITY,
    Role.EVALUATOR,
    Role.ADMIN,
    Role.OPERATOR,
)

PERMISSIONS = {
    # anybody with a job
    "account.use": (D, S, C, Q, E, A, O),
    # the records of people
    "client.view": (D, S, C, Q),
    "client.history": (D, S, C, Q),
    "client.edit": (D, S, C),
    "client.protected": (D, S, C),  # an address that is kept secret
    "record.restrict": (D, S),
    "client.merge": (D, S),
    "today.view": (D, S, C),
    "intake.record": (D, S, C),
    "intake.decide": (D, S, C),
    "eligibility.override": (D, S),
    "enrollment.move": (D, S, C),
    "assessment.write": (D, S, C),
    "assessment.review": (D, S),
    "plan.write": (D, S, C),
    "plan.approve": (D, S),
    "visit.log": (D, S, C),
    "note.cosign": (D, S, C),  # a mentor, too, whom a new colleague asked
    "discharge.write": (D, S, C),
    # what people agree to, and what goes out because of it
    "consent.write": (D, S, C),
    "disclosure.make": (D, S, C),
    "record.release": (D, S),
    # a colleague's record, in an emergency
    "emergency.use": (D, S, C, Q),
    "emergency.review": (D, S),
    # what went badly, and what the law wants reported: seen only by those who must, see clients.models.incident
    "incident.view": (D, S, C, Q),
    "incident.write": (D, S, C),
    # other people's work
    "caseload.view": (D, S, Q),
    "assignment.write": (D, S),
    "board.view": (D, S, Q),
    "access.audit": (D, Q),
    # what payers are asked for
    "billing.view": (D, S, Q),
    "billing.run": (D, S),
    # learning
    "mentoring.use": (D, S, C),
    "mentoring.propose": (D, S, C),
    # figures without names
    "report.view": (D, S, Q, E),
    # the directory of community services
    "resource.view": (D, S, C, Q),
    "resource.write": (D, S, C),
    "resource.confidential": (D, S),
    # tables of people, from a file
    "import.use": (D, S, A),
    "import.clients": (D, S),
    "import.staff": (D, A),
    # set-up in Django admin
    "agency.configure": (A, O),
}

# Pages that answer without a job at an agency, each for the reason given beside its view.
OPEN = {"public", "login"}


def permissions_of(roles):
    """The permissions that these roles open together."""
    wanted = set(roles)
    return {name for name, allowed in PERMISSIONS.items() if wanted.intersection(allowed)}


def role_label(role):
    """A role in the agency's own words."""
    return str(ROLE_WORDS.get(role) or Role(role).label)


def role_choices():
    """Roles that an agency admin may give; the operator's comes with the operator."""
    return [(r.value, ROLE_WORDS.get(r, r.label)) for r in Role if r is not Role.OPERATOR]

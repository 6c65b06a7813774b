"""What this floor wants before an enrollment may enter a stage."""

from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from clients.models import AftercareFollowUp, Discharge
from clients.pipeline import Stage, gate


@gate(Stage.ACTIVE)
def has_an_accountable_worker(enrollment):
    """One accountable worker per enrollment (PR-33)."""
    if not enrollment.assignments.accountable().in_force().still_here().exists():
        yield worded(_("Nobody is accountable for this {enrollment} yet: assign a {worker}."))


@gate(Stage.DISCHARGED)
def has_a_signed_discharge(enrollment):
    """A disposition, a summary and a lifeline, signed (PR-66, REQ-180)."""
    if not Discharge.objects.filter(enrollment=enrollment).exclude(signed_at=None).exists():
        yield _("The discharge is not signed yet.")


@gate(Stage.CLOSED)
def aftercare_is_done(enrollment):
    """The follow-up took place, or was tried and written down."""
    if AftercareFollowUp.objects.filter(discharge__enrollment=enrollment).open().exists():
        yield _("The aftercare follow-up is still open.")

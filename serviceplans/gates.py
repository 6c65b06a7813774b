"""What this floor wants before an enrollment may enter a stage."""

from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from clients.pipeline import Stage, gate
from serviceplans.models import ServicePlan


@gate(Stage.PLANNED)
@gate(Stage.ACTIVE)
def has_a_signed_plan(enrollment):
    """Monitoring needs a plan in force to monitor."""
    if not ServicePlan.objects.filter(enrollment=enrollment).in_force().exists():
        yield worded(_("There is no signed {plan} yet."))

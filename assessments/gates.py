"""What this floor wants before an enrollment may enter a stage."""

from django.utils.translation import gettext as _

from assessments.models import Administration
from clients.pipeline import Stage, gate


@gate(Stage.ASSESSED)
def has_a_signed_assessment(enrollment):
    """Plans rest on a meaningful assessment (REQ-138)."""
    if not Administration.objects.filter(enrollment=enrollment).signed().exists():
        yield _("There is no signed assessment yet.")

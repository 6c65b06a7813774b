"""What Today and the person's page say of requests for advice; without the record, neither name nor way to it."""

from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.workspace.consulting.verbs import KIND, address
from clients.models import Consultation, Enrollment


def consult_items(staff):
    """(kind, what, client, address, day, symbol, subject) of what waits for this person's advice. Two queries."""
    rows = list(
        Consultation.objects.visible_to(staff).waiting_for(staff).select_related("by", "enrollment__client")
    )
    if not rows:
        return
    seen = set(
        Enrollment.objects.visible_to(staff)
        .filter(pk__in=[row.enrollment_id for row in rows])
        .values_list("pk", flat=True)
    )
    for row in rows:
        client = row.enrollment.client if row.enrollment_id in seen else None
        what = _("%(name)s asks for advice") % {"name": row.by.name}
        yield KIND, what, client, address(row), timezone.localtime(row.asked_at).date(), "envelope", row.pk

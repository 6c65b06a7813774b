"""What Today says about notes that somebody else has read, or should: derived, in two queries."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Visit, VisitQuestion


def note_items(staff):
    """(kind, what, client, address, day, symbol, subject): open questions about own notes, notes to sign as second."""
    asked = VisitQuestion.objects.visible_to(staff).open().for_author(staff)
    # The people afterwards: joined, PostgreSQL may meet every client before the few questions.
    for row in asked.select_related("by").prefetch_related("visit__enrollment__client"):
        client, url = row.visit.enrollment.client, reverse("workspace:question-answer", kwargs={"pk": row.pk})
        what = _("%(kind)s from %(name)s about a note") % {
            "kind": row.get_kind_display(),
            "name": row.by.name,
        }
        yield "question", what, client, url, timezone.localtime(row.asked_at).date(), "envelope", row.pk
    named = Visit.objects.visible_to(staff).to_cosign().filter(cosigner=staff)
    for visit in named.prefetch_related("enrollment__client"):
        client, url = visit.enrollment.client, reverse("workspace:visit-detail", kwargs={"pk": visit.pk})
        day = timezone.localtime(visit.cosign_asked_at).date()
        yield "cosign", _("Note for your second signature"), client, url, day, "pencil", visit.pk

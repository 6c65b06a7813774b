"""What Today asks about incidents and suspicions: of the author to report them, of who stands behind to see to it.

Nothing of it can be put off.
"""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import StaffMember
from casemgmt.workspace.reporting import countdown
from clients.models import IncidentReport, MandatedReport

ALARM = "exclamation-triangle"
TALK_WITHIN, TALK_UNTIL = timedelta(days=3), timedelta(days=30)


def report_items(staff, at):
    """(kind, what, person, address, day, symbol, row, and whether its hour has passed), for those who may see it.

    Four queries, however many.
    """
    theirs = list(_supervised(staff))
    now = timezone.now()
    for model, name in ((IncidentReport, "incident"), (MandatedReport, "mandated")):
        rows = model.objects.visible_to(staff).open().select_related("client", "by")
        for row in rows.filter(by__in=[staff.pk, *theirs]):
            url = reverse(f"workspace:{name}-detail", kwargs={"pk": row.pk})
            yield from _of_row(row, name, url, staff, now)
    rows = IncidentReport.objects.visible_to(staff).filter(by__in=theirs, debriefed_on=None)
    for row in rows.filter(known_at__gt=now - TALK_UNTIL).select_related("by"):
        day = timezone.localtime(row.known_at).date() + TALK_WITHIN
        url = reverse("workspace:incident-detail", kwargs={"pk": row.pk})
        what = _("Talk it through with %(name)s after what happened") % {"name": row.by.name}
        if day - TALK_WITHIN <= at:
            yield "debrief", what, None, url, day, "heart", f"incident-{row.pk}"


def _supervised(staff):
    people = StaffMember.objects.visible_to(staff).supervised_by(staff)
    return people.values_list("pk", flat=True)


def _of_row(row, name, url, staff, now):
    """Of one's own all that is to be sent; of somebody else's only what is late."""
    own = row.by_id == staff.pk
    waits = [line for line in countdown.lines(row, now) if line["sent"] is None and (own or line["late"])]
    for line in waits:
        what = _("%(what)s: %(to)s, %(left)s") if line["to"] else _("%(what)s, %(left)s")
        what %= {"what": line["words"], "to": line["to"], "left": line["left"]}
        if not own:
            what = f"{row.by.name}: {what}"
        day = timezone.localtime(line["due"] - timedelta(seconds=1)).date()
        yield "report", what, row.client, url, day, ALARM, f"{name}-{row.pk}-{line['how']}", line["late"]
    if own and not waits and getattr(row, "is_undecided", False):
        day = timezone.localtime(row.known_at).date()
        yield "report", _("Report it, or say why not"), row.client, url, day, ALARM, f"{name}-{row.pk}"

"""Somebody did not check out: their supervisor gets a line, and an e-mail without a client's data."""

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Notice, StaffMember
from casemgmt.agencies.models.people import DailyMailWhen
from clients.models import CheckIn

KIND = "check_in"  # of the notices, and of what somebody may leave out of their e-mail


def raise_alarms(agency, now=None):
    """Tell of everybody who is overdue and of whom nobody was told. Returns the check-ins; said again, none."""
    now = now or timezone.now()
    rows = CheckIn.objects.filter(agency=agency, alarmed_at=None).overdue(now)
    raised = []
    for row in rows.select_related("staff", "enrollment__program"):
        if row.alarm_at() <= now:
            raise_alarm(row, now)
            raised.append(row)
    return raised


@transaction.atomic
def raise_alarm(row, now):
    """One alarm: who supervises the colleague, else the agency's supervisors."""
    locked = CheckIn.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if locked.alarmed_at is not None or locked.ended_at is not None:
        return
    locked.alarmed_at = now
    locked.save()
    told = StaffMember.objects.answerable_for(row.agency_id, {row.staff_id}, lambda staff: True)
    since = f"{timezone.localtime(row.expected_at):%H:%M}"
    text = _("%(name)s has not checked out, and wanted to be back at %(time)s: call them.")
    text = text % {"name": row.staff.name, "time": since}
    for staff in told:
        if staff.pk == row.staff_id:
            continue
        Notice.objects.get_or_create(
            agency_id=row.agency_id,
            staff=staff,
            kind=KIND,
            subject=f"{row.pk} {row.expected_at:%Y-%m-%dT%H:%M}",
            defaults={"text": text, "url": reverse("workspace:check-in-close", kwargs={"pk": row.pk})},
        )
        if wants_mail(staff):
            transaction.on_commit(lambda to=staff.email: _send(to, text))


def wants_mail(staff):
    return bool(staff.email) and staff.mail_daily != DailyMailWhen.NEVER and KIND not in staff.mail_without


def _send(to, text):
    link = settings.SITE_URL + reverse("workspace:caseload")
    send_mail(_("A colleague has not checked out"), f"{text}\n\n{link}\n", None, [to])


@transaction.atomic
def back(row, *, by, note=""):
    """Checked out: what was said of it is no longer urgent. Raises Refused like `CheckIn.end`."""
    row = row.end(by=by, note=note)
    said = Notice.objects.filter(agency_id=row.agency_id, kind=KIND, subject__startswith=f"{row.pk} ")
    for notice in said.unread():
        notice.read_at = timezone.now()
        notice.save()
    return row

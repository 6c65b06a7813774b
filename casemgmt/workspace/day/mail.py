"""The e-mail of the day: how many things of which kind, and where they are; never about whom."""

from dataclasses import dataclass

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casemgmt.agencies.models import DailyMail, StaffMember, acting_as
from casemgmt.agencies.models.people import DailyMailWhen
from casemgmt.workspace.day.alarms import KIND
from casemgmt.workspace.day.kinds import KINDS, label_of
from casemgmt.workspace.day.out import overdue
from casemgmt.workspace.worklists import items_of


@dataclass
class Count:
    """A kind of work: how much of it is late, and how much is for today."""

    label: str
    late: int = 0
    today: int = 0


def readers(agency):
    """Who works here, may have a list of work, can be reached, and wants to be."""
    people = StaffMember.objects.filter(agency=agency).working().exclude(mail_daily=DailyMailWhen.NEVER)
    people = people.exclude(email="").filter(user__is_active=True).select_related("agency", "user")
    return [staff for staff in people.order_by("pk") if staff.may("today.view")]


def counts_of(staff, at):
    """By kind what is late and what is for today, without what this person does not want counted."""
    found = {}
    for item in items_of(staff, at):
        if item.due_on <= at:
            row = found.setdefault(item.kind, Count(label_of(item.kind)))
            if item.due_on < at:
                row.late += 1
            else:
                row.today += 1
    if out := len(overdue(staff)):
        found[KIND] = Count(label_of(KIND), late=out)
    order = list(KINDS)
    wanted = [kind for kind in found if kind not in staff.mail_without]
    return [
        found[kind] for kind in sorted(wanted, key=lambda k: order.index(k) if k in order else len(order))
    ]


def send_to(staff, *, at=None, dry_run=False):
    """The number of things in the e-mail that went to this person; 0 where none did.

    It is sent inside the transaction that says so: what could not be sent is tried again by the next run.
    """
    agency = staff.agency
    with acting_as(agency, by=staff, reason=_("Daily e-mail")):
        at = at or timezone.localdate()
        if DailyMail.objects.filter(agency=agency, staff=staff, on=at).exists():
            return 0
        counts = counts_of(staff, at)
        late, total = sum(row.late for row in counts), sum(row.late + row.today for row in counts)
        if not total or (staff.mail_daily == DailyMailWhen.LATE and not late):
            return 0
        if dry_run:
            return total
        try:
            with transaction.atomic():
                DailyMail.objects.create(agency=agency, staff=staff, on=at, items=total)
        except IntegrityError:
            return 0  # the other of two runs was first
        subject = ngettext("%(n)d thing to do", "%(n)d things to do", total) % {"n": total}
        send_mail(subject, _text(counts), None, [staff.email])
        return total


def _text(counts):
    links = {
        "today_url": settings.SITE_URL + reverse("workspace:today"),
        "settings_url": settings.SITE_URL + reverse("workspace:reminders"),
    }
    return render_to_string("workspace/daily_mail.txt", {"counts": counts} | links)

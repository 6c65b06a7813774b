"""Asking colleagues for advice, and answering: who may be asked, who is told (REQ-88)."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Notice, StaffMember, SupervisionLink, in_force
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from clients.models import CaseAssignment, Consultation, Enrollment
from clients.models.access import refusal_to_serve
from mentoring.models import Pairing

KIND = "consult"  # of the notices, and on Today


def address(row):
    return reverse("workspace:consultation", kwargs={"pk": row.pk})


def mentors_of(staff):
    """Who mentors this person in a pair that runs."""
    pairs = Pairing.objects.visible_to(staff).running().filter(mentee=staff)
    return _answering(staff, pairs.values("mentor"))


def supervisors_of(staff):
    """Who supervises this person; where nobody does, those who lead at the agency."""
    links = SupervisionLink.objects.visible_to(staff).filter(in_force(), staff=staff)
    if own := _answering(staff, links.values("supervisor")):
        return own
    leading = StaffMember.objects.visible_to(staff).with_role(Role.SUPERVISOR, Role.DIRECTOR)
    return _answering(staff, leading.values("pk"))


def team_of(enrollment, staff):
    """Who else works with this person now and may be asked."""
    links = CaseAssignment.objects.visible_to(staff).filter(enrollment=enrollment).in_force()
    found = _answering(staff, links.values("staff"))
    return [person for person in found if not why_not(enrollment, person, by=staff)]


def _answering(staff, keys):
    """Colleagues who work here and have the page on which one answers."""
    found = StaffMember.objects.visible_to(staff).working().filter(pk__in=keys).exclude(pk=staff.pk)
    return [person for person in found.order_by("name", "pk") if person.may("today.view")]


def why_not(enrollment, person, *, by):
    """Why this colleague cannot be asked about this person, in words; empty when they can."""
    if person.pk == by.pk:
        return _("Ask somebody else.")
    if person.left_on is not None and person.left_on <= timezone.localdate():
        return _("%(name)s no longer works here.") % {"name": person.name}
    if said := refusal_to_serve(enrollment.client, person):
        return said
    # What is asked would tell of a program that is kept apart (42 CFR Part 2).
    if enrollment.program.is_part_2 and not sees(enrollment, person):
        return _("%(name)s does not see this program’s records.") % {"name": person.name}
    return ""


def sees(enrollment, staff):
    """Whether this colleague may open the record; who may not reads only the words of the request."""
    return Enrollment.objects.visible_to(staff).filter(pk=enrollment.pk).exists()


@transaction.atomic
def ask(enrollment, *, by, asked_of, text):
    """Ask one colleague, or everybody who works with this person (None), and tell them without a word of the record.

    Raises Refused after the end of service, without words, and for somebody who cannot be asked.
    """
    locked = Enrollment.objects.visible_to(by).select_for_update(of=("self",)).fetch(enrollment.pk)
    if not locked.is_open:
        raise Refused(_("Service has ended."))
    if not text.strip():
        raise Refused(_("Write what you are stuck on."))
    if asked_of is not None and (said := why_not(locked, asked_of, by=by)):
        raise Refused(said)
    asked = team_of(locked, by) if asked_of is None else [asked_of]
    if not asked:
        raise Refused(_("Nobody else works with this person: ask a colleague."))
    row = Consultation(enrollment=locked, by=by, asked_of=asked_of, text=text.strip())
    row.save()
    words = worded(_("%(name)s asks for your advice.")) % {"name": by.name}
    for person in asked:
        Notice(staff=person, kind=KIND, subject=str(row.pk), text=words, url=address(row)).save()
    return row


def may_answer(row, staff):
    """Who is asked; where it is the team, whoever sees the record; and who asked, after talking."""
    return row.asked_of_id is None or staff.pk in (row.asked_of_id, row.by_id)


@transaction.atomic
def answer(row, text, *, by):
    """Answer and so close it, and tell who asked.

    Raises Refused for anybody else, without words, and when it is answered already.
    """
    if not may_answer(row, by):
        raise Refused(_("Who is asked answers."))
    said = row.reply(text, by=by)
    if by.pk != row.by_id:
        words = _("%(name)s answered what you asked.") % {"name": by.name}
        Notice(staff=row.by, kind=KIND, subject=f"answer-{row.pk}", text=words, url=address(row)).save()
    return said

"""Who is told of an incident or a suspicion, and when nobody has reported it: without a word about the person."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.agencies.models import Notice, StaffMember, SupervisionLink, in_force
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import worded
from clients.models import IncidentReport, MandatedReport
from mentoring.models import Pairing

NEW, LATE = "reported", "report-late"  # kinds of notices
MODELS = (IncidentReport, MandatedReport)


@transaction.atomic
def report(row, *, by, sent=None):
    """Write it down, with what was sent already (`sent`, for Reportable.send), and tell whoever stands behind `by`.

    Raises Refused as Reportable.put and Reportable.send do.
    """
    row.put(by=by)
    if sent:
        row.send(by=by, **sent)
    own, directors = _answerable(row)
    for person in _readers(row, own) or _readers(row, directors) or own:
        words = _("%(name)s reported an incident.")
        if isinstance(row, MandatedReport):
            words = _("%(name)s wrote down a suspicion that may have to be reported.")
        _tell(row, person, NEW, words % {"name": by.name})
    if isinstance(row, IncidentReport):
        _tell_mentor(row, by)
    return row


def address(row):
    """Where it is read."""
    name = "incident" if isinstance(row, IncidentReport) else "mandated"
    return reverse(f"workspace:{name}-detail", kwargs={"pk": row.pk})


def late_reports(agency, at=None):
    """Everything of an agency whose time has passed and of which nobody wrote down that it was sent."""
    return [
        row
        for model in MODELS
        for row in model.objects.filter(agency=agency).late(at).select_related("by", "client", "enrollment")
    ]


@transaction.atomic
def escalate(row):
    """Tell those who supervise the author, and the directors, that it is late; once. Returns how many were told."""
    own, directors = _answerable(row)
    everybody = list(dict.fromkeys([*own, *directors]))
    told = 0
    for person in _readers(row, everybody) or everybody:
        words = _("An incident of %(name)s is not reported in time.")
        if isinstance(row, MandatedReport):
            words = _("A suspicion that %(name)s wrote down is not reported in time.")
        told += _tell(row, person, LATE, words % {"name": row.by.name})
    return told


def _answerable(row):
    """Who supervises the author, and the directors; never the author."""
    here = StaffMember.objects.filter(agency=row.agency_id).working().exclude(pk=row.by_id)
    links = SupervisionLink.objects.filter(in_force(), staff=row.by_id)
    return list(here.filter(pk__in=links.values("supervisor"))), list(here.with_role(Role.DIRECTOR))


def _reads(row, person):
    return type(row).objects.visible_to(person).filter(pk=row.pk).exists()


def _readers(row, people):
    return [person for person in people if _reads(row, person)]


def _tell(row, person, kind, text):
    """One line, whoever asks how often; with a link for whoever may open it. Returns whether it is new."""
    _notice, is_new = Notice.objects.get_or_create(
        agency_id=row.agency_id,
        staff=person,
        kind=kind,
        subject=f"{row._meta.model_name}-{row.pk}",
        defaults={"text": str(text), "url": address(row) if _reads(row, person) else ""},
    )
    return is_new


def _tell_mentor(row, by):
    """Whoever mentors the author hears that something hard happened, and nothing of what or with whom (PR-53)."""
    for pair in Pairing.objects.running().filter(mentee=by).select_related("mentor"):
        Notice.objects.get_or_create(
            agency_id=row.agency_id,
            staff=pair.mentor,
            kind=NEW,
            subject=f"{row._meta.model_name}-{row.pk}",
            defaults={
                "text": str(
                    worded(
                        _("Your {mentee} went through something hard: be within reach, and offer to talk.")
                    )
                ),
                "url": reverse("mentoring:pairing-detail", kwargs={"pk": pair.pk}),
            },
        )

"""Who this page is about: the sticky strip at the top of every page of a person's record."""

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from casemgmt.core.views import show
from clients.models import Alert, Client, EmergencyAccess, Enrollment
from clients.pipeline import Stage

ALERTS = 3  # more than that nobody reads; the rest stands on the page about the person
ALERT_LENGTH = 90


def born(client, at=None):
    """The birth date with the age, as people say it; words when it is not known or only roughly."""
    if client.born_on is None:
        return _("Birth date not known")
    age = client.age(at)
    if client.born_precision == Client.BirthPrecision.YEAR:
        return _("Born %(year)s (about %(age)s)") % {"year": client.born_on.year, "age": age}
    day = date_format(client.born_on, "j M Y")
    if client.born_precision == Client.BirthPrecision.APPROXIMATE:
        return _("Born about %(day)s (%(age)s)") % {"day": day, "age": age}
    return _("Born %(day)s (%(age)s)") % {"day": day, "age": age}


def banner(request, client, enrollment=None, purpose="care"):
    """The banner's rows for the template, and the note in the access log that this person's record is shown.

    Two queries, and one more when the record is open only through an emergency access.
    """
    live = _emergency(request.staff, client)
    alerts, to_call = Alert.objects.at_a_glance(client)
    show(request, [client], "emergency" if live else purpose)
    stage = Stage(enrollment.stage) if enrollment is not None else None
    # Back to the period of service that the page is about: a person may have two.
    url = reverse("workspace:client", kwargs={"pk": client.pk})
    return {
        "url": f"{url}?enrollment={enrollment.pk}" if enrollment is not None else url,
        "pk": client.pk,
        "name": client.name,
        "preferred": "",
        "legal": client.legal_name if client.chosen_name else "",
        "pronouns": client.pronouns,
        "born": born(client),
        "number": client.number or client.pk,
        "phone": client.phone,
        "phone_way": client.get_contact_way_display(),
        "phone_note": client.contact_note,
        "no_voicemail": client.no_voicemail,
        "to_call": to_call[0] if to_call and purpose != "mentoring" else None,
        "language": client.language,
        "interpreter": client.needs_interpreter,
        "alerts": [_said(alert) for alert in alerts[:ALERTS]],
        "alert_count": len(alerts),
        "more_alerts": max(len(alerts) - ALERTS, 0),
        "stage": stage,
        "stage_label": stage.label if stage else "",
        "restricted": client.restricted_on is not None,
        "emergency_until": live.ends_at if live else None,
    }


def _said(alert):
    """An alert as the banner says it; one about workers' safety with the day after which it falls silent."""
    is_safety = alert.kind == Alert.Kind.SAFETY
    return {
        "kind": alert.get_kind_display(),
        "text": Truncator(alert.text).chars(ALERT_LENGTH),
        "until": alert.review_on if is_safety else None,
    }


def _emergency(staff, client):
    """The emergency access through which alone this person sees the record, or None."""
    live = (
        EmergencyAccess.objects.visible_to(staff)
        .filter(client=client, staff=staff)
        .live(timezone.now())
        .first()
    )
    if live is None or Enrollment.objects.visible_to(staff).by_right(staff).filter(client=client).exists():
        return None
    return live

"""A calendar as other programs read it (RFC 5545): when and how long, and nothing about whom."""

from datetime import UTC

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from casemgmt.agencies.words import cap, term


def feed_of(agency, rows):
    """The bytes of a feed with these agreed visits; of who, where and why it says nothing."""
    calendar = Calendar()
    calendar.add("prodid", "-//casemgmt//casemgmt//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", cap(term("visit", plural=True)))
    for row in rows:
        calendar.add_component(_event(agency, row))
    return calendar.to_ical()


def _event(agency, row):
    event = Event()
    event.add("uid", f"visit-{row.pk}@{agency.slug}.casemgmt")
    event.add("dtstamp", row.starts_at.astimezone(UTC) if row.cancelled_at is None else row.cancelled_at)
    event.add("sequence", row.version)
    event.add("dtstart", row.starts_at.astimezone(UTC))
    event.add("dtend", row.ends_at.astimezone(UTC))
    words = _("%(visit)s, %(n)d min") % {"visit": cap(term("visit")), "n": row.minutes}
    event.add("summary", words)
    event.add("class", "PRIVATE")
    event.add("status", "CONFIRMED" if row.cancelled_at is None else "CANCELLED")
    event.add("url", settings.SITE_URL + reverse("workspace:planned-edit", kwargs={"pk": row.pk}))
    return event

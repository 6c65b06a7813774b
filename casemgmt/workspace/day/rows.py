"""The rows of Today: each with where it is, how to reach the person, and what to know before one goes."""

from datetime import timedelta
from urllib.parse import quote

from django.conf import settings

from casemgmt.workspace.day.tasks import day_of
from clients.models import Alert, PlannedVisit

BEFORE_GOING = (Alert.Kind.SAFETY, Alert.Kind.ACCESS)


def map_url(address):
    """Where a tap on an address leads; empty where the agency wants no map."""
    return settings.MAP_SEARCH + quote(address, safe="") if settings.MAP_SEARCH and address else ""


def planned_between(staff, start, end, *, of=None):
    """What is agreed upon, for one's own pages or those of a colleague whom one supervises. One query."""
    rows = PlannedVisit.objects.visible_to(staff).filter(staff=of or staff).between(start, end)
    return rows.select_related("enrollment__client", "enrollment__program")


def planned_today(staff, at):
    """One's agreed visits of the day in order of time, held ones too; and by enrollment when the next one is."""
    begin, end = day_of(at)
    ahead, following = [], {}
    soon = begin + timedelta(days=60)
    for row in planned_between(staff, begin, soon).filter(cancelled_at=None):
        if row.starts_at < end:
            ahead.append(row)
        elif row.enrollment_id not in following:
            following[row.enrollment_id] = row
    return ahead, following


def alerts_of(staff, people):
    """What to know before one goes to these people, by person. One query."""
    found = {}
    rows = Alert.objects.visible_to(staff).shown().filter(client__in=people, kind__in=BEFORE_GOING)
    for row in rows:
        found.setdefault(row.client_id, []).append(row)
    return found


def whereabouts(staff, client, place="", *, goes=True):
    """Where to, as text and as a map; an address kept secret is neither sent to a map nor put on a list."""
    if client.address_protected:
        return {"address": place, "is_secret": True, "map": ""}
    address = place or client.address
    return {"address": address, "is_secret": False, "map": map_url(address) if goes else ""}

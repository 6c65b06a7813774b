"""What a calendar on a phone fetches: open to who knows the secret address, and without a name in it."""

from datetime import timedelta

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.utils import timezone

from casemgmt.agencies.models import CalendarFeed
from casemgmt.core.views import page
from casemgmt.workspace.day.ics import feed_of
from clients.models import PlannedVisit

BACK, AHEAD = timedelta(days=30), timedelta(days=180)


@page("public", methods=("GET", "HEAD"))
def calendar_feed(request, token):
    """One worker's agreed visits. Open, because a calendar cannot sign in: the address is the secret."""
    with CalendarFeed.whose(token) as staff:
        if staff is None or not staff.may("today.view"):
            raise Http404
        now = timezone.now()
        rows = PlannedVisit.objects.visible_to(staff).filter(staff=staff).between(now - BACK, now + AHEAD)
        lately = Q(cancelled_at=None) | Q(cancelled_at__gte=now - BACK)
        body = feed_of(staff.agency, list(rows.filter(lately)))
    return HttpResponse(body, content_type="text/calendar; charset=utf-8")

"""Seeing change: every scale of a person through time, with what happened meanwhile."""

from django.shortcuts import render
from django.utils import timezone

from casemgmt.core.views import page
from casemgmt.workspace.change.drawing import time_shown
from casemgmt.workspace.change.rows import happenings, sheets_of, shown
from clients.banner import banner
from clients.models import Client


@page("client.view", records=True, methods=("GET", "HEAD"))
def change(request, pk):
    """One picture a scale, on one axis of time, and the same as tables (REQ-46, REQ-117)."""
    staff = request.staff
    person = Client.objects.visible_to(staff).fetch(pk)
    strip = banner(request, person)
    sheets = sheets_of(staff, person)
    days = [day for sheet in sheets for line in sheet.lines for day in line.days]
    start, end = time_shown(days, timezone.localdate())
    happened = happenings(staff, person, start, end) if sheets else []
    return render(
        request,
        "workspace/change.html",
        {
            "banner": strip,
            "sheets": shown(sheets, happened, start, end),
            "happened": [
                {"sign": one.sign, "on": one.day, "until": one.until, "what": what} for one, what in happened
            ],
            "start": start,
            "end": end,
        },
    )

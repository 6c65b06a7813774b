"""The calendar: a day, a week or what is ahead, one's own or that of somebody one supervises."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, get_format
from django.utils.translation import gettext_lazy

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.roles import Role
from casemgmt.core.views import page, show
from casemgmt.workspace.day.rows import planned_between
from casemgmt.workspace.day.tasks import day_of
from casemgmt.workspace.day.visits import parsed_day

VIEWS = {
    "day": (gettext_lazy("Day"), 1),
    "week": (gettext_lazy("Week"), 7),
    "agenda": (gettext_lazy("Agenda"), 28),
}


@page("today.view", records=True, methods=("GET", "HEAD"))
def calendar(request):
    """What is agreed upon, by day and time."""
    staff, today = request.staff, timezone.localdate()
    kind = request.GET.get("view") if request.GET.get("view") in VIEWS else "week"
    colleagues = _colleagues(staff)
    of = _whose(request, colleagues)
    on = parsed_day(request.GET.get("on", "")) or today
    span = VIEWS[kind][1]
    first = _first_of_week(on) if kind == "week" else on
    days = _days(staff, of, first, span, today)
    show(request, {row.enrollment.client_id for day in days for row in day["rows"]})
    context = {
        "kind": kind,
        "days": [day for day in days if day["rows"] or kind != "agenda"],
        "of": of,
        "colleagues": colleagues,
        "title": _span(first, span),
        "views": [
            {"label": label, "is_now": name == kind, "url": _url(name, on, of)}
            for name, (label, _days_shown) in VIEWS.items()
        ],
        "before_url": _url(kind, first - timedelta(days=span), of),
        "after_url": _url(kind, first + timedelta(days=span), of),
        "today_url": "" if first <= today < first + timedelta(days=span) else _url(kind, today, of),
        "view_of": kind,
    }
    return render(request, "workspace/calendar.html", context)


def _first_of_week(on):
    """The Sunday or Monday before, as the language of the site has it."""
    first = get_format("FIRST_DAY_OF_WEEK")  # 0: Sunday
    return on - timedelta(days=(on.weekday() + 1 - first) % 7)


def _colleagues(staff):
    """Whose calendar one may look at besides one's own: of whom one supervises, for a director everybody."""
    if not staff.may("caseload.view"):
        return []
    people = StaffMember.objects.visible_to(staff).working().exclude(pk=staff.pk)
    if staff.sees_all():
        return list(people.with_role(Role.CASE_MANAGER, Role.SUPERVISOR))
    return list(people.supervised_by(staff))


def _whose(request, colleagues):
    asked = request.GET.get("of", "")
    if not asked:
        return None
    found = next((one for one in colleagues if str(one.pk) == asked), None)
    if found is None:
        raise Http404
    return found


def _days(staff, of, first, span, today):
    begin, _end = day_of(first)
    _begin, end = day_of(first + timedelta(days=span - 1))
    days = {}
    for n in range(span):
        on = first + timedelta(days=n)
        days[on] = {"on": on, "rows": [], "is_today": on == today, "is_over": on < today}
    last = None
    for row in planned_between(staff, begin, end, of=of).filter(cancelled_at=None):
        row.is_double = last is not None and row.starts_at < last.ends_at
        if last is None or row.ends_at > last.ends_at:
            last = row
        days[timezone.localtime(row.starts_at).date()]["rows"].append(row)
    return list(days.values())


def _span(first, span):
    if span == 1:
        return date_format(first, "l j F")
    return f"{date_format(first, 'j M')} – {date_format(first + timedelta(days=span - 1), 'j M')}"


def _url(kind, on, of):
    query = {"view": kind, "on": on.isoformat()}
    return reverse("workspace:calendar", query=query | ({"of": of.pk} if of else {}))

"""Visits that are agreed upon: planned, moved, called off."""

from datetime import date, timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page, show
from casemgmt.workspace.day.forms import CallOffForm, PlannedVisitForm
from casemgmt.workspace.worklists import own_enrollments
from clients.banner import banner
from clients.models import CaseAssignment, Enrollment, PlannedVisit, Visit


@page("visit.log", records=True, methods=("GET", "HEAD"))
def planned_pick(request):
    """With whom, where the calendar gave only the day."""
    on = parsed_day(request.GET.get("on", "")) or timezone.localdate()
    rows = sorted(own_enrollments(request.staff).open(), key=lambda row: row.client.name_key)
    show(request, {row.client_id for row in rows})
    for row in rows:
        row.plan_url = reverse(
            "workspace:planned-create", kwargs={"pk": row.pk}, query={"on": on.isoformat()}
        )
    return render(request, "workspace/planned_pick.html", {"rows": rows, "on": on})


@page("visit.log", records=True)
def planned_create(request, pk):
    """Agree upon a visit with somebody."""
    staff = request.staff
    enrollment = Enrollment.objects.visible_to(staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    if not enrollment.is_open:
        messages.warning(request, _("Service has ended."))
        return redirect(strip["url"])
    row = PlannedVisit(enrollment=enrollment, staff=staff)
    initial = _as_last_time(staff, enrollment) | _day_asked(request)
    return _form(request, row, strip, initial, title=worded(_("Plan a {visit}")), cancel_url=strip["url"])


@page("visit.log", records=True)
def planned_edit(request, pk):
    """Another day, time or place; or it is called off from here."""
    rows = PlannedVisit.objects.visible_to(request.staff).select_related(
        "enrollment__client", "enrollment__program", "staff"
    )
    row = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    strip = banner(request, row.enrollment.client, row.enrollment)
    if row.visit_id is not None:
        return redirect("workspace:visit-detail", pk=row.visit_id)
    if row.cancelled_at is not None:
        words = worded(_("This {visit} is called off: %(why)s")) % {"why": row.cancelled_why}
        messages.info(request, words)
        return redirect(strip["url"])
    return _form(
        request,
        row,
        strip,
        {},
        title=worded(_("Planned {visit}")),
        off_url=reverse("workspace:planned-cancel", kwargs={"pk": pk}),
        cancel_url=strip["url"],
    )


@page("visit.log", records=True)
def planned_cancel(request, pk):
    """It does not take place, and why."""
    rows = PlannedVisit.objects.visible_to(request.staff).select_related("enrollment__client")
    row = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    strip = banner(request, row.enrollment.client, row.enrollment)
    form = CallOffForm(request.POST or None, instance=row, staff=request.staff)
    check_version(form, row)
    if form.is_bound and form.is_valid():
        try:
            row.cancel(form.cleaned_data["cancelled_why"], by=request.staff)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, strip["url"], message=worded(_("The {visit} is called off.")))
    return form_page(
        request,
        form,
        banner=strip,
        title=worded(_("Call off the {visit}")),
        intro=said(row.starts_at),
        submit=_("Call off"),
        cancel_url=reverse("workspace:planned-edit", kwargs={"pk": pk}),
    )


def said(moment):
    """A moment as people say it."""
    there = timezone.localtime(moment)
    return f"{date_format(there, 'D j M')}, {time_format(there, 'TIME_FORMAT')}"


def _form(request, row, strip, initial, **context):
    staff = request.staff
    form = PlannedVisitForm(
        request.POST or None,
        instance=row,
        staff=staff,
        workers=_workers(staff, row),
        initial=initial,
    )
    if row.pk is not None:
        check_version(form, row)
    if form.is_bound and form.is_valid():
        if "staff" not in form.cleaned_data and row.pk is None:
            row.staff = staff
        try:
            row.agree(by=staff)
        except Refused as refused:
            form.refuse(refused)
        else:
            _warn(request, row)
            message = worded(_("{Visit} planned: %(when)s.")) % {"when": said(row.starts_at)}
            return done(request, "workspace:today", message=message)
    template = "workspace/planned_form.html"
    return form_page(request, form, template, banner=strip, submit=_("Save"), **context)


def _warn(request, row):
    """Two visits at one time are said, and not refused: one may be a call from the car."""
    others = PlannedVisit.objects.visible_to(request.staff).beside(row)
    if others:
        times = ", ".join(f"{timezone.localtime(other.starts_at):%H:%M}" for other in others)
        messages.warning(
            request, worded(_("There is another {visit} at that time: %(times)s.")) % {"times": times}
        )


def _workers(staff, row):
    """Who may go: oneself, who is accountable, and who was to go so far."""
    people = CaseAssignment.objects.visible_to(staff).in_force().accountable().still_here()
    people = set(people.filter(enrollment=row.enrollment_id).values_list("staff", flat=True))
    return people | {staff.pk, row.staff_id}


def _as_last_time(staff, enrollment):
    """Mode and minutes as at the last visit, at the next full hour."""
    last = (
        Visit.objects.visible_to(staff)
        .of_care(staff)
        .filter(enrollment=enrollment)
        .order_by("-started_at", "-pk")
        .values("mode", "direct_minutes")
        .first()
    )
    now = timezone.localtime()
    hour = (now + timedelta(hours=1)).replace(minute=0)
    initial = {"day": hour.date(), "time": f"{hour:%H:%M}", "staff": staff.pk}
    if last:
        initial |= {"mode": last["mode"], "minutes": max(last["direct_minutes"], 15)}
    return initial


def _day_asked(request):
    """The day from which the calendar came, where it is one."""
    found = parsed_day(request.GET.get("on", ""))
    if found is None or found == timezone.localdate():
        return {}
    return {"day": found, "time": "09:00"}


def parsed_day(text):
    """A day as addresses write it; None for everything else, and for years that nobody plans in."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2200 else None

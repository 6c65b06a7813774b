"""Checking in and out: one tap each; and a colleague who did not come back is asked for."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page
from casemgmt.workspace.day.alarms import back
from casemgmt.workspace.day.forms import CheckInForm, CloseForm, LaterForm
from clients.models import CheckIn


@page("visit.log")
def check_in(request):
    """Out alone, back by then: the supervisor is told if not."""
    form = CheckInForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        row = CheckIn.begin(
            by=request.staff, minutes=int(said["minutes"]), enrollment=said["enrollment"], place=said["place"]
        )
        return done(request, "workspace:today", message=_until(row))
    return form_page(
        request,
        form,
        title=_("Check in"),
        intro=worded(_("If you do not check out in time, your {supervisor} is told.")),
        submit=_("Check in"),
        plain=True,
        cancel_url=reverse("workspace:today"),
    )


def _until(row):
    return _("You are checked in until %(time)s.") % {"time": f"{timezone.localtime(row.expected_at):%H:%M}"}


def _own(request):
    rows = CheckIn.objects.visible_to(request.staff).filter(staff=request.staff).running()
    return rows.select_related("staff", "enrollment").first()


@page("visit.log", methods=("POST",))
def check_in_later(request):
    """Out longer, with one tap on the bar."""
    row, form = _own(request), LaterForm(request.POST, staff=request.staff)
    if row is None:
        messages.info(request, _("You are not checked in."))
    elif not form.is_valid():
        messages.warning(request, _("Choose how much longer."))
    else:
        messages.success(request, _until(row.later(minutes=int(form.cleaned_data["minutes"]))))
    return redirect("workspace:today")


@page("visit.log", methods=("POST",))
def check_in_back(request):
    """Back, with one tap on the bar."""
    row = _own(request)
    if row is None:
        messages.info(request, _("You are not checked in."))
    else:
        back(row, by=request.staff)
        messages.success(request, _("Welcome back: you are checked out."))
    return redirect("workspace:today")


@page("visit.log")
def check_in_close(request, pk):
    """A colleague is safe: say how one knows."""
    rows = CheckIn.objects.visible_to(request.staff).select_related("staff")
    row = rows.fetch(pk)
    if row.staff_id == request.staff.pk:
        return redirect("workspace:today")
    if row.ended_at is not None:
        messages.info(request, _("%(name)s is checked out already.") % {"name": row.staff.name})
        return redirect(_list(request))
    form = CloseForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        try:
            back(row, by=request.staff, note=form.cleaned_data["note"])
        except Refused as refused:
            form.refuse(refused)
        else:
            message = _("%(name)s is checked out.") % {"name": row.staff.name}
            return done(request, _list(request), message=message)
    since = f"{timezone.localtime(row.expected_at):%H:%M}"
    parts = [_("Wanted to be back at %(time)s.") % {"time": since}, row.place, row.staff.phone]
    return form_page(
        request,
        form,
        title=row.staff.name,
        intro=" · ".join(part for part in parts if part),
        submit=_("They are safe"),
        cancel_url=reverse(_list(request)),
    )


def _list(request):
    return "workspace:caseload" if request.staff.may("caseload.view") else "workspace:today"

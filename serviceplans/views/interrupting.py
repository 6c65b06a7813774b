"""A service stops: since when we know, when the person was told, how it goes on (REQ-134)."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.core.views import check_version, done, form_page, page
from serviceplans.forms.interrupting import InterruptionForm
from serviceplans.models import PlannedService, ServiceInterruption, ServicePlan, ServiceReferral, StepLacks
from serviceplans.views.finding import back_to, enrollment_of, fetch, strip_of
from serviceplans.views.matching import picked


@page("plan.write", records=True)
def interruption_create(request, pk):
    """Write down that a service stops: one of the plan, one of somebody else, or any other."""
    enrollment = enrollment_of(request, pk)
    strip = strip_of(request, enrollment)
    staff = request.staff
    planned = PlannedService.objects.visible_to(staff).filter(objective__goal__plan__enrollment=enrollment)
    planned = picked(request, planned.select_related("resource"), "planned")
    referral = ServiceReferral.objects.visible_to(staff).filter(enrollment=enrollment)
    referral = picked(request, referral.select_related("resource"), "referral")
    row = ServiceInterruption(enrollment=enrollment, planned=planned, referral=referral, by=staff)
    what = planned or referral
    form = InterruptionForm(
        request.POST or None, instance=row, staff=staff, initial=_told_by_directory(what) if what else {}
    )
    if form.is_valid():
        try:
            form.save(commit=False).put(by=staff)
            to = reverse("serviceplans:interruption-edit", kwargs={"pk": row.pk})
            if row.notified_on is not None:
                to = _shown_at(request, enrollment)
            return done(request, to, message=_("Written down."))
        except StepLacks as refused:
            form.lacks(refused)
    return form_page(
        request,
        form,
        banner=strip,
        title=_("A service stops"),
        intro=what or "",
        cancel_url=_shown_at(request, enrollment),
    )


def _told_by_directory(what):
    """The service, and, where the directory closed it, since when and that it ends."""
    known = {"service": str(what)[:300]}
    if what.resource is not None and not what.resource.is_open:
        known |= {
            "kind": ServiceInterruption.Kind.END,
            "stops_on": what.resource.closed_on,
            "why": _("The directory no longer has it."),
        }
    return known


@page("plan.write", records=True)
def interruption_edit(request, pk):
    """Say when they were told and how it goes on; with `close` it is done with."""
    row = fetch(
        request, ServiceInterruption, pk, "enrollment__client", "enrollment__program", "planned", "referral"
    )
    strip = strip_of(request, row.enrollment)
    form = InterruptionForm(request.POST or None, instance=row, staff=request.staff)
    check_version(form, row)
    if form.is_valid():
        try:
            with transaction.atomic():
                form.save(commit=False).put(by=request.staff)
                if "close" in request.POST:
                    row.close(by=request.staff)
            return done(request, _shown_at(request, row.enrollment), message=_("Saved."))
        except StepLacks as refused:
            form.lacks(refused)
    return form_page(
        request,
        form,
        banner=strip,
        title=_("A service stops"),
        intro=_("Closed on %(day)s.") % {"day": row.closed_on} if row.closed_on else row.service,
        second=_("Save and close"),
        second_name="close",
        cancel_url=_shown_at(request, row.enrollment),
    )


def _shown_at(request, enrollment):
    plan = ServicePlan.objects.visible_to(request.staff).filter(enrollment=enrollment).first()
    if plan is None:
        return reverse("workspace:client", kwargs={"pk": enrollment.client_id})
    return back_to(plan, "services")

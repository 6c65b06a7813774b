"""The services of a plan: written in a draft, noted as given while it is in force, and what payers approved."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from serviceplans.delivery import authorization_rows
from serviceplans.forms.planned import AuthorizationForm, DeliveredForm, PlannedServiceForm
from serviceplans.models import (
    Authorization,
    PlannedService,
    ServiceDelivered,
    StepLacks,
)
from serviceplans.views.finding import (
    back_to,
    enrollment_of,
    fetch,
    objective_of,
    pressed,
    strip_of,
)


def _planned_of(request, pk):
    return fetch(
        request, PlannedService, pk, "objective__goal__plan__enrollment__client", "referral", "resource"
    )


def _plan_of(service):
    return service.objective.goal.plan


def _to_objective(service):
    return back_to(_plan_of(service), f"objective-{service.objective_id}")


@page("plan.write", records=True)
def planned_create(request, pk):
    """A service under an objective of a draft."""
    service = PlannedService(objective=objective_of(request, pk))
    return _write(request, service, title=_("Service in the plan"))


@page("plan.write", records=True)
def planned_edit(request, pk):
    """Change a service of a draft."""
    service = _planned_of(request, pk)
    remove_url = reverse("serviceplans:planned-remove", kwargs={"pk": pk})
    return _write(request, service, title=service.service, remove_url=remove_url)


def _write(request, service, **context):
    enrollment = _plan_of(service).enrollment
    strip = strip_of(request, enrollment)
    form = PlannedServiceForm(
        request.POST or None, instance=service, staff=request.staff, enrollment=enrollment
    )
    if service.pk:
        check_version(form, service)
    if form.is_valid():
        try:
            form.save(commit=False).put()
            return done(request, _to_objective(service), message=_("Saved."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/part_edit.html",
        banner=strip,
        intro=service.objective.text,
        remove_label=_("Remove this service"),
        cancel_url=_to_objective(service),
        **context,
    )


@page("plan.write", records=True)
def planned_remove(request, pk):
    """Take a service out of a draft."""
    service = _planned_of(request, pk)
    strip, sentences = strip_of(request, _plan_of(service).enrollment), []
    back = _to_objective(service)
    if request.method == "POST" and pressed(request):
        try:
            service.remove()
            return done(request, back, message=_("Removed."))
        except Refused as refused:
            sentences = refused.sentences
    return render(
        request,
        "serviceplans/remove.html",
        {
            "banner": strip,
            "title": _("Remove this service?"),
            "what": service,
            "text": _("History keeps what was there."),
            "sentences": sentences,
            "cancel_url": back,
        },
        status=422 if sentences else 200,
    )


@page("plan.write", records=True)
def planned_delivered(request, pk):
    """Note that a service of the plan was given."""
    service = _planned_of(request, pk)
    strip = strip_of(request, _plan_of(service).enrollment)
    form = DeliveredForm(
        request.POST or None, instance=ServiceDelivered(service=service), staff=request.staff
    )
    if form.is_valid():
        try:
            service.deliver(by=request.staff, **form.said())
            return done(request, _to_objective(service), message=_("Noted."))
        except StepLacks as refused:
            form.lacks(refused)
    return form_page(
        request,
        form,
        banner=strip,
        title=_("It was given"),
        intro=service,
        cancel_url=_to_objective(service),
    )


# --- What payers approved ---


@page("client.view", records=True, methods=("GET", "HEAD"))
def authorization_list(request, pk):
    """The approvals of an enrollment: how much is used, and what runs out."""
    enrollment = enrollment_of(request, pk)
    return render(
        request,
        "serviceplans/authorization_list.html",
        {
            "banner": strip_of(request, enrollment),
            "enrollment": enrollment,
            "rows": authorization_rows(request.staff, enrollment),
            "may_write": request.staff.may("plan.write"),
        },
    )


@page("plan.write", records=True)
def authorization_create(request, pk):
    """Write down what a payer approved."""
    enrollment = enrollment_of(request, pk)
    return _approve(request, Authorization(enrollment=enrollment), _("New authorization"))


@page("plan.write", records=True)
def authorization_edit(request, pk):
    """Mend what was written down of an approval."""
    row = fetch(request, Authorization, pk, "enrollment__client", "enrollment__program")
    return _approve(request, row, str(row))


def _approve(request, row, title):
    strip = strip_of(request, row.enrollment)
    form = AuthorizationForm(request.POST or None, instance=row, staff=request.staff)
    if row.pk:
        check_version(form, row)
    to = reverse("serviceplans:authorization-list", kwargs={"pk": row.enrollment_id})
    if form.is_valid():
        form.save()
        return done(request, to, message=_("Saved."))
    return form_page(request, form, banner=strip, title=title, cancel_url=to)

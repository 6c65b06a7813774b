"""Services of others that the person was linked to."""

from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from casemgmt.resources.models import Resource, ResourceContact
from clients.models import Consent, DirectiveStands, Disclosure
from serviceplans import linked
from serviceplans.forms.linking import ReferralForm, StepForm
from serviceplans.models import (
    AlreadyServed,
    ReferralStep,
    ServiceInterruption,
    ServicePlan,
    ServiceReferral,
    StepLacks,
)
from serviceplans.views.finding import back_to, enrollment_of, fetch, strip_of
from serviceplans.views.matching import need_of, picked

REFERRAL_PEOPLE = ("enrollment__client", "enrollment__program", "need__barrier", "resource", "gap")


@page("client.view", records=True, methods=("GET", "HEAD"))
def referral_detail(request, pk):
    """One service of others: whom to call, what they were told, how far it is, and the next step."""
    referral = fetch(request, ServiceReferral, pk, *REFERRAL_PEOPLE)
    return _referral_page(request, referral, StepForm(staff=request.staff, referral=referral))


@page("plan.write", records=True)
def referral_step(request, pk):
    """The next step of it; what is missing is said beside the field."""
    referral = fetch(request, ServiceReferral, pk, *REFERRAL_PEOPLE)
    form = StepForm(request.POST or None, staff=request.staff, referral=referral)
    check_version(form, referral)
    if form.is_valid():
        status, said = form.said()
        try:
            referral.step(status, by=request.staff, **said)
        except StepLacks as refused:
            form.lacks(refused)
            # The page shows how it stands, not what was tried.
            referral.refresh_from_db()
        else:
            return done(request, "serviceplans:referral-detail", pk=referral.pk, message=_("Saved."))
    return _referral_page(request, referral, form)


def _referral_page(request, referral, form):
    staff = request.staff
    steps = ReferralStep.objects.visible_to(staff).filter(referral=referral).select_related("by")
    steps = list(steps.order_by("on", "pk"))
    return render(
        request,
        "serviceplans/referral_detail.html",
        {
            "banner": strip_of(request, referral.enrollment),
            "row": linked.shown(referral),
            "way": linked.way(referral, steps),
            "steps": linked.told(steps),
            "told": _told(request, referral),
            "stops": list(ServiceInterruption.objects.visible_to(staff).filter(referral=referral)),
            "form": form if staff.may("plan.write") and referral.ended_on is None else None,
            "action": reverse("serviceplans:referral-step", kwargs={"pk": referral.pk}),
            "back_url": _service_page(request, referral.enrollment),
            "may_write": staff.may("plan.write"),
        },
        status=422 if form.is_bound else 200,
    )


@page("plan.write", records=True)
def referral_create(request, pk):
    """Link the person to a service of somebody else; a second one of the same name is asked about once."""
    enrollment = enrollment_of(request, pk)
    strip = strip_of(request, enrollment)
    need, resource = need_of(request, enrollment), _resource_of(request)
    form = ReferralForm(
        request.POST or None,
        instance=ServiceReferral(enrollment=enrollment),
        staff=request.staff,
        enrollment=enrollment,
        initial={"need": need, "consent": request.GET.get("consent"), **_known(request, resource)},
    )
    if form.is_valid():
        try:
            referral = form.save(commit=False)
            referral.put(
                by=request.staff,
                all_the_same=form.cleaned_data.get("all_the_same", False),
                **form.sharing(),
            )
            return done(
                request, "serviceplans:referral-detail", pk=referral.pk, message=_("The service is added.")
            )
        except AlreadyServed as refused:
            form.warn(refused)
        except DirectiveStands as refused:
            form.respect(refused)
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/referral_form.html",
        banner=strip,
        need=need,
        resource=resource,
        said=_agreements(request, enrollment),
        ask_url=_ask_url(enrollment, resource, request.get_full_path()),
        title=_("Service of others"),
        submit=_("Add the service"),
        cancel_url=_service_page(request, enrollment),
    )


def _resource_of(request):
    """The service of the directory that the address names; None where there is none, or it is no longer offered."""
    return picked(request, Resource.objects.visible_to(request.staff).open(), "resource")


def _known(request, resource):
    """What the directory knows, so that nobody types it."""
    if resource is None:
        return {}
    contacts = ResourceContact.objects.visible_to(request.staff).in_use().filter(resource=resource)
    contact = contacts.first()
    phone = resource.phones[0]["number"] if resource.phones else ""
    return {
        "resource": resource,
        "service": resource.name[:150],
        "provider": (resource.organization or resource.name)[:150],
        "contact": str(contact)[:150] if contact else "",
        "phone": ((contact.phone if contact else "") or phone)[:40],
    }


@page("plan.write", records=True)
def referral_edit(request, pk):
    """What is written down about a service of others; how far it is, is told by its steps."""
    referral = fetch(request, ServiceReferral, pk, "enrollment__client", "enrollment__program")
    enrollment = referral.enrollment
    strip = strip_of(request, enrollment)
    form = ReferralForm(request.POST or None, instance=referral, staff=request.staff, enrollment=enrollment)
    check_version(form, referral)
    if form.is_valid():
        try:
            form.save(commit=False).put(by=request.staff, **form.sharing())
            return done(request, "serviceplans:referral-detail", pk=referral.pk, message=_("Saved."))
        except DirectiveStands as refused:
            form.respect(refused)
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request,
        form,
        "serviceplans/referral_form.html",
        banner=strip,
        told=_told(request, referral),
        said=_agreements(request, enrollment),
        ask_url=_ask_url(enrollment),
        title=_("Service of others"),
        cancel_url=reverse("serviceplans:referral-detail", kwargs={"pk": referral.pk}),
    )


def _ask_url(enrollment, resource=None, back=""):
    """Where to ask for a consent that names this provider; from there it leads back here."""
    asks = {"kind": "disclosure"}
    if resource is not None:
        asks["to"] = resource.organization or resource.name
    if back:
        asks["next"] = back
    return reverse("clients:consent-give", kwargs={"pk": enrollment.client_id}) + f"?{urlencode(asks)}"


def _told(request, referral):
    """What the provider was told, and whether the consent for it still holds (REQ-132)."""
    row = (
        Disclosure.objects.visible_to(request.staff)
        .filter(pk=referral.disclosure_id)
        .select_related("consent")
        .first()
    )
    if row is None:
        return None
    return {"row": row, "ended": row.consent.why_ended() if row.consent else ""}


def _agreements(request, enrollment):
    """Consents to share that hold no longer, newest first: nobody takes one of them for granted."""
    rows = Consent.objects.visible_to(request.staff).filter(client=enrollment.client_id).exclude(recipient="")
    rows = rows.select_related("client__agency").order_by("-given_on", "-pk")
    return [{"consent": row, "ended": row.why_ended()} for row in rows if not row.is_in_force()][:5]


def _service_page(request, enrollment):
    """Where the services are shown: with the newest plan, or on the person's page while there is none."""
    plan = ServicePlan.objects.visible_to(request.staff).filter(enrollment=enrollment).first()
    if plan is None:
        return reverse("workspace:client", kwargs={"pk": enrollment.client_id})
    return back_to(plan, "services")

"""The directory of community services: find one, read it, keep it right."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page
from casemgmt.resources.finding import LAST_PAGE, find
from casemgmt.resources.forms import ContactForm, PlaceForm, ResourceForm, SearchForm, TipForm
from casemgmt.resources.models import Resource, ResourceContact, ResourcePlace, ResourceTip, ResourceWord
from casemgmt.resources.needs import Need, Population
from casemgmt.resources.rows import dial, labels, service_rows

# More than these would make the list longer than the page.
MOST_SUGGESTED = 300
RESOURCE_FORM = "resources/resource_form.html"


@page("resource.view", methods=("GET", "HEAD"))
def resource_list(request):
    """All services, or those that are looked for."""
    staff = request.staff
    asks = SearchForm(
        request.GET,
        categories=_suggested(staff, ResourceWord.Kind.CATEGORY),
        languages=_suggested(staff, ResourceWord.Kind.LANGUAGE),
    )
    number = request.GET.get("page", "")
    number = min(max(int(number), 1), LAST_PAGE) if number.isdecimal() and len(number) < 9 else 1
    found = find(staff, asks, number)
    rows = service_rows(staff, found.rows)
    pager = {}
    if found.more and number < LAST_PAGE:
        pager["next_url"] = _to_page(request, number + 1)
    if number > 1:
        pager["previous_url"] = _to_page(request, number - 1)
    return render(
        request,
        "resources/resource_list.html",
        {
            "asks": asks,
            "filters": [asks[name] for name in ("need", "made_for", "place", "language", "category")],
            "rows": rows,
            "instead": " ".join(found.instead),
            "page": pager,
        },
    )


def _suggested(staff, kind):
    """The known names of this kind, where they are few enough to choose from."""
    names = list(ResourceWord.objects.visible_to(staff).of(kind)[: MOST_SUGGESTED + 1])
    return names if len(names) <= MOST_SUGGESTED else []


def _to_page(request, number):
    query = request.GET.copy()
    query["page"] = number
    return f"?{query.urlencode()}"


@page("resource.view", methods=("GET", "HEAD"))
def resource_detail(request, pk):
    """One service: what, for whom, how, where, whom to ask, and what colleagues found out."""
    staff = request.staff
    service = Resource.objects.visible_to(staff).select_related("verified_by").fetch(pk)
    hangs_on = {"resource": service}
    return render(
        request,
        "resources/resource_detail.html",
        {
            "service": service,
            "needs": [(code, Need(code).label) for code in service.needs if code in Need.values],
            "made_for": labels(Population, service.populations),
            "phones": [{"call": dial(p["number"]), **p} for p in service.phones],
            "places": ResourcePlace.objects.visible_to(staff).in_use().filter(**hangs_on),
            "contacts": ResourceContact.objects.visible_to(staff).in_use().filter(**hangs_on),
            "tips": ResourceTip.objects.visible_to(staff).in_use().filter(**hangs_on).select_related("by"),
            "may_write": staff.may("resource.write"),
            "hides_address": service.is_confidential and not staff.may("resource.confidential"),
        },
    )


def _own(request, model, pk):
    """The row to write: locked on POST."""
    rows = model.objects.visible_to(request.staff)
    return (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)


def _to(service_pk):
    return reverse("resources:resource-detail", kwargs={"pk": service_pk})


@page("resource.write")
def resource_create(request):
    """Write down a service that one came to know."""
    form = ResourceForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        service = form.save(commit=False)
        service.confirm(by=request.staff)
        return done(
            request,
            "resources:resource-detail",
            pk=service.pk,
            message=_("Written down. Now add where it is."),
        )
    return form_page(
        request,
        form,
        RESOURCE_FORM,
        title=_("New service"),
        cancel_url=reverse("resources:resource-list"),
        back_label=_("Resources"),
    )


@page("resource.write")
def resource_edit(request, pk):
    """Mend what the directory says."""
    service = _own(request, Resource, pk)
    form = ResourceForm(request.POST or None, instance=service, staff=request.staff)
    return _edit(request, form, service, service.pk, RESOURCE_FORM, title=service.name)


def _edit(request, form, row, service_pk, template="form_page.html", *, title):
    """Save what was changed, or show the form."""
    if form.is_bound:
        check_version(form, row)
        if form.is_valid():
            form.save()
            return done(request, "resources:resource-detail", pk=service_pk, message=_("Saved."))
    return form_page(request, form, template, title=title, cancel_url=_to(service_pk))


@page("resource.write", methods=("POST",))
def resource_confirm(request, pk):
    """Still correct: one tap (REQ-165)."""
    service = _own(request, Resource, pk)
    form = ConfirmForm(request.POST, staff=request.staff)
    if form.is_valid():
        try:
            service.confirm(by=request.staff)
            return done(request, "resources:resource-detail", pk=pk, message=_("Verified today. Thank you."))
        except Refused as refused:
            form.refuse(refused)
    return form_page(request, form, title=service.name, submit=_("Still correct"), cancel_url=_to(pk))


@page("resource.write")
def place_create(request, pk):
    """Where else it is offered."""
    return _add(request, pk, PlaceForm, title=_("Where it is"))


@page("resource.write")
def contact_create(request, pk):
    """A person to ask for."""
    return _add(request, pk, ContactForm, title=_("Person to ask for"))


@page("resource.write")
def tip_create(request, pk):
    """Tell colleagues what one found out."""
    return _add(request, pk, TipForm, title=_("A tip for colleagues"), by=request.staff)


def _add(request, pk, form_class, *, title, **facts):
    """A new row that hangs on a service."""
    service = Resource.objects.visible_to(request.staff).fetch(pk)
    form = form_class(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        row = form.save(commit=False)
        row.resource = service
        for name, value in facts.items():
            setattr(row, name, value)
        row.save()
        return done(request, "resources:resource-detail", pk=pk, message=_("Saved."))
    return form_page(request, form, title=title, intro=service.name, cancel_url=_to(pk))


@page("resource.write")
def place_edit(request, pk):
    """Mend where it is, or say that it is there no longer."""
    place = _own(request, ResourcePlace, pk)
    form = PlaceForm(request.POST or None, instance=place, staff=request.staff)
    return _edit(request, form, place, place.resource_id, title=_("Where it is"))


@page("resource.write")
def contact_edit(request, pk):
    """Mend whom to ask for, or say that they left."""
    contact = _own(request, ResourceContact, pk)
    form = ContactForm(request.POST or None, instance=contact, staff=request.staff)
    return _edit(request, form, contact, contact.resource_id, title=_("Person to ask for"))


@page("resource.write", methods=("POST",))
def tip_end(request, pk):
    """A tip is no longer true."""
    tip = _own(request, ResourceTip, pk)
    form = ConfirmForm(request.POST, staff=request.staff)
    if form.is_valid():
        try:
            tip.end()
            return done(
                request, "resources:resource-detail", pk=tip.resource_id, message=_("The tip is gone.")
            )
        except Refused as refused:
            form.refuse(refused)
    return form_page(
        request, form, title=_("Tip"), submit=_("No longer true"), cancel_url=_to(tip.resource_id)
    )

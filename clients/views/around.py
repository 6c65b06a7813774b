"""Who and what is around a person: the page of all of it, and the few pages on which it is written."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page, show
from clients import rows
from clients.banner import banner
from clients.forms.around import KINDS, ConflictForm, HouseholdForm, LiftForm, RestrictForm
from clients.models import (
    Alert,
    Benefit,
    Client,
    ConflictOfInterest,
    HouseholdMember,
    Identifier,
    LegalRepresentative,
    LivingArrangement,
    OtherName,
    OtherWorker,
    RelatedPerson,
    RestrictedTo,
)

READ = ("GET", "HEAD")
CANDIDATES = 25


def _client(request, pk):
    """The person, locked where something is written."""
    people = Client.objects.visible_to(request.staff)
    return (people.select_for_update(of=("self",)) if request.method == "POST" else people).fetch(pk)


def _about(pk, section=""):
    url = reverse("clients:client-about", kwargs={"pk": pk})
    return f"{url}#{section}" if section else url


@page("client.view", records=True, methods=READ)
def client_about(request, pk):
    """Everything that is around a person, section by section; what is over stays readable."""
    staff, at = request.staff, timezone.localdate()
    client = Client.objects.visible_to(staff).fetch(pk)
    strip = banner(request, client)
    homes = list(HouseholdMember.objects.visible_to(staff).filter(client=client))
    together = (
        HouseholdMember.objects.visible_to(staff)
        .filter(household__in=[row.household_id for row in homes])
        .exclude(client=client)
        .select_related("client")
        .order_by("ended_on", "started_on", "pk")
    )
    together = list(together)
    show(request, {row.client_id for row in together})
    conflicts = ConflictOfInterest.objects.visible_to(staff).filter(client=client).in_force(at)
    named = RestrictedTo.objects.visible_to(staff).filter(client=client)
    section = lambda model: rows.section(model, staff, client, at)  # noqa: E731 (said seven times below)
    context = {
        "banner": strip,
        "client": client,
        "shows_address": client.shows_address_to(staff, in_emergency=strip["emergency_until"] is not None),
        "numbers": list(Identifier.objects.visible_to(staff).filter(client=client).order_by("kind", "pk")),
        "names": section(OtherName),
        "left": [section(m) for m in (Alert, RelatedPerson, LegalRepresentative, OtherWorker)],
        "right": [
            section(LivingArrangement),
            rows.household(homes, together, client, at),
            section(Benefit),
        ],
        "restricted_to": list(named.select_related("staff").order_by("staff__name")),
        "conflicts": list(conflicts.select_related("staff")),
    }
    return render(request, "clients/client_about.html", context)


# --- One pair of pages for ten kinds of row ---


def _form_of(kind):
    if kind not in KINDS:
        raise Http404
    return KINDS[kind]


def _row_of(request, client, model, row):
    """The row, if it is this person's; else it is as if it were not there."""
    kept = model.objects.visible_to(request.staff).filter(client=client, pk=row)
    found = (kept.select_for_update(of=("self",)) if request.method == "POST" else kept).first()
    if found is None:
        raise Http404
    return found


@page("client.edit", records=True)
def around_add(request, pk, kind):
    """Write down one more of a kind."""
    form_class = _form_of(kind)
    if form_class.Meta.model is HouseholdMember:
        raise Http404  # begun on a page of its own
    client = _client(request, pk)
    return _around_page(request, client, form_class, form_class.Meta.model(client=client))


@page("client.edit", records=True)
def around_edit(request, pk, kind, row):
    """Mend a row, or say since when it is over."""
    form_class = _form_of(kind)
    client = _client(request, pk)
    return _around_page(request, client, form_class, _row_of(request, client, form_class.Meta.model, row))


def _around_page(request, client, form_class, row):
    is_new = row.pk is None
    strip = banner(request, client)
    form = form_class(request.POST or None, instance=row, staff=request.staff)
    if form.is_bound:
        if not is_new:
            check_version(form, row)
        if form.is_valid():
            form.save()
            return done(request, _place(client.pk, form), message=_("Saved."))
    return form_page(
        request,
        form,
        banner=strip,
        title=form.new if is_new else form.change,
        cancel_url=_place(client.pk, form),
    )


def _place(pk, form):
    """Where the row stands."""
    return f"{reverse(form.page, kwargs={'pk': pk})}#{form.section}"


@page("client.edit", records=True)
def household_join(request, pk):
    """Say with whom of the people one sees somebody lives; a search where they are many."""
    client = _client(request, pk)
    strip = banner(request, client)
    words = request.GET.get("q", "").strip()[:100]
    members = HouseholdMember.objects.visible_to(request.staff).now()
    # The keys are fetched first: one question in another in a third is too deep for SQLite.
    homes = list(members.filter(client=client).values_list("household", flat=True))
    together = list(members.filter(household__in=homes).values_list("client", flat=True))
    people = Client.objects.visible_to(request.staff).exclude(pk__in=[pk, *together])
    people = people.search(words) if words else people
    found = list(people.order_by("name_key", "pk")[: CANDIDATES + 1])
    candidates = found if len(found) <= CANDIDATES else []
    show(request, candidates)
    form = HouseholdForm(request.POST or None, staff=request.staff, candidates=candidates)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            HouseholdMember.live_together(
                client, said["other"], relation=said["relation"], on=said["started_on"]
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, _about(pk, "household"), message=_("Saved."))
    return form_page(
        request,
        form,
        "clients/household_join.html",
        banner=strip,
        words=words,
        candidates=candidates,
        too_many=len(found) > CANDIDATES,
        title=_("Who lives with them"),
        cancel_url=_about(pk, "household"),
    )


@page("client.edit", records=True, methods=("POST",))
def number_show(request, pk, row):
    """An identity number in full: on purpose, once, and logged under this page's own name."""
    client = Client.objects.visible_to(request.staff).fetch(pk)
    found = _row_of(request, client, Identifier, row)
    form = ConfirmForm(request.POST, staff=request.staff)
    strip = banner(request, client)
    if not form.is_valid():
        return done(request, _about(pk, "numbers"))
    return render(
        request,
        "clients/number_show.html",
        {"banner": strip, "row": found, "back_url": _about(pk, "numbers")},
    )


# --- Who does not see the record ---


@page("record.restrict", records=True)
def client_restrict(request, pk):
    """Only named colleagues see the record from now on."""
    client = _client(request, pk)
    strip = banner(request, client)
    named = [
        row.staff
        for row in RestrictedTo.objects.visible_to(request.staff)
        .filter(client=client)
        .select_related("staff")
    ]
    form = RestrictForm(request.POST or None, staff=request.staff, named=named or [request.staff])
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            client.restrict(
                said["colleagues"], by=request.staff, because_of=said["because_of"], reason=said["reason"]
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            message = _("The record is restricted.")
            if said["because_of"] == request.staff:
                return done(request, "clients:client-list", message=message)
            return done(request, _about(pk, "who-sees"), message=message)
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Restrict the record"),
        intro=worded(_("Only who is ticked sees it, with you and the accountable {worker}.")),
        submit=_("Restrict"),
        cancel_url=_about(pk, "who-sees"),
    )


@page("record.restrict", records=True)
def client_unrestrict(request, pk):
    """The record is seen as any other again."""
    client = _client(request, pk)
    strip = banner(request, client)
    form = LiftForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        client.lift_restriction(reason=form.cleaned_data["reason"])
        return done(request, _about(pk, "who-sees"), message=_("The restriction is lifted."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Lift the restriction"),
        intro=_("Everybody whose work it is sees the record again."),
        submit=_("Lift"),
        cancel_url=_about(pk, "who-sees"),
    )


@page("client.view", records=True)
def client_conflict(request, pk):
    """Say that one knows the person privately; then one does not see the record any more."""
    client = _client(request, pk)
    strip = banner(request, client)
    form = ConflictForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        whom = form.cleaned_data.get("colleague") or request.staff
        try:
            ConflictOfInterest.declare(client, whom)
        except Refused as refused:
            form.refuse(refused)
        else:
            message = _("Written down: %(name)s does not see the record any more.") % {"name": whom.name}
            if whom == request.staff:
                return done(request, "clients:client-list", message=message)
            return done(request, _about(pk, "who-sees"), message=message)
    return form_page(
        request,
        form,
        "clients/conflict.html",
        banner=strip,
        title=_("Conflict of interest"),
        submit=_("Hide the record"),
        danger=True,
        cancel_url=_about(pk, "who-sees"),
    )


@page("record.restrict", records=True)
def conflict_end(request, pk, row):
    """A conflict of interest no longer holds."""
    client = Client.objects.visible_to(request.staff).fetch(pk)
    conflict = _row_of(request, client, ConflictOfInterest, row)
    strip = banner(request, client)
    form = LiftForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        try:
            conflict.end(reason=form.cleaned_data["reason"])
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, _about(pk, "who-sees"), message=_("It has ended."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("End the conflict of interest"),
        intro=conflict.staff.name,
        submit=_("End it"),
        cancel_url=_about(pk, "who-sees"),
    )

"""Pages about a person: the list, what we know of them, aftercare."""

from django.contrib import messages
from django.db.models import OuterRef, Subquery
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page, show
from clients import names
from clients.banner import banner, born
from clients.forms.people import ClientForm, FollowUpForm
from clients.models import (
    AftercareFollowUp,
    Client,
    Enrollment,
)

PAGE = 25
FEW = 5  # so few hits may not be whom somebody meant: names near to theirs are shown as well


@page("client.view", records=True, methods=("GET", "HEAD"))
def client_list(request):
    """Everybody one may see, by name; a search narrows it."""
    words = request.GET.get("q", "").strip()[:100]
    after = request.GET.get("after", "")[:410]
    newest = (
        Enrollment.objects.visible_to(request.staff)
        .filter(client=OuterRef("pk"))
        .order_by("-enrolled_on", "-pk")
    )
    everybody = Client.objects.visible_to(request.staff).annotate(
        stage=Subquery(newest.values("stage")[:1]),
        program_name=Subquery(newest.values("program__name")[:1]),
    )
    people = everybody.search(words) if words else everybody
    key, _sep, last = after.rpartition("|")
    if last.isdecimal():
        people = people.after(names.fold(key), int(last))
    rows = list(people.order_by("name_key", "pk")[: PAGE + 1])
    more, rows = len(rows) > PAGE, rows[:PAGE]
    near = []
    if words and not after and len(rows) < FEW:
        near = [c for c in everybody.near(words, PAGE) if c not in rows]
    show(request, rows + near)
    pager = {}
    if more:
        query = request.GET.copy()
        query["after"] = f"{rows[-1].name_key}|{rows[-1].pk}"
        pager["next_url"] = f"?{query.urlencode()}"
    if after:
        pager["previous_url"] = reverse("clients:client-list")
    context = {"people": _listed(rows), "near": _listed(near), "words": words, "page": pager}
    return render(request, "clients/client_list.html", context)


def _listed(rows):
    stages = dict(Enrollment._meta.get_field("stage").choices)
    return [
        {
            "url": reverse("workspace:client", kwargs={"pk": c.pk}),
            "safety_url": reverse("clients:safety", kwargs={"pk": c.pk}),
            "name": c.name,
            "born": born(c),
            "number": c.number,
            "program": c.program_name or "",
            "stage": stages.get(c.stage, ""),
        }
        for c in rows
    ]


@page("client.edit", records=True)
def client_edit(request, pk):
    """Mend what we know about a person."""
    people = Client.objects.visible_to(request.staff)
    client = (people.select_for_update(of=("self",)) if request.method == "POST" else people).fetch(pk)
    strip = banner(request, client)
    form = ClientForm(
        request.POST or None,
        instance=client,
        staff=request.staff,
        in_emergency=strip["emergency_until"] is not None,
    )
    if form.is_bound:
        check_version(form, client)
        if form.is_valid():
            form.save()
            return done(request, "clients:client-about", pk=pk, message=_("Saved."))
    return form_page(
        request,
        form,
        "clients/client_form.html",
        banner=strip,
        title=worded(_("About this {client}")),
        cancel_url=reverse("clients:client-about", kwargs={"pk": pk}),
    )


@page("discharge.write", records=True)
def follow_up(request, pk):
    """Aftercare: ask how the person is and whether the lifelines hold."""
    rows = AftercareFollowUp.objects.visible_to(request.staff).select_related("discharge__enrollment__client")
    follow = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    enrollment = follow.discharge.enrollment
    strip = banner(request, enrollment.client, enrollment)
    if follow.done_on and request.method != "POST":
        message = _("This follow-up is done already.")
        return done(request, "workspace:client", pk=enrollment.client_id, message=message)
    form = FollowUpForm(request.POST or None, instance=follow, staff=request.staff)
    if form.is_bound:
        check_version(form, follow)
        if form.is_valid():
            try:
                follow.complete(by=request.staff, **{n: form.cleaned_data[n] for n in ("outcome", "note")})
            except Refused as refused:
                form.refuse(refused)
            else:
                own = Client.objects.visible_to(request.staff).filter(pk=enrollment.client_id)
                if follow.outcome == follow.Outcome.RETURNS and own.exists():
                    messages.success(request, _("Aftercare is written down. Begin the new intake here."))
                    return redirect(f"{reverse('clients:intake-create')}?client={enrollment.client_id}")
                return done(
                    request,
                    "workspace:client",
                    pk=enrollment.client_id,
                    message=_("Aftercare is written down."),
                )
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Aftercare follow-up"),
        intro=_("Due on %(day)s.") % {"day": follow.due_on},
        submit=_("Save follow-up"),
        cancel_url=strip["url"],
    )

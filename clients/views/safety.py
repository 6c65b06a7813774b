"""What to do in a crisis: the safety plan, whom to call, and what the law and the person have laid down."""

import re

from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models.agency import phone_shape
from casemgmt.agencies.words import worded
from casemgmt.core.views import StaleVersion, check_version, done, form_page, page
from clients.banner import banner
from clients.forms.documents import SafetyPlanForm
from clients.models import (
    Alert,
    Client,
    LegalPaper,
    LegalRepresentative,
    OtherWorker,
    RelatedPerson,
    SafetyPlan,
)
from clients.rows import crises_now

READ = ("GET", "HEAD")


@page("client.view", records=True, methods=READ)
def safety(request, pk):
    """Everything for a crisis on one page, one tap from every page about the person."""
    client = Client.objects.visible_to(request.staff).fetch(pk)
    return render(request, "clients/safety.html", _crisis_view(request, client))


@page("client.view", records=True, methods=READ)
def safety_print(request, pk):
    """The safety plan as the person takes it along: large type, their words, whom to call."""
    client = Client.objects.visible_to(request.staff).fetch(pk)
    return render(request, "clients/safety_print.html", _crisis_view(request, client))


def _crisis_view(request, client):
    staff = request.staff
    mine = lambda model: model.objects.visible_to(staff).filter(client=client)  # noqa: E731 (said seven times below)
    plans = list(mine(SafetyPlan).current())
    people = list(mine(RelatedPerson).now())
    crisis_line = staff.agency.crisis_line
    is_number = bool(re.fullmatch(phone_shape.regex, crisis_line))
    return {
        "client": client,
        "banner": banner(request, client),
        "crises": crises_now(staff, client),
        "plan": plans[0] if plans else None,
        "steps": _steps(plans[0]) if plans else [],
        "older": [{"plan": plan, "steps": _steps(plan)} for plan in plans[1:]],
        "is_due": bool(plans and plans[0].review_on and plans[0].review_on <= timezone.localdate()),
        "crisis_phone": crisis_line if is_number else "",
        "crisis_words": "" if is_number else crisis_line,
        "alerts": list(mine(Alert).shown()),
        "to_call": [p for p in people if p.is_emergency_contact],
        "supports": [p for p in people if p.is_support and not p.is_emergency_contact],
        "representatives": list(mine(LegalRepresentative).now()),
        "others": list(mine(OtherWorker).now()),
        "papers": list(mine(LegalPaper).now().select_related("document")),
    }


def _steps(plan):
    """The steps that somebody has written, in the order in which they help."""
    for name in SafetyPlan.SECTIONS:
        if text := getattr(plan, name):
            yield {"label": SafetyPlan._meta.get_field(name).verbose_name, "text": text}


@page("client.edit", records=True)
def safety_edit(request, pk):
    """Write the safety plan together, or look at it again; what it said before stays in the history."""
    people = Client.objects.visible_to(request.staff)
    # Two who begin a plan at the same time wait for each other at the person.
    client = (people.select_for_update(of=("self",)) if request.method == "POST" else people).fetch(pk)
    plan = SafetyPlan.objects.visible_to(request.staff).filter(client=client).current().first()
    strip = banner(request, client)
    form = SafetyPlanForm(
        request.POST or None, instance=plan or SafetyPlan(client=client), staff=request.staff
    )
    if form.is_bound:
        if plan is not None:
            if not form.data.get("version"):
                raise StaleVersion(form)  # begun in another tab, and written there meanwhile
            check_version(form, plan)
        if form.is_valid():
            row = form.save(commit=False)
            row.written_on = timezone.localdate()
            row.save()
            return done(request, "clients:safety", pk=pk, message=_("The safety plan is saved."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Safety plan"),
        intro=worded(_("In the {client}’s own words. Leave empty what does not fit.")),
        submit=_("Save safety plan"),
        plain=True,
        cancel_url=reverse("clients:safety", kwargs={"pk": pk}),
    )

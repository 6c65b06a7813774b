"""What the pages of the plan share: rows with their people, and ways back."""

from django.contrib import messages
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.models import Need
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import done
from clients.banner import banner
from clients.models import Enrollment
from serviceplans.models import (
    DischargeCriterion,
    Goal,
    Objective,
    PlanAction,
    ServicePlan,
)

# Where each kind of lack is mended.
MENDED_AT = {
    "plan": "serviceplans:plan-edit",
    "goals": "serviceplans:goal-create",
    "goal": "serviceplans:goal-edit",
    "agreement": "serviceplans:goal-edit",
    "steps": "serviceplans:objective-create",
    "objective": "serviceplans:objective-edit",
    "action": "serviceplans:action-create",
}


def fetch(request, model, pk, *related):
    """The row with its people in one query, locked when it is about to be written."""
    rows = model.objects.visible_to(request.staff).select_related(*related)
    if request.method == "POST":
        rows = rows.select_for_update(of=("self",))
    return rows.fetch(pk)


def enrollment_of(request, pk):
    return fetch(request, Enrollment, pk, "client", "program")


def plan_of(request, pk):
    return fetch(request, ServicePlan, pk, "enrollment__client", "enrollment__program", "by")


def goal_of(request, pk):
    return fetch(request, Goal, pk, "plan__enrollment__client", "plan__enrollment__program")


def objective_of(request, pk):
    return fetch(request, Objective, pk, "goal__plan__enrollment__client")


def action_of(request, pk):
    return fetch(request, PlanAction, pk, "objective__goal__plan__enrollment__client")


def criterion_of(request, pk):
    return fetch(request, DischargeCriterion, pk, "plan__enrollment__client", "plan__enrollment__program")


def strip_of(request, enrollment):
    return banner(request, enrollment.client, enrollment)


def open_needs(request, enrollment):
    return Need.objects.visible_to(request.staff).filter(enrollment=enrollment).open()


def back_to(plan, anchor=""):
    url = reverse("serviceplans:plan-detail", kwargs={"pk": plan.pk})
    return f"{url}#{anchor}" if anchor else url


def check_url(plan):
    """Where what is typed about an objective of this plan is looked at."""
    return reverse("serviceplans:objective-check", kwargs={"pk": plan.pk})


def pressed(request):
    """Whether a button without fields was pressed on a page of ours; else says so."""
    if ConfirmForm(request.POST, staff=request.staff).is_valid():
        return True
    messages.error(request, _("That did not arrive as it should. Please press the button again."))
    return False


def mendable(plan, lacks):
    """Each lack with the address where it is mended."""
    return [
        {
            "text": lack.text,
            "url": reverse(MENDED_AT[lack.kind], kwargs={"pk": lack.pk})
            if lack.kind in MENDED_AT
            else back_to(plan, lack.anchor),
        }
        for lack in lacks
    ]


def removed(request, row, plan, title, text):
    """Ask once, then take a part out of a draft."""
    strip = strip_of(request, plan.enrollment)
    sentences = []
    if request.method == "POST" and pressed(request):
        try:
            row.remove()
            return done(request, back_to(plan), message=_("Removed."))
        except Refused as refused:
            sentences = refused.sentences
    return render(
        request,
        "serviceplans/remove.html",
        {
            "banner": strip,
            "title": title,
            "what": str(row),
            "text": text,
            "sentences": sentences,
            "cancel_url": back_to(plan),
        },
        status=422 if request.method == "POST" else 200,
    )


def said_in(form):
    """What was filled in, without the technical fields."""
    return {name: value for name, value in form.cleaned_data.items() if name not in ("submit_key", "version")}


def version_of(plan):
    """Which plan it is and where it stands, in words and in a colour."""
    if not plan.is_locked:
        look = (_("Draft"), "warn", "pencil")
    elif plan.is_waiting:
        look = (_("Waits for signatures"), "info", "clock")
    elif plan.is_in_force:
        look = (_("In force"), "ok", "check")
    elif plan.ended_on:
        look = (_("Replaced"), "muted", "clock-history")
    else:
        look = (_("Signed, starts later"), "info", "calendar-event")
    return {"plan": plan, "state": look[0], "kind": look[1], "icon": look[2]}

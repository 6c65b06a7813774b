"""The one dated decision, the waitlist, and the dated steps that follow an acceptance."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import EligibilityCriterion, Program
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page, show
from clients.banner import banner
from clients.forms.decision import DecisionForm
from clients.forms.reaching import ContactedForm
from clients.models import (
    EligibilityDecision,
    Enrollment,
    IncomingReferral,
    Intake,
    Milestone,
    OutreachContact,
)

FIRST = {IncomingReferral.Urgency.URGENT: 0, IncomingReferral.Urgency.SOON: 1}


@page("intake.decide", records=True)
def intake_decide(request, pk):
    """Accept, waitlist, refer out or decline; `look` shows another program's questions or a search, and no more."""
    staff = request.staff
    intake = Intake.objects.visible_to(staff).select_related("client", "program").fetch(pk)
    strip = banner(request, intake.client)
    if intake.closed_on and request.method != "POST":
        return done(
            request, "clients:intake-detail", pk=pk, message=_("This intake has its decision already.")
        )
    questions = list(EligibilityCriterion.objects.visible_to(staff).asked())
    wanted = request.GET.get("program", "")
    initial = {"program": int(wanted) if wanted.isdecimal() and len(wanted) < 19 else intake.program_id}
    initial["program"] = initial["program"] or None
    form = DecisionForm(request.POST or None, staff=staff, questions=questions, initial=initial)
    context = {
        "banner": strip,
        "intake": intake,
        "lacks": list(intake.lacks()),
        "no_program": not Program.objects.visible_to(staff).open().exists(),
        "title": _("Decision"),
        "submit": _("Record decision"),
        "cancel_url": reverse("clients:intake-detail", kwargs={"pk": pk}),
    }
    if "look" in request.POST:
        # Nothing was sent to be decided: show the form as it was filled in, without complaints.
        form.errors.clear()
        return render(request, "clients/intake_decide.html", {"form": form, **context})
    if form.is_bound and form.is_valid():
        try:
            decision = intake.decide(form.cleaned_data["outcome"], by=staff, **form.decision())
        except Refused as refused:
            form.refuse(refused)
        else:
            return _decided(request, intake, decision)
    return form_page(request, form, "clients/intake_decide.html", **context)


def _decided(request, intake, decision):
    """To the person where they are enrolled and one's own, else to where the decision shows."""
    if decision.enrollment_id:
        own = Enrollment.objects.visible_to(request.staff).filter(pk=decision.enrollment_id)
        message = _("Accepted and enrolled in %(program)s.") % {"program": decision.program}
        if own.exists():
            return done(request, "workspace:client", pk=intake.client_id, message=message)
        return done(request, "clients:intake-list", message=message)
    if decision.outcome == EligibilityDecision.Outcome.WAITLIST:
        return done(request, "clients:waitlist", message=_("They are on the waitlist."))
    return done(request, "clients:intake-list", message=_("The decision is written down."))


@page("intake.record", records=True, methods=("GET", "HEAD"))
def waitlist(request):
    """Who waits for a place: by priority, then by how long they have waited."""
    staff, today = request.staff, timezone.localdate()
    rows = list(
        EligibilityDecision.objects.visible_to(staff)
        .waiting()
        .select_related("intake__client", "intake__referral", "intake__assigned_to", "program")
    )
    people = {row.intake.client_id for row in rows}
    show(request, people)
    contacts, since = {}, _on_the_list_since(staff, rows)
    tries = OutreachContact.objects.visible_to(staff).filter(client__in=people).order_by("tried_at", "pk")
    for contact in tries:
        contacts[contact.client_id] = contact
    programs = {}
    for row in rows:
        row.client, row.since = row.intake.client, since[row.intake_id]
        row.days = (today - row.since).days
        row.last = contacts.get(row.client.pk)
        row.is_overdue = row.expected_on is not None and row.expected_on < today
        programs.setdefault(row.program, []).append(row)
    lists = [
        {"program": program, "rows": sorted(group, key=lambda r: (FIRST.get(r.priority, 2), r.since, r.pk))}
        for program, group in sorted(programs.items(), key=lambda item: str(item[0]))
    ]
    return render(request, "clients/waitlist.html", {"lists": lists, "count": len(rows), "today": today})


def _on_the_list_since(staff, rows):
    """The first day on which each intake was put on the list: to be decided again does not send anybody back."""
    first = {}
    decided = EligibilityDecision.objects.visible_to(staff).filter(
        intake__in=[row.intake_id for row in rows], outcome=EligibilityDecision.Outcome.WAITLIST
    )
    for intake, day in decided.values_list("intake", "decided_on"):
        first[intake] = min(day, first.get(intake, day))
    return first


@page("intake.record", methods=("POST",))
def waitlist_contacted(request, pk):
    """One tap: somebody who waits was called."""
    decision = (
        EligibilityDecision.objects.visible_to(request.staff).select_related("intake__client").fetch(pk)
    )
    form, message = ContactedForm(request.POST, staff=request.staff), _("Choose what came of it.")
    if form.is_valid():
        try:
            OutreachContact.log(by=request.staff, decision=decision, outcome=form.cleaned_data["outcome"])
        except Refused as refused:
            message = str(refused)
        else:
            message = _("Written down for %(name)s.") % {"name": decision.intake.client}
    return done(request, "clients:waitlist", message=message)


@page("visit.log", methods=("POST",))
def milestone_done(request, pk):
    """One tap: a dated step of the program is done."""
    milestone = Milestone.objects.visible_to(request.staff).select_related("enrollment").fetch(pk)
    message = _("Done: %(step)s.") % {"step": milestone.title}
    if ConfirmForm(request.POST, staff=request.staff).is_valid():
        try:
            milestone.complete(by=request.staff)
        except Refused as refused:
            message = str(refused)
    if "today" in request.POST:
        return done(request, "workspace:today", message=message)
    url = reverse("workspace:client", kwargs={"pk": milestone.enrollment.client_id})
    return redirect(f"{url}?enrollment={milestone.enrollment_id}")

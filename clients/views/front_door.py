"""Pages of the front door: referrals, first meetings, decisions."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.core.views import check_version, done, form_page, page, show
from clients.banner import banner, born
from clients.forms.front_door import IntakeForm, NewIntakeForm, ReferralForm, Who
from clients.models import (
    Client,
    EligibilityDecision,
    IncomingReferral,
    Intake,
    OtherWorker,
    OutreachContact,
    RelatedPerson,
)

PAGE = 25


@page("intake.record", records=True, methods=("GET", "HEAD"))
def intake_list(request):
    """The front door: who was referred, whose intake is half-done, who is to be decided, whom to ask how it went."""
    staff, today = request.staff, timezone.localdate()
    waiting = list(EligibilityDecision.objects.visible_to(staff).waiting().values_list("intake", flat=True))
    referrals = list(
        IncomingReferral.objects.visible_to(staff)
        .open()
        .filter(intake=None)
        .select_related("client", "source", "assigned_to")
    )
    intakes = list(
        Intake.objects.visible_to(staff)
        .open()
        .exclude(pk__in=waiting)
        .select_related("client", "assigned_to")
    )
    to_ask = list(
        EligibilityDecision.objects.visible_to(staff)
        .to_follow_up()
        .select_related("intake__client")
        .order_by("follow_up_on", "pk")
    )
    show(request, {r.client_id for r in referrals + intakes} | {d.intake.client_id for d in to_ask})
    _count_tries(staff, referrals)
    urgency = {IncomingReferral.Urgency.URGENT: 0, IncomingReferral.Urgency.SOON: 1}
    referrals.sort(key=lambda r: (urgency.get(r.urgency, 2), r.received_on))
    for row in referrals:
        row.days = (today - row.received_on).days
    for row in intakes:
        row.days, row.missing = (today - row.started_on).days, list(row.lacks())
    context = {
        "referrals": referrals,
        "unfinished": [i for i in intakes if i.missing],
        "intakes": [i for i in intakes if not i.missing],
        "waiting": len(waiting),
        "to_ask": to_ask,
        "today": today,
    }
    return render(request, "clients/intake_list.html", context)


def _count_tries(staff, referrals):
    """How often each was tried in vain, and when to try again: by the latest try."""
    rows = OutreachContact.objects.visible_to(staff).filter(referral__in=[r.pk for r in referrals])
    tried = {}
    for row in rows.order_by("tried_at", "pk"):
        failed, _last = tried.get(row.referral_id, (0, None))
        tried[row.referral_id] = (failed + row.failed, row.next_on)
    for referral in referrals:
        referral.failed, referral.next_on = tried.get(referral.pk, (0, None))


@page("intake.record", records=True)
def referral_create(request):
    """Write down a referral as it comes in."""
    staff = request.staff
    form = ReferralForm(request.POST or None, staff=staff, initial=_known(request))
    show(request, [])
    if form.is_bound and form.is_valid():
        referral = form.save(commit=False)
        referral.client = form.person()
        referral.save()
        return done(
            request, "clients:referral-detail", pk=referral.pk, message=_("The referral is written down.")
        )
    show(request, form.offer())
    return form_page(
        request,
        form,
        "clients/referral_form.html",
        title=_("New referral"),
        submit=_("Save referral"),
        cancel_url=reverse("clients:intake-list"),
        matches=_recognise(staff, getattr(form, "matches", [])),
    )


def _to_own(request, model, row, name, message):
    """To the new row's page, or to the list when it now is a colleague's."""
    if model.objects.visible_to(request.staff).filter(pk=row.pk).exists():
        return done(request, name, pk=row.pk, message=message)
    return done(request, "clients:intake-list", message=message)


def _known(request):
    """What the address already says about the person; a key that is not one is nothing."""
    known = request.GET.get("client", "")
    return {"known_client": int(known)} if known.isdecimal() and len(known) < 19 else {}


def _recognise(staff, people):
    """Only what is needed to recognise a person (REQ-112); a colleague's record opens in an emergency alone."""
    own = set(
        Client.objects.visible_to(staff).filter(pk__in=[c.pk for c in people]).values_list("pk", flat=True)
    )
    return [
        {
            "name": c.name,
            "born": born(c),
            "number": c.number or c.pk,
            "is_own": c.pk in own,
            "url": reverse("workspace:client", kwargs={"pk": c.pk}),
            "score": c.match.score,
            "verdict": c.match.words,
            "reasons": "; ".join(c.match.reasons),
        }
        for c in people
    ]


@page("intake.record", records=True, methods=("POST",))
def client_matches(request):
    """While somebody types who it is: who may be known already, as a fragment of the page."""
    form = Who(request.POST)
    form.is_valid()  # what cannot be read yet is left out
    people = form.known_people(request.staff)
    show(request, people)
    context = {"matches": _recognise(request.staff, people), "looked": form.says_enough()}
    return render(request, "clients/_matches.html", context)


@page("intake.record", records=True)
def intake_create(request):
    """The first meeting: with somebody referred, somebody known, or somebody new, on one page."""
    staff, strip, referral, client = request.staff, None, None, None
    wanted = request.GET.get("referral", "")
    if wanted.isdecimal() and len(wanted) < 19:
        referral = IncomingReferral.objects.visible_to(staff).select_related("client").fetch(int(wanted))
        begun = Intake.objects.visible_to(staff).filter(referral=referral).first()
        if begun is not None:
            return redirect("clients:intake-detail", pk=begun.pk)
        client = referral.client
    elif known := _known(request):
        client = Client.objects.visible_to(staff).fetch(known["known_client"])
    initial = {}
    if referral is not None:
        initial = {"reason": referral.presenting_need or referral.reason, "program": referral.program_id}
        if referral.assigned_to_id:
            initial["assigned_to"] = referral.assigned_to_id
    if client is not None:
        known = _told_before(staff, client)
        initial |= known.pop("initial")
        form = IntakeForm(request.POST or None, staff=staff, initial=initial, client=client, known=known)
        strip = banner(request, client)
    else:
        form = NewIntakeForm(request.POST or None, staff=staff, initial=initial)
        show(request, [])
    if form.is_bound and form.is_valid():
        intake = form.save(commit=False)
        intake.client = client or form.person()
        intake.referral = referral
        intake.save()
        form.tell(intake.client)
        intake.pass_on()
        if referral is not None and not referral.closed_on:
            referral.close(IncomingReferral.Ending.MET)
        return _to_own(request, Intake, intake, "clients:intake-detail", _("The intake is saved."))
    if client is None:
        show(request, form.offer())
    return form_page(
        request,
        form,
        "clients/intake_form.html",
        banner=strip,
        title=_("New intake"),
        submit=_("Save intake"),
        second=_("Finish later"),
        crisis_line=staff.agency.crisis_line,
        cancel_url=reverse("clients:intake-list"),
        matches=_recognise(staff, getattr(form, "matches", [])),
    )


def _told_before(staff, client):
    """What the record says already, so that nobody asks again: words for three questions, and answers to start with."""
    people = RelatedPerson.objects.visible_to(staff).filter(client=client, is_support=True).now()
    workers = OtherWorker.objects.visible_to(staff).filter(client=client).now()
    last = Intake.objects.visible_to(staff).filter(client=client).order_by("-started_on", "-pk").first()
    return {
        "avoid": client.avoids,
        "helper": "; ".join(str(row) for row in people),
        "other_workers": "; ".join(str(row) for row in workers),
        "initial": {"dependants": last.dependants} if last is not None else {},
    }


@page("client.view", records=True, methods=("GET", "HEAD"))
def intake_detail(request, pk):
    """What was said at the first meeting, and what was decided."""
    intake = (
        Intake.objects.visible_to(request.staff)
        .select_related("client", "program", "assigned_to", "referral__source")
        .fetch(pk)
    )
    decisions = list(
        EligibilityDecision.objects.visible_to(request.staff)
        .filter(intake=intake)
        .select_related("program", "reason", "decided_by")
    )
    for decision in decisions:
        decision.offers = decision.offered.splitlines()
        if decision.outcome == EligibilityDecision.Outcome.WAITLIST:
            decision.rank = decision.get_priority_display() if decision.priority != "routine" else ""
    answers = [
        (
            Intake._meta.get_field(name).verbose_name,
            getattr(intake, f"get_{name}_display", lambda n=name: getattr(intake, n))(),
        )
        for name in (
            "reason",
            "safe_now",
            "safety_note",
            "first_help",
            "place_tonight",
            "food_today",
            "medication_low",
            "dependants",
            "helper",
            "other_workers",
            "avoid",
        )
    ]
    context = {
        "intake": intake,
        "answers": [(label, said) for label, said in answers if said],
        "decisions": decisions,
        "banner": banner(request, intake.client),
        "is_unsafe": intake.safe_now == Intake.Answer.NO,
        "crisis_line": request.staff.agency.crisis_line,
        "lacks": list(intake.lacks()),
        "unasked": list(intake.unasked()),
    }
    return render(request, "clients/intake_detail.html", context)


@page("intake.record", records=True)
def intake_edit(request, pk):
    """Go on with an intake that was saved incomplete."""
    rows = Intake.objects.visible_to(request.staff).select_related("client")
    intake = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    strip = banner(request, intake.client)
    if intake.closed_on:
        return done(
            request, "clients:intake-detail", pk=pk, message=_("This intake has its decision already.")
        )
    form = IntakeForm(request.POST or None, instance=intake, staff=request.staff, client=intake.client)
    if form.is_bound:
        check_version(form, intake)
        if form.is_valid():
            form.save()
            form.tell(intake.client)
            intake.pass_on()
            return done(request, "clients:intake-detail", pk=pk, message=_("Saved."))
    return form_page(
        request,
        form,
        "clients/intake_form.html",
        banner=strip,
        title=_("Intake"),
        submit=_("Save intake"),
        second=_("Finish later"),
        crisis_line=request.staff.agency.crisis_line,
        cancel_url=reverse("clients:intake-detail", kwargs={"pk": pk}),
    )

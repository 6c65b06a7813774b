"""Pages of the front door: referrals, first meetings, decisions."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.models import EligibilityCriterion
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page, show
from clients.banner import banner, born
from clients.forms.front_door import DecisionForm, IntakeForm, NewIntakeForm, ReferralForm
from clients.models import (
    Client,
    EligibilityDecision,
    Enrollment,
    IncomingReferral,
    Intake,
)

PAGE = 25


@page("intake.record", records=True, methods=("GET", "HEAD"))
def intake_list(request):
    """The front door: who was referred, who is being met, who waits, whom to ask how it went."""
    staff = request.staff
    referrals = (
        IncomingReferral.objects.visible_to(staff)
        .open()
        .filter(intake=None)
        .select_related("client", "source", "assigned_to")
    )
    intakes = Intake.objects.visible_to(staff).open().select_related("client", "program", "assigned_to")
    waiting = {
        d.intake_id: d
        for d in EligibilityDecision.objects.visible_to(staff).waiting().select_related("program")
    }
    to_ask = EligibilityDecision.objects.visible_to(staff).to_follow_up().select_related("intake__client")
    referrals, intakes, to_ask = list(referrals), list(intakes), list(to_ask.order_by("follow_up_on"))
    show(request, {r.client_id for r in referrals + intakes} | {d.intake.client_id for d in to_ask})
    today = timezone.localdate()
    urgency = {IncomingReferral.Urgency.URGENT: 0, IncomingReferral.Urgency.SOON: 1}
    referrals.sort(key=lambda r: (urgency.get(r.urgency, 2), r.received_on))
    for row in referrals:
        row.days = (today - row.received_on).days
    for row in intakes:
        row.waiting = waiting.get(row.pk)
        row.days = (today - (row.waiting.decided_on if row.waiting else row.started_on)).days
    return render(
        request,
        "clients/intake_list.html",
        {
            "referrals": referrals,
            "intakes": [i for i in intakes if not i.waiting],
            "waitlist": sorted((i for i in intakes if i.waiting), key=lambda i: -i.days),
            "to_ask": to_ask,
            "today": today,
        },
    )


@page("intake.record", records=True)
def referral_create(request):
    """Write down a referral as it comes in."""
    form = ReferralForm(request.POST or None, staff=request.staff, initial=_known(request))
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
        matches=_recognise(form),
    )


@page("client.view", records=True, methods=("GET", "HEAD"))
def referral_detail(request, pk):
    """One referral, and the way to the first meeting."""
    referral = (
        IncomingReferral.objects.visible_to(request.staff)
        .select_related("client", "source", "assigned_to", "program")
        .fetch(pk)
    )
    intake = Intake.objects.visible_to(request.staff).filter(referral=referral).first()
    context = {"referral": referral, "intake": intake, "banner": banner(request, referral.client)}
    return render(request, "clients/referral_detail.html", context)


def _to_own(request, model, row, name, message):
    """To the new row's page, or to the list when it now is a colleague's."""
    if model.objects.visible_to(request.staff).filter(pk=row.pk).exists():
        return done(request, name, pk=row.pk, message=message)
    return done(request, "clients:intake-list", message=message)


def _known(request):
    """What the address already says about the person; a key that is not one is nothing."""
    known = request.GET.get("client", "")
    return {"known_client": int(known)} if known.isdecimal() and len(known) < 19 else {}


def _recognise(form):
    """Only what is needed to recognise a person (REQ-112); a colleague's record opens in an emergency alone."""
    return [
        {
            "name": c.name,
            "born": born(c),
            "number": c.number or c.pk,
            "is_own": c.is_own,
            "url": reverse("workspace:client", kwargs={"pk": c.pk}),
        }
        for c in getattr(form, "matches", [])
    ]


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
    if client is not None:
        form = IntakeForm(request.POST or None, staff=staff, initial=initial)
        strip = banner(request, client)
    else:
        form = NewIntakeForm(request.POST or None, staff=staff, initial=initial)
        show(request, [])
    if form.is_bound and form.is_valid():
        intake = form.save(commit=False)
        intake.client = client or form.person()
        intake.referral = referral
        intake.save()
        if referral is not None:
            referral.closed_on = timezone.localdate()
            referral.save()
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
        cancel_url=reverse("clients:intake-list"),
        matches=_recognise(form),
    )


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
    form = IntakeForm(request.POST or None, instance=intake, staff=request.staff)
    if form.is_bound:
        check_version(form, intake)
        if form.is_valid():
            form.save()
            return done(request, "clients:intake-detail", pk=pk, message=_("Saved."))
    return form_page(
        request,
        form,
        "clients/intake_form.html",
        banner=strip,
        title=_("Intake"),
        submit=_("Save intake"),
        cancel_url=reverse("clients:intake-detail", kwargs={"pk": pk}),
    )


@page("intake.decide", records=True)
def intake_decide(request, pk):
    """Accept, waitlist, refer out or decline."""
    staff = request.staff
    intake = Intake.objects.visible_to(staff).select_related("client", "program").fetch(pk)
    strip = banner(request, intake.client)
    questions = list(EligibilityCriterion.objects.visible_to(staff).asked().select_related("program"))
    if intake.program_id:
        questions.sort(key=lambda q: q.program_id != intake.program_id)
    form = DecisionForm(
        request.POST or None,
        staff=staff,
        intake=intake,
        questions=questions,
        initial={"program": intake.program_id},
    )
    if form.is_bound and form.is_valid():
        try:
            decision = intake.decide(form.cleaned_data["outcome"], by=staff, **form.decision())
        except Refused as refused:
            form.refuse(refused)
        else:
            if (
                decision.enrollment_id
                and Enrollment.objects.visible_to(staff).filter(pk=decision.enrollment_id).exists()
            ):
                return done(
                    request,
                    "workspace:client",
                    pk=intake.client_id,
                    message=_("Accepted and enrolled in %(program)s.") % {"program": decision.program},
                )
            return done(request, "clients:intake-list", message=_("The decision is written down."))
    return form_page(
        request,
        form,
        "clients/intake_decide.html",
        banner=strip,
        intake=intake,
        title=_("Decision"),
        submit=_("Record decision"),
        cancel_url=reverse("clients:intake-detail", kwargs={"pk": pk}),
    )


@page("intake.record", methods=("POST",))
def decision_followed_up(request, pk):
    """Somebody asked how the referral out went."""
    decision = EligibilityDecision.objects.visible_to(request.staff).select_for_update(of=("self",)).fetch(pk)
    if ConfirmForm(request.POST, staff=request.staff).is_valid() and decision.followed_up_on is None:
        decision.followed_up_on = timezone.localdate()
        decision.save()
    return done(request, "clients:intake-list", message=_("Written down: asked today."))

"""Pages of a referral until the first meeting: tries to reach the person, the end, who takes it."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page
from clients.banner import banner
from clients.forms.reaching import AskedForm, CloseReferralForm, GiveForm, TryForm
from clients.models import EligibilityDecision, IncomingReferral, Intake, OutreachContact


def _referral(request, pk, *, lock=False):
    rows = IncomingReferral.objects.visible_to(request.staff).select_related(
        "client", "source", "assigned_to", "program"
    )
    return (rows.select_for_update(of=("self",)) if lock else rows).fetch(pk)


def _show_referral(request, referral, form, status=200):
    tries = list(
        OutreachContact.objects.visible_to(request.staff).filter(referral=referral).select_related("by")
    )
    context = {
        "referral": referral,
        "intake": Intake.objects.visible_to(request.staff).filter(referral=referral).first(),
        "banner": banner(request, referral.client),
        "tries": tries,
        "failed": sum(1 for row in tries if row.failed),
        "next_on": tries[0].next_on if tries else None,
        "form": form,
    }
    return render(request, "clients/referral_detail.html", context, status=status)


@page("client.view", records=True, methods=("GET", "HEAD"))
def referral_detail(request, pk):
    """One referral, the tries to reach the person, and the way to the first meeting."""
    return _show_referral(request, _referral(request, pk), TryForm(staff=request.staff))


@page("intake.record", records=True, methods=("POST",))
def referral_tried(request, pk):
    """Write down one try to reach the person (REQ-31)."""
    referral = _referral(request, pk, lock=True)
    form = TryForm(request.POST, staff=request.staff)
    if form.is_valid():
        try:
            OutreachContact.log(by=request.staff, referral=referral, **form.fields_of_try())
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, "clients:referral-detail", pk=pk, message=_("The try is written down."))
    return _show_referral(request, referral, form, status=422)


@page("intake.record", records=True)
def referral_close(request, pk):
    """Nobody will meet the person: say why."""
    referral = _referral(request, pk, lock=request.method == "POST")
    strip = banner(request, referral.client)
    form = CloseReferralForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        try:
            referral.close(form.cleaned_data["why"], note=form.cleaned_data["note"])
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, "clients:intake-list", message=_("The referral is closed."))
    failed = OutreachContact.objects.visible_to(request.staff).filter(referral=referral).failed().count()
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Close the referral"),
        intro=_("Tries that did not reach them: %(n)s.") % {"n": failed},
        submit=_("Close referral"),
        cancel_url=reverse("clients:referral-detail", kwargs={"pk": pk}),
    )


@page("intake.record", methods=("POST",))
def referral_reopen(request, pk):
    """They called back."""
    referral = _referral(request, pk, lock=True)
    message = _("The referral is open again.")
    if ConfirmForm(request.POST, staff=request.staff).is_valid():
        try:
            referral.reopen()
        except Refused as refused:
            message = str(refused)
    return done(request, "clients:referral-detail", pk=pk, message=message)


@page("intake.record", records=True)
def decision_followed_up(request, pk):
    """What came of a referral out."""
    rows = EligibilityDecision.objects.visible_to(request.staff).select_related("intake__client")
    decision = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    strip = banner(request, decision.intake.client)
    form = AskedForm(request.POST or None, staff=request.staff)
    if not form.is_bound and decision.followed_up_on is not None:
        return done(
            request, "clients:intake-detail", pk=decision.intake_id, message=_("This was asked already.")
        )
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            decision.ask(said["came_of_it"], note=said["note"], again_on=said["again_on"])
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, "clients:intake-list", message=_("Written down."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("How did the referral go?"),
        intro=_("Offered: %(what)s") % {"what": ", ".join(decision.offered.splitlines()) or "–"},
        submit=_("Save"),
        cancel_url=reverse("clients:intake-detail", kwargs={"pk": decision.intake_id}),
    )


def _give(request, model, pk):
    rows = model.objects.visible_to(request.staff).select_related("client")
    row = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    strip = banner(request, row.client)
    form = GiveForm(request.POST or None, staff=request.staff)
    if form.is_bound and form.is_valid():
        row.assigned_to = form.cleaned_data["worker"]
        row.save()
        message = _("%(who)s has it now.") % {"who": row.assigned_to}
        return done(request, "clients:intake-list", message=message)
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Give it to a colleague"),
        intro=f"{row}, {row.assigned_to or _('nobody yet')}",
        submit=_("Give"),
        cancel_url=reverse("clients:intake-list"),
    )


@page("assignment.write", records=True)
def referral_give(request, pk):
    """Choose who takes a referral."""
    return _give(request, IncomingReferral, pk)


@page("assignment.write", records=True)
def intake_give(request, pk):
    """Choose who goes on with an intake."""
    return _give(request, Intake, pk)

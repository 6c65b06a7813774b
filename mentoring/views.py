"""Mentoring's pages: pairs, what they did together, and what waits for an answer.

None of them shows a client: an activity that came from a joint visit tells its day, its minutes and its kind.
"""

from collections import defaultdict
from datetime import timedelta

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import worded
from casemgmt.core.forms import ConfirmForm
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page
from clients.models import Consultation
from mentoring.forms import ActivityForm, EndForm, PairingForm, RateForm, quick_order
from mentoring.models import (
    ACCOMPANIMENT,
    ActivityKind,
    ActivityType,
    MentoringActivity,
    Pairing,
)

LATELY = 30  # days that “lately” means in a supervisor's list
ALONE = 14  # days after which a pair without any accompaniment is pointed out (DOMAIN 4.6)
SHOWN = 40  # activities on a pair's page
ENDED_SHOWN = 20
TO_CONFIRM = 5
TO_RATE = 3
QUICK = 4


@page("mentoring.use", methods=("GET", "HEAD"))
def pairing_list(request):
    """What waits for an answer, one's own pairs, and those of the people one leads."""
    staff, today = request.staff, timezone.localdate()
    pairings = list(Pairing.objects.visible_to(staff).select_related("mentor", "mentee", "proposed_by"))
    activities = MentoringActivity.objects.visible_to(staff)
    figures = {row["pairing"]: row for row in activities.by_pairing(today)}
    kinds = ActivityKind.objects.visible_to(staff).accompaniments()
    along = {row["pairing"]: row for row in kinds.by_pairing(today - timedelta(days=LATELY))}
    rows = [_pair_row(p, staff, today, figures.get(p.pk, {}), along.get(p.pk, {})) for p in pairings]
    to_confirm = list(activities.to_confirm(staff).select_related("pairing__mentee")[: TO_CONFIRM + 1])
    return render(
        request,
        "mentoring/pairing_list.html",
        {
            "asked": [r for r in rows if r["asks_you"]],
            "advice": _advice(staff),
            "to_confirm": _activity_rows(staff, to_confirm[:TO_CONFIRM]),
            "more_to_confirm": len(to_confirm) > TO_CONFIRM,
            "own": [r for r in rows if r["yours"] and r["running"]],
            "sent": [r for r in rows if r["yours"] and r["proposed"] and not r["asks_you"]],
            "others": [r for r in rows if not r["yours"] and not r["ended"]],
            "ended": [r for r in rows if r["ended"]][:ENDED_SHOWN],
            "leads": staff.has_role(Role.DIRECTOR, Role.SUPERVISOR),
            "lately": LATELY,
        },
    )


def _advice(staff):
    """Who asked this person for advice, without the words: those are of a record (REQ-88)."""
    rows = Consultation.objects.visible_to(staff).waiting_for(staff).filter(asked_of=staff)
    return [
        {
            "by": row.by.name,
            "on": timezone.localtime(row.asked_at).date(),
            "url": reverse("workspace:consultation", kwargs={"pk": row.pk}),
        }
        for row in rows.select_related("by")
    ]


def _pair_row(pairing, staff, today, figures, along):
    running, mentors = pairing.state == Pairing.State.RUNNING, staff.pk == pairing.mentor_id
    since = max(filter(None, [pairing.started_on, along.get("last")]), default=None)
    return {
        "pk": pairing.pk,
        "url": reverse("mentoring:pairing-detail", kwargs={"pk": pairing.pk}),
        "mentor": pairing.mentor.name,
        "mentee": pairing.mentee.name,
        "yours": pairing.has(staff),
        "partner": pairing.partner(staff).name if pairing.has(staff) else "",
        "partner_is": worded(_("Your {mentee}")) if mentors else worded(_("Your {mentor}")),
        "asked_as": worded(_("As {mentor}")) if mentors else worded(_("As {mentee}")),
        "asked_by": pairing.proposed_by.name,
        "asked_on": timezone.localtime(pairing.proposed_at).date(),
        "needs": pairing.learning_needs,
        "running": running,
        "proposed": pairing.state == Pairing.State.PROPOSED,
        "ended": pairing.state == Pairing.State.ENDED,
        "ended_on": pairing.ended_on,
        "asks_you": _asks(pairing, staff),
        "week": _week(pairing, figures.get("week")),
        "last": figures.get("last"),
        "along": along.get("lately", 0),
        "alone": running and since is not None and (today - since).days > ALONE,
        "weekly_minutes": pairing.weekly_minutes,
    }


def _asks(pairing, staff):
    """Whether this person has not answered yet."""
    if pairing.ended_on is not None:
        return False
    return (staff.pk == pairing.mentor_id and pairing.mentor_accepted_at is None) or (
        staff.pk == pairing.mentee_id and pairing.mentee_accepted_at is None
    )


def _week(pairing, minutes):
    """The minutes of this week beside those that are protected, drawn and in words."""
    done_minutes, planned = minutes or 0, pairing.weekly_minutes
    words = _("%(done)s of %(planned)s min") if planned else _("%(done)s min")
    return {
        "value": min(done_minutes, planned) if planned else done_minutes,
        "max": planned or max(done_minutes, 1),
        "text": words % {"done": done_minutes, "planned": planned},
        "kind": "ok" if planned and done_minutes >= planned else "",
    }


def _activity_rows(staff, activities):
    """What a page says of activities, each with its kinds. One query."""
    kinds = defaultdict(list)
    links = ActivityKind.objects.visible_to(staff).filter(activity__in=[a.pk for a in activities])
    for link in links.select_related("type").order_by("type__position"):
        kinds[link.activity_id].append(link.type)
    return [
        {
            "pk": a.pk,
            "on": a.held_on,
            "minutes": a.minutes,
            "what": ", ".join(kind.name for kind in kinds[a.pk]),
            "codes": {kind.code for kind in kinds[a.pk]},
            "partner": a.pairing.mentee.name,
            "joint": a.visit_id is not None,
            "note": a.note,
            "helpfulness": a.helpfulness,
            "logged_by": a.logged_by_id,
            "confirmed": a.confirmed_at is not None,
        }
        for a in activities
    ]


@page("mentoring.propose")
def pairing_create(request):
    """Propose a pair; both are asked, whoever proposes for themselves has said yes."""
    leads = request.staff.has_role(Role.DIRECTOR, Role.SUPERVISOR)
    initial = {} if leads else {"mentee": request.staff.pk}
    form = PairingForm(request.POST or None, staff=request.staff, initial=initial)
    if form.is_valid():
        try:
            pairing = Pairing.propose(
                mentor=form.cleaned_data["mentor"],
                mentee=form.cleaned_data["mentee"],
                weekly_minutes=form.cleaned_data["weekly_minutes"],
                learning_needs=form.cleaned_data["learning_needs"],
                by=request.staff,
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(
                request,
                "mentoring:pairing-detail",
                pk=pairing.pk,
                message=_("Proposed. It begins when both have said yes."),
            )
    return form_page(
        request,
        form,
        title=_("Propose a pairing"),
        intro=_("Both are asked before it begins.")
        if leads
        else _("One of the two is you. The other is asked before it begins."),
        submit=_("Propose"),
        cancel_url=reverse("mentoring:pairing-list"),
    )


@page("mentoring.use", methods=("GET", "HEAD"))
def pairing_detail(request, pk):
    """One pair: this week, what they did and how much of each kind. Notes are for the two alone."""
    staff, today = request.staff, timezone.localdate()
    pairs = Pairing.objects.visible_to(staff).select_related("mentor", "mentee", "proposed_by")
    pairing = pairs.fetch(pk)
    yours = pairing.has(staff)
    activities = MentoringActivity.objects.visible_to(staff).filter(pairing=pairing)
    figures = next(iter(activities.by_pairing(today)), {})
    latest = list(activities.select_related("pairing__mentee", "logged_by")[: SHOWN + 1])
    rows = _activity_rows(staff, latest[:SHOWN])
    row = _pair_row(pairing, staff, today, figures, {})
    running = row["running"]
    rates = [r for r in rows if staff.pk == pairing.mentee_id and r["helpfulness"] is None][:TO_RATE]
    return render(
        request,
        "mentoring/pairing_detail.html",
        {
            "pairing": row
            | {
                "since": pairing.started_on,
                "end_reason": pairing.end_reason if yours else "",
                "waits_for": _waits_for(pairing, staff),
                "state": pairing.state.label,
            },
            "entries": [_entry(r, latest[n].logged_by.name, yours) for n, r in enumerate(rows)],
            "more": SHOWN if len(latest) > SHOWN else 0,
            "to_confirm": [
                r for r in rows if r["joint"] and not r["confirmed"] and staff.pk == pairing.mentor_id
            ],
            "to_rate": rates,
            "scale": range(1, 6),
            "totals": _totals(staff, pairing),
            "quick": _quick(staff, pairing) if yours and running else [],
            "can_log": yours and running,
        },
    )


def _waits_for(pairing, staff):
    """Who else has still to answer."""
    open_answers = [
        (pairing.mentor, pairing.mentor_accepted_at),
        (pairing.mentee, pairing.mentee_accepted_at),
    ]
    if pairing.state != Pairing.State.PROPOSED:
        return ""
    return _(" and ").join(p.name for p, said in open_answers if said is None and p.pk != staff.pk)


def _entry(row, by, yours):
    """An activity in the timeline; the note and the rating are for the two."""
    facts = [by, _("%(minutes)s min") % {"minutes": row["minutes"]}]
    if yours and row["helpfulness"]:
        facts.append(_("helpful %(n)s of 5") % {"n": row["helpfulness"]})
    icon = "people" if row["codes"] & set(ACCOMPANIMENT) else "mortarboard"
    tag = {"label": worded(_("Joint {visit}")), "kind": "muted", "icon": ""} if row["joint"] else None
    if tag and not row["confirmed"]:
        tag = {"label": worded(_("Joint {visit}, not confirmed yet")), "kind": "muted", "icon": "clock"}
    return {
        "at": row["on"],
        "by": " · ".join(facts),
        "title": row["what"],
        "icon": "flag" if "CRISIS" in row["codes"] else icon,
        "text": row["note"] if yours else "",
        "tag": tag,
    }


def _totals(staff, pairing):
    """Times and minutes of each kind, the most first, with the length of its bar. One query."""
    kinds = ActivityKind.objects.visible_to(staff).filter(activity__pairing=pairing)
    rows = sorted(kinds.totals(), key=lambda row: (-row["minutes"], row["type__name"]))
    most = max((row["minutes"] for row in rows), default=1)
    return [
        {"id": row["type"], "name": row["type__name"], "max": most}
        | {key: row[key] for key in ("times", "minutes")}
        for row in rows
    ]


def _quick(staff, pairing):
    """The kinds that help most, each a link to the form that needs only the minutes. One query."""
    kinds = sorted(ActivityType.objects.visible_to(staff).offered(), key=quick_order)[:QUICK]
    url = reverse("mentoring:activity-create", kwargs={"pk": pairing.pk})
    return [{"url": f"{url}?kind={kind.pk}", "name": kind.name} for kind in kinds]


@page("mentoring.use", methods=("POST",))
def pairing_accept(request, pk):
    """Say yes."""
    pairing = _locked(request, pk)
    if not ConfirmForm(request.POST, staff=request.staff).is_valid():
        return _not_sent(request, "mentoring:pairing-detail", pk=pk)
    pairing.accept(by=request.staff)
    if pairing.state == Pairing.State.RUNNING:
        message = _("You are a pair from today on.")
    else:
        message = _("You said yes. Now the other is asked.")
    return done(request, "mentoring:pairing-detail", pk=pk, message=message)


@page("mentoring.use", methods=("POST",))
def pairing_end(request, pk):
    """End a pairing, or say “not now” to a proposal: no reason is asked for."""
    pairing = _locked(request, pk)
    form = EndForm(request.POST, staff=request.staff)
    if not form.is_valid():
        return _not_sent(request, "mentoring:pairing-detail", pk=pk)
    asked, running = _asks(pairing, request.staff), pairing.state == Pairing.State.RUNNING
    pairing.end(by=request.staff, reason=form.cleaned_data["reason"])
    if asked:
        message = _("Declined. Nobody has to say why.")
    else:
        message = _("The pairing has ended.") if running else _("The proposal is taken back.")
    return done(request, "mentoring:pairing-list", message=message)


def _locked(request, pk):
    return Pairing.objects.visible_to(request.staff).select_for_update(of=("self",)).fetch(pk)


def _not_sent(request, to, **kwargs):
    """A button that came without its key: nothing happened, and the page is shown anew."""
    messages.error(request, _("That did not arrive. Please try again."))
    return redirect(to, **kwargs)


@page("mentoring.use")
def activity_create(request, pk):
    """Write down what the two did: the kind, the minutes, save."""
    pairs = Pairing.objects.visible_to(request.staff).of(request.staff).select_related("mentor", "mentee")
    pairing = (pairs.select_for_update(of=("self",)) if request.method == "POST" else pairs).fetch(pk)
    kind = request.GET.get("kind", "")
    initial = {"kinds": [int(kind)]} if kind.isascii() and kind.isdecimal() else {}
    form = ActivityForm(request.POST or None, staff=request.staff, initial=initial)
    if form.is_valid():
        try:
            activity = MentoringActivity.log(
                pairing,
                by=request.staff,
                held_on=form.cleaned_data["held_on"],
                minutes=form.cleaned_data["minutes"],
                types=form.cleaned_data["kinds"],
                note=form.cleaned_data["note"],
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(
                request,
                "mentoring:pairing-detail",
                pk=pk,
                message=_("%(minutes)s minutes written down.") % {"minutes": activity.minutes},
            )
    return form_page(
        request,
        form,
        title=_("Log time with %(name)s") % {"name": pairing.partner(request.staff).name},
        cancel_url=reverse("mentoring:pairing-detail", kwargs={"pk": pk}),
    )


@page("mentoring.use", methods=("POST",))
def activity_confirm(request, pk):
    """The mentor says that it was so."""
    activities = MentoringActivity.objects.visible_to(request.staff).select_related("pairing")
    activity = activities.select_for_update(of=("self",)).fetch(pk)
    if not ConfirmForm(request.POST, staff=request.staff).is_valid():
        return _not_sent(request, "mentoring:pairing-detail", pk=activity.pairing_id)
    activity.confirm(by=request.staff)
    return done(request, "mentoring:pairing-detail", pk=activity.pairing_id, message=_("Confirmed."))


@page("mentoring.use", methods=("POST",))
def activity_rate(request, pk):
    """The new hire says how helpful it was, with one tap."""
    activities = MentoringActivity.objects.visible_to(request.staff).select_related("pairing")
    activity = activities.select_for_update(of=("self",)).fetch(pk)
    form = RateForm(request.POST, staff=request.staff)
    if not form.is_valid():
        return _not_sent(request, "mentoring:pairing-detail", pk=activity.pairing_id)
    activity.rate(form.cleaned_data["helpfulness"], by=request.staff)
    return done(request, "mentoring:pairing-detail", pk=activity.pairing_id, message=_("Thank you."))

"""Two pages: a crisis begins, and it is over."""

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import done, form_page, page
from casemgmt.workspace.crisis.forms import CrisisForm, CrisisOverForm, RestForm
from casemgmt.workspace.crisis.verbs import begin_crisis, end_crisis, may_undo, rest_goals, undo_crisis
from clients.banner import banner
from clients.models import Enrollment
from clients.rows import crisis_now
from mentoring.models import ActivityType, Pairing
from serviceplans.models import Goal


def crisis_with_debriefing(staff, enrollment):
    """What the strip says while a crisis goes on, with the way to a debriefing where a pair runs; else None."""
    said = crisis_now(staff, enrollment)
    return said and said | {"debrief": _debrief(staff), "may_undo": may_undo(said["crisis"], staff)}


def _debrief(staff):
    """Where this person writes down a talk about it with their other half; nothing without a running pair."""
    pair = Pairing.objects.visible_to(staff).running().of(staff).values_list("pk", flat=True).first()
    if pair is None:
        return ""
    url = reverse("mentoring:activity-create", kwargs={"pk": pair})
    kind = ActivityType.objects.visible_to(staff).offered().filter(code="DEBRIEF").first()
    return f"{url}?kind={kind.pk}" if kind else url


@page("visit.log", records=True)
def crisis(request, pk):
    """Mark a crisis: a person's page sends it at once; from a note one confirms, so that no word is lost."""
    enrollment = Enrollment.objects.visible_to(request.staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    going_on = crisis_now(request.staff, enrollment)
    if going_on is not None:
        return _already(request, going_on["crisis"])
    if not enrollment.is_open:
        messages.warning(request, _("Service has ended."))
        return redirect(strip["url"])
    form = CrisisForm(request.POST or None, staff=request.staff, goals=_awake(request.staff, enrollment))
    if form.is_valid():
        try:
            row, is_new = begin_crisis(
                enrollment, by=request.staff, note=form.cleaned_data["note"], pause=form.ticked()
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            if not is_new:
                return _already(request, row)
            message = _("Marked as a crisis. Whoever stands behind you has been told.")
            return done(request, "clients:safety", pk=enrollment.client_id, message=message)
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Crisis"),
        intro=worded(_("Tells your {supervisor} and your {mentor}, and opens the safety plan.")),
        submit=_("Mark the crisis"),
        danger=True,
        plain=True,
        cancel_url=strip["url"],
    )


def _awake(staff, enrollment):
    goals = Goal.objects.visible_to(staff).active().filter(plan__enrollment=enrollment, paused_on=None)
    return goals.select_related("plan")


@page("visit.log", records=True)
def crisis_goals(request, pk):
    """Let goals rest meanwhile; asked after the crisis is marked, because staying safe comes first."""
    enrollment = Enrollment.objects.visible_to(request.staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    going_on = crisis_now(request.staff, enrollment)
    if going_on is None:
        messages.info(request, _("There is no crisis going on."))
        return redirect(strip["url"])
    form = RestForm(request.POST or None, staff=request.staff, goals=_awake(request.staff, enrollment))
    if form.is_valid():
        try:
            rest_goals(going_on["crisis"], form.ticked(), by=request.staff)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, "clients:safety", pk=enrollment.client_id, message=_("These goals rest."))
    return form_page(
        request,
        form,
        banner=strip,
        title=_("Goals during the crisis"),
        intro="" if "goals" in form.fields else _("No goal is worked on."),
        submit=_("Let them rest"),
        plain=True,
        cancel_url=reverse("clients:safety", kwargs={"pk": enrollment.client_id}),
    )


@page("visit.log", records=True, methods=("POST",))
def crisis_undo(request, pk):
    """It was a slip of the finger: take it back."""
    enrollment = Enrollment.objects.visible_to(request.staff).select_related("client").fetch(pk)
    going_on = crisis_now(request.staff, enrollment)
    url = reverse("workspace:client", kwargs={"pk": enrollment.client_id})
    if going_on is None:
        messages.info(request, _("There is no crisis going on."))
        return redirect(url)
    try:
        undo_crisis(going_on["crisis"], by=request.staff)
    except Refused as refused:
        messages.warning(request, refused.sentences[0])
        return redirect("workspace:crisis-over", pk=pk)
    return done(request, url, message=_("Taken back. Whoever was told has been told so."))


def _already(request, row):
    """Two people saw it: the second one lands where the first one did."""
    since = timezone.localtime(row.started_at)
    words = _("%(name)s has marked it already, at %(time)s. Here is the safety plan.")
    messages.info(request, words % {"name": row.by.name, "time": f"{since:%H:%M}"})
    return redirect("clients:safety", pk=row.enrollment.client_id)


@page("visit.log", records=True)
def crisis_over(request, pk):
    """Say how it ended, and which goals go on."""
    enrollment = Enrollment.objects.visible_to(request.staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    going_on = crisis_with_debriefing(request.staff, enrollment)
    if going_on is None:
        messages.info(request, _("There is no crisis going on."))
        return redirect(strip["url"])
    goals = Goal.objects.visible_to(request.staff).active().resting().filter(plan__enrollment=enrollment)
    form = CrisisOverForm(request.POST or None, staff=request.staff, goals=goals)
    if form.is_valid():
        try:
            end_crisis(
                going_on["crisis"],
                by=request.staff,
                outcome=form.cleaned_data["outcome"],
                resume=form.ticked(),
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            message = _("The crisis is over. Look at the safety plan together: what helped?")
            return done(request, "clients:safety", pk=enrollment.client_id, message=message)
    return form_page(
        request,
        form,
        "workspace/crisis_over.html",
        banner=strip,
        title=_("Is the crisis over?"),
        debrief=going_on["debrief"],
        submit=_("It is over"),
        plain=True,
        cancel_url=reverse("clients:safety", kwargs={"pk": enrollment.client_id}),
    )

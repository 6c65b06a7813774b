"""Log a visit or an attempt, and go on with one that is not signed yet."""

from datetime import datetime, time, timedelta

from django.db.models import Exists, OuterRef
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casemgmt.agencies.models import StaffMember
from casemgmt.agencies.roles import Role
from casemgmt.agencies.words import worded
from casemgmt.core.models import Refused
from casemgmt.core.views import check_version, done, form_page, page, show
from casemgmt.workspace.log.forms import OTHER_WORK, VisitForm
from casemgmt.workspace.log.moments import from_meters
from casemgmt.workspace.log.verbs import log_visit
from casemgmt.workspace.notes.earlier import checked, text_of
from clients.banner import banner
from clients.models import (
    Enrollment,
    HouseholdMember,
    OtherWorker,
    PlannedVisit,
    RelatedPerson,
    Visit,
    VisitActivity,
    VisitParticipant,
)
from mentoring.models import Pairing
from serviceplans.models import GoalProgress
from serviceplans.progress import active_goals

AS_LAST_TIME = ("mode", "place", "held_with", "service_type", "travel_minutes", "documentation_minutes")
USUAL_MINUTES = 30
MOST_OTHERS = 12


def _goals_to_tap(enrollment, staff):
    """The goals of the plan in force, each with its objectives and what they counted last."""
    goals = []
    for row in active_goals(enrollment, staff):
        goal, goal.shown_objectives = row["goal"], []
        for shown in row["objectives"]:
            objective = shown["objective"]
            if objective.target is None:
                continue
            objective.help = _("last %(last)s, target %(target)s %(unit)s") % {
                "last": _plain(shown["last_value"]),
                "target": _plain(objective.target),
                "unit": objective.unit,
            }
            goal.shown_objectives.append(objective)
        goals.append(goal)
    return goals


def _plain(number):
    return "–" if number is None else f"{number.normalize():f}"


def _partners(staff):
    """Who may have come along; somebody one is paired with first."""
    rows = StaffMember.objects.visible_to(staff).working().exclude(pk=staff.pk)
    pair = Pairing.objects.visible_to(staff).running().partner_of(staff)
    rows = rows.with_role(Role.CASE_MANAGER, Role.SUPERVISOR)
    return rows.annotate(is_pair=Exists(pair.filter(pk=OuterRef("pk")))).order_by("-is_pair", "name")


def _also_there(request, enrollment):
    """Whom the same visit may have been with: who lives with them or belongs to them, served and seen here as well."""
    staff, client = request.staff, enrollment.client_id
    members = HouseholdMember.objects.visible_to(staff).now()
    homes = members.filter(client=client).values("household")
    related = RelatedPerson.objects.visible_to(staff).now()
    known = {
        *members.filter(household__in=homes).values_list("client", flat=True),
        *related.filter(client=client).exclude(same_as=None).values_list("same_as", flat=True),
        *related.filter(same_as=client).values_list("client", flat=True),
    } - {client}
    rows = Enrollment.objects.visible_to(staff).by_right(staff).open().filter(client__in=known)
    rows = list(rows.select_related("client", "program").order_by("client__name_key", "pk")[:MOST_OTHERS])
    for row in rows:
        row.said = f"{row.client.name} ({row.program})"
    show(request, [row.client_id for row in rows])
    return rows


def _around(staff, client):
    """Names that somebody may have talked with about the person."""
    related = RelatedPerson.objects.visible_to(staff).now().filter(client=client)
    others = OtherWorker.objects.visible_to(staff).now().filter(client=client)
    return [
        *(f"{row.name} ({row.get_relation_display()})" for row in related[:20]),
        *(str(row) for row in others[:20]),
    ]


def _planned(request, enrollment):
    """What was agreed upon and is being held now, as the address or the form says; None for anything else."""
    said = request.POST.get("planned") or request.GET.get("planned") or ""
    if not said.isascii() or not said.isdecimal() or len(said) > 18:
        return None
    rows = PlannedVisit.objects.visible_to(request.staff).ahead().filter(enrollment=enrollment)
    return rows.filter(pk=int(said)).first()


def _as_last_time(request, enrollment, planned):
    """What most visits need not say: as agreed upon, else as last time, just now."""
    staff, now = request.staff, timezone.localtime()
    last = (
        Visit.objects.visible_to(staff)
        .of_care(staff)
        .kept()
        .filter(enrollment=enrollment, source="")
        .order_by("-started_at", "-pk")
        .first()
    )
    initial = {"mode": Visit.Mode.IN_PERSON, "place": Visit.Place.HOME, "direct_minutes": USUAL_MINUTES}
    initial |= {"travel_minutes": 0, "documentation_minutes": 0}
    if last is not None:
        initial |= {name: getattr(last, name) for name in AS_LAST_TIME}
        initial["place"] = initial["place"] or Visit.Place.HOME
        initial["direct_minutes"] = last.direct_minutes or USUAL_MINUTES
        initial["distance"] = from_meters(last.distance_m, staff.agency.distance_unit)
        if last.interpreter != Visit.Interpreter.NONE:
            initial["interpreter"] = last.interpreter
    if planned is not None:
        initial |= {"mode": planned.mode, "direct_minutes": planned.minutes, "planned": planned.pk}
    if request.GET.get("with") in Visit.With.values:
        initial["held_with"] = request.GET["with"]
        initial["mode"] = Visit.Mode.PHONE
    if request.GET.get("attempt"):
        initial |= {
            "outcome": Visit.Outcome.NOT_REACHED,
            "mode": planned.mode if planned is not None else Visit.Mode.PHONE,
            "held_with": Visit.With.CLIENT,
            "direct_minutes": 0,
            "documentation_minutes": 0,
        }
    begun = now - timedelta(minutes=initial["direct_minutes"])
    if planned is not None and planned.starts_at <= begun:
        begun = timezone.localtime(planned.starts_at)
    elif begun.date() < now.date():
        begun = datetime.combine(now.date(), time.min, tzinfo=now.tzinfo)
    return initial | {"day": begun.date(), "time": begun.strftime("%H:%M"), "hour": str(begun.fold)}


def _said_before(staff, visit):
    """What a draft already says about goals, other work and who came along."""
    initial = {}
    partner = (
        VisitParticipant.objects.visible_to(staff)
        .filter(visit=visit)
        .exclude(role=VisitParticipant.Role.LEAD)
        .first()
    )
    if partner is not None:
        initial = {"partner": partner.staff_id, "partner_role": partner.role}
        if partner.minutes != visit.direct_minutes:
            initial["partner_minutes"] = partner.minutes
    for row in GoalProgress.objects.visible_to(staff).filter(visit=visit):
        initial[f"goal_{row.goal_id}"] = row.step
        if row.objective_id and row.value is not None:
            initial[f"value_{row.objective_id}"] = row.value
    activities = VisitActivity.objects.visible_to(staff).filter(visit=visit).order_by("pk")
    for n, row in zip(OTHER_WORK, activities, strict=False):
        initial |= {f"other_kind_{n}": row.service_type_id, f"other_minutes_{n}": row.minutes}
    return initial


def _asks_interpreter(client):
    """Where one is needed, and where another language than English is spoken."""
    return client.needs_interpreter or client.language.strip().lower() not in ("", "english")


def _visit_form(request, enrollment, visit=None, planned=None):
    staff, rest, others = request.staff, 0, []
    if visit is None:
        initial = _as_last_time(request, enrollment, planned)
        others = _also_there(request, enrollment)
    else:
        initial = _said_before(staff, visit)
        if visit.together:
            rows = Visit.objects.visible_to(staff).of_care(staff).drafts().filter(together=visit.together)
            rest = rows.exclude(pk=visit.pk).count()
    return VisitForm(
        request.POST or None,
        instance=visit or Visit(enrollment=enrollment),
        staff=staff,
        goals=_goals_to_tap(enrollment, staff),
        partners=_partners(staff),
        others=others,
        rest=rest,
        asks_interpreter=_asks_interpreter(enrollment.client),
        initial=initial,
    )


def _is_checked(request, form, pk=None):
    """What is signed differs from the last note, or somebody has looked (PR-25); a draft may say what it likes."""
    text = text_of(form.cleaned_data)
    return "draft" in request.POST or checked(form, form.instance.enrollment, text, exclude_pk=pk)


def _log_page(request, form, strip, **context):
    enrollment = form.instance.enrollment
    return form_page(
        request,
        form,
        "workspace/visit_form.html",
        banner=strip,
        action=request.path,
        around=_around(request.staff, enrollment.client_id),
        **{"second": _("Save as draft")} | context,
    )


@page("visit.log", records=True)
def visit_log(request, pk):
    """Write down a visit or an attempt, with progress on the goals, and sign it."""
    enrollment = Enrollment.objects.visible_to(request.staff).select_related("client", "program").fetch(pk)
    strip = banner(request, enrollment.client, enrollment)
    planned = _planned(request, enrollment)
    form = _visit_form(request, enrollment, planned=planned)
    if form.is_bound and form.is_valid() and _is_checked(request, form):
        sign = "draft" not in request.POST
        draft = form.draft()
        draft.planned = planned
        try:
            visit = log_visit(enrollment, by=request.staff, draft=draft, sign=sign)
        except Refused as refused:
            form.refuse(refused)
        else:
            return done(request, strip["url"], message=_logged(visit, sign, 1 + len(draft.others)))
    attempt = not form.is_bound and bool(request.GET.get("attempt"))
    return _log_page(
        request,
        form,
        strip,
        planned=planned,
        attempt=attempt,
        title=_("Not reached") if attempt else worded(_("Log a {visit}")),
        submit=_("Write down") if attempt else _("Sign"),
        second="" if attempt else _("Save as draft"),
        cancel_url=strip["url"],
    )


def _saved_under(staff, key):
    """Where the visit stands that was saved under a form's key; a draft of one's own meets what was typed since."""
    visit = Visit.objects.visible_to(staff).filter(uid=key).first()
    if visit is None:
        return {}
    led = VisitParticipant.objects.visible_to(staff).filter(
        visit=visit, staff=staff, role=VisitParticipant.Role.LEAD
    )
    if visit.is_locked or not led.exists():
        return {"there": reverse("workspace:visit-detail", kwargs={"pk": visit.pk})}
    url = reverse("workspace:visit-edit", kwargs={"pk": visit.pk})
    return {"there": url, "meets": url}


visit_log.saved_under = _saved_under


def _logged(visit, sign, people):
    if visit.outcome != Visit.Outcome.KEPT:
        return _("Attempt written down.")
    if people > 1:
        several = ngettext("{Visit} of %(n)d person signed.", "{Visit} of %(n)d people signed.", people)
        drafts = _("{Visit} of %(n)d people saved as drafts. Sign each when it is done.")
        return worded((several if sign else drafts) % {"n": people})
    return worded(_("{Visit} signed.") if sign else _("{Visit} saved as a draft. Sign it when it is done."))


@page("visit.log", records=True)
def visit_edit(request, pk):
    """Go on with a draft."""
    rows = Visit.objects.visible_to(request.staff).select_related("enrollment__client", "enrollment__program")
    visit = (rows.select_for_update(of=("self",)) if request.method == "POST" else rows).fetch(pk)
    enrollment = visit.enrollment
    if visit.is_locked or visit.source:
        return redirect("workspace:visit-detail", pk=pk)
    lead = VisitParticipant.objects.visible_to(request.staff).filter(
        visit=visit, staff=request.staff, role=VisitParticipant.Role.LEAD
    )
    if not lead.exists():
        return redirect("workspace:visit-detail", pk=pk)
    strip = banner(request, enrollment.client, enrollment)
    form = _visit_form(request, enrollment, visit)
    if form.is_bound:
        check_version(form, visit)
        if form.is_valid() and _is_checked(request, form, pk):
            sign = "draft" not in request.POST
            try:
                log_visit(enrollment, by=request.staff, draft=form.draft(), visit=visit, sign=sign)
            except Refused as refused:
                form.refuse(refused)
            else:
                message = worded(_("{Visit} signed.")) if sign else _("Draft saved.")
                return done(request, strip["url"], message=message)
    return _log_page(
        request,
        form,
        strip,
        title=worded(_("{Visit}, not signed yet")),
        submit=_("Sign"),
        cancel_url=reverse("workspace:visit-detail", kwargs={"pk": pk}),
    )

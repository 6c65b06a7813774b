"""Elements 5 to 8: what was declined, coordination, and the two timelines. All rows are asked for with `visible_to`."""

from collections import defaultdict

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.models import Administration
from casemgmt.agencies.words import cap, worded
from casemgmt.interchange.tcm.elements import Row, shown, source_of
from clients.models import Disclosure, OtherWorker, Visit
from serviceplans.delivery import delivered_rows
from serviceplans.models import (
    Goal,
    NeedLeft,
    PlanAction,
    PlanReview,
    PlanSignature,
    ReferralStep,
    ReviewExemption,
    ServiceInterruption,
    ServicePlan,
    ServiceReferral,
)

BILLING = "tcm"


class Planned:
    """The plans that held in a period, their goals, and the services that were asked for. Four queries."""

    def __init__(self, staff, client, enrollments, period):
        self.staff, self.client, self.enrollments, self.period = staff, client, enrollments, period
        self.plans = list(
            self.seen(ServicePlan)
            .exclude(signed_at=None)
            .filter(Q(ended_on=None) | Q(ended_on__gte=period.start))
            .filter(enrollment__in=enrollments, starts_on__lte=period.end)
            .select_related("by", "enrollment__program")
            .order_by("enrollment", "number")
        )
        # The last one of each enrollment: later wins.
        self.last = {plan.enrollment_id: plan for plan in self.plans}
        newest = {plan.pk for plan in self.last.values()}
        self.goals = [
            goal
            for goal in self.seen(Goal).filter(plan__in=self.plans).order_by("plan", "position", "pk")
            if goal.plan_id in newest or period.holds(goal.ended_on)
        ]
        self.referrals = list(
            self.seen(ServiceReferral)
            .filter(Q(ended_on=None) | Q(ended_on__gte=period.start))
            .filter(enrollment__in=enrollments, asked_on__lte=period.end)
            .select_related("gap")
            .order_by("asked_on", "pk")
        )
        self.steps = defaultdict(list)
        for step in self.seen(ReferralStep).filter(referral__in=self.referrals, on__lte=period.end):
            self.steps[step.referral_id].append(step)

    def seen(self, model):
        return model.objects.visible_to(self.staff)


def _day_of(moment):
    return timezone.localtime(moment).date()


# --- 5: Declined -----------------------------------------------------------------------------------------------------


def declined(planned):
    """What the person did not want: needs left, goals they do not agree with, the plan itself, services."""
    left = planned.seen(NeedLeft).filter(plan__in=planned.plans, why=NeedLeft.Why.DECLINED)
    for row in left.select_related("need__barrier", "plan"):
        yield Row(
            str(row.need),
            source_of(row),
            on=row.plan.starts_on,
            detail=_said(row.get_why_display(), row.note),
        )
    agreed = (Goal.Agreement.DECLINES, Goal.Agreement.PARTLY)
    starts = {plan.pk: plan.starts_on for plan in planned.plans}
    for goal in planned.goals:
        what = _("Goal: %(goal)s") % {"goal": goal.title}
        if goal.agreement in agreed:
            yield Row(what, source_of(goal), on=starts[goal.plan_id], detail=goal.get_agreement_display())
        if goal.result == Goal.Result.DROPPED:
            yield Row(what, source_of(goal), on=goal.ended_on, detail=goal.get_result_display())
    refused = planned.seen(PlanSignature).filter(
        plan__in=planned.plans, answer=PlanSignature.Answer.REFUSED, signed_at__date__lte=planned.period.end
    )
    for row in refused.select_related("plan").order_by("signed_at", "pk"):
        yield Row(
            str(row.plan),
            source_of(row),
            on=_day_of(row.signed_at),
            who=row.typed_name,
            detail=_said(row.get_answer_display(), row.view),
        )
    for row in planned.referrals:
        if row.gap is not None and row.gap.code == "DECLINED" and planned.period.holds(row.ended_on):
            yield Row(
                row.service,
                source_of(row),
                on=row.ended_on,
                who=row.provider,
                detail=_said(row.gap, row.note),
            )


def _said(*words):
    return " · ".join(str(word) for word in words if word)


# --- 6: Coordination -------------------------------------------------------------------------------------------------


def coordination(planned, served):
    """Who else works with the person (the need), then each talk with others and each time they were told something."""
    period = planned.period
    others = planned.seen(OtherWorker).filter(
        Q(started_on=None) | Q(started_on__lte=period.end),
        Q(ended_on=None) | Q(ended_on__gte=period.start),
        client=planned.client,
    )
    for row in others.order_by("-is_case_manager", "organisation", "pk"):
        what = worded(_("{Worker} elsewhere")) if row.is_case_manager else _("Also works with them")
        yield Row(
            str(what), source_of(row), on=row.started_on, who=str(row), detail=_said(row.discipline, row.note)
        )
    for visit in served.visits:
        kept = visit.outcome == Visit.Outcome.KEPT
        if kept and visit.held_with != Visit.With.CLIENT:
            kind = visit.service_type or visit.get_held_with_display()
            yield Row(
                _("Talk with others"),
                source_of(visit),
                on=_day_of(visit.started_at),
                who=served.person(visit),
                detail=_("%(kind)s, %(how)s; what was said is in part 4.")
                % {"kind": kind, "how": visit.get_mode_display().lower()},
                units=_("%(n)d min") % {"n": visit.direct_minutes},
            )
    told = planned.seen(Disclosure).filter(
        client=planned.client,
        basis__in=(Disclosure.Basis.CONSENT, Disclosure.Basis.CARE, Disclosure.Basis.EMERGENCY),
        at__date__range=(period.start, period.end),
    )
    chosen = {enrollment.pk for enrollment in planned.enrollments}
    for row in told.select_related("by").order_by("at", "pk"):
        # Neither this record itself, nor what came from periods of service that were not chosen.
        if BILLING in row.parts or not chosen.issuperset(row.enrollments):
            continue
        yield Row(
            _("Told: %(whom)s") % {"whom": row.recipient},
            source_of(row),
            on=_day_of(row.at),
            who=row.by.name,
            detail=_said(row.information, row.purpose),
        )


# --- 7: Timeline for services ----------------------------------------------------------------------------------------


def obtaining(planned):
    """Services of others step by step, how much of the planned was given, what stopped, and who does what by when."""
    for row in planned.referrals:
        yield Row(
            _("Asked for: %(service)s") % {"service": row.service},
            source_of(row),
            on=row.asked_on,
            who=row.provider,
            detail="\n".join(_way(planned, row)),
        )
    for plan in planned.last.values():
        for row in delivered_rows(planned.staff, plan, planned.period.start, planned.period.end):
            yield _planned_row(planned, row)
    stops = planned.seen(ServiceInterruption).filter(
        enrollment__in=planned.enrollments, stops_on__range=(planned.period.start, planned.period.end)
    )
    for row in stops.order_by("stops_on", "pk"):
        yield Row(
            _("Stops: %(service)s") % {"service": row.service},
            source_of(row),
            on=row.stops_on,
            detail=_said(row.get_kind_display(), row.why, row.continuity or row.no_continuity_why),
        )
    yield from _actions(planned)


def _way(planned, referral):
    """Each step with its day; then when it is asked again, or why nothing came of it."""
    steps = planned.steps[referral.pk]
    for step in steps:
        vouched = step.get_confirmed_by_display()
        yield _said(f"{shown(step.on)}: {step.get_status_display()}", vouched, step.note)
    if not steps:
        yield _said(referral.get_status_display(), shown(referral.ended_on) if referral.ended_on else "")
    if referral.gap is not None:
        yield _("Why not: %(reason)s") % {"reason": referral.gap.label}
    elif referral.ended_on is None and referral.next_on:
        yield _("Next date: %(day)s") % {"day": shown(referral.next_on)}


def _planned_row(planned, row):
    service = row["planned_service"]
    said = {"planned": row["planned_by_today"], "given": row["delivered"], "day": shown(row["ends_on"])}
    words = [_("Given %(given)s times of %(planned)s in these days; planned until %(day)s") % said]
    if row["stopped_on"]:
        words.append(_("stopped on %(day)s") % {"day": shown(row["stopped_on"])})
    return Row(
        _("Planned: %(service)s") % {"service": row["service"]},
        source_of(service),
        on=service.starts_on,
        who=row["provider"] or str(planned.client.agency),
        detail=_said(*words, row["funding"]),
        units=str(row["units"]) if row["units"] is not None else "",
    )


def _actions(planned):
    rows = planned.seen(PlanAction).filter(objective__goal__in=planned.goals)
    for row in rows.order_by("due_on", "pk"):
        if row.done_on is None:
            said = _("to do by %(day)s") % {"day": shown(row.due_on)}
        elif planned.period.holds(row.done_on) or planned.period.holds(row.due_on):
            said = _("by %(day)s; done on %(done)s") % {"day": shown(row.due_on), "done": shown(row.done_on)}
        else:
            continue
        yield Row(
            _("Step: %(what)s") % {"what": row.text},
            source_of(row),
            on=row.due_on,
            who=row.who,
            detail=cap(said),
        )


# --- 8: Timeline for looking again -----------------------------------------------------------------------------------


def looking_again(planned):
    """Each plan with its next review, the reviews held and put off, and the assessments."""
    period = planned.period
    for plan in planned.plans:
        until = _("until %(day)s") % {"day": shown(plan.ended_on)} if plan.ended_on else ""
        due = plan.ended_on is None and plan.review_on
        again = _("next review due %(day)s") % {"day": shown(plan.review_on)} if due else ""
        yield Row(
            _("%(plan)s in force") % {"plan": cap(str(plan))},
            source_of(plan),
            on=plan.starts_on,
            who=plan.by.name,
            detail=_said(plan.enrollment.program, until, again),
        )
    reviews = planned.seen(PlanReview).filter(
        plan__enrollment__in=planned.enrollments, reviewed_on__range=(period.start, period.end)
    )
    for row in reviews.select_related("by").order_by("reviewed_on", "pk"):
        again = _("next one %(day)s") % {"day": shown(row.next_on)} if row.next_on else ""
        yield Row(
            _("Review held"),
            source_of(row),
            on=row.reviewed_on,
            who=row.by.name,
            detail=_said(row.get_outcome_display(), again),
        )
    moved = planned.seen(ReviewExemption).filter(
        plan__in=planned.plans, was_on__lte=period.end, moved_to__gte=period.start
    )
    for row in moved.select_related("reason", "by").order_by("was_on", "pk"):
        yield Row(
            _("Review put off"),
            source_of(row),
            on=row.was_on,
            who=row.by.name,
            detail=_said(_("moved to %(day)s") % {"day": shown(row.moved_to)}, row.reason.label, row.note),
        )
    held = planned.seen(Administration).filter(
        enrollment__in=planned.enrollments, held_on__range=(period.start, period.end)
    )
    for row in held.exclude(signed_at=None).select_related("by").order_by("held_on", "pk"):
        yield Row(_("Assessed"), source_of(row), on=row.held_on, who=row.by.name)

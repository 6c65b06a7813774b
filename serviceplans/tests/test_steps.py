"""The services of others: from asking to receiving, approvals, and what happens when one stops."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, make_client, plan_for
from serviceplans.models import (
    Authorization,
    Objective,
    PlannedService,
    ServiceDelivered,
    ServiceInterruption,
    ServicePlan,
    ServiceReferral,
)

pytestmark = pytest.mark.django_db


def day(n=0):
    return timezone.localdate() + timedelta(days=n)


@pytest.fixture
def plan(cast):
    enrolled = enroll(make_client(cast.riverside), cast.ccm, cast.wendy, on=day(-40))
    with acting_as(cast.riverside, by=cast.wendy):
        yield plan_for(enrolled, by=cast.wendy)


@pytest.fixture
def referral(cast, plan):
    row = ServiceReferral(enrollment=plan.enrollment, service="Food bank", provider="Hope", asked_on=day(-10))
    row.put(by=cast.wendy)
    return row


def item(cast, pick_list, code):
    return PickItem.objects.get(agency=cast.riverside, pick_list=pick_list, code=code)


# --- The loop ---


def test_each_step_is_kept_with_who_vouches_for_it(cast, referral):
    referral.step("accepted", by=cast.wendy, on=day(-8))
    referral.step("running", by=cast.wendy, on=day(-2), confirmed_by="client")
    steps = [(s.status, s.on, s.confirmed_by) for s in referral.steps.all()]
    assert steps == [
        ("asked", day(-10), ""),
        ("accepted", day(-8), ""),
        ("running", day(-2), "client"),
    ]
    assert (referral.received_on, referral.is_over) == (day(-2), False)


@pytest.mark.parametrize(
    ("status", "said", "sentence"),
    [
        ("running", {}, "from whom you know"),
        ("attended", {}, "from whom you know"),
        ("declined", {}, "why it was not to be had"),
        ("booked", {}, "when the appointment is"),
        ("accepted", {"on": day(1)}, "once it has happened"),
        ("accepted", {"on": day(-11)}, "before it was asked for"),
    ],
)
def test_a_step_that_leaves_something_open_is_refused(cast, referral, status, said, sentence):
    with pytest.raises(Refused, match=sentence):
        referral.step(status, by=cast.wendy, **said)


def test_what_nothing_came_of_is_over_with_the_reason(cast, referral):
    referral.step("failed", by=cast.wendy, gap=item(cast, "gap", "FULL"))
    assert (referral.ended_on, referral.gap.code) == (day(), "FULL")
    with pytest.raises(Refused, match="closed"):
        referral.step("running", by=cast.wendy, confirmed_by="client")


def test_somebody_asks_after_the_days_that_the_program_sets(referral):
    assert referral.ask_on() == day(-10 + referral.enrollment.program.confirm_referral_days)


def test_an_appointment_is_when_to_ask_next(cast, referral):
    at = timezone.now() + timedelta(days=3)
    referral.step("booked", by=cast.wendy, appointment_at=at)
    assert referral.ask_on() == timezone.localtime(at).date()


# --- Services and approvals ---


@pytest.fixture
def service(plan):
    objective = Objective.objects.filter(goal__plan=plan).first()
    return PlannedService.objects.create(
        objective=objective, service="Peer group", provider="Hope", times=2, per="week", weeks=12
    )


def test_twice_a_week_for_twelve_weeks_is_twenty_four(cast, service):
    ServiceDelivered.objects.create(service=service, by=cast.wendy)
    ServiceDelivered.objects.create(service=service, by=cast.wendy, times=2)
    assert service.planned_times() == 24
    assert PlannedService.objects.with_delivered().get().times_delivered == 3


def test_a_service_goes_on_in_the_next_version(cast, plan, service):
    again = ServicePlan.begin(plan.enrollment, by=cast.wendy)
    copy = PlannedService.objects.get(objective__goal__plan=again)
    assert (copy.before, copy.starts_on, copy.weeks) == (service, service.starts_on, 12)


def test_a_service_that_stops_later_runs_until_then(cast, plan, service):
    service.stop(by=cast.wendy, on=day(5))
    assert list(PlannedService.objects.running()) == [service]
    assert list(PlannedService.objects.running(day(5))) == []
    again = ServicePlan.begin(plan.enrollment, by=cast.wendy)
    assert PlannedService.objects.get(objective__goal__plan=again).stopped_on == day(5)


def test_an_approval_of_somebody_else_pays_for_nothing_here(cast, plan, service):
    other = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    foreign = approve(cast, other)
    draft = ServicePlan.begin(plan.enrollment, by=cast.wendy)
    row = PlannedService.objects.get(objective__goal__plan=draft)
    row.authorization = foreign
    with pytest.raises(Refused, match="somebody else"):
        row.put()


def approve(cast, enrollment, **fields):
    return Authorization.objects.create(
        enrollment=enrollment,
        number="A1",
        payer=item(cast, "funding", "MEDICAID"),
        service="Peer group",
        **({"units": 10, "starts_on": day(-30), "ends_on": day(90)} | fields),
    )


@pytest.mark.parametrize(("ends", "used", "low"), [(90, 7, False), (90, 8, True), (30, 0, True)])
def test_an_approval_that_is_nearly_used_or_soon_over_asks_for_more(cast, plan, service, ends, used, low):
    service.authorization = approve(cast, plan.enrollment, ends_on=day(ends))
    service.save()
    if used:
        ServiceDelivered.objects.create(service=service, units=used, by=cast.wendy)
    assert Authorization.objects.with_used().get().runs_low() is low


# --- When a service stops ---


@pytest.fixture
def stop(cast, plan):
    return ServiceInterruption.objects.create(
        enrollment=plan.enrollment, service="Peer group", kind="end", known_on=day(-3), by=cast.wendy
    )


def test_it_is_closed_once_they_were_told_and_it_goes_on(cast, stop):
    with pytest.raises(Refused) as refused:
        stop.close(by=cast.wendy)
    assert len(refused.value.sentences) == 2
    stop.notified_on, stop.notified_how, stop.continuity = day(), "phone", "The library group."
    stop.close(by=cast.wendy)
    assert stop.closed_on == day()


def test_the_database_closes_nothing_without_a_way_on(stop):
    stop.notified_on = stop.closed_on = day()
    with pytest.raises(IntegrityError), transaction.atomic():
        stop.save()


def test_they_are_told_within_the_days_of_the_program(stop):
    assert stop.tell_by() == day(-3 + stop.enrollment.program.interruption_notice_days)

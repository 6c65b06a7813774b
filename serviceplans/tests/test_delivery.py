"""What was planned and what was given, told side by side."""

from datetime import timedelta

import pytest
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client, plan_for
from serviceplans.delivery import delivered_rows
from serviceplans.models import Objective, PlannedService, ServiceDelivered

WEEK = timedelta(days=7)


@pytest.fixture
def plan(cast):
    enrolled = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        yield plan_for(enrolled, by=cast.wendy)


@pytest.fixture
def objective(plan):
    return Objective.objects.filter(goal__plan=plan).first()


@pytest.fixture
def group(objective):
    """Twice a week for twelve weeks, begun four weeks ago."""
    return PlannedService.objects.create(
        objective=objective,
        service="Peer group",
        provider="Hope",
        times=2,
        starts_on=timezone.localdate() - 4 * WEEK + timedelta(days=1),
    )


def give(service, by, weeks_ago=0, **fields):
    return ServiceDelivered.objects.create(
        service=service, by=by, on=timezone.localdate() - weeks_ago * WEEK, **fields
    )


def test_twice_a_week_for_twelve_weeks_is_24_times_and_8_by_now(cast, plan, group):
    give(group, cast.wendy, times=3, units=6)
    give(group, cast.wendy, weeks_ago=1)
    (row,) = delivered_rows(cast.wendy, plan)
    assert (row["planned"], row["planned_by_today"], row["delivered"], row["units"]) == (24, 8, 4, 6)
    assert row["last_on"] == timezone.localdate()
    assert row["is_behind"]


def test_what_the_version_before_gave_counts_on(cast, plan, group, objective):
    give(group, cast.wendy, weeks_ago=2, times=2)
    newer = group.copy_to(objective)
    give(newer, cast.wendy)
    rows = {row["planned_service"].pk: row["delivered"] for row in delivered_rows(cast.wendy, plan)}
    assert rows == {group.pk: 2, newer.pk: 3}


def test_only_the_days_that_are_asked_for_count(cast, plan, group):
    give(group, cast.wendy, weeks_ago=3)
    give(group, cast.wendy)
    (row,) = delivered_rows(cast.wendy, plan, since=timezone.localdate() - WEEK + timedelta(days=1))
    assert (row["planned_by_today"], row["delivered"]) == (2, 1)
    (row,) = delivered_rows(cast.wendy, plan, until=timezone.localdate() - 2 * WEEK)
    assert (row["planned_by_today"], row["delivered"]) == (4, 1)


def test_our_own_service_counts_the_visits_that_took_place(cast, plan, objective):
    PlannedService.objects.create(
        objective=objective, service="Visits", starts_on=timezone.localdate() - WEEK
    )
    log_visit(plan.enrollment, by=cast.wendy)
    log_visit(plan.enrollment, by=cast.wendy, outcome="no_show")
    (row,) = delivered_rows(cast.wendy, plan)
    assert (row["is_own"], row["delivered"]) == (True, 1)


def test_what_was_stopped_is_planned_no_further(cast, plan, group):
    group.stop(by=cast.wendy, on=timezone.localdate() - 2 * WEEK)
    (row,) = delivered_rows(cast.wendy, plan)
    assert (row["planned_by_today"], row["is_behind"]) == (4, False)


def test_what_stops_later_still_runs_and_ends_on_that_day(cast, plan, group):
    later = timezone.localdate() + 3 * WEEK
    group.stop(by=cast.wendy, on=later)
    (row,) = delivered_rows(cast.wendy, plan)
    assert (row["stopped_on"], row["ends_on"], row["is_behind"]) == (None, later, True)


def test_more_services_ask_no_more_of_the_database(
    cast, plan, group, objective, django_assert_max_num_queries
):
    group.copy_to(objective)
    PlannedService.objects.create(objective=objective, service="Visits")
    with django_assert_max_num_queries(5):
        assert len(delivered_rows(cast.wendy, plan)) == 3

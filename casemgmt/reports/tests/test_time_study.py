"""The minutes behind the units, by worker and day (PR-14)."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client
from clients.models import Visit
from serviceplans.models import WorkedDay

pytestmark = pytest.mark.django_db


@pytest.fixture
def served(cast):
    return enroll(make_client(cast.riverside, given_name="Zebulon"), cast.ccm, cast.wendy)


def lines(answer):
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


def asked(as_, who="sam"):
    today = timezone.localdate()
    period = {"start": today - timedelta(days=30), "end": today}
    return as_(who).get(reverse("reports:time-study"), period)


def test_a_days_minutes_stand_apart_and_beside_what_was_certified(as_, cast, served):
    visit = log_visit(served, by=cast.wendy, direct_minutes=60, travel_minutes=30, documentation_minutes=10)
    log_visit(served, by=cast.wendy, direct_minutes=15, held_with=Visit.With.PROVIDER)
    day = timezone.localtime(visit.started_at).date()
    with acting_as(cast.riverside, by=cast.sam):
        WorkedDay.objects.create(staff=cast.wendy, on=day, minutes=480, by=cast.sam)
    row = next(row for row in lines(asked(as_)) if row["Day"] == day.isoformat())
    assert row["Case manager"] == "Wendy Nakamura"
    assert [row["With clients"], row["About them"], row["Travel"], row["Notes"]] == ["60", "15", "30", "10"]
    assert (row["Written down"], row["Worked"], row["Other work"]) == ("115", "480", "365")


def test_the_sum_of_a_day_nobody_certified_says_nothing_of_worked_time(as_, cast, served):
    log_visit(served, by=cast.wendy, direct_minutes=60)
    row = next(row for row in lines(asked(as_)) if row["Day"] == "All")
    assert (row["With clients"], row["Worked"], row["Other work"]) == ("60", "", "")


def test_nobody_served_is_named(as_, cast, served):
    log_visit(served, by=cast.wendy)
    assert "Zebulon" not in asked(as_).content.decode()


def test_a_worker_does_not_get_it(as_, cast, served):
    assert asked(as_, "wendy").status_code == 403


def test_without_a_period_the_way_leads_back_to_the_page(as_, cast):
    answer = as_("sam").get(reverse("reports:time-study"), {"start": "yesterday"})
    assert (answer.status_code, answer.url) == (302, reverse("reports:work"))

"""What people did not get: by need and reason, without names and without small groups."""

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.models import Need
from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.demo.builders import assess, enroll, make_client
from casemgmt.reports.gaps import gap_tables
from casemgmt.reports.outcomes import Period
from serviceplans.models import ServiceReferral


def day(n=0):
    return timezone.localdate() + timedelta(days=n)


@pytest.fixture
def reason(cast):
    return lambda code: PickItem.objects.get(agency=cast.riverside, pick_list="gap", code=code)


@pytest.fixture
def people(cast):
    """So many people who need food, each referred ten days ago."""

    def refer(how_many):
        rows = []
        for _n in range(how_many):
            enrolled = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
            assess(enrolled, by=cast.wendy, ratings={"food": 2})
            with acting_as(cast.riverside, by=cast.wendy):
                need = Need.objects.get(enrollment=enrolled, domain="food")
                row = ServiceReferral(
                    enrollment=enrolled, service="Food", provider="Hope", need=need, asked_on=day(-10)
                )
                row.put(by=cast.wendy)
                rows.append(row)
        return rows

    return refer


def tables(cast, limit=5):
    with acting_as(cast.riverside, by=cast.eve):
        found = gap_tables(cast.eve, Period(day(-30), day()), limit)
    return {
        t.id: {row["label"]: {str(c["label"]): c["value"] for c in row["cells"]} for row in t.rows}
        for t in found
    }


def fail(cast, rows, gap):
    with acting_as(cast.riverside, by=cast.wendy):
        for row in rows:
            row.step("failed", by=cast.wendy, gap=gap)


def test_what_came_to_nothing_is_told_by_need_and_reason(cast, people, reason):
    fail(cast, people(6), reason("FULL"))
    assert tables(cast)["gaps"]["Food: Full, or the wait is too long"]["All"] == 6


def test_what_is_not_to_be_had_here_stands_apart(cast, people, reason):
    fail(cast, people(5), reason("NOT_AVAILABLE"))
    found = tables(cast)
    assert found["gaps"] == {}
    assert found["missing-services"]["Food"]["All"] == 5


def test_a_small_group_is_hidden_with_what_would_give_it_away(cast, people, reason):
    fail(cast, people(6), reason("FULL"))
    fail(cast, people(2), reason("COST"))
    found = tables(cast)["gaps"]
    assert found["Food: Too expensive, or not covered"]["All"] == "fewer than 5"
    assert found["Food: Full, or the wait is too long"]["All"] == "not shown"
    assert found["All needs"]["All"] == 8


def test_the_loop_tells_what_was_received_confirmed_and_how_long_it_took(cast, people):
    rows = people(6)
    with acting_as(cast.riverside, by=cast.wendy):
        for row in rows[:5]:
            row.step("running", by=cast.wendy, on=day(-4), confirmed_by="client")
    food = tables(cast, limit=1)["loops"]["Food"]
    assert (food["Received"], food["Open"], food["Confirmed, %"], food["Days"]) == (5, 1, 83, "6 days")


def test_who_may_not_see_figures_gets_none(cast, people):
    people(1)
    with acting_as(cast.riverside, by=cast.wendy):
        assert all(table.rows == [] for table in gap_tables(cast.wendy, Period(day(-30), day()), 1))

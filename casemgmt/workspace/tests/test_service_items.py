"""What Today asks about services of others."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.demo.builders import enroll, list_resource, make_client, plan_for
from casemgmt.workspace.worklists import items_of
from serviceplans.models import (
    Authorization,
    Objective,
    PlannedService,
    ServiceDelivered,
    ServiceInterruption,
    ServiceReferral,
)


def day(n=0):
    return timezone.localdate() + timedelta(days=n)


@pytest.fixture
def plan(cast):
    enrolled = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        yield plan_for(enrolled, by=cast.wendy)


def refer(cast, plan, **fields):
    said = {"service": "Food bank", "provider": "Hope"} | fields
    row = ServiceReferral(enrollment=plan.enrollment, **said)
    row.put(by=cast.wendy)
    return row


def asked(cast, *kinds):
    return [(i.kind, i.due_on, i.url) for i in items_of(cast.wendy) if i.kind in kinds]


def test_what_nobody_confirmed_is_asked_about_after_the_days_of_the_program(cast, plan):
    days = plan.enrollment.program.confirm_referral_days
    refer(cast, plan, asked_on=day(-100), service="Old")
    late = refer(cast, plan, asked_on=day(-days - 3))
    refer(cast, plan, asked_on=day(), service="New", next_on=day(60))
    found = asked(cast, "service")
    assert [due for _kind, due, _url in found] == [day(days - 100), day(-3)]
    assert found[1][2] == reverse("serviceplans:referral-detail", kwargs={"pk": late.pk})


def test_what_is_received_is_asked_about_no_more(cast, plan):
    row = refer(cast, plan, asked_on=day(-100))
    row.step("running", by=cast.wendy, confirmed_by="client")
    assert asked(cast, "service") == []


def test_they_are_told_by_the_day_of_the_program_and_then_somebody_sees_to_it(cast, plan):
    row = ServiceInterruption(enrollment=plan.enrollment, service="Group", kind="pause")
    row.put(by=cast.wendy)
    url = reverse("serviceplans:interruption-edit", kwargs={"pk": row.pk})
    assert asked(cast, "interruption") == [("interruption", row.tell_by(), url)]
    row.notified_on, row.continuity = day(), "Calls"
    row.put(by=cast.wendy)
    assert asked(cast, "interruption") == [("interruption", day(), url)]
    row.close(by=cast.wendy)
    assert asked(cast, "interruption") == []


def test_what_the_directory_dropped_is_asked_about_until_somebody_said_it(cast, plan):
    resource = list_resource(cast.riverside, by=cast.wendy, name="Hope", closed_on=day(-2))
    referral = refer(cast, plan, resource=resource)
    planned = PlannedService.objects.create(
        objective=Objective.objects.filter(goal__plan=plan).first(),
        service="Group",
        provider="Hope",
        resource=resource,
    )
    urls = {url for _kind, _due, url in asked(cast, "gone")}
    create = reverse("serviceplans:interruption-create", kwargs={"pk": plan.enrollment_id})
    assert urls == {f"{create}?referral={referral.pk}", f"{create}?planned={planned.pk}"}
    for what in ({"referral": referral}, {"planned": planned}):
        ServiceInterruption(enrollment=plan.enrollment, service="Group", kind="end", **what).put(
            by=cast.wendy
        )
    assert asked(cast, "gone") == []


def test_an_approval_runs_low_at_eighty_percent_or_a_month_before_its_end(cast, plan):
    payer = PickItem.objects.get(agency=cast.riverside, pick_list="funding", code="MEDICAID")

    def approve(number, ends_on):
        return Authorization.objects.create(
            enrollment=plan.enrollment, number=number, payer=payer, service="Group", units=10,
            starts_on=day(-10), ends_on=ends_on,
        )  # fmt: skip

    approve("soon", day(29))
    approve("not yet", day(60))
    service = PlannedService.objects.create(
        objective=Objective.objects.filter(goal__plan=plan).first(), service="Group", provider="Hope",
        authorization=approve("used", day(90)),
    )  # fmt: skip
    ServiceDelivered.objects.create(service=service, units=8, by=cast.wendy)
    found = [(i.what, i.due_on) for i in items_of(cast.wendy) if i.kind == "authorization"]
    assert found == [
        ("Authorization runs low: used (Group)", day()),
        ("Authorization runs low: soon (Group)", day(29)),
    ]

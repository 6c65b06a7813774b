"""Days that cannot be meant are found beside the field: sums with them would break the pages that show them."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client, plan_for


def url(name, pk):
    return reverse(f"serviceplans:{name}", kwargs={"pk": pk})


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside, given_name="Terry"), cast.ccm, cast.wendy)


@pytest.fixture
def wendy(as_):
    return as_("wendy")


@pytest.mark.parametrize("day", ["0001-01-01", "1800-01-01", "9999-12-31"])
def test_a_plan_does_not_start_in_another_age(cast, wendy, enrolled, day):
    draft = plan_for(enrolled, by=cast.wendy, signed=False)
    page = send(wendy, url("plan-edit", draft.pk), version=draft.version, starts_on=day)
    assert page.status_code == 422
    assert "Check the year." in page.text


@pytest.mark.parametrize("field", ["asked_on", "next_on"])
def test_a_service_is_not_asked_for_in_another_age(wendy, enrolled, field):
    fields = {"service": "Food", "provider": "Hope", "status": "asked", "asked_on": timezone.localdate()}
    page = send(wendy, url("referral-create", enrolled.pk), **(fields | {field: "9999-12-31"}))
    assert page.status_code == 422
    assert "Check the year." in page.text


@pytest.mark.parametrize(("name", "field"), [("plan-review", "next_on"), ("review-put-off", "moved_to")])
def test_a_review_does_not_move_to_another_age(cast, wendy, enrolled, name, field):
    page = send(wendy, url(name, plan_for(enrolled, by=cast.wendy).pk), **{field: "9999-12-31"})
    assert page.status_code == 422
    assert "Check the year." in page.text


def test_a_plan_that_is_replaced_later_is_reviewed_until_then(cast, wendy, enrolled):
    plan = plan_for(enrolled, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        plan.ended_on = timezone.localdate() + timedelta(days=14)
        plan.save()
    assert wendy.get(url("plan-review", plan.pk)).status_code == 200
    assert "In force" in wendy.get(url("plan-list", enrolled.pk)).text

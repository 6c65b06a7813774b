"""Services of a plan: written in a draft, noted as given in force, approved by payers, and told of when they stop."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.demo.builders import enroll, list_resource, make_client, plan_for
from serviceplans.models import (
    Authorization,
    Objective,
    PlannedService,
    ServiceDelivered,
    ServiceInterruption,
    ServicePlan,
    ServiceReferral,
)


def url(name, pk, **query):
    return reverse(f"serviceplans:{name}", kwargs={"pk": pk}, query=query)


def day(n=0):
    return timezone.localdate() + timedelta(days=n)


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


@pytest.fixture
def wendy(as_):
    return as_("wendy")


@pytest.fixture
def plan(cast):
    enrolled = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        yield plan_for(enrolled, by=cast.wendy)


@pytest.fixture
def objective(cast, plan):
    """One of the draft after the plan in force."""
    draft = ServicePlan.begin(plan.enrollment, by=cast.wendy)
    return Objective.objects.filter(goal__plan=draft).first()


@pytest.fixture
def group(plan):
    return PlannedService.objects.create(
        objective=Objective.objects.filter(goal__plan=plan).first(), service="Group", provider="Hope", times=2
    )


@pytest.fixture
def payer(cast):
    return PickItem.objects.get(agency=cast.riverside, pick_list="funding", code="MEDICAID")


PLANNED = {"service": "Peer group", "provider": "Hope", "times": 2, "per": "week", "weeks": 12}


# --- In a draft ---


def test_a_service_is_planned_with_how_often_how_long_and_who_pays(wendy, objective, payer):
    fields = PLANNED | {"starts_on": day(), "funding": payer.pk, "minutes": 60}
    assert send(wendy, url("planned-create", objective.pk), **fields).status_code == 302
    row = PlannedService.objects.get()
    assert (row.planned_times(), row.funding, row.minutes) == (24, payer, 60)
    page = wendy.get(url("plan-detail", objective.goal.plan_id)).text
    assert "2 × a week, 60 min, 12 weeks" in page
    assert "Medicaid" in page


def test_what_they_are_linked_to_gives_its_provider(cast, wendy, objective):
    enrollment = objective.goal.plan.enrollment
    referral = ServiceReferral(enrollment=enrollment, service="Meals", provider="Hope Pantry")
    referral.put(by=cast.wendy)
    fields = PLANNED | {"provider": "", "starts_on": day(), "referral": referral.pk}
    assert send(wendy, url("planned-create", objective.pk), **fields).status_code == 302
    assert PlannedService.objects.get().provider == "Hope Pantry"


def test_who_pays_and_the_referral_stay_where_they_are_offered_no_longer(cast, wendy, objective, payer):
    enrollment = objective.goal.plan.enrollment
    referral = ServiceReferral(enrollment=enrollment, service="Peer group", provider="Hope")
    referral.put(by=cast.wendy)
    ServiceReferral(enrollment=enrollment, service="Food", provider="Bank").put(by=cast.wendy)
    service = PlannedService(objective=objective, service="Peer group", referral=referral, funding=payer)
    service.put()
    referral.step("done", by=cast.wendy, confirmed_by="client")
    payer.ended_on = day()
    payer.save()
    form = wendy.get(url("planned-edit", service.pk)).context["form"]
    said = {name: form[name].value() for name in ("referral", "funding", "version")} | {"starts_on": day()}
    assert send(wendy, url("planned-edit", service.pk), **(PLANNED | said)).status_code == 302
    service.refresh_from_db()
    assert (service.referral, service.funding) == (referral, payer)


def test_in_a_plan_in_force_no_service_is_changed_or_removed(wendy, group):
    changed = send(wendy, url("planned-edit", group.pk), version=group.version, starts_on=day(), **PLANNED)
    assert changed.status_code == 422
    assert send(wendy, url("planned-remove", group.pk)).status_code == 422


def test_a_service_of_a_draft_is_removed(wendy, objective):
    row = PlannedService.objects.create(objective=objective, service="Peer group")
    assert send(wendy, url("planned-remove", row.pk)).status_code == 302
    assert not PlannedService.objects.exists()


# --- In force ---


def test_that_it_was_given_takes_one_small_form(wendy, plan, group):
    page = wendy.get(url("planned-delivered", group.pk))
    known = {name: page.context["form"][name].value() for name in ("times", "on")}
    assert send(wendy, url("planned-delivered", group.pk), **known, confirmed_by="client").status_code == 302
    text = wendy.get(url("plan-detail", plan.pk)).text
    assert "1 of 24 given" in text


@pytest.mark.parametrize("on", [1, -1])
def test_it_is_given_on_no_day_to_come_and_none_before_it_began(wendy, group, on):
    answer = send(wendy, url("planned-delivered", group.pk), times=1, on=day(on))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["on"]
    assert not ServiceDelivered.objects.exists()


def test_our_own_is_counted_by_visits_alone(wendy, group):
    group.provider = ""
    group.save()
    answer = send(wendy, url("planned-delivered", group.pk), times=1, on=day())
    assert answer.status_code == 422


# --- Approvals ---


@pytest.fixture
def approval(plan, group, payer):
    row = Authorization.objects.create(
        enrollment=plan.enrollment, number="A-1", payer=payer, service="Group", units=10,
        starts_on=day(-10), ends_on=day(90),
    )  # fmt: skip
    group.authorization = row
    group.save()
    return row


def test_an_approval_shows_what_is_left_and_warns_at_eighty_percent(cast, wendy, group, approval):
    group.deliver(by=cast.wendy, units=7)
    page = wendy.get(url("authorization-list", approval.enrollment_id))
    assert "7 of 10 units used" in page.text
    assert "Runs low" not in page.text
    group.deliver(by=cast.wendy, units=1)
    assert "Runs low" in wendy.get(url("authorization-list", approval.enrollment_id)).text


def test_an_approval_is_written_down_once(wendy, approval, payer):
    fields = {
        "service": "Group", "payer": payer.pk, "number": "A-1", "units": 5, "starts_on": day(), "ends_on": day(-1),
    }  # fmt: skip
    answer = send(wendy, url("authorization-create", approval.enrollment_id), **fields)
    assert sorted(answer.context["form"].errors) == ["ends_on", "number"]
    fields |= {"number": "A-2", "ends_on": day(30)}
    answer = send(wendy, url("authorization-create", approval.enrollment_id), **fields)
    assert answer.status_code == 302


# --- It stops ---


STOPS = {"service": "Group", "kind": "end", "known_on": day(), "stops_on": day()}


def test_what_stops_is_filled_in_and_planned_no_further(wendy, group):
    address = url("interruption-create", group.objective.goal.plan.enrollment_id, planned=group.pk)
    assert wendy.get(address).context["form"]["service"].value() == "Group, Hope"
    assert send(wendy, address, **STOPS).status_code == 302
    group.refresh_from_db()
    assert group.stopped_on == day()
    assert ServiceInterruption.objects.get().planned == group


@pytest.fixture
def stopped(cast, plan, group):
    row = ServiceInterruption(enrollment=plan.enrollment, planned=group, service="Group", kind="pause")
    row.put(by=cast.wendy)
    return row


def test_it_is_not_closed_before_they_were_told_and_it_goes_on_somehow(wendy, stopped):
    said = STOPS | {"version": stopped.version, "close": "1"}
    answer = send(wendy, url("interruption-edit", stopped.pk), **said)
    assert sorted(answer.context["form"].errors) == ["continuity", "notified_on"]
    said |= {"notified_on": day(), "notified_how": "phone", "continuity": "Calls until June"}
    assert send(wendy, url("interruption-edit", stopped.pk), **said).status_code == 302
    stopped.refresh_from_db()
    assert stopped.closed_on == day()


def test_they_are_not_told_before_it_is_known(wendy, stopped):
    said = STOPS | {"version": stopped.version, "notified_on": day(-1)}
    answer = send(wendy, url("interruption-edit", stopped.pk), **said)
    assert list(answer.context["form"].errors) == ["notified_on"]


def test_what_the_directory_closed_is_asked_about_and_filled_in(cast, wendy, plan, group):
    resource = list_resource(cast.riverside, by=cast.wendy, name="Hope", closed_on=day(-3))
    group.resource = resource
    group.save()
    assert "No longer in the directory" in wendy.get(url("plan-detail", plan.pk)).text
    form = wendy.get(url("interruption-create", plan.enrollment_id, planned=group.pk)).context["form"]
    assert (form["kind"].value(), form["stops_on"].value()) == ("end", day(-3))


def test_the_plan_and_the_referral_show_what_stops_and_whether_they_were_told(cast, wendy, plan, stopped):
    referral = ServiceReferral(enrollment=plan.enrollment, service="Meals", provider="Hope")
    referral.put(by=cast.wendy)
    ServiceInterruption(enrollment=plan.enrollment, referral=referral, service="Meals", kind="end").put(
        by=cast.wendy
    )
    for page in (url("plan-detail", plan.pk), url("referral-detail", referral.pk)):
        assert "they are not told yet" in wendy.get(page).text

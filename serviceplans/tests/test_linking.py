"""From asking for a service to receiving it: the page of one, and its next step."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.demo.builders import enroll, make_client
from serviceplans import linked
from serviceplans.models import ReferralStep, ServiceReferral


def url(name, pk):
    return reverse(f"serviceplans:{name}", kwargs={"pk": pk})


def day(n=0):
    return timezone.localdate() + timedelta(days=n)


@pytest.fixture
def wendy(as_):
    return as_("wendy")


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside), cast.ccm, cast.wendy)


@pytest.fixture
def referral(cast, enrolled):
    with acting_as(cast.riverside, by=cast.wendy):
        row = ServiceReferral(
            enrollment=enrolled, service="Food bank", provider="Hope", phone="412 555 0100", asked_on=day(-10)
        )
        row.put(by=cast.wendy)
        yield row


def step(browser, row, status, **fields):
    row.refresh_from_db()
    said = {"submit_key": str(uuid.uuid4()), "version": row.version, "status": status, "on": day()}
    return browser.post(url("referral-step", row.pk), said | fields)


def test_the_page_says_whom_to_call_and_what_they_were_told(wendy, referral):
    text = wendy.get(url("referral-detail", referral.pk)).text
    assert 'href="tel:412 555 0100"' in text
    assert "goes themselves" in text


def test_one_form_goes_the_whole_way(wendy, referral):
    tomorrow = {"appointment_on": day(1), "appointment_time": "09:30"}
    assert step(wendy, referral, "accepted").status_code == 302
    assert step(wendy, referral, "booked", **tomorrow).status_code == 302
    assert step(wendy, referral, "attended", confirmed_by="worker").status_code == 302
    assert step(wendy, referral, "running", confirmed_by="client").status_code == 302
    assert step(wendy, referral, "done", confirmed_by="provider").status_code == 302
    referral.refresh_from_db()
    assert (referral.ended_on, referral.received_on, referral.confirmed_by) == (day(), day(), "provider")
    assert timezone.localtime(referral.appointment_at).hour == 9
    assert ReferralStep.objects.filter(referral=referral).count() == 6
    assert "referral-step" not in wendy.get(url("referral-detail", referral.pk)).text


@pytest.mark.parametrize(
    ("status", "field"),
    [
        ("attended", "confirmed_by"),
        ("running", "confirmed_by"),
        ("failed", "gap"),
        ("booked", "appointment_on"),
        ("", "status"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(wendy, referral, status, field):
    page = step(wendy, referral, status)
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert page.context["row"]["label"] == "Asked for"


def test_what_the_status_has_no_use_for_is_left_out(cast, wendy, referral):
    gap = PickItem.objects.get(agency=cast.riverside, pick_list="gap", code="FULL")
    assert step(wendy, referral, "accepted", gap=gap.pk, appointment_on=day(3)).status_code == 302
    referral.refresh_from_db()
    assert (referral.gap, referral.appointment_at, referral.ended_on) == (None, None, None)


def test_nothing_new_is_asked_again_after_the_days_of_the_program(wendy, referral):
    assert step(wendy, referral, "asked").status_code == 302
    referral.refresh_from_db()
    days = referral.enrollment.program.confirm_referral_days
    assert referral.next_on == day(days)


def test_nobody_takes_a_step_over_another_one(wendy, referral):
    page = wendy.post(
        url("referral-step", referral.pk),
        {"submit_key": str(uuid.uuid4()), "version": referral.version + 1, "status": "accepted", "on": day()},
    )
    assert page.status_code == 409


def test_the_details_are_changed_without_a_step(wendy, referral):
    fields = {
        "submit_key": str(uuid.uuid4()),
        "version": referral.version,
        "service": "Food bank",
        "provider": "Hope Pantry",
        "asked_on": referral.asked_on,
        "status": "done",
    }
    assert wendy.post(url("referral-edit", referral.pk), fields).status_code == 302
    referral.refresh_from_db()
    assert (referral.provider, referral.status, referral.ended_on) == ("Hope Pantry", "asked", None)


def test_the_way_shows_what_was_reached_and_what_is_to_come(cast, referral):
    referral.step("booked", by=cast.wendy, appointment_at=timezone.now() + timedelta(days=2))
    steps = list(ReferralStep.objects.filter(referral=referral))
    assert [(s["label"], s["state"]) for s in linked.way(referral, steps)] == [
        ("Asked for", "done"),
        ("Appointment made", "current"),
        ("Went there", "todo"),
        ("Receiving it", "todo"),
    ]


def test_the_way_of_what_nothing_came_of_ends_there(cast, referral):
    gap = PickItem.objects.get(agency=cast.riverside, pick_list="gap", code="FULL")
    referral.step("declined", by=cast.wendy, gap=gap)
    steps = list(ReferralStep.objects.filter(referral=referral))
    assert [s["label"] for s in linked.way(referral, steps)] == ["Asked for", "Provider said no"]


def test_a_reader_sees_it_without_the_form(as_, referral):
    page = as_("quinn").get(url("referral-detail", referral.pk))
    assert page.status_code == 200
    assert page.context["form"] is None


def test_what_they_receive_already_is_written_down_with_who_says_so(cast, wendy, enrolled):
    said = {"service": "Day center", "provider": "The Porch", "status": "running", "asked_on": day(-3)}
    address = reverse("serviceplans:referral-create", kwargs={"pk": enrolled.pk})
    lacking = wendy.post(address, said | {"submit_key": str(uuid.uuid4())})
    assert lacking.status_code == 422
    assert lacking.context["form"].errors == {"confirmed_by": ["Say from whom you know."]}
    sent = said | {"submit_key": str(uuid.uuid4()), "confirmed_by": "client"}
    assert wendy.post(address, sent).status_code == 302
    with acting_as(cast.riverside, by=cast.wendy):
        row = ServiceReferral.objects.get(service="Day center")
        vouched = (row.confirmed_by, row.steps.get().confirmed_by, row.received_on)
    assert vouched == ("client", "client", day(-3))

"""The day on a small phone (360×640): what is one tap away, and how many a safety plan takes (CM3, CM4)."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client
from casemgmt.tests.plugin import axe
from clients.models import Alert, CheckIn, PlannedVisit, SafetyPlan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page, who):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", "casemgmt-demo")
    page.click("form button.btn-primary")
    page.wait_for_url(lambda url: "login" not in url)


@pytest.fixture
def small(phone):
    phone.set_viewport_size({"width": 360, "height": 640})
    return phone


@pytest.fixture
def enrolled(cast, live_server):
    client = make_client(
        cast.riverside,
        given_name="Terry",
        family_name="Quill",
        phone="412 555 0177",
        address="12 Mill Street",
        no_voicemail=True,
    )
    row = enroll(client, cast.rapid, cast.wendy)
    soon = timezone.now() + timedelta(minutes=5)
    with acting_as(cast.riverside, by=cast.wendy):
        PlannedVisit.objects.create(enrollment=row, staff=cast.wendy, starts_at=soon, by=cast.wendy)
        SafetyPlan.objects.create(client=client, own_ways="Walks by the river.")
        Alert.objects.create(
            client=client,
            kind="safety",
            text="Visit in pairs",
            basis="A threat in May.",
            review_on=timezone.localdate() + timedelta(days=30),
        )
    return row


def no_sideways(page):
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_today_shows_the_visit_and_one_tap_calls_or_finds_the_way(enrolled, small):
    sign_in(small, "wendy")
    if not small.url.endswith("/today/"):
        small.goto("/today/")
    panel = small.locator("section", has=small.get_by_role("heading", name="Visits"))
    expect(panel.get_by_text("Terry Quill").first).to_be_in_viewport()
    expect(panel.get_by_text("Visit in pairs")).to_be_in_viewport()
    expect(panel.get_by_text("No voicemail", exact=True)).to_be_in_viewport()
    call = panel.get_by_role("link", name="Call Terry Quill")
    expect(call).to_be_in_viewport()
    assert call.get_attribute("href") == "tel:412 555 0177"
    assert "12%20Mill%20Street" in panel.get_by_role("link", name="Map").get_attribute("href")
    print(
        "\nCM3, Today at 360×640: 0 taps to the visit, its address and what to know; 1 tap to call, 1 to the map"
    )
    no_sideways(small)
    axe(small)
    small.get_by_text("More: Terry Quill").first.locator("xpath=..").click()
    expect(small.get_by_role("link", name="Move or call off")).to_be_visible()
    no_sideways(small)


def counter():
    """How often something was tapped so far, and how one taps."""
    taps = []

    def tap(target):
        target.click()
        taps.append(1)
        return len(taps)

    return tap


def test_a_safety_plan_is_two_taps_away_in_todays_visit_and_among_ones_people(enrolled, small):
    sign_in(small, "wendy")
    small.goto("/today/")
    tap = counter()
    tap(small.get_by_text("More: Terry Quill").first.locator("xpath=.."))
    from_today = tap(small.get_by_role("link", name="Safety").first)
    expect(small.get_by_text("Walks by the river.")).to_be_visible()
    small.goto("/calendar/")
    tap = counter()
    tap(small.get_by_role("link", name="Clients").last)
    among_people = tap(small.get_by_role("link", name="Safety of Terry Quill"))
    expect(small.get_by_text("Walks by the river.")).to_be_visible()
    print(
        f"\nCM4, safety view at 360×640: {from_today} taps from today’s visit, {among_people} among one’s people"
    )
    assert max(from_today, among_people) <= 2


def test_a_safety_plan_is_three_taps_away_by_name(enrolled, small):
    sign_in(small, "wendy")
    small.goto("/calendar/")
    tap = counter()
    tap(small.get_by_role("link", name="Clients").last)
    small.get_by_role("searchbox").fill("Quill")
    tap(small.get_by_role("button", name="Search"))
    small.wait_for_url("**q=Quill**")
    no_sideways(small)
    axe(small)
    taps = tap(small.get_by_role("link", name="Safety of Terry Quill"))
    expect(small.get_by_text("Walks by the river.")).to_be_visible()
    print(f"\nCM4, safety view at 360×640: {taps} taps by name from anywhere, and one word typed")
    assert taps <= 3


def test_checking_in_and_out_takes_one_tap_each(cast, enrolled, small):
    sign_in(small, "wendy")
    small.goto("/today/")
    small.get_by_role("button", name=re.compile("Check in.*Terry Quill")).click()
    expect(small.get_by_text("Out until")).to_be_visible()
    no_sideways(small)
    axe(small)
    small.goto("/calendar/")
    small.get_by_role("button", name="I am back").click()
    expect(small.get_by_text("Welcome back")).to_be_visible()
    assert CheckIn._base_manager.get().ended_at is not None
    print("\nCheck-in: 1 tap, check-out: 1 tap")


@pytest.mark.parametrize(
    "address", ["/calendar/", "/calendar/?view=agenda", "/account/reminders/", "/check-in/"]
)
def test_the_pages_of_the_day_have_no_barrier_and_fit(enrolled, small, address):
    sign_in(small, "wendy")
    small.goto(address)
    no_sideways(small)
    axe(small)


def test_a_visit_is_planned_on_a_phone(enrolled, small):
    sign_in(small, "wendy")
    small.goto(f"/enrollments/{enrolled.pk}/planned/new/")
    no_sideways(small)
    axe(small)
    small.get_by_role("button", name="Save").click()
    expect(small.get_by_text("Visit planned:")).to_be_visible()
    assert PlannedVisit._base_manager.count() == 2

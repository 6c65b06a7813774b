"""In the browser, on a phone: how much it takes to write a plan with two goals, three objectives and a service."""

import re

import pytest
from playwright.sync_api import expect

from casemgmt.demo.builders import assess, enroll, make_client
from casemgmt.tests.plugin import axe
from casemgmt.tests.test_walk import choose
from serviceplans.models import Objective, PlannedService, ServicePlan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# What a tap and a short text take on a phone, with time to talk; seconds, for the twelve minutes of CM9.
TAP, TEXT = 5, 25


class Hand:
    """Fills in the page and counts: taps, and fields that are typed."""

    def __init__(self, page):
        self.page, self.taps, self.texts = page, 0, 0

    def tap(self, target):
        target.click()
        self.taps += 1

    def press(self):
        """The one button that saves."""
        # What was typed is kept on the device first, then it goes.
        with self.page.expect_navigation():
            self.tap(self.page.locator("main form .btn-primary").last)
        expect(self.page.locator("main")).not_to_contain_text("There is a problem")

    def choose(self, name, value):
        choose(self.page, name, value)
        self.taps += 1

    def write(self, **fields):
        for name, text in fields.items():
            self.page.locator(f"[name={name}]").fill(text)
            self.texts += 1

    @property
    def minutes(self):
        return (self.taps * TAP + self.texts * TEXT) / 60


@pytest.fixture
def enrolled(cast, live_server):
    row = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    assess(row, by=cast.wendy)
    return row


def test_a_new_plan_is_written_and_signed_in_twelve_minutes(cast, enrolled, phone):
    phone.goto("/accounts/login/")
    phone.fill("input[name=login]", "wendy")
    phone.fill("input[name=password]", "casemgmt-demo")
    phone.click("form button.btn-primary")
    phone.wait_for_url(lambda url: "login" not in url)
    phone.goto(f"/clients/{enrolled.client_id}/")
    hand = Hand(phone)
    hand.tap(phone.locator(".next a"))
    hand.tap(phone.get_by_role("button", name=re.compile("^Start the")))

    # A goal in their own words, with its first objective and its first step.
    hand.tap(phone.get_by_role("link", name="Goal for Housing"))
    hand.write(title="I want a door that I can close.", why="So that my son can stay over.")
    hand.write(text="Sleeps in a place of her own", measure="nights a month", unit="nights")
    hand.write(baseline="0", target="28", step="Send the papers to the housing office")
    hand.choose("agreement", "agrees")
    hand.press()
    plan = ServicePlan._base_manager.get()

    # Another one, from the library, made her own.
    hand.tap(phone.get_by_role("link", name="Goal for Money and benefits"))
    hand.tap(phone.locator("details.fold summary").first)
    hand.tap(phone.locator("details.fold a.item-link").first)
    hand.write(
        title="I want to know on the first what I can spend.", why="The red letters scare me.", baseline="0"
    )
    hand.choose("agreement", "agrees")
    hand.press()

    # A third objective, and a service under it.
    hand.tap(phone.get_by_role("link", name=re.compile(r"^Objective for I want a door")))
    hand.write(text="Goes to see rooms twice a week", measure="rooms seen a week", unit="rooms")
    hand.write(baseline="0", target="2")
    hand.press()
    objective = Objective._base_manager.get(text__startswith="Goes to see")
    panel = phone.locator(f"#objective-{objective.pk}")
    hand.tap(panel.get_by_role("link", name=re.compile("Service")).first)
    hand.write(service="Housing search", provider="Tenant House")
    hand.press()

    phone.goto(f"/plans/{plan.pk}/")
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == phone.viewport_size["width"]
    hand.tap(phone.get_by_role("link", name="Sign", exact=True).first)
    hand.choose("client_answer", "signed")
    hand.tap(phone.locator("label[for=id_client_told]"))
    hand.write(client_name=enrolled.client.name, typed_name="Wendy Nakamura")
    hand.press()

    plan.refresh_from_db()
    print(f"\nCM9, a new plan: {hand.taps} taps and {hand.texts} texts, about {hand.minutes:.0f} minutes")
    assert plan.is_in_force
    assert Objective._base_manager.filter(goal__plan=plan).count() == 3
    assert PlannedService._base_manager.count() == 1
    assert hand.minutes <= 12

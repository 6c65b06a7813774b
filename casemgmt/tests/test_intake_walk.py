"""Somebody new at the front door, on two phones: how many taps and pages it takes.

`pytest casemgmt/tests/test_intake_walk.py -s` prints the numbers. The estimate is for a practised person: three seconds
for a tap or a page, and the words typed with two thumbs, five letters a second.
"""

import re

import pytest
from playwright.sync_api import expect

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import begin_intake, list_resource, make_client
from casemgmt.tests.plugin import axe
from casemgmt.tests.test_walk import said, sign_in
from clients.models import Client, EligibilityDecision, OutreachContact

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Counted:
    """A page whose taps, typed letters and openings are counted."""

    def __init__(self, page):
        self.page, self.taps, self.letters, self.pages = page, 0, 0, 0

    def tap(self, name, value):
        chip = self.page.locator(f'[name="{name}"][value="{value}"]')
        chip.locator("xpath=ancestor::label | following-sibling::label").first.click()
        self.taps += 1

    def type(self, name, words):
        self.page.locator(f'[name="{name}"]').fill(words)
        self.taps, self.letters = self.taps + 1, self.letters + len(words)

    def go(self, role, label):
        self.page.get_by_role(role, name=label).first.click()
        self.page.wait_for_load_state()
        self.taps, self.pages = self.taps + 1, self.pages + 1

    def seconds(self):
        return 3 * (self.taps + self.pages) + self.letters / 5

    def __str__(self):
        return f"{self.taps} taps, {self.pages} pages, {self.letters} letters, about {self.seconds():.0f} seconds"


@pytest.mark.parametrize(("width", "height"), [(390, 844), (360, 640)])
def test_a_name_a_reason_and_one_answer_are_an_intake(cast, phone, width, height):
    """REQ-113: the least that is needed."""
    phone.set_viewport_size({"width": width, "height": height})
    sign_in(phone, "wendy")
    phone.goto("/today/")
    least = Counted(phone)
    least.go("link", "New intake")
    least.type("chosen_name", "Blue")
    least.type("reason", "Needs a bed tonight.")
    least.tap("safe_now", "yes")
    least.go("button", "Save intake")
    said(phone, "The intake is saved.")
    assert phone.evaluate("document.documentElement.scrollWidth") <= width
    print(f"\nleast intake at {width} px: {least}")
    assert (least.taps, least.pages) == (5, 2)


@pytest.mark.parametrize(("width", "height"), [(390, 844), (360, 640)])
def test_a_whole_intake_with_its_decision_takes_a_practised_person_five_minutes(cast, phone, width, height):
    phone.set_viewport_size({"width": width, "height": height})
    sign_in(phone, "wendy")
    phone.goto("/today/")
    whole = Counted(phone)
    whole.go("link", "New intake")
    for name, words in (
        ("given_name", "Rosa"),
        ("family_name", "Tamayo"),
        ("phone", "412 555 0155"),
        ("born_on_month", "3"),
        ("born_on_day", "14"),
        ("born_on_year", "1985"),
        (
            "reason",
            "Leaves the hospital on Friday without a place to stay. Sister can help with the children.",
        ),
        ("first_help", "A bed from Friday on, and somebody who calls the landlord with her."),
    ):
        whole.type(name, words)
    for name, answer in (("safe_now", "yes"), ("place_tonight", "no"), ("food_today", "yes")):
        whole.tap(name, answer)
    whole.tap("medication_low", "no")
    phone.locator("summary", has_text="Speaking with them").click()
    phone.locator("summary", has_text="People around them").click()
    whole.taps += 2
    for name, words in (
        ("pronouns", "she/her"),
        ("language", "Spanish"),
        ("contact_note", "Mornings only, no voicemail."),
        ("dependants", "Two children"),
        ("helper", "Sister Ines"),
        ("other_workers", "Hospital social worker"),
        ("avoid", "Rooms without a window"),
    ):
        whole.type(name, words)
    axe(phone)
    whole.go("button", "Save intake")
    said(phone, "The intake is saved.")
    whole.go("link", "Decide")
    whole.tap("outcome", "accept")
    phone.locator("[name=program]").select_option(label="ACT Team")
    expect(phone.get_by_text("Lives in the county")).to_be_visible()
    whole.taps += 1
    for group in phone.locator("#eligibility fieldset fieldset").all():
        group.get_by_text("Yes", exact=True).click()
        whole.taps += 1
    axe(phone)
    whole.go("button", "Record decision")
    said(phone, "Accepted and enrolled")
    print(f"\nwhole intake at {width} px: {whole}")
    assert whole.taps <= 35
    assert whole.pages <= 4
    assert whole.seconds() < 300
    with acting_as(cast.riverside, by=cast.wendy):
        assert Client.objects.get(family_name="Tamayo").avoids == "Rooms without a window"
        assert EligibilityDecision.objects.get().answers.count() == 3


def test_who_is_not_safe_comes_first_and_a_try_is_two_taps(cast, phone):
    sign_in(phone, "wendy")
    phone.goto("/intakes/new/")
    page = Counted(phone)
    expect(phone.get_by_text("Call the crisis line together")).to_be_hidden()
    page.tap("safe_now", "no")
    expect(phone.get_by_text("Call the crisis line together")).to_be_visible()
    expect(phone.locator("[name=safety_note]")).to_be_visible()
    page.tap("safe_now", "yes")
    expect(phone.locator("[name=safety_note]")).to_be_hidden()

    phone.goto("/referrals/new/")
    page.type("given_name", "Noor")
    page.type("reason", "Asks for help with letters.")
    page.go("button", "Save referral")
    tried = Counted(phone)
    tried.tap("outcome", "no_answer")
    tried.go("button", "Save try")
    said(phone, "The try is written down.")
    expect(phone.get_by_text("1 try without reaching them")).to_be_visible()
    print(f"\none try: {tried}")
    assert tried.taps == 2
    axe(phone)
    with acting_as(cast.riverside, by=cast.wendy):
        assert OutreachContact.objects.get().outcome == "no_answer"


def test_referring_out_finds_a_service_in_the_directory(cast, phone):
    client = make_client(cast.riverside, by=cast.wendy)
    intake = begin_intake(client, by=cast.wendy)
    list_resource(cast.riverside, by=cast.wendy, name="Eastbank Food Pantry")
    sign_in(phone, "wendy")
    phone.goto(f"/intakes/{intake.pk}/decide/")
    page = Counted(phone)
    page.tap("outcome", "refer_out")
    expect(phone.locator("[name=program]")).to_be_hidden()
    phone.locator("[name=note]").fill("Outside what we do.")
    phone.locator("[name=search]").fill("food")
    phone.get_by_role("button", name="Find").click()
    phone.get_by_text(re.compile("Eastbank Food Pantry")).click()
    phone.locator("[name=follow_up_on]").fill("2099-01-01")
    expect(phone.locator("[name=note]")).to_have_value("Outside what we do.")
    axe(phone)

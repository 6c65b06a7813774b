"""In the browser, on a phone: how many interactions a referral takes, and closing its loop."""

import re

import pytest
from playwright.sync_api import expect

from assessments.models import Need
from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import assess, enroll, give_consent, list_resource, make_client, plan_for
from casemgmt.tests.plugin import axe
from serviceplans.models import ServiceReferral

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page, who="wendy"):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", "casemgmt-demo")
    page.click("form button.btn-primary")
    page.wait_for_url(lambda url: "login" not in url)


class Counted:
    """Every tap, and every field that is filled in, counts as one."""

    def __init__(self):
        self.n = 0

    def tap(self, target):
        target.click()
        self.n += 1

    def fill(self, target, text):
        target.fill(text)
        self.n += 1


def fits(page):
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]


@pytest.fixture
def enrolled(cast, live_server):
    client = make_client(cast.riverside, address="12 Forbes Avenue, Pittsburgh, PA 15213")
    row = enroll(client, cast.ccm, cast.wendy)
    assess(row, by=cast.wendy, ratings={"food": 3})
    for name, postcode in (("Hope Food Bank", "15213"), ("Other Pantry", "16501")):
        list_resource(
            cast.riverside,
            by=cast.wendy,
            name=name,
            organization=name,
            needs=["food"],
            fees="Free",
            hours="Mon 9–17",
            place={"city": "Pittsburgh", "postcode": postcode},
        )
    return row


def test_a_referral_from_a_need_takes_four_taps_with_a_consent(cast, enrolled, phone):
    give_consent(enrolled.client, by=cast.wendy, kind="disclosure")
    sign_in(phone)
    phone.goto(f"/clients/{enrolled.client_id}/")
    hand = Counted()
    hand.tap(phone.get_by_role("link", name="Find a service for Food"))
    phone.wait_for_url("**/find/?need=*")
    fits(phone)
    expect(phone.locator(".items b").first).to_have_text("Hope Food Bank")
    hand.tap(phone.get_by_role("link", name="Refer to Hope Food Bank"))
    phone.wait_for_url("**/services/new/*")
    fits(phone)
    hand.tap(phone.get_by_text(re.compile("Hope Food Bank is told")))
    hand.tap(phone.get_by_role("button", name="Add the service"))
    phone.wait_for_url(re.compile(r"/services/\d+/$"))
    fits(phone)
    expect(phone.get_by_text("Name, phone and the need")).to_be_visible()
    print(f"\nCM5, a referral from a need with a consent: {hand.n} interactions")
    assert hand.n <= 12
    row = ServiceReferral._base_manager.select_related("disclosure", "resource").get()
    assert (row.resource.name, row.disclosure.recipient) == ("Hope Food Bank", "Hope Food Bank")


def test_a_referral_for_which_a_consent_is_asked_takes_at_most_twelve(cast, enrolled, phone):
    sign_in(phone)
    phone.goto(f"/clients/{enrolled.client_id}/")
    hand = Counted()
    hand.tap(phone.get_by_role("link", name="Find a service for Food"))
    hand.tap(phone.get_by_role("link", name="Refer to Hope Food Bank"))
    hand.tap(phone.get_by_role("link", name="Ask for a consent to tell the provider"))
    phone.wait_for_url("**/consents/**")
    hand.fill(phone.locator("[name=information]"), "Name, phone and what is needed")
    hand.fill(phone.locator("[name=purpose]"), "Food")
    hand.tap(phone.locator("label[for=id_said_all]"))
    hand.fill(phone.locator("[name=signed_name]"), enrolled.client.name)
    hand.tap(phone.get_by_role("button", name="They agree"))
    phone.wait_for_url("**/services/new/*")
    expect(phone.locator("[name=consent]:checked")).to_have_count(1)
    hand.tap(phone.get_by_role("button", name="Add the service"))
    phone.wait_for_url(re.compile(r"/services/\d+/$"))
    print(f"\nCM5, asking for the consent on the way: {hand.n} interactions")
    assert hand.n <= 12
    assert ServiceReferral._base_manager.get().disclosure_id is not None


def test_the_loop_is_closed_in_four_from_today(cast, enrolled, phone):
    with acting_as(cast.riverside, by=cast.wendy):
        plan_for(enrolled, by=cast.wendy)
        need = Need.objects.filter(enrollment=enrolled).first()
        row = ServiceReferral(
            enrollment=enrolled,
            service="Food bank",
            provider="Hope",
            need=need,
            asked_on=enrolled.enrolled_on,
            next_on=enrolled.enrolled_on,
        )
        row.put(by=cast.wendy)
    sign_in(phone)
    phone.goto("/today/" if phone.url.endswith("/today/") else phone.url)
    hand = Counted()
    item = phone.locator("li", has_text="Ask how it stands: Food bank")
    hand.tap(item.get_by_role("link"))
    phone.wait_for_url(re.compile(r"/services/\d+/$"))
    expect(phone.locator("[name=appointment_on]")).to_be_hidden()
    expect(phone.locator("[name=gap]").first).to_be_hidden()
    hand.tap(phone.locator("label", has_text="Receiving it"))
    hand.tap(phone.locator("#div_id_confirmed_by label.form-check-label").first)
    hand.tap(phone.get_by_role("button", name="Save"))
    expect(phone.locator(".messages")).to_contain_text("Saved.")
    fits(phone)
    print(f"\nCM6, closing the loop from Today: {hand.n} interactions")
    assert hand.n <= 4
    row.refresh_from_db()
    assert (row.status, row.confirmed_by) == ("running", "client")

"""A questionnaire in the browser: how many taps it takes, what is saved on the way, and without a connection."""

import re

import pytest
from playwright.sync_api import expect

from assessments.models import ProgramInstrument, Response
from assessments.tests.test_answering import EVERY_KIND
from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client, publish_instrument, respond
from casemgmt.tests.plugin import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page, who="wendy"):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", "casemgmt-demo")
    page.click("form button.btn-primary")
    page.wait_for_url(lambda url: "login" not in url)


@pytest.fixture
def enrolled(cast, live_server):
    return enroll(make_client(cast.riverside), cast.ccm, cast.wendy)


def test_a_phq_9_takes_its_items_and_three_taps(cast, enrolled, phone):
    version = publish_instrument(cast.riverside, "PHQ-9")
    with acting_as(cast.riverside, by=cast.sam):
        ProgramInstrument.objects.create(program=cast.ccm, instrument=version.instrument, within_days=0)
    taps = 0

    def tap(target):
        nonlocal taps
        target.click()
        taps += 1

    sign_in(phone)
    phone.goto(f"/clients/{enrolled.client_id}/questionnaires/")
    axe(phone)
    phone.goto(f"/clients/{enrolled.client_id}/")
    tap(phone.get_by_role("button", name=re.compile(r"Begin.*\(PHQ-9\)")))
    phone.wait_for_url("**/answer/")
    axe(phone)
    for n in range(9):
        tap(phone.locator(f"#div_q-{n} .ask-option").nth(1))
    expect(phone.locator("#div_q-8 [data-said]")).to_have_text("Saved")
    expect(phone.locator("[data-answered]")).to_have_text("9")
    plan = phone.locator("[data-alarm]").get_by_role("link", name="Safety plan")
    expect(plan).to_be_in_viewport()
    axe(phone)
    tap(phone.get_by_role("button", name="Finish"))
    phone.wait_for_url("**/responses/*/")
    expect(phone.locator(".result-n")).to_have_text("9")
    expect(phone.locator(".result .tag").first).to_have_text("mild")
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    print(f"\nPHQ-9 from the page of the person: {taps} taps for 9 questions")
    assert taps <= 9 + 3


def test_an_answer_without_a_connection_is_sent_when_it_is_back(cast, enrolled, phone, complaints):
    row = respond(enrolled, "PHQ-9", by=cast.wendy, finished=False)
    sign_in(phone)
    phone.goto(f"/responses/{row.pk}/answer/")
    phone.context.set_offline(True)
    phone.locator("#div_q-0 .ask-option").nth(2).click()
    phone.locator("#div_q-1 .ask-option").nth(1).click()
    expect(phone.locator("#div_q-0 [data-error]")).to_contain_text("no connection")
    phone.context.set_offline(False)
    expect(phone.locator("#div_q-0 [data-said]")).to_have_text("Saved")
    expect(phone.locator("#div_q-1 [data-said]")).to_have_text("Saved")
    expect(phone.locator("#div_q-0 [data-error]")).to_be_hidden()
    complaints.clear()  # the browser's own about the lost connection
    assert Response._base_manager.get(pk=row.pk).said == {"1": 2, "2": 1}


def test_questions_come_and_go_and_last_time_is_taken_again(cast, enrolled, desktop, complaints):
    publish_instrument(cast.riverside, "KINDS", items=EVERY_KIND["items"])
    respond(enrolled, "KINDS", {"eats": 1, "what": ["b"], "how": "Cold."}, by=cast.wendy)
    row = respond(enrolled, "KINDS", by=cast.wendy, finished=False)
    desktop.emulate_media(color_scheme="dark")
    sign_in(desktop)
    desktop.goto(f"/responses/{row.pk}/answer/")
    what = desktop.locator("#div_q-1")
    expect(what).to_be_hidden()
    desktop.locator("#div_q-0 input").first.focus()
    desktop.keyboard.press("Space")
    expect(what).to_be_visible()
    expect(desktop.locator("#div_q-0 input").first).to_be_focused()
    what.get_by_role("button", name="Same as last time").click()
    expect(what.locator("[data-said]")).to_have_text("Saved")
    desktop.locator("#div_q-4").get_by_role("button", name="Same as last time").click()
    expect(desktop.locator("#q-4")).to_have_value("Cold.")
    desktop.fill("#q-2", "ninety")
    expect(desktop.locator("#div_q-2 [data-error]")).to_contain_text("Write a number.")
    complaints.clear()  # the 422 that says so
    axe(desktop)
    desktop.fill("#q-2", "4")
    expect(desktop.locator("#div_q-2 [data-said]")).to_have_text("Saved")
    assert Response._base_manager.get(pk=row.pk).said == {"eats": 1, "what": ["b"], "how": "Cold.", "n": 4}
    desktop.locator("#div_q-5 .ask-option").nth(7).click()
    desktop.locator("#div_q-5").get_by_role("button", name="Clear").click()
    expect(desktop.locator("#div_q-5 [data-clear]")).to_be_hidden()
    expect(desktop.locator("[data-answered]")).to_have_text("4")
    desktop.locator("#div_q-0 .ask-option").nth(1).click()
    expect(what).to_be_hidden()
    assert "good" not in Response._base_manager.get(pk=row.pk).said

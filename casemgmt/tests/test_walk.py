"""One person walks from referral to aftercare, on a phone, through the pages a case manager uses."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from assessments.domains import Domain
from casemgmt.agencies.models import acting_as
from casemgmt.demo.cast import PASSWORD
from casemgmt.tests.plugin import axe
from clients.models import AftercareFollowUp, Client, Enrollment, Visit
from clients.pipeline import Stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, who):
    page.goto("/accounts/login/")
    page.get_by_label(re.compile("Username")).fill(who)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def choose(page, name, value):
    """Tap a chip."""
    chip = page.locator(f'[name="{name}"][value="{value}"]')
    chip.locator("xpath=ancestor::label | following-sibling::label").first.click()
    expect(chip).to_be_checked()


def fill(page, **fields):
    """Type into fields, by the name they are sent under."""
    for name, text in fields.items():
        page.locator(f'[name="{name}"]').fill(text)


def press(page, label):
    # What was typed is kept on the device first, then it goes.
    with page.expect_navigation():
        page.get_by_role("button", name=label, exact=True).click()


def save(page):
    with page.expect_navigation():
        page.locator(".form-actions .btn-primary").click()


def follow(page, label):
    page.get_by_role("link", name=label).first.click()


def said(page, text):
    # A form that is kept on the device has a status of its own.
    expect(page.locator(".messages")).to_contain_text(text)


def refused(page, complaints, sentence):
    """The form comes back with the sentence on top (422, which the console names a failure)."""
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    complaints.clear()


def test_one_person_walks_from_referral_to_aftercare(cast, phone, complaints):
    page = phone
    sign_in(page, "wendy")

    # A referral comes in by phone.
    page.goto("/referrals/new/")
    fill(
        page,
        given_name="Rosa",
        family_name="Tamayo",
        born_on_month="3",
        born_on_day="14",
        born_on_year="1985",
    )
    fill(page, reason="Leaving the hospital on Friday without a place to stay.")
    choose(page, "urgency", "soon")
    press(page, "Save referral")
    said(page, "The referral is written down.")
    axe(page)

    # The first meeting; nothing that the referral said is asked again.
    follow(page, "Start the intake")
    expect(page.locator("[name=reason]")).to_have_value(re.compile("hospital"))
    press(page, "Save intake")
    refused(page, complaints, "There is a problem")
    choose(page, "safe_now", "yes")
    choose(page, "place_tonight", "no")
    press(page, "Save intake")
    said(page, "The intake is saved.")

    # One dated decision.
    follow(page, "Decide")
    choose(page, "outcome", "accept")
    page.locator("[name=program]").select_option(label="Community Case Management")
    press(page, "Record decision")
    said(page, "Accepted and enrolled")
    person = page.url
    expect(page.locator(".next")).to_contain_text("Do the first assessment")
    axe(page)

    # The gate says what is missing.
    page.locator("main summary", has_text="More").click()
    follow(page, "Change the stage")
    choose(page, "stage", "assessed")
    press(page, "Change")
    refused(page, complaints, "There is no signed assessment yet.")

    # Sixteen domains.
    page.goto(person)
    page.locator(".next a").click()
    press(page, "Start")
    for domain in Domain:
        rating = 2 if domain in (Domain.HOUSING, Domain.MONEY) else 0
        choose(page, f"{domain.value}-worker_rating", rating)
        choose(page, f"{domain.value}-client_rating", rating)
    press(page, "Sign")
    expect(page).to_have_url(re.compile(r"/assessments/\d+/$"))
    axe(page)

    # The plan: a goal for a need, an objective that can be measured.
    page.goto(person)
    page.locator(".next a").click()
    page.get_by_role("button", name=re.compile("^Start the")).click()
    page.get_by_role("link", name="Goal for Housing").click()
    page.get_by_label("Money and benefits").check()
    fill(page, title="I want a door that I can close.", text="Sleeps in a place of her own")
    save(page)
    plan = re.match(r".*/plans/\d+/", page.url).group(0)

    # Without a measure and a day it cannot be signed.
    page.goto(plan + "sign/")
    expect(page.locator("main")).to_contain_text("Say what is counted")
    page.goto(plan)
    page.locator("a[href*='/objectives/'][href$='/edit/']").first.click()
    in_three_months = (timezone.localdate() + timedelta(days=90)).isoformat()
    fill(page, measure="nights in own place a month", unit="nights", baseline="0", target="28")
    fill(page, target_on=in_three_months)
    save(page)
    page.goto(plan + "sign/")
    choose(page, page.locator("[name^=agreement_]").first.get_attribute("name"), "agrees")
    choose(page, "client_answer", "signed")
    page.locator("[name=client_told]").check()
    fill(page, client_name="Rosa Tamayo", typed_name="Wendy Nakamura")
    save(page)
    expect(page.locator("main")).to_contain_text("In force")
    axe(page)

    # A visit with progress on the goal; the first one starts the monitoring.
    page.goto(person)
    page.locator(".next a").click()
    goal = page.locator("[name^=goal_]").first.get_attribute("name")
    choose(page, goal, "forward")
    fill(page, note="Looked at two rooms together. Rosa liked the second and called the landlord herself.")
    press(page, "Sign")
    said(page, "signed")
    expect(page.locator(".stage[aria-current=step]")).to_contain_text("Active")
    page.locator(".timeline a", has_text="Visit").first.click()
    expect(page.locator("main")).to_contain_text("Moved forward")
    axe(page)

    # A review of the plan.
    page.goto(person)
    page.locator("a[href^='/plans/']").first.click()
    follow(page, "Review")
    fill(page, summary="The room is hers from the first of the month.")
    choose(page, "outcome", "conclude")
    save(page)

    # Discharge: the summary is there, a lifeline is missing.
    enrollment = Enrollment.objects.get()
    page.goto(f"/enrollments/{enrollment.pk}/discharge/")
    expect(page.locator("[name=summary]")).to_have_value(re.compile("1 contact"))
    page.locator("[name=disposition]").select_option(index=1)
    press(page, "Sign and discharge")
    refused(page, complaints, "Name at least one lifeline")
    fill(
        page, lifeline_1_name="Her sister Ines", lifeline_1_phone="412 555 0107", lifeline_1_purpose="A sofa"
    )
    press(page, "Sign and discharge")
    said(page, "Discharged")
    expect(page.locator("main")).to_contain_text("Her sister Ines")
    axe(page)

    # Aftercare closes it.
    page.locator(".next a").click()
    choose(page, "outcome", "well")
    press(page, "Save follow-up")

    with acting_as(cast.riverside, by=cast.wendy):
        enrollment.refresh_from_db()
        assert enrollment.stage == Stage.CLOSED
        assert Visit.objects.get().signed_at
        assert AftercareFollowUp.objects.get().outcome == AftercareFollowUp.Outcome.WELL
        assert Client.objects.get().name == "Rosa Tamayo"

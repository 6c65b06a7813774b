"""Three stories as they have to work, on a phone: turned away with help, twelve weeks, and the record for who pays."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.utils import timezone
from playwright.sync_api import expect

from assessments.domains import Domain
from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.core import pdf
from casemgmt.demo import builders
from casemgmt.interchange.tcm.contents import titles
from casemgmt.tests.plugin import axe
from casemgmt.tests.test_walk import choose, fill, follow, press, said, save, sign_in
from clients.models import (
    AftercareFollowUp,
    Consent,
    Disclosure,
    EligibilityDecision,
    Enrollment,
    Milestone,
    OtherWorker,
    ResourceOffered,
    Visit,
)
from clients.pipeline import Stage
from serviceplans.models import PlannedService, PlanReview, ServicePlan, ServiceReferral

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PRIMARY = ".form-actions .btn-primary"


def fits(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


# --- 1 ----------------------------------------------------------------------------------------------------------------


def test_who_is_not_eligible_leaves_with_two_services_a_consent_and_a_day(cast, phone):
    for name in ("Eastbank Food Pantry", "Harbor Food Bank"):
        builders.list_resource(cast.riverside, by=cast.wendy, name=name)
    page = phone
    sign_in(page, "wendy")
    page.goto("/intakes/new/")
    fill(page, given_name="Edgar", family_name="Molina", reason="Food runs out; lives in the next county.")
    choose(page, "safe_now", "yes")
    press(page, "Save intake")
    said(page, "The intake is saved.")

    follow(page, "Decide")
    choose(page, "outcome", "refer_out")
    page.locator("[name=search]").fill("food")
    page.get_by_role("button", name="Find").click()
    page.get_by_text(re.compile("Eastbank Food Pantry")).click()
    page.get_by_text(re.compile("Harbor Food Bank")).click()
    in_two_weeks = timezone.localdate() + timedelta(days=14)
    fill(page, follow_up_on=in_two_weeks.isoformat(), note="Lives outside the county.")
    page.locator("[name=reason]").select_option(label="Does not meet the criteria")
    axe(page)
    fits(page)
    press(page, "Record decision")
    expect(page.locator("main")).to_contain_text("Eastbank Food Pantry")

    with acting_as(cast.riverside, by=cast.wendy):
        decision = EligibilityDecision.objects.select_related("intake__client").get()
    client = decision.intake.client
    page.goto(f"/clients/{client.pk}/consents/give/?kind=disclosure")
    fill(page, recipient="Eastbank Food Pantry", information="Name and phone", purpose="To be expected there")
    page.locator("[name=said_all]").check()
    fill(page, signed_name="Edgar Molina")
    axe(page)
    save(page)
    said(page, "Written down.")

    with acting_as(cast.riverside, by=cast.wendy):
        assert decision.outcome == EligibilityDecision.Outcome.REFER_OUT
        assert ResourceOffered.objects.filter(decision=decision).count() == 2
        assert decision.follow_up_on == in_two_weeks
        assert Consent.objects.get(client=client).recipient == "Eastbank Food Pantry"
        assert not Enrollment.objects.filter(client=client).exists()


# --- 2 ----------------------------------------------------------------------------------------------------------------


def enrolled_in_rapid(page):
    """From the referral to the enrollment."""
    page.goto("/referrals/new/")
    fill(
        page, given_name="Imani", family_name="Waters", reason="A lease to sign and a job to begin in spring."
    )
    choose(page, "urgency", "soon")
    press(page, "Save referral")
    follow(page, "Start the intake")
    choose(page, "safe_now", "yes")
    press(page, "Save intake")
    follow(page, "Decide")
    choose(page, "outcome", "accept")
    page.locator("[name=program]").select_option(label="Rapid Bridge")
    press(page, "Record decision")
    said(page, "Accepted and enrolled")
    return page.url


def assessed(page, person):
    page.goto(person)
    page.locator(".next a").click()
    press(page, "Start")
    for domain in Domain:
        rating = 2 if domain == Domain.HOUSING else 0
        choose(page, f"{domain.value}-worker_rating", rating)
        choose(page, f"{domain.value}-client_rating", rating)
    press(page, "Sign")
    expect(page).to_have_url(re.compile(r"/assessments/\d+/$"))


def planned(page, person):
    """One goal with its objective, day and first step, then both names."""
    page.goto(person)
    page.locator(".next a").click()
    page.get_by_role("button", name=re.compile("^Start the")).click()
    page.get_by_role("link", name="Goal for Housing").click()
    fill(page, title="I want a door that I can close.", text="Sleeps in a place of her own every night")
    fill(page, measure="nights in own place a month", unit="nights", baseline="0", target="28")
    fill(page, step="Send the lease to the housing office")
    for name, value in (("doer", "me"), ("due", "14"), ("agreement", "agrees")):
        choose(page, name, value)
    axe(page)
    fits(page)
    save(page)
    expect(page).to_have_url(re.compile(r"/plans/\d+/"))
    plan = re.match(r".*/plans/\d+/", page.url).group(0)
    page.goto(plan + "sign/")
    choose(page, "client_answer", "signed")
    page.locator("[name=client_told]").check()
    fill(page, client_name="Imani Waters", typed_name="Wendy Nakamura")
    fits(page)
    save(page)
    expect(page.locator("main")).not_to_contain_text("There is a problem")
    return plan


def visited(page, person):
    page.goto(person)
    page.locator(".next a").click()
    choose(page, page.locator("[name^=goal_]").first.get_attribute("name"), "forward")
    fill(page, note="Signed the lease together.")
    press(page, "Sign")
    said(page, "signed")


def reviewed(page, plan):
    page.goto(plan + "review/")
    for radio in page.locator("[name$=_decision][value=continue]").all():
        choose(page, radio.get_attribute("name"), "continue")
    choose(page, "outcome", "conclude")
    fill(page, summary="She sleeps in her own place.")
    fits(page)
    save(page)
    expect(page.locator("main")).not_to_contain_text("There is a problem")


def discharged(page, enrollment):
    page.goto(f"/enrollments/{enrollment.pk}/discharge/")
    page.locator("[name=disposition]").select_option(index=1)
    fill(page, lifeline_1_name="Her sister", lifeline_1_phone="412 555 0107", lifeline_1_purpose="A sofa")
    press(page, "Sign and discharge")
    said(page, "Discharged")


def test_twelve_weeks_from_referral_to_aftercare_with_every_date(cast, phone):
    begun, page = timezone.now(), phone
    first = timezone.localdate()

    def after(days):
        """Some days later somebody signs in again."""
        clock.move_to(begun + timedelta(days=days))
        page.context.clear_cookies()
        sign_in(page, "wendy")

    with time_machine.travel(begun, tick=True) as clock:
        sign_in(page, "wendy")
        person = enrolled_in_rapid(page)
        with acting_as(cast.riverside, by=cast.wendy):
            enrollment = Enrollment.objects.select_related("program").get()
            steps = {row.title: (row.due_on - first).days for row in Milestone.objects.all()}
        assert steps == {
            "Plan agreed": 14,
            "Midpoint review": 42,
            "Closure planned": 56,
            "End of service": 84,
        }
        after(5)
        assessed(page, person)
        after(12)
        plan = planned(page, person)
        after(20)
        visited(page, person)
        after(42)
        reviewed(page, plan)
        after(83)
        discharged(page, enrollment)
        with acting_as(cast.riverside, by=cast.wendy):
            follow_up = AftercareFollowUp.objects.get()
            assert follow_up.due_on == first + timedelta(days=83 + enrollment.program.aftercare_days)
        after(83 + enrollment.program.aftercare_days)
        page.goto(person)
        page.locator(".next a").click()
        choose(page, "outcome", "well")
        press(page, "Save follow-up")
        expect(page).to_have_url(re.compile("/clients/|/today/|/"))

    with acting_as(cast.riverside, by=cast.wendy):
        enrollment.refresh_from_db()
        written = ServicePlan.objects.get()
        assert enrollment.stage == Stage.CLOSED
        assert enrollment.enrolled_on == first
        assert written.starts_on == first + timedelta(days=12)
        assert PlanReview.objects.get().reviewed_on == first + timedelta(days=42)
        assert written.review_on > first + timedelta(days=42)
        assert written.goals.get().objectives.get().target_on is not None
        assert Visit.objects.get().signed_at is not None


# --- 8 ----------------------------------------------------------------------------------------------------------------


def served(cast):
    """Somebody with something of every element in the last weeks."""
    today, wendy = timezone.localdate(), cast.wendy
    client = builders.make_client(cast.riverside, by=wendy, given_name="Ana", family_name="Record")
    enrollment = builders.enroll(client, cast.ccm, wendy, on=today - timedelta(days=20))
    builders.assess(enrollment, by=wendy)
    plan = builders.plan_for(enrollment, by=wendy, signed=False)
    with acting_as(cast.riverside, by=wendy):
        goal = plan.goals.first()
        goal.agreement = "partly"
        goal.save()
        PlannedService.objects.create(objective=goal.objectives.first(), service="Visits")
    builders.sign_plan(plan, by=wendy)
    builders.log_visit(enrollment, by=wendy, days_ago=0, note="Went to the housing office together.")
    with acting_as(cast.riverside, by=wendy):
        OtherWorker.objects.create(client=client, organisation="County", name="Lee", is_case_manager=True)
        row = ServiceReferral(enrollment=enrollment, service="Food bank", provider="Hope")
        row.put(by=wendy)
        gap = PickItem.objects.get(agency=cast.riverside, pick_list="gap", code="DECLINED")
        row.step("failed", by=wendy, gap=gap)
    return client


def test_the_record_for_who_pays_has_all_eight_parts(cast, phone, tmp_path):
    client, page = served(cast), phone
    sign_in(page, "sam")
    page.goto(f"/clients/{client.pk}/")
    page.locator("main summary", has_text="More").click()
    follow(page, "Record of a period")
    follow(page, "This month" if timezone.localdate().day > 1 else "This quarter")
    for number, title in enumerate(titles(), 1):
        part = page.locator(f"section[aria-labelledby=element-{number}]")
        expect(part.get_by_role("heading")).to_have_text(f"{number}. {title}")
        expect(part).not_to_contain_text("Nothing in this period.")
    expect(page.locator("main")).to_contain_text("Went to the housing office together.")
    axe(page)
    fits(page)

    follow(page, "Release")
    fill(page, recipient="County, Medicaid office")
    axe(page)
    fits(page)
    save(page)
    said(page, "Written down as shared.")
    axe(page)
    fits(page)
    with acting_as(cast.riverside, by=cast.sam):
        assert Disclosure.objects.get(client=client).recipient == "County, Medicaid office"

    with page.expect_download() as download:
        page.get_by_role("link", name="Table (CSV)").click()
    rows = list(csv.reader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"))))
    assert {row[0][0] for row in rows[1:]} == set("12345678")
    if pdf.available():
        with page.expect_download() as download:
            page.get_by_role("link", name="PDF").click()
        assert Path(download.value.path()).read_bytes().startswith(b"%PDF-")

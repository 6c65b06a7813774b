"""A crisis and a review on a phone: how many taps they take, and who hears of it."""

import pytest
from playwright.sync_api import expect

from casemgmt.agencies.models import LevelOfCare, acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client, plan_for
from casemgmt.tests.plugin import axe
from clients.models import Crisis, SafetyPlan
from serviceplans.models import Goal, GoalProgress, Objective, PlanReview

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page, who):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", "casemgmt-demo")
    page.click("form button.btn-primary")
    page.wait_for_url(lambda url: "login" not in url)


def somebody_else(page, who):
    page.context.clear_cookies()
    sign_in(page, who)
    page.goto("/today/")


@pytest.fixture
def enrolled(cast, live_server):
    row = enroll(make_client(cast.riverside, given_name="Terry"), cast.rapid, cast.nia)
    plan = plan_for(row, by=cast.nia)
    with acting_as(cast.riverside, by=cast.nia):
        SafetyPlan.objects.create(client=row.client, own_ways="Walks by the river.")
        third = Objective.objects.filter(goal__plan=plan).first()
        third.pk, third.text, third._state.adding = None, "Keeps the key for a month", True
        third.save()
    return row


def test_a_crisis_takes_one_tap_to_the_safety_plan_and_three_people_know(cast, enrolled, phone):
    taps = 0

    def tap(target):
        nonlocal taps
        target.click()
        taps += 1

    sign_in(phone, "nia")
    phone.goto(f"/clients/{enrolled.client_id}/")
    axe(phone)
    tap(phone.get_by_role("button", name="Crisis"))
    phone.wait_for_url("**/safety/")
    expect(phone.get_by_text("Walks by the river.")).to_be_visible()
    print(f"\nCrisis from the page of the person to the safety plan: {taps} tap, supervisor and mentor told")
    assert taps == 1
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    axe(phone)
    phone.get_by_role("link", name="Let goals rest").click()
    phone.wait_for_url("**/crisis/goals/")
    axe(phone)
    phone.get_by_role("button", name="Let them rest").click()
    phone.wait_for_url("**/safety/")
    phone.goto(f"/clients/{enrolled.client_id}/")
    expect(phone.get_by_text("In crisis since").last).to_be_visible()
    axe(phone)
    phone.get_by_role("link", name="Write down a debriefing").click()
    expect(phone.get_by_label("Debriefing after a difficult event")).to_be_checked()

    somebody_else(phone, "mo")
    expect(phone.get_by_text("is with somebody in crisis").first).to_be_visible()
    expect(phone.get_by_text("Terry")).to_have_count(0)
    somebody_else(phone, "sam")
    expect(phone.get_by_text("A client is in crisis.").first).to_be_visible()
    phone.get_by_role("button", name="Look").first.click()
    phone.wait_for_url(f"**/clients/{enrolled.client_id}/**")

    somebody_else(phone, "nia")
    phone.goto(f"/enrollments/{enrolled.pk}/crisis/over/")
    axe(phone)
    phone.get_by_label("How did it end?").fill("Her sister came, and the night was calm.")
    phone.get_by_role("button", name="It is over").click()
    phone.wait_for_url("**/safety/")
    assert not Crisis._base_manager.filter(ended_at=None).exists()
    assert not Goal._base_manager.exclude(paused_on=None).exists()


def test_a_review_of_two_goals_and_three_objectives_takes_a_few_taps(cast, enrolled, phone):
    plan = enrolled.plans.get()
    visit = log_visit(enrolled, by=cast.nia, days_ago=0, signed=False)
    with acting_as(cast.riverside, by=cast.nia):
        LevelOfCare.lay_out(cast.rapid)
        objective = Objective.objects.filter(goal__plan=plan).first()
        said = [{"goal": objective.goal, "objective": objective, "value": 12}]
        GoalProgress.record(visit, said, by=cast.nia)
    taps = typed = 0

    def tap(target):
        nonlocal taps
        target.click()
        taps += 1

    def write(target, text):
        nonlocal typed
        target.fill(text)
        typed += 1

    sign_in(phone, "nia")
    phone.goto(f"/plans/{plan.pk}/review/")
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    expect(phone.locator("figure svg").first).to_be_visible()
    assert "contacts took place" in phone.get_by_label("What was found").input_value()
    tap(phone.get_by_text("Reached", exact=True).last)
    write(phone.get_by_label("Why, unless it goes on").last, "She has the papers.")
    for n in range(2):
        write(phone.get_by_label("Their own rating, 0 to 10").nth(n), "7")
    write(phone.get_by_label("What the person says"), "“It is slow, but it is mine.”")
    tap(phone.get_by_text("4 Intensive, every 5 days"))
    write(phone.get_by_label("Why, if the level changes"), "Out of hospital.")
    tap(phone.get_by_text("The safety plan was looked at together"))
    tap(phone.get_by_role("button", name="Save the review"))
    phone.wait_for_url("**/plans/*/**")
    expect(phone.get_by_text("The review is written down.")).to_be_visible()
    axe(phone)
    print(f"\nReview of 2 goals and 3 objectives: {taps} taps, {typed} fields typed, the rest was there")
    assert taps <= 6
    review = PlanReview._base_manager.get()
    assert (review.safety_plan_seen, review.goals.count()) == (True, 2)

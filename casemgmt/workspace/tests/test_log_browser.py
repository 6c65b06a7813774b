"""Logging on a small phone: how many times one has to do something (DOMAIN 5.1: CM1, CM2, CM7)."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from casemgmt.agencies.models import NotePhrase, acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client, plan_for
from casemgmt.tests.plugin import axe, open_page
from clients.models import OtherWorker, Visit
from serviceplans.models import GoalProgress

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def small(request, chromium, live_server, complaints):
    device = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
    opened = open_page(request, chromium, live_server, complaints, device)
    page = next(opened)
    yield page
    # What the page still fetches for the device would hold the tables that the next test empties.
    page.wait_for_load_state("networkidle")
    next(opened, None)


@pytest.fixture
def served(cast, live_server):
    """Terry, whom Wendy sees every week at home, with two goals."""
    now = timezone.now()
    row = enroll(
        make_client(cast.riverside, given_name="Terry"),
        cast.ccm,
        cast.wendy,
        on=timezone.localdate() - timedelta(days=40),
    )
    plan_for(row, by=cast.wendy, goals=2)
    log_visit(row, by=cast.wendy, started_at=now - timedelta(days=35), travel_minutes=15, distance_m=8047)
    with acting_as(cast.riverside, by=cast.wendy):
        OtherWorker.objects.create(client=row.client, organisation="County clinic", name="Lee")
    with acting_as(cast.riverside, by=cast.ada):
        NotePhrase.objects.create(text="Went over the plan.")
    return row


def field(page, name):
    return page.locator(f"form.log [name={name}]")


class Hand:
    """Counts what one does: a tap, a choice, a field that is typed into."""

    def __init__(self, page):
        self.page, self.count = page, 0

    def tap(self, target):
        target.click()
        self.count += 1

    def write(self, name, text):
        field(self.page, name).fill(text)
        self.count += 1

    def choose(self, name, value):
        field(self.page, name).select_option(value)
        self.count += 1


def on_today(page):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", "wendy")
    page.fill("input[name=password]", "casemgmt-demo")
    page.click("form button.btn-primary")
    page.wait_for_url(lambda url: "login" not in url)
    page.goto("/today/")
    return Hand(page)


def fits(page):
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def row_of(page):
    return page.locator("li", has=page.get_by_role("link", name="Terry", exact=False)).first


def test_a_visit_just_done_takes_at_most_twelve(served, small):
    hand = on_today(small)
    hand.tap(row_of(small).get_by_role("link", name="Log visit"))
    small.wait_for_url("**/visits/log/")
    fits(small)
    axe(small)
    hand.write("direct_minutes", "45")
    steps = small.locator(".log-goal").get_by_text("Forward", exact=True)
    hand.tap(steps.nth(0))
    hand.tap(steps.nth(1))
    hand.write("note", "Read the lease together. Terry rang the landlord.")
    hand.tap(small.get_by_text("In 1 week", exact=True))
    hand.tap(small.get_by_role("button", name="Sign"))
    small.wait_for_url("**/clients/**")
    expect(small.get_by_text("Visit signed.")).to_be_visible()
    print(f"\nCM1, a visit with two goals, signed, from Today: {hand.count} interactions (at most 12)")
    assert hand.count <= 12
    visit = Visit._base_manager.latest("pk")
    assert visit.signed_at is not None
    assert (visit.direct_minutes, visit.travel_minutes, visit.distance_m) == (45, 15, 8047)
    assert visit.ended_at <= timezone.now()
    assert visit.next_on == timezone.localdate() + timedelta(days=7)
    assert GoalProgress._base_manager.filter(visit=visit, step="forward").count() == 2


def test_a_call_in_vain_takes_at_most_three(served, small):
    hand = on_today(small)
    row = row_of(small)
    attempt = row.get_by_role("link", name="Not reached")
    if not attempt.is_visible():
        hand.tap(row.locator("summary").last)
    hand.tap(attempt)
    small.wait_for_url("**?attempt=1")
    fits(small)
    axe(small)
    hand.tap(small.get_by_role("button", name="Write down"))
    small.wait_for_url("**/clients/**")
    expect(small.get_by_text("Attempt written down.")).to_be_visible()
    print(f"\nCM2, a call in vain, from Today: {hand.count} interactions (at most 3)")
    assert hand.count <= 3
    visit = Visit._base_manager.latest("pk")
    assert (visit.mode, visit.outcome, visit.direct_minutes) == ("phone", "not_reached", 0)
    assert visit.signed_at is not None


def test_a_call_with_another_service_takes_at_most_nine(served, small):
    hand = on_today(small)
    hand.tap(row_of(small).get_by_role("link", name="Log visit"))
    small.wait_for_url("**/visits/log/")
    hand.choose("mode", "phone")
    hand.write("direct_minutes", "10")
    hand.write("note", "The clinic has a place from Monday on.")
    hand.tap(small.get_by_text("With whom", exact=True))
    hand.tap(small.get_by_text("Another service", exact=True))
    expect(small.locator("#people-around option[value='Lee, County clinic']")).to_have_count(1)
    hand.write("with_whom", "Lee, County clinic")
    fits(small)
    axe(small)
    hand.tap(small.get_by_role("button", name="Sign"))
    small.wait_for_url("**/clients/**")
    expect(small.get_by_text("Visit signed.")).to_be_visible()
    print(f"\nCM7, a call with another service, from Today: {hand.count} interactions (at most 9)")
    assert hand.count <= 9
    visit = Visit._base_manager.latest("pk")
    assert (visit.held_with, visit.with_whom, visit.mode) == ("provider", "Lee, County clinic", "phone")


def test_the_page_helps_while_one_fills_it_in(served, small):
    on_today(small)
    small.goto(f"/enrollments/{served.pk}/visits/log/")
    small.get_by_text("Phrases", exact=True).click()
    small.get_by_text("Went over the plan.", exact=True).click()
    expect(field(small, "note")).to_have_value("Went over the plan.")
    field(small, "time").fill("09:00")
    field(small, "until").fill("09:50")
    expect(field(small, "direct_minutes")).to_have_value("50")
    step = small.locator(".log-goal").get_by_text("Same", exact=True).first
    chosen = small.locator("[name^=goal_][value=same]").first
    step.click()
    expect(chosen).to_be_checked()
    step.click()
    expect(chosen).not_to_be_checked()
    expect(field(small, "place")).to_be_visible()
    field(small, "mode").select_option("phone")
    expect(field(small, "place")).to_be_hidden()
    field(small, "outcome").select_option("no_show")
    expect(step).to_be_hidden()
    expect(small.get_by_text("Because of", exact=True)).to_be_visible()
    for fold in small.locator("form.log details").all():
        fold.evaluate("fold => fold.open = true")
    fits(small)
    axe(small)


def test_a_phone_of_another_zone_writes_the_time_of_the_agency(
    request, chromium, live_server, complaints, served
):
    device = {"viewport": {"width": 360, "height": 640}, "timezone_id": "Asia/Tokyo"}
    opened = open_page(request, chromium, live_server, complaints, device)
    page = next(opened)
    on_today(page)
    page.goto(f"/enrollments/{served.pk}/visits/log/")
    field(page, "direct_minutes").fill("1")
    # The minute may turn meanwhile.
    just_now = [timezone.localtime() - timedelta(minutes=n) for n in (1, 2)]
    assert field(page, "time").input_value() in [f"{moment:%H:%M}" for moment in just_now]
    page.wait_for_load_state("networkidle")
    next(opened, None)

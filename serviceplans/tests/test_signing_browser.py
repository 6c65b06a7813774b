"""Signing in the browser: a guardian whose authority ended, and how little it takes to approve a plan."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client, plan_for, sign_plan
from casemgmt.tests.plugin import axe
from clients.models import LegalRepresentative
from serviceplans.models import PlanSignature, ServicePlan

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page, who):
    page.goto("/accounts/login/")
    page.fill("input[name=login]", who)
    page.fill("input[name=password]", "casemgmt-demo")
    page.click("form button.btn-primary")
    page.wait_for_url(lambda url: "login" not in url)


@pytest.fixture
def draft(cast, live_server):
    client = make_client(cast.riverside, given_name="Terry", family_name="Quill")
    return plan_for(enroll(client, cast.ccm, cast.wendy), by=cast.wendy, signed=False)


def guardian(cast, plan, **said):
    with acting_as(cast.riverside, by=cast.wendy):
        return LegalRepresentative.objects.create(
            client=plan.enrollment.client,
            name="Gail Ward",
            kind="guardian",
            for_health=True,
            document_seen_on=timezone.localdate() - timedelta(days=300),
            **said,
        )


def test_the_signature_of_a_guardian_is_refused_once_the_authority_ended(cast, draft, phone, complaints):
    """Acceptance scenario 5: refused while the page stood open; what the person says is recorded all the same."""
    gail = guardian(cast, draft)
    sign_in(phone, "wendy")
    phone.goto(f"/plans/{draft.pk}/sign/")
    axe(phone)
    person = phone.get_by_role("group", name="Terry Quill")
    person.get_by_text("Agrees, without signing").click()
    expect(person.get_by_label("Name of who signs, typed")).to_be_hidden()
    person.get_by_label("I was told").check()
    person.get_by_label("In their words").fill("Yes, if it stays quiet.")
    theirs = phone.get_by_role("group", name="Gail Ward (Guardian)")
    theirs.get_by_text("Signs", exact=True).click()
    theirs.get_by_label("I was told").check()
    theirs.get_by_label("Name of who signs, typed").fill("Gail Ward")
    phone.get_by_label("Your name, typed").fill("Wendy Nakamura")
    with acting_as(cast.riverside, by=cast.sam):
        gail.ended_on = timezone.localdate() - timedelta(days=1)
        gail.save()
    phone.get_by_role("button", name="Sign", exact=True).click()
    expect(theirs).to_contain_text("Gail Ward cannot sign: the authority (Guardian) ended on")
    expect(theirs.get_by_label("Name of who signs, typed")).to_have_value("Gail Ward")
    expect(person.get_by_label("In their words")).to_have_value("Yes, if it stays quiet.")
    complaints.clear()  # the 422 that says so
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert not PlanSignature.objects.exists()

    # Opened anew, the page does not ask the guardian any more; the person is heard.
    phone.goto(f"/plans/{draft.pk}/sign/")
    expect(phone.get_by_text("Gail Ward cannot sign")).to_be_visible()
    expect(phone.get_by_role("group", name="Gail Ward (Guardian)")).to_have_count(0)
    person.get_by_text("Agrees, without signing").click()
    person.get_by_label("I was told").check()
    person.get_by_label("In their words").fill("Yes, if it stays quiet.")
    phone.get_by_label("Your name, typed").fill("Wendy Nakamura")
    phone.get_by_role("button", name="Sign", exact=True).click()
    phone.wait_for_url(f"**/plans/{draft.pk}/")
    expect(phone.get_by_text("“Yes, if it stays quiet.”")).to_be_visible()
    axe(phone)
    row = PlanSignature.objects.get(kind="client")
    assert (row.answer, row.view) == ("agreed", "Yes, if it stays quiet.")


def test_a_plan_is_approved_in_at_most_five_steps(cast, draft, phone):
    """SU5, from the supervisor's own list."""
    with acting_as(cast.riverside, by=cast.sam):
        cast.ccm.cosigns_plans = True
        cast.ccm.save()
    sign_plan(ServicePlan.objects.get(pk=draft.pk), by=cast.wendy)
    steps = 0

    def step(done):
        nonlocal steps
        done()
        steps += 1

    sign_in(phone, "sam")
    phone.goto("/caseload/")
    step(phone.get_by_role("link", name="to review", exact=True).click)
    phone.wait_for_url("**/reviews/")
    axe(phone)
    step(phone.get_by_role("link", name="Terry Quill").click)
    phone.wait_for_url("**/approve/")
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    step(lambda: phone.get_by_label("Your name, typed").fill("Sam"))
    step(phone.get_by_role("button", name="Sign as second").click)
    phone.wait_for_url("**/reviews/")
    assert ServicePlan.objects.get(pk=draft.pk).is_in_force
    print(f"\nSU5, from the caseload page to the signature: {steps} interactions")
    assert steps <= 5


def test_papers_and_changes_have_no_barriers(cast, draft, desktop):
    sign_plan(draft, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        again = ServicePlan.begin(draft.enrollment, by=cast.wendy)
        goal = again.goals.first()
        goal.title = "A flat near the river"
        goal.save()
    sign_in(desktop, "wendy")
    for address in (f"{draft.pk}/", f"{draft.pk}/print/", f"{draft.pk}/print/whole/", f"{again.pk}/changes/"):
        desktop.goto(f"/plans/{address}")
        axe(desktop)
    desktop.goto(f"/plans/{draft.pk}/hear/")
    axe(desktop)

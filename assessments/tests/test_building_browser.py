"""An agency admin builds a questionnaire of twelve questions with two scores in the browser, in few steps."""

import pytest
from playwright.sync_api import expect

from assessments.models import InstrumentVersion
from assessments.tests.test_answering_browser import sign_in
from casemgmt.tests.plugin import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TWELVE = "\n".join(f"{n}. How was part {n} of the week?" for n in range(1, 13))


class Hand:
    """Counts what somebody does: a click, a field that is filled in."""

    def __init__(self, page):
        self.page, self.steps = page, 0

    def click(self, what):
        self.steps += 1
        self.page.locator(what).first.click()

    def fill(self, name, text):
        self.steps += 1
        self.page.fill(f"[name='{name}']", text)

    def choose(self, name, value):
        self.steps += 1
        self.page.select_option(f"[name='{name}']", value)


def test_twelve_questions_and_two_scores_take_few_steps(cast, desktop):
    sign_in(desktop, "ada")
    hand = Hand(desktop)
    desktop.goto("/admin/assessments/instrument/")
    axe(desktop)
    hand.click("text=Add questionnaire")
    hand.fill("title", "How the week went")
    hand.fill("code", "WEEK")
    hand.click("[name=_save]")
    desktop.wait_for_url("**/change/")
    axe(desktop)
    hand.fill("shared", "0 = Badly\n1 = So so\n2 = Well")
    hand.fill("paste", TWELVE)
    preview = desktop.locator("[data-preview]")
    expect(preview.locator(".ask")).to_have_count(12)
    hand.click("[name=add]")
    expect(desktop.locator("#row-item-11")).to_be_visible()
    hand.fill("scale-0-title", "Body")
    hand.fill("scale-0-items", "1-6, 99")
    expect(desktop.locator("#problems-scale-0")).to_contain_text("There is no question 99.")
    hand.fill("scale-0-items", "1-6")
    expect(desktop.locator("#problems-scale-0")).to_be_empty()
    hand.fill("scale-0-bands", "0-5 = low (2)\n6-12 = high (0)")
    hand.click("[data-add=scale]")
    hand.fill("scale-1-title", "Mind")
    hand.fill("scale-1-items", "7-12")
    hand.choose("scale-1-method", "mean")
    for n in range(6):
        preview.locator(f"[name=try-q-{n}][value='2']").check(force=True)
    expect(preview.locator(".summary")).to_contain_text("12 high")
    focused = "document.activeElement.name + document.activeElement.value"
    assert desktop.evaluate(focused) == "try-q-52", "whoever tries with the keyboard stays where they were"
    axe(desktop)
    hand.click(".form-actions [name=publish]")
    desktop.wait_for_url("**/publish/**")
    axe(desktop)
    hand.click("form .btn-primary")
    desktop.wait_for_url("**/change/**")
    axe(desktop)
    told = InstrumentVersion._base_manager.get(instrument__code="WEEK").parsed
    assert [len(scale.items) for scale in told.scales] == [6, 6]
    print(f"\ntwelve questions with two scores, built and published: {hand.steps} steps")
    assert hand.steps <= 20


def test_a_phone_builds_too_and_nothing_scrolls_sideways(cast, phone):
    sign_in(phone, "ada")
    phone.emulate_media(color_scheme="dark")
    version = InstrumentVersion._base_manager.get(agency=cast.riverside, instrument__code="PHQ-9")
    pages = [
        f"/admin/assessments/instrumentversion/add/?instrument={version.instrument_id}&edition=2",
        "/admin/assessments/instrument/take/",
        f"/admin/assessments/instrumentversion/{version.pk}/change/",
        f"/admin/assessments/instrument/{version.instrument_id}/change/",
        "/admin/assessments/instrument/",
        "/admin/assessments/instrumentversion/",
        f"/admin/assessments/instrumentversion/{version.pk}/history/",
        f"/admin/assessments/instrumentversion/{version.pk}/preview/",
        f"/admin/assessments/instrumentversion/{version.pk}/withdraw/",
    ]
    for page in pages:
        phone.goto(page)
        axe(phone)
        assert phone.evaluate("document.documentElement.scrollWidth") == 390, page
    phone.goto(pages[0])
    phone.click("[name=_save]")
    phone.wait_for_url("**/change/")
    for fold in phone.locator("#builder details").all():
        fold.evaluate("fold => { fold.open = true }")
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") == 390

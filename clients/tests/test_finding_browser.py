"""Somebody types who it is, and sees who may be known, without the page moving under their hands."""

import pytest
from playwright.sync_api import expect

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client
from casemgmt.tests.plugin import axe
from casemgmt.tests.test_walk import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_who_may_be_known_is_shown_while_somebody_types(cast, phone):
    with acting_as(cast.riverside, by=cast.walt):
        person = make_client(
            cast.riverside, by=cast.walt, given_name="Rosa", family_name="Tamayo", number="R77"
        )
        enroll(person, cast.ccm, cast.walt, by=cast.walt)
    asked = []
    phone.on("request", lambda request: asked.append((request.method, request.url)))
    sign_in(phone, "wendy")
    phone.goto("/intakes/new/")
    phone.locator("[name=given_name]").fill("Rossa")
    phone.locator("[name=family_name]").press_sequentially("Tamayo", delay=20)
    known = phone.locator("#known")
    expect(known).to_contain_text("Rosa Tamayo")
    expect(known).to_contain_text("perhaps the same person: first name a letter or two off; same last name")
    expect(known).to_have_attribute("aria-live", "polite")
    expect(phone.locator("[name=family_name]")).to_be_focused()
    expect(phone.locator("[name=family_name]")).to_have_value("Tamayo")
    axe(phone, "#known")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    sent = [(method, url) for method, url in asked if "/matches/" in url]
    assert 1 <= len(sent) <= 3
    assert {method for method, _url in sent} == {"POST"}
    assert not [url for _method, url in asked if "amayo" in url.lower()]
    phone.locator("[name=family_name]").fill("")
    phone.locator("[name=given_name]").fill("")
    expect(known).to_be_empty()

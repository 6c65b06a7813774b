"""No page has a barrier that axe can find: light and dark, on a phone and on a desktop."""

import pytest
from django.core.management import call_command
from django.test import Client

from casemgmt.agencies.models import User
from casemgmt.demo.cast import PASSWORD
from casemgmt.tests.crawl import crawl
from casemgmt.tests.plugin import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(900)]

TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PEOPLE = ("wendy", "sam", "dana", "mo", "nia", "eve", "ada")


def pages():
    """One address of every kind of page, with somebody who may open it."""
    found = {}
    for login in PEOPLE:
        browser = Client()
        browser.force_login(User.objects.get(username=login))
        for name, (address, _words) in crawl(browser, "/admin/" if login == "ada" else "/")[0].items():
            found.setdefault(name, (login, address))
    return found


@pytest.mark.parametrize("device, scheme", [("phone", "light"), ("desktop", "dark")])
def test_axe_finds_nothing_on_any_page(request, db, device, scheme, complaints):
    call_command("demo", verbosity=0)
    page = request.getfixturevalue(device)
    page.emulate_media(color_scheme=scheme)
    by_login, barriers = {}, []
    for login, address in pages().values():
        by_login.setdefault(login, []).append(address)
    page.goto("/accounts/login/")
    axe(page)
    for login, addresses in by_login.items():
        page.context.clear_cookies()
        page.goto("/accounts/login/")
        page.locator("[name=login]").fill(login)
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(lambda url: "login" not in url)
        for address in addresses:
            page.goto(address)
            try:
                axe(page)
            except AssertionError as found:
                barriers.append(str(found))
            if width := page.evaluate(TOO_WIDE):
                barriers.append(f"{address} scrolls sideways by {width} px")
    assert not barriers, "\n".join(barriers)

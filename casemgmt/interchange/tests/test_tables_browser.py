"""The way of a table through a browser: with a script it goes on by itself, without one by its button."""

import pytest

from casemgmt.demo.cast import PASSWORD
from casemgmt.interchange.tables import work
from casemgmt.tests.plugin import axe

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TABLE = "First name,Last name,DOB,Program,Start date\n" + "".join(
    f"Ann,Person{n}q{n},{when},CCM,1/15/2026\n" for n, when in enumerate(["3/14/1980", "soon", "", "", ""])
)
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def look(page):
    axe(page)
    assert page.evaluate(TOO_WIDE) == 0


def test_a_table_comes_in_on_a_phone(phone, cast, monkeypatch):
    monkeypatch.setitem(work.TAKEN_AT_ONCE, "clients", 2)
    phone.goto("/imports/")
    phone.get_by_label("Username or e-mail").fill("dana")
    phone.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.get_by_role("button", name="Sign in").click()
    phone.get_by_role("heading", name="Send a file").wait_for()
    look(phone)
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": TABLE.encode()}
    phone.locator("[name=file]").set_input_files(file)
    phone.get_by_role("button", name="Read the file").click()
    phone.get_by_role("heading", name="What are the columns?").wait_for()
    look(phone)
    phone.get_by_role("button", name="Check the rows").click()
    phone.get_by_role("heading", name="Before anything goes in").wait_for()
    look(phone)
    phone.get_by_role("button", name="Take the rows in").click()
    phone.get_by_role("heading", name="The rows are through").wait_for()
    look(phone)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="CSV").click()
    assert "This is no date that can be read." in download.value.path().read_text(encoding="utf-8-sig")

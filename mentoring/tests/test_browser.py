import pytest
from django.urls import reverse

from casemgmt.agencies.models import acting_as
from casemgmt.demo.cast import PASSWORD
from casemgmt.tests.plugin import axe
from mentoring.models import MentoringActivity

pytestmark = pytest.mark.browser


def sign_in(page, name):
    page.goto(reverse("account_login"))
    page.fill("[name=login]", name)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "/accounts/" not in url)


def test_time_is_logged_on_the_phone_in_four_taps(cast, phone):
    sign_in(phone, "mo")
    phone.goto(reverse("mentoring:pairing-list"))
    axe(phone)
    phone.get_by_role("main").get_by_role("link", name="Log time").tap()
    phone.wait_for_url("**/activities/new/")
    axe(phone)
    phone.get_by_text("45", exact=True).tap()
    phone.get_by_text("Visit done together").tap()
    phone.get_by_role("button", name="Save").tap()
    phone.get_by_text("45 minutes written down.").wait_for()
    axe(phone)
    with acting_as(cast.riverside, by=None):
        assert MentoringActivity.objects.get(pairing=cast.pairing).minutes == 45

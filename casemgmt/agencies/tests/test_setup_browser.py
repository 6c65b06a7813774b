"""The set-up in a browser: Django's own pages work under our content security policy."""

import pytest

from casemgmt.agencies.models import SupervisionLink, acting_as
from casemgmt.demo.cast import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_an_agency_admin_gives_a_colleague_a_supervisor(desktop, cast, colours):
    desktop.emulate_media(color_scheme=colours)
    desktop.goto("/admin/agencies/staffmember/")
    desktop.get_by_label("Username or e-mail").fill("ada")
    desktop.get_by_label("Password", exact=True).fill(PASSWORD)
    desktop.get_by_role("button", name="Sign in").click()
    desktop.get_by_role("link", name="Eve Lindqvist").click()
    desktop.get_by_text("Add another Supervision").click()
    desktop.locator("#supervision-0 .select2-selection").click()
    desktop.locator(".select2-search__field").fill("Sam")
    desktop.locator(".select2-results__option", has_text="Samir Haddad").click()
    desktop.get_by_label("Reason for this change").fill("New team")
    desktop.get_by_role("button", name="Save", exact=True).click()
    desktop.get_by_text("was changed successfully").wait_for()
    desktop.get_by_role("link", name="Eve Lindqvist").first.click()
    desktop.get_by_role("link", name="History").click()
    desktop.get_by_text("New team").first.wait_for()
    with acting_as(cast.riverside, by=None):
        assert SupervisionLink.objects.get(staff=cast.eve).supervisor == cast.sam

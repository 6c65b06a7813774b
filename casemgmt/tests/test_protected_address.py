"""An address that is kept secret is read by who works with the person, and by nobody else, on no page (REQ-101)."""

import pytest
from django.utils import timezone

from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.tests.test_access import CAST, ROWS, url_of
from casemgmt.tests.world import Browser, login_of, standing, text_of
from clients.models import Client, EmergencyAccess

pytestmark = pytest.mark.django_db

ADDRESS = "77 Hidden Harbor Lane"
MAY_READ = {"dana", "sam", "wendy"}
# The pages that say where somebody lives; on these alone, to these alone.
SAYS_IT = {"workspace:client", "clients:client-about", "clients:client-edit", "workspace:client-history"}


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    with standing(django_db_blocker) as world:
        with acting_as(world.riverside, by=world.wendy):
            person = Client.objects.get(pk=world.people["wendy"].client.pk)
            person.address, person.address_protected = ADDRESS, True
            person.save()
        yield world


def pages(world, who):
    browser = Browser(login_of(world, who))
    for row in ROWS:
        if row.gets:
            yield row.name, text_of(browser.get(url_of(world, row, row.name, "wendy")))
    person = world.people["wendy"].client
    for url in (
        f"/clients/?q={person.family_name[:20]}",
        "/clients/?q=hidden+harbor",
        "/reports/outcomes.csv",
    ):
        yield url, browser.get(url).text


@pytest.mark.parametrize("who", [who for who in CAST if who not in MAY_READ])
def test_a_protected_address_is_on_no_page(world, who):
    told = [name for name, text in pages(world, who) if ADDRESS in text]
    assert not told, f"{who} reads the address on {told}"


@pytest.mark.parametrize("who", sorted(MAY_READ))
def test_who_works_with_the_person_reads_it_on_the_persons_own_pages_alone(world, who):
    told = {name for name, text in pages(world, who) if ADDRESS in text}
    assert told == SAYS_IT


def test_instead_of_the_address_stand_words(world):
    browser = Browser(login_of(world, "quinn"))
    person = world.people["wendy"].client
    for page in ("", "about/", "history/"):
        assert "Address protected" in browser.get(f"/clients/{person.pk}/{page}").text


def test_an_emergency_does_not_open_it(world):
    person = world.people["wendy"].client
    with acting_as(world.riverside, by=world.walt):
        EmergencyAccess.begin(
            person,
            by=world.walt,
            reason=PickItem.objects.get(agency=world.riverside, pick_list="emergency", code="CRISIS"),
            detail="They called.",
        )
    assert EmergencyAccess.objects.filter(staff=world.walt).live(timezone.now()).exists()
    told = [name for name, text in pages(world, "walt") if ADDRESS in text]
    assert not told, f"Walt reads the address on {told}"

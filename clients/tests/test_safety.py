"""The safety plan is one tap from the person, in their words, and what it said before stays readable."""

import uuid

import pytest
from django.urls import reverse

from casemgmt.agencies.models import acting_as
from casemgmt.demo import builders
from clients.models import LegalPaper, RelatedPerson, SafetyPlan

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(cast):
    client = builders.make_client(cast.riverside, by=cast.wendy)
    builders.enroll(client, cast.ccm, cast.wendy)
    return client


def write(browser, person, **words):
    url = reverse("clients:safety-edit", args=[person.pk])
    return browser.post(url, {"submit_key": str(uuid.uuid4())} | words)


def test_what_was_written_stands_on_the_page_and_on_the_print(as_, person):
    wendy = as_("wendy")
    assert write(wendy, person, warning_signs="I stop answering the phone.").status_code == 302
    for name in ("clients:safety", "clients:safety-print"):
        assert "I stop answering the phone." in wendy.get(reverse(name, args=[person.pk])).text


def test_an_empty_plan_is_refused(as_, person):
    assert write(as_("wendy"), person).status_code == 422


@pytest.mark.parametrize("day", ["1800-01-01", "2020-01-01", "0000-00-00", "31/31/2031"])
def test_it_is_looked_at_again_on_a_day_to_come(as_, person, day):
    got = write(as_("wendy"), person, own_ways="I walk.", review_on=day)
    assert got.status_code == 422
    assert "I walk." in got.text


def test_who_begins_it_in_two_tabs_sees_both_texts(as_, person):
    wendy = as_("wendy")
    write(wendy, person, own_ways="I walk.")
    second = write(wendy, person, own_ways="I sing.")
    assert second.status_code == 409
    assert "I walk." in second.text
    assert "I sing." in second.text
    assert SafetyPlan.objects.filter(client=person).count() == 1


def test_whom_to_call_and_what_was_laid_down_stand_beside_it(as_, cast, person):
    with acting_as(cast.riverside, by=cast.wendy):
        RelatedPerson.objects.create(
            client=person, name="Rosa", relation="sibling", phone="412 555 0101", is_emergency_contact=True
        )
        LegalPaper.objects.create(
            client=person, kind="psychiatric", says="No restraints.", where_kept="With Rosa"
        )
    page = as_("wendy").get(reverse("clients:safety", args=[person.pk])).text
    for words in ("Rosa", 'href="tel:412 555 0101"', "No restraints.", "With Rosa", "988"):
        assert words in page


def test_a_directive_is_written_down_beside_the_plan(as_, person):
    wendy = as_("wendy")
    url = reverse("clients:around-add", args=[person.pk, "paper"])
    sent = {
        "submit_key": str(uuid.uuid4()),
        "kind": "custody",
        "says": "Shared, week about.",
        "where_kept": "Court",
    }
    assert wendy.post(url, sent).headers["Location"].startswith(reverse("clients:safety", args=[person.pk]))
    assert "Shared, week about." in wendy.get(reverse("clients:safety", args=[person.pk])).text

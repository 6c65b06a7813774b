"""An agency's own words stand everywhere (REQ-34)."""

import re

import pytest
from django.core.management import call_command
from django.test import Client

from assessments.models import InstrumentVersion
from casemgmt.agencies.models import Agency, StaffMember, User, acting_as
from casemgmt.agencies.words import TERMS
from casemgmt.tests.crawl import crawl
from clients.models import IncomingReferral, Intake, Visit

pytestmark = pytest.mark.django_db

PEOPLE = ("wendy", "sam", "dana", "quinn", "eve", "mo", "nia")
# No part of any of these is a default word.
OWN = {
    "client": ("neighbor", "neighbors"),
    "worker": ("service coordinator", "service coordinators"),
    "supervisor": ("team lead", "team leads"),
    "visit": ("meeting", "meetings"),
    "enrollment": ("season", "seasons"),
    "caseload": ("circle", "circles"),
    "plan": ("road map", "road maps"),
    "mentor": ("guide", "guides"),
    "mentee": ("newcomer", "newcomers"),
}
FORBIDDEN = re.compile(
    r"\b(clients?|case managers?|supervisors?|caseloads?|mentees?|new hires?|service plans?)\b", re.IGNORECASE
)


def test_every_word_that_an_agency_may_choose_is_tried_here():
    assert set(OWN) == set(TERMS)


@pytest.fixture
def riverside(db):
    call_command("demo", verbosity=0)
    return Agency.objects.get(slug="riverside")


def crawl_as(login):
    browser = Client()
    browser.force_login(User.objects.get(username=login))
    return crawl(browser)


def test_another_set_of_words_leaves_no_default_word_on_any_page(riverside):
    with acting_as(riverside, by=None):
        riverside.words = {code: list(words) for code, words in OWN.items()}
        riverside.save()
        # What people typed is theirs: only the words of the product are looked at.
        typed = typed_texts()
    left = {}
    for login in PEOPLE:
        for name, (address, words) in crawl_as(login)[0].items():
            for word in words:
                if FORBIDDEN.search(word) and not any(word in text for text in typed):
                    left.setdefault(f"{name} {address}", set()).add(word)
    assert not left, "\n".join(f"{page}: {sorted(words)}" for page, words in sorted(left.items()))


def test_no_link_leads_anybody_to_a_refusal(riverside):
    refused = {login: found for login in PEOPLE if (found := crawl_as(login)[1])}
    assert not refused


def typed_texts():
    """The texts of the demo that hold one of the words themselves."""
    texts = set(StaffMember.objects.values_list("name", flat=True))
    for model, field in ((Visit, "note"), (Intake, "reason"), (IncomingReferral, "reason")):
        texts |= set(model.objects.values_list(field, flat=True))
    for version in InstrumentVersion.objects.all():
        # A questionnaire says what it says in every agency.
        texts |= set(texts_in(version.definition))
        texts |= {f"{version.parsed.title}: {scale.title}" for scale in version.parsed.scales}
    return [text for text in texts if FORBIDDEN.search(text)]


def texts_in(value):
    """Every text in a definition."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_in(inner)

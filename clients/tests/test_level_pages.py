"""The pages of the level of care: deciding on it between two reviews, and where it is shown (PR-34)."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import LevelOfCare, acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client
from clients.models import Enrollment, LevelDecision


@pytest.fixture
def enrolled(cast):
    return enroll(
        make_client(cast.riverside), cast.ccm, cast.wendy, on=timezone.localdate() - timedelta(days=3)
    )


@pytest.fixture
def levels(cast):
    with acting_as(cast.riverside, by=cast.sam):
        LevelOfCare.lay_out(cast.ccm)
        return {level.number: level for level in LevelOfCare.objects.filter(program=cast.ccm)}


@pytest.fixture
def seen(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


def address(enrollment):
    return reverse("clients:level", kwargs={"pk": enrollment.pk})


def send(browser, enrollment, **said):
    said = {
        "submit_key": str(uuid.uuid4()),
        "version": Enrollment.objects.get(pk=enrollment.pk).version,
    } | said
    return browser.post(address(enrollment), said)


def test_a_level_moves_the_next_contact(cast, as_, enrolled, levels, seen):
    log_visit(enrolled, by=cast.wendy, days_ago=1)
    yesterday = timezone.localdate() - timedelta(days=1)
    for number, days in ((5, 2), (3, 14)):
        assert send(as_("wendy"), enrolled, level=levels[number].pk, why="As agreed.").status_code == 302
        row = Enrollment.objects.with_last_contact().get(pk=enrolled.pk)
        assert row.contact_due_on() == yesterday + timedelta(days=days)


def test_the_person_and_the_caseload_say_at_which_level_they_are(cast, as_, enrolled, levels, seen):
    LevelDecision.make(enrolled, levels[5], why="Since the night.", by=cast.wendy)
    for page in (f"/clients/{enrolled.client_id}/", "/today/"):
        assert "Level 5 Crisis" in as_("wendy").get(page).text
    assert "Level 5 Crisis" in as_("sam").get(f"/caseload/{cast.wendy.pk}/").text


def test_what_was_decided_before_stays_to_be_read(cast, as_, enrolled, levels, seen):
    LevelDecision.make(enrolled, levels[5], why="Since the night.", by=cast.wendy)
    LevelDecision.make(enrolled, levels[4], why="It settles.", by=cast.wendy)
    page = as_("wendy").get(address(enrolled)).text
    assert page.index("It settles.") < page.index("Since the night.")


def test_a_level_needs_a_reason(as_, enrolled, levels, seen):
    assert send(as_("wendy"), enrolled, level=levels[5].pk, why=" ").status_code == 422


def test_a_level_of_another_program_is_none(cast, as_, enrolled, levels, seen):
    with acting_as(cast.riverside, by=cast.sam):
        LevelOfCare.lay_out(cast.act)
    other = LevelOfCare.objects.filter(program=cast.act).first()
    assert send(as_("wendy"), enrolled, level=other.pk, why="It fits.").status_code == 422


def test_a_program_without_levels_asks_for_none(as_, enrolled):
    assert as_("wendy").get(address(enrolled)).status_code == 302
    assert address(enrolled) not in as_("wendy").get(f"/clients/{enrolled.client_id}/").text

from datetime import timedelta

import pytest
from django.utils import timezone

from casemgmt.agencies.models import LevelOfCare, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, log_visit, make_client
from clients.models import Enrollment, LevelDecision

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrolled(cast):
    row = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    log_visit(row, by=cast.wendy, days_ago=0)
    with acting_as(cast.riverside, by=cast.wendy):
        LevelOfCare.lay_out(cast.ccm)
        yield row


def level(number):
    return LevelOfCare.objects.get(number=number)


def due_in(enrollment):
    row = Enrollment.objects.with_last_contact().get(pk=enrollment.pk)
    return (row.contact_due_on() - timezone.localtime(row.last_contact_at).date()).days


def test_the_levels_are_laid_out_once(cast, enrolled):
    LevelOfCare.lay_out(cast.ccm)
    assert [row.number for row in LevelOfCare.objects.all()] == [5, 4, 3, 2, 1]


def test_contacts_follow_the_level_and_without_one_the_program(cast, enrolled):
    assert due_in(enrolled) == cast.ccm.contact_every_days
    LevelDecision.make(enrolled, level(1), why="Steady.", by=cast.wendy)
    assert due_in(enrolled) == 90
    LevelDecision.make(enrolled, level(4), why="Came out of hospital.", by=cast.wendy)
    assert due_in(enrolled) == 5


def test_the_same_level_again_is_no_decision(cast, enrolled):
    assert LevelDecision.make(enrolled, level(3), why="First.", by=cast.wendy) is not None
    assert LevelDecision.make(enrolled, level(3), why="", by=cast.wendy) is None


def test_a_change_has_a_reason_and_a_day_that_has_come(cast, enrolled):
    with pytest.raises(Refused, match="why"):
        LevelDecision.make(enrolled, level(3), why=" ", by=cast.wendy)
    with pytest.raises(Refused, match="earlier day"):
        LevelDecision.make(
            enrolled, level(3), why="So.", by=cast.wendy, on=timezone.localdate() + timedelta(days=1)
        )


def test_a_level_of_another_program_is_refused(cast, enrolled):
    LevelOfCare.lay_out(cast.act)
    foreign = LevelOfCare.objects.get(program=cast.act, number=3)
    with pytest.raises(Refused, match="this program"):
        LevelDecision.make(enrolled, foreign, why="So.", by=cast.wendy)


def test_a_level_is_used_until_the_day_on_which_it_ends(cast, enrolled):
    row = level(3)
    row.ended_on = timezone.localdate() + timedelta(days=1)
    row.save()
    assert LevelDecision.make(enrolled, row, why="So.", by=cast.wendy) is not None
    again = level(2)
    again.ended_on = timezone.localdate()
    again.save()
    with pytest.raises(Refused, match="this program"):
        LevelDecision.make(enrolled, again, why="So.", by=cast.wendy)

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.domains import Domain, Rating
from assessments.due import assessment_due
from assessments.models import Administration, DomainRating, Need, NotFinished, Strength
from casemgmt.agencies.models import acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import assess, discharge, enroll, make_client
from clients.models import Enrollment
from clients.pipeline import Stage

NOTHING = dict.fromkeys(Domain, Rating.NONE)


def ago(days):
    return timezone.localdate() - timedelta(days=days)


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside), cast.ccm, cast.wendy, on=ago(100))


@pytest.fixture
def inside(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


def answers(**given):
    blank = {"client_rating": None, "comment": "", "strength": "", "goal_wish": "", "barrier_id": None}
    return {d: blank | {"worker_rating": Rating.NONE, "is_risk": False} | given.get(d, {}) for d in Domain}


def test_there_is_one_draft_at_a_time_and_a_colleague_goes_on_with_it(cast, enrolled, inside):
    first = Administration.begin(enrolled, by=cast.wendy)
    assert Administration.begin(enrolled, by=cast.sam) == first
    assert first.by == cast.wendy


def test_nothing_is_assessed_after_the_end(cast, enrolled):
    assess(enrolled, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        enrolled.refresh_from_db()
        enrolled.move_to(Stage.CONCLUDING, by=cast.wendy)
    discharge(enrolled, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        enrolled.refresh_from_db()
        with pytest.raises(Refused, match="ended"):
            Administration.begin(enrolled, by=cast.wendy)


def test_an_assessment_of_tomorrow_is_refused(cast, enrolled, inside):
    with pytest.raises(Refused, match="still to come"):
        Administration.begin(enrolled, by=cast.wendy, held_on=ago(-1))
    row = Administration.begin(enrolled, by=cast.wendy)
    row.held_on = ago(-1)
    with pytest.raises(Refused, match="still to come"):
        row.record({})


def test_only_what_changed_is_written(cast, enrolled, inside):
    row = Administration.begin(enrolled, by=cast.wendy)
    row.record(answers(housing={"worker_rating": None}))
    assert DomainRating.objects.filter(administration=row).count() == 15, "a blank domain needs no row"
    row.record(answers(food={"worker_rating": Rating.UNMET}, housing={"worker_rating": None}))
    food = DomainRating.objects.get(administration=row, domain=Domain.FOOD)
    assert food.worker_rating == Rating.UNMET
    assert food.history.count() == 2
    assert DomainRating.objects.get(administration=row, domain=Domain.MONEY).history.count() == 1


def test_signing_says_for_each_domain_what_is_missing(cast, enrolled, inside):
    row = Administration.begin(enrolled, by=cast.wendy)
    with pytest.raises(NotFinished) as refused:
        row.fill_in(
            answers(
                housing={"worker_rating": Rating.URGENT},
                food={"client_rating": Rating.URGENT, "comment": " "},
                money={"worker_rating": None},
            ),
            sign_by=cast.wendy,
        )
    assert [(domain, name) for domain, name, _why in refused.value.problems] == [
        (Domain.MONEY, "worker_rating"),
        (Domain.HOUSING, "comment"),
        (Domain.FOOD, "comment"),
    ]
    assert refused.value.sentences[0] == "Not rated yet: Money and benefits."
    row.refresh_from_db()
    assert not row.is_locked
    assert not DomainRating.objects.filter(administration=row).exists(), "a refusal undoes all of it"


def test_signing_brings_needs_strengths_and_stage_up_to_date(cast, enrolled, inside):
    row = Administration.begin(enrolled, by=cast.wendy)
    row.fill_in(
        answers(
            housing={"worker_rating": Rating.URGENT, "comment": "Sleeps in his car.", "goal_wish": "A door"},
            social={"strength": "A sister nearby"},
        ),
        sign_by=cast.wendy,
    )
    need = Need.objects.get(enrollment=enrolled)
    assert (need.domain, need.severity, need.words, need.goal_wish) == (
        "housing",
        Rating.URGENT,
        "Sleeps in his car.",
        "A door",
    )
    assert Strength.objects.get(enrollment=enrolled).text == "A sister nearby"
    assert Enrollment.objects.get(pk=enrolled.pk).stage == Stage.ASSESSED
    with pytest.raises(Refused, match="can no longer be changed"):
        row.record(answers())


def test_an_assessment_signed_late_does_not_override_a_later_one(cast, enrolled):
    early = assess(enrolled, by=cast.wendy, on=ago(60), signed=False)
    assess(enrolled, by=cast.wendy, on=ago(5), ratings={Domain.LEGAL: Rating.UNMET})
    with acting_as(cast.riverside, by=cast.wendy):
        early.sign(by=cast.wendy)
        assert [n.domain for n in Need.objects.filter(enrollment=enrolled).open()] == ["legal"]


def test_the_one_before_is_the_latest_signed_one_of_the_same_person(cast, enrolled):
    first = assess(enrolled, by=cast.wendy, on=ago(90))
    assess(enrolled, by=cast.wendy, on=ago(60), signed=False)
    elsewhere = enroll(enrolled.client, cast.rapid, cast.wendy, on=ago(50))
    second = assess(elsewhere, by=cast.wendy, on=ago(40))
    someone_else = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    assess(someone_else, by=cast.wendy, on=ago(20))
    third = assess(enrolled, by=cast.wendy, on=ago(10))
    with acting_as(cast.riverside, by=cast.wendy):
        mine = Administration.objects.visible_to(cast.wendy)
        assert list(mine.before(third)) == [second, first]
        assert list(mine.before(first)) == []


def test_a_sealed_program_does_not_show_through_the_comparison(cast, enrolled):
    sealed = enroll(enrolled.client, cast.recovery, cast.walt, on=ago(80))
    hidden = assess(sealed, by=cast.walt, on=ago(70))
    later = assess(enrolled, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        assert hidden not in Administration.objects.visible_to(cast.wendy).before(later)


def test_conversion_pairs_are_the_first_and_the_last_of_each_enrollment(cast, enrolled):
    assess(enrolled, by=cast.wendy, on=ago(90), ratings={Domain.FOOD: Rating.UNMET})
    assess(enrolled, by=cast.wendy, on=ago(50), ratings={Domain.FOOD: Rating.MET, Domain.LEGAL: Rating.UNMET})
    assess(enrolled, by=cast.wendy, on=ago(2), ratings={Domain.LEGAL: Rating.UNMET})
    once = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    assess(once, by=cast.wendy)
    with (
        acting_as(cast.riverside, by=cast.wendy),
        CaptureQueriesContext(
            connection,
        ) as asked,
    ):
        pairs = DomainRating.objects.visible_to(cast.wendy).first_and_last()
    assert len(asked) == 1
    assert len(pairs) == 16
    assert sorted(p for p in pairs if p != (Rating.NONE, Rating.NONE)) == [
        (Rating.NONE, Rating.UNMET),
        (Rating.UNMET, Rating.NONE),
    ]


def test_the_first_assessment_is_due_after_enrolling_and_the_next_after_the_last(cast, enrolled):
    program = cast.ccm
    again = enroll(make_client(cast.riverside), program, cast.wendy, on=ago(90))
    assess(again, by=cast.wendy, on=ago(80))
    assess(again, by=cast.wendy, on=ago(20))
    assess(again, by=cast.wendy, on=ago(1), signed=False)
    with acting_as(cast.riverside, by=cast.wendy):
        rows = list(Enrollment.objects.visible_to(cast.wendy).select_related("program"))
        with CaptureQueriesContext(connection) as asked:
            due = assessment_due(rows)
        back_then = assessment_due(rows, at=ago(50))
    assert len(asked) == 2
    assert due[enrolled.pk] == ago(100) + timedelta(days=program.assess_within_days)
    assert due[again.pk] == ago(20) + timedelta(days=program.reassess_every_days)
    assert back_then[again.pk] == ago(80) + timedelta(days=program.reassess_every_days)

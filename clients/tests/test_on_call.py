"""Who is on call reaches the people of the program, while the shift runs, and nothing of what is written in it."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.utils import timezone

from casemgmt.agencies.models import AgencyOwned, OnCallShift, acting_as
from casemgmt.demo import builders
from clients.models import (
    AfterHoursContact,
    Alert,
    Client,
    ConflictOfInterest,
    Enrollment,
    RelatedPerson,
    SafetyPlan,
    Visit,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def person(cast):
    """Somebody of Wendy's: Walt does not see them on a day like any other."""
    client = builders.make_client(cast.riverside, by=cast.wendy)
    enrollment = builders.enroll(client, cast.ccm, cast.wendy)
    builders.log_visit(enrollment, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        SafetyPlan.objects.create(client=client, own_ways="I walk.", written_on=timezone.localdate())
        Alert.objects.create(
            client=client,
            kind=Alert.Kind.HEALTH,
            text="Penicillin",
            review_on=timezone.localdate() + 30 * 24 * HOUR,
        )
        RelatedPerson.objects.create(client=client, name="Rosa", relation="sibling")
    return client


def put_on_call(cast, staff, program, start=-HOUR, end=HOUR):
    now = timezone.now()
    with acting_as(cast.riverside, by=cast.sam):
        return OnCallShift.objects.create(
            staff=staff, program=program, starts_at=now + start, ends_at=now + end
        )


def reaches(staff, client):
    return Client.objects.visible_to(staff).filter(pk=client.pk).exists()


@pytest.mark.parametrize("model", [SafetyPlan, Alert, RelatedPerson])
def test_on_call_one_reads_what_a_crisis_needs(cast, person, model):
    assert not model.objects.visible_to(cast.walt).exists()
    put_on_call(cast, cast.walt, cast.ccm)
    assert model.objects.visible_to(cast.walt).filter(client=person).exists()


def test_a_shift_of_all_programs_reaches_everybody_served(cast, person):
    put_on_call(cast, cast.walt, None)
    assert reaches(cast.walt, person)


@pytest.mark.parametrize(("start", "end"), [(HOUR, 2 * HOUR), (-2 * HOUR, -HOUR)], ids=["before", "after"])
def test_outside_the_shift_nobody_is_reached(cast, person, start, end):
    put_on_call(cast, cast.walt, cast.ccm, start, end)
    assert not reaches(cast.walt, person)


def test_people_of_another_program_are_not_reached(cast, person):
    put_on_call(cast, cast.walt, cast.act)
    assert not reaches(cast.walt, person)


def test_who_is_not_served_any_more_is_not_reached(cast, person):
    put_on_call(cast, cast.walt, cast.ccm)
    with acting_as(cast.riverside, by=cast.wendy):
        builders.discharge(Enrollment.objects.get(client=person), by=cast.wendy)
    assert not reaches(cast.walt, person)


def test_a_program_under_part_2_stays_with_its_team(cast):
    sealed = builders.make_client(cast.riverside)
    builders.enroll(sealed, cast.recovery, cast.walt)
    put_on_call(cast, cast.wendy, cast.recovery)
    put_on_call(cast, cast.wendy, None)
    assert not reaches(cast.wendy, sealed)


def test_a_restricted_record_stays_restricted(cast, person):
    put_on_call(cast, cast.walt, cast.ccm)
    with acting_as(cast.riverside, by=cast.sam):
        person.restricted_on = timezone.localdate()
        person.save()
    assert not reaches(cast.walt, person)


def test_who_knows_the_person_does_not_reach_them(cast, person):
    put_on_call(cast, cast.walt, cast.ccm)
    with acting_as(cast.riverside, by=cast.walt):
        ConflictOfInterest.declare(person, cast.walt)
    assert not reaches(cast.walt, person)


def test_who_has_left_reaches_nobody(cast, person):
    put_on_call(cast, cast.walt, cast.ccm)
    with acting_as(cast.riverside, by=cast.sam):
        cast.walt.left_on = timezone.localdate()
        cast.walt.save()
    assert not reaches(cast.walt, person)


def test_nothing_that_belongs_to_the_service_is_opened(cast, person):
    """Visits, plans, assessments, and whatever else hangs on an enrollment, today's models and tomorrow's."""
    put_on_call(cast, cast.walt, cast.ccm)
    assert Visit.objects.visible_to(cast.wendy).exists()
    held = [m for m in apps.get_models() if issubclass(m, AgencyOwned) and m.path and of_a_service(m)]
    assert len(held) > 10
    assert [m.__name__ for m in held if m.objects.visible_to(cast.walt).exists()] == []
    assert not Enrollment.objects.visible_to(cast.walt).exists()


def test_an_address_kept_secret_is_for_who_works_with_the_person(cast, person):
    put_on_call(cast, cast.walt, cast.ccm)
    with acting_as(cast.riverside, by=cast.wendy):
        person.address, person.address_protected = "12 Hidden Lane", True
        person.save()
    assert person.shows_address_to(cast.wendy)
    assert not person.shows_address_to(cast.walt)


def of_a_service(model):
    return model.objects.all()._door() is Enrollment and model is not AfterHoursContact


def test_being_on_call_is_no_right_to_merge(cast, person):
    put_on_call(cast, cast.sam, cast.ccm)
    put_on_call(cast, cast.walt, cast.ccm)
    assert not Client.objects.visible_to(cast.walt).by_right(cast.walt).filter(pk=person.pk).exists()

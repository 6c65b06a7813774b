"""What is written down after hours, by whom and for when; and shifts that cannot stand in each other's way."""

from datetime import timedelta

import pytest
from django.utils import timezone

from casemgmt.agencies.models import OnCallShift, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo import builders
from clients.models import AfterHoursContact

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def enrollment(cast):
    """Wendy's, while Walt is on call for the program."""
    row = builders.enroll(builders.make_client(cast.riverside, by=cast.wendy), cast.ccm, cast.wendy)
    with acting_as(cast.riverside, by=cast.sam):
        shift(cast.walt, cast.ccm).save()
        yield row


def shift(staff, program, start=-HOUR, end=HOUR):
    now = timezone.now()
    return OnCallShift(staff=staff, program=program, starts_at=now + start, ends_at=now + end)


def write(enrollment, by, **said):
    return AfterHoursContact.write(enrollment, by=by, note="They could not sleep.", **said)


def test_who_is_on_call_writes_it_down_with_their_shift(cast, enrollment):
    assert write(enrollment, cast.walt).shift.staff == cast.walt


def test_it_waits_for_the_worker_until_somebody_has_read_it(cast, enrollment):
    row = write(enrollment, cast.walt)
    assert AfterHoursContact.objects.visible_to(cast.wendy).unread().get() == row
    assert row.read(by=cast.wendy).read_by == cast.wendy
    assert not AfterHoursContact.objects.visible_to(cast.wendy).unread().exists()


def test_who_wrote_it_does_not_read_it_in_place_of_the_worker(cast, enrollment):
    with pytest.raises(Refused):
        write(enrollment, cast.walt).read(by=cast.walt)


def test_a_worker_who_answered_has_read_it(cast, enrollment):
    assert write(enrollment, cast.wendy).read_by == cast.wendy


def test_who_is_not_on_call_and_does_not_see_the_person_writes_nothing(cast, enrollment):
    with pytest.raises(Refused):
        write(enrollment, cast.mo)


@pytest.mark.parametrize("when", [HOUR, timedelta(days=-3000)], ids=["to come", "before the enrollment"])
def test_a_moment_that_cannot_be_is_refused(cast, enrollment, when):
    with pytest.raises(Refused):
        write(enrollment, cast.walt, at=timezone.now() + when)


def test_a_colleague_elsewhere_reads_nothing_of_it(cast, enrollment):
    write(enrollment, cast.walt)
    assert not AfterHoursContact.objects.visible_to(cast.mo).exists()


def test_two_shifts_of_one_person_and_program_do_not_overlap(cast, enrollment):
    with pytest.raises(Refused):
        OnCallShift.put([shift(cast.walt, cast.ccm, timedelta(), 2 * HOUR)])


def test_a_shift_follows_another_at_once(cast, enrollment):
    before = OnCallShift.objects.get()
    after = OnCallShift(
        staff=cast.walt, program=cast.ccm, starts_at=before.ends_at, ends_at=before.ends_at + HOUR
    )
    OnCallShift.put([after])
    assert OnCallShift.objects.count() == 2


def test_a_shift_that_runs_ends_now_and_one_to_come_goes(cast, enrollment):
    OnCallShift.put([shift(cast.walt, cast.ccm, 2 * HOUR, 3 * HOUR)])
    for row in OnCallShift.objects.all():
        row.withdraw()
    assert OnCallShift.objects.get().ends_at <= timezone.now()


def test_a_shift_that_is_over_stays(cast, enrollment):
    over = shift(cast.walt, cast.ccm, -3 * HOUR, -2 * HOUR)
    over.save()
    with pytest.raises(Refused):
        over.withdraw()

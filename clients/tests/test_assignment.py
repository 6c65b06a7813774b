"""Who is accountable for whom, and what becomes of people whose worker leaves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client
from clients.models import Enrollment
from clients.pipeline import Stage, missing


@pytest.fixture
def of_mo(cast):
    return enroll(make_client(cast.riverside, by=cast.mo), cast.ccm, cast.mo)


def leave(cast, on):
    with acting_as(cast.riverside, by=cast.ada):
        cast.mo.left_on = on
        cast.mo.save()


def to_assign(cast):
    with acting_as(cast.riverside, by=cast.sam):
        return list(Enrollment.objects.visible_to(cast.sam).without_worker())


def test_people_whose_worker_left_are_to_be_assigned(cast, of_mo):
    leave(cast, timezone.localdate())
    assert to_assign(cast) == [of_mo]
    with acting_as(cast.riverside, by=cast.sam):
        assert Enrollment.objects.with_worker().get(pk=of_mo.pk).worker_id is None
        assert of_mo.worker() is None
        assert any("Nobody is accountable" in sentence for sentence in missing(of_mo, Stage.ACTIVE))


def test_until_the_last_day_they_are_not(cast, of_mo):
    leave(cast, timezone.localdate() + timedelta(days=1))
    assert to_assign(cast) == []


def test_somebody_else_becomes_accountable_for_them(cast, of_mo):
    leave(cast, timezone.localdate())
    with acting_as(cast.riverside, by=cast.sam):
        of_mo.assign(cast.wendy, by=cast.sam)
        assert of_mo.worker() == cast.wendy
    assert to_assign(cast) == []

"""An agency that was opened before a list came gets its items, and keeps what it made of them."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from casemgmt.agencies.models import Agency, PickItem, ServiceType, acting_as
from casemgmt.agencies.models.program import Component
from casemgmt.workspace.opening import PICK_LISTS, SERVICE_TYPES, take_lists, take_service_types

pytestmark = pytest.mark.django_db


@pytest.fixture
def older():
    """An agency from before there were lists."""
    return Agency.objects.create(name="Hillside", slug="hillside")


def test_it_gets_every_item_once(older):
    call_command("take_lists", agency="hillside", stdout=StringIO())
    assert PickItem.objects.filter(agency=older).count() == sum(map(len, PICK_LISTS.values()))
    with acting_as(older, by=None):
        assert take_lists(older) == []


def test_what_it_changed_stays(older):
    with acting_as(older, by=None):
        PickItem.objects.create(agency=older, pick_list="gap", code="FULL", label="No room")
        take_lists(older)
    assert PickItem.objects.get(agency=older, pick_list="gap", code="FULL").label == "No room"


def test_a_dry_run_writes_nothing(older):
    call_command("take_lists", agency="hillside", dry_run=True, stdout=StringIO())
    assert not PickItem.objects.filter(agency=older).exists()


def test_an_agency_that_is_not_there_is_said(db):
    with pytest.raises(CommandError, match="no agency"):
        call_command("take_lists", agency="nowhere")


# --- Kinds of work ---


def kind(agency, code, **fields):
    return ServiceType.objects.create(agency=agency, code=code, name=code.title(), **fields)


def test_kinds_of_work_of_before_learn_their_part_of_case_management(older):
    with acting_as(older, by=None):
        row = kind(older, "LINKAGE")
    call_command("take_lists", agency="hillside", stdout=StringIO())
    row.refresh_from_db()
    assert (row.component, row.name) == (Component.REFERRAL, "Linkage")
    assert ServiceType.objects.filter(agency=older).count() == len(SERVICE_TYPES)


def test_a_part_that_somebody_chose_stays_were_it_none(older):
    with acting_as(older, by=None):
        row = kind(older, "LINKAGE", component=Component.PLANNING)
        row.component = Component.NONE
        row.save()
        take_service_types(older)
        assert take_service_types(older) == []
    row.refresh_from_db()
    assert row.component == Component.NONE

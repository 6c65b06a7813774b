"""An agency that was opened before a list came gets its items, and keeps what it made of them."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from casemgmt.agencies.models import Agency, PickItem, acting_as
from casemgmt.workspace.opening import PICK_LISTS, take_lists

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

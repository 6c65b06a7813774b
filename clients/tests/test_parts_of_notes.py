"""What hangs on a visit is found through its own visit, however many visits an agency has."""

import pytest
from django.apps import apps

from clients.models.visit import OfVisitQuerySet

PARTS = [m for m in apps.get_models() if isinstance(m._default_manager.all(), OfVisitQuerySet)]

pytestmark = pytest.mark.django_db


def test_there_are_parts_of_notes():
    assert len(PARTS) >= 5


@pytest.mark.parametrize("model", PARTS, ids=lambda model: model.__name__)
def test_a_part_of_a_note_is_found_without_listing_all_visits(cast, model):
    """A list of all visits that somebody sees took PostgreSQL a minute at a million of them."""
    asked = str(model.objects.visible_to(cast.nia).query)
    assert 'JOIN "clients_visit"' in asked
    assert 'FROM "clients_visit"' not in asked

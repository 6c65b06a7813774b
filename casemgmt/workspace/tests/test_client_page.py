"""A person's page: two periods of service, a discharge that is not finished, and the way back in."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.demo.builders import discharge, enroll, make_client
from clients.models import Visit


@pytest.fixture
def person(cast):
    return make_client(cast.riverside, by=cast.wendy)


@pytest.fixture
def first(cast, person):
    return enroll(person, cast.ccm, cast.wendy)


@pytest.fixture
def second(cast, person, first):
    return enroll(person, cast.act, cast.wendy)


def page_of(person):
    return reverse("workspace:client", kwargs={"pk": person.pk})


def test_after_a_visit_one_is_back_at_the_period_of_service_it_belongs_to(cast, as_, person, first, second):
    now = timezone.localtime()
    said = {
        "submit_key": uuid4(),
        "day": now.date().isoformat(),
        "time": "00:00",
        "mode": Visit.Mode.PHONE,
        "outcome": Visit.Outcome.KEPT,
        "held_with": Visit.With.CLIENT,
        "direct_minutes": 0,
        "travel_minutes": 0,
        "note": "Rang about Friday.",
    }
    for enrollment in (first, second):
        url = reverse("workspace:visit-log", kwargs={"pk": enrollment.pk})
        answer = as_("wendy").post(url, said | {"submit_key": uuid4()})
        assert answer.headers["Location"] == f"{page_of(person)}?enrollment={enrollment.pk}"


def test_a_discharge_that_is_a_draft_is_the_next_step(cast, as_, person, first):
    discharge(first, by=cast.wendy, signed=False)
    page = as_("wendy").get(page_of(person))
    assert "Finish the discharge" in page.text
    assert reverse("workspace:discharge", kwargs={"pk": first.pk}) in page.context["next_step"]["url"]


def test_somebody_who_was_discharged_comes_back_through_a_new_intake(cast, as_, person, first):
    discharge(first, by=cast.wendy)
    page = as_("wendy").get(page_of(person))
    again = f"{reverse('clients:intake-create')}?client={person.pk}"
    assert again in page.text
    assert as_("wendy").get(again).status_code == 200

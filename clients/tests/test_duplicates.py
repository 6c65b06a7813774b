"""Find before you create: somebody who may be known is asked about, once."""

import uuid

import pytest
from django.urls import reverse

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client
from clients.models import Client

pytestmark = pytest.mark.django_db
URL = "/intakes/new/"


def sent(**more):
    day = {"started_on": "2026-11-02", "reason": "Needs help with rent.", "safe_now": "yes"}
    return {"submit_key": str(uuid.uuid4()), "given_name": "Rosa", "family_name": "Tamayo"} | day | more


def known(cast, worker):
    with acting_as(cast.riverside, by=worker):
        person = make_client(cast.riverside, by=worker, given_name="Rósa", family_name="Tamayo", number="")
        enroll(person, cast.ccm, worker, by=worker)
    return person


def test_ones_own_person_can_be_chosen_or_opened(cast, as_):
    person, browser = known(cast, cast.wendy), as_("wendy")
    answer = browser.post(URL, sent())
    assert answer.status_code == 422
    assert f'href="{reverse("workspace:client", kwargs={"pk": person.pk})}"' in answer.text
    assert "No, this is somebody new" in answer.text
    assert browser.post(URL, sent(known_client=person.pk)).status_code == 302
    assert Client.objects.filter(agency=cast.riverside, name_key__contains="tamayo").count() == 1


def test_a_colleagues_person_is_named_and_opens_in_an_emergency_alone(cast, as_):
    person, browser = known(cast, cast.walt), as_("wendy")
    answer = browser.post(URL, sent())
    url = reverse("workspace:client", kwargs={"pk": person.pk})
    assert f'href="{url}"' in answer.text
    assert browser.get(url).status_code == 403
    assert browser.post(URL, sent(known_client=person.pk)).status_code == 422


def test_sent_again_as_somebody_new_it_makes_a_second_record(cast, as_):
    known(cast, cast.wendy)
    browser = as_("wendy")
    assert browser.post(URL, sent()).status_code == 422
    assert browser.post(URL, sent(nobody_known="on")).status_code == 302
    assert Client.objects.filter(agency=cast.riverside, name_key__contains="tamayo").count() == 2

"""Answering alone on the worker's device: one questionnaire, and nothing else, until somebody signs in again."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from assessments.models import Answer, Concern, Response
from assessments.shipped import take_shipped
from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, make_client
from clients.models import AccessLog

ALONE = "/answer/"
SAY = "/answer/say/"


@pytest.fixture
def row(cast):
    enrolled = enroll(make_client(cast.riverside, given_name="Zebulon"), cast.ccm, cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        (version,) = take_shipped(cast.riverside, ["PHQ-9"])
        return Response.begin(version, enrolled.client, enrollment=enrolled, by=cast.wendy)


@pytest.fixture
def device(cast, as_, row):
    """The worker's browser, after it was handed over."""
    browser = as_("wendy")
    page = browser.get(f"/responses/{row.pk}/hand-over/")
    answer = browser.post(
        f"/responses/{row.pk}/hand-over/", {"submit_key": page.context["form"]["submit_key"].value()}
    )
    assert (answer.status_code, answer["Location"]) == (302, ALONE)
    return browser


def now(cast, row):
    with acting_as(cast.riverside, by=None):
        return Response.objects.get(pk=row.pk)


def test_the_worker_is_signed_out_and_only_the_questions_open(device, row):
    page = device.get(ALONE)
    assert page.status_code == 200
    assert "Little interest" in page.text
    assert "Zebulon" not in page.text
    assert "no-store" in page["Cache-Control"]
    assert "_auth_user_id" not in device.session


def test_every_other_page_asks_to_sign_in(device, row):
    for url in (
        "/",
        "/today/",
        f"/clients/{row.client_id}/",
        f"/responses/{row.pk}/",
        f"/responses/{row.pk}/answer/",
        "/admin/",
    ):
        answer = device.get(url, follow=True)
        assert "Zebulon" not in answer.text
        assert answer.request["PATH_INFO"].startswith("/accounts/login"), url


def test_answers_are_kept_as_the_persons_own_and_logged(cast, device, row):
    answer = device.post(SAY, {"code": "1", "value": "2"})
    assert answer.status_code == 200, answer.text
    with acting_as(cast.riverside, by=None):
        assert list(Answer.objects.values_list("item", "value", "by")) == [("1", 2, None)]
        log = AccessLog.objects.filter(purpose="handed over").last()
        assert (log.staff, log.people) == (cast.wendy, [row.client_id])


def test_an_alarming_answer_is_met_kindly_and_raised_at_once(cast, device, row):
    reply = device.post(SAY, {"code": "9", "value": "3"}).json()
    assert "Thank you for telling us" in reply["alarm"]
    assert "self-harm" not in reply["alarm"]
    assert "/clients/" not in reply["alarm"]
    with acting_as(cast.riverside, by=None):
        assert Concern.objects.open().get().response == row


def test_finishing_closes_the_device_until_somebody_signs_in(cast, device, row):
    page = device.get(ALONE)
    said = {f"q-{n}": "1" for n in range(9)}
    said |= {"submit_key": page.context["form"]["submit_key"].value(), "go": "finish"}
    answer = device.post(ALONE, said)
    assert "Thank you" in answer.text
    done = now(cast, row)
    assert done.is_complete
    assert done.signed_at is None, "a worker looks at it first"
    assert done.mode == Response.Mode.ALONE
    assert "Nothing is open here" in device.get(ALONE).text
    assert device.post(SAY, {"code": "1", "value": "0"}).status_code == 404


def test_stopping_keeps_the_answers_and_closes_the_device(cast, device, row):
    page = device.get(ALONE)
    said = {"q-0": "3", "go": "later", "submit_key": page.context["form"]["submit_key"].value()}
    assert "Your answers are kept" in device.post(ALONE, said).text
    assert now(cast, row).said == {"1": 3}
    assert "Nothing is open here" in device.get(ALONE).text


def test_the_device_forgets_by_itself(device):
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert "Nothing is open here" in device.get(ALONE).text


def test_signing_in_again_ends_the_handing_over(cast, as_, device, row):
    device.force_login(cast.wendy.user)
    assert "Nothing is open here" in device.get(ALONE).text


def test_a_colleague_who_may_not_see_it_any_more_hands_nothing_over(cast, device, row):
    with acting_as(cast.riverside, by=cast.sam):
        cast.wendy.left_on = timezone.localdate()
        cast.wendy.save()
    assert "Nothing is open here" in device.get(ALONE).text


def test_without_a_handed_device_there_is_nothing(db):
    browser = Client()
    assert "Nothing is open here" in browser.get(ALONE).text
    assert browser.post(SAY, {"code": "1"}).status_code == 404


def test_no_address_takes_the_questionnaire_from_the_one_who_answers(device, cast, as_):
    """The two public addresses take no key: whoever holds the device can ask for no other questionnaire."""
    for name in ("assessments:handed-over", "assessments:handed-say"):
        assert "<" not in reverse(name)
    assert get_resolver()


def test_what_the_worker_was_told_last_is_not_told_to_who_answers(cast, as_, row):
    browser = as_("wendy")
    browser.post(f"/clients/{row.client_id}/questionnaires/begin/", {"version": "0"})
    form = {"submit_key": "5f6f3a2e-3d0e-4c5e-9d53-0d4cf6a3a001"}
    assert browser.post(f"/responses/{row.pk}/hand-over/", form).status_code == 302
    assert "Choose a questionnaire" not in browser.get(ALONE).text

"""Questionnaires across floors: what is due, what must be acted upon, and who is told."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from assessments.due import assessment_due, questionnaires_due
from assessments.models import Administration, Concern, ProgramInstrument, Response
from assessments.shipped import take_shipped
from casemgmt.agencies.models import Notice, acting_as
from casemgmt.demo.builders import assess, enroll, make_client
from casemgmt.workspace.worklists import items_of
from clients.models import KeyEvent


def ago(days):
    return timezone.localdate() - timedelta(days=days)


def key():
    return {"submit_key": str(uuid4())}


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside, given_name="Imogen"), cast.ccm, cast.wendy, on=ago(100))


@pytest.fixture
def inside(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


@pytest.fixture
def phq(cast, inside):
    return take_shipped(cast.riverside, ["PHQ-9"])[0]


@pytest.fixture
def used(cast, phq):
    return ProgramInstrument.objects.create(
        program=cast.ccm, instrument=phq.instrument, within_days=30, every_days=90
    )


def answered(version, enrolled, by, *, on=None, nine=0, mode="together"):
    row = Response.begin(
        version, enrolled.client, enrollment=enrolled, by=by, held_on=on or timezone.localdate(), mode=mode
    )
    for code in row.definition.by_code:
        row.say(code, nine if code == "9" else 1, by=by if mode != "alone" else None)
    row.complete(by=by if mode != "alone" else None)
    return row


def test_the_first_is_due_after_enrolling_and_the_next_after_the_last(cast, enrolled, phq, used):
    def due():
        return [ask.due_on for ask in questionnaires_due([enrolled])[enrolled.pk]]

    assert due() == [ago(70)]
    row = answered(phq, enrolled, cast.wendy, on=ago(10))
    assert due() == [ago(-80)]
    row.set_aside("Asked the wrong person.", by=cast.wendy)
    assert due() == [ago(70)], "what is set aside does not count"
    used.every_days = None
    used.save()
    answered(phq, enrolled, cast.wendy, on=ago(5))
    assert due() == [], "once is enough"


def test_what_is_due_stands_on_today_once(cast, enrolled, phq, used):
    (item,) = [i for i in items_of(cast.wendy) if i.kind == "ask" and i.client == enrolled.client_id]
    assert item.what == "Ask: PHQ-9"
    assert item.due_on == ago(70)


def test_a_significant_event_brings_the_next_assessment_forward(cast, enrolled, inside):
    assess(enrolled, by=cast.wendy, on=ago(50))
    program = cast.ccm
    event = KeyEvent.objects.create(client=enrolled.client, kind=KeyEvent.Kind.JOB_START, started_on=ago(3))
    usual = ago(50) + timedelta(days=program.reassess_every_days)
    assert assessment_due([enrolled])[enrolled.pk] == usual
    event.kind = KeyEvent.Kind.HOSPITAL_MH
    event.save()
    assert assessment_due([enrolled])[enrolled.pk] == ago(3) + timedelta(
        days=program.reassess_after_event_days
    )
    assess(enrolled, by=cast.wendy, on=ago(1))
    assert assessment_due([enrolled])[enrolled.pk] > usual


def test_an_answer_to_act_upon_is_the_workers_task_until_they_say_what_was_done(cast, enrolled, phq, as_):
    answered(phq, enrolled, cast.wendy, nine=2)
    concern = Concern.objects.get()
    (item,) = [i for i in items_of(cast.wendy) if i.kind == "concern"]
    wendy = as_("wendy")
    assert "Act upon an answer" in wendy.get("/today/").text
    page = wendy.get(item.url)
    assert "self-harm" in page.text
    empty = wendy.post(
        item.url, {"submit_key": page.context["form"]["submit_key"].value(), "version": "1", "done": ""}
    )
    assert empty.status_code == 422
    said = {"version": "1", "done": "Safety plan gone through."}
    assert wendy.post(item.url, key() | said).status_code == 302
    concern.refresh_from_db()
    assert (concern.done, concern.handled_by) == ("Safety plan gone through.", cast.wendy)
    assert not [i for i in items_of(cast.wendy) if i.kind == "concern"]


def test_the_supervisor_is_told_without_a_name_and_led_to_it(cast, enrolled, phq, as_):
    row = answered(phq, enrolled, cast.wendy, nine=1)
    notice = Notice.objects.get(staff=cast.sam)
    assert "Imogen" not in notice.text
    sam = as_("sam")
    assert notice.text in sam.get("/caseload/").text
    answer = sam.post(f"/notices/{notice.pk}/", key())
    assert answer["Location"] == f"/responses/{row.pk}/"
    assert notice.text not in sam.get("/caseload/").text
    assert as_("walt").post(f"/notices/{notice.pk}/", key()).status_code == 404


def test_what_was_answered_alone_waits_for_the_worker_to_sign(cast, enrolled, phq, as_):
    row = answered(phq, enrolled, cast.wendy, mode="alone")
    (item,) = [i for i in items_of(cast.wendy) if i.kind == "answers"]
    assert item.url == f"/responses/{row.pk}/"
    assert as_("wendy").post(f"/responses/{row.pk}/sign/", key()).status_code == 302
    row.refresh_from_db()
    assert row.signatures.get().staff == cast.wendy


def test_a_supervisor_reviews_what_the_program_wants_reviewed(cast, enrolled, phq, used, as_):
    row = answered(phq, enrolled, cast.wendy)
    sam = as_("sam")
    assert "Imogen" not in sam.get("/reviews/").text
    used.needs_review = True
    used.save()
    assert "Imogen" in sam.get("/reviews/").text
    assert sam.post(f"/responses/{row.pk}/review/", key()).status_code == 302
    assert sam.post(f"/responses/{row.pk}/review/", key()).status_code == 409, "once"
    assert "Imogen" not in sam.get("/reviews/").text
    assert as_("wendy").post(f"/responses/{row.pk}/review/", key()).status_code == 403


def test_nobody_reviews_their_own(cast, enrolled, phq, used, as_):
    used.needs_review = True
    used.save()
    row = answered(phq, enrolled, cast.sam)
    assert as_("sam").post(f"/responses/{row.pk}/review/", key()).status_code == 409


def test_a_review_of_needs_is_reviewed_where_the_program_wants_it(cast, enrolled, inside, as_):
    row = assess(enrolled, by=cast.wendy)
    sam = as_("sam")
    url = f"/assessments/{row.pk}/review/"
    cast.ccm.reviews_assessments = True
    cast.ccm.save()
    assert "Imogen" in sam.get("/reviews/").text
    assert sam.post(url, key()).status_code == 302
    assert Administration.objects.get(pk=row.pk).cosigned_at
    cast.ccm.reviews_assessments = False
    cast.ccm.save()


def test_a_suggested_need_is_opened_with_one_tap(cast, enrolled, inside, as_):
    (version,) = take_shipped(cast.riverside, ["SSM"])
    row = Response.begin(version, enrolled.client, enrollment=enrolled, by=cast.wendy)
    for code in row.definition.by_code:
        row.say(code, 1 if code == "food" else 4, by=cast.wendy)
    row.complete(by=cast.wendy)
    wendy = as_("wendy")
    page = wendy.get(f"/responses/{row.pk}/")
    assert "These answers point at needs" in page.text
    assert wendy.post(f"/responses/{row.pk}/need/", key() | {"domain": "food"}).status_code == 302
    assert row.needs.get().domain == "food"
    assert wendy.post(f"/responses/{row.pk}/need/", key() | {"domain": "housing"}).status_code == 409
    assert "Food" in wendy.get(f"/clients/{enrolled.client_id}/").text


def test_what_is_set_aside_says_why_and_counts_no_more(cast, enrolled, phq, as_):
    row = answered(phq, enrolled, cast.wendy)
    wendy = as_("wendy")
    url = f"/responses/{row.pk}/set-aside/"
    page = wendy.get(url)
    version = page.context["form"]["version"].value()
    said = {"version": version, "set_aside_why": "Answered for somebody else."}
    assert wendy.post(url, key() | said).status_code == 302
    assert not Response.objects.complete().exists()
    assert "Answered for somebody else." in wendy.get(f"/responses/{row.pk}/").text

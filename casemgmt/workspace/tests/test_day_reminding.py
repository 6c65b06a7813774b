"""What leaves the house: a calendar without names, an e-mail without names, and alarms that are raised once."""

import uuid
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from casemgmt.agencies.models import CalendarFeed, DailyMail, Notice, acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client
from clients.models import CheckIn, PlannedVisit

pytestmark = pytest.mark.django_db

CANARIES = ("Canarybird", "Quillfeather", "Canary Lane", "Canarynote", "0177")


@pytest.fixture
def enrolled(cast):
    """Somebody of Wendy's, of whom nothing may leave."""
    client = make_client(
        cast.riverside,
        given_name="Canarybird",
        family_name="Quillfeather",
        phone="412 555 0177",
        address="12 Canary Lane",
    )
    row = enroll(client, cast.rapid, cast.wendy)
    log_visit(row, by=cast.wendy, days_ago=60)
    return row


@pytest.fixture
def agreed(cast, enrolled):
    with acting_as(cast.riverside, by=cast.wendy):
        return PlannedVisit.objects.create(
            enrollment=enrolled,
            staff=cast.wendy,
            starts_at=timezone.now() + timedelta(days=1),
            place="12 Canary Lane; second floor, left",
            note="Canarynote",
            by=cast.wendy,
        )


@pytest.fixture
def token(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        return CalendarFeed.open(cast.wendy)


def fetch(token):
    return Browser().get(reverse("workspace:calendar-feed", kwargs={"token": token}))


def events(answer):
    return Calendar.from_ical(answer.content).walk("VEVENT")


# --- The feed ---------------------------------------------------------------------------------------------------------


def test_a_calendar_fetches_times_and_nothing_about_whom(agreed, token):
    answer = fetch(token)
    (event,) = events(answer)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert event["SUMMARY"] == "Visit, 45 min"
    assert event.decoded("DTSTART") == agreed.starts_at.replace(microsecond=0).astimezone(UTC)
    assert not [word for word in CANARIES if word in answer.content.decode()]
    assert str(event["URL"]).endswith(f"/planned/{agreed.pk}/")


def test_it_is_written_as_the_standard_has_it(cast, agreed, token):
    cast.riverside.words = {"visit": ["long; word, " * 12, "long; words, " * 12]}
    cast.riverside.save()
    body = fetch(token).content
    assert body.count(b"\n") == body.count(b"\r\n")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    assert b"DTSTAMP:" in body
    assert b"DTSTART:" in body
    assert b"UID:visit-" in body


def test_moved_it_keeps_its_name_and_counts_up(cast, agreed, token):
    (before,) = events(fetch(token))
    with acting_as(cast.riverside, by=cast.wendy):
        agreed.starts_at += timedelta(hours=2)
        agreed.agree(by=cast.wendy)
    (after,) = events(fetch(token))
    assert before["UID"] == after["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_called_off_lately_it_says_so(cast, agreed, token):
    with acting_as(cast.riverside, by=cast.wendy):
        agreed.cancel("Canarynote", by=cast.wendy)
    (event,) = events(fetch(token))
    assert event["STATUS"] == "CANCELLED"


@pytest.mark.parametrize("wrong", ["1.x", "x", "99999999999999999999.x", "1.\x00", "é.é", "1." + "a" * 5000])
def test_an_unknown_address_is_as_if_it_were_not_there(token, wrong):
    assert fetch(wrong).status_code == 404


def test_switched_off_or_made_anew_the_old_address_is_dead(cast, token):
    with acting_as(cast.riverside, by=cast.wendy):
        CalendarFeed.open(cast.wendy)
    assert fetch(token).status_code == 404


@pytest.mark.parametrize("change", [{"left_on": datetime(2020, 1, 1).date()}, {"roles": ["evaluator"]}])
def test_who_left_or_serves_nobody_any_more_has_no_feed(cast, token, change):
    cast.wendy.hired_on = None
    for name, value in change.items():
        setattr(cast.wendy, name, value)
    cast.wendy.save()
    assert fetch(token).status_code == 404


def test_a_colleagues_visits_are_not_in_it(cast, agreed):
    with acting_as(cast.riverside, by=cast.walt):
        token = CalendarFeed.open(cast.walt)
    assert events(fetch(token)) == []


def test_the_address_is_shown_once(as_):
    wendy = as_("wendy")
    wendy.post(reverse("workspace:feed-open"), {"submit_key": str(uuid.uuid4())})
    first, second = wendy.get("/account/reminders/").text, wendy.get("/account/reminders/").text
    assert ".ics" in first
    assert ".ics" not in second


# --- The e-mail -------------------------------------------------------------------------------------------------------


def run(**options):
    said = StringIO()
    call_command("daily_mail", stdout=said, **options)
    return said.getvalue().strip()


def to(staff):
    return [message for message in mail.outbox if message.to == [staff.email]]


def test_nothing_about_a_person_is_in_it(cast, enrolled, agreed):
    run()
    (message,) = to(cast.wendy)
    whole = message.message().as_string() + message.subject + message.body
    assert not [word for word in CANARIES if word in whole]
    assert "Visits due: 1 late" in message.body
    assert "/today/" in message.body


def test_it_is_sent_once_a_day(cast, enrolled):
    run()
    run()
    assert len(to(cast.wendy)) == 1
    assert DailyMail.objects.filter(staff=cast.wendy).count() == 1


def test_a_dry_run_sends_and_writes_nothing(cast, enrolled):
    assert run(dry_run=True) == "1 would be sent."
    assert not mail.outbox
    assert not DailyMail.objects.exists()


def test_who_has_nothing_to_do_gets_none(cast):
    run()
    assert not mail.outbox


@pytest.mark.parametrize("change", [{"mail_daily": "never"}, {"left_on": datetime(2020, 1, 1).date()}])
def test_who_does_not_want_it_or_left_gets_none(cast, enrolled, change):
    cast.wendy.hired_on = None
    for name, value in change.items():
        setattr(cast.wendy, name, value)
    cast.wendy.save()
    run()
    assert not to(cast.wendy)


def test_a_kind_that_is_left_out_is_not_counted(cast, as_, enrolled):
    wendy = as_("wendy")
    data = {"submit_key": str(uuid.uuid4()), "mail_daily": "always", "mail_with": ["note"]}
    assert wendy.post("/account/reminders/", data).status_code == 302
    run()
    assert not to(cast.wendy)


def test_what_the_mail_server_refuses_is_tried_again(cast, enrolled, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("421 try later")

    with monkeypatch.context() as patched:
        patched.setattr("casemgmt.workspace.day.mail.send_mail", refuse)
        with pytest.raises(CommandError):
            run()
    assert not DailyMail.objects.exists()
    run()
    assert len(to(cast.wendy)) == 1


# --- The alarm --------------------------------------------------------------------------------------------------------


@pytest.fixture
def late(cast, enrolled):
    with acting_as(cast.riverside, by=cast.wendy):
        return CheckIn.objects.create(
            staff=cast.wendy,
            enrollment=enrolled,
            place="12 Canary Lane",
            started_at=timezone.now() - timedelta(hours=2),
            expected_at=timezone.now() - timedelta(minutes=40),
        )


def watch(**options):
    said = StringIO()
    call_command("watch_check_ins", stdout=said, **options)
    return said.getvalue().strip()


def test_the_supervisor_is_told_once_however_often_it_runs(cast, late, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert watch() == "1 not back in time."
        assert watch() == "0 not back in time."
    assert Notice.objects.filter(staff=cast.sam, kind="check_in").count() == 1
    (message,) = to(cast.sam)
    assert not [word for word in CANARIES if word in message.message().as_string()]


def test_a_dry_run_tells_nobody(late):
    assert watch(dry_run=True) == "1 not back in time."
    assert not Notice.objects.exists()
    late.refresh_from_db()
    assert late.alarmed_at is None

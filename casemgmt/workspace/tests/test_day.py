"""A worker's day: what is agreed upon, whom else to see, who is out, and what waits."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import Credential, Notice, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, log_visit, make_client, plan_for
from casemgmt.workspace.day.alarms import raise_alarms
from casemgmt.workspace.day.kinds import KINDS, NEVER_WAIT
from casemgmt.workspace.worklists import items_of
from clients.models import Alert, CheckIn, PlannedVisit, Snooze
from serviceplans.models import ServicePlan

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 5, 13, 12, tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture(autouse=True)
def noon():
    """A Wednesday at noon, so that tomorrow is never another week."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def enrolled(cast):
    client = make_client(cast.riverside, given_name="Terry", family_name="Quill", phone="412 555 0177")
    return enroll(client, cast.rapid, cast.wendy)


@pytest.fixture
def by_wendy(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


def plan(cast, enrollment, hours=2, **fields):
    row = PlannedVisit(enrollment=enrollment, staff=cast.wendy, starts_at=timezone.now(), **fields)
    row.starts_at += timedelta(hours=hours)
    return row.agree(by=cast.wendy)


def send(browser, name, pk=None, **fields):
    url = reverse(f"workspace:{name}", kwargs={"pk": pk} if pk else None)
    return browser.post(url, {"submit_key": str(uuid.uuid4())} | fields)


def kinds_of(staff):
    return [item.kind for item in items_of(staff)]


# --- Today ------------------------------------------------------------------------------------------------------------


def test_visits_of_the_day_come_first_in_order_of_time(cast, as_, by_wendy, enrolled):
    other = enroll(make_client(cast.riverside, given_name="Ada"), cast.rapid, cast.wendy)
    plan(cast, enrolled, hours=5)
    plan(cast, other, hours=1)
    assert [row.enrollment for row in as_("wendy").get("/today/").context["visits"]] == [other, enrolled]


def test_what_is_called_off_or_of_tomorrow_is_not_on_today(cast, as_, by_wendy, enrolled):
    plan(cast, enrolled).cancel("They are ill.", by=cast.wendy)
    plan(cast, enrolled, hours=24)
    assert as_("wendy").get("/today/").context["visits"] == []


def test_a_number_and_a_way_are_one_tap_away(cast, as_, by_wendy, enrolled):
    client = enrolled.client
    client.address = "12 Mill Street"
    client.save()
    plan(cast, enrolled)
    page = as_("wendy").get("/today/").text
    assert 'href="tel:412 555 0177"' in page
    assert 'href="https://www.openstreetmap.org/search?query=12%20Mill%20Street"' in page


def test_no_map_is_asked_where_an_address_is_kept_secret(cast, as_, by_wendy, enrolled):
    client = enrolled.client
    client.address, client.address_protected = "12 Mill Street", True
    client.save()
    plan(cast, enrolled)
    page = as_("wendy").get("/today/").text
    assert "Address protected" in page
    assert "Mill" not in page


def test_what_to_know_before_going_stands_beside_it(cast, as_, by_wendy, enrolled):
    client = enrolled.client
    client.no_voicemail, client.needs_interpreter, client.language = True, True, "Spanish"
    client.save()
    Alert.objects.create(
        client=client,
        kind="safety",
        text="Visit in pairs",
        basis="A threat on 2 May.",
        review_on=timezone.localdate() + timedelta(days=30),
    )
    plan(cast, enrolled)
    page = as_("wendy").get("/today/").text
    for words in ("No voicemail", "Spanish, interpreter", "Visit in pairs"):
        assert words in page


def test_whom_one_sees_today_is_not_named_twice(cast, as_, by_wendy, enrolled):
    log_visit(enrolled, by=cast.wendy, days_ago=40)
    before = as_("wendy").get("/today/").context["to_see"]
    plan(cast, enrolled)
    after = as_("wendy").get("/today/").context
    assert (len(before), after["to_see"], after["to_see_later"]) == (1, [], [])


def test_twice_the_visits_cost_the_same_number_of_statements(cast, as_, by_wendy, enrolled):
    browser = as_("wendy")
    plan(cast, enrolled)
    log_visit(enrolled, by=cast.wendy, days_ago=1)
    browser.get("/today/")

    def statements():
        with CaptureQueriesContext(connection) as seen:
            browser.get("/today/")
        return len(seen)

    few = statements()
    for n in range(5):
        log_visit(enrolled, by=cast.wendy, days_ago=n + 2)
        plan(cast, enrolled, hours=n + 1)
    assert statements() == few


# --- Visits that are agreed upon --------------------------------------------------------------------------------------


def form(**fields):
    return {"day": "2026-05-14", "time": "10:00", "minutes": "45", "mode": "in_person"} | fields


def test_a_visit_is_planned_in_the_agencys_own_time(cast, as_, enrolled):
    assert send(as_("wendy"), "planned-create", enrolled.pk, **form()).status_code == 302
    there = PlannedVisit.objects.get().starts_at.astimezone(ZoneInfo("America/New_York"))
    assert (there.day, there.hour) == (14, 10)


def test_an_hour_that_the_clocks_skip_is_moved_on(cast, as_, enrolled):
    send(as_("wendy"), "planned-create", enrolled.pk, **form(day="2027-03-14", time="02:30"))
    there = PlannedVisit.objects.get().starts_at.astimezone(ZoneInfo("America/New_York"))
    assert (there.hour, there.minute) == (3, 30)


@pytest.mark.parametrize("day", ["2026-05-12", "1800-01-01", "2199-01-01", "9999-12-31", "nonsense"])
def test_a_day_that_is_over_or_nonsense_is_refused_and_kept(cast, as_, enrolled, day):
    answer = send(as_("wendy"), "planned-create", enrolled.pk, **form(day=day, note="Forms"))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["day"]
    assert 'value="Forms"' in answer.text


def test_nothing_is_planned_after_the_end_of_service(cast, by_wendy, enrolled):
    row = PlannedVisit(enrollment=enrolled, staff=cast.wendy, starts_at=timezone.now())
    enrolled.stage, enrolled.ended_on = "discharged", timezone.localdate()
    enrolled.save()
    with pytest.raises(Refused, match="Service has ended"):
        row.agree(by=cast.wendy)


def test_two_visits_at_one_time_are_said_and_not_refused(cast, as_, by_wendy, enrolled):
    plan(cast, enrolled, hours=22)
    wendy = as_("wendy")
    assert send(wendy, "planned-create", enrolled.pk, **form(time="10:30")).status_code == 302
    assert "There is another visit at that time: 10:00." in wendy.get("/today/").text


def test_a_visit_is_called_off_with_a_reason_only(cast, as_, by_wendy, enrolled):
    row = plan(cast, enrolled)
    wendy = as_("wendy")
    assert send(wendy, "planned-cancel", row.pk, version=row.version).status_code == 422
    said = {"version": row.version, "cancelled_why": "They are ill."}
    assert send(wendy, "planned-cancel", row.pk, **said).status_code == 302
    assert not PlannedVisit.objects.ahead().exists()


def test_what_nobody_logged_is_asked_for_the_next_day(cast, by_wendy, enrolled):
    row = plan(cast, enrolled)
    with time_machine.travel(NOON + timedelta(days=1)):
        (item,) = [item for item in items_of(cast.wendy) if item.kind == "planned"]
    assert item.url.endswith(f"?planned={row.pk}")


# --- The calendar -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["day", "week", "agenda"])
def test_the_calendar_shows_what_is_agreed_upon(cast, as_, by_wendy, enrolled, kind):
    plan(cast, enrolled)
    assert "Terry Quill" in as_("wendy").get(f"/calendar/?view={kind}").text


def test_a_supervisor_looks_at_the_week_of_their_people_only(cast, as_, by_wendy, enrolled):
    plan(cast, enrolled)
    assert "Terry Quill" in as_("sam").get(f"/calendar/?of={cast.wendy.pk}").text
    assert as_("walt").get(f"/calendar/?of={cast.wendy.pk}").status_code == 404
    assert as_("sam").get(f"/calendar/?of={cast.eve.pk}").status_code == 404


# --- Out alone --------------------------------------------------------------------------------------------------------


def test_one_tap_checks_in_and_one_checks_out(cast, as_, enrolled):
    wendy = as_("wendy")
    send(wendy, "check-in", minutes="60", enrollment=enrolled.pk)
    assert "Out until 13:00" in wendy.get("/clients/").text
    send(wendy, "check-in-back")
    assert "Out until" not in wendy.get("/clients/").text
    assert not CheckIn.objects.running().exists()


def test_longer_counts_from_now_and_keeps_where_they_are(cast, as_, enrolled):
    wendy = as_("wendy")
    send(wendy, "check-in", minutes="60", enrollment=enrolled.pk, place="Library")
    send(wendy, "check-in-later", minutes="120")
    row = CheckIn.objects.get()
    assert (row.expected_at, row.place) == (timezone.now() + timedelta(hours=2), "Library")


def late(cast, staff, enrollment=None):
    with acting_as(cast.riverside, by=staff):
        return CheckIn.objects.create(
            staff=staff,
            enrollment=enrollment,
            started_at=timezone.now() - timedelta(hours=2),
            expected_at=timezone.now() - timedelta(minutes=20),
        )


def test_the_supervisor_sees_who_is_not_back_without_waiting_for_the_job(cast, as_, enrolled):
    row = late(cast, cast.wendy, enrolled)
    page = as_("sam").get("/caseload/")
    assert [r.pk for r in page.context["overdue"]] == [row.pk]
    assert "with Terry Quill" in page.text


def test_within_the_grace_nobody_is_alarmed(cast, as_, enrolled):
    row = late(cast, cast.wendy, enrolled)
    row.expected_at = timezone.now() - timedelta(minutes=5)
    row.save()
    assert as_("sam").get("/caseload/").context["overdue"] == []


def test_the_name_is_only_for_who_may_see_the_record(cast, as_):
    sealed = enroll(make_client(cast.riverside, given_name="Hidden"), cast.recovery, cast.walt)
    late(cast, cast.walt, sealed)
    for who in ("dana", "sam"):
        page = as_(who).get("/caseload/")
        may = as_(who).get(f"/clients/{sealed.client_id}/").status_code == 200
        assert ("Hidden" in page.text) == may


def test_an_alarm_is_raised_once_and_again_only_for_a_new_time(cast, enrolled):
    row = late(cast, cast.wendy)
    with acting_as(cast.riverside, by=None):
        assert len(raise_alarms(cast.riverside)) == 1
        assert raise_alarms(cast.riverside) == []
    assert Notice.objects.filter(staff=cast.sam, kind="check_in").count() == 1
    with acting_as(cast.riverside, by=cast.wendy):
        CheckIn.begin(by=cast.wendy, minutes=30)
    with acting_as(cast.riverside, by=None), time_machine.travel(NOON + timedelta(hours=1), tick=False):
        assert [r.pk for r in raise_alarms(cast.riverside)] == [row.pk]
    assert Notice.objects.filter(staff=cast.sam, kind="check_in").count() == 2


def test_somebody_else_says_how_they_know_that_a_colleague_is_safe(cast, as_, enrolled):
    row = late(cast, cast.wendy)
    sam = as_("sam")
    assert send(sam, "check-in-close", row.pk, note=" ").status_code == 422
    assert send(sam, "check-in-close", row.pk, note="Called her.").status_code == 302
    row.refresh_from_db()
    assert (row.closed_by, row.closing_note) == (cast.sam, "Called her.")


def test_a_notice_of_somebody_who_is_back_calls_nobody(cast, as_):
    late(cast, cast.wendy)
    with acting_as(cast.riverside, by=None):
        raise_alarms(cast.riverside)
    send(as_("wendy"), "check-in-back")
    assert not Notice.objects.filter(kind="check_in").unread().exists()


# --- What waits -------------------------------------------------------------------------------------------------------


def put_off(browser, item, **fields):
    return send(browser, "snooze", item.client, kind=item.kind, subject=str(item.subject), **fields)


@pytest.fixture
def due(cast, by_wendy, enrolled):
    log_visit(enrolled, by=cast.wendy, days_ago=40)
    return next(item for item in items_of(cast.wendy) if item.kind == "contact")


def test_what_is_put_off_comes_back_on_its_day(cast, as_, due):
    assert put_off(as_("wendy"), due, days="3", why="Away until Friday.").status_code == 302
    assert "contact" not in kinds_of(cast.wendy)
    with time_machine.travel(NOON + timedelta(days=3)):
        assert "contact" in kinds_of(cast.wendy)


def test_it_waits_for_a_reason_only(cast, as_, due):
    assert put_off(as_("wendy"), due, days="3", why=" ").status_code == 422
    assert "contact" in kinds_of(cast.wendy)


def test_it_waits_no_longer_than_its_kind_allows(cast, as_, due, settings):
    settings.SNOOZE_DAYS_OF = {"contact": 2}
    assert "within the next 2 days" in put_off(as_("wendy"), due, days="7", why="Away.").text


def test_what_is_not_on_the_list_is_not_put_off(cast, as_, due, enrolled):
    answer = send(as_("wendy"), "snooze", due.client, kind="contact", subject="99", days="1", why="Away.")
    assert "not on your list" in answer.text


@pytest.mark.parametrize("kind", sorted(NEVER_WAIT & set(KINDS)))
def test_where_somebody_may_be_in_danger_nothing_waits(cast, as_, enrolled, kind):
    answer = send(as_("wendy"), "snooze", enrolled.client_id, kind=kind, subject="1", days="1", why="Away.")
    assert answer.status_code == 422


def test_the_supervisor_reads_what_waits_and_why(cast, as_, due):
    put_off(as_("wendy"), due, days="3", why="Away until Friday.")
    assert "Away until Friday." in as_("sam").get(f"/caseload/{cast.wendy.pk}/").text
    assert not Snooze.objects.visible_to(cast.walt).exists()


def test_it_is_taken_up_again_before_its_day(cast, as_, due):
    put_off(as_("wendy"), due, days="3", why="Away.")
    assert send(as_("wendy"), "snooze-end", Snooze.objects.get().pk).status_code == 302
    assert "contact" in kinds_of(cast.wendy)


# --- Work that nobody types -------------------------------------------------------------------------------------------


def test_a_draft_of_a_plan_is_to_be_finished_and_named_once(cast, by_wendy, enrolled):
    plan_for(enrolled, by=cast.wendy, signed=False)
    (item,) = [item for item in items_of(cast.wendy) if item.kind in ("plan", "unsigned")]
    assert item.kind == "unsigned"
    assert item.url == f"/plans/{ServicePlan.objects.get().pk}/"


def test_ones_own_licence_that_runs_out_is_on_the_list(cast, by_wendy):
    today = timezone.localdate()
    Credential.objects.create(staff=cast.wendy, kind="LSW", expires_on=today + timedelta(days=20))
    assert "credential" in kinds_of(cast.wendy)
    Credential.objects.create(staff=cast.wendy, kind="LSW", expires_on=today + timedelta(days=700))
    assert "credential" not in kinds_of(cast.wendy)


def test_every_kind_of_work_has_a_word_and_a_key(cast, by_wendy, enrolled):
    log_visit(enrolled, by=cast.wendy, days_ago=40, signed=False)
    items = items_of(cast.wendy)
    assert items
    assert all(item.kind in KINDS and item.subject for item in items)
    assert len({item.key for item in items}) == len(items)

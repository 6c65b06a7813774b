"""Incidents and mandated reports: in time, with proof, seen by those who must and by nobody else."""

import uuid
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import Notice, PickItem, ReportingDeadline, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, make_client
from casemgmt.workspace.reporting import countdown
from casemgmt.workspace.reporting.items import report_items
from casemgmt.workspace.reporting.verbs import report
from clients.models import (
    CaseAssignment,
    ConflictOfInterest,
    IncidentReport,
    MandatedReport,
    Merge,
)

# A Monday, nine in the morning at Riverside.
MONDAY = datetime(2026, 6, 1, 13, tzinfo=UTC)


@pytest.fixture
def enrolled(cast):
    """Wendy's, and Walt helps."""
    row = enroll(make_client(cast.riverside, given_name="Terry"), cast.ccm, cast.wendy)
    with acting_as(cast.riverside, by=cast.sam):
        CaseAssignment.objects.create(
            enrollment=row, staff=cast.walt, kind=CaseAssignment.Kind.TEAM, assigned_by=cast.sam
        )
    return row


@pytest.fixture
def by_wendy(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield


def line_of(cast, kind, **said):
    with acting_as(cast.riverside, by=cast.ada):
        return ReportingDeadline.objects.create(
            kind=kind, **({"recipient": "County", "phone": "412 555 0123"} | said)
        )


def item_of(cast, pick_list, code):
    return PickItem.objects.get(agency=cast.riverside, pick_list=pick_list, code=code)


def incident_of(cast, enrollment=None, *, by=None, **said):
    by = by or cast.wendy
    row = IncidentReport(
        client=enrollment and enrollment.client,
        enrollment=enrollment,
        category=item_of(cast, "incident", "INJURY"),
        **({"what": "Fell on the icy step.", "known_at": timezone.now()} | said),
    )
    with acting_as(cast.riverside, by=by):
        return report(row, by=by)


def suspicion_of(cast, enrollment, *, by=None, sent=None, **said):
    by = by or cast.wendy
    row = MandatedReport(
        client=enrollment.client,
        enrollment=enrollment,
        category=item_of(cast, "mandated", "CHILD"),
        **({"what": "Bruises.", "about": "The little brother", "known_at": timezone.now()} | said),
    )
    with acting_as(cast.riverside, by=by):
        return report(row, by=by, sent=sent)


def notices(staff, kind="reported"):
    return list(Notice.objects.filter(staff=staff, kind=kind))


def url(name, row=None):
    return reverse(f"workspace:{name}", kwargs={"pk": row.pk} if row is not None else {})


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


def local(moment):
    return timezone.localtime(moment).strftime("%Y-%m-%dT%H:%M")


def test_another_kind_is_reported_to_whom_the_table_names_for_it(cast, enrolled):
    death = item_of(cast, "incident", "DEATH_OTHER")
    line_of(cast, "incident")
    line_of(cast, "incident", category=death, recipient="State", phone="")
    row = incident_of(cast, enrolled)
    with acting_as(cast.riverside, by=cast.wendy):
        row.category = death
        row.put(by=cast.wendy)
        assert (row.recipient, row.recipient_phone) == ("State", "")
        row.recipient = "The state’s own desk"
        row.put(by=cast.wendy)
        assert row.recipient == "The state’s own desk"


# --- Who sees it ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["wendy", "sam", "dana", "quinn"])
def test_who_must_see_an_incident_sees_it(cast, as_, enrolled, who):
    row = incident_of(cast, enrolled)
    assert "icy step" in as_(who).get(url("incident-detail", row)).text
    assert "Serious injury" in as_(who).get(url("incident-list")).text


@pytest.mark.parametrize("who", ["walt", "mo", "nia"])
def test_a_colleague_does_not_even_who_shares_the_person(cast, as_, enrolled, who):
    row = incident_of(cast, enrolled)
    browser = as_(who)
    assert browser.get(url("incident-detail", row)).status_code == 404
    assert "Serious injury" not in browser.get(url("incident-list")).text
    if who == "walt":
        assert as_("walt").get(url("client", enrolled.client)).status_code == 200
        assert "Serious injury" not in browser.get(url("incident-of", enrolled.client)).text


@pytest.mark.parametrize("name", ["client", "client-history", "client-access"])
@pytest.mark.parametrize("who", ["walt", "dana"])
def test_the_record_says_nothing_of_it(cast, as_, enrolled, name, who):
    incident_of(cast, enrolled)
    suspicion_of(cast, enrolled)
    text = as_(who).get(url(name, enrolled.client)).text
    for words in ("icy step", "Bruises", "little brother", "Serious injury", "Child abuse"):
        assert words not in text


def test_a_conflict_of_interest_hides_it_from_the_supervisor_too(cast, as_, enrolled):
    row = incident_of(cast, enrolled)
    with acting_as(cast.riverside, by=cast.dana):
        ConflictOfInterest.objects.create(client=enrolled.client, staff=cast.sam)
    assert as_("sam").get(url("incident-detail", row)).status_code == 404
    assert as_("dana").get(url("incident-detail", row)).status_code == 200


def test_a_part_2_seal_holds_for_the_director(cast, as_):
    sealed = enroll(make_client(cast.riverside), cast.recovery, cast.walt)
    row = incident_of(cast, sealed, by=cast.walt)
    assert as_("walt").get(url("incident-detail", row)).status_code == 200
    assert as_("sam").get(url("incident-detail", row)).status_code == 200  # of the circle
    assert as_("dana").get(url("incident-detail", row)).status_code == 404


@pytest.mark.parametrize("who, status", [("eve", 403), ("ada", 403), ("quinn", 403)])
def test_only_those_who_work_with_people_report(cast, as_, enrolled, who, status):
    assert as_(who).get(url("incident-create")).status_code == status


# --- Reporting one ----------------------------------------------------------------------------------------------------


def test_one_is_reported_from_the_page_of_the_person(cast, as_, enrolled):
    wendy = as_("wendy")
    assert url("incident-of", enrolled.client) in wendy.get(url("client", enrolled.client)).text
    page = wendy.get(url("incident-create-of", enrolled.client))
    assert page.context["form"]["enrollment"].initial == enrolled
    answer = send(
        wendy,
        url("incident-create-of", enrolled.client),
        category=item_of(cast, "incident", "INJURY").pk,
        known_at=local(timezone.now()),
        what="Fell.",
        enrollment=enrolled.pk,
    )
    row = IncidentReport.objects.get()
    assert answer.url == url("incident-detail", row)
    assert (row.by, row.client, row.program) == (cast.wendy, enrolled.client, cast.ccm)


def test_one_is_reported_without_a_person(cast, as_):
    category = item_of(cast, "incident", "PRIVACY")
    answer = send(
        as_("wendy"),
        url("incident-create"),
        category=category.pk,
        known_at=local(timezone.now()),
        what="A letter went to the wrong address.",
    )
    row = IncidentReport.objects.get()
    assert (answer.status_code, row.client, row.category) == (302, None, category)
    assert as_("sam").get(url("incident-detail", row)).status_code == 200
    assert as_("mo").get(url("incident-detail", row)).status_code == 404


@pytest.mark.parametrize(
    "typed", ["", "yesterday", "1802-01-01T10:00", "2026-13-40T10:00", "9999-12-31T23:59", "\x00", "\ud800"]
)
def test_a_moment_that_is_none_is_said_beside_the_field(cast, as_, typed):
    page = send(
        as_("wendy"),
        url("incident-create"),
        category=item_of(cast, "incident", "INJURY").pk,
        known_at=typed.encode(errors="replace").decode(),
        what="Typed with care.",
    )
    assert page.status_code == 422
    assert "Typed with care." in page.text


def test_what_has_not_happened_yet_is_refused(cast, as_):
    ahead = local(timezone.now() + timedelta(days=1))
    page = send(
        as_("wendy"),
        url("incident-create"),
        category=item_of(cast, "incident", "INJURY").pk,
        known_at=ahead,
        what="x",
    )
    assert page.status_code == 422
    assert "This moment has not come yet." in page.text


def test_the_supervisor_and_the_mentor_are_told_and_no_name_is_said(cast):
    row = enroll(make_client(cast.riverside, given_name="Terry"), cast.rapid, cast.nia)
    found = incident_of(cast, row, by=cast.nia)
    (to_sam,), (to_mo,) = notices(cast.sam), notices(cast.mo)
    assert to_sam.text == "Nia Baptiste reported an incident."
    assert to_sam.url == url("incident-detail", found)
    assert to_mo.url == f"/mentoring/{cast.pairing.pk}/"
    assert "Terry" not in to_sam.text + to_mo.text
    assert not notices(cast.walt) + notices(cast.nia) + notices(cast.dana)


def test_a_director_is_told_where_the_supervisor_may_not_read_it(cast, enrolled):
    with acting_as(cast.riverside, by=cast.dana):
        ConflictOfInterest.objects.create(client=enrolled.client, staff=cast.sam)
    incident_of(cast, enrolled)
    assert len(notices(cast.dana)) == 1
    assert not notices(cast.sam)


# --- Time that is left ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ahead, words",
    [
        (timedelta(seconds=20), "1 minute left"),
        (timedelta(minutes=40), "40 minutes left"),
        (timedelta(hours=5, minutes=20), "5 hours left"),
        (timedelta(hours=47, minutes=59), "47 hours left"),
        (timedelta(days=3), "3 days left"),
        (timedelta(minutes=-5), "5 minutes late"),
        (timedelta(hours=-1), "1 hour late"),
        (timedelta(days=-2), "2 days late"),
    ],
)
def test_what_is_left_is_said_in_words(ahead, words):
    assert countdown.left(MONDAY + ahead, MONDAY) == words


def test_a_deadline_counts_down_to_whom_and_when(cast, as_, enrolled):
    line_of(cast, "incident", verbal_within=1, verbal_counted="business", written_within=3)
    with time_machine.travel(MONDAY, tick=False):
        row = incident_of(cast, enrolled)
        with acting_as(cast.riverside, by=cast.wendy):
            written, verbal = countdown.lines(row, MONDAY)
    assert (written["words"], written["left"]) == ("Report in writing by Mon 12:00", "3 hours left")
    assert (verbal["words"], verbal["left"]) == ("Report by word of mouth by Tue 17:00", "32 hours left")
    assert verbal["to"] == "County"
    page = as_("wendy").get(url("incident-detail", row)).text
    assert "412 555 0123" in page
    assert "late" in page


def test_days_end_at_midnight_and_say_so(cast, enrolled):
    line_of(cast, "incident", written_within=2, written_counted="days")
    with time_machine.travel(MONDAY, tick=False):
        row = incident_of(cast, enrolled)
        with acting_as(cast.riverside, by=cast.wendy):
            (line,) = countdown.lines(row, MONDAY)
    assert line["words"] == "Report in writing by the end of Wed"


def test_at_once_is_said_as_such(cast, enrolled):
    line_of(cast, "mandated", verbal_within=0)
    (line,) = countdown.lines(suspicion_of(cast, enrolled))
    assert line["words"] == "Report by word of mouth at once"


def test_an_incident_counts_from_when_it_happened_and_a_suspicion_from_when_it_arose(cast, enrolled):
    for kind in ("incident", "mandated"):
        line_of(cast, kind, verbal_within=24)
    began = timezone.now() - timedelta(hours=10)
    said = {"happened_at": began, "known_at": timezone.now() - timedelta(hours=1)}
    assert incident_of(cast, enrolled, **said).verbal_due_at == began + timedelta(hours=24)
    assert suspicion_of(cast, enrolled, **said).verbal_due_at == said["known_at"] + timedelta(hours=24)


# --- Sent, learned, closed --------------------------------------------------------------------------------------------


def test_proof_takes_the_deadline_away(cast, as_, enrolled):
    line_of(cast, "incident", verbal_within=24)
    row = incident_of(cast, enrolled, known_at=timezone.now() - timedelta(hours=1))
    wendy, page = as_("wendy"), url("incident-send", row)
    proof = {"how": "verbal", "to": "County desk", "reference": "C-77"}
    ahead = send(wendy, page, at=local(timezone.now() + timedelta(minutes=5)), **proof)
    assert ahead.status_code == 422
    answer = send(wendy, page, at=local(timezone.now() - timedelta(minutes=5)), **proof)
    assert answer.status_code == 302, answer.text
    row.refresh_from_db()
    assert row.due_at() is None
    assert "C-77" in wendy.get(url("incident-detail", row)).text


def test_it_closes_once_nothing_is_missing(cast, as_, enrolled, by_wendy):
    row = incident_of(cast, enrolled)
    wendy = as_("wendy")
    assert "Say why it happened" in wendy.get(url("incident-detail", row)).text
    assert send(wendy, url("incident-close", row)).status_code == 409
    learned = {"review": "No salt.", "corrective": "Salt in each car.", "version": row.version}
    assert send(wendy, url("incident-learned", row), **learned).status_code == 302
    assert send(wendy, url("incident-close", row)).status_code == 302
    row.refresh_from_db()
    assert row.closed_by == cast.wendy
    assert "Closed" in wendy.get(url("incident-detail", row)).text


def test_talking_it_through_is_asked_of_the_supervisor_until_it_was(cast, as_, enrolled):
    row = incident_of(cast, enrolled)
    today = timezone.localdate()

    def asked():
        with acting_as(cast.riverside, by=cast.sam):
            return [item[1] for item in report_items(cast.sam, today) if item[0] == "debrief"]

    assert asked() == ["Talk it through with Wendy Nakamura after what happened"]
    assert send(as_("sam"), url("incident-debrief", row), on=today.isoformat()).status_code == 302
    assert asked() == []


def test_a_debriefing_before_it_was_known_is_refused(cast, enrolled, by_wendy):
    row = incident_of(cast, enrolled)
    with pytest.raises(Refused):
        row.debrief(timezone.localdate() - timedelta(days=3), by=cast.sam)


# --- Suspicions -------------------------------------------------------------------------------------------------------


def test_a_suspicion_and_its_report_are_written_down_on_one_page(cast, as_, enrolled):
    now = timezone.now().replace(second=0, microsecond=0)
    answer = send(
        as_("wendy"),
        url("mandated-create-of", enrolled.client),
        category=item_of(cast, "mandated", "CHILD").pk,
        about="The little brother",
        known_at=local(now - timedelta(hours=2)),
        what="Bruises on both arms.",
        grounds="Seen at the door.",
        supervisor_told_at=local(now - timedelta(hours=1)),
        sent_how="verbal",
        sent_at=local(now - timedelta(hours=1)),
        sent_to="Child line",
        reference="M-4",
        enrollment=enrolled.pk,
    )
    assert answer.status_code == 302, answer.text
    row = MandatedReport.objects.get()
    assert not row.is_undecided
    assert row.submissions.get().reference == "M-4"
    assert "your decision" in as_("sam").get(url("mandated-detail", row)).text


def test_reported_already_needs_to_say_when(cast, as_, enrolled):
    page = send(
        as_("wendy"),
        url("mandated-create-of", enrolled.client),
        category=item_of(cast, "mandated", "CHILD").pk,
        about="x",
        known_at=local(timezone.now()),
        what="x",
        sent_how="verbal",
    )
    assert page.status_code == 422
    assert "Say when it was reported." in page.text


def test_not_reporting_is_a_decision_with_the_supervisor(cast, as_, enrolled, by_wendy):
    line_of(cast, "mandated", verbal_within=24)
    row = suspicion_of(cast, enrolled)
    for why, told in (("", timezone.now()), ("It was a fall.", None)):
        with pytest.raises(Refused):
            row.leave(why, told_at=told, by=cast.wendy)
    row = row.leave("It was a fall, the doctor says.", told_at=timezone.now(), by=cast.wendy)
    assert row.due_at() is None
    assert "It was a fall" in as_("sam").get(url("mandated-detail", row)).text
    with pytest.raises(Refused):
        row.leave("Again.", told_at=timezone.now(), by=cast.wendy)


def test_nothing_is_decided_by_the_software(cast, enrolled, by_wendy):
    row = suspicion_of(cast, enrolled)
    assert row.due_at() is None  # an agency without a table has no deadlines
    asked = [item[1] for item in report_items(cast.wendy, timezone.localdate())]
    assert asked == ["Report it, or say why not"]


def test_a_report_whose_hour_has_passed_is_late_on_the_same_day(cast, as_, enrolled):
    line_of(cast, "mandated", verbal_within=1)
    with time_machine.travel(timezone.localtime().replace(hour=12), tick=False):
        suspicion_of(cast, enrolled, known_at=timezone.now() - timedelta(hours=3))
        groups = as_("wendy").get(reverse("workspace:today")).context["groups"]
    assert [group["key"] for group in groups for item in group["items"] if item.kind == "report"] == ["late"]


def watch(*arguments):
    out = StringIO()
    call_command("watch_reports", *arguments, stdout=out)
    return out.getvalue()


def test_an_unreported_suspicion_past_its_time_reaches_supervisor_and_director_once(cast, enrolled):
    line_of(cast, "mandated", verbal_within=24)
    row = suspicion_of(cast, enrolled, known_at=timezone.now() - timedelta(hours=25))
    assert "riverside: 1 late, 2 told" in watch("--dry-run")
    assert not notices(cast.sam, "report-late")
    watch()
    assert "riverside: 1 late, 0 told" in watch()
    for person in (cast.sam, cast.dana):
        (notice,) = notices(person, "report-late")
        assert notice.text == "A suspicion that Wendy Nakamura wrote down is not reported in time."
        assert notice.url == url("mandated-detail", row)
    assert not notices(cast.quinn, "report-late") + notices(cast.walt, "report-late")


def test_in_time_nobody_is_told(cast, enrolled):
    line_of(cast, "mandated", verbal_within=24)
    suspicion_of(cast, enrolled)
    assert "riverside: 0 late, 0 told" in watch()


def test_what_is_decided_against_escalates_no_more(cast, enrolled, by_wendy):
    line_of(cast, "mandated", verbal_within=24)
    row = suspicion_of(cast, enrolled, known_at=timezone.now() - timedelta(hours=25))
    row.leave("A fall.", told_at=timezone.now(), by=cast.wendy)
    assert "0 late" in watch()


def test_the_author_and_the_supervisor_find_it_on_today(cast, as_, enrolled):
    line_of(cast, "mandated", verbal_within=24)
    row = suspicion_of(cast, enrolled, known_at=timezone.now() - timedelta(hours=25))
    for who in ("wendy", "sam"):
        page = as_(who).get(reverse("workspace:today")).text
        assert url("mandated-detail", row) in page
        assert "1 hour late" in page


# --- One person, two records ------------------------------------------------------------------------------------------


def test_a_merge_takes_them_along_and_gives_them_back(cast, enrolled):
    double = enroll(make_client(cast.riverside), cast.rapid, cast.wendy)
    row, suspicion = incident_of(cast, double), suspicion_of(cast, double)
    with acting_as(cast.riverside, by=cast.dana):
        merge = Merge.of(enrolled.client, double.client, by=cast.dana, reason="One person.")
        for one in (row, suspicion):
            one.refresh_from_db()
            assert one.client_id == enrolled.client_id
        later = incident_of(cast, enrolled)
        notes = merge.undo(by=cast.dana, why="Two people.")
    for one in (row, suspicion):
        one.refresh_from_db()
        assert one.client_id == double.client_id
    later.refresh_from_db()
    assert later.client_id == enrolled.client_id
    assert not [note for note in notes if "incident" in str(note)]

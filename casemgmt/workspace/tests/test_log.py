"""Writing a visit down: what the page says, what the verb refuses, and that it is there once."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import NotePhrase, ServiceType, acting_as
from casemgmt.agencies.models.program import NoteFormat
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, log_visit, make_client, plan_for
from casemgmt.workspace.log import verbs
from casemgmt.workspace.log.forms import VISIBLE_KINDS
from casemgmt.workspace.log.verbs import LONGEST, VisitDraft
from clients.models import PlannedVisit, Visit, VisitActivity
from clients.pipeline import Stage
from mentoring.models import MentoringActivity
from serviceplans.models import GoalProgress


@pytest.fixture
def terry(cast):
    return make_client(cast.riverside, given_name="Terry")


@pytest.fixture
def enrolled(cast, terry):
    return enroll(terry, cast.ccm, cast.wendy, on=timezone.localdate() - timedelta(days=60))


@pytest.fixture
def log_url(enrolled):
    return reverse("workspace:visit-log", kwargs={"pk": enrolled.pk})


YESTERDAY = timezone.localdate() - timedelta(days=1)


def said(**changed):
    """A form as a phone sends it: yesterday at ten, half an hour."""
    return {
        "submit_key": str(uuid4()),
        "day": (timezone.localdate() - timedelta(days=1)).isoformat(),
        "time": "10:00",
        "mode": "in_person",
        "place": "home",
        "outcome": "kept",
        "held_with": "client",
        "direct_minutes": "30",
        "note": "Read the letter from the landlord together.",
    } | changed


def errors_of(answer):
    assert answer.status_code == 422, answer.status_code
    return answer.context["form"].errors


def draft(**changed):
    at = timezone.localtime() - timedelta(days=1)
    return VisitDraft(
        {
            "started_at": at.replace(hour=10, minute=0, second=0, microsecond=0),
            "mode": "phone",
            "direct_minutes": 30,
            "note": "Rang.",
        }
        | changed
    )


# --- What is written --------------------------------------------------------------------------------------------------


def test_a_visit_is_written_and_signed_under_the_key_of_its_form(cast, as_, enrolled, log_url):
    form = said()
    answer = as_("wendy").post(log_url, form)
    assert answer.headers["Location"] == f"/clients/{enrolled.client_id}/?enrollment={enrolled.pk}"
    visit = Visit.objects.get()
    assert str(visit.uid) == form["submit_key"]
    assert visit.signed_at is not None
    assert (visit.mode, visit.place, visit.direct_minutes) == ("in_person", "home", 30)


def test_a_key_that_was_sent_before_gives_the_visit_that_is_there(cast, enrolled):
    key = uuid4()
    with acting_as(cast.riverside, by=cast.wendy):
        one = draft()
        one.key = key
        first = verbs.log_visit(enrolled, by=cast.wendy, draft=one)
        again = draft(note="Another")
        again.key = key
        assert verbs.log_visit(enrolled, by=cast.wendy, draft=again) == first
    assert Visit.objects.get().note == "Rang."


def test_a_key_that_was_sent_for_somebody_else_is_refused(cast, enrolled):
    other = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        one = draft()
        one.key = uuid4()
        verbs.log_visit(enrolled, by=cast.wendy, draft=one)
        with pytest.raises(Refused, match="somebody else"):
            verbs.log_visit(other, by=cast.wendy, draft=one)


def test_the_page_begins_as_the_last_visit_was(cast, as_, enrolled, log_url):
    kind = ServiceType.objects.filter(agency=cast.riverside, code="LINKAGE").get()
    log_visit(
        enrolled,
        by=cast.wendy,
        mode="in_person",
        place="office",
        direct_minutes=50,
        travel_minutes=20,
        distance_m=8047,
        service_type=kind,
    )
    initial = as_("wendy").get(log_url).context["form"].initial
    assert (initial["mode"], initial["place"], initial["direct_minutes"]) == ("in_person", "office", 50)
    assert (initial["travel_minutes"], str(initial["distance"]), initial["service_type"].pk) == (
        20,
        "5",
        kind.pk,
    )


def test_distances_are_said_in_the_agencys_unit_and_kept_in_meters(cast, as_, log_url):
    as_("wendy").post(log_url, said(distance="5", travel_minutes="15"))
    assert Visit.objects.get().distance_m == 8047
    cast.riverside.distance_unit = "km"
    cast.riverside.save()
    as_("wendy").post(log_url, said(distance="2.5", time="12:00"))
    assert Visit.objects.latest("pk").distance_m == 2500


def test_on_the_phone_there_is_no_place_and_no_travel(cast, as_, log_url):
    as_("wendy").post(log_url, said(mode="phone", travel_minutes="15", distance="4"))
    visit = Visit.objects.get()
    assert (visit.place, visit.travel_minutes, visit.distance_m) == ("", 0, None)


def test_the_minutes_follow_from_when_it_ended(as_, log_url):
    as_("wendy").post(log_url, said(until="10:45"))
    assert Visit.objects.get().direct_minutes == 45


def test_an_attempt_is_signed_without_a_note_and_takes_no_time(cast, as_, enrolled, log_url):
    page = as_("wendy").get(f"{log_url}?attempt=1")
    initial = page.context["form"].initial
    assert (initial["mode"], initial["outcome"], initial["direct_minutes"]) == ("phone", "not_reached", 0)
    as_("wendy").post(
        log_url,
        said(mode="phone", outcome="not_reached", not_reached_why="logistics", note="", direct_minutes="0"),
    )
    visit = Visit.objects.get()
    assert visit.signed_at is not None
    assert (visit.direct_minutes, visit.not_reached_why) == (0, "logistics")


def test_who_did_not_come_took_none_of_the_prefilled_minutes(as_, log_url):
    as_("wendy").post(log_url, said(outcome="no_show", note=""))
    assert Visit.objects.get().direct_minutes == 0


def test_a_conference_keeps_who_was_there_and_what_was_decided(as_, log_url):
    as_("wendy").post(
        log_url,
        said(
            held_with="conference",
            with_whom="School",
            attendees="Ms Lee, Terry",
            decisions="Rides until May.",
            materials="Bus map",
        ),
    )
    visit = Visit.objects.get()
    assert (visit.attendees, visit.decisions, visit.materials) == (
        "Ms Lee, Terry",
        "Rides until May.",
        "Bus map",
    )


def test_other_work_takes_some_of_the_minutes(cast, as_, log_url):
    ride = ServiceType.objects.filter(agency=cast.riverside, code="TRANSPORT").get()
    as_("wendy").post(log_url, said(other_kind_1=ride.pk, other_minutes_1="20"))
    row = VisitActivity.objects.get()
    assert (row.service_type, row.minutes) == (ride, 20)


def test_other_work_cannot_be_longer_than_the_whole(cast, as_, log_url):
    ride = ServiceType.objects.filter(agency=cast.riverside, code="TRANSPORT").get()
    answer = as_("wendy").post(log_url, said(other_kind_1=ride.pk, other_minutes_1="31"))
    assert "other_minutes_1" in errors_of(answer)


def test_twelve_kinds_of_work_are_shown_and_the_chosen_one_is_among_them(cast, as_, enrolled, log_url):
    last = ServiceType.objects.filter(agency=cast.riverside).order_by("-position").first()
    log_visit(enrolled, by=cast.wendy, service_type=last)
    kinds = as_("wendy").get(log_url).context["form"].kinds()
    assert len(kinds["first"]) == VISIBLE_KINDS
    assert str(last) in [row["tap"].choice_label for row in kinds["first"]]
    assert {row["component"] for row in kinds["first"]} >= {
        "Monitoring and follow-up",
        "Referral and linkage",
    }


@pytest.mark.parametrize("form", NoteFormat)
def test_a_format_asks_its_questions_over_the_same_columns(cast, as_, log_url, form):
    cast.ccm.note_format = form
    cast.ccm.save()
    names = [field.name for field in as_("wendy").get(log_url).context["form"].questions()]
    expected = {
        NoteFormat.SHORT: ["note", "next_step"],
        NoteFormat.DAP: ["note", "response", "next_step"],
    }
    assert names == expected.get(form, ["note", "done", "response", "next_step"])


def test_a_draft_of_another_format_keeps_what_it_says(cast, as_, enrolled):
    visit = log_visit(enrolled, by=cast.wendy, signed=False, done="Filled in the form with him.")
    url = reverse("workspace:visit-edit", kwargs={"pk": visit.pk})
    assert "Filled in the form with him." in as_("wendy").get(url).text


def test_phrases_that_were_ticked_are_put_below_the_note(cast, as_, log_url):
    with acting_as(cast.riverside, by=cast.ada):
        phrase = NotePhrase.objects.create(text="Went over the plan.")
        other = NotePhrase.objects.create(text="Of another program.", program=cast.act)
    page = as_("wendy").get(log_url).text
    assert phrase.text in page
    assert other.text not in page
    as_("wendy").post(log_url, said(note="He was well.", phrases=[phrase.pk]))
    assert Visit.objects.get().note == "He was well.\nWent over the plan."


def test_acuity_is_asked_where_the_program_asks(cast, as_, log_url):
    assert "acuity" not in as_("wendy").get(log_url).context["form"].fields
    cast.ccm.asks_acuity = True
    cast.ccm.save()
    as_("wendy").post(log_url, said(acuity="3"))
    assert Visit.objects.get().acuity == 3


def test_where_an_interpreter_is_needed_none_takes_a_reason(cast, as_, terry, log_url):
    terry.needs_interpreter = True
    terry.save()
    browser = as_("wendy")
    assert "interpreter" in errors_of(browser.post(log_url, said()))
    assert "interpreter_why" in errors_of(browser.post(log_url, said(interpreter="none")))
    browser.post(log_url, said(interpreter="none", interpreter_why="The line was down."))
    assert Visit.objects.get().interpreter_why == "The line was down."


# --- What was agreed upon ---------------------------------------------------------------------------------------------


def agreed(enrollment, by, at, **fields):
    with acting_as(enrollment.agency, by=by):
        return PlannedVisit.objects.create(enrollment=enrollment, staff=by, starts_at=at, by=by, **fields)


def at_ten(days_ago=1):
    day = timezone.localtime() - timedelta(days=days_ago)
    return day.replace(hour=10, minute=0, second=0, microsecond=0)


def test_what_was_agreed_upon_begins_the_page_and_is_fulfilled(cast, as_, enrolled, log_url):
    planned = agreed(enrolled, cast.wendy, at_ten(), minutes=75, mode="video", note="Budget")
    agreed(enrolled, cast.wendy, at_ten() + timedelta(hours=2))
    page = as_("wendy").get(f"{log_url}?planned={planned.pk}")
    assert "Budget" in page.text
    initial = page.context["form"].initial
    assert (initial["mode"], initial["direct_minutes"], initial["time"]) == ("video", 75, "10:00")
    as_("wendy").post(log_url, said(planned=planned.pk))
    planned.refresh_from_db()
    assert planned.visit == Visit.objects.get()


def test_the_only_one_of_that_day_is_fulfilled_without_being_named(cast, as_, enrolled, log_url):
    planned = agreed(enrolled, cast.wendy, at_ten() + timedelta(hours=4))
    as_("wendy").post(log_url, said())
    planned.refresh_from_db()
    assert planned.visit is not None


def test_of_two_that_day_none_is_guessed(cast, as_, enrolled, log_url):
    agreed(enrolled, cast.wendy, at_ten())
    agreed(enrolled, cast.wendy, at_ten() + timedelta(hours=4))
    as_("wendy").post(log_url, said())
    assert PlannedVisit.objects.ahead().count() == 2


def test_a_call_in_vain_is_not_the_visit_of_that_day(cast, as_, enrolled, log_url):
    agreed(enrolled, cast.wendy, at_ten() + timedelta(hours=4))
    as_("wendy").post(log_url, said(mode="phone", outcome="not_reached", direct_minutes="0"))
    assert PlannedVisit.objects.ahead().exists()


# --- What cannot be so ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("until", {"until": "09:59"}),
        ("day", {"day": (timezone.localdate() + timedelta(days=2)).isoformat()}),
        ("day", {"day": (timezone.localdate() - timedelta(days=61)).isoformat()}),
        ("day", {"day": "1800-01-01"}),
        ("direct_minutes", {"direct_minutes": "1441"}),
        ("direct_minutes", {"direct_minutes": "1400", "travel_minutes": "60"}),
        ("note", {"note": ""}),
        ("note", {"note": "x" * (LONGEST + 1)}),
        ("place", {"place": ""}),
        ("partner_role", {"partner": "mo"}),
    ],
)
def test_what_cannot_be_so_is_said_beside_its_field_and_all_is_kept(cast, as_, log_url, field, changed):
    if "partner" in changed:
        changed = {"partner": cast.mo.pk, "partner_role": ""}
    form = said(next_step="Call the landlord.") | changed
    answer = as_("wendy").post(log_url, form)
    assert field in errors_of(answer)
    assert "Ensure this" not in answer.text
    assert "Call the landlord." in answer.text
    assert form["note"] in answer.text
    assert not Visit.objects.exists()


def test_a_megabyte_in_a_note_comes_back_whole(as_, log_url):
    answer = as_("wendy").post(log_url, said(note="word " * 200_000))
    assert "1000000 characters" in str(errors_of(answer)["note"]) or "999999" in str(
        errors_of(answer)["note"]
    )
    assert answer.text.count("word ") >= 199_999


def test_after_the_end_of_service_nothing_is_logged(cast, as_, enrolled, log_url):
    with acting_as(cast.riverside, by=cast.wendy):
        enrolled.stage, enrolled.ended_on = Stage.DISCHARGED, timezone.localdate() - timedelta(days=5)
        enrolled.save()
    assert "ended" in str(errors_of(as_("wendy").post(log_url, said()))["day"])


def test_a_worker_is_not_at_two_places_at_once(cast, as_, log_url):
    other = enroll(make_client(cast.riverside, given_name="Somebody"), cast.ccm, cast.wendy)
    log_visit(other, by=cast.wendy, started_at=at_ten() + timedelta(minutes=20), direct_minutes=30)
    answer = as_("wendy").post(log_url, said())
    assert "10:20" in str(errors_of(answer)["time"])
    assert "Somebody" not in str(answer.context["form"].errors)
    assert as_("wendy").post(log_url, said(direct_minutes="20")).status_code == 302


def test_attempts_and_what_ends_as_the_other_begins_do_not_overlap(cast, as_, enrolled, log_url):
    log_visit(enrolled, by=cast.wendy, started_at=at_ten() - timedelta(minutes=30), direct_minutes=30)
    log_visit(enrolled, by=cast.wendy, started_at=at_ten() + timedelta(minutes=5), direct_minutes=0)
    assert as_("wendy").post(log_url, said()).status_code == 302


def test_a_colleagues_visit_at_the_same_time_is_no_matter(cast, as_, enrolled, log_url):
    log_visit(enrolled, by=cast.walt, started_at=at_ten(), direct_minutes=30)
    assert as_("wendy").post(log_url, said()).status_code == 302


def test_nobody_works_more_than_the_day_has(cast, as_, enrolled, log_url):
    log_visit(
        enrolled,
        by=cast.wendy,
        started_at=at_ten().replace(hour=1),
        direct_minutes=400,
        travel_minutes=600,
        documentation_minutes=430,
    )
    answer = as_("wendy").post(log_url, said())
    assert "24 hours and 20 minutes" in str(errors_of(answer)["direct_minutes"])


def test_the_verb_refuses_the_same_of_what_a_phone_sends_later(cast, enrolled):
    with acting_as(cast.riverside, by=cast.wendy):
        verbs.log_visit(enrolled, by=cast.wendy, draft=draft())
        with pytest.raises(Refused, match="another visit"):
            verbs.log_visit(enrolled, by=cast.wendy, draft=draft())
        with pytest.raises(Refused, match="characters long"):
            verbs.log_visit(enrolled, by=cast.wendy, draft=draft(note="x" * 10**6, direct_minutes=0))


# --- Clocks -----------------------------------------------------------------------------------------------------------

AUTUMN, SPRING = date(2025, 11, 2), date(2025, 3, 9)  # New York


@pytest.fixture
def long_since(cast, terry):
    row = enroll(terry, cast.ccm, cast.wendy, on=date(2025, 1, 1))
    return reverse("workspace:visit-log", kwargs={"pk": row.pk})


def test_of_an_hour_shown_twice_the_person_chooses(as_, long_since):
    night = said(day=AUTUMN.isoformat(), time="01:30", mode="phone")
    answer = as_("wendy").post(long_since, night)
    assert "twice" in str(errors_of(answer)["hour"])
    assert 'name="hour"' in answer.text
    as_("wendy").post(long_since, night | {"submit_key": str(uuid4()), "hour": "1"})
    assert Visit.objects.get().started_at == datetime(2025, 11, 2, 6, 30, tzinfo=UTC)


def test_an_hour_that_the_clocks_skip_is_refused(as_, long_since):
    answer = as_("wendy").post(long_since, said(day=SPRING.isoformat(), time="02:30"))
    assert "forward" in str(errors_of(answer)["time"])


def test_minutes_are_those_that_passed_not_those_that_the_clocks_show(as_, long_since):
    as_("wendy").post(long_since, said(day=SPRING.isoformat(), time="01:30", until="03:15"))
    as_("wendy").post(long_since, said(day=AUTUMN.isoformat(), time="00:30", until="02:30"))
    assert [v.direct_minutes for v in Visit.objects.order_by("pk")] == [45, 180]


def test_a_visit_may_go_past_midnight_and_counts_for_its_first_day(as_, long_since):
    as_("wendy").post(long_since, said(day="2025-06-01", time="23:30", direct_minutes="60"))
    answer = as_("wendy").post(long_since, said(day="2025-06-02", time="00:15", direct_minutes="30"))
    assert "23:30" in str(errors_of(answer)["time"])
    assert (
        as_("wendy")
        .post(long_since, said(day="2025-06-02", time="00:30", direct_minutes="1400", travel_minutes="40"))
        .status_code
        == 302
    )


# --- Two colleagues ---------------------------------------------------------------------------------------------------


def test_a_pair_at_one_visit_is_one_visit_two_people_one_activity(cast, as_):
    enrollment = enroll(make_client(cast.riverside), cast.rapid, cast.nia, on=YESTERDAY)
    url = reverse("workspace:visit-log", kwargs={"pk": enrollment.pk})
    as_("nia").post(url, said(partner=cast.mo.pk, partner_role="mentor_observing", partner_minutes="20"))
    visit = Visit.objects.get()
    assert {p.staff: p.minutes for p in visit.participants.all()} == {cast.nia: 30, cast.mo: 20}
    assert MentoringActivity.objects.get(visit=visit).minutes == 30


def test_two_who_are_no_pair_are_a_team(cast, as_, log_url):
    as_("wendy").post(log_url, said(partner=cast.walt.pk, partner_role="co_lead"))
    assert Visit.objects.get().participants.count() == 2
    assert not MentoringActivity.objects.filter(visit=Visit.objects.get()).exists()


# --- What it costs ----------------------------------------------------------------------------------------------------


def statements(browser, url, **changed):
    with CaptureQueriesContext(connection) as queries:
        assert browser.post(url, said(**changed)).status_code == 302
    return len(queries)


def test_saving_costs_the_same_after_one_visit_and_after_many(cast, as_, enrolled, log_url):
    browser = as_("wendy")
    log_visit(enrolled, by=cast.wendy, days_ago=20)
    one = statements(browser, log_url)
    for n in range(25):
        log_visit(enrolled, by=cast.wendy, days_ago=n + 2)
    many = statements(browser, log_url, time="15:00")
    assert many <= one


def test_ten_goals_cost_little_more_than_one(cast, as_, terry):
    enrollment = enroll(terry, cast.ccm, cast.wendy, on=YESTERDAY)
    plan = plan_for(enrollment, by=cast.wendy, goals=1)
    goal = plan.goals.get()
    url = reverse("workspace:visit-log", kwargs={"pk": enrollment.pk})
    browser = as_("wendy")
    statements(browser, url, time="01:00")
    one = statements(browser, url, **{f"goal_{goal.pk}": "forward"})
    goals = {f"goal_{goal.pk}": "same"}
    with acting_as(cast.riverside, by=cast.wendy):
        for n in range(9):
            goal.pk, goal.title, goal.position, goal._state.adding = None, f"Goal {n}", n + 2, True
            goal.save()
            goals[f"goal_{goal.pk}"] = "forward"
    ten = statements(browser, url, time="15:00", **goals)
    assert GoalProgress.objects.filter(visit=Visit.objects.latest("pk")).count() == 10
    assert ten <= one + 2

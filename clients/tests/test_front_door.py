"""From a referral to one dated decision: tries, endings, half-done intakes, waitlist, referring out, milestones."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from casemgmt.agencies.models import EligibilityCriterion, Program, ProgramStep, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import begin_intake, discharge, enroll, list_resource, make_client, refer
from casemgmt.tests.world import filled, inputs
from clients.models import (
    AftercareFollowUp,
    Client,
    EligibilityDecision,
    Enrollment,
    IncomingReferral,
    Intake,
    Milestone,
    OtherWorker,
    OutreachContact,
)

TODAY = timezone.localdate
Out = EligibilityDecision.Outcome


@pytest.fixture
def door(cast):
    """Wendy with somebody who was referred to her."""
    client = make_client(cast.riverside, by=cast.wendy, given_name="Rosa", family_name="Tamayo")
    referral = refer(client, by=cast.wendy, assigned_to=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        yield SimpleNamespace(client=client, referral=referral, wendy=cast.wendy, cast=cast)


def send(browser, url, **said):
    """Open the form there and send it with this."""
    return browser.post(url, filled(inputs(browser.get(url).text), **said))


def waits(door, **said):
    intake = begin_intake(door.client, by=door.wendy, program=door.cast.ccm)
    with acting_as(door.cast.riverside, by=door.wendy):
        return intake.decide(
            Out.WAITLIST, by=door.wendy, program=door.cast.ccm, note="No place is free.", **said
        )


# --- Tries and endings ------------------------------------------------------------------------------------------------


def test_three_failed_tries_are_counted_and_the_referral_closes_as_not_reached(door, as_):
    wendy, url = as_("wendy"), f"/referrals/{door.referral.pk}/"
    for outcome in ("no_answer", "message", "wrong"):
        key = inputs(wendy.get(url).text)["submit_key"][0]["value"]
        assert wendy.post(f"{url}try/", {"submit_key": key, "outcome": outcome}).status_code == 302
    assert "3 tries without reaching them" in wendy.get(url).text
    assert send(wendy, f"{url}close/", why="unreached", note="").status_code == 302
    door.referral.refresh_from_db()
    assert (door.referral.closed_why, door.referral.closed_on) == ("unreached", TODAY())
    assert not Enrollment.objects.filter(client=door.client).exists()


def test_nobody_is_unreachable_before_somebody_tried(door):
    with pytest.raises(Refused, match="at least one try"):
        door.referral.close(IncomingReferral.Ending.UNREACHED)


@pytest.mark.parametrize("why", ["not_wanted", "elsewhere", "mistake"])
def test_another_ending_says_why_in_words(door, why):
    with pytest.raises(Refused, match="why"):
        door.referral.close(why)
    door.referral.close(why, note="Her sister takes her in.")
    assert door.referral.closed_on


def test_a_closed_referral_takes_no_try_and_may_be_opened_again(door):
    door.referral.close("elsewhere", note="The clinic helps.")
    with pytest.raises(Refused, match="closed"):
        OutreachContact.log(by=door.wendy, outcome="reached", referral=door.referral)
    door.referral.reopen()
    assert door.referral.closed_on is None
    assert OutreachContact.log(by=door.wendy, outcome="reached", referral=door.referral)


def test_a_referral_that_led_to_a_meeting_is_not_opened_again(door):
    begin_intake(door.client, by=door.wendy, referral=door.referral)
    door.referral.close(IncomingReferral.Ending.MET)
    with pytest.raises(Refused, match="met"):
        IncomingReferral.objects.get(pk=door.referral.pk).reopen()


def test_the_day_to_try_again_stands_on_today(door, as_):
    OutreachContact.log(
        by=door.wendy, outcome="no_answer", referral=door.referral, next_on=TODAY() + timedelta(days=1)
    )
    page = as_("wendy").get("/today/").text
    assert "Try again to reach them" in page


@pytest.mark.parametrize("day", ["1800-01-01", "2200-01-01"])
def test_a_next_try_in_another_century_is_refused_beside_the_field(door, as_, day):
    url = f"/referrals/{door.referral.pk}/"
    key = inputs((wendy := as_("wendy")).get(url).text)["submit_key"][0]["value"]
    answer = wendy.post(
        f"{url}try/", {"submit_key": key, "outcome": "no_answer", "note": "Rang twice.", "next_on": day}
    )
    assert answer.status_code == 422
    assert "Check the year." in answer.text
    assert "Rang twice." in answer.text


def test_the_referral_of_somebody_who_left_is_on_the_supervisors_list(door, as_):
    door.wendy.left_on = TODAY()
    door.wendy.save()
    page = as_("sam").get("/assignments/").text
    assert "Rosa Tamayo" in page
    assert "has left" in page
    url = f"/referrals/{door.referral.pk}/give/"
    assert send(as_("sam"), url, worker=door.cast.walt.pk).status_code == 302
    door.referral.refresh_from_db()
    assert door.referral.assigned_to == door.cast.walt


# --- The intake -------------------------------------------------------------------------------------------------------


def test_an_alias_a_reason_and_the_safety_answer_make_an_intake(cast, as_):
    wendy = as_("wendy")
    key = inputs(wendy.get("/intakes/new/").text)["submit_key"][0]["value"]
    said = {"submit_key": key, "chosen_name": "Blue", "reason": "A bed.", "safe_now": "yes"}
    answer = wendy.post("/intakes/new/", said | {"started_on": TODAY().isoformat()})
    assert answer.status_code == 302
    assert Client.objects.get(chosen_name="Blue")


def test_an_intake_is_saved_half_done_and_found_again_with_what_is_missing(door, as_):
    wendy, url = as_("wendy"), f"/intakes/new/?client={door.client.pk}"
    assert send(wendy, url, reason="", safe_now=None, draft="1").status_code == 302
    intake = Intake.objects.get(client=door.client)
    page = wendy.get("/intakes/").text
    assert "Unfinished" in page
    assert "what brings them, whether they are safe" in page
    assert "Intake to finish" in wendy.get("/today/").text
    with pytest.raises(Refused, match="First finish the intake"):
        intake.decide(Out.DECLINE, by=door.wendy, note="Moved.")


def test_the_intake_never_asks_what_the_record_says(door, as_):
    door.client.language, door.client.avoids = "Spanish", "Men alone"
    door.client.save()
    OtherWorker.objects.create(client=door.client, organisation="County clinic")
    page = as_("wendy").get(f"/intakes/new/?client={door.client.pk}").text
    assert 'name="language"' not in page
    assert 'name="pronouns"' in page
    assert "Known: Men alone." in page
    assert "Known: County clinic." in page


def test_what_is_said_about_people_around_stands_with_the_person(door, as_):
    answer = send(
        as_("wendy"),
        f"/intakes/new/?client={door.client.pk}",
        other_workers="Dr. Lee, clinic; School counselor",
        helper="Sister Ines",
        avoid="Crowds",
        language="Spanish",
        draft=None,
    )
    assert answer.status_code == 302
    door.client.refresh_from_db()
    assert (door.client.avoids, door.client.language) == ("Crowds", "Spanish")
    assert {w.organisation for w in OtherWorker.objects.filter(client=door.client)} == {
        "Dr. Lee, clinic",
        "School counselor",
    }
    Intake.objects.get(client=door.client).pass_on()
    assert OtherWorker.objects.filter(client=door.client).count() == 2


@pytest.mark.parametrize("name", ["Łukasz 🦊", "\u202bשרה\u202c", "Zoë-Ann O'Neil"])
def test_a_name_is_kept_as_it_is_written(cast, as_, name):
    answer = send(
        as_("wendy"), "/intakes/new/", given_name=name, family_name="", chosen_name="", born_on_month=None,
        born_on_day=None, born_on_year=None, phone="", draft=None, id_number=None,
    )  # fmt: skip
    assert answer.status_code == 302
    assert Client.objects.filter(given_name=name).exists()


@pytest.mark.parametrize("name", ["n" * 10_000, "Ro\x00sa"])
def test_a_name_that_cannot_be_kept_is_refused_and_nothing_else_is_lost(cast, as_, name):
    answer = send(as_("wendy"), "/intakes/new/", given_name=name, reason="Keep these words.", draft=None)
    assert answer.status_code == 422
    assert "Keep these words." in answer.text


# --- The decision -----------------------------------------------------------------------------------------------------


def test_only_the_chosen_programs_questions_are_asked(door, as_):
    intake = begin_intake(door.client, by=door.wendy)
    EligibilityCriterion.objects.create(program=door.cast.ccm, question="Lives in town")
    url = f"/intakes/{intake.pk}/decide/"
    wendy = as_("wendy")
    page = wendy.get(f"{url}?program={door.cast.act.pk}").text
    assert "Is 18 or older" in page
    assert "Lives in town" not in page
    fields = inputs(page)
    answer = wendy.post(
        url, filled(fields, program=door.cast.ccm.pk, note="Words that stay.", look="1", outcome="accept")
    )
    assert answer.status_code == 200
    assert "Lives in town" in answer.text
    assert "Is 18 or older" not in answer.text
    assert "Words that stay." in answer.text
    assert not intake.decisions.exists()


def test_a_decided_intake_is_not_decided_again(door, as_):
    intake = begin_intake(door.client, by=door.wendy)
    intake.decide(Out.DECLINE, by=door.wendy, note="Moved away.")
    answer = as_("wendy").get(f"/intakes/{intake.pk}/decide/")
    assert answer.status_code == 302
    assert answer.url == f"/intakes/{intake.pk}/"


def test_an_agency_without_a_program_is_told_who_adds_one(door, as_):
    intake = begin_intake(door.client, by=door.wendy)
    for program in Program.objects.filter(agency=door.cast.riverside):
        program.closed_on = TODAY()
        program.save()
    page = as_("wendy").get(f"/intakes/{intake.pk}/decide/").text
    assert "no open program yet" in page
    assert "An agency admin adds programs" in page


def test_the_directory_is_searched_in_the_decision_and_the_choice_is_kept(door, as_):
    pantry = list_resource(door.cast.riverside, by=door.wendy, name="Eastbank Food Pantry")
    list_resource(door.cast.riverside, by=door.wendy, name="Night Shelter", needs=["housing"])
    intake = begin_intake(door.client, by=door.wendy)
    url, wendy = f"/intakes/{intake.pk}/decide/", as_("wendy")
    sent = filled(inputs(wendy.get(url).text), outcome="refer_out", search="food", look="1", note="")
    page = wendy.post(url, sent).text
    assert "Eastbank Food Pantry" in page
    assert "Night Shelter" not in page
    sent |= {"resources": [pantry.pk], "offered": "Aunt Jo, 412 555 0100"}
    sent |= {"follow_up_on": TODAY().isoformat(), "note": "Outside what we do."}
    del sent["look"]
    assert wendy.post(url, sent).status_code == 302
    decision = intake.decisions.get()
    assert [(r.name, r.resource) for r in decision.resources.all()] == [
        ("Eastbank Food Pantry", pantry),
        ("Aunt Jo, 412 555 0100", None),
    ]
    assert "Eastbank Food Pantry" in decision.offered


def test_another_agencys_service_is_not_offered(door, as_):
    foreign = list_resource(door.cast.lakeside, by=door.cast.lars, name="Lakeside Food")
    intake = begin_intake(door.client, by=door.wendy)
    url, wendy = f"/intakes/{intake.pk}/decide/", as_("wendy")
    sent = filled(inputs(wendy.get(url).text), outcome="refer_out", search="food", look=None)
    assert "Lakeside Food" not in wendy.post(url, sent | {"look": "1"}).text
    assert wendy.post(url, sent | {"resources": [foreign.pk]}).status_code == 422


def test_what_came_of_a_referral_out_is_written_down_once(door, as_):
    intake = begin_intake(door.client, by=door.wendy)
    decision = intake.decide(
        Out.REFER_OUT, by=door.wendy, note="Outside.", offered="Pantry", follow_up_on=TODAY()
    )
    url = f"/decisions/{decision.pk}/asked/"
    assert (
        send(as_("wendy"), url, came_of_it="helped", note="Gets a box a week.", again_on="").status_code
        == 302
    )
    decision.refresh_from_db()
    assert (decision.came_of_it, decision.followed_up_on) == ("helped", TODAY())
    with pytest.raises(Refused, match="already"):
        decision.ask("waits")


def test_asking_again_keeps_the_follow_up_open(door):
    intake = begin_intake(door.client, by=door.wendy)
    decision = intake.decide(
        Out.REFER_OUT, by=door.wendy, note="Outside.", offered="Pantry", follow_up_on=TODAY()
    )
    decision.ask("unreached", again_on=TODAY() + timedelta(days=3))
    assert decision.followed_up_on is None
    assert decision.follow_up_on == TODAY() + timedelta(days=3)


# --- The waitlist -----------------------------------------------------------------------------------------------------


def test_who_goes_before_others_does_so_for_a_reason(door):
    with pytest.raises(Refused, match="why they go before others"):
        waits(door, priority="urgent")
    assert waits(door, priority="urgent", priority_reason="Leaves the hospital on Friday.").priority


def test_the_urgent_stand_first_then_who_waits_longest(door, as_):
    for name, days, said in (
        ("Early", 20, {}),
        ("Late", 5, {}),
        ("Urgent", 1, {"priority": "urgent", "priority_reason": "No bed tonight."}),
    ):
        client = make_client(door.cast.riverside, by=door.wendy, given_name=name, family_name="Waits")
        intake = begin_intake(client, by=door.wendy)
        on = TODAY() - timedelta(days=days)
        intake.decide(Out.WAITLIST, by=door.wendy, program=door.cast.ccm, note="Full.", on=on, **said)
    page = as_("wendy").get("/waitlist/").text
    assert page.index("Urgent Waits") < page.index("Early Waits") < page.index("Late Waits")
    assert "No bed tonight." in page
    assert "Waits 20 days" in page


def test_one_tap_writes_down_that_somebody_who_waits_was_called(door, as_):
    decision, wendy = waits(door), as_("wendy")
    page = wendy.get("/waitlist/").text
    assert "not contacted yet" in page
    key = inputs(page)["submit_key"][0]["value"]
    wendy.post(f"/waitlist/{decision.pk}/contacted/", {"submit_key": key, "outcome": "reached"})
    assert OutreachContact.objects.get(decision=decision).outcome == "reached"
    assert "Reached," in wendy.get("/waitlist/").text


def test_to_be_decided_again_does_not_send_anybody_back(door):
    first = waits(door, on=TODAY() - timedelta(days=10))
    again = first.intake.decide(Out.WAITLIST, by=door.wendy, program=door.cast.ccm, note="Still full.")
    assert list(EligibilityDecision.objects.waiting()) == [again]


# --- Milestones -------------------------------------------------------------------------------------------------------


def test_a_rapid_program_lays_out_its_dated_steps(cast):
    """REQ-78: a plan in week two, a midpoint review, the closure planned in week eight, twelve weeks at most."""
    client = make_client(cast.riverside, by=cast.wendy)
    enrollment = enroll(client, cast.rapid, cast.wendy, on=date(2026, 3, 2))
    days = {m.title: (m.due_on - enrollment.enrolled_on).days for m in enrollment.milestones.all()}
    assert days == {"Plan agreed": 14, "Midpoint review": 42, "Closure planned": 56, "End of service": 84}


def test_other_programs_lay_out_nothing_and_an_agency_sets_its_own_steps(cast):
    assert not enroll(make_client(cast.riverside), cast.ccm, cast.wendy).milestones.exists()
    with acting_as(cast.riverside, by=cast.dana):
        ProgramStep.objects.create(program=cast.ccm, title="Welcome call", after_days=3)
    assert enroll(make_client(cast.riverside), cast.ccm, cast.wendy).milestones.get().title == "Welcome call"


def test_a_milestone_stands_on_today_and_is_done_with_one_tap(cast, as_):
    enrollment = enroll(
        make_client(cast.riverside, by=cast.wendy), cast.rapid, cast.wendy, on=TODAY() - timedelta(days=14)
    )
    wendy, step = as_("wendy"), Milestone.objects.get(enrollment=enrollment, title="Plan agreed")
    page = wendy.get("/today/").text
    assert "Plan agreed" in page
    key = inputs(page)["submit_key"][0]["value"]
    answer = wendy.post(f"/milestones/{step.pk}/done/", {"submit_key": key, "today": "1"})
    assert answer.url == "/today/"
    step.refresh_from_db()
    assert (step.done_on, step.done_by) == (TODAY(), cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy), pytest.raises(Refused, match="done already"):
        step.complete(by=cast.wendy)


# --- Aftercare --------------------------------------------------------------------------------------------------------


def test_aftercare_is_completed_once_and_who_wants_back_gets_an_intake(cast, as_):
    enrollment = enroll(
        make_client(cast.riverside, by=cast.wendy), cast.ccm, cast.wendy, on=TODAY() - timedelta(days=40)
    )
    discharge(enrollment, by=cast.wendy)
    follow, wendy = AftercareFollowUp.objects.get(), as_("wendy")
    url = f"/follow-ups/{follow.pk}/"
    answer = send(wendy, url, outcome="returns")
    assert answer.url == f"/intakes/new/?client={enrollment.client_id}"
    assert wendy.get(answer.url).status_code == 200
    assert as_("dana").get(url).status_code == 302
    with acting_as(cast.riverside, by=cast.wendy), pytest.raises(Refused, match="done already"):
        follow.complete(by=cast.wendy, outcome="well")


# --- What would tell of a sealed program ------------------------------------------------------------------------------


@pytest.mark.parametrize("who, sees", [("nia", False), ("dana", False), ("walt", True)])
def test_a_decision_for_a_part_2_program_is_not_told_to_other_teams(cast, as_, who, sees):
    client = make_client(cast.riverside, given_name="Rosa")
    enroll(client, cast.rapid, cast.nia)
    enroll(client, cast.recovery, cast.walt)
    for page in (f"/clients/{client.pk}/", f"/clients/{client.pk}/history/"):
        assert (str(cast.recovery) in as_(who).get(page).text) is sees
    assert Intake.objects.visible_to(getattr(cast, who)).filter(program=cast.recovery).exists() is sees

"""From a draft to a plan in force: who answers, what is sealed, and what goes back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from casemgmt.agencies.models import Program, acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import discharge, enroll, log_visit, make_client, plan_for, sign_plan
from clients.models import LegalRepresentative
from serviceplans.models import Goal, GoalProgress, PlanReview, PlanSignature, ServicePlan
from serviceplans.sealing import differences

pytestmark = pytest.mark.django_db
SIGNED = {"answer": "signed", "typed_name": "Jo Example"}


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside), cast.ccm, cast.wendy)


@pytest.fixture
def draft(cast, enrolled):
    with acting_as(cast.riverside, by=cast.wendy):
        yield plan_for(enrolled, by=cast.wendy, signed=False)


@pytest.fixture
def second_signature(cast, draft):
    program = Program.objects.get(pk=cast.ccm.pk)
    program.cosigns_plans = True
    program.save()
    draft.enrollment.program.refresh_from_db()


def guardian(plan, *, ended=None, **fields):
    return LegalRepresentative.objects.create(
        client=plan.enrollment.client,
        name="Vera Lindt",
        kind="guardian",
        for_health=True,
        document_seen_on=timezone.localdate(),
        ended_on=None if ended is None else timezone.localdate() - timedelta(days=ended),
        **fields,
    )


def test_a_plan_is_in_force_once_the_person_has_answered(cast, draft):
    draft.present(by=cast.wendy)
    assert draft.is_waiting
    assert not draft.is_in_force
    assert list(draft.still_wanted()) == ["client"]
    draft.hear(by=cast.wendy, **SIGNED)
    assert draft.is_in_force


def test_who_said_no_keeps_it_from_coming_into_force_as_long_as_they_decide(cast, draft):
    vera = guardian(draft)
    no = {"answer": "refused", "view": "Not with that landlord.", "representative": vera}
    draft.present(by=cast.wendy, answers=[SIGNED, no])
    assert draft.is_waiting
    vera.ended_on = timezone.localdate() - timedelta(days=1)
    vera.save()
    draft.hear(by=cast.wendy, **SIGNED)
    assert draft.is_in_force


def test_after_the_end_of_service_no_plan_is_signed(cast, draft, enrolled):
    sign_plan(draft, by=cast.wendy)
    again = ServicePlan.begin(enrolled, by=cast.wendy)
    for goal in again.goals.all():
        goal.agreement = "agrees"
        goal.save()
    discharge(enrolled, by=cast.wendy)
    again.refresh_from_db()
    with pytest.raises(Refused, match="Service has ended"):
        again.present(by=cast.wendy, answers=[SIGNED])


def test_a_goal_without_a_word_on_whether_they_agree_keeps_it_from_being_presented(cast, draft):
    goal = draft.goals.first()
    goal.agreement = ""
    goal.save()
    with pytest.raises(Refused, match="Ask whether they agree"):
        draft.present(by=cast.wendy)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"answer": "signed", "typed_name": " "}, "Type the name"),
        ({"answer": "refused"}, "what they say"),
        ({"answer": "unable"}, "why they could not"),
    ],
)
def test_an_answer_without_its_word_is_refused(cast, draft, said, sentence):
    draft.present(by=cast.wendy)
    with pytest.raises(Refused, match=sentence):
        draft.hear(by=cast.wendy, **said)


def test_a_refusal_of_the_person_is_kept_in_their_words(cast, draft):
    sign_plan(draft, by=cast.wendy, answer="refused", view="I was not asked about the shelter.")
    said = draft.signatures.get(kind=PlanSignature.Kind.CLIENT)
    assert (said.answer, said.view) == ("refused", "I was not asked about the shelter.")


def test_who_represents_the_person_answers_too_and_their_no_counts(cast, draft):
    vera = guardian(draft)
    draft.present(by=cast.wendy, answers=[SIGNED])
    assert list(draft.still_wanted()) == [vera]
    draft.hear(by=cast.wendy, representative=vera, answer="refused", view="Not this shelter.")
    assert not draft.is_in_force
    draft.hear(by=cast.wendy, representative=vera, **SIGNED)
    assert draft.is_in_force


def test_an_authority_that_ended_signs_nothing_and_the_persons_voice_is_still_written_down(cast, draft):
    vera = guardian(draft, ended=1)
    draft.present(by=cast.wendy)
    with pytest.raises(Refused, match="Vera Lindt cannot sign: the authority"):
        draft.hear(by=cast.wendy, representative=vera, **SIGNED)
    draft.hear(by=cast.wendy, answer="agreed", view="I want the room by the park.")
    assert draft.is_in_force
    assert draft.signatures.get(kind="client").view == "I want the room by the park."


def test_who_represents_somebody_else_signs_nothing_here(cast, draft):
    other = plan_for(enroll(make_client(cast.riverside), cast.ccm, cast.wendy), by=cast.wendy, signed=False)
    draft.present(by=cast.wendy)
    with pytest.raises(Refused, match="somebody else"):
        draft.hear(by=cast.wendy, representative=guardian(other), **SIGNED)


@pytest.mark.usefixtures("second_signature")
def test_nobody_signs_their_own_plan_as_the_second_person(cast, draft):
    draft.present(by=cast.wendy, answers=[SIGNED])
    with pytest.raises(Refused, match="their own"):
        draft.cosign(by=cast.wendy)
    assert not draft.is_in_force
    draft.cosign(by=cast.sam)
    assert draft.is_in_force


@pytest.mark.usefixtures("second_signature")
def test_what_goes_back_is_written_and_signed_anew(cast, draft):
    draft.present(by=cast.wendy, answers=[SIGNED])
    draft.send_back(by=cast.sam, note="Which landlord?")
    assert not draft.is_locked
    assert draft.returned_note == "Which landlord?"
    draft.vision = "A room by the park."
    draft.revise()
    draft.present(by=cast.wendy)
    assert list(draft.still_wanted()) == ["client", "supervisor"]


def test_what_is_in_force_does_not_go_back(cast, draft):
    sign_plan(draft, by=cast.wendy)
    with pytest.raises(Refused):
        draft.send_back(by=cast.sam, note="Too late.")


def test_a_seal_is_whole_until_somebody_changes_a_word(cast, draft):
    sign_plan(draft, by=cast.wendy)
    seal = draft.seal()
    assert list(seal.broken()) == []
    goal = draft.goals.first()
    goal.title = "Something else"
    goal.save()
    assert list(seal.broken()) == ["goals.0.title"]


def test_how_a_goal_goes_on_does_not_break_the_seal(cast, draft):
    sign_plan(draft, by=cast.wendy)
    first, second = Goal.objects.filter(plan=draft)
    first.end(result="met", by=cast.wendy)
    second.pause(why="In hospital.", by=cast.wendy)
    assert list(draft.seal().broken()) == []


def test_the_next_version_is_sealed_after_the_one_before(cast, draft, enrolled):
    sign_plan(draft, by=cast.wendy)
    again = ServicePlan.begin(enrolled, by=cast.wendy)
    for goal in again.goals.all():
        goal.agreement = "agrees"
        goal.save()
    sign_plan(again, by=cast.wendy)
    assert again.seal().before == draft.seal().digest


def test_a_plan_is_worked_by_until_the_one_that_replaces_it_begins(cast, draft, enrolled):
    sign_plan(draft, by=cast.wendy)
    again = ServicePlan.begin(enrolled, by=cast.wendy)
    again.starts_on = timezone.localdate() + timedelta(days=14)
    again.save()
    for goal in again.goals.all():
        goal.agreement = "agrees"
        goal.save()
    sign_plan(again, by=cast.wendy)
    draft.refresh_from_db()
    assert (draft.is_in_force, again.is_in_force) == (True, False)
    # In a crisis its goals can rest, and its review is held.
    first = Goal.objects.filter(plan=draft).first()
    first.pause(why="Crisis.", by=cast.wendy)
    PlanReview.hold(draft, by=cast.wendy, outcome="continue", summary="It holds.")
    draft.ended_on = timezone.localdate()
    assert not draft.is_in_force


def test_a_visit_says_nothing_of_a_goal_that_waits_for_signatures(cast, draft):
    draft.present(by=cast.wendy)
    visit = log_visit(draft.enrollment, by=cast.wendy, signed=False)
    with pytest.raises(Refused, match="does not belong"):
        GoalProgress.record(visit, [{"goal": draft.goals.first(), "step": "forward"}], by=cast.wendy)


def test_a_difference_is_named_by_its_path():
    was = {"goals": [{"title": "A"}, {"title": "B"}], "vision": "x"}
    assert list(differences(was, was)) == []
    now = {"goals": [{"title": "A"}, {"title": "C"}], "vision": "x"}
    assert list(differences(was, now)) == ["goals.1.title"]
    assert list(differences(was, was | {"goals": []})) == ["goals"]


def test_a_goal_rests_with_a_reason_and_wakes(cast, draft):
    goal = draft.goals.first()
    with pytest.raises(Refused):
        goal.pause(why="Crisis.", by=cast.wendy)
    sign_plan(draft, by=cast.wendy)
    goal.refresh_from_db()
    with pytest.raises(Refused):
        goal.pause(why=" ", by=cast.wendy)
    goal.pause(why="Crisis.", by=cast.wendy)
    assert list(Goal.objects.resting()) == [goal]
    goal.resume(by=cast.wendy)
    assert list(Goal.objects.resting()) == []


def test_goals_keep_the_order_in_which_the_person_puts_them(cast, draft):
    first, second = draft.goals.all()
    second.move(-1)
    assert list(draft.goals.all()) == [second, first]
    second.move(-1)
    assert list(draft.goals.all()) == [second, first]


def test_what_waits_while_service_ends_does_not_come_into_force(cast, draft, enrolled):
    draft.present(by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        row = draft.enrollment
        row.stage, row.ended_on = "discharged", timezone.localdate()
        row.save()
    draft.hear(by=cast.wendy, **SIGNED)
    assert not draft.is_in_force

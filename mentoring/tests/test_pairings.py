from datetime import timedelta

import pytest
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, log_visit, make_client
from clients.models import VisitParticipant
from mentoring.models import (
    ActivityKind,
    ActivityType,
    MentoringActivity,
    Pairing,
    waiting_count,
)

Role = VisitParticipant.Role


@pytest.fixture
def inside(cast):
    """In the agency, as Sam."""
    with acting_as(cast.riverside, by=cast.sam):
        yield cast


def kinds(agency, *codes):
    return list(ActivityType.objects.filter(agency=agency, code__in=codes))


def log(cast, *codes, by=None, **fields):
    """Half an hour of Mo and Nia today, checked in if nothing else is said."""
    fields = {"held_on": timezone.localdate(), "minutes": 30} | fields
    types = kinds(cast.riverside, *(codes or ["CHECK_IN"]))
    return MentoringActivity.log(cast.pairing, by=by or cast.mo, types=types, **fields)


def joint_visit(cast, *, by, others):
    enrollment = enroll(make_client(cast.riverside, by=by), cast.ccm, by)
    return log_visit(enrollment, by=by, others=others, direct_minutes=40)


# --- The pair ---------------------------------------------------------------------------------------------------------


def test_a_pair_runs_once_both_have_said_yes(inside):
    pairing = Pairing.propose(mentor=inside.wendy, mentee=inside.walt, by=inside.sam)
    pairing.accept(by=inside.wendy)
    assert pairing.state == Pairing.State.PROPOSED
    pairing.accept(by=inside.walt)
    assert pairing.state == Pairing.State.RUNNING
    assert pairing.started_on == timezone.localdate()


def test_whoever_proposes_themselves_has_said_yes(inside):
    pairing = Pairing.propose(mentor=inside.wendy, mentee=inside.walt, by=inside.walt)
    assert pairing.mentee_accepted_at
    assert list(Pairing.objects.waiting_for(inside.wendy)) == [pairing]


def test_a_case_manager_does_not_pair_two_others(inside):
    with pytest.raises(Refused, match="has to be you"):
        Pairing.propose(mentor=inside.wendy, mentee=inside.walt, by=inside.mo)


def test_nobody_mentors_those_whom_they_supervise(inside):
    with pytest.raises(Refused, match="is not the supervisor"):
        Pairing.propose(mentor=inside.sam, mentee=inside.walt, by=inside.sam)


def test_nobody_mentors_themselves(inside):
    with pytest.raises(Refused, match="two different people"):
        Pairing.propose(mentor=inside.mo, mentee=inside.mo, by=inside.mo)


def test_two_are_paired_once(inside):
    with pytest.raises(Refused, match="already paired"):
        Pairing.propose(mentor=inside.mo, mentee=inside.nia, by=inside.sam)


def test_somebody_who_left_is_not_paired(inside):
    inside.walt.left_on = timezone.localdate()
    inside.walt.save()
    with pytest.raises(Refused, match="no longer works here"):
        Pairing.propose(mentor=inside.wendy, mentee=inside.walt, by=inside.sam)


def test_only_the_two_accept(inside):
    pairing = Pairing.propose(mentor=inside.wendy, mentee=inside.walt, by=inside.sam)
    with pytest.raises(Refused, match="two themselves"):
        pairing.accept(by=inside.sam)


def test_what_has_ended_is_neither_accepted_nor_ended_again(inside):
    pairing = Pairing.propose(mentor=inside.wendy, mentee=inside.walt, by=inside.sam)
    pairing.end(by=inside.walt)
    with pytest.raises(Refused):
        pairing.accept(by=inside.wendy)
    with pytest.raises(Refused):
        pairing.end(by=inside.wendy)


def test_the_pair_is_seen_by_the_two_and_those_who_lead_them(inside):
    seen = {
        name: list(Pairing.objects.visible_to(getattr(inside, name)))
        for name in ("mo", "nia", "sam", "dana", "wendy", "quinn", "eve", "ada", "olive")
    }
    pair = [inside.pairing]
    assert seen == {
        "mo": pair, "nia": pair, "sam": pair, "dana": pair,
        "wendy": [], "quinn": [], "eve": [], "ada": [], "olive": [],
    }  # fmt: skip


def test_partners_are_the_colleagues_of_running_pairs_in_one_query(inside, django_assert_num_queries):
    Pairing.propose(mentor=inside.wendy, mentee=inside.nia, by=inside.sam)
    with django_assert_num_queries(1):
        partners = list(Pairing.objects.visible_to(inside.nia).running().partner_of(inside.nia))
    assert partners == [inside.mo]
    assert list(Pairing.objects.visible_to(inside.mo).running().partner_of(inside.mo)) == [inside.nia]
    assert not Pairing.objects.visible_to(inside.sam).running().partner_of(inside.sam)


# --- What they do -----------------------------------------------------------------------------------------------------


def test_an_activity_has_one_to_three_kinds(inside):
    with pytest.raises(Refused, match="one to three"):
        log(inside, "NO_SUCH_KIND")
    with pytest.raises(Refused, match="one to three"):
        log(inside, "SHADOW", "OBSERVE", "CRISIS", "DEBRIEF")
    activity = log(inside, "SHADOW", "OBSERVE", "CRISIS")
    assert ActivityKind.objects.filter(activity=activity).count() == 3


def test_tomorrow_is_not_written_down_today(inside):
    with pytest.raises(Refused, match="future"):
        log(inside, held_on=timezone.localdate() + timedelta(days=1))


def test_only_the_two_write_down_what_they_did(inside):
    with pytest.raises(Refused, match="two themselves"):
        log(inside, by=inside.sam)


def test_nothing_is_written_down_before_the_start_or_after_the_end(inside):
    waiting = Pairing.propose(mentor=inside.wendy, mentee=inside.walt, by=inside.wendy)
    check_in = kinds(inside.riverside, "CHECK_IN")
    today = timezone.localdate()
    with pytest.raises(Refused, match="accept"):
        MentoringActivity.log(waiting, by=inside.wendy, held_on=today, minutes=5, types=check_in)
    inside.pairing.end(by=inside.nia)
    with pytest.raises(Refused, match="ended"):
        log(inside)


def test_a_joint_visit_writes_one_activity_however_often_it_is_sent(cast):
    visit = joint_visit(cast, by=cast.nia, others={cast.mo: Role.OBSERVING})
    with acting_as(cast.riverside, by=cast.nia):
        first = MentoringActivity.from_joint_visit(visit, by=cast.nia)
        again = MentoringActivity.from_joint_visit(visit, by=cast.nia)
        found = list(ActivityKind.objects.filter(activity=first).values_list("type__code", flat=True))
    assert first == again
    assert first.minutes == 40
    assert found == ["OBSERVE"]


def test_the_activity_follows_the_draft_of_its_visit(cast):
    visit = joint_visit(cast, by=cast.mo, others={cast.nia: Role.SHADOWING})
    with acting_as(cast.riverside, by=cast.mo):
        first = MentoringActivity.from_joint_visit(visit, by=cast.mo)
        visit.direct_minutes = 90
        visit.save()
        along = visit.participants.get(staff=cast.nia)
        along.role = Role.CO_LEAD
        along.save()
        again = MentoringActivity.from_joint_visit(visit, by=cast.mo)
        assert again == first
        assert again.minutes == 90
        assert list(again.kinds.values_list("type__code", flat=True)) == ["CO_VISIT"]


def test_what_the_new_hire_changes_waits_for_the_mentor_again(cast):
    visit = joint_visit(cast, by=cast.nia, others={cast.mo: Role.OBSERVING})
    with acting_as(cast.riverside, by=cast.nia):
        activity = MentoringActivity.from_joint_visit(visit, by=cast.nia)
        activity.confirm(by=cast.mo)
        same = MentoringActivity.from_joint_visit(visit, by=cast.nia)
        assert same.confirmed_at
        visit.direct_minutes = 90
        visit.save()
        assert MentoringActivity.from_joint_visit(visit, by=cast.nia).confirmed_at is None


@pytest.mark.parametrize("how", ["alone", "not_reached"])
def test_the_activity_goes_when_the_draft_says_that_the_two_did_not_meet_anybody_together(cast, how):
    visit = joint_visit(cast, by=cast.mo, others={cast.nia: Role.SHADOWING})
    with acting_as(cast.riverside, by=cast.mo):
        MentoringActivity.from_joint_visit(visit, by=cast.mo)
        if how == "alone":
            visit.participants.get(staff=cast.nia).delete()
        else:
            visit.outcome = visit.Outcome.NOT_REACHED
            visit.save()
        assert MentoringActivity.from_joint_visit(visit, by=cast.mo) is None
        assert not MentoringActivity.objects.filter(visit=visit).exists()


def test_a_visit_without_the_partner_writes_none(cast):
    visit = joint_visit(cast, by=cast.nia, others={cast.wendy: Role.CO_LEAD})
    with acting_as(cast.riverside, by=cast.nia):
        assert MentoringActivity.from_joint_visit(visit, by=cast.nia) is None


def test_the_mentor_confirms_a_joint_visit_that_the_new_hire_logged(cast):
    visit = joint_visit(cast, by=cast.nia, others={cast.mo: Role.OBSERVING})
    with acting_as(cast.riverside, by=cast.nia):
        activity = MentoringActivity.from_joint_visit(visit, by=cast.nia)
        with pytest.raises(Refused, match="Only the mentor"):
            activity.confirm(by=cast.nia)
        assert waiting_count(cast.mo) == 1
        activity.confirm(by=cast.mo)
        assert waiting_count(cast.mo) == 0


def test_what_the_new_hire_writes_down_alone_waits_for_nobody(inside):
    log(inside, by=inside.nia)
    assert waiting_count(inside.mo) == 0


def test_only_the_new_hire_says_how_helpful_it_was(inside):
    activity = log(inside)
    with pytest.raises(Refused, match="Only the new hire"):
        activity.rate(5, by=inside.mo)
    activity.rate(4, by=inside.nia)
    assert activity.helpfulness == 4


def test_waiting_counts_proposals_in_two_queries(inside, django_assert_num_queries):
    Pairing.propose(mentor=inside.wendy, mentee=inside.walt, by=inside.sam)
    with django_assert_num_queries(2):
        assert waiting_count(inside.walt) == 1


def test_the_week_begins_on_monday(inside):
    wednesday = timezone.localdate() - timedelta(days=14 + timezone.localdate().weekday() - 2)
    for days, minutes in ((0, 20), (-2, 40), (-3, 80)):
        log(inside, held_on=wednesday + timedelta(days=days), minutes=minutes)
    row = MentoringActivity.objects.by_pairing(wednesday).get(pairing=inside.pairing.pk)
    assert row["last"] == wednesday
    # what lies before that Monday is left out, what came after Wednesday is not asked for in this test
    assert row["week"] == 60


def test_totals_count_an_activity_of_two_kinds_in_both(inside):
    log(inside, "SHADOW", "CRISIS", minutes=60)
    log(inside, "SHADOW", minutes=30)
    found = {row["type__name"]: (row["times"], row["minutes"]) for row in ActivityKind.objects.totals()}
    shadow, crisis = (kinds(inside.riverside, code)[0].name for code in ("SHADOW", "CRISIS"))
    assert found == {shadow: (2, 90), crisis: (1, 60)}

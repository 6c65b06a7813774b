from collections import Counter
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count, F, Q
from django.utils import timezone

from assessments.models import (
    Administration,
    Concern,
    InstrumentVersion,
    Need,
    Response,
    StaffResponse,
    scores_of,
)
from casemgmt.agencies.models import Agency, Notice, StaffMember, acting_as
from casemgmt.demo.cast import LOGINS, PASSWORD
from casemgmt.demo.ledger import ORDER
from casemgmt.demo.people import LAKESIDE, RIVERSIDE
from clients import pipeline
from clients.models import (
    AftercareFollowUp,
    CaseAssignment,
    Client,
    Crisis,
    Discharge,
    EligibilityDecision,
    EmergencyAccess,
    Enrollment,
    IncomingReferral,
    Intake,
    Visit,
    VisitParticipant,
)
from clients.pipeline import Stage
from mentoring.models import MentoringActivity
from serviceplans.models import (
    Goal,
    GoalProgress,
    PlanAction,
    PlannedService,
    PlanReview,
    PlanSeal,
    ServiceInterruption,
    ServicePlan,
    ServiceReferral,
)

# Without the mark, pytest-django makes no test database for a run of this file alone.
pytestmark = pytest.mark.django_db

# What is agreed or expected lies ahead; everything else has happened.
LOOKS_AHEAD = {
    "next_on", "review_on", "due_on", "target_on", "expires_on", "follow_up_on", "ends_at", "left_on", "closed_on",
    "expected_on", "renew_on", "ends_on", "moved_to", "was_on", "stops_on", "appointment_at", "starts_at", "until",
    "expected_at", "verbal_due_at", "written_due_at",
}  # fmt: skip


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker):
    """The demo, once for this module; the transaction takes it away again."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("demo", stdout=StringIO())
        yield Agency.objects.in_bulk(field_name="slug")
        transaction.set_rollback(True)


def people(agency, login):
    return StaffMember.objects.get(agency=agency, user__username=login)


@pytest.mark.parametrize("login", LOGINS)
def test_everybody_signs_in_with_the_password_of_the_readme(demo, login):
    assert authenticate(username=login, password=PASSWORD)


def test_about_sixty_people_come_to_riverside(demo):
    assert Client.objects.filter(agency=demo["riverside"]).count() == len(RIVERSIDE)
    assert 55 <= len(RIVERSIDE) <= 70
    assert Client.objects.filter(agency=demo["lakeside"]).count() == len(LAKESIDE) == 8


def test_people_stand_at_every_stage_and_most_are_active(demo):
    found = Counter(Enrollment.objects.filter(agency=demo["riverside"]).values_list("stage", flat=True))
    assert set(found) == set(Stage.values)
    assert found[Stage.ACTIVE] * 2 > sum(found.values())


def test_the_front_door_is_busy(demo):
    agency = demo["riverside"]
    referrals = IncomingReferral.objects.filter(agency=agency).open()
    assert referrals.filter(urgency=IncomingReferral.Urgency.URGENT).count() == 1
    assert referrals.filter(assigned_to=None).exists()
    assert Intake.objects.filter(agency=agency, decisions=None).open().count() == 3
    decisions = EligibilityDecision.objects.filter(agency=agency)
    assert decisions.waiting().count() == 5
    assert decisions.to_follow_up().filter(follow_up_on__lt=timezone.localdate()).exists()
    assert decisions.filter(outcome=EligibilityDecision.Outcome.DECLINE).exists()


def test_some_have_no_worker_and_wendy_has_many(demo):
    agency = demo["riverside"]
    assert Enrollment.objects.filter(agency=agency).without_worker().count() == 3
    open_now = Enrollment.objects.filter(agency=agency).open().with_worker()
    found = Counter(open_now.values_list("worker_name", flat=True))
    assert found["Wendy Nakamura"] == 18
    assert found["Nia Baptiste"] == 4
    assert min(found["Walter Kowalczyk"], found["Mohamed Abdi"]) >= 8


def test_walt_is_on_nobody_of_wendys(demo):
    wendy, walt = people(demo["riverside"], "wendy"), people(demo["riverside"], "walt")
    both = CaseAssignment.objects.filter(staff=walt, enrollment__assignments__staff=wendy)
    assert not both.exists()
    theirs = Enrollment.objects.visible_to(walt).filter(assignments__staff=wendy)
    assert not theirs.exists()


def test_the_work_of_today_is_there(demo):
    agency, today = demo["riverside"], timezone.localdate()
    wendy = people(agency, "wendy")
    mine = Enrollment.objects.visible_to(wendy).open().select_related("program").with_last_contact()
    due = [row.contact_due_on() for row in mine]
    assert sum(day == today for day in due) >= 3
    assert 1 <= sum(day < today for day in due) <= 5
    assert Visit.objects.filter(agency=agency).drafts().count() >= 4
    assert AftercareFollowUp.objects.filter(agency=agency).due().exists()
    assert AftercareFollowUp.objects.filter(agency=agency).open().filter(due_on__gt=today).exists()
    reviews = ServicePlan.objects.filter(agency=agency).review_due()
    assert reviews.filter(review_on__lt=today).exists()
    assert PlanAction.objects.filter(agency=agency).open().exists()
    assert ServiceReferral.objects.filter(agency=agency).open().filter(next_on__gte=today).exists()


def test_nine_months_of_visits(demo):
    visits = Visit.objects.filter(agency=demo["riverside"])
    assert 700 <= visits.count() <= 1500
    assert visits.earliest("started_at").started_at < timezone.now() - timedelta(days=240)
    assert set(visits.values_list("outcome", flat=True)) == set(Visit.Outcome.values)
    assert set(visits.values_list("mode", flat=True)) == set(Visit.Mode.values)
    late = [v for v in visits.select_related("enrollment__program") if v.is_late_entry]
    assert 5 <= len(late) <= 100
    assert visits.kept().exclude(signed_at=None).exclude(note="").count() > 600
    assert visits.values("note").distinct().count() > 0.85 * visits.count()


def test_every_signed_note_says_something_and_has_its_one_lead(demo):
    assert not Visit.objects.kept().exclude(signed_at=None).filter(note="").exists()
    for visit in Visit.objects.prefetch_related("participants", "signatures"):
        assert sum(p.role == VisitParticipant.Role.LEAD for p in visit.participants.all()) == 1
        assert len(visit.signatures.all()) == bool(visit.signed_at)


def test_nobody_is_in_two_places_at_once(demo):
    rows = VisitParticipant.objects.order_by("staff", "visit__started_at").select_related("visit")
    before = None
    for row in rows:
        if before and before.staff_id == row.staff_id:
            assert before.visit.ended_at <= row.visit.started_at, (before.visit, row.visit)
        before = row


def test_goals_move(demo):
    progress = GoalProgress.objects.filter(agency=demo["riverside"])
    assert progress.count() > 300
    assert set(progress.values_list("step", flat=True)) == set(GoalProgress.Step.values)
    assert progress.exclude(visit__enrollment=F("goal__plan__enrollment")).count() == 0
    assert progress.exclude(goal=F("objective__goal")).count() == 0


def test_needs_are_met_between_two_assessments(demo):
    twice = Administration.objects.values("enrollment").distinct().count() < Administration.objects.count()
    assert twice
    assert Need.objects.exclude(met_on=None).exists()
    assert Need.objects.high().exists()
    assert set(PlanReview.objects.values_list("outcome", flat=True)) == set(PlanReview.Outcome.values)


def test_needs_say_what_is_in_the_way_and_what_comes_first(demo):
    open_needs = Need.objects.open()
    assert open_needs.exclude(barrier=None).exists()
    assert open_needs.filter(priority=1).exists()
    for need in open_needs.select_related("rating"):
        assert need.barrier_id == need.rating.barrier_id


def test_both_agencies_have_the_questionnaires_that_come_with_the_product(demo):
    for agency in demo.values():
        codes = set(
            InstrumentVersion.objects.filter(agency=agency).values_list("instrument__code", flat=True)
        )
        assert {"PHQ-9", "GAD-7", "QOL", "CF-5", "SSM", "JSF", "RCP"} <= codes


def values(name, code, scale="total"):
    """What somebody's answers came to, in the order of time."""
    given, family = name.split()
    rows = Response.objects.filter(client__given_name=given, client__family_name=family)
    rows = rows.filter(instrument_version__instrument__code=code).order_by("held_on")
    return [row.scores[scale]["value"] for row in rows]


def test_marisol_feels_better_than_at_the_beginning(demo):
    found = values("Marisol Vega", "PHQ-9")
    assert found == [18, 16, 12, 9]


def test_quality_of_life_is_asked_at_the_beginning_and_after_half_a_year(demo):
    twice = [
        row
        for row in Response.objects.filter(instrument_version__instrument__code="QOL")
        .values("client")
        .annotate(n=Count("pk"))
        if row["n"] > 1
    ]
    assert len(twice) >= 10


def test_scores_are_what_the_answers_say(demo):
    for row in [
        *Response.objects.select_related("instrument_version"),
        *StaffResponse.objects.select_related("instrument_version"),
    ]:
        assert row.scores == scores_of(row.definition, row.answers)


def test_every_answer_is_kept_as_it_was_given(demo):
    for row in Response.objects.prefetch_related("given"):
        assert {a.item: a.value for a in row.given.all()} == row.answers
    assert not Response.objects.filter(held_on__lt=F("enrollment__enrolled_on")).exists()


def test_one_answer_was_acted_upon_and_one_waits_for_it(demo):
    grave = Concern.objects.filter(severity=4)
    assert [row.response.client.given_name for row in grave.open()] == ["Gloria"]
    assert [row.response.client.given_name for row in grave.exclude(handled_on=None)] == ["Beatriz"]
    (waiting,) = grave.open()
    assert waiting.alert.ended_on is None
    notices = Notice.objects.filter(kind="concern")
    assert [row.subject for row in notices] == [waiting.subject]
    assert notices.get().staff == people(demo["riverside"], "sam")


def test_what_people_think_of_our_help_is_enough_for_a_mean(demo):
    asked = Response.objects.filter(instrument_version__instrument__code="CF-5")
    lately = asked.filter(held_on__gte=timezone.localdate() - timedelta(days=89))
    people = set(lately.values_list("enrollment__program__name", "client"))
    assert Counter(program for program, _client in people)["Community Case Management"] >= 5


def test_staff_are_enough_to_be_counted_as_a_group(demo):
    found = Counter(StaffResponse.objects.values_list("instrument_version__instrument__code", flat=True))
    assert min(found["JSF"], found["RCP"]) >= 6


def test_mo_and_nia_visit_together(demo):
    joint = MentoringActivity.objects.exclude(visit=None)
    codes = set(joint.values_list("kinds__type__code", flat=True))
    assert codes == {"SHADOW", "CO_VISIT", "OBSERVE"}
    for activity in joint.prefetch_related("visit__participants"):
        assert {p.staff_id for p in activity.visit.participants.all()} == {
            people(demo["riverside"], "mo").pk,
            people(demo["riverside"], "nia").pk,
        }
    assert MentoringActivity.objects.filter(visit=None).exists()


def test_an_emergency_awaits_its_review(demo):
    assert EmergencyAccess.objects.unreviewed().get().staff.user.username == "walt"


def test_a_restricted_record_and_part_2_are_hidden_where_they_should(demo):
    agency = demo["riverside"]
    restricted = Client.objects.exclude(restricted_on=None).get()
    seen = {
        name: set(Client.objects.visible_to(people(agency, name)))
        for name in ("walt", "sam", "dana", "quinn")
    }
    assert [name for name, rows in seen.items() if restricted in rows] == ["walt", "sam", "dana"]
    part_2 = Enrollment.objects.filter(agency=agency, program__is_part_2=True)
    assert part_2.count() == 4
    assert Enrollment.objects.visible_to(people(agency, "dana")).filter(pk__in=part_2).count() == 1
    assert Enrollment.objects.visible_to(people(agency, "walt")).filter(pk__in=part_2).count() == 4


def test_nobody_stands_in_a_stage_whose_gate_is_shut(demo):
    for agency in demo.values():
        with acting_as(agency, by=None):
            for row in Enrollment.objects.filter(agency=agency).select_related("program"):
                reached = pipeline.ORDER[1 : pipeline.ORDER.index(Stage(row.stage)) + 1]
                changes = [Stage(c.to_stage) for c in row.stage_changes.all()]
                assert changes == reached, row
                # What a person needs to become active is needed at the time, not after the end.
                asked = reached if row.is_open else [s for s in reached if s not in (Stage.ACTIVE,)]
                for stage in asked:
                    assert pipeline.missing(row, stage) == [], (row.client.name, stage)


def test_every_signed_plan_and_discharge_could_be_signed(demo):
    for plan in ServicePlan.objects.filter(ended_on=None).exclude(signed_at=None):
        assert [str(lack) for lack in plan.missing()] == []
    for row in Discharge.objects.all():
        assert list(row.missing()) == []


def test_every_plan_says_what_was_sealed(demo):
    said = StringIO()
    call_command("verify_plans", stdout=said)
    assert " 0 broken" in said.getvalue()
    assert PlanSeal.objects.count() == ServicePlan.objects.exclude(presented_at=None).count()


def test_one_plan_waits_for_sam(demo):
    waiting = ServicePlan.objects.waiting().get()
    assert waiting.enrollment.client.given_name == "Jun"
    assert list(waiting.still_wanted()) == ["supervisor"]
    assert list(waiting.missing()) == []


def test_every_signed_plan_was_heard_by_who_has_a_say(demo):
    for plan in ServicePlan.objects.exclude(signed_at=None).filter(ended_on=None):
        assert "client" not in list(plan.still_wanted()), plan.enrollment.client


def test_one_person_is_in_a_crisis_and_a_goal_rests(demo):
    crisis = Crisis.objects.now().get()
    assert crisis.alert.ended_on is None
    assert Goal.objects.resting().filter(plan__enrollment=crisis.enrollment_id).exists()


def test_services_are_planned_given_and_stopped(demo):
    assert PlannedService.objects.running().filter(provider="").exists()
    assert ServiceInterruption.objects.untold().count() == 1
    closed = ServiceReferral.objects.exclude(received_on=None)
    assert closed.count() > 20
    gaps = set(ServiceReferral.objects.exclude(gap=None).values_list("status", flat=True))
    assert gaps == set(ServiceReferral.UNMET)


def test_levels_follow_what_was_decided(demo):
    for row in Enrollment.objects.exclude(level=None).prefetch_related("level_decisions"):
        assert row.level_decisions.first().level_id == row.level_id


@pytest.mark.parametrize("model", ORDER, ids=lambda m: m.__name__)
def test_every_row_is_what_a_form_would_take(demo, model):
    rows = list(model.objects.all())
    assert rows
    keys = [f.name for f in model._meta.fields if f.is_relation]
    for row in rows:
        empty = [f.name for f in model._meta.fields if f.null and getattr(row, f.attname) is None]
        row.clean_fields(exclude=[*keys, *empty])
        row.clean()


def test_nothing_has_happened_that_lies_ahead(demo):
    now, today = timezone.now(), timezone.localdate()
    for model in ORDER:
        for field in model._meta.fields:
            if field.get_internal_type() not in ("DateField", "DateTimeField") or field.name in LOOKS_AHEAD:
                continue
            latest = model.objects.exclude(**{field.name: None}).order_by(f"-{field.name}").first()
            value = getattr(latest, field.name) if latest else None
            if isinstance(value, datetime):
                assert value <= now, (model, field.name)
            elif isinstance(value, date):
                assert value <= today, (model, field.name)


def test_time_runs_forward_in_every_record(demo):
    assert not Visit.objects.filter(signed_at__lt=F("started_at")).exists()
    assert not Visit.objects.filter(started_at__date__lt=F("enrollment__enrolled_on")).exists()
    assert not Need.objects.filter(met_on__lt=F("seen_on")).exists()
    assert not PlanAction.objects.filter(done_on__lt=F("objective__goal__plan__starts_on")).exists()
    assert not PlanReview.objects.filter(reviewed_on__lt=F("plan__starts_on")).exists()
    assert not Discharge.objects.filter(discharged_on__lt=F("enrollment__enrolled_on")).exists()
    assert not ServiceReferral.objects.filter(ended_on__lt=F("asked_on")).exists()
    early = Q(referral__received_on__gt=F("started_on")) | Q(closed_on__lt=F("started_on"))
    assert not Intake.objects.filter(early).exists()


def test_no_row_points_into_the_other_agency(demo):
    for model in apps.get_models():
        names = {f.name for f in model._meta.fields}
        if "agency" not in names or not hasattr(model.objects.none(), "visible_to"):
            continue
        for field in model._meta.fields:
            target = field.related_model
            if target and "agency" in {f.name for f in target._meta.fields}:
                foreign = model.objects.exclude(**{field.name: None}).exclude(
                    **{f"{field.name}__agency": F("agency")}
                )
                assert not foreign.exists(), (model, field.name)


def test_every_row_has_the_history_of_who_wrote_it(demo):
    for model in (Client, Visit, ServicePlan, Enrollment, Need, GoalProgress, Response, Concern):
        assert model.history.count() == model.objects.count()
        assert not model.history.filter(history_user=None).exists()
        assert not model.history.filter(history_date__gt=timezone.now()).exists()
    lead = {p.visit_id: p.staff_id for p in VisitParticipant.objects.filter(role="lead")}
    assert all(lead[h.id] == h.history_user_id for h in Visit.history.all())

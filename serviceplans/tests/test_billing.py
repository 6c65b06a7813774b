"""What of a visit is billed, why not the rest, and what a run sends and takes back."""

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casemgmt.agencies.models import PickItem, ServiceType, acting_as
from casemgmt.agencies.models.program import ConsentKind
from casemgmt.core.models import Refused
from casemgmt.demo.builders import enroll, give_consent, log_visit, make_client, plan_for
from clients.models import Visit, VisitActivity, VisitCorrection, VisitParticipant
from serviceplans.billing import make_run, sheet, units_of, why_not_billable
from serviceplans.models import (
    Authorization,
    BillingLine,
    BillingRun,
    CoveredWork,
    EnrollmentFunding,
    FundingSource,
    Objective,
    PlannedService,
    ServiceDelivered,
    WorkedDay,
)
from serviceplans.units import Together, UnitRule

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 16, tzinfo=UTC)  # noon in New York
CO_LEAD = VisitParticipant.Role.CO_LEAD


@pytest.fixture
def agency(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        yield cast.riverside


@pytest.fixture
def payer(agency):
    return PickItem.objects.get(agency=agency, pick_list="funding", code="MEDICAID")


@pytest.fixture
def medicaid(payer):
    return FundingSource.objects.create(name="Medicaid", payer=payer, code="T1017")


@pytest.fixture
def served(cast, medicaid):
    """Somebody of Wendy's for whom Medicaid pays."""
    return funded(cast, medicaid)


def funded(cast, source, **fields):
    enrolled = enroll(make_client(cast.riverside), cast.ccm, cast.wendy, on=date(2026, 1, 5))
    EnrollmentFunding.objects.create(
        enrollment=enrolled, source=source, started_on=date(2026, 1, 5), **fields
    )
    return enrolled


def work(agency, code):
    return ServiceType.objects.get(agency=agency, code=code)


def visit(enrolled, cast, minutes=60, code="MONITORING", at=NOON, **fields):
    fields = {"direct_minutes": minutes, "service_type": work(cast.riverside, code)} | fields
    return log_visit(enrolled, by=cast.wendy, started_at=at, **fields)


def correct(row, cast, **fields):
    return VisitCorrection.objects.create(visit=row, by=cast.wendy, why="Typed wrong.", **fields)


def bill(cast, source, start=DAY, end=DAY, who="dana"):
    return sheet(getattr(cast, who), source, start, end)


def billed(cast, source, start=DAY, end=DAY):
    return sum(group.units for group in bill(cast, source, start, end).groups)


def reasons(cast, source, start=DAY, end=DAY):
    return [row.why for row in bill(cast, source, start, end).left]


# --- What is paid ---


def test_an_hour_of_monitoring_is_four_units(cast, served, medicaid):
    visit(served, cast)
    assert billed(cast, medicaid) == 4


def test_transport_only_is_no_component_and_says_so(cast, served, medicaid):
    row = visit(served, cast, code="TRANSPORT")
    assert billed(cast, medicaid) == 0
    assert reasons(cast, medicaid) == ["transport only is not a TCM component"]
    assert why_not_billable(cast.wendy, row).why == ["transport only is not a TCM component"]


def test_minutes_of_other_work_that_is_not_paid_are_taken_off(cast, served, medicaid):
    row = visit(served, cast, minutes=60)
    VisitActivity.objects.create(visit=row, service_type=work(cast.riverside, "TRANSPORT"), minutes=30)
    assert billed(cast, medicaid) == 2
    assert reasons(cast, medicaid) == ["30 min: transport only is not a TCM component"]


def test_minutes_of_other_work_that_is_paid_count_where_the_main_kind_is_not(cast, served, medicaid):
    row = visit(served, cast, minutes=60, code="TRANSPORT")
    VisitActivity.objects.create(visit=row, service_type=work(cast.riverside, "LINKAGE"), minutes=15)
    assert billed(cast, medicaid) == 1


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"signed": False}, "the note is not signed"),
        ({"mode": Visit.Mode.LETTER}, "messages and letters do not count"),
        ({"service_type": None}, "the kind of work is missing"),
        ({"minutes": 7}, "7 min are too few for a unit"),
        ({"minutes": 0}, "no minutes are noted"),
    ],
)
def test_what_is_not_billed_says_why(cast, served, medicaid, fields, why):
    visit(served, cast, **fields)
    assert (billed(cast, medicaid), reasons(cast, medicaid)) == (0, [why])


def test_who_was_not_reached_is_counted_but_is_no_exception(cast, served, medicaid):
    visit(served, cast, outcome=Visit.Outcome.NOT_REACHED)
    found = bill(cast, medicaid)
    assert (found.groups, found.left, found.tried) == ([], [], 1)


def test_a_note_that_waits_for_the_second_signature_waits(cast, served, medicaid):
    cast.wendy.notes_cosigned_until = timezone.localdate() + timedelta(days=30)
    cast.wendy.save()
    visit(served, cast)
    assert reasons(cast, medicaid) == ["it waits for the second signature"]


def test_talks_with_others_count_unless_the_payer_says_no(cast, served, medicaid):
    visit(served, cast, held_with=Visit.With.COLLATERAL)
    assert billed(cast, medicaid) == 4
    medicaid.pays_for_collateral = False
    medicaid.save()
    assert reasons(cast, medicaid) == ["talks with others about the person do not count"]


def test_only_what_stands_in_the_payers_list_is_paid(cast, served, medicaid):
    CoveredWork.objects.create(source=medicaid, service_type=work(cast.riverside, "PLANNING"))
    visit(served, cast)
    assert reasons(cast, medicaid) == ["monitoring and follow-up is not in the list of this payer"]


def test_what_came_from_another_system_is_not_billed(cast, served, medicaid):
    row = visit(served, cast, signed=False)
    row.source = "old system"
    row.save()
    assert bill(cast, medicaid).is_empty


def test_who_pays_is_who_paid_on_that_day(cast, served, medicaid):
    visit(served, cast)
    row = EnrollmentFunding.objects.get()
    row.ended_on = DAY
    row.save()
    assert bill(cast, medicaid).is_empty


def test_a_visit_belongs_to_the_day_where_the_agency_is(cast, served, medicaid):
    visit(served, cast, at=datetime(2026, 3, 11, 3, 30, tzinfo=UTC))  # 23:30 on the tenth in New York
    assert billed(cast, medicaid) == 4


def test_the_night_in_which_the_clocks_change_is_one_day(cast, served, medicaid):
    on = date(2026, 3, 8)
    for at in (datetime(2026, 3, 8, 5, 10, tzinfo=UTC), datetime(2026, 3, 9, 3, 50, tzinfo=UTC)):
        visit(served, cast, minutes=15, at=at)
    assert billed(cast, medicaid, on, on) == 2


# --- More than one ---


def test_a_joint_visit_of_an_hour_with_one_who_bills_is_four_units_not_eight(cast, served, medicaid):
    visit(served, cast, others={cast.nia: CO_LEAD})
    assert billed(cast, medicaid) == 4
    assert reasons(cast, medicaid) == ["60 min of a second colleague are team time: one bills"]


def test_two_bill_where_the_program_lets_them(cast, served, medicaid):
    cast.ccm.max_billable_staff = 2
    cast.ccm.save()
    visit(served, cast, others={cast.nia: CO_LEAD})
    lines = bill(cast, medicaid).groups
    assert sorted((group.staff, group.units) for group in lines) == sorted(
        [(cast.wendy.pk, 4), (cast.nia.pk, 4)]
    )


def test_the_same_time_written_down_by_two_is_billed_once(cast, served, medicaid):
    visit(served, cast)
    log_visit(
        served, by=cast.sam, started_at=NOON, direct_minutes=60, service_type=work(cast.riverside, "LINKAGE")
    )
    assert billed(cast, medicaid) == 4
    assert reasons(cast, medicaid) == ["a colleague bills the same time"]


def test_several_people_together_are_not_billed_for_the_same_minutes(cast, medicaid):
    key = uuid.uuid4()
    for _n in range(3):
        visit(funded(cast, medicaid), cast, minutes=8, together=key)
    assert billed(cast, medicaid) == 2  # 24 minutes, not 45


def test_calls_of_one_day_are_added_up_where_the_payer_says_so(cast, served, medicaid):
    medicaid.unit_rule, medicaid.together = UnitRule.FULL, Together.DAY
    medicaid.save()
    visit(served, cast, minutes=7)
    visit(served, cast, minutes=9, at=NOON + timedelta(hours=2))
    [group] = bill(cast, medicaid).groups
    assert (group.minutes, group.units, len(group.visits)) == (16, 1, 2)


def test_a_contact_day_needs_an_hour_and_counts_so_often_a_month(cast, served, medicaid):
    medicaid.unit_rule, medicaid.most_a_month = UnitRule.CONTACT_DAY, 2
    medicaid.save()
    for n, minutes in enumerate([30, 60, 60, 60]):
        visit(served, cast, minutes=minutes, at=NOON + timedelta(days=n))
    assert billed(cast, medicaid, DAY, DAY + timedelta(days=5)) == 2
    assert reasons(cast, medicaid, DAY, DAY + timedelta(days=5)) == [
        "30 min are too few for a unit",
        "at most 2 units a month",
    ]


def test_a_month_with_enough_contacts_is_one_unit(cast, served, medicaid):
    medicaid.unit_rule, medicaid.least_contacts = UnitRule.MONTHLY, 2
    medicaid.save()
    visit(served, cast)
    assert billed(cast, medicaid) == 0
    visit(served, cast, at=NOON + timedelta(days=3))
    assert billed(cast, medicaid) == 1


# --- Never more than there is ---


def test_no_more_units_than_the_minutes_that_were_certified(cast, served, medicaid):
    WorkedDay.objects.create(staff=cast.wendy, on=DAY, minutes=45, by=cast.sam)
    visit(served, cast)
    assert billed(cast, medicaid) == 3
    assert reasons(cast, medicaid) == ["more than the minutes worked on that day"]


def test_without_a_certificate_a_usual_day_is_the_limit(cast, medicaid):
    cast.wendy.fte = Decimal("0.5")
    cast.wendy.save()
    for n in range(5):
        visit(funded(cast, medicaid), cast, at=NOON + timedelta(hours=n))
    assert billed(cast, medicaid) == 16  # four hours


def test_what_another_payer_got_of_the_day_is_taken_off(cast, served, medicaid, payer):
    WorkedDay.objects.create(staff=cast.wendy, on=DAY, minutes=60, by=cast.sam)
    county = FundingSource.objects.create(name="County", payer=payer)
    visit(funded(cast, county), cast, minutes=45)
    visit(served, cast, at=NOON + timedelta(hours=1))
    make_run(cast.dana, county, DAY, DAY)
    assert billed(cast, medicaid) == 1


def test_an_authorization_is_drawn_down_and_then_used_up(cast, medicaid, payer):
    medicaid.needs_authorization = True
    medicaid.save()
    served = funded(cast, medicaid)
    approved = Authorization.objects.create(
        enrollment=served, number="A-9", payer=payer, service="TCM", units=6, starts_on=DAY, ends_on=DAY
    )
    visit(served, cast)
    visit(served, cast, at=NOON + timedelta(hours=1))
    assert billed(cast, medicaid) == 6
    assert reasons(cast, medicaid) == ["authorization A-9 is used up"]
    make_run(cast.dana, medicaid, DAY, DAY)
    assert Authorization.objects.with_used().get(pk=approved.pk).used == 6


def test_an_authorization_of_somebody_elses_service_is_not_drawn_on(cast, served, medicaid, payer):
    Authorization.objects.create(
        enrollment=served, number="A-8", payer=payer, service="Rides", units=6, starts_on=DAY, ends_on=DAY
    )
    visit(served, cast)
    assert [group.authorization for group in bill(cast, medicaid).groups] == [None]


def test_what_followed_an_authorization_is_drawn_on_in_its_place(cast, served, medicaid, payer):
    said = {"enrollment": served, "payer": payer, "service": "TCM", "units": 8}
    before = DAY - timedelta(days=1)
    row = EnrollmentFunding.objects.get()
    row.authorization = Authorization.objects.create(number="A-1", starts_on=before, ends_on=before, **said)
    row.save()
    later = Authorization.objects.create(number="A-2", starts_on=DAY, ends_on=DAY, **said)
    visit(served, cast)
    assert [group.authorization for group in bill(cast, medicaid).groups] == [later]


def test_without_an_authorization_nothing_is_billed_where_one_is_needed(cast, served, medicaid):
    medicaid.needs_authorization = True
    medicaid.save()
    row = visit(served, cast)
    assert reasons(cast, medicaid) == ["no authorization for this day"]
    assert why_not_billable(cast.wendy, row).why == ["no authorization for this day"]


# --- Runs ---


def test_what_is_in_a_run_is_not_in_the_next(cast, served, medicaid):
    visit(served, cast)
    run = make_run(cast.dana, medicaid, DAY, DAY)
    assert [line.units for line in BillingLine.objects.filter(run=run)] == [4]
    with pytest.raises(Refused):
        make_run(cast.sam, medicaid, DAY, DAY)
    assert BillingRun.objects.count() == 1


def test_a_correction_after_the_run_is_a_reversal_and_a_new_line(cast, served, medicaid):
    row = visit(served, cast)
    make_run(cast.dana, medicaid, DAY, DAY)
    correct(row, cast, direct_minutes=30)
    later = DAY + timedelta(days=40)
    run = make_run(cast.dana, medicaid, later, later)
    assert [(line.minutes, line.units) for line in run.lines.order_by("pk")] == [(-60, -4), (30, 2)]
    assert bill(cast, medicaid, later, later).is_empty


def test_a_visit_that_is_void_after_the_run_is_taken_back(cast, served, medicaid):
    row = visit(served, cast)
    make_run(cast.dana, medicaid, DAY, DAY)
    correct(row, cast, is_void=True)
    run = make_run(cast.dana, medicaid, DAY, DAY)
    assert [line.units for line in run.lines.all()] == [-4]
    assert bill(cast, medicaid).is_empty


def test_a_correction_of_the_kind_of_work_changes_what_is_billed(cast, served, medicaid):
    row = visit(served, cast)
    correct(row, cast, service_type=work(cast.riverside, "TRANSPORT"))
    assert reasons(cast, medicaid) == ["transport only is not a TCM component"]


def test_the_newest_correction_counts(cast, served, medicaid):
    row = visit(served, cast)
    correct(row, cast, is_void=True)
    correct(row, cast, direct_minutes=45)
    assert billed(cast, medicaid) == 3


def test_a_note_that_was_signed_late_comes_with_the_next_run_and_moves_nothing(cast, served, medicaid):
    medicaid.unit_rule, medicaid.most_a_month = UnitRule.CONTACT_DAY, 1
    medicaid.save()
    visit(served, cast, at=NOON + timedelta(days=3))
    make_run(cast.dana, medicaid, DAY, DAY + timedelta(days=5))
    visit(served, cast)
    assert bill(cast, medicaid, DAY, DAY + timedelta(days=5)).is_empty


def test_a_visit_that_moved_to_another_payer_is_first_taken_back(cast, served, medicaid, payer):
    visit(served, cast)
    make_run(cast.dana, medicaid, DAY, DAY)
    county = FundingSource.objects.create(name="County", payer=payer)
    row = EnrollmentFunding.objects.get()
    row.source = county
    row.save()
    assert reasons(cast, county) == ["Medicaid has it already"]
    make_run(cast.dana, medicaid, DAY, DAY)
    assert billed(cast, county) == 4


def test_a_colleague_bills_only_those_whose_records_they_see(cast, served, medicaid):
    visit(served, cast)
    assert bill(cast, medicaid, who="walt").is_empty


def test_what_stands_under_part_2_is_not_told_to_a_payer_without_consent(cast, served, medicaid):
    visit(served, cast)
    cast.ccm.is_part_2 = True
    cast.ccm.save()
    found = bill(cast, medicaid, who="wendy")
    assert [row.why for row in found.left] == ["no consent to tell the payer of it (42 CFR Part 2)"]
    give_consent(served.client, by=cast.wendy, kind=ConsentKind.PART2_TPO, program=cast.ccm)
    assert bill(cast, medicaid, who="wendy").units == 4


def test_the_same_questions_for_more_visits(cast, served, medicaid):
    visit(served, cast)
    bill(cast, medicaid)  # the agency of the source is known from here on
    with CaptureQueriesContext(connection) as few:
        bill(cast, medicaid)
    for n in range(12):
        visit(funded(cast, medicaid), cast, at=NOON + timedelta(minutes=n))
    with CaptureQueriesContext(connection) as many:
        bill(cast, medicaid)
    assert len(few) == len(many) <= 16


def test_what_others_delivered_and_what_we_billed_draw_on_the_same_approval(cast, served, medicaid, payer):
    approved = Authorization.objects.create(
        enrollment=served, number="A-9", payer=payer, service="TCM", units=40, starts_on=DAY, ends_on=DAY
    )
    plan = plan_for(served, by=cast.wendy)
    planned = PlannedService.objects.create(
        objective=Objective.objects.filter(goal__plan=plan).first(),
        service="Group",
        provider="Hope",
        authorization=approved,
    )
    row = EnrollmentFunding.objects.get()
    row.authorization = approved
    row.save()
    for _n in range(2):
        ServiceDelivered.objects.create(service=planned, units=3, by=cast.wendy)
    row = visit(served, cast)
    make_run(cast.dana, medicaid, DAY, DAY)
    correct(row, cast, direct_minutes=30)
    make_run(cast.dana, medicaid, DAY, DAY)
    assert Authorization.objects.with_used().get(pk=approved.pk).used == 3 + 3 + 2


def test_the_record_for_payers_tells_units_beside_the_minutes(cast, served, medicaid):
    rows = [visit(served, cast), visit(served, cast, code="TRANSPORT", at=NOON + timedelta(hours=2))]
    found = units_of(cast.dana, Visit.objects.visible_to(cast.dana).select_related("enrollment__program"))
    assert found == {rows[0].pk: 4, rows[1].pk: 0}

"""The pages of billing: looked at before it is sent, sent once, taken as a file, and hours certified."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import PickItem, ServiceType, acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client
from serviceplans.models import BillingLine, BillingRun, EnrollmentFunding, FundingSource, WorkedDay

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 16, tzinfo=UTC)
DAYS = {"start": DAY.isoformat(), "end": DAY.isoformat()}


def url(name, pk=None, **query):
    return reverse(f"serviceplans:{name}", kwargs={"pk": pk} if pk else None, query=query)


def send(browser, address, **fields):
    return browser.post(address, {"submit_key": str(uuid.uuid4())} | fields)


@pytest.fixture
def medicaid(cast):
    with acting_as(cast.riverside, by=cast.wendy):
        payer = PickItem.objects.get(agency=cast.riverside, pick_list="funding", code="MEDICAID")
        yield FundingSource.objects.create(name="Medicaid", payer=payer, code="T1017")


@pytest.fixture
def served(cast, medicaid):
    client = make_client(cast.riverside, given_name="=Rosa", family_name="Quill", chosen_name="")
    enrolled = enroll(client, cast.ccm, cast.wendy, on=date(2026, 1, 5))
    EnrollmentFunding.objects.create(
        enrollment=enrolled, source=medicaid, started_on=date(2026, 1, 5), member_number="M-77"
    )
    return enrolled


def visit(enrolled, cast, minutes=60, code="MONITORING", **fields):
    kind = ServiceType.objects.get(agency=cast.riverside, code=code)
    return log_visit(
        enrolled, by=cast.wendy, started_at=NOON, direct_minutes=minutes, service_type=kind, **fields
    )


def test_what_would_be_sent_is_looked_at_first(cast, as_, served, medicaid):
    visit(served, cast)
    page = as_("sam").get(url("billing-source", medicaid.pk, **DAYS)).text
    assert "4 units to send" in page
    assert "Quill" in page
    assert not BillingRun.objects.exists()


def test_what_stays_out_says_why_and_leads_to_the_note(cast, as_, served, medicaid):
    row = visit(served, cast, code="TRANSPORT")
    page = as_("dana").get(url("billing-source", medicaid.pk, **DAYS)).text
    assert "Transport only is not a TCM component" in page
    assert reverse("workspace:visit-detail", kwargs={"pk": row.pk}) in page


def test_a_run_is_made_once_however_often_the_button_is_pressed(cast, as_, served, medicaid):
    visit(served, cast)
    address = url("billing-run", medicaid.pk)
    first = send(as_("sam"), address, **DAYS)
    send(as_("dana"), address, **DAYS)
    run = BillingRun.objects.get()
    assert first["Location"] == url("run-detail", run.pk)
    assert BillingLine.objects.count() == 1


def test_the_file_of_a_run_has_a_line_for_each_and_no_formula(cast, as_, served, medicaid):
    visit(served, cast)
    browser = as_("sam")
    send(browser, url("billing-run", medicaid.pk), **DAYS)
    run = BillingRun.objects.get()
    text = browser.get(url("run-csv", run.pk)).content.decode()
    assert '"2026-03-10"' in text
    assert '"M-77"' in text
    assert "\"'=Rosa" in text


def test_the_exceptions_are_a_file_too(cast, as_, served, medicaid):
    visit(served, cast, minutes=5)
    text = as_("quinn").get(url("billing-left", medicaid.pk, **DAYS)).content.decode()
    assert "5 min are too few for a unit" in text


@pytest.mark.parametrize(
    "days",
    [
        {"start": "2026-03-10", "end": "2026-03-01"},
        {"start": "1800-01-01", "end": "1800-01-02"},
        {"start": "2026-01-01", "end": "2026-12-31"},
        {"start": "\x00", "end": "x" * 10000},
    ],
)
def test_days_that_cannot_be_are_said_beside_the_field(as_, medicaid, days):
    answer = as_("sam").get(url("billing-source", medicaid.pk, **days))
    assert answer.status_code == 422
    assert "invalid-feedback" in answer.text


def test_a_quality_reviewer_looks_and_sends_nothing(cast, as_, served, medicaid):
    visit(served, cast)
    quinn = as_("quinn")
    assert "Make the run" not in quinn.get(url("billing-source", medicaid.pk, **DAYS)).text
    assert send(quinn, url("billing-run", medicaid.pk), **DAYS).status_code == 403


# --- Who pays ---


def test_who_pays_from_a_day_on_ends_who_paid_before(cast, as_, served, medicaid):
    county = FundingSource.objects.create(name="County", payer=medicaid.payer)
    today = timezone.localdate()
    answer = send(
        as_("wendy"), url("funding-create", served.pk), source=county.pk, started_on=today.isoformat()
    )
    assert answer.status_code == 302
    rows = EnrollmentFunding.objects.order_by("started_on")
    assert [(row.source.name, row.ended_on) for row in rows] == [("Medicaid", today), ("County", None)]


def test_two_do_not_pay_from_the_same_day(as_, served, medicaid):
    answer = send(as_("wendy"), url("funding-create", served.pk), source=medicaid.pk, started_on="2026-01-05")
    assert answer.status_code == 422


def test_an_end_before_the_beginning_is_refused(as_, served):
    row = EnrollmentFunding.objects.get()
    answer = send(as_("wendy"), url("funding-edit", row.pk), ended_on="2025-01-01", version=row.version)
    assert (answer.status_code, "before it begins" in answer.text) == (422, True)


def test_while_a_visit_is_typed_it_says_what_it_comes_to(cast, as_, served):
    kinds = {
        code: ServiceType.objects.get(agency=cast.riverside, code=code).pk
        for code in ("TRANSPORT", "LINKAGE")
    }
    typed = {"day": "2026-03-10", "mode": "in_person", "outcome": "kept", "direct_minutes": "60"}
    wendy, address = as_("wendy"), url("billable-check", served.pk)
    assert "Medicaid: 4 units" in wendy.post(address, typed | {"service_type": kinds["LINKAGE"]}).text
    said = wendy.post(address, typed | {"service_type": kinds["TRANSPORT"]}).text
    assert "Not billable to Medicaid: transport only is not a TCM component" in said


@pytest.mark.parametrize("junk", ["\x00", "9" * 40, "-5", "x" * 10000])
def test_nonsense_that_is_typed_breaks_nothing(as_, served, junk):
    typed = {"day": junk, "mode": junk, "outcome": junk, "direct_minutes": junk, "service_type": junk}
    assert as_("wendy").post(url("billable-check", served.pk), typed).status_code == 200


# --- Hours ---


def test_a_supervisor_certifies_the_hours_of_their_people(cast, as_):
    sam = as_("sam")
    page = sam.get(url("hours")).text
    assert cast.wendy.name in page
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    field = f"m_{cast.wendy.pk}_{monday:%Y%m%d}"
    assert send(sam, url("hours"), **{field: 400}).status_code == 302
    row = WorkedDay.objects.get()
    assert (row.staff, row.on, row.minutes, row.by) == (cast.wendy, monday, 400, cast.sam)


def test_nobody_certifies_more_than_a_day_has(cast, as_):
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    answer = send(as_("sam"), url("hours"), **{f"m_{cast.wendy.pk}_{monday:%Y%m%d}": 1500})
    assert answer.status_code == 422
    assert not WorkedDay.objects.exists()

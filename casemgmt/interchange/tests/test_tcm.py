"""The record of case management for a period: eight elements, and nothing out before the gate."""

import csv
import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from casemgmt.agencies.models import PickItem, acting_as
from casemgmt.core import pdf
from casemgmt.demo import builders
from casemgmt.interchange.tcm import views
from casemgmt.interchange.tcm.contents import HEAD, lines, record, titles
from casemgmt.interchange.tcm.elements import Period, presets
from casemgmt.interchange.tcm.forms import LONGEST
from clients.models import Consent, Disclosure, OtherWorker, VisitAddendum
from serviceplans.models import GoalProgress, PlanReview, ReviewExemption, ServiceReferral

pytestmark = pytest.mark.django_db

DAYS = 20


def asked(period=None):
    period = period or Period(timezone.localdate() - timedelta(days=DAYS), timezone.localdate())
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}


@pytest.fixture
def served(cast):
    """Somebody of Wendy's with something of every element in the last weeks."""
    today, wendy = timezone.localdate(), cast.wendy
    client = builders.make_client(cast.riverside, by=wendy, given_name="Ana", family_name="Record")
    enrollment = builders.enroll(client, cast.ccm, wendy, on=today - timedelta(days=15))
    builders.assess(enrollment, by=wendy, on=today - timedelta(days=14))
    plan = builders.plan_for(enrollment, by=wendy, signed=False)
    with acting_as(cast.riverside, by=wendy):
        goal = plan.goals.first()
        goal.agreement = "partly"
        goal.save()
    builders.sign_plan(plan, by=wendy)
    enrollment.refresh_from_db()
    visit = builders.log_visit(enrollment, by=wendy, days_ago=3, note="Went to the housing office.")
    with acting_as(cast.riverside, by=wendy):
        OtherWorker.objects.create(client=client, organisation="County", name="Lee", is_case_manager=True)
        VisitAddendum.objects.create(visit=visit, author=wendy, text="They called back.")
        plan.refresh_from_db()
        GoalProgress.objects.create(visit=visit, goal=plan.goals.first(), step="forward")
        asked_for = ServiceReferral(
            enrollment=enrollment, service="Food bank", provider="Hope", asked_on=today - timedelta(days=9)
        )
        asked_for.put(by=wendy)
        gap = PickItem.objects.get(agency=cast.riverside, pick_list="gap", code="DECLINED")
        asked_for.step("failed", by=wendy, gap=gap, note="Too far.")
        PlanReview.hold(plan, by=wendy, outcome="continue", summary="It works.")
        reason = PickItem.objects.get(agency=cast.riverside, pick_list="exemption", code="AWAY")
        ReviewExemption.grant(plan, reason=reason, moved_to=plan.review_on + timedelta(days=9), by=wendy)
    return enrollment


def elements_of(cast, enrollment, staff=None, period=None):
    staff = staff or cast.sam
    period = period or Period(timezone.localdate() - timedelta(days=DAYS), timezone.localdate())
    with acting_as(cast.riverside, by=staff):
        return record(staff, enrollment.client, [enrollment], period)


def said(element):
    return "\n".join(f"{row.what} {row.who} {row.detail} {row.units}" for row in element.rows)


# --- The eight elements ---------------------------------------------------------------------------------------------


def test_there_are_eight_elements_each_with_what_it_is_about(cast, served):
    told = [said(element) for element in elements_of(cast, served)]
    assert len(told) == 8
    for number, words in enumerate(
        (
            "Ana Record",
            "Took place Wendy Nakamura",
            "Riverside Community Support, Community Case Management",
            "Went to the housing office.",
            "Agrees in part",
            "Lee, County",
            "Asked for: Food bank Hope",
            "Review held",
        )
    ):
        assert words in told[number], (number + 1, told[number])


def test_the_dates_end_with_how_contacts_were_made(cast, served):
    dates = elements_of(cast, served)[1]
    assert (dates.rows[-1].what, dates.rows[-1].detail[:9]) == ("Ways of contact", "In person")


def test_content_has_minutes_goal_addendum_and_signature(cast, served):
    content = said(elements_of(cast, served)[3])
    for words in (" min", "Moved forward", "They called back.", "Signed ", "Goal: "):
        assert words in content


def test_a_service_that_the_person_no_longer_wants_is_declined(cast, served):
    assert "Food bank Hope The person did not want it any more" in said(elements_of(cast, served)[4])


def test_the_next_review_and_the_one_put_off_are_in_the_timeline(cast, served):
    timeline = said(elements_of(cast, served)[7])
    assert "next review due" in timeline
    assert "Assessed" in timeline


def test_an_unsigned_note_is_not_in_it(cast, served):
    builders.log_visit(served, by=cast.wendy, days_ago=1, signed=False, note="Only half a")
    content = said(elements_of(cast, served)[3])
    assert "Only half a" not in content
    assert "Not signed yet" in content


def test_a_period_without_anything_still_has_eight_elements(cast, served):
    long_ago = Period(date(2019, 1, 1), date(2019, 3, 31))
    elements = elements_of(cast, served, period=long_ago)
    assert [e.number for e in elements if not e.rows] == [2, 3, 4, 5, 7, 8]
    told = [line for line in lines(elements) if line[2] == "Nothing in this period."]
    assert len(told) == 6


def test_only_chosen_enrollments_are_in_it(cast, served):
    other = builders.enroll(served.client, cast.act, cast.wendy)
    builders.log_visit(other, by=cast.wendy, note="Of the other program.")
    assert "Of the other program." not in said(elements_of(cast, served)[3])


def test_what_was_told_of_a_time_that_was_not_chosen_is_not_in_it(cast, served):
    other = builders.enroll(served.client, cast.recovery, cast.walt)
    with acting_as(cast.riverside, by=cast.sam):
        told = {"client": served.client, "by": cast.sam, "basis": "care", "information": "How it goes"}
        Disclosure.objects.create(recipient="Dr. Both", enrollments=[served.pk, other.pk], parts=[], **told)
        Disclosure.objects.create(recipient="Dr. One", enrollments=[served.pk], parts=[], **told)
    talk = said(elements_of(cast, served)[5])
    assert "Dr. One" in talk
    assert "Dr. Both" not in talk


def test_twenty_times_the_visits_are_as_many_queries(cast, served):
    def queries():
        with CaptureQueriesContext(
            connection,
        ) as caught:
            elements_of(cast, served)
        return len(caught)

    queries()  # what is asked once only
    few = queries()
    for _n in range(20):
        visit = builders.log_visit(served, by=cast.wendy, days_ago=2)
        with acting_as(cast.riverside, by=cast.wendy):
            VisitAddendum.objects.create(visit=visit, author=cast.wendy, text="More.")
    assert queries() == few


# --- Periods --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "start", "end"),
    [
        (date(2026, 11, 22), date(2026, 7, 1), date(2026, 9, 30)),
        (date(2026, 1, 1), date(2025, 10, 1), date(2025, 12, 31)),
        (date(2024, 3, 31), date(2023, 10, 1), date(2023, 12, 31)),
    ],
)
def test_the_usual_period_is_the_last_whole_quarter(today, start, end):
    assert presets(today)[0][1] == Period(start, end)


def test_a_wrong_period_is_said_beside_the_field(as_, served):
    url = f"/clients/{served.client_id}/tcm/"
    answer = as_("sam").get(url, {"start": "2026-03-01", "end": "2026-02-01"})
    assert answer.status_code == 422
    assert "before the beginning" in answer.text
    answer = as_("sam").get(
        url, {"start": "2020-01-01", "end": str(date(2020, 1, 1) + timedelta(LONGEST + 1))}
    )
    assert "two years" in answer.text


# --- Released -------------------------------------------------------------------------------------------------------


def sent(served, **differs):
    return (
        asked()
        | {
            "enrollments": [served.pk],
            "ground": "care",
            "recipient": "County, Medicaid office",
            "submit_key": str(uuid4()),
        }
        | differs
    )


@pytest.fixture
def released(as_, cast, served):
    answer = as_("sam").post(f"/clients/{served.client_id}/tcm/release/", sent(served))
    assert answer.status_code == 302, answer.text
    return Disclosure.objects.get(client=served.client_id, recipient="County, Medicaid office")


def test_a_release_is_written_down_before_there_is_any_paper(released):
    assert released.basis == Disclosure.Basis.CARE
    assert released.parts[0] == "tcm"
    assert "Payment" in released.purpose


def test_a_release_needs_somebody_who_gets_it(as_, served):
    answer = as_("sam").post(f"/clients/{served.client_id}/tcm/release/", sent(served, recipient=""))
    assert answer.status_code == 422
    assert "Say who gets it." in answer.text
    assert not Disclosure.objects.filter(client=served.client_id).exists()


def test_what_the_person_said_must_be_heeded_first(as_, cast, served):
    builders.give_consent(
        served.client, by=cast.wendy, kind=Consent.Kind.SERVICE, directive="Nothing to my brother."
    )
    url = f"/clients/{served.client_id}/tcm/release/"
    answer = as_("sam").post(url, sent(served))
    assert answer.status_code == 422
    assert "Nothing to my brother." in answer.text
    assert as_("sam").post(url, sent(served, heeded="on")).status_code == 302


def test_the_paper_shows_all_eight(as_, released):
    page = as_("sam").get(f"/tcm/{released.pk}/").text
    for number, title in enumerate(titles(), 1):
        assert f"{number}. {title}" in page


def test_the_csv_has_every_element_and_no_formula(as_, cast, served, released):
    builders.log_visit(served, by=cast.wendy, note="=HYPERLINK(1)")
    answer = as_("sam").get(f"/tcm/{released.pk}/csv/")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert tuple(rows[0]) == HEAD
    assert [n for n in "12345678" if not any(row[0].startswith(n) for row in rows[1:])] == []
    assert not [cell for row in rows for cell in row if cell.startswith("=")]


@pytest.mark.skipif(not pdf.available(), reason=f"no PDF here: {pdf.why_not()}")
def test_the_pdf_is_a_file(as_, released):
    answer = as_("sam").get(f"/tcm/{released.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_without_a_library_the_page_that_prints_says_why(as_, released, monkeypatch):
    monkeypatch.setattr(pdf, "_missing", lambda: "package")
    answer = as_("sam").get(f"/tcm/{released.pk}/pdf/", follow=True)
    assert answer.redirect_chain == [(f"/tcm/{released.pk}/", 302)]
    assert "makes no PDF" in answer.text


@pytest.mark.skipif(not pdf.available(), reason=f"no PDF here: {pdf.why_not()}")
def test_what_is_too_long_for_a_pdf_is_printed(as_, released, monkeypatch):
    monkeypatch.setattr(views, "MOST_ROWS", 3)
    answer = as_("sam").get(f"/tcm/{released.pk}/pdf/", follow=True)
    assert answer.redirect_chain == [(f"/tcm/{released.pk}/", 302)]
    assert "Too long for a PDF" in answer.text


def test_nobody_else_prints_it(as_, released):
    assert as_("dana").get(f"/tcm/{released.pk}/").status_code == 302


def test_of_a_sealed_program_it_goes_out_only_with_a_consent(as_, cast):
    sealed = builders.enroll(builders.make_client(cast.riverside), cast.recovery, cast.walt, by=cast.walt)
    url = f"/clients/{sealed.client_id}/tcm/"
    assert as_("dana").get(url).status_code == 404
    assert as_("sam").get(url).status_code == 200
    answer = as_("sam").post(f"{url}release/", sent(sealed))
    assert answer.status_code == 422
    assert "42 CFR Part 2" in answer.text

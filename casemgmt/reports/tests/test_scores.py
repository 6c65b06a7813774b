"""Scores in reports: how they changed, what people say of our help, and how staff fare, never a person."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Response, StaffResponse, scores_of
from assessments.shipped import take_shipped
from casemgmt.agencies.models import StaffMember, acting_as
from casemgmt.core.models import create_many
from casemgmt.demo.builders import enroll, make_client
from casemgmt.reports.outcomes import Period, outcome_tables


def days_ago(n):
    return timezone.localdate() - timedelta(days=n)


@pytest.fixture
def versions(cast):
    with acting_as(cast.riverside, by=cast.ada):
        return {v.instrument.code: v for v in take_shipped(cast.riverside, ["PHQ-9", "CF-5", "JSF", "QOL"])}


def answered(version, said):
    """What every item answers, as scores."""
    answers = {i.code: said for i in version.parsed.items if i.kind != "text"}
    return {"answers": answers, "scores": scores_of(version.parsed, answers), "completed_at": timezone.now()}


def ask(cast, version, *series, program=None, enrollment=None):
    """A new person's answers: (days ago, what every item answers), …"""
    enrollment = enrollment or enroll(make_client(cast.riverside), program or cast.ccm, cast.walt)
    with acting_as(cast.riverside, by=cast.walt):
        create_many(
            Response,
            [
                Response(
                    agency=cast.riverside,
                    client=enrollment.client,
                    enrollment=enrollment,
                    instrument_version=version,
                    by=cast.walt,
                    held_on=days_ago(on),
                    **answered(version, said),
                )
                for on, said in series
            ],
        )
    return enrollment


def tables(cast, who="eve", limit=5, period=None):
    staff = getattr(cast, who)
    with acting_as(staff.agency, by=staff):
        return {t.title: t for t in outcome_tables(staff, period or Period(days_ago(89), days_ago(0)), limit)}


def row_of(table, label):
    return next({str(c["label"]): c["value"] for c in r["cells"]} for r in table.rows if r["label"] == label)


PHQ = "Change: Patient Health Questionnaire (PHQ-9)"


def test_first_and_last_scores_are_compared_over_people(cast, versions):
    for _n in range(6):
        ask(cast, versions["PHQ-9"], (80, 2), (40, 3), (2, 1))
    for _n in range(5):
        ask(cast, versions["PHQ-9"], (80, 1), (2, 1))
    row = row_of(tables(cast)[PHQ], "Community Case Management")
    assert row == {
        "Better": 6,
        "Same": 5,
        "Worse": 0,
        "All": 11,
        "First": 13.9,
        "Last": 9.0,
        "Change": -4.9,
    }


def test_what_was_said_outside_of_the_period_is_no_first_score(cast, versions):
    for _n in range(5):
        ask(cast, versions["PHQ-9"], (200, 3), (80, 1), (2, 1))
    assert row_of(tables(cast)[PHQ], "Community Case Management")["Same"] == 5


def test_an_answer_that_was_set_aside_does_not_count(cast, versions):
    for _n in range(5):
        ask(cast, versions["PHQ-9"], (80, 2), (2, 1))
    with acting_as(cast.riverside, by=cast.walt):
        for row in Response.objects.filter(held_on=days_ago(2)):
            row.set_aside("The wrong person.", by=cast.walt)
    assert PHQ not in tables(cast)


def test_a_small_program_is_hidden_and_its_means_with_it(cast, versions):
    for _n in range(7):
        ask(cast, versions["PHQ-9"], (80, 2), (2, 1))
    for _n in range(3):
        ask(cast, versions["PHQ-9"], (80, 3), (2, 3), program=cast.act)
    table = tables(cast)[PHQ]
    small = row_of(table, "ACT Team")
    assert small["All"] == "fewer than 5"
    assert small["First"] == small["Change"] == "–"
    assert "not shown" in {
        row_of(table, label)["All"] for label in ("Community Case Management", "All programs")
    }


def test_the_mean_of_all_does_not_tell_of_the_few_who_are_hidden(cast, versions):
    """Two groups of two are hidden: all, without those who are shown, would be the mean of four people."""
    for _n in range(8):
        ask(cast, versions["PHQ-9"], (80, 2), (2, 0))
        ask(cast, versions["CF-5"], (3, 4))
    for program in (cast.act, cast.rapid):
        for _n in range(2):
            ask(cast, versions["PHQ-9"], (80, 3), (2, 0), program=program)
            ask(cast, versions["CF-5"], (3, 1), program=program)
    found = tables(cast)
    for title, column in ((PHQ, "First"), ("What people think of our help", "Satisfaction")):
        assert row_of(found[title], "All programs")[column] == "–"
    assert row_of(found[PHQ], "Community Case Management")["First"] == 18.0


def test_a_scale_of_few_people_is_left_out_and_that_is_said(cast, versions):
    for _n in range(4):
        ask(cast, versions["PHQ-9"], (80, 2), (2, 1))
    found = tables(cast)
    assert PHQ not in found
    assert "Left out: 1 scale that fewer than 5 people" in found["Change in scores"].about


def test_a_scale_says_what_counts_as_change(cast, versions):
    for _n in range(5):
        ask(cast, versions["PHQ-9"], (80, 2), (2, 1))
        ask(cast, versions["CF-5"], (80, 3), (2, 4))
    found = tables(cast)
    assert "Less than 5 points counts as the same" in found[PHQ].about
    assert "Lower is better." in found[PHQ].about
    assert "Any difference counts." in found["Change: What you think of our help: Satisfaction"].about


def test_what_people_think_of_our_help_is_told_by_program(cast, versions):
    for n in range(6):
        ask(cast, versions["CF-5"], (20, 3), (3, 4 + n % 2))
    for _n in range(2):
        ask(cast, versions["CF-5"], (3, 1), program=cast.act)
    table = tables(cast)["What people think of our help"]
    assert row_of(table, "ACT Team") == {"People": "fewer than 5", "Satisfaction": "–", "Goals": "–"}
    assert row_of(table, "All programs")["People"] == 8
    for _n in range(4):
        ask(cast, versions["CF-5"], (3, 2), program=cast.act)
    table = tables(cast)["What people think of our help"]
    assert row_of(table, "Community Case Management") == {"People": 6, "Satisfaction": 4.5, "Goals": 4.5}
    assert [bar["max"] for bar in table.bars] == [5, 5, 5]


def say(cast, version, people, *, on=1, said=4):
    with acting_as(cast.riverside, by=cast.ada):
        create_many(
            StaffResponse,
            [
                StaffResponse(
                    agency=cast.riverside,
                    staff=staff,
                    instrument_version=version,
                    held_on=on if isinstance(on, date) else days_ago(on),
                    **answered(version, said),
                )
                for staff in people
            ],
        )


def test_staff_are_told_of_only_as_a_group_of_five(cast, versions):
    people = list(StaffMember.objects.filter(agency=cast.riverside))
    say(cast, versions["JSF"], people[:4])
    assert tables(cast, limit=1)["How staff see their work"].rows == []
    say(cast, versions["JSF"], people[4:6], said=1)
    table = tables(cast, limit=1)["How staff see their work"]
    told = row_of(table, "Job satisfaction: Pay")
    assert (told["People"], told["Mean"]) == (6, 3.0)


def test_staff_who_answered_twice_are_told_of_as_a_change(cast, versions):
    people = list(StaffMember.objects.filter(agency=cast.riverside))[:6]
    first, last = date(2026, 4, 2), date(2026, 6, 2)
    for n, who in enumerate(people):
        say(cast, versions["JSF"], [who], on=first, said=2)
        say(cast, versions["JSF"], [who], on=last, said=3 if n else 4)
    period = Period(date(2026, 4, 1), date(2026, 6, 30))
    told = row_of(tables(cast, period=period)["How staff see their work"], "Job satisfaction: Pay")
    assert told["People"] == 6
    assert told["Change since the first time"] == "+1.2 (95 %: +0.7 to +1.6; 6 people)"


def test_moving_the_period_by_days_singles_nobody_out(cast, versions):
    people = list(StaffMember.objects.filter(agency=cast.riverside))
    say(cast, versions["JSF"], people[:5], on=date(2026, 4, 2))
    say(cast, versions["JSF"], people[5:6], on=date(2026, 5, 20), said=1)
    early, late = Period(date(2026, 4, 1), date(2026, 5, 19)), Period(date(2026, 4, 1), date(2026, 5, 21))
    said = [tables(cast, period=p)["How staff see their work"].rows for p in (early, late)]
    assert said[0] == said[1]
    assert said[0][0]["cells"][0]["value"] == 6


@pytest.mark.parametrize(
    ("start", "end", "whole"),
    [
        ((2026, 2, 28), (2026, 3, 1), ((2026, 1, 1), (2026, 3, 31))),
        ((2026, 11, 5), (2026, 12, 31), ((2026, 10, 1), (2026, 12, 31))),
        ((2025, 12, 31), (2026, 4, 1), ((2025, 10, 1), (2026, 6, 30))),
    ],
)
def test_a_period_touches_whole_quarters(start, end, whole):
    found = Period(date(*start), date(*end)).quarters()
    assert (found.start, found.end) == (date(*whole[0]), date(*whole[1]))


def test_more_people_cost_no_more_statements(cast, as_, versions):
    for _n in range(5):
        ask(cast, versions["PHQ-9"], (80, 2), (2, 1))
    browser = as_("dana")
    page = reverse("reports:outcomes")
    browser.get(page)
    with CaptureQueriesContext(connection) as once:
        assert PHQ in browser.get(page).text
    for _n in range(5):
        ask(cast, versions["PHQ-9"], (80, 2), (40, 3), (2, 1))
    with CaptureQueriesContext(connection) as twice:
        browser.get(page)
    assert len(twice) == len(once)


def test_the_figures_are_in_the_file(cast, as_, versions):
    for _n in range(5):
        ask(cast, versions["PHQ-9"], (80, 2), (2, 1))
    said = {"start": days_ago(89).isoformat(), "end": days_ago(0).isoformat()}
    rows = as_("dana").get(reverse("reports:outcomes-csv"), said).text
    assert f"{PHQ},Community Case Management,Better,5" in rows

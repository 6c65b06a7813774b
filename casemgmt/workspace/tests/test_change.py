"""Seeing change: the page of one person's scores through time."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.domains import Rating
from assessments.models import InstrumentVersion, Response
from assessments.shipped import shipped, take_shipped
from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import assess, enroll, make_client
from casemgmt.demo.cast import PASSWORD
from casemgmt.tests.plugin import axe
from casemgmt.workspace.change.rows import Line, in_words, sheets_of
from clients.models import KeyEvent


def days_ago(n):
    return timezone.localdate() - timedelta(days=n)


@pytest.fixture
def enrolled(cast):
    person = make_client(cast.riverside, by=cast.wendy)
    return enroll(person, cast.ccm, cast.wendy, on=days_ago(200))


@pytest.fixture
def phq(cast):
    with acting_as(cast.riverside, by=cast.ada):
        return take_shipped(cast.riverside, ["PHQ-9"])[0]


def ask(version, enrolled, total, *, on, by, **fields):
    """Answers that make this sum, spread over the items."""
    codes = [item.code for item in version.parsed.items if item.code != "9"]
    with acting_as(enrolled.agency, by=by):
        row = Response.begin(
            version, enrolled.client, enrollment=enrolled, by=by, held_on=days_ago(on), **fields
        )
        for n, code in enumerate(codes):
            row.say(code, min(max(total - 3 * n, 0), 3) if n < 8 else 0, by=by)
        if "9" in version.parsed.by_code:
            row.say("9", 0, by=by)
        row.complete(by=by)
    return row


def page_of(enrolled):
    return reverse("workspace:change", kwargs={"pk": enrolled.client_id})


def sheet_of(cast, enrolled):
    with acting_as(cast.riverside, by=cast.wendy):
        return sheets_of(cast.wendy, enrolled.client)


def test_a_score_falls_further_than_chance_explains(cast, as_, enrolled, phq):
    for on, total in ((100, 16), (50, 12), (5, 8)):
        ask(phq, enrolled, total, on=on, by=cast.wendy)
    page = as_("wendy").get(page_of(enrolled)).text
    assert "Better than chance explains since" in page
    assert "16 → 8" in page
    assert "moderately severe" in page
    assert 'role="img"' in page


def test_the_picture_is_told_to_who_does_not_see_it(cast, as_, enrolled, phq):
    for on, total in ((100, 16), (5, 8)):
        ask(phq, enrolled, total, on=on, by=cast.wendy)
    (sheet,) = as_("wendy").get(page_of(enrolled)).context["sheets"]
    label = sheet["pictures"][0]["label"]
    assert "2 times, from 16 (moderately severe) on" in label
    assert "to 8 (mild) on" in label
    assert label.endswith("16 → 8.")


def test_a_small_move_is_no_more_than_chance(cast, enrolled, phq):
    for on, total in ((100, 12), (5, 9)):
        ask(phq, enrolled, total, on=on, by=cast.wendy)
    (said,) = in_words(sheet_of(cast, enrolled)[0].lines[0])
    assert said["text"].startswith("No more than chance explains since")
    assert said["look"] == ("muted", "")


def test_a_turn_for_the_worse_is_said_beside_the_whole(phq):
    scale = phq.parsed.scales[0]
    points = [(days_ago(90), 20), (days_ago(50), 6), (days_ago(1), 14)]
    said = [one["text"] for one in in_words(Line("", scale, {"": points}))]
    assert said[0].startswith("Better than chance explains")
    assert said[1].startswith("Worse than chance explains")
    assert said[1].endswith("6 → 14")


def test_what_was_set_aside_and_what_is_not_finished_are_left_out(cast, as_, enrolled, phq):
    gone = ask(phq, enrolled, 20, on=30, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        gone.set_aside("Answered for somebody else.", by=cast.wendy)
        Response.begin(phq, enrolled.client, enrollment=enrolled, by=cast.wendy)
    assert as_("wendy").get(page_of(enrolled)).context["sheets"] == []


def test_a_new_version_continues_the_line_and_says_where_it_begins(cast, as_, enrolled, phq):
    ask(phq, enrolled, 10, on=100, by=cast.wendy)
    raw = deepcopy(shipped()["PHQ-9"]) | {"version": "2"}
    with acting_as(cast.riverside, by=cast.ada):
        newer = InstrumentVersion.take_in(cast.riverside, raw)
        newer.publish()
    ask(newer, enrolled, 4, on=5, by=cast.wendy)
    (sheet,) = sheet_of(cast, enrolled)
    (line,) = sheet.lines
    assert [value for _day, value in line.first_points] == [10, 4]
    assert line.breaks == [(days_ago(5), "version 2")]
    assert sheet.rows[0]["meta"] == "version 2"
    assert "Asked in another version since" in as_("wendy").get(page_of(enrolled)).text


def test_quality_of_life_shows_its_baseline_and_the_time_after(cast, as_, enrolled):
    with acting_as(cast.riverside, by=cast.ada):
        qol = take_shipped(cast.riverside, ["QOL"])[0]
    for on, said in ((185, 3), (2, 6)):
        with acting_as(cast.riverside, by=cast.wendy):
            row = Response.begin(
                qol, enrolled.client, enrollment=enrolled, by=cast.wendy, held_on=days_ago(on)
            )
            for code in qol.parsed.by_code:
                row.say(code, said)
            row.complete(by=cast.wendy)
    page = as_("wendy").get(page_of(enrolled))
    (sheet,) = page.context["sheets"]
    assert [p["title"] for p in sheet["pictures"]] == ["Life as a whole", "Parts of life"]
    assert [[d.text for d in p["drawn"].lines[0].dots] for p in sheet["pictures"]] == [["3", "6"]] * 2


def test_the_review_of_needs_has_a_line_for_each_rater(cast, as_, enrolled):
    grave = {"housing": (Rating.URGENT, Rating.UNMET), "food": (Rating.UNMET, Rating.MET)}
    calm = {"housing": (Rating.MET, Rating.UNMET), "food": (Rating.NONE, Rating.NONE)}
    for on, ratings in ((90, grave), (3, calm)):
        assess(enrolled, by=cast.wendy, ratings=ratings, on=days_ago(on))
    (sheet,) = sheet_of(cast, enrolled)
    values = {name: [v for _day, v in points] for name, points in sheet.lines[0].raters.items()}
    assert values == {"Case manager": [2, 0], "Client": [1, 1]}
    assert sheet.rows[1]["cells"][0]["words"] == "1 urgent"
    assert as_("wendy").get(page_of(enrolled)).status_code == 200


def test_what_happened_meanwhile_is_marked_and_named(cast, as_, enrolled, phq):
    ask(phq, enrolled, 16, on=100, by=cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        for on, note in ((40, "Two nights."), (150, "Long before.")):
            KeyEvent.objects.create(
                client=enrolled.client, kind=KeyEvent.Kind.HOSPITAL, started_on=days_ago(on), note=note
            )
    page = as_("wendy").get(page_of(enrolled))
    assert "Hospital stay: Two nights." in page.text
    assert "Long before." not in page.text
    assert [m.sign for m in page.context["sheets"][0]["pictures"][0]["drawn"].marks] == ["A"]


def test_a_person_without_any_score_is_told_so(as_, enrolled):
    assert "Nothing to compare yet" in as_("wendy").get(page_of(enrolled)).text


def test_two_hundred_times_cost_no_more_statements_and_are_folded(cast, as_, enrolled, phq):
    ask(phq, enrolled, 16, on=190, by=cast.wendy)
    browser = as_("wendy")
    browser.get(page_of(enrolled))

    def count():
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = browser.get(page_of(enrolled))
        return len(queries), page

    before, _page = count()
    first = Response.objects.get()
    with acting_as(cast.riverside, by=cast.wendy):
        for n in range(199):
            Response.objects.create(
                client=enrolled.client,
                enrollment=enrolled,
                instrument_version=phq,
                by=cast.wendy,
                held_on=days_ago(n),
                scores=first.scores,
                completed_at=timezone.now(),
            )
    after, page = count()
    assert after == before
    (sheet,) = page.context["sheets"]
    assert (len(sheet["rows"]), len(sheet["earlier"])) == (6, 194)


@pytest.mark.browser
def test_it_has_no_barrier_and_fits_a_phone(cast, phone, enrolled, phq):
    for on, total in ((100, 16), (5, 8)):
        ask(phq, enrolled, total, on=on, by=cast.wendy)
    phone.goto("/accounts/login/")
    phone.fill("[name=login]", "wendy")
    phone.fill("[name=password]", PASSWORD)
    phone.press("[name=password]", "Enter")
    phone.wait_for_url(lambda url: "/accounts/" not in url)
    phone.goto(page_of(enrolled))
    axe(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390

"""The agency's own questions at a visit: asked on its page, kept with it, and read later."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from casemgmt.agencies.models import Indicator, acting_as
from casemgmt.demo.builders import enroll, make_client
from casemgmt.workspace.tests.test_log import errors_of, said
from clients.models import Visit, VisitValue


@pytest.fixture
def enrolled(cast):
    person = make_client(cast.riverside, given_name="Terry")
    return enroll(person, cast.ccm, cast.wendy, on=timezone.localdate() - timedelta(days=60))


@pytest.fixture
def log_url(enrolled):
    return reverse("workspace:visit-log", kwargs={"pk": enrolled.pk})


@pytest.fixture
def ask(cast):
    def make(name="Nights outside", **fields):
        with acting_as(cast.riverside, by=cast.ada):
            return Indicator.objects.create(name=name, **fields)

    return make


def key(indicator):
    return f"asked_{indicator.pk}"


def test_a_number_is_asked_and_kept_with_the_visit(as_, ask, log_url):
    hours = ask("Hours worked", unit="hours", decimals=1)
    assert "Hours worked (hours)" in as_("wendy").get(log_url).content.decode()
    assert as_("wendy").post(log_url, said(**{key(hours): "2,5"})).status_code == 302
    assert VisitValue.objects.get().number == Decimal("2.5")
    visit = Visit.objects.get()
    assert visit.is_locked
    page = as_("wendy").get(reverse("workspace:visit-detail", kwargs={"pk": visit.pk}))
    assert "2.5 hours" in page.content.decode()


def test_nothing_has_to_be_answered(as_, ask, log_url):
    hours = ask()
    assert as_("wendy").post(log_url, said(**{key(hours): ""})).status_code == 302
    assert not VisitValue.objects.exists()


@pytest.mark.parametrize(
    "fields, typed",
    [
        ({"minimum": 1}, "0"),
        ({"maximum": 7}, "8"),
        ({}, "2.5"),
        ({"decimals": 2}, "1,000"),
        ({}, "many"),
        ({}, "NaN"),
        ({}, "1\0"),
        ({}, "9" * 10_000),
        ({}, "1e999999"),
        ({"kind": "words"}, "a\0b"),
        ({"kind": "words"}, "long " * 2_000),
        ({"kind": "yes_no"}, "perhaps"),
        ({"kind": "choice", "choices": "Street\nShelter"}, "Motel"),
        ({"kind": "choice", "choices": "Street\nShelter"}, "\0" * 9_000),
        ({"ended_on": timezone.localdate() - timedelta(days=9)}, "1"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(as_, ask, log_url, fields, typed):
    asked = ask(**fields)
    answer = as_("wendy").post(log_url, said(**{key(asked): typed}))
    assert list(errors_of(answer)) == [key(asked)]
    assert answer.context["form"]["note"].value() == said()["note"]
    assert answer.context["form"][key(asked)].value() == typed
    assert not Visit.objects.exists()


def test_an_answer_from_before_the_question_ended_is_taken(as_, ask, log_url):
    asked = ask(ended_on=timezone.localdate())
    assert key(asked) not in as_("wendy").get(log_url).content.decode()
    assert as_("wendy").post(log_url, said(**{key(asked): "3"})).status_code == 302
    assert VisitValue.objects.get().number == 3


def test_a_draft_shows_changes_and_empties_its_answers(cast, as_, ask, log_url):
    nights, where = ask(), ask("Sleeps", kind="choice", choices="Street\nShelter")
    as_("wendy").post(log_url, said(draft="", **{key(nights): "3", key(where): "Street"}))
    visit = Visit.objects.get()
    with acting_as(cast.riverside, by=cast.ada):
        where.choices = "Shelter\nMotel"
        where.save()
    url = reverse("workspace:visit-edit", kwargs={"pk": visit.pk})
    page = as_("wendy").get(url)
    form = page.context["form"]
    assert (form[key(nights)].value(), form[key(where)].value()) == ("3", "Street")
    version = form["version"].value()
    sent = said(draft="", version=version, **{key(nights): "", key(where): "Street"})
    assert as_("wendy").post(url, sent).status_code == 302
    assert [row.words for row in VisitValue.objects.all()] == ["Street"]


def test_who_was_not_reached_was_asked_nothing(as_, ask, log_url):
    nights = ask()
    sent = said(outcome="not_reached", not_reached_why="client", **{key(nights): "many"})
    assert as_("wendy").post(log_url, sent).status_code == 302
    assert not VisitValue.objects.exists()


def test_another_program_and_another_agency_are_not_asked(cast, as_, ask, log_url):
    other = ask("Only elsewhere", program=cast.rapid)
    assert key(other) not in as_("wendy").get(log_url).content.decode()


def test_questions_cost_no_statement_each(as_, ask, log_url):
    def statements():
        with CaptureQueriesContext(connection) as queries:
            as_("wendy").get(log_url)
        return len(queries)

    statements()
    none = statements()
    for n in range(8):
        ask(f"Question {n}")
    assert statements() == none


def test_what_the_admin_adds_is_asked_at_the_visit_and_drawn_on_the_chart(as_, enrolled, log_url):
    """REQ-157: an indicator in settings appears on the form of the visit and on the chart, without code."""
    settings = {"name": "Nights outside", "kind": "number", "unit": "nights", "decimals": 0, "position": 0}
    assert as_("ada").post(reverse("admin:agencies_indicator_add"), settings).status_code == 302
    nights = Indicator.objects.get()
    assert "Nights outside (nights)" in as_("wendy").get(log_url).content.decode()
    assert as_("wendy").post(log_url, said(**{key(nights): "6"})).status_code == 302
    assert as_("wendy").post(log_url, said(time="15:00", **{key(nights): "2"})).status_code == 302
    page = as_("wendy").get(reverse("workspace:change", kwargs={"pk": enrolled.client_id}))
    [sheet] = page.context["sheets"]
    assert [row["cells"][0]["value"] for row in sheet["rows"]] == ["2", "6"]
    assert [dot.text for dot in sheet["pictures"][0]["drawn"].lines[0].dots] == ["6", "2"]
    assert "Nights outside" in page.content.decode()


def test_one_of_a_list_is_a_table_and_a_draft_is_not_there_yet(as_, ask, enrolled, log_url):
    where = ask("Sleeps", kind="choice", choices="Street\nShelter")
    as_("wendy").post(log_url, said(**{key(where): "Street"}))
    as_("wendy").post(log_url, said(draft="", time="15:00", **{key(where): "Shelter"}))
    [sheet] = (
        as_("wendy").get(reverse("workspace:change", kwargs={"pk": enrolled.client_id})).context["sheets"]
    )
    assert sheet["pictures"] == []
    assert [(row["cells"][0]["value"], row["by"]) for row in sheet["rows"]] == [("Street", "Wendy Nakamura")]

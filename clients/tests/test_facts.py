"""Key events and dated facts: what the pages show, who sees them, and what the form refuses."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from casemgmt.agencies.models import acting_as
from casemgmt.demo import builders
from clients.models import DatedFact, KeyEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(cast):
    """Somebody whom Wendy works with."""
    client = builders.make_client(cast.riverside, by=cast.wendy, given_name="Ana")
    builders.enroll(client, cast.ccm, cast.wendy)
    with acting_as(cast.riverside, by=cast.wendy):
        yield client


def fact(person, day, said="Yes", **fields):
    fields = {"topic": "income", "label": "Wages", "said": said, "on": day} | fields
    return DatedFact.objects.create(client=person, **fields)


def page_of(browser, person):
    return browser.get(f"/clients/{person.pk}/facts/").content.decode()


def sent(**said):
    return {"submit_key": str(uuid4()), "kind": "hospital_mh", "started_on": "2025-03-01", **said}


def test_the_latest_of_each_fact_stands_first_and_the_earlier_ones_below(as_, cast, person):
    fact(person, date(2024, 1, 5), cents=80000, occasion="At entry")
    fact(person, date(2025, 1, 5), cents=125050, occasion="Annual review")
    text = page_of(as_("wendy"), person)
    assert text.index("$1,250.50 a month") < text.index("Earlier") < text.index("$800.00 a month")
    assert "5 Jan 2025" in text
    assert "Annual review" in text


def test_a_question_without_an_answer_is_not_shown(as_, cast, person):
    fact(person, date(2024, 1, 5), said="", label="Income in all")
    assert "Income in all" not in page_of(as_("wendy"), person)


def test_many_nights_in_a_shelter_stand_on_one_line(as_, cast, person):
    for n in range(30):
        fact(person, date(2025, 1, 1) + timedelta(days=n), topic="housing", label="Bed night", said="Here")
    text = page_of(as_("wendy"), person)
    assert text.count("<b>Bed night</b>") == 1
    assert "and 17 more" in text


def test_what_happened_is_written_down_and_stands_in_the_timeline(as_, cast, person):
    browser = as_("wendy")
    answer = browser.post(
        f"/clients/{person.pk}/events/new/", sent(note="Three weeks", ended_on="2025-03-22")
    )
    assert answer.status_code == 302
    event = KeyEvent.objects.get()
    assert (event.client, event.kind, event.ended_on) == (person, "hospital_mh", date(2025, 3, 22))
    assert "1 Mar 2025 to 22 Mar 2025" in page_of(browser, person)
    timeline = browser.get(f"/clients/{person.pk}/").content.decode()
    assert "Psychiatric hospital stay" in timeline
    assert "until 22 Mar 2025" in timeline


def test_an_event_is_ended_later(as_, cast, person):
    event = KeyEvent.objects.create(client=person, kind="jail", started_on=date(2025, 3, 1))
    said = sent(kind="jail", ended_on="2025-05-01", version=event.version)
    as_("wendy").post(f"/events/{event.pk}/edit/", said)
    event.refresh_from_db()
    assert (event.ended_on, event.history.count()) == (date(2025, 5, 1), 2)


@pytest.mark.parametrize(
    "said, field",
    [
        ({"started_on": "1800-01-01"}, "started_on"),
        ({"started_on": "2200-01-01"}, "started_on"),
        ({"started_on": ""}, "started_on"),
        ({"ended_on": "2025-02-01"}, "ended_on"),
        ({"kind": "party"}, "kind"),
        ({"note": "x" * 501}, "note"),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field(as_, cast, person, said, field):
    answer = as_("wendy").post(f"/clients/{person.pk}/events/new/", sent(**said))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not KeyEvent.objects.exists()


def test_facts_of_a_part_2_program_are_for_who_works_there(as_, cast, person):
    cast.ccm.is_part_2 = True
    cast.ccm.save()
    enrollment = person.enrollments.get()
    fact(person, timezone.localdate(), label="Hidden wages", enrollment=enrollment)
    assert "Hidden wages" in page_of(as_("wendy"), person)
    assert "Hidden wages" not in as_("walt").get(f"/clients/{person.pk}/facts/").content.decode()
    answer = as_("wendy").get(f"/clients/{person.pk}/events/new/")
    assert "Only for who works in" in answer.content.decode()

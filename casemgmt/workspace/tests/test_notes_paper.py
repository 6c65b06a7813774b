"""Notes on paper for the person: only what is signed, only theirs, and written down as given before it prints."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from casemgmt.agencies.models import acting_as
from casemgmt.core import pdf
from casemgmt.demo.builders import enroll, log_visit, make_client
from clients.models import Disclosure, VisitAddendum


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside, given_name="Terry", family_name="Vance"), cast.ccm, cast.wendy)


def at(name, enrollment, **query):
    return reverse(f"workspace:notes-{name}", kwargs={"pk": enrollment.pk}, query=query)


def give(browser, enrollment, *visits):
    data = {"submit_key": str(uuid.uuid4()), "visit": [visit.pk for visit in visits]}
    return browser.post(at("give", enrollment), data)


def test_what_was_chosen_is_on_the_paper_with_what_was_added_and_what_is_theirs_alone(as_, cast, enrolled):
    chosen = log_visit(enrolled, by=cast.wendy, note="We baked.", own_note="You told me of your knee.")
    log_visit(enrolled, by=cast.wendy, note="We walked.")
    with acting_as(cast.riverside, by=cast.wendy):
        VisitAddendum.objects.create(visit=chosen, author=cast.wendy, text="You called later.")
    paper = as_("wendy").get(at("print", enrolled, visit=chosen.pk)).text
    assert all(words in paper for words in ("We baked.", "You told me of your knee.", "You called later."))
    assert "We walked." not in paper


def test_a_draft_and_a_note_about_somebody_else_are_on_no_paper(as_, cast, enrolled):
    other = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    theirs = log_visit(other, by=cast.wendy, note="Somebody else.")
    draft = log_visit(enrolled, by=cast.wendy, note="Half a word.", signed=False)
    assert "Half a word" not in as_("wendy").get(at("choose", enrolled)).text
    for visit in (theirs, draft):
        answer = as_("wendy").get(at("print", enrolled, visit=visit.pk))
        assert "Give a copy" not in answer.text
        assert visit.note not in answer.text
        assert give(as_("wendy"), enrolled, visit).url == at("choose", enrolled)
    assert not Disclosure.objects.exists()


def test_it_is_written_down_as_given_before_it_prints(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.wendy, note="We baked.")
    assert "Preview. Not given to anybody." in as_("wendy").get(at("print", enrolled, visit=visit.pk)).text
    answer = give(as_("wendy"), enrolled, visit)
    made = Disclosure.objects.get()
    assert (made.basis, made.parts, made.information) == ("person", ["notes", visit.pk], "Note of 1 visit")
    paper = as_("wendy").get(answer.url).text
    assert "We baked." in paper
    assert "Preview" not in paper


def test_a_colleague_cannot_print_what_somebody_else_gave(as_, cast, enrolled):
    visit = log_visit(enrolled, by=cast.wendy)
    answer = give(as_("wendy"), enrolled, visit)
    paper = as_("sam").get(answer.url).text
    assert "Which notes" in paper
    assert "We spoke about next week." not in paper


@pytest.mark.skipif(bool(pdf._missing()), reason="no PDF on this machine")
def test_the_paper_is_a_pdf_too(as_, cast, enrolled):
    answer = give(as_("wendy"), enrolled, log_visit(enrolled, by=cast.wendy, note="We baked."))
    assert as_("wendy").get(answer.url + "&format=pdf").content.startswith(b"%PDF-")


@pytest.mark.parametrize("key", ["x", "0", "-1", "9" * 30, "\x00", "²"])
def test_a_key_that_is_none_leads_back_to_the_choice(as_, enrolled, key):
    assert as_("wendy").get(at("print", enrolled, visit=key, copy=key)).status_code == 200


def test_the_paper_takes_as_many_queries_for_ten_notes_as_for_one(as_, cast, enrolled):
    visits = [log_visit(enrolled, by=cast.wendy) for _n in range(10)]
    wendy, counts = as_("wendy"), []
    for chosen in (visits[:1], visits[:1], visits):
        with CaptureQueriesContext(connection) as asked:
            wendy.get(at("print", enrolled, visit=[v.pk for v in chosen]))
        counts.append(len(asked))
    assert counts[1] == counts[2]

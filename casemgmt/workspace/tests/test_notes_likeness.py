"""A note that is the last one once more: how alike two texts are, and which note is the one before."""

import time

import pytest

from casemgmt.agencies.models import acting_as
from casemgmt.demo.builders import enroll, log_visit, make_client
from casemgmt.workspace.notes.earlier import text_of, too_alike
from casemgmt.workspace.notes.likeness import LONGEST, is_too_alike, likeness


def alike(percent):
    return "a" * percent + "z" * (100 - percent)


def test_84_percent_is_not_too_alike_and_85_is():
    assert [is_too_alike(likeness("a" * 100, alike(n))) for n in (84, 85, 100)] == [False, True, True]


def test_case_accents_and_punctuation_make_no_difference():
    said = "We called José's landlord about the heat; he comes on Friday at noon."
    assert likeness(said, said.upper().replace("É", "e").replace(";", " - ")) == 100


def test_a_short_note_may_be_the_same_every_time():
    assert likeness("Left a message.", "Left a message.") == 0


def test_a_note_with_much_more_in_it_is_another_note():
    said = "We looked at the budget and wrote down what each week costs her. "
    assert likeness(said, said + "Then the landlord came, and she told him of the leak herself." * 2) == 0


def test_a_megabyte_pasted_into_a_note_takes_no_longer_than_a_page():
    begun = time.perf_counter()
    assert likeness("word " * 200_000, "word " * 200_000) == 100
    assert time.perf_counter() - begun < 1
    assert LONGEST < 200_000


@pytest.fixture
def enrolled(cast):
    return enroll(make_client(cast.riverside), cast.ccm, cast.wendy)


SAID = "Went through the mail together; two letters from the housing authority were answered."


def test_the_note_before_is_the_latest_other_one_of_the_same_enrollment(cast, enrolled):
    other = enroll(make_client(cast.riverside), cast.ccm, cast.wendy)
    log_visit(other, by=cast.wendy, note=SAID, days_ago=1)
    log_visit(
        enrolled, by=cast.wendy, note="Something else entirely, about the bus and the pass.", days_ago=9
    )
    before = log_visit(enrolled, by=cast.wendy, note=SAID, days_ago=5)
    now = log_visit(enrolled, by=cast.wendy, note=SAID, days_ago=1, signed=False)
    with acting_as(cast.riverside, by=cast.wendy):
        assert too_alike(enrolled, cast.wendy, SAID, exclude_pk=now.pk) == (before, 100)


def test_attempts_without_words_stand_between_no_two_notes(cast, enrolled):
    before = log_visit(enrolled, by=cast.wendy, note=SAID, days_ago=5)
    log_visit(enrolled, by=cast.wendy, note="", outcome="not_reached", days_ago=2)
    with acting_as(cast.riverside, by=cast.wendy):
        assert too_alike(enrolled, cast.wendy, SAID)[0] == before


def test_asking_takes_one_query_and_none_for_an_empty_note(cast, enrolled, django_assert_num_queries):
    for day in range(1, 6):
        log_visit(enrolled, by=cast.wendy, note=SAID, days_ago=day)
    with acting_as(cast.riverside, by=cast.wendy):
        with django_assert_num_queries(1):
            too_alike(enrolled, cast.wendy, SAID)
        with django_assert_num_queries(0):
            assert too_alike(enrolled, cast.wendy, "") is None


def test_the_words_of_a_note_are_those_of_all_its_questions(cast, enrolled):
    visit = log_visit(enrolled, by=cast.wendy, note="One", done="Two", next_step="Three", own_note="Four")
    assert text_of(visit) == "One\nTwo\nThree\nFour"
    assert text_of({"note": " One ", "response": None}) == "One"

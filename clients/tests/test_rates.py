"""Before and since the day of enrolment: counted, split and made comparable."""

from datetime import date, timedelta

import pytest

from clients.rates import Span, before_and_since

BEGUN, TODAY = date(2025, 6, 1), date(2026, 9, 1)


def ago(days, length):
    start = BEGUN - timedelta(days=days)
    return start, start + timedelta(days=length)


def test_three_stays_of_sixty_days_before_and_one_of_ten_since():
    stays = [ago(300, 28), ago(180, 14), ago(60, 18), ago(-100, 10)]
    before, since = before_and_since(stays, BEGUN, TODAY)
    assert (before.count, before.days, before.exposure) == (3, 60, 365)
    assert (since.count, since.days, since.exposure) == (1, 10, 365)


def test_a_stay_that_spans_the_day_is_split_and_counted_once():
    before, since = before_and_since([ago(20, 50)], BEGUN, TODAY)
    assert (before.count, before.days) == (1, 20)
    assert (since.count, since.days) == (0, 30)


def test_a_stay_that_began_more_than_a_year_before_brings_its_days_within_the_year():
    before, since = before_and_since([ago(400, 50)], BEGUN, TODAY)
    assert (before.count, before.days, since.days) == (0, 15, 0)


def test_an_open_stay_counts_up_to_today():
    today = BEGUN + timedelta(days=40)
    _before, since = before_and_since([(BEGUN + timedelta(days=30), None)], BEGUN, today)
    assert (since.count, since.days, since.exposure) == (1, 10, 40)


def test_days_are_not_counted_twice():
    before, _since = before_and_since([ago(30, 10), ago(25, 10)], BEGUN, TODAY)
    assert (before.count, before.days) == (2, 15)


def test_a_stay_of_one_day_is_a_day():
    before, _since = before_and_since([ago(30, 0)], BEGUN, TODAY)
    assert (before.count, before.days) == (1, 1)


def test_what_begins_today_counts():
    _before, since = before_and_since([(TODAY, None)], TODAY - timedelta(days=50), TODAY)
    assert since.count == 1


def test_what_lies_more_than_a_year_later_counts_no_more():
    _before, since = before_and_since([ago(-400, 10)], BEGUN, TODAY)
    assert (since.count, since.days) == (0, 0)


@pytest.mark.parametrize("exposure, rate", [(365, 2.0), (73, 10.0), (29, None), (0, None)])
def test_a_rate_is_for_twelve_months_and_not_made_of_a_few_days(exposure, rate):
    assert Span(2, 0, exposure).a_year(2) == rate

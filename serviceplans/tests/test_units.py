"""From minutes to units, by the five rules that were found in public text, and what holds for every number."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serviceplans.units import Together, UnitRule, at_most, minutes_of_a_unit, together_by, units

DAY = st.integers(0, 24 * 60)
RULES = st.sampled_from([rule for rule in UnitRule if rule != UnitRule.MONTHLY])


@pytest.mark.parametrize(
    ("minutes", "found"), [(0, 0), (7, 0), (8, 1), (22, 1), (23, 2), (37, 2), (38, 3), (60, 4), (68, 5)]
)
def test_from_the_middle_of_a_unit(minutes, found):
    assert units(minutes, UnitRule.MIDPOINT) == found


@pytest.mark.parametrize(("minutes", "found"), [(14, 0), (15, 1), (29, 1), (30, 2)])
def test_full_units_only(minutes, found):
    assert units(minutes, UnitRule.FULL) == found


@pytest.mark.parametrize(("minutes", "found"), [(0, 0), (1, 1), (15, 1), (22, 1), (23, 2), (37, 2), (38, 3)])
def test_the_first_from_one_minute_each_later_one_from_half(minutes, found):
    assert units(minutes, UnitRule.FIRST_MINUTE) == found


@pytest.mark.parametrize(("minutes", "found"), [(0, 0), (1, 1), (15, 1), (16, 2)])
def test_every_unit_that_was_begun(minutes, found):
    assert units(minutes, UnitRule.STARTED) == found


@pytest.mark.parametrize(("minutes", "found"), [(59, 0), (60, 1), (300, 1)])
def test_a_contact_day_needs_an_hour(minutes, found):
    assert units(minutes, UnitRule.CONTACT_DAY) == found


def test_an_hour_in_hundredths():
    assert units(50, UnitRule.HOURS) == Decimal("0.83")


def test_a_month_counts_once_with_enough_contacts():
    assert [units(0, UnitRule.MONTHLY, contacts=n, least_contacts=2) for n in range(4)] == [0, 0, 1, 1]


def test_half_of_a_longer_unit_is_enough():
    assert [units(n, UnitRule.MIDPOINT, unit_minutes=30) for n in (14, 15, 44, 45)] == [0, 1, 1, 2]


def test_calls_of_one_day_are_added_up_before_they_are_rounded():
    assert units(7 + 9, UnitRule.FULL) == 1


@given(DAY, DAY, RULES, st.integers(1, 120))
def test_more_minutes_are_never_fewer_units(one, other, rule, unit_minutes):
    less, more = sorted((one, other))
    assert units(less, rule, unit_minutes=unit_minutes) <= units(more, rule, unit_minutes=unit_minutes)


@given(st.integers(-60, 24 * 60), st.sampled_from(UnitRule), st.integers(1, 120), st.integers(0, 40))
def test_units_are_never_negative(minutes, rule, unit_minutes, contacts):
    assert units(minutes, rule, unit_minutes=unit_minutes, contacts=contacts) >= 0


@given(DAY, st.sampled_from([UnitRule.FULL, UnitRule.MINUTES]), st.integers(1, 120))
def test_full_units_and_minutes_are_never_more_than_the_time(minutes, rule, unit_minutes):
    found = units(minutes, rule, unit_minutes=unit_minutes)
    assert found * minutes_of_a_unit(rule, unit_minutes) <= minutes


@given(DAY, st.integers(1, 120))
def test_the_middle_is_at_most_half_a_unit_away_from_the_time(minutes, unit_minutes):
    found = units(minutes, UnitRule.MIDPOINT, unit_minutes=unit_minutes)
    assert abs(found * unit_minutes - minutes) * 2 <= unit_minutes


def test_days_and_months_are_added_up_whatever_the_source_says():
    chosen = {rule: together_by(rule, Together.CONTACT) for rule in UnitRule}
    assert (chosen[UnitRule.CONTACT_DAY], chosen[UnitRule.MONTHLY]) == (Together.DAY, Together.MONTH)
    assert together_by(UnitRule.FULL, Together.DAY) == Together.DAY


def test_what_does_not_fit_is_cut_to_whole_units():
    assert at_most(Decimal(4), Decimal("2.7"), UnitRule.FULL) == 2
    assert at_most(Decimal(4), Decimal(-1), UnitRule.FULL) == 0
    assert at_most(Decimal("1.5"), Decimal("0.837"), UnitRule.HOURS) == Decimal("0.83")

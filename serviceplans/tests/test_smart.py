"""While somebody writes an objective, plain words say what is missing and what is unlikely."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from serviceplans.smart import Draft, Frame, check

TODAY = date(2026, 11, 22)
FRAME = Frame(today=TODAY, starts_on=TODAY, ends_on=date(2027, 6, 1))
GOOD = Draft(
    text="Sleeps in her own place 25 nights a month",
    measure="nights in own place per month",
    unit="nights",
    baseline=Decimal(4),
    target=Decimal(25),
    target_on=date(2027, 2, 1),
    every_days=30,
    responsible=("Jo herself", "Wendy"),
    due=(date(2026, 12, 1), date(2026, 12, 15)),
)


def said(draft=GOOD, frame=FRAME, **differs):
    return check(replace(draft, **differs), frame)


def test_an_objective_that_is_whole_needs_no_remark():
    assert said() == []


@pytest.mark.parametrize(
    ("name", "empty"),
    [("text", " "), ("measure", ""), ("baseline", None), ("target", None), ("target_on", None)],
)
def test_what_leaves_it_unmeasurable_or_undated_blocks(name, empty):
    (first, *_rest) = said(**{name: empty})
    assert (first.field, first.blocks) == (name, True)


def test_zero_is_a_number_like_any_other():
    assert said(baseline=Decimal(0)) == []


def test_a_target_that_is_reached_already_blocks_unless_it_is_to_be_kept():
    (remark,) = said(target=Decimal(4))
    assert (remark.field, remark.blocks) == ("target", True)
    assert said(baseline=Decimal(25), maintains=True) == []
    (remark,) = said(maintains=True)
    assert (remark.field, remark.blocks) == ("target", False)


@pytest.mark.parametrize(
    ("differs", "where"),
    [
        ({"text": "Housing"}, "text"),
        ({"target_on": TODAY, "every_days": None, "due": ()}, "target_on"),
        ({"target_on": date(2027, 6, 2)}, "target_on"),
        ({"every_days": 90}, "every_days"),
        ({"responsible": (), "due": ()}, "actions"),
        ({"responsible": ("Jo", " ")}, "actions"),
        ({"due": (date(2027, 3, 1),)}, "actions"),
        ({"target": Decimal(40)}, "target"),
        ({"baseline": Decimal(-1)}, "baseline"),
    ],
)
def test_what_is_unlikely_is_said_and_blocks_nothing(differs, where):
    (remark,) = said(**differs)
    assert (remark.field, remark.blocks) == (where, False)


def test_a_year_ahead_is_far():
    (remark,) = said(frame=replace(FRAME, ends_on=None), target_on=date(2028, 1, 1))
    assert "year" in remark.text


def test_a_word_that_cannot_be_counted_is_named_while_the_numbers_are_missing():
    remarks = said(text="Feels better about going out", baseline=None)
    assert any("“better”" in remark.text for remark in remarks)
    assert said(text="Feels better about going out") == [], "the measure says how it is counted"


def test_what_blocks_comes_first():
    remarks = said(text="Housing", target_on=None, responsible=(), due=())
    assert [remark.blocks for remark in remarks] == sorted((r.blocks for r in remarks), reverse=True)

import pytest

from assessments.domains import Change, Rating, agreement, change, conversion, counts, severity

NONE, MET, UNMET, URGENT, UNKNOWN = Rating


def test_counts_are_of_one_rater_and_pass_over_what_is_not_known():
    assert counts([NONE, MET, MET, UNMET, URGENT, UNKNOWN, None]) == {"met": 2, "unmet": 1, "urgent": 1}
    assert counts([]) == {"met": 0, "unmet": 0, "urgent": 0}


def test_agreement_counts_only_domains_that_both_rated():
    assert agreement([(UNMET, UNMET), (NONE, MET), (UNKNOWN, UNKNOWN), (MET, None)]) == 0.5
    assert agreement([(UNKNOWN, MET), (None, None)]) is None


@pytest.mark.parametrize(
    "worker, client, gravest",
    [
        (UNMET, URGENT, URGENT),
        (MET, NONE, MET),
        (UNKNOWN, UNMET, UNMET),
        (NONE, None, NONE),
        (UNKNOWN, None, None),
    ],
)
def test_the_graver_of_two_ratings_counts(worker, client, gravest):
    assert severity(worker, client) == gravest


@pytest.mark.parametrize(
    "before, now, moved",
    [
        (UNMET, MET, Change.BETTER),
        (URGENT, UNMET, Change.BETTER),
        (NONE, UNMET, Change.WORSE),
        (UNMET, URGENT, Change.WORSE),
        (UNMET, UNMET, Change.SAME),
        (MET, NONE, Change.SAME),
        (NONE, MET, Change.SAME),
        (UNKNOWN, MET, None),
        (None, URGENT, None),
        (UNMET, UNKNOWN, None),
    ],
)
def test_a_domain_is_better_when_less_help_is_missing(before, now, moved):
    assert change(before, now) == moved


def test_conversion_is_the_share_of_open_needs_that_are_met_at_the_end():
    pairs = [(UNMET, MET), (URGENT, NONE), (UNMET, UNMET), (URGENT, UNMET), (NONE, UNMET), (MET, MET)]
    assert conversion(pairs) == {"open": 4, "met": 2, "share": 0.5}


def test_conversion_leaves_out_what_nobody_knows_at_the_end():
    assert conversion([(UNMET, UNKNOWN), (UNMET, None)]) == {"open": 0, "met": 0, "share": None}

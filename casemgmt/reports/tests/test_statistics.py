"""The tests of the reports give what other programs give for the same numbers (DOMAIN 4.8)."""

import pytest

from casemgmt.reports.statistics import TooFew, blockwise, paired

BEFORE = [140, 152, 161, 133, 170, 149, 158, 144, 165, 155]
AFTER = [151, 160, 163, 149, 171, 162, 170, 150, 166, 168]
BLOCKS = [
    {
        "tenure": [3, 5, 6, 8, 2, 9, 4, 7, 10, 6, 3, 8, 5, 11],
        "degree": [0, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1, 0, 0, 1],
    },
    {"caseload": [14, 18, 22, 17, 12, 25, 16, 20, 24, 15, 13, 21, 19, 23]},
    {
        "crisis": [4, 3, 1, 2, 5, 1, 4, 2, 1, 3, 5, 1, 3, 2],
        "accompaniment": [2, 1, 1, 2, 3, 0, 3, 1, 1, 2, 2, 0, 1, 1],
    },
]
OUTCOME = [172, 158, 131, 150, 184, 122, 176, 140, 129, 160, 186, 128, 149, 141]


def test_the_same_people_before_and_after():
    told = paired(BEFORE, AFTER)
    assert (told.before, told.after, told.change, told.df) == pytest.approx((152.7, 161.0, 8.3, 9))
    assert (told.sd, told.t, told.d_z) == pytest.approx((5.5388, 4.7388, 1.4985), abs=5e-5)
    assert told.p == pytest.approx(0.0010608, abs=5e-8)
    assert (told.low, told.high) == pytest.approx((4.338, 12.262), abs=5e-4)


@pytest.mark.parametrize(
    ("step", "r2", "gain", "f", "df", "p"),
    [
        (0, 0.7932, 0.7932, 21.0949, (2, 11), 0.00017),
        (1, 0.9475, 0.1543, 29.3547, (1, 10), 0.00029),
        (2, 0.9944, 0.0470, 33.6987, (2, 8), 0.00013),
    ],
)
def test_each_block_says_what_it_adds(step, r2, gain, f, df, p):
    block = blockwise(OUTCOME, BLOCKS).blocks[step]
    assert (block.r2, block.gain, block.f) == pytest.approx((r2, gain, f), abs=5e-5)
    assert block.df == df
    assert block.p == pytest.approx(p, abs=5e-6)


def test_the_coefficients_are_those_of_the_whole_model():
    found = [row.b for row in blockwise(OUTCOME, BLOCKS).coefficients]
    assert found == pytest.approx([151.8149, -0.3115, 4.2748, -1.4815, 8.6144, 3.1376], abs=5e-5)


def test_it_says_what_to_be_careful_about():
    told = blockwise(OUTCOME, BLOCKS)
    assert any("1 predictor at most" in caution for caution in told.cautions)
    assert any("same story" in caution for caution in told.cautions)


@pytest.mark.parametrize(
    ("before", "after"),
    [([1, 2], [2, 3]), ([1, 2, 3], [2, 3, 4]), ([1, 2, 3], [2, 3]), ([1, 2, float("nan")], [2, 4, 9])],
)
def test_too_few_or_missing_numbers_are_no_test(before, after):
    with pytest.raises(TooFew):
        paired(before, after)


def test_a_predictor_said_twice_or_too_many_of_them_are_no_model():
    with pytest.raises(TooFew):
        blockwise(OUTCOME, [{"a": OUTCOME[::-1], "b": OUTCOME[::-1]}])
    with pytest.raises(TooFew):
        blockwise([1, 2, 4, 8], [{"a": [1, 2, 3, 5], "b": [5, 1, 2, 2]}])

"""Scores are what the authors of an instrument say they are, and any version of the answers can be scored again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.definition import parse
from assessments.scoring import (
    alerts,
    asked,
    attainment,
    band_of,
    change,
    clean,
    counted,
    score,
    span_of,
    unanswered,
)

FOUR = [{"value": n, "label": str(n)} for n in range(4)]
LEVELS = [
    ("minimal", 0, 4),
    ("mild", 5, 9),
    ("moderate", 10, 14),
    ("moderately severe", 15, 19),
    ("severe", 20, 27),
]


def instrument(items, scales=(), **more):
    return parse({"code": "T", "title": "T", "items": items, "scales": list(scales)} | more)


def choices(codes, options=FOUR, **more):
    return [{"code": c, "text": f"Item {c}", "options": options} | more for c in codes]


NINE = instrument(
    choices("123456789"),
    [
        {
            "code": "total",
            "items": list("123456789"),
            "least": 7,
            "prorate": True,
            "higher_is": "worse",
            "reliable_change": 5,
            "bands": [{"label": label, "low": low, "high": high} for label, low, high in LEVELS],
        }
    ],
    alerts=[{"when": {"item": "9", "op": ">", "value": 0}, "text": "Ask about safety now."}],
)


def answers(values, start=1):
    return {str(n): value for n, value in enumerate(values, start=start) if value is not None}


def test_nine_ones_are_nine_and_mild_and_raise_the_alert():
    given = answers([1] * 9)
    total = score(NINE, given)["total"]
    assert (total.value, total.band.label) == (9, "mild")
    assert [a.text for a in alerts(NINE, given)] == ["Ask about safety now."]


def test_one_missing_answer_is_made_up_for():
    total = score(NINE, answers([2, 1, 1, 1, 1, 1, 1, 2, None]))["total"]
    assert (total.value, total.missing, total.band.label) == (11.25, 1, "moderate")


def test_three_missing_answers_give_no_score():
    assert score(NINE, answers([1] * 6))["total"].value is None


def test_the_alert_comes_before_the_form_is_finished():
    assert alerts(NINE, {"9": 1})


@pytest.mark.parametrize(
    "total, label",
    [(4, "minimal"), (5, "mild"), (9, "mild"), (9.5, "mild"), (10, "moderate"), (27, "severe")],
)
def test_both_edges_of_a_band_belong_to_it(total, label):
    assert band_of(NINE.scale("total"), total).label == label


def test_seven_items_that_add_up_to_ten_are_moderate():
    seven = instrument(
        choices("1234567"),
        [
            {
                "code": "total",
                "items": list("1234567"),
                "bands": [{"low": 10, "high": 14, "label": "moderate"}],
            }
        ],
    )
    total = score(seven, answers([2, 2, 1, 1, 2, 1, 1]))["total"]
    assert (total.value, total.band.label) == (10, "moderate")


def test_a_reversed_item_counts_from_the_other_end():
    item = instrument(choices("1", [{"value": n, "label": ""} for n in range(1, 7)], reverse=True)).items[0]
    assert counted(item, 2) == 5


def test_a_mean_with_a_reversed_item():
    options = [{"value": v, "label": ""} for v in (100, 75, 50, 25, 0)]
    items = [*choices("123456", options), *choices("7", options, reverse=True)]
    work = instrument(items, [{"code": "work", "items": list("1234567"), "method": "mean"}])
    assert round(score(work, answers([100] * 7))["work"].value, 1) == 85.7


def test_what_does_not_apply_is_left_out_of_the_mean():
    codes = [f"d{n}" for n in range(17)]
    matrix = instrument(
        choices(codes, [{"value": n, "label": ""} for n in range(1, 6)]),
        [{"code": "mean", "items": codes, "method": "mean", "least": 1}],
    )
    given = dict(zip(codes, [3] * 14, strict=False))
    found = score(matrix, given)["mean"]
    assert (found.value, found.missing) == (3, 3)


BOXES = [str(n) for n in range(1, 16)]
LETTERS = instrument(
    choices(BOXES, [{"value": v, "label": v} for v in "RCHV"], kind="forced"),
    [{"code": "letters", "items": BOXES, "method": "letters"}],
)


@pytest.mark.parametrize(
    "chosen, counts, primary",
    [
        ("R" * 6 + "C" * 4 + "H" * 3 + "V" * 2, {"R": 6, "C": 4, "H": 3, "V": 2}, ("R",)),
        ("R" * 6 + "C" * 6 + "H" * 3, {"R": 6, "C": 6, "H": 3}, ("C", "R")),
    ],
)
def test_letters_are_counted_and_ties_are_ties(chosen, counts, primary):
    found = score(LETTERS, answers(chosen))["letters"]
    assert (dict(found.counts), found.primary, found.value) == (counts, primary, 15)


def test_letters_say_nothing_until_every_box_is_answered():
    found = score(LETTERS, answers("R" * 14))["letters"]
    assert (found.value, found.primary) == (None, ())


def test_a_hidden_item_is_neither_asked_nor_counted():
    both = instrument(
        [*choices("1"), *choices("2", show_if={"item": "1", "op": ">", "value": 0})],
        [{"code": "sum", "items": ["1", "2"], "least": 1}],
    )
    given = {"1": 0, "2": 3}
    assert [i.code for i in asked(both, given)] == ["1"]
    assert score(both, given)["sum"].value == 0


def test_what_hangs_on_a_hidden_item_is_hidden_with_it():
    chain = instrument(
        [
            *choices("1"),
            *choices("2", show_if={"item": "1", "op": ">", "value": 0}),
            *choices("3", show_if={"item": "2", "op": ">", "value": 0}),
        ]
    )
    assert [i.code for i in asked(chain, {"1": 0, "2": 3})] == ["1"]


def test_as_many_items_may_wait_for_the_next_one_as_there_are():
    first_to_last = [
        choices([str(n)], show_if={"item": str(n + 1), "op": "=", "value": 1})[0] for n in range(999)
    ]
    found = instrument([*first_to_last, *choices(["999"])])
    assert len(asked(found, {str(n): 1 for n in range(1000)})) == 1000
    assert [item.code for item in asked(found, {"999": 1})] == ["998", "999"]


def test_only_what_is_asked_can_be_missing():
    both = instrument(
        [
            *choices("1", required=True),
            *choices("2", required=True, show_if={"item": "1", "op": "=", "value": 3}),
        ]
    )
    assert [i.code for i in unanswered(both, {"1": 0})] == []
    assert [i.code for i in unanswered(both, {"1": 3})] == ["2"]


@pytest.mark.parametrize(
    "before, now, said",
    [(15, 10, "better"), (15, 11, "same"), (10, 15, "worse"), (10, 10, "same"), (None, 10, None)],
)
def test_a_change_smaller_than_what_chance_does_is_none(before, now, said):
    assert change(NINE.scale("total"), before, now) == said


@pytest.mark.parametrize(
    "kind, value",
    [("single", 9), ("number", "x"), ("number", "nan"), ("number", "1e400"), ("date", "2026-02-30")],
)
def test_an_answer_outside_its_options_is_refused_in_words(kind, value):
    item = instrument(choices("1", kind=kind)).items[0]
    with pytest.raises(ValueError, match=r"\."):
        clean(item, value)


@given(st.dictionaries(st.sampled_from("123456789"), st.integers(0, 3)))
def test_any_answers_can_be_scored_and_stay_within_the_scale(given_answers):
    value = score(NINE, given_answers)["total"].value
    assert value is None or 0 <= value <= 27


@given(
    st.one_of(st.text(), st.integers(), st.floats(), st.lists(st.text(max_size=5), max_size=3), st.none()),
    st.sampled_from(["single", "multi", "number", "scale", "date", "text", "yesno"]),
)
def test_no_answer_breaks_it(value, kind):
    item = instrument(choices("1", kind=kind)).items[0]
    try:
        kept = clean(item, value)
    except ValueError:
        return
    assert clean(item, kept) == kept


@pytest.mark.parametrize(
    ("said", "span"),
    [
        ({"method": "sum"}, (0, 13)),
        ({"method": "mean"}, (0, 10)),
        ({"method": "count_at_least", "at_least": 1}, (0, 2)),
        ({"method": "sum", "bands": [{"label": "all", "low": 0, "high": 20}]}, (0, 20)),
    ],
)
def test_the_ends_of_a_scale_come_from_its_stretches_or_else_its_items(said, span):
    items = [*choices("a"), {"code": "b", "text": "B", "kind": "scale", "low": 0, "high": 10}]
    told = instrument(items, [{"code": "s", "items": ["a", "b"]} | said])
    assert span_of(told, told.scales[0]) == span


def test_a_scale_of_numbers_without_ends_has_none():
    told = instrument([{"code": "n", "text": "N", "kind": "number"}], [{"code": "s", "items": ["n"]}])
    assert span_of(told, told.scales[0]) is None


@pytest.mark.parametrize(("levels", "expected"), [((0, 0, 0), 50.0), ((1, 1, 0), 59.129), ((-2, -2), 25.193)])
def test_goal_attainment_is_a_t_score(levels, expected):
    assert attainment(levels) == pytest.approx(expected, abs=0.0005)


def test_a_goal_counts_by_its_weight_and_no_goal_has_no_score():
    assert attainment((2, 0), (1, 0)) == attainment((2,))
    assert attainment(()) is None
    assert attainment((1, 1), (0, 0)) is None


@pytest.mark.parametrize(("levels", "weights"), [((3,), None), ((0.5,), None), ((1,), (1, 1)), ((1,), (-1,))])
def test_a_level_or_weight_that_is_none_is_refused(levels, weights):
    with pytest.raises(ValueError, match=r"[levelweight]"):
        attainment(levels, weights)

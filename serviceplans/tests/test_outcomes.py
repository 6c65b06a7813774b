from datetime import date
from decimal import Decimal

import pytest

from serviceplans.charts import climb, plain, series
from serviceplans.outcomes import mean_changes, results


def test_results_are_counted_and_the_share_leaves_out_what_nobody_wants_any_more():
    found = results(["met", "met", "partly", "not_met", "dropped"])
    assert (found.met, found.partly, found.not_met, found.dropped, found.n) == (2, 1, 1, 1, 4)
    assert found.share_met == 0.5


def test_no_ended_goals_have_no_share():
    assert results([]).share_met is None


def test_an_unknown_result_is_refused():
    with pytest.raises(TypeError):
        results(["splendid"])


def test_the_mean_change_counts_each_person_once_from_first_baseline_to_last_value():
    (change,) = mean_changes(
        [
            (1, "Nights in own place", "nights", 0, 10),
            (1, "nights in  own place", "Nights", 10, 20),  # a newer plan of the same person
            (2, "Nights in own place", "nights", 4, 4),
        ]
    )
    assert (change.measure, change.unit, change.n) == ("Nights in own place", "nights", 2)
    assert (change.baseline, change.last, change.mean) == (2, 12, 10)


def test_measures_with_other_units_are_told_apart_and_what_has_no_baseline_is_left_out():
    found = mean_changes([(1, "Rent", "months", 0, 1), (1, "Rent", "$", 0, 500), (2, "Rent", "$", None, 9)])
    assert [(c.unit, c.n, c.mean) for c in found] == [("$", 1, 500), ("months", 1, 1)]


def test_a_series_stands_in_its_frame_with_the_target_above():
    drawn = series([(date(2026, 1, 1), 0), (date(2026, 3, 2), 14), (date(2026, 1, 31), 7)], target=28)
    assert [d.value for d in drawn.dots] == [0, 7, 14]
    assert [d.x for d in drawn.dots] == [drawn.left, 172.0, drawn.right]
    assert drawn.first.y == drawn.base
    assert drawn.target_y < drawn.last.y < drawn.dots[1].y < drawn.base
    assert [text for _y, text in drawn.ticks] == ["28", "0"]
    assert drawn.line == "36.0,98.0 172.0,76.5 308.0,55.0"


def test_a_target_below_is_in_the_picture_too():
    drawn = series([(date(2026, 1, 1), 5), (date(2026, 2, 1), 3)], target=0)
    assert drawn.target_y == drawn.base
    assert drawn.last.y < drawn.base


def test_one_value_stands_in_the_middle_and_none_is_no_drawing():
    drawn = series([(date(2026, 1, 1), 5)])
    assert drawn.first.x == (drawn.left + drawn.right) / 2
    assert series([]) is None


def test_steps_climb_and_fall():
    day = date(2026, 1, 1)
    steps = [(day, "forward", "a"), (day, "same", "b"), (day, "back", "c"), (day, "met", "d")]
    assert [height for _on, height, _label in climb(steps)] == [1, 1, 0, 1]


@pytest.mark.parametrize(
    "value, text", [("21.00", "21"), ("0.50", "0.5"), (0, "0"), ("1000", "1000"), ("-3.10", "-3.1")]
)
def test_numbers_read_as_people_write_them(value, text):
    assert plain(Decimal(str(value))) == text

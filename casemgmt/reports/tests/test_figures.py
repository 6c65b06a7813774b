from random import Random

import pytest

from casemgmt.reports.figures import hidden, is_small, percent, percentile, totals


def test_nobody_at_all_is_no_small_group():
    assert [is_small(n, 5) for n in (0, 1, 4, 5)] == [False, True, True, False]


def test_totals_stand_beside_and_below():
    assert totals([[1, 2], [3, 4]]) == [[1, 2, 3], [3, 4, 7], [4, 6, 10]]


def test_large_numbers_and_none_at_all_are_shown():
    assert not any(any(row) for row in hidden([[9, 0], [7, 6]], 5))


def test_an_empty_table_hides_nothing():
    assert hidden([], 5) == []


def test_one_small_number_takes_another_with_it_in_its_row_and_column():
    veil = hidden([[3, 20], [30, 40]], 5)
    assert veil == [[True, True, False], [True, True, False], [False, False, False]]


def test_a_row_alone_hides_its_small_number_below_as_well():
    assert hidden([[2, 9]], 5) == [[True, True, False], [True, True, False]]


def test_many_visits_of_few_people_are_hidden():
    people = [[2, 9, 10], [9, 9, 10], [10, 10, 20]]
    veil = hidden([[40, 50], [60, 70]], 5, people)
    assert veil[0][0]
    assert not veil[2][2]


def test_tables_of_the_same_totals_hide_the_same_totals():
    by_program = [[3, 8, 20], [0, 2, 20]]  # columns add up to 3, 10, 40
    by_age = [[3, 0], [4, 6], [40, 0]]  # rows add up to 3, 10, 40
    assert hidden(by_program, 5)[-1] == [row[-1] for row in hidden(by_age, 5)]


@pytest.mark.parametrize("seed", range(40))
def test_no_hidden_number_can_be_worked_out_from_a_line(seed):
    random = Random(seed)
    width = random.randint(1, 5)
    grid = [
        [random.choice([0, 0, 1, 3, 4, 5, 6, 30]) for _ in range(width)] for _ in range(random.randint(1, 6))
    ]
    veil = hidden(grid, 5)
    for row, counts in zip(veil, totals(grid), strict=True):
        assert all(veiled for veiled, n in zip(row, counts, strict=True) if is_small(n, 5))
    for line in [*veil, *zip(*veil, strict=True)]:
        assert sum(line) != 1


def test_there_is_no_percentage_of_nothing():
    assert percent(1, 3) == 33
    assert percent(0, 0) is None


def test_nine_of_ten_waited_no_longer_than_the_percentile():
    assert percentile([28], 90) == 28
    assert percentile(range(1, 11), 90) == 9
    assert percentile([3, 60, 7, 12], 90) == 60
    assert percentile([], 90) is None

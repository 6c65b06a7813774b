from datetime import date, timedelta

import pytest

from serviceplans.dosage import Per, planned

FIRST = date(2026, 1, 5)


def weeks(n):
    return FIRST + timedelta(weeks=n, days=-1)


@pytest.mark.parametrize(
    ("times", "per", "until", "expected"),
    [
        (2, Per.WEEK, weeks(12), 24),
        (2, Per.WEEK, weeks(3), 6),
        (1, Per.DAY, weeks(1), 7),
        (1, Per.MONTH, weeks(12), 3),
        (1, Per.ONCE, FIRST, 1),
        (2, Per.WEEK, FIRST - timedelta(days=1), 0),
        (2, Per.WEEK, weeks(30), 24),
    ],
)
def test_so_often_in_twelve_weeks_is_planned_that_many_times_by_a_day(times, per, until, expected):
    assert planned(times, per, FIRST, until, whole_until=weeks(12)) == expected

"""Pages by moment lose no row."""

import pytest

from casemgmt.core.paging import cut


@pytest.mark.parametrize(
    "moments, limit",
    [([9, 8, 7, 6], 2), ([9, 8, 8, 8, 7], 2), ([9, 9, 9, 8], 2), ([9, 8, 8], 3), ([5, 5, 5, 5], 3), ([], 2)],
)
def test_every_row_stands_on_exactly_one_page(moments, limit):
    rows, shown = list(enumerate(moments)), []
    while rows:
        page, more = cut(rows, limit, lambda row: row[1])
        shown += page
        rows = [row for row in rows if row[1] < page[-1][1]] if more else []
    assert shown == list(enumerate(moments))

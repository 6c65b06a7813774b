import csv
from io import StringIO

from casemgmt.reports.tables import Counts, Table, as_csv, draw_shares, fill


def table(*columns):
    return Table("t", "Title", "About", ["Program", *columns])


def test_the_file_has_one_shape_for_all_tables():
    one, two = table("Met"), table("Planned", "All")
    one.add("=cmd()", [7])
    two.add("ACT", [1, 2])
    rows = list(csv.reader(StringIO(as_csv([one, two]))))
    assert rows == [
        ["Table", "Row", "Column", "Value"],
        ["Title", "'=cmd()", "Met", "7"],
        ["Title", "ACT", "Planned", "1"],
        ["Title", "ACT", "All", "2"],
    ]


def test_a_row_that_hides_a_number_shows_no_other_value_either():
    t = table("Met", "Unmet", "All", "Met, %")
    rows = [Counts("A", [2, 20, 22], [2, 20, 22], [9]), Counts("B", [30, 30, 60], [30, 30, 60], [50])]
    shown = fill(t, rows, Counts("All", [32, 50, 82], [32, 50, 82], [39]), 5)
    said = [[cell["value"] for cell in row["cells"]] for row in t.rows]
    assert said == [
        ["fewer than 5", "not shown", 22, "–"],
        ["not shown", "not shown", 60, "–"],
        [32, 50, 82, 39],
    ]
    assert [row.label for row in shown] == ["All"]


def test_a_mean_of_the_whole_row_is_shown_with_its_total():
    t = table("Better", "Worse", "All", "Mean")
    rows = [Counts("A", [2, 20, 22], [2, 20, 22], [9]), Counts("B", [3, 0, 3], [3, 0, 3], [5])]
    fill(t, rows, Counts("All", [5, 20, 25], [5, 20, 25], [8]), 5, values_of_all=True)
    assert [(row["cells"][2]["value"], row["cells"][3]["value"]) for row in t.rows] == [
        ("not shown", "–"),
        ("fewer than 5", "–"),
        (25, 8),
    ]


def test_a_single_row_needs_no_total():
    t = table("Met", "All")
    fill(t, [Counts("A", [9, 9], [9, 9])], Counts("All", [9, 9], [9, 9]), 5)
    assert [row["label"] for row in t.rows] == ["A"]
    assert t.bars[0]["text"] == "9"


def test_a_hidden_number_has_no_length():
    t = table("Met", "Unmet", "All")
    rows = [Counts("A", [2, 9, 11], [2, 9, 11])]
    fill(t, rows, Counts("All", [2, 9, 11], [2, 9, 11]), 5)
    assert [(bar["value"], bar["text"]) for bar in t.bars] == [(0, "fewer than 5"), (0, "not shown")]


def test_a_table_without_rows_is_empty():
    t = table("Met")
    assert fill(t, [], None, 5) == []
    assert (t.rows, t.bars) == ([], [])


def test_shares_are_drawn_of_a_hundred():
    t = table("Met")
    draw_shares(t, [("A", 1, 4), ("B", 0, 0)])
    assert [(bar["label"], bar["value"], bar["max"], bar["text"]) for bar in t.bars] == [
        ("A", 25, 100, "25 %")
    ]

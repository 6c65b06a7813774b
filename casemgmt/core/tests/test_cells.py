import pytest

from casemgmt.core.cells import plain, safe

FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\x00=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_a_formula(text):
    assert safe(text) == f"'{text}"


@pytest.mark.parametrize("text", [*FORMULAS, "'=1", "''=1", "'tis", "", "Ann", "'", "O'Neill"])
def test_what_went_out_comes_in_as_it_was(text):
    assert plain(safe(text)) == text


def test_numbers_stay_numbers():
    assert safe(-2.5) == -2.5
    assert safe(None) == ""
    assert safe("Recovery Path") == "Recovery Path"

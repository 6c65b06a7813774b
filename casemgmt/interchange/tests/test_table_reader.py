"""What may come as a table, and what is made of it."""

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from casemgmt.interchange.tables import reader
from casemgmt.interchange.tables.columns import CLIENT_FIELDS, STAFF_FIELDS, guess, named
from casemgmt.interchange.tables.dates import DAY_FIRST, MONTH_FIRST, order_of, parse_day
from casemgmt.interchange.tables.reader import Unreadable, read_table
from clients import names

KNOWN = named(CLIENT_FIELDS)
TODAY = date(2026, 5, 4)


def read(data):
    data = data.encode() if isinstance(data, str) else data
    return read_table(data, lambda name: names.fold(name) in KNOWN)


def cells(data):
    return [row.cells for row in read(data).rows]


def book(*rows, **more):
    made = Workbook()
    for row in rows:
        made.active.append(row)
    for title, content in more.items():
        sheet = made.create_sheet(title)
        for row in content:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


TEXT = "First name,Last name\nZoë,Núñez\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_letters_are_read_in_the_encoding_in_which_they_were_written(encoding):
    assert cells(TEXT.encode(encoding)) == [["Zoë", "Núñez"]]


def test_a_broken_byte_does_not_turn_the_whole_file_into_another_encoding():
    assert cells(("First name,Last name\n" + "Zoë,Núñez\n" * 9).encode() + b"Ann,\xff\n")[0] == [
        "Zoë",
        "Núñez",
    ]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_cells_are_cut_where_the_file_cuts_them(sign):
    assert cells(f"First name{sign}Last name\nAnn{sign}Lee\n") == [["Ann", "Lee"]]


def test_the_line_with_which_excel_names_the_sign_is_no_row():
    sheet = read("sep=;\nFirst name;Last name\nAnn;Lee\n")
    assert (sheet.header, sheet.delimiter) == (["First name", "Last name"], ";")


def test_the_header_is_found_under_a_title():
    sheet = read("People of 2026,\n,\nFirst name,Last name\nAnn,Lee\n")
    assert (sheet.header, sheet.rows[0].line, len(sheet.remarks)) == (["First name", "Last name"], 4, 1)


def test_a_known_name_in_a_row_makes_it_no_header():
    assert read("Vorname,Nachname\nAnn,Lee\nBo,Name\n").header == ["Vorname", "Nachname"]


def test_rows_are_counted_as_the_file_counts_its_lines():
    sheet = read('First name,Last name\n\n"Ann\nMarie",Lee\nBo,Ek\n')
    assert [row.line for row in sheet.rows] == [3, 5]


def test_a_ragged_row_keeps_its_cells_and_its_fault_and_costs_no_other():
    sheet = read("First name,Last name\nAnn\nBo,Ek\nCy,Fox,more\n")
    assert [bool(row.fault) for row in sheet.rows] == [True, False, True]
    assert sheet.rows[2].cells == ["Cy", "Fox more"]


def test_an_open_quotation_mark_costs_one_row_and_not_the_rest_of_the_file():
    sheet = read('First name,Last name\n"Ann,Lee\nBo,Ek\nCy,Fox\n')
    assert [bool(row.fault) for row in sheet.rows] == [True, False, False]
    assert sheet.rows[1].cells == ["Bo", "Ek"]


def test_nul_bytes_and_other_unseen_characters_are_taken_out():
    sheet = read("First name,Last name\nA\x00nn" + "a" * 30 + ",Le\x07e\n")
    assert sheet.rows[0].cells == ["Ann" + "a" * 30, "Lee"]
    assert sheet.remarks


def test_emoji_and_right_to_left_marks_stay():
    assert cells("First name,Last name\n👩🏽‍🚀,\u200fنور\n") == [["👩🏽‍🚀", "\u200fنور"]]


def test_the_guard_of_a_formula_is_taken_off():
    assert cells("First name,Last name\n'=1+1,''=2\n") == [["=1+1", "'=2"]]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00\x00",
        b"%PDF-1.7 a",
        b"\xd0\xcf\x11\xe0 old",
        b"\x89PNG\r\n",
        b"PK\x03\x04 broken",
        b'{"First name": "Ann", "Last name": "Lee"}',
        b"<html><table><tr><td>a</td></tr></table>",
        bytes(range(32)) * 50,
        b"First name,Last name\n",
    ],
)
def test_what_is_no_table_is_refused_in_words(data):
    with pytest.raises(Unreadable):
        read(data)


def test_a_zip_of_something_else_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.csv", "First name\nAnn\n")
    with pytest.raises(Unreadable):
        read(out.getvalue())


def test_a_zip_bomb_is_refused_unopened(monkeypatch):
    monkeypatch.setattr(reader, "MAX_PART", 1000)
    with pytest.raises(Unreadable, match="absurd"):
        read(book(["First name"], *[["Ann"]] * 500))


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(reader, "MAX_ROWS", 20)
    with pytest.raises(Unreadable, match="20 rows"):
        read("First name\n" + "Ann\n" * 40)


def test_a_sheet_that_says_it_is_endless_is_read_to_its_last_row():
    made = Workbook()
    made.active.append(["First name", "Last name"])
    made.active.append(["Ann", "Lee"])
    made.active.cell(100_000, 1).value = "Bo"
    out = io.BytesIO()
    made.save(out)
    assert [row.line for row in read(out.getvalue()).rows] == [2, 100_000]


def test_cells_of_a_workbook_become_text():
    data = book(
        ["First name", "Last name", "DOB", "Phone", "Interpreter"],
        ["Ann", 7, datetime(1980, 3, 4), 4125550100.0, True],
        ["Bo", 1.5, date(1980, 3, 4), None, False],
    )
    assert cells(data) == [
        ["Ann", "7", "1980-03-04", "4125550100", "yes"],
        ["Bo", "1.5", "1980-03-04", "", "no"],
    ]


def test_a_formula_without_a_result_and_an_error_are_faults_of_their_rows():
    rows = read(book(["First name", "Last name"], ["=1+1", "Lee"], ["#N/A", "Ek"], ["Cy", "Fox"])).rows
    assert [bool(row.fault) for row in rows] == [True, True, False]


def test_only_the_first_sheet_is_read_and_the_others_are_named():
    sheet = read(book(["First name"], ["Ann"], Notes=[["x"]]))
    assert len(sheet.rows) == 1
    assert "Notes" in sheet.remarks[0]


# --- Columns ----------------------------------------------------------------------------------------------------------


def test_columns_are_guessed_by_what_they_are_called():
    header = ["Client ID", "FIRST_NAME", "Surname", "D.O.B.", "Cell phone", "Assigned to", "Shoe size"]
    assert guess(header, CLIENT_FIELDS) == [
        "number",
        "given_name",
        "family_name",
        "born_on",
        "phone",
        "worker",
        "",
    ]


def test_no_field_is_guessed_twice():
    found = [code for code in guess(["Name", "Full name", "E-mail", "Email address"], STAFF_FIELDS) if code]
    assert len(found) == len(set(found)) == 2


@pytest.mark.parametrize(
    "text, order, day",
    [
        ("1980-03-04", MONTH_FIRST, date(1980, 3, 4)),
        ("19800304", MONTH_FIRST, date(1980, 3, 4)),
        ("3/4/1980", MONTH_FIRST, date(1980, 3, 4)),
        ("3/4/1980", DAY_FIRST, date(1980, 4, 3)),
        ("03.04.80", DAY_FIRST, date(1980, 4, 3)),
        ("4/5/26", MONTH_FIRST, date(2026, 4, 5)),
        ("4 March 1980", MONTH_FIRST, date(1980, 3, 4)),
        ("Mar. 4th, 1980", DAY_FIRST, date(1980, 3, 4)),
        ("1980-03-04 00:00:00", MONTH_FIRST, date(1980, 3, 4)),
    ],
)
def test_a_day_is_read_as_people_write_it(text, order, day):
    assert parse_day(text, order, TODAY) == day


@pytest.mark.parametrize(
    "text", ["", "13/13/1980", "2/30/1980", "soon", "٣/٤/١٩٨٠", "1/1/19800", "0/0/0000", "45123"]
)
def test_what_is_no_day_is_not_guessed(text):
    with pytest.raises(ValueError):
        parse_day(text, MONTH_FIRST, TODAY)


def test_the_order_of_dates_is_told_by_a_date_that_can_only_be_one():
    assert order_of(["3/4/1980", "25/4/1980"]) == (DAY_FIRST, "25/4/1980")
    assert order_of(["3/4/1980", "4/25/1980"]) == (MONTH_FIRST, "4/25/1980")
    assert order_of(["3/4/1980"]) == ("", "")

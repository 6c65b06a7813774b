import zipfile
from datetime import date

import pytest

from casemgmt.interchange.hmis import reader
from casemgmt.interchange.hmis.lists import living_situation, service_label
from casemgmt.interchange.hmis.reader import Unusable, looks_hashed, open_export, parse_date
from casemgmt.interchange.hmis.report import quotable

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    "text, day",
    [
        ("2021-10-01", date(2021, 10, 1)),
        ("2021-10-01 02:00:00", date(2021, 10, 1)),
        ("2021-10-01T02:00:00.000Z", date(2021, 10, 1)),
        ("2021/1/9", date(2021, 1, 9)),
        ("10/01/2021", date(2021, 10, 1)),
        ("10/1/2021 2:00 PM", date(2021, 10, 1)),
        ("03-11-21", date(2021, 3, 11)),
        ("02-07-2023 12:00:00", date(2023, 2, 7)),
        ("07/04/26", date(2026, 7, 4)),
        ("07/04/27", date(1927, 7, 4)),
    ],
)
def test_dates_are_read_year_first_or_month_first(text, day):
    assert parse_date(text, TODAY) == day


@pytest.mark.parametrize(
    "text",
    ["", "soon", "2021-13-01", "2021-02-30", "13/06/2019", "2021-10/01", "1", "44197", "２０２１-10-01"],
)
def test_what_is_no_date_is_not_guessed(text):
    with pytest.raises(ValueError):
        parse_date(text, TODAY)


def test_a_hash_is_told_from_a_name_by_its_looks():
    assert looks_hashed("2cb30d5ef678412db20875ccf25c63ff")
    assert looks_hashed("E" * 64)
    assert not looks_hashed("Bartholomew-Featherstonehaugh-Smythe")
    assert not looks_hashed("Ada", declared=True)
    assert looks_hashed("qL3pZ0n8sVhR2yTz5XwB1cD4eF6=", declared=True)


def test_old_codes_are_read_as_todays():
    assert living_situation("16") == ("116", "")
    assert living_situation("31") == ("435", "431")
    assert living_situation("435", "433") == ("435", "433")
    assert living_situation("99") == ("99", "")


def test_a_service_has_a_readable_name():
    assert service_label("144", "1") == "SSVF service: outreach"
    assert service_label("200", "200") == "Bed night"
    assert service_label("144", "77") == "SSVF service: 77"
    assert service_label("999", "1") is None


@pytest.mark.parametrize(
    "column, value, shown",
    [
        ("EnrollmentID", "E-17", "E-17"),
        ("EntryDate", "2021-13-01", "2021-13-01"),
        ("EntryDate", "Alma 1", ""),
        ("UserID", "Alma", ""),
        ("PersonalID", "900123456", ""),
        ("PersonalID", "900-12-3456", ""),
        ("FirstName", "R2", ""),
        ("DOB", "1988-02-03", ""),
    ],
)
def test_a_report_quotes_nothing_that_names_a_person(column, value, shown):
    assert quotable(column, value) == shown


# --- Files --------------------------------------------------------------------------------------------------------


def rows_of(path, name):
    with open_export(path) as export:
        return list(export.table(name))


def read_all(path):
    with open_export(path) as export:
        return [list(export.table(name) or ()) for name in reader.FILES]


def refusal_of(path):
    with pytest.raises(Unusable) as refused:
        read_all(path)
    return str(refused.value)


def test_a_folder_and_a_zip_say_the_same(made):
    for path in (made.folder(), made.zip(), made.zip("inner.zip", inside="out/"), made.path):
        assert [row["PersonalID"] for row in rows_of(path, "Client")] == ["C1", "C2", "C3"]


def test_files_and_columns_are_found_whatever_their_case_space_or_order(made):
    folder = made.folder()
    (folder / "Client.csv").unlink()
    (folder / "CLIENT.CSV").write_bytes(b"\xef\xbb\xbf Extra , personalid,,LASTNAME \r\n?, C9 ,,Nobody\r\n")
    row = rows_of(folder, "Client")[0]
    assert (row["PersonalID"], row["LastName"], row["FirstName"], row.is_ragged) == (
        "C9",
        "Nobody",
        "",
        False,
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_names_keep_their_accents_in_every_encoding(made, encoding):
    made.raw["Client"] = "PersonalID,FirstName\nC1,Zoë\n".encode(encoding)
    assert [row["FirstName"] for row in rows_of(made.folder(), "Client")] == ["Zoë"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_other_delimiters_are_read(made, delimiter):
    made.raw["Client"] = f'PersonalID{delimiter}LastName\nC1{delimiter}"a{delimiter}b"\n'.encode()
    assert rows_of(made.folder(), "Client")[0]["LastName"] == f"a{delimiter}b"


def test_rows_know_their_physical_lines(made):
    made.raw["Client"] = b'PersonalID,Note\nC1,"two\nlines"\n\n,\nC2,one\n'
    rows = rows_of(made.folder(), "Client")
    assert [(row["PersonalID"], row.line, row.last_line) for row in rows] == [("C1", 2, 3), ("C2", 6, 6)]


def test_rows_of_another_width_are_ragged_unless_the_rest_is_empty(made):
    made.raw["Client"] = b"PersonalID,LastName\nC1\nC2,x,\nC3,x,y\nC4,x\x00\n"
    rows = rows_of(made.folder(), "Client")
    assert [row.is_ragged for row in rows] == [True, False, True, False]
    assert rows[3]["LastName"] == "x"


def test_an_empty_file_has_no_rows(made):
    made.raw["Services"] = b""
    assert rows_of(made.folder(), "Services") == []


def test_an_export_without_export_csv_is_read(made):
    del made["Export"]
    with open_export(made.folder()) as export:
        assert export.about()["SourceID"] == ""


def test_what_is_not_there_is_refused(tmp_path):
    assert "does not exist" in refusal_of(tmp_path / "nowhere.zip")


def test_what_is_neither_folder_nor_zip_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("hello")
    assert "neither" in refusal_of(tmp_path / "notes.txt")


@pytest.mark.parametrize("name", ["Project", "Client", "Enrollment"])
def test_an_export_without_its_backbone_is_refused(made, name):
    del made[name]
    assert f"no {name}.csv" in refusal_of(made.folder())


@pytest.mark.parametrize("content", [b"", b"Name\nAlma\n"])
def test_a_file_without_its_key_is_refused(made, content):
    made.raw["Client"] = content
    assert "Client.csv has no column PersonalID" in refusal_of(made.folder())


def test_two_files_of_one_name_are_refused(made):
    path = made.zip()
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("old/client.csv", "PersonalID\n")
    assert "more than one" in refusal_of(path)


def test_what_a_mac_adds_to_a_zip_is_passed_over(made):
    path = made.zip(inside="export/")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("__MACOSX/export/Client.csv", b"\x00\x05")
        archive.writestr("export/._Client.csv", b"\x00\x05")
    assert len(rows_of(path, "Client")) == 3


@pytest.mark.parametrize("name", ["../Client.csv", "/etc/Client.csv", "a\\..\\..\\Client.csv"])
def test_a_name_that_leads_out_of_the_zip_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(name, "PersonalID\n")
    assert "leads out" in refusal_of(tmp_path / "x.zip")


def test_a_zip_that_unpacks_to_an_absurd_size_is_refused(made, monkeypatch):
    made.raw["Services"] = b"0" * 1_000_000
    path = made.zip()
    monkeypatch.setattr(reader, "RATIO_MATTERS_FROM", 10_000)
    assert "absurd size" in refusal_of(path)
    monkeypatch.setattr(reader, "MAX_RATIO", 1_000_000)
    monkeypatch.setattr(reader, "MAX_UNPACKED", 500_000)
    assert "absurd size" in refusal_of(path)


def test_an_encrypted_zip_is_refused(made):
    path = made.zip()
    content = bytearray(path.read_bytes())
    for start in range(len(content)):
        if content[start : start + 4] == b"PK\x01\x02":
            content[start + 8] |= 1
    path.write_bytes(content)
    assert "encrypted" in refusal_of(path)


def test_a_damaged_zip_is_refused(made):
    path = made.zip()
    content = path.read_bytes()
    at = content.index(b"Client.csv") + len("Client.csv")
    path.write_bytes(content[:at] + bytes(40) + content[at + 40 :])
    assert "Client.csv cannot be read" in refusal_of(path)
    path.write_bytes(content[: len(content) // 2])
    assert "its end is missing" in refusal_of(path)


def test_a_field_that_swallows_the_file_is_refused(made):
    made.raw["Client"] = b'PersonalID,LastName\nC1,"' + b"x" * 200_000
    assert "Client.csv cannot be read" in refusal_of(made.folder())

"""`manage.py match_report`: what it prints, which files it reads, and what it says of those it cannot."""

import gzip
import io
import json
import re

import pytest
from django.core.management import CommandError, call_command

from casemgmt.interchange.truth import Unreadable, read_people

HEAD = "rec_id, given_name, surname, date_of_birth, soc_sec_id\n"
ROWS = (
    "rec-1-org, rosa, tamayo, 19880413, 5123388\n"
    "rec-1-dup-0, rosa, tamaio, 19880413, 5123388\n"
    "rec-2-org, peter, okafor, 19711102, 5123388\n"
)


def report(*files, **options):
    out = io.StringIO()
    call_command("match_report", *map(str, files), stdout=out, stderr=out, **options)
    return out.getvalue()


def write(folder, text, name="people.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def f1_of(text):
    return [float(found) for found in re.findall(r"^F1 (\d\.\d{3})$", text, re.M)]


# --- What it prints ---------------------------------------------------------------------------------------------------


def test_a_file_gets_precision_recall_and_f1(tmp_path):
    said = report(write(tmp_path, HEAD + ROWS))
    assert "3 records, 1 pairs of one person (by rec_id)" in said
    for line in ("Precision 1.000", "Recall 1.000", "F1 1.000"):
        assert f"\n{line}\n" in said


def test_several_files_get_a_section_each(tmp_path):
    one, other = write(tmp_path, HEAD + ROWS), write(tmp_path, HEAD + ROWS, "other.csv")
    assert f1_of(report(one, other)) == [1.0, 1.0]


def test_what_was_judged_wrongly_can_be_listed(tmp_path):
    rows = HEAD + "rec-1-org, rosa, tamayo, 19880413, 5\nrec-1-dup-0, luisa, tamayo, 19880413, 5\n"
    assert "missed: records 1 and 2, 47: " in report(write(tmp_path, rows), wrong=5)


@pytest.mark.parametrize("column", ["soc_sec_id", "ssn", "SSN"])
def test_a_column_is_left_out_by_any_of_its_names(tmp_path, column):
    people = read_people(write(tmp_path, HEAD + ROWS), [column])
    assert people.ignored == {"socsecid"}
    assert not any(t.numbers for t in people.records)


def test_a_file_may_follow_the_columns_left_out(tmp_path):
    path = write(tmp_path, HEAD + ROWS)
    assert f1_of(report(ignore=["soc_sec_id", str(path)])) == [1.0]


# --- What it reads ----------------------------------------------------------------------------------------------------


def test_other_names_of_the_columns_are_known(tmp_path):
    text = (
        "cluster;First Name;LAST_NAME;DOB;Zip;Phone Number;E-mail\n"
        "7;Rosa;Tamayo;4/13/1988;97301;5035550142;r@example.org\n"
    )
    person = read_people(write(tmp_path, text + text.splitlines()[1])).records[0]
    assert (person.given, person.family, str(person.born_on)) == ("Rosa", "Tamayo", "1988-04-13")
    assert (person.postcode, person.phones, person.emails) == ("97301", ("5035550142",), ("r@example.org",))


def test_a_day_that_does_not_exist_is_kept_as_typed(tmp_path):
    person = read_people(
        write(tmp_path, HEAD + "rec-1-org, a, b, 19448720, 1\nrec-1-dup-0, a, b, 19440720, 1\n")
    ).records[0]
    assert (person.born_on, person.born_typed) == (None, "19448720")


RECORD = {
    "external_id": "p1",
    "birth_date": "1988-04-13",
    "sex": "F",
    "name": [{"family": "Tamayo", "given": ["Rosa", "Maria"], "suffix": []}],
    "telecom": [{"system": "phone", "value": "(503)555-0142"}, {"system": "email", "value": "r@example.org"}],
    "address": [{"line": ["12 Main St"], "city": "Salem", "state": "OR", "postal_code": "97301"}],
    "identifiers": [{"type": "SS", "value": "512-33-8841"}, {"type": "MR", "value": "MRN-88123"}],
}


@pytest.mark.parametrize("pack", [lambda text: text, gzip.compress], ids=["plain", "gzipped"])
def test_nested_clusters_are_read(tmp_path, pack):
    other = RECORD | {
        "external_id": "p2",
        "birth_date": "1971-11-02",
        "name": [{"family": "Okafor", "given": ["Peter"]}],
    }
    text = json.dumps({"clusters": [{"records": [RECORD, RECORD]}, {"records": [other]}]}).encode()
    people = read_people(write(tmp_path, pack(text), "people.json.gz"), ["ssn"])
    assert people.whose == [0, 0, 1]
    person = people.records[0]
    assert (person.given, person.middle, person.family) == ("Rosa", "Maria", "Tamayo")
    assert (person.street, person.city, person.postcode) == ("12 Main St", "Salem", "97301")
    assert person.numbers == {"mrn": "MRN-88123"}


@pytest.mark.parametrize("shape", ["records", "list"])
def test_flat_records_in_json_are_read(tmp_path, shape):
    rows = [{"cluster": 1, "first_name": "Rosa", "surname": "Tamayo"}] * 2
    text = json.dumps({"records": rows} if shape == "records" else rows)
    assert read_people(write(tmp_path, text)).whose == ["1", "1"]


def test_pairs_are_read(tmp_path):
    text = json.dumps({"samples": [{"data_1": RECORD, "data_2": RECORD}]})
    assert read_people(write(tmp_path, text)).whose == [0, 0]


def test_clusters_whose_records_have_nothing_in_common_are_not_taken_for_people(tmp_path):
    """Filler data: nobody could find that truth, and who did would merge strangers."""
    rows = [
        {
            "external_id": f"p{n}",
            "birth_date": f"19{40 + n}-01-0{n + 1}",
            "name": [{"family": f, "given": [g]}],
        }
        for n, (g, f) in enumerate(
            [("Rosa", "Tamayo"), ("Peter", "Okafor"), ("Ines", "Marrow"), ("Kip", "Vance")]
        )
    ]
    people = read_people(write(tmp_path, json.dumps({"clusters": [{"records": rows}]})))
    assert people.truth == "external_id"
    assert len(set(people.whose)) == 4
    assert "nothing in common" in people.note


# --- What it cannot read ----------------------------------------------------------------------------------------------

PACKED = gzip.compress(json.dumps({"clusters": [{"records": [RECORD, RECORD]}]}).encode(), mtime=0)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"  \n \n", "the file is empty"),
        (PACKED[:-20], "ends too early"),
        (PACKED[:40] + b"\x00" * 40, "damaged"),
        ((HEAD + ROWS).encode("utf-16"), "not text in UTF-8"),
        (HEAD.encode() + b"rec-1-org, jos\xe9, x, 1, 2\n", "not text in UTF-8"),
        (b'{"clusters": [{"records": [', "no whole JSON"),
        (b"[" * 100_000, "no whole JSON"),
        (b'{"people": 7}', "neither clusters nor records"),
        (b"[1, 2]", "not a record"),
        (HEAD.encode() + b"rec-1-org, rosa, tam", "3 fields where the header has 5"),
        (HEAD.encode(), "fewer than two records"),
        (b"first_name,surname\nRosa,Tamayo\nRosa,Tamayo\n", "does not say which records are of one person"),
        (b"cluster,colour\n1,red\n1,blue\n", "no known column"),
        (b"rec_id,surname\nrec-1,Tamayo\nseven,Tamayo\n", "record 2 does not say whose it is"),
        (b'[{"cluster": 1, "x": 2}, {"cluster": 1, "x": 2}]', "no known column"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_words(tmp_path, content, reason):
    with pytest.raises(Unreadable, match=reason):
        read_people(write(tmp_path, content))


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(Unreadable, match="No such file"):
        read_people(tmp_path / "nothing.csv")


def test_a_bad_file_does_not_hide_the_others_and_ends_with_two(tmp_path):
    bad, good = write(tmp_path, "", "bad.csv"), write(tmp_path, HEAD + ROWS)
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("match_report", str(bad), str(good), stdout=out, stderr=out)
    assert error.value.returncode == 2
    assert f"{bad}: the file is empty." in out.getvalue()
    assert f1_of(out.getvalue()) == [1.0]


def test_no_file_at_all_is_said(tmp_path):
    with pytest.raises(CommandError, match="at least one file"):
        report()


# --- The public benchmarks --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ignore", [[], ["soc_sec_id"]], ids=["with number", "without number"])
@pytest.mark.parametrize("number", [1, 2, 3])
def test_febrl_reaches_99(sample_data, number, ignore):
    said = report(sample_data / "matching" / f"febrl_dataset{number}.csv", ignore=ignore)
    assert f1_of(said)[0] >= 0.99


@pytest.mark.parametrize(
    "name",
    [
        "splink_fake_1000.csv",
        "cdc_100_cluster_tuning_test.json.gz",
        "cdc_seed_test.json.gz",
        "cdc_synthetic_tuning_pairs.json",
    ],
)
def test_the_others_reach_95(sample_data, name):
    assert f1_of(report(sample_data / "matching" / name))[0] >= 0.95

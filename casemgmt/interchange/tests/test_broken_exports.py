"""However an export breaks: nothing is written, or the good rows are and each fault is told with its place."""

import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command

from casemgmt.interchange.hmis import reader
from clients.models import Client, DatedFact, Enrollment

pytestmark = pytest.mark.django_db


def run(path):
    """Exit code and report; whatever else is raised fails the test."""
    out, code = io.StringIO(), 0
    try:
        call_command("import_hmis", str(path), agency="harbor", json=True, stdout=out, stderr=io.StringIO())
    except CommandError as error:
        code = error.returncode
    return code, json.loads(out.getvalue())


def content(full, name):
    return dict(full.files())[f"{name}.csv"]


def lines(full, name):
    return content(full, name).decode().splitlines(keepends=True)


FILES = [name for name in reader.FILES if name != "Export"]


# --- One mutation, tried on every file ---


def cut_in_a_row(whole):
    return whole[: whole.rindex(b",") - 3]


def cut_in_the_header(whole):
    return whole[: whole.index(b",")]


def a_row_too_short(whole):
    return whole + b"only,two\r\n"


def a_row_too_long(whole):
    return whole.rstrip(b"\r\n") + b",more,than,there,are\r\n"


def a_quote_left_open(whole):
    return whole + b'X9,"open'


def a_field_without_end(whole):
    return whole + b'X9,"' + b"x" * 200_000


def a_line_without_end(whole):
    return whole + b"x" * (reader.LONGEST_LINE + 10)


def zero_bytes(whole):
    return whole.replace(b",", b",\x00", 5)


def only_zero_bytes(_whole):
    return bytes(5000)


def noise(_whole):
    return bytes(range(256)) * 40


def the_header_twice(whole):
    return whole.splitlines(keepends=True)[0] + whole


def no_header(whole):
    return b"".join(whole.splitlines(keepends=True)[1:])


def a_header_alone(whole):
    return whole.splitlines(keepends=True)[0]


def rows_twice(whole):
    return whole + b"".join(whole.splitlines(keepends=True)[1:])


def keys_twice_with_other_words(whole):
    rows = whole.splitlines(keepends=True)[1:]
    return whole + b"".join(row.rstrip(b"\r\n") + b"2001-01-01\r\n" for row in rows)


def days_of_1800(whole):
    return whole.replace(b"2021-", b"1800-").replace(b"2022-", b"1800-")


def days_of_2200(whole):
    return whole.replace(b"2021-", b"2200-").replace(b"2022-", b"2200-")


def keys_of_nobody(whole):
    return whole.replace(b"E1", b"E999").replace(b"C1", b"C999")


def keys_without_end(whole):
    return whole.replace(b"C1", b"C" * 5000).replace(b"E1", b"E" * 5000)


def formulas(whole):
    return whole.replace(b"E1", b"=1+1").replace(b"C1", b"@SUM(A1)")


def in_utf_16(whole):
    return whole.decode().encode("utf-16")


def in_utf_16_unmarked(whole):
    return whole.decode().encode("utf-16-le")


def in_utf_16_cut(whole):
    return whole.decode().encode("utf-16")[:-3]


def with_a_mark(whole):
    return b"\xef\xbb\xbf" + whole


def with_a_bad_byte(whole):
    return whole.replace(b"\r\n", "é\r\n".encode(), 1).replace(b"1", b"\xff1", 1)


def old_line_ends(whole):
    return whole.replace(b"\r\n", b"\r")


def blank_lines(whole):
    return whole.replace(b"\r\n", b"\r\n\r\n")


def nothing(_whole):
    return b""


MUTATIONS = [
    cut_in_a_row,
    cut_in_the_header,
    a_row_too_short,
    a_row_too_long,
    a_quote_left_open,
    a_field_without_end,
    a_line_without_end,
    zero_bytes,
    only_zero_bytes,
    noise,
    the_header_twice,
    no_header,
    a_header_alone,
    rows_twice,
    keys_twice_with_other_words,
    days_of_1800,
    days_of_2200,
    keys_of_nobody,
    keys_without_end,
    formulas,
    in_utf_16,
    in_utf_16_unmarked,
    in_utf_16_cut,
    with_a_mark,
    with_a_bad_byte,
    old_line_ends,
    blank_lines,
    nothing,
]
HARMLESS = {
    zero_bytes,
    rows_twice,
    in_utf_16,
    in_utf_16_unmarked,
    with_a_mark,
    old_line_ends,
    blank_lines,
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.__name__)
def test_a_broken_file_is_refused_or_taken_with_its_faults(full, harbor, mutation, name):
    full.raw[name] = mutation(content(full, name))
    code, report = run(full.folder())
    if code == 2:
        assert f"{name}.csv" in report["error"] or "it has no" in report["error"]
        assert not Client.objects.exists()
        return
    for remark in report["refused"]:
        assert (remark["file"][-4:], remark["line"] > 0, bool(remark["why"])) == (".csv", True, True), remark
    for tally in report["files"].values():
        counted = sum(
            tally[how] for how in ("created", "updated", "unchanged", "deleted", "repeated", "refused")
        )
        assert tally["read"] == counted
    assert code == (1 if report["refused"] else 0)
    if mutation in HARMLESS:
        assert (code, Client.objects.count(), Enrollment.objects.count()) == (0, 3, 3)
    before = DatedFact.objects.count()
    again_code, again = run(full.folder())
    assert again_code == code
    assert not any(tally["created"] or tally["updated"] for tally in again["files"].values())
    assert DatedFact.objects.count() == before


def test_a_row_that_does_not_fit_is_told_by_line_and_column(full, harbor):
    full.raw["Disabilities"] = a_row_too_short(content(full, "Disabilities"))
    full.raw["HealthAndDV"] = a_row_too_long(content(full, "HealthAndDV"))
    _code, report = run(full.folder())
    told = [(r["file"], r["line"], r["column"]) for r in report["refused"]]
    assert told == [("Disabilities.csv", 4, "InformationDate"), ("HealthAndDV.csv", 2, "#11")]


def test_a_quote_that_never_closes_is_told_by_line_and_column(full, harbor):
    full.raw["Disabilities"] = content(full, "Disabilities") + b'X,E1,"' + b"x" * 200_000
    code, report = run(full.folder())
    assert code == 2
    assert "Disabilities.csv cannot be read from line 4 on, column InformationDate" in report["error"]


def test_a_file_that_ends_amid_a_line_is_remarked(full, harbor):
    full.raw["Client"] = content(full, "Client").rstrip()
    code, report = run(full.folder())
    assert code == 0
    assert [w["line"] for w in report["warnings"] if "amid a line" in w["why"]] == [4]


def test_one_bad_byte_does_not_garble_the_other_names(full, harbor):
    full["Client"][0]["FirstName"] = "Zoë Čapková"
    full["Client"][1]["LastName"] = "BAD"
    full.raw["Client"] = content(full, "Client").replace(b"BAD", b"B\xffD")
    _code, report = run(full.folder())
    assert Client.objects.get(source_key="C1").given_name == "Zoë Čapková"
    assert [(w["line"], w["column"]) for w in report["warnings"]] == [(3, "LastName")]


# --- Names of files, folders and archives ---


@pytest.mark.parametrize(
    "pattern",
    ["FY2024_{}.csv", "{}.CSV", " {} .csv", "{} (1).csv", "{}_2026-01-31.csv", "hmis-{}-final.csv"],
)
def test_files_that_are_called_a_little_otherwise_are_read_and_remarked(full, harbor, tmp_path, pattern):
    folder = tmp_path / "odd"
    folder.mkdir()
    for file, whole in full.files():
        (folder / pattern.format(file[:-4])).write_bytes(whole)
    code, report = run(folder)
    assert (code, report["files"]["Client.csv"]["created"], report["missing"]) == (0, 3, [])


def test_of_two_files_that_may_be_meant_none_is_guessed(full, harbor):
    folder = full.folder()
    (folder / "Client.csv").rename(folder / "old_Client.csv")
    (folder / "new_Client.csv").write_bytes(content(full, "Client"))
    code, report = run(folder)
    assert code == 2
    assert "which is meant" in report["error"]


def test_a_copy_beside_the_file_is_not_taken(full, harbor):
    folder = full.folder()
    (folder / "old_Client.csv").write_bytes(content(full, "Client"))
    code, report = run(folder)
    assert (code, report["not_taken"]["old_Client.csv"]) == (0, 3)


def test_a_zip_in_a_zip_and_a_zip_in_a_folder_are_opened(full, harbor, tmp_path):
    inner = full.zip("inner.zip", inside="export/")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(inner, "sent/inner.zip")
    assert run(tmp_path / "outer.zip")[0] == 0
    folder = tmp_path / "mail"
    folder.mkdir()
    inner.rename(folder / "inner.zip")
    code, report = run(folder)
    assert (code, report["files"]["Client.csv"]["unchanged"]) == (0, 3)


def test_a_zip_in_a_zip_in_a_zip_is_not(full, harbor, tmp_path):
    path = full.zip("0.zip")
    for n in (1, 2):
        with zipfile.ZipFile(tmp_path / f"{n}.zip", "w") as archive:
            archive.write(path, "inner.zip")
        path = tmp_path / f"{n}.zip"
    assert run(path)[0] == 2


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.99])
def test_a_zip_that_is_cut_off_is_refused(full, harbor, share):
    path = full.zip()
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    code, report = run(path)
    assert (code, Client.objects.exists()) == (2, False)
    assert "damaged" in report["error"]


@pytest.mark.parametrize("name", FILES)
def test_an_export_without_one_of_its_files_says_so(full, harbor, name):
    del full[name]
    code, report = run(full.folder())
    if name in reader.REQUIRED:
        assert (code, Client.objects.exists()) == (2, False)
        assert f"{name}.csv" in report["error"]
    else:
        assert code == 0
        assert report["missing"] == [f"{name}.csv"]


def test_a_file_that_may_not_be_opened_is_refused(full, harbor, monkeypatch):
    folder = full.folder()
    (folder / "Services.csv").unlink()
    (folder / "Services.csv").symlink_to(folder / "nowhere")
    code, _report = run(folder)
    assert code == 0  # what leads nowhere is not there


def test_a_file_of_nothing_but_faults_does_not_fill_the_memory(full, harbor, monkeypatch):
    monkeypatch.setattr("casemgmt.interchange.hmis.report.MOST_TOLD", 5)
    for n in range(20):
        full.row("Disabilities", DisabilitiesID=f"B{n}", EnrollmentID="E9")
    code, report = run(full.folder())
    assert (code, len(report["refused"]), report["more_refused"]) == (1, 5, 15)
    assert report["files"]["Disabilities.csv"]["refused"] == 20

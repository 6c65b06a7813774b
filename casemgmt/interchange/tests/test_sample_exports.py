"""Real exports that we do not ship: they load, agree with counts taken from their bytes, and load twice as once."""

import json
import re

import pytest

from casemgmt.agencies.models import Program, StaffMember
from casemgmt.interchange.hmis import facts
from casemgmt.interchange.hmis.importer import import_hmis
from casemgmt.interchange.tests.test_import_hmis import traces
from clients.models import Client, DatedFact, Discharge, Enrollment, Household, Visit
from clients.pipeline import Stage

HASH = re.compile("[0-9a-f]{32}")
YEARS = ["FY2024", "FY2026"]
FACT_FILES = [kept.file for kept in facts.FACT_FILES]


@pytest.fixture
def folder(sample_data):
    return sample_data / "hmis"


@pytest.fixture
def known(folder):
    return json.loads((folder / "EXPECTED_FACTS.json").read_text())


def counts(agency):
    def rows(model):
        return model.objects.filter(agency=agency)

    return {
        "clients": rows(Client).count(),
        "enrollments": rows(Enrollment).count(),
        "households": rows(Household).count(),
        "exits": rows(Discharge).count(),
        "closed": rows(Enrollment).filter(stage=Stage.CLOSED).count(),
        "open": rows(Enrollment).without_worker().count(),
        "projects": rows(Program).count(),
        "users": rows(StaffMember).count(),
        "services": rows(Visit).count() + told(agency, "Services:"),
        **{file: told(agency, f"{file}:") for file in FACT_FILES},
    }


def told(agency, prefix):
    """Of how many rows of a file the first fact is here."""
    return DatedFact.objects.filter(agency=agency, source_key__startswith=prefix).count()


def expected(fact):
    rows = fact["rows"]
    return {
        "clients": fact["clients_distinct"],
        "enrollments": fact["enroll_distinct"],
        "households": fact["households"],
        "exits": fact["exits"],
        "closed": fact["exits"],
        "open": fact["open_enrollments"],
        "projects": rows["Project"],
        "users": rows["User"],
        "services": rows["Services"],
        **{file: rows.get(file, 0) for file in FACT_FILES},
    }


def accounted(report):
    """Rows read, by file; each is in one of the figures beside."""
    for tally in report.files.values():
        counted = tally.created + tally.updated + tally.unchanged + tally.deleted + tally.repeated
        assert tally.read == counted + tally.refused
    taken = {file.removesuffix(".csv"): tally.read for file, tally in report.files.items()}
    return taken | {file.removesuffix(".csv"): rows for file, rows in report.not_taken.items()}


@pytest.mark.parametrize("year", YEARS)
def test_the_500_people_agree_with_the_facts_and_come_in_once(folder, known, harbor, year):
    name = f"greenriver_icount_{year}.zip"
    report = import_hmis(folder / name, harbor)
    assert report.exit_code == 0
    assert counts(harbor) == expected(known[name])
    assert accounted(report).items() >= (known[name]["rows"].items() - {("Export", 1)})
    assert not Client.objects.filter(name_quality="hashed").exists()
    before = traces()
    again = import_hmis(folder / name, harbor)
    assert again.changed == 0
    assert traces() == before


def test_the_500_people_survive_the_change_of_version(folder, known, harbor):
    first, second = (folder / f"greenriver_icount_{year}.zip" for year in YEARS)
    import_hmis(first, harbor)
    before = traces()
    report = import_hmis(second, harbor)
    assert report.source == "hmis:1106"
    assert report.changed == 0
    assert {tally.absent for tally in report.files.values()} == {0}
    assert traces() == before
    assert counts(harbor) == expected(known[second.name])


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "name", ["eva_demo_FY2026.zip", "dqce_demo_FY2024.zip", "lsa_dollarstore_FY2022.zip"]
)
def test_larger_and_older_exports_load_and_show_no_hash(folder, known, harbor, name):
    report = import_hmis(folder / name, harbor)
    assert report.exit_code == 0
    assert counts(harbor) == expected(known[name])
    assert accounted(report).items() >= (known[name]["rows"].items() - {("Export", 1)})
    clear = Client.objects.exclude(name_quality="hashed").count()
    assert clear == (known[name]["clients_distinct"] if name.startswith("lsa") else 0)
    assert not [key for key in Client.objects.values_list("name_key", flat=True) if HASH.search(key)]


@pytest.mark.parametrize("name", ["custom_files.zip", "enrollment_test_files.zip"])
def test_rows_that_belong_to_nobody_are_refused(folder, known, harbor, name):
    report = import_hmis(folder / "greenriver_small_FY2026" / name, harbor)
    fact = known[f"greenriver_small_FY2026/{name}"]
    assert len(report.refused) == sum(fact["orphans_by_EnrollmentID"].values())
    assert Client.objects.count() == fact["clients_distinct"]

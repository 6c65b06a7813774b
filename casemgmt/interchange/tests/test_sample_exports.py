"""Real exports that we do not ship: they load, agree with counts taken from their bytes, and load twice as once."""

import json
import re

import pytest

from casemgmt.agencies.models import Program, StaffMember
from casemgmt.interchange.hmis.importer import import_hmis
from casemgmt.interchange.tests.test_import_hmis import traces
from clients.models import Client, Discharge, Enrollment, Household, Visit
from clients.pipeline import Stage

HASH = re.compile("[0-9a-f]{32}")
YEARS = ["FY2024", "FY2026"]


@pytest.fixture
def folder(sample_data):
    return sample_data / "hmis"


@pytest.fixture
def facts(folder):
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
        "visits": rows(Visit).count(),
    }


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
        "visits": rows["Services"] + rows["CurrentLivingSituation"],
    }


@pytest.mark.parametrize("year", YEARS)
def test_the_500_people_agree_with_the_facts_and_come_in_once(folder, facts, harbor, year):
    name = f"greenriver_icount_{year}.zip"
    report = import_hmis(folder / name, harbor)
    assert report.exit_code == 0
    assert counts(harbor) == expected(facts[name])
    before = traces()
    again = import_hmis(folder / name, harbor)
    assert again.changed == 0
    assert traces() == before


def test_the_500_people_survive_the_change_of_version(folder, facts, harbor):
    first, second = (folder / f"greenriver_icount_{year}.zip" for year in YEARS)
    import_hmis(first, harbor)
    before = traces()
    report = import_hmis(second, harbor)
    assert report.source == "hmis:1106"
    assert report.changed == 0
    assert {tally.absent for tally in report.files.values()} == {0}
    assert traces() == before
    assert counts(harbor) == expected(facts[second.name])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["dqce_demo_FY2024.zip", "lsa_dollarstore_FY2022.zip"])
def test_larger_and_older_exports_load_and_show_no_hash(folder, facts, harbor, name):
    report = import_hmis(folder / name, harbor)
    assert report.exit_code == 0
    assert counts(harbor) == expected(facts[name])
    assert not [key for key in Client.objects.values_list("name_key", flat=True) if HASH.search(key)]


@pytest.mark.parametrize("name", ["custom_files.zip", "enrollment_test_files.zip"])
def test_rows_that_belong_to_nobody_are_refused(folder, facts, harbor, name):
    report = import_hmis(folder / "greenriver_small_FY2026" / name, harbor)
    fact = facts[f"greenriver_small_FY2026/{name}"]
    assert len(report.refused) == fact["orphans_by_EnrollmentID"]["CurrentLivingSituation"]
    assert Client.objects.count() == fact["clients_distinct"]

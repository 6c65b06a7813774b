"""A small invented export: two projects, two workers, a mother with her child and a man on his own."""

import csv
import io
import zipfile
from copy import deepcopy

import pytest

from casemgmt.agencies.models import Agency
from casemgmt.interchange.hmis.importer import import_hmis

SSN = "900123456"
SMALL = {
    "Export": [
        {"ExportID": "1", "SourceID": "77", "HashStatus": "1", "CSVVersion": "2026 v1.0"},
    ],
    "Project": [
        {
            "ProjectID": "P1",
            "ProjectName": "Harbor Outreach",
            "OperatingStartDate": "2019-04-01",
            "OperatingEndDate": "",
            "ProjectType": "4",
            "DateDeleted": "",
        },
        {
            "ProjectID": "P2",
            "ProjectName": "Maple Homes",
            "OperatingStartDate": "2020-01-01",
            "OperatingEndDate": "2022-12-31",
            "ProjectType": "3",
            "DateDeleted": "",
        },
    ],
    "User": [
        {
            "UserID": "U1",
            "UserFirstName": "Robin",
            "UserLastName": "Example",
            "UserPhone": "4125550100",
            "UserExtension": "12",
            "UserEmail": "robin@example.org",
            "DateDeleted": "",
        },
        {
            "UserID": "U2",
            "UserFirstName": "",
            "UserLastName": "",
            "UserPhone": "",
            "UserExtension": "",
            "UserEmail": "",
            "DateDeleted": "",
        },
    ],
    "Client": [
        {
            "PersonalID": "C1",
            "FirstName": "Alma",
            "MiddleName": "Q",
            "LastName": "Invented",
            "NameSuffix": "",
            "SSN": SSN,
            "DOB": "1988-02-03",
            "DOBDataQuality": "1",
            "DateDeleted": "",
        },
        {
            "PersonalID": "C2",
            "FirstName": "Ben",
            "MiddleName": "",
            "LastName": "Invented",
            "NameSuffix": "",
            "SSN": "",
            "DOB": "2015-01-01",
            "DOBDataQuality": "2",
            "DateDeleted": "",
        },
        {
            "PersonalID": "C3",
            "FirstName": "Carl",
            "MiddleName": "",
            "LastName": "Made-Up",
            "NameSuffix": "Jr.",
            "SSN": "",
            "DOB": "",
            "DOBDataQuality": "99",
            "DateDeleted": "",
        },
    ],
    "Enrollment": [
        {
            "EnrollmentID": "E1",
            "PersonalID": "C1",
            "ProjectID": "P1",
            "EntryDate": "2021-10-01",
            "HouseholdID": "H1",
            "RelationshipToHoH": "1",
            "DateDeleted": "",
        },
        {
            "EnrollmentID": "E2",
            "PersonalID": "C2",
            "ProjectID": "P1",
            "EntryDate": "2021-10-01",
            "HouseholdID": "H1",
            "RelationshipToHoH": "2",
            "DateDeleted": "",
        },
        {
            "EnrollmentID": "E3",
            "PersonalID": "C3",
            "ProjectID": "P2",
            "EntryDate": "2021-03-05",
            "HouseholdID": "H2",
            "RelationshipToHoH": "1",
            "DateDeleted": "",
        },
    ],
    "Exit": [
        {
            "ExitID": "X3",
            "EnrollmentID": "E3",
            "PersonalID": "C3",
            "ExitDate": "2022-06-30",
            "Destination": "435",
            "DestinationSubsidyType": "433",
            "OtherDestination": "",
            "ProjectCompletionStatus": "1",
            "DateDeleted": "",
        },
    ],
    "Services": [
        {
            "ServicesID": "1",
            "EnrollmentID": "E1",
            "PersonalID": "C1",
            "DateProvided": "2021-10-05",
            "RecordType": "144",
            "TypeProvided": "1",
            "OtherTypeProvided": "",
            "FAAmount": "",
            "UserID": "U1",
            "DateDeleted": "",
        },
        {
            "ServicesID": "2",
            "EnrollmentID": "E3",
            "PersonalID": "C3",
            "DateProvided": "2021-07-04",
            "RecordType": "200",
            "TypeProvided": "200",
            "OtherTypeProvided": "",
            "FAAmount": "",
            "UserID": "",
            "DateDeleted": "",
        },
    ],
    "CurrentLivingSituation": [
        {
            "CurrentLivingSitID": "1",
            "EnrollmentID": "E1",
            "PersonalID": "C1",
            "InformationDate": "2021-11-01",
            "CurrentLivingSituation": "116",
            "LocationDetails": "By the river",
            "UserID": "U1",
            "DateDeleted": "",
        },
    ],
}


class MadeUp(dict):
    """The small export as a test changes it: `made["Client"][0]["DOB"] = …`, then `made.folder()` or `made.zip()`."""

    def __init__(self, tmp_path):
        super().__init__(deepcopy(SMALL))
        self.path = tmp_path
        self.raw = {}  # bytes of a file, where its rows will not do

    def files(self):
        for name, rows in self.items():
            text = io.StringIO()
            writer = csv.DictWriter(text, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
            yield f"{name}.csv", self.raw.get(name, text.getvalue().encode())

    def folder(self, name="export"):
        folder = self.path / name
        folder.mkdir(exist_ok=True)
        for file, content in self.files():
            (folder / file).write_bytes(content)
        return folder

    def zip(self, name="export.zip", inside=""):
        with zipfile.ZipFile(self.path / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for file, content in self.files():
                archive.writestr(inside + file, content)
        return self.path / name

    def row(self, name, **fields):
        """One more row of a file: its first, with these fields changed."""
        self[name].append(self[name][0] | fields)


@pytest.fixture
def made(tmp_path):
    return MadeUp(tmp_path)


@pytest.fixture
def harbor(db):
    return Agency.objects.create(name="Harbor House", slug="harbor")


@pytest.fixture
def take(made, harbor):
    """Import the export as it is now."""
    return lambda **options: import_hmis(made.folder(), harbor, **options)

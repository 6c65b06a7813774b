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


def _about_alma(**fields):
    return {
        "EnrollmentID": "E1",
        "PersonalID": "C1",
        "InformationDate": "2021-10-01",
        **fields,
        "DateDeleted": "",
    }


# What else an export may tell of the mother.
FACTS = {
    "IncomeBenefits": [
        _about_alma(
            IncomeBenefitsID="I1",
            IncomeFromAnySource="1",
            TotalMonthlyIncome="1250.50",
            Earned="1",
            EarnedAmount="1250.50",
            SSI="0",
            SSIAmount="",
            BenefitsFromAnySource="1",
            SNAP="1",
            InsuranceFromAnySource="0",
            Medicaid="0",
            DataCollectionStage="1",
            UserID="U1",
        ),
        _about_alma(IncomeBenefitsID="I2", IncomeFromAnySource="99", DataCollectionStage="2"),
    ],
    "Disabilities": [
        _about_alma(
            DisabilitiesID="D1",
            DisabilityType="9",
            DisabilityResponse="1",
            IndefiniteAndImpairs="1",
            DataCollectionStage="1",
        ),
        _about_alma(
            DisabilitiesID="D2",
            DisabilityType="10",
            DisabilityResponse="3",
            IndefiniteAndImpairs="0",
            DataCollectionStage="1",
        ),
    ],
    "HealthAndDV": [
        _about_alma(
            HealthAndDVID="V1",
            DomesticViolenceSurvivor="1",
            WhenOccurred="1",
            CurrentlyFleeing="1",
            GeneralHealthStatus="4",
            DataCollectionStage="1",
        ),
    ],
    "EmploymentEducation": [
        _about_alma(
            EmploymentEducationID="W1",
            Employed="1",
            EmploymentType="2",
            LastGradeCompleted="5",
            DataCollectionStage="1",
        ),
    ],
    "YouthEducationStatus": [
        _about_alma(YouthEducationStatusID="Y1", CurrentSchoolAttend="2", CurrentEdStatus="1"),
    ],
    "Event": [
        {
            "EventID": "S1",
            "EnrollmentID": "E1",
            "PersonalID": "C1",
            "EventDate": "2021-12-01",
            "Event": "14",
            "ReferralResult": "1",
            "ResultDate": "12/05/2021",
            "DateDeleted": "",
        },
    ],
    "Assessment": [
        {
            "AssessmentID": "A1",
            "EnrollmentID": "E1",
            "PersonalID": "C1",
            "AssessmentDate": "2021-11-20",
            "AssessmentLevel": "2",
            "AssessmentType": "3",
            "PrioritizationStatus": "1",
            "DateDeleted": "",
        },
    ],
    "Organization": [{"OrganizationID": "O1", "OrganizationName": "Harbor"}],
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
            writer = csv.DictWriter(text, list(dict.fromkeys(column for row in rows for column in row)))
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
def full(made):
    """The small export with every file of facts."""
    made |= deepcopy(FACTS)
    made["Enrollment"][0] |= {"LivingSituation": "116", "MoveInDate": "2021-12-24"}
    made["Exit"][0] |= {"Destination": "206"}
    return made


@pytest.fixture
def harbor(db):
    return Agency.objects.create(name="Harbor House", slug="harbor")


@pytest.fixture
def take(made, harbor):
    """Import the export as it is now."""
    return lambda **options: import_hmis(made.folder(), harbor, **options)

"""What an import did, row by row: figures for each file, and what was refused or left out, and why."""

import re
from dataclasses import asdict, dataclass, field

from django.utils.translation import gettext as _

# Only these may be quoted in a report: keys, codes and days of service. Never a name, a birth date or free text.
QUOTABLE_KEYS = {
    "ProjectID",
    "UserID",
    "PersonalID",
    "EnrollmentID",
    "HouseholdID",
    "ExitID",
    "ServicesID",
    "CurrentLivingSitID",
    "IncomeBenefitsID",
    "DisabilitiesID",
    "HealthAndDVID",
    "EmploymentEducationID",
    "YouthEducationStatusID",
    "EventID",
    "AssessmentID",
}
QUOTABLE_CODES = {
    "ProjectType",
    "OperatingStartDate",
    "OperatingEndDate",
    "DOBDataQuality",
    "EntryDate",
    "RelationshipToHoH",
    "ExitDate",
    "Destination",
    "DestinationSubsidyType",
    "ProjectCompletionStatus",
    "DateProvided",
    "RecordType",
    "TypeProvided",
    "InformationDate",
    "CurrentLivingSituation",
    "DateDeleted",
    "DataCollectionStage",
    "DisabilityType",
    "Event",
    "EventDate",
    "AssessmentDate",
}
# A file of nothing but faults shall not fill the memory.
MOST_TOLD = 10_000
_SSN = re.compile(r"(?<!\d)\d{3}[- ]?\d{2}[- ]?\d{4}(?!\d)")


def quotable(column, value):
    """The value where it cannot name a person, also when a row's cells are shifted; else empty."""
    if _SSN.search(value) or not any(c.isdigit() for c in value):
        return ""
    if column in QUOTABLE_KEYS:
        return value[:40]
    if column in QUOTABLE_CODES and not any(c.isalpha() for c in value):
        return value[:40]
    return ""


@dataclass
class Tally:
    """Rows of one file. Each row read is in exactly one of the figures from `created` to `refused`."""

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0  # marked as deleted there: skipped
    repeated: int = 0  # the same row once more: skipped
    refused: int = 0
    absent: int = 0  # known here from an earlier import, not in this one: left alone


@dataclass(frozen=True)
class Remark:
    """A row that was refused, or a value that was left out, with its place in the file."""

    file: str
    line: int
    column: str
    value: str
    why: str


@dataclass
class Report:
    """The whole of one import."""

    agency: str
    export: str
    source: str = ""
    version: str = ""
    dry_run: bool = False
    files: dict = field(default_factory=dict)
    beside: dict = field(default_factory=dict)  # rows that have no file of their own, such as households
    refused: list = field(default_factory=list)
    warnings: dict = field(default_factory=dict)
    not_read: list = field(default_factory=list)
    not_taken: dict = field(default_factory=dict)  # rows of files for which there is no place here
    missing: list = field(default_factory=list)  # files that belong to an export and were not in it
    more_refused: int = 0  # rows refused beyond those that are told one by one

    quote = staticmethod(quotable)
    count = Tally

    def tally(self, file):
        return self.files.setdefault(file, self.count())

    def also(self, name):
        return self.beside.setdefault(name, Tally())

    def refuse(self, file, line, column, value, why):
        self.tally(file).refused += 1
        if len(self.refused) >= MOST_TOLD:
            self.more_refused += 1
            return
        self.refused.append(Remark(file, line, column, self.quote(column, value), str(why)))

    def warn(self, file, line, column, value, why):
        """The same remark about many rows is kept once, with the first line and how many rows it is about."""
        remark = Remark(file, line, column, self.quote(column, value), str(why))
        key = (remark.file, remark.column, remark.value, remark.why)
        if key not in self.warnings and len(self.warnings) >= MOST_TOLD:
            key = (file, column, "", remark.why)
        first, count = self.warnings.get(key, (remark, 0))
        self.warnings[key] = (first, count + 1)

    @property
    def exit_code(self):
        return 1 if self.refused else 0

    @property
    def changed(self):
        """How many rows were written."""
        return sum(t.created + t.updated for t in (*self.files.values(), *self.beside.values()))

    def as_dict(self):
        return {
            "agency": self.agency,
            "export": self.export,
            "source": self.source,
            "version": self.version,
            "dry_run": self.dry_run,
            "files": {name: asdict(tally) for name, tally in self.files.items()},
            "beside": {
                name: {"created": t.created, "updated": t.updated, "unchanged": t.unchanged}
                for name, t in self.beside.items()
            },
            "refused": [asdict(remark) for remark in self.refused],
            "warnings": [asdict(remark) | {"rows": rows} for remark, rows in self.warnings.values()],
            "not_read": self.not_read,
            "not_taken": self.not_taken,
            "missing": self.missing,
            "more_refused": self.more_refused,
            "exit_code": self.exit_code,
        }

    def figures(self):
        """What is counted of each file, and how it is called."""
        return {
            "read": _("read"),
            "created": _("created"),
            "updated": _("updated"),
            "unchanged": _("unchanged"),
            "deleted": _("deleted"),
            "repeated": _("repeated"),
            "refused": _("refused"),
            "absent": _("not in it"),
        }

    def lines(self):
        """The report for a person at a terminal."""
        yield _("%(export)s (%(version)s) into %(agency)s, marked “%(source)s”") % {
            "export": self.export,
            "version": self.version or _("version not named"),
            "agency": self.agency,
            "source": self.source,
        }
        yield ""
        names = self.figures()
        width = max([26, *(len(name) + 2 for name in (*self.files, *self.beside))])
        yield " " * width + "".join(f"{name:>11}" for name in names.values())
        for file, tally in self.files.items():
            yield file.ljust(width) + "".join(f"{getattr(tally, name):>11}" for name in names)
        for thing, tally in self.beside.items():
            shown = {"created", "updated", "unchanged"}
            yield thing.ljust(width) + "".join(
                f"{getattr(tally, name) if name in shown else '':>11}" for name in names
            )
        if self.not_read:
            yield ""
            yield _("Not read: %(files)s") % {"files": ", ".join(self.not_read)}
        if self.not_taken:
            yield ""
            yield _("Not taken, there is no place for it here:")
            for name, rows in self.not_taken.items():
                yield f"  {name}: " + (_("not readable") if rows is None else _("%(n)d rows") % {"n": rows})
        if self.missing:
            yield ""
            yield _("Not in the export: %(files)s") % {"files": ", ".join(self.missing)}
        if self.warnings:
            yield ""
            yield _("Taken in, with something left out:")
            for remark, rows in self.warnings.values():
                yield _remark_line(remark) + (
                    _(" (%(rows)s rows, the first here)") % {"rows": rows} if rows > 1 else ""
                )
        if self.refused:
            yield ""
            yield _("Refused:")
            yield from map(_remark_line, self.refused)
            if self.more_refused:
                yield _("  … and %(rows)d more rows.") % {"rows": self.more_refused}
        if self.dry_run:
            yield ""
            yield _("Dry run: nothing was written.")


def _remark_line(remark):
    value = f" “{remark.value}”" if remark.value else ""
    line = f":{remark.line}" if remark.line else ""
    column = f" {remark.column}" if remark.column else ""
    return f"  {remark.file}{line}{column}{value}: {remark.why}"

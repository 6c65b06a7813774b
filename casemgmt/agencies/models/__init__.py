from casemgmt.agencies.models.agency import (
    Agency,
    AgencyFact,
    AgencyOwned,
    FactQuerySet,
    FromElsewhere,
    ScopedQuerySet,
    through,
)
from casemgmt.agencies.models.deadline import ReportingDeadline
from casemgmt.agencies.models.indicator import Indicator
from casemgmt.agencies.models.level import LevelOfCare
from casemgmt.agencies.models.noting import NotePhrase
from casemgmt.agencies.models.people import (
    Credential,
    OperatorEntry,
    ProgramStaff,
    StaffMember,
    SupervisionLink,
    User,
    acting_as,
    in_force,
)
from casemgmt.agencies.models.program import (
    ConsentText,
    EligibilityCriterion,
    PickItem,
    Program,
    ProgramStep,
    ServiceType,
)
from casemgmt.agencies.models.reminding import CalendarFeed, DailyMail
from casemgmt.agencies.models.signing import Addendum, Signature
from casemgmt.agencies.models.traces import KeptForm, LoginEvent, Notice, Submission

__all__ = [
    "Addendum",
    "Agency",
    "AgencyFact",
    "AgencyOwned",
    "CalendarFeed",
    "ConsentText",
    "Credential",
    "DailyMail",
    "EligibilityCriterion",
    "FactQuerySet",
    "FromElsewhere",
    "Indicator",
    "KeptForm",
    "LevelOfCare",
    "LoginEvent",
    "NotePhrase",
    "Notice",
    "OperatorEntry",
    "PickItem",
    "Program",
    "ProgramStaff",
    "ProgramStep",
    "ReportingDeadline",
    "ScopedQuerySet",
    "ServiceType",
    "Signature",
    "StaffMember",
    "Submission",
    "SupervisionLink",
    "User",
    "acting_as",
    "in_force",
    "through",
]

from casemgmt.agencies.models.agency import (
    Agency,
    AgencyFact,
    AgencyOwned,
    FactQuerySet,
    FromElsewhere,
    ScopedQuerySet,
    through,
)
from casemgmt.agencies.models.level import LevelOfCare
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
from casemgmt.agencies.models.signing import Addendum, Signature
from casemgmt.agencies.models.traces import LoginEvent, Notice, Submission

__all__ = [
    "Addendum",
    "Agency",
    "AgencyFact",
    "AgencyOwned",
    "ConsentText",
    "Credential",
    "EligibilityCriterion",
    "FactQuerySet",
    "FromElsewhere",
    "LevelOfCare",
    "LoginEvent",
    "Notice",
    "OperatorEntry",
    "PickItem",
    "Program",
    "ProgramStaff",
    "ProgramStep",
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

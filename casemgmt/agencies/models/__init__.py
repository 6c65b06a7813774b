from casemgmt.agencies.models.agency import Agency, AgencyOwned, FromElsewhere, ScopedQuerySet
from casemgmt.agencies.models.people import (
    Credential,
    OperatorEntry,
    ProgramStaff,
    StaffMember,
    SupervisionLink,
    User,
)
from casemgmt.agencies.models.program import EligibilityCriterion, PickItem, Program, ServiceType
from casemgmt.agencies.models.signing import Addendum, Signature
from casemgmt.agencies.models.traces import LoginEvent, Notice, Submission

__all__ = [
    "Addendum",
    "Agency",
    "AgencyOwned",
    "Credential",
    "EligibilityCriterion",
    "FromElsewhere",
    "LoginEvent",
    "Notice",
    "OperatorEntry",
    "PickItem",
    "Program",
    "ProgramStaff",
    "ScopedQuerySet",
    "ServiceType",
    "Signature",
    "StaffMember",
    "Submission",
    "SupervisionLink",
    "User",
]

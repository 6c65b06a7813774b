from clients.models.access import (
    AccessLog,
    ConflictOfInterest,
    EmergencyAccess,
    OutsideCaseload,
    RestrictedTo,
)
from clients.models.closing import AftercareFollowUp, Discharge, DischargeSignature, Lifeline
from clients.models.consent import Consent
from clients.models.enrollment import CaseAssignment, Enrollment, NotReady, StageChange
from clients.models.intake import CriterionAnswer, EligibilityDecision, IncomingReferral, Intake
from clients.models.person import Client, Household, HouseholdMember
from clients.models.visit import Visit, VisitAddendum, VisitParticipant, VisitSignature

__all__ = [
    "AccessLog",
    "AftercareFollowUp",
    "CaseAssignment",
    "Client",
    "ConflictOfInterest",
    "Consent",
    "CriterionAnswer",
    "Discharge",
    "DischargeSignature",
    "EligibilityDecision",
    "EmergencyAccess",
    "Enrollment",
    "Household",
    "HouseholdMember",
    "IncomingReferral",
    "Intake",
    "Lifeline",
    "NotReady",
    "OutsideCaseload",
    "RestrictedTo",
    "StageChange",
    "Visit",
    "VisitAddendum",
    "VisitParticipant",
    "VisitSignature",
]

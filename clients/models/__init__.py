from clients.models.access import (
    AccessLog,
    ConflictOfInterest,
    EmergencyAccess,
    MergedInto,
    OutsideCaseload,
    RestrictedTo,
)
from clients.models.around import (
    Benefit,
    LegalRepresentative,
    LivingArrangement,
    OtherWorker,
    RelatedPerson,
)
from clients.models.closing import AftercareFollowUp, Discharge, DischargeSignature, Lifeline
from clients.models.consent import Consent, ConsentLacks
from clients.models.consultation import Consultation
from clients.models.day import CheckIn, PlannedVisit, Snooze
from clients.models.disclosure import DirectiveStands, Disclosure
from clients.models.document import Document, DocumentFile, DocumentOpening
from clients.models.enrollment import CaseAssignment, Enrollment, NotReady, StageChange
from clients.models.events import DatedFact, KeyEvent
from clients.models.identity import Identifier, OtherName
from clients.models.incident import (
    IncidentReport,
    IncidentSubmitted,
    MandatedReport,
    MandatedSubmitted,
)
from clients.models.intake import (
    CriterionAnswer,
    EligibilityDecision,
    Intake,
    ResourceOffered,
)
from clients.models.level import Crisis, LevelDecision
from clients.models.merge import Merge
from clients.models.milestones import Milestone
from clients.models.note import VisitAddendum, VisitCorrection, VisitQuestion, VisitSignature
from clients.models.person import Client, Household, HouseholdMember
from clients.models.reaching import OutreachContact
from clients.models.referral import IncomingReferral
from clients.models.safety import Alert, LegalPaper, SafetyPlan
from clients.models.visit import Visit, VisitActivity, VisitParticipant
from clients.models.visit_value import VisitValue

__all__ = [
    "AccessLog",
    "AftercareFollowUp",
    "Alert",
    "Benefit",
    "CaseAssignment",
    "CheckIn",
    "Client",
    "ConflictOfInterest",
    "Consent",
    "ConsentLacks",
    "Consultation",
    "Crisis",
    "CriterionAnswer",
    "DatedFact",
    "DirectiveStands",
    "Discharge",
    "DischargeSignature",
    "Disclosure",
    "Document",
    "DocumentFile",
    "DocumentOpening",
    "EligibilityDecision",
    "EmergencyAccess",
    "Enrollment",
    "Household",
    "HouseholdMember",
    "Identifier",
    "IncidentReport",
    "IncidentSubmitted",
    "IncomingReferral",
    "Intake",
    "KeyEvent",
    "LegalPaper",
    "LegalRepresentative",
    "LevelDecision",
    "Lifeline",
    "LivingArrangement",
    "MandatedReport",
    "MandatedSubmitted",
    "Merge",
    "MergedInto",
    "Milestone",
    "NotReady",
    "OtherName",
    "OtherWorker",
    "OutreachContact",
    "OutsideCaseload",
    "PlannedVisit",
    "RelatedPerson",
    "ResourceOffered",
    "RestrictedTo",
    "SafetyPlan",
    "Snooze",
    "StageChange",
    "Visit",
    "VisitActivity",
    "VisitAddendum",
    "VisitCorrection",
    "VisitParticipant",
    "VisitQuestion",
    "VisitSignature",
    "VisitValue",
]

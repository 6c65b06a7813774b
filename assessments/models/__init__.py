from assessments.models.answered import Unanswered, scores_of
from assessments.models.concern import Answer, Concern
from assessments.models.instrument import Instrument, InstrumentVersion, ProgramInstrument, credentials_of
from assessments.models.needs import Need, Strength
from assessments.models.own import StaffResponse
from assessments.models.response import Response, ResponseSignature
from assessments.models.review import (
    Administration,
    AdministrationSignature,
    DomainRating,
    NotFinished,
)

__all__ = [
    "Administration",
    "AdministrationSignature",
    "Answer",
    "Concern",
    "DomainRating",
    "Instrument",
    "InstrumentVersion",
    "Need",
    "NotFinished",
    "ProgramInstrument",
    "Response",
    "ResponseSignature",
    "StaffResponse",
    "Strength",
    "Unanswered",
    "credentials_of",
    "scores_of",
]

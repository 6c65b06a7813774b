from assessments.models.instrument import Instrument, InstrumentVersion, ProgramInstrument
from assessments.models.response import (
    Answer,
    Concern,
    Response,
    ResponseSignature,
    StaffResponse,
    Unanswered,
    scores_of,
)
from assessments.models.review import (
    Administration,
    AdministrationSignature,
    DomainRating,
    Need,
    NotFinished,
    Strength,
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
    "scores_of",
]

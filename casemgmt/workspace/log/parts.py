"""The questions of each note format over the same four columns (PR-23), with a hint on how to write (PR-27)."""

from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.program import NoteFormat

COLUMNS = ("note", "done", "response", "next_step")

_NEXT = ("next_step", _("What comes next"), "")
PARTS = {
    NoteFormat.SHORT: (
        ("note", _("What happened"), _("What they said and did, in their words where you can.")),
        _NEXT,
    ),
    NoteFormat.SOAP: (
        ("note", _("What they said"), _("In their own words.")),
        ("done", _("What you saw and did"), ""),
        ("response", _("What you make of it"), _("Strengths as well as worries.")),
        _NEXT,
    ),
    NoteFormat.DAP: (
        ("note", _("Data: what was said, seen and done"), _("In their words where you can.")),
        ("response", _("Assessment: what you make of it"), _("Strengths as well as worries.")),
        _NEXT,
    ),
    NoteFormat.GIRP: (
        ("note", _("Goal: what it was about"), _("The goal as they put it.")),
        ("done", _("Intervention: what you did"), ""),
        ("response", _("Response: how they took it"), _("What they said and did.")),
        _NEXT,
    ),
    NoteFormat.BIRP: (
        ("note", _("Behavior: what you saw and heard"), _("What they did, not what they are.")),
        ("done", _("Intervention: what you did"), ""),
        ("response", _("Response: how they took it"), _("What they said and did.")),
        _NEXT,
    ),
}


def parts_of(program):
    """(column, question, hint) in the order in which they are written."""
    return PARTS[NoteFormat(program.note_format)]


def said_in(visit):
    """(question, text) of what the note of a visit says, also under questions that the format no longer asks."""
    asked = {column: question for column, question, _hint in parts_of(visit.enrollment.program)}
    usual = {column: question for column, question, _hint in PARTS[NoteFormat.BIRP]} | {"note": _("Note")}
    rows = [(asked.get(name, usual[name]), getattr(visit, name)) for name in COLUMNS]
    return [(question, text) for question, text in rows if text.strip()]

"""The note before this one: asked for when a note is signed, because it may be the same text once more (PR-25)."""

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casemgmt.workspace.notes.likeness import is_too_alike, likeness
from clients.models import Visit

PARTS = ("note", "done", "response", "next_step", "own_note")


def text_of(said):
    """All words of a note as one text: of a visit, or of a form's dictionary."""
    get = said.get if isinstance(said, dict) else lambda name, _empty: getattr(said, name)
    return "\n".join(filter(None, ((get(name, "") or "").strip() for name in PARTS)))


def too_alike(enrollment, staff, text, exclude_pk=None):
    """The latest other note of this enrollment and how much is the same, in percent; None where they differ enough.

    One query.
    """
    rows = Visit.objects.visible_to(staff).of_care(staff).filter(enrollment=enrollment)
    rows = rows.exclude(note="", done="", response="", next_step="", own_note="")
    before = rows.exclude(pk=exclude_pk).order_by("-started_at", "-pk").first() if text else None
    if before is None:
        return None
    percent = likeness(text, text_of(before))
    return (before, int(percent)) if is_too_alike(percent) else None


def checked(form, enrollment, text, exclude_pk=None):
    """Whether this text may be signed: it differs from the last note, or they say that they have looked at it.

    Else the form says how alike the two are and asks for that tick (`alike_ok`), and nothing typed is lost.
    """
    found = too_alike(enrollment, form.staff, text, exclude_pk)
    if found is None:
        return True
    before, percent = found
    form.fields["alike_ok"] = forms.BooleanField(
        label=_("I have checked it: this is what happened this time"), required=False
    )
    if form.data.get(form.add_prefix("alike_ok")):
        return True
    said = _(
        "%(percent)s %% of this note is the same as the note of %(day)s. Say what was different, or tick below."
    )
    form.add_error(None, said % {"percent": percent, "day": date_format(before.started_at, "j F Y")})
    return False

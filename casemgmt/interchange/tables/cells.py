"""What a cell says, as the field that it fills understands it. Raises ValidationError with a sentence."""

from datetime import date

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from casemgmt.interchange.tables.dates import parse_day

BEGINNING = date(1900, 1, 1)
_NOTHING = {"n/a", "-", "--", "–", "—"}
_YES = {"yes", "y", "true", "t", "1", "x", "✓"}
_NO = {"no", "n", "false", "f", "0", ""}


def said(cell):
    """A cell without the space around and within; nothing where somebody wrote that there is nothing."""
    text = " ".join(cell.split())
    return "" if text.casefold() in _NOTHING else text


def of_field(field, text):
    """The text as a field of a model takes it."""
    if "\ufffd" in text:
        raise ValidationError(_("A letter could not be read. Save the file as UTF-8."))
    if not text:
        return ""
    if field.max_length and len(text) > field.max_length:
        raise ValidationError(
            _("Too long: %(n)s characters, at most %(most)s.") % {"n": len(text), "most": field.max_length}
        )
    return field.clean(text, None)


def day(text, order, today, *, future=False):
    """A day from 1900 on; in the future only where that makes sense."""
    try:
        found = parse_day(text, order, today)
    except ValueError:
        raise ValidationError(_("This is no date that can be read.")) from None
    if found < BEGINNING:
        raise ValidationError(_("This is before 1900."))
    if found > today and not future:
        raise ValidationError(_("This is in the future."))
    return found


def yes_or_no(text):
    folded = text.casefold()
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    raise ValidationError(_("Write yes or no."))


class Lookup:
    """Rows of ours by the words that people use for them: a code, a name, a user name."""

    def __init__(self, unknown, several):
        self.unknown, self.several, self.found = unknown, several, {}

    def add(self, pk, *words):
        for word in words:
            if key := " ".join(str(word or "").split()).casefold():
                self.found.setdefault(key, set()).add(pk)

    def pk(self, text):
        found = self.found.get(text.casefold(), ())
        if len(found) != 1:
            raise ValidationError(self.several if found else self.unknown)
        return next(iter(found))

    def __contains__(self, text):
        return text.casefold() in self.found

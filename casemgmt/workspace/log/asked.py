"""The agency's own questions on the page of a visit: which are asked, and the field of each."""

from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import Indicator
from clients.models import VisitValue

YES_NO = [("yes", _("Yes")), ("no", _("No")), ("", _("Not asked"))]
LONGEST = VisitValue._meta.get_field("words").max_length


@dataclass
class Asked:
    """One question, the name of its field, and what a draft already answers (None: nothing)."""

    indicator: Indicator
    before: VisitValue | None = None

    @property
    def name(self):
        return f"asked_{self.indicator.pk}"

    @property
    def said(self):
        if self.before is None:
            return ""
        if self.before.number is None:
            return self.before.words
        return f"{self.before.number:.{self.indicator.decimals}f}"

    def is_over(self, day):
        return self.indicator.ended_on is not None and self.indicator.ended_on <= day


class NumberField(forms.DecimalField):
    """A number with a point or a comma, as people write it; a comma between thousands is no number here."""

    def to_python(self, value):
        if isinstance(value, str) and value.count(",") == 1 and "." not in value:
            value = value.replace(",", ".")
        return super().to_python(value)


class ListField(forms.ChoiceField):
    """One of a list that may have changed since a phone took the page along: then it says what had been chosen."""

    def validate(self, value):
        if value and not self.valid_value(value):
            gone = _("“%(answer)s” is not in the list any more: choose again.")
            raise ValidationError(gone, params={"answer": Truncator(value).chars(100)})
        super().validate(value)


def asked_at(staff, visit, data=None):
    """What is asked at this visit: in force on its day, answered in its draft, or sent from an older page."""
    indicators = list(Indicator.objects.visible_to(staff))
    if not indicators:
        return []
    before, day = {}, timezone.localdate()
    if visit.pk is not None:
        day = timezone.localdate(visit.started_at)
        before = {row.indicator_id: row for row in VisitValue.objects.visible_to(staff).filter(visit=visit)}
    program, found = visit.enrollment.program_id, []
    for indicator in indicators:
        one = Asked(indicator, before.get(indicator.pk))
        is_offered = indicator.program_id in (None, program) and not one.is_over(day)
        if is_offered or one.before is not None or (data and data.get(one.name)):
            found.append(one)
    return found


def field_of(one):
    """The field of a question; none has to be answered."""
    indicator = one.indicator
    unit = f" ({indicator.unit})" if indicator.unit else ""
    shared = {
        "label": f"{indicator.name}{unit}",
        "help_text": indicator.help_text,
        "required": False,
        "initial": one.said,
    }
    if indicator.kind == Indicator.Kind.NUMBER:
        return _number(indicator, shared)
    if indicator.kind == Indicator.Kind.YES_NO:
        return forms.ChoiceField(choices=YES_NO, widget=forms.RadioSelect, **shared)
    if indicator.kind == Indicator.Kind.CHOICE:
        # What a draft says stays to be chosen, also where the list has lost it.
        answers = dict.fromkeys([*indicator.listed(), *filter(None, [one.said])])
        return ListField(choices=[("", "–"), *((answer, answer) for answer in answers)], **shared)
    return forms.CharField(max_length=LONGEST, widget=forms.TextInput({"autocomplete": "off"}), **shared)


def _number(indicator, shared):
    return NumberField(
        min_value=indicator.minimum,
        max_value=indicator.maximum,
        max_digits=12,
        decimal_places=indicator.decimals,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "min_value": _("The least is %(limit_value)s."),
            "max_value": _("The most is %(limit_value)s."),
            "invalid": _("Write a number, such as 3."),
        },
        **shared,
    )


def answer_of(one, value):
    """(question, number, words) for the verb; neither where nothing is answered."""
    if isinstance(value, Decimal):
        return (one.indicator, value, "")
    return (one.indicator, None, (value or "").strip())

"""Days that can be meant: what is typed wrong by a century is found beside the field."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

YEARS = 10


def sensible_day(day):
    """A validator: within ten years of today, to either side."""
    if abs(day.year - timezone.localdate().year) > YEARS:
        raise forms.ValidationError(_("Check the year."))

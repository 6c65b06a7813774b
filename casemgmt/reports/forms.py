"""The period that a report looks at."""

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DAYS = 90
LONGEST = 366 * 5


class PeriodForm(forms.Form):
    """From a day to a day, both counted; part of the address, so that a report can be sent as a link."""

    start = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    end = forms.DateField(label=_("Until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def clean(self):
        cleaned = super().clean()
        start, end = cleaned.get("start"), cleaned.get("end")
        for name, day in (("start", start), ("end", end)):
            if day and not 1900 <= day.year <= 2200:
                self.add_error(name, _("Check the year."))
        if start and end and not self.errors:
            if end < start:
                self.add_error("end", _("The end is before the beginning."))
            elif (end - start).days > LONGEST:
                self.add_error("end", _("Choose at most five years."))
        return cleaned


def presets(today=None):
    """The periods one tap away: what they are called, from and until."""
    day = today or timezone.localdate()
    return [
        (_("Last 90 days"), day - timedelta(days=DAYS - 1), day),
        (_("This year"), day.replace(month=1, day=1), day),
    ]

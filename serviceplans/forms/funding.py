"""Forms of who pays, of a period that is billed, and of the hours that a supervisor certifies."""

from datetime import timedelta

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseForm, HouseModelForm
from clients.forms.days import sensible_day
from serviceplans.models import Authorization, EnrollmentFunding

LONGEST = 92


class FundingForm(HouseModelForm):
    """Who pays from a day on; once that is written only its end and its numbers change."""

    class Meta:
        model = EnrollmentFunding
        fields = ["source", "started_on", "ended_on", "member_number", "authorization"]
        widgets = {"started_on": forms.DateInput, "ended_on": forms.DateInput}

    def __init__(self, *args, enrollment, **kwargs):
        super().__init__(*args, **kwargs)
        fields = self.fields
        fields["source"].queryset, fields["source"].empty_label = (
            fields["source"].queryset.in_use(),
            _("Choose…"),
        )
        for name in ("started_on", "ended_on"):
            fields[name].validators.append(sensible_day)
        own = Authorization.objects.visible_to(self.staff).filter(enrollment=enrollment)
        fields["authorization"].queryset, fields["authorization"].empty_label = own, _("None")
        fields["ended_on"].help_text = _(
            "The first day on which they no longer pay. Empty: until further notice."
        )
        if self.instance.pk:
            del fields["source"], fields["started_on"]
        else:
            del fields["ended_on"]
        if not own.exists():
            del fields["authorization"]
        first = [name for name in ("source", "started_on", "ended_on") if name in fields]
        rest = [name for name in ("member_number", "authorization") if name in fields]
        self.helper.layout = Layout(
            "submit_key",
            "version",
            Div(*first, css_class="form-grid"),
            Div(*rest, css_class="form-grid"),
        )


class BilledPeriodForm(forms.Form):
    """From a day to a day, both counted; part of the address."""

    start = forms.DateField(label=_("From"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    end = forms.DateField(label=_("Until"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def clean(self):
        said = super().clean()
        start, end = said.get("start"), said.get("end")
        for name, day in (("start", start), ("end", end)):
            if day and not 1900 <= day.year <= 2200:
                self.add_error(name, _("Check the year."))
        if start and end and not self.errors:
            if end < start:
                self.add_error("end", _("The end is before the beginning."))
            elif (end - start).days >= LONGEST:
                self.add_error("end", _("Choose at most three months."))
            elif end > timezone.localdate():
                self.add_error("end", _("These days have not come yet."))
        return said


def billed_periods(today):
    """The periods one tap away: what they are called, from and until."""
    month, monday = today.replace(day=1), today - timedelta(days=today.weekday())
    last = month - timedelta(days=1)
    return [
        (_("Last month"), last.replace(day=1), last),
        (_("This month"), month, today),
        (_("Last week"), monday - timedelta(days=7), monday - timedelta(days=1)),
    ]


class MakeRunForm(HouseForm):
    """The button that sends a period; its days come with it."""

    start = forms.DateField(widget=forms.HiddenInput)
    end = forms.DateField(widget=forms.HiddenInput)


class HoursForm(HouseForm):
    """The minutes that people worked in a week; an empty field is not certified."""

    def __init__(self, *args, people, days, certified, **kwargs):
        self.people, self.days = people, days
        super().__init__(*args, **kwargs)
        for person in people:
            for day in days:
                self.fields[self.name(person, day)] = forms.IntegerField(
                    label=f"{person}, {date_format(day, 'D j M')}",
                    required=False,
                    min_value=0,
                    max_value=24 * 60,
                    error_messages={"max_value": _("A day has 1440 minutes.")},
                    initial=certified.get((person.pk, day)),
                    widget=forms.NumberInput({"class": "form-control", "inputmode": "numeric"}),
                )

    @staticmethod
    def name(person, day):
        return f"m_{person.pk}_{day:%Y%m%d}"

    def said(self):
        """(colleague, day): the minutes that were typed."""
        return {
            (person, day): minutes
            for person in self.people
            for day in self.days
            if (minutes := self.cleaned_data.get(self.name(person, day))) is not None
        }

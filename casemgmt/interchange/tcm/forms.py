"""Which period, and to whom and on what ground the record goes."""

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as now_
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models.program import ConsentKind
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm
from casemgmt.interchange.tcm.elements import Period
from clients.models import Consent, Disclosure, Enrollment

Basis = Disclosure.Basis
GROUNDS = [
    (Basis.CARE.value, _("Payment: they pay for the service")),
    (Basis.LAW.value, _("Oversight: an audit or a law asks for it")),
    (Basis.PERSON.value, _("The person asks for it")),
]
LONGEST = 366 * 2


def checked(form, start, end):
    """Say beside the fields what is wrong with the days."""
    for name, day in (("start", start), ("end", end)):
        if day and not 1900 <= day.year <= 2200:
            form.add_error(name, _("Check the year."))
    if start and end and not form.errors:
        if end < start:
            form.add_error("end", _("The end is before the beginning."))
        elif (end - start).days > LONGEST:
            form.add_error("end", _("Choose at most two years."))


class PeriodForm(forms.Form):
    """From a day to a day; part of the address."""

    start = forms.DateField(label=_("From"))
    end = forms.DateField(label=_("Until"))

    def clean(self):
        cleaned = super().clean()
        checked(self, cleaned.get("start"), cleaned.get("end"))
        return cleaned

    def period(self):
        return Period(self.cleaned_data["start"], self.cleaned_data["end"])


class EnrollmentChoices(forms.ModelMultipleChoiceField):
    """Periods of service it tells of; those under Part 2 say so."""

    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, enrollment):
        said = f"{enrollment.program}, {date_format(enrollment.enrolled_on, 'M Y')}"
        return f"{said} · 42 CFR Part 2" if enrollment.program.is_part_2 else said


class ReleaseForm(HouseForm):
    """To whom and why; the gate decides whether it may go."""

    start = forms.DateField(label=_("From"), widget=forms.DateInput)
    end = forms.DateField(label=_("Until"), widget=forms.DateInput)
    enrollments = EnrollmentChoices(queryset=Enrollment.objects.none(), label=worded(_("Which {enrollment}")))
    ground = forms.ChoiceField(label=_("Why it may go out"), widget=forms.RadioSelect)
    recipient = forms.CharField(label=_("To whom"), max_length=200, required=False)

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        self.client = client
        rows = Enrollment.objects.visible_to(self.staff).filter(client=client).select_related("program")
        self.fields["enrollments"].queryset = rows.order_by("-enrolled_on", "-pk")
        given = Consent.objects.visible_to(self.staff).filter(client=client).outward()
        self.agreed = {f"c{c.pk}": c for c in given.select_related("client__agency", "program")}
        self.fields["ground"].choices = [
            *GROUNDS,
            *[(key, _("They agreed: %(whom)s") % {"whom": c.whom()}) for key, c in self.agreed.items()],
        ]
        self.fields["ground"].initial = Basis.CARE.value
        if "heeded" in self.data:
            self._ask_heeded()

    def warn(self, refused):
        """The person's own words about what must not go out; whoever goes on says that they heeded them."""
        self.refuse(refused)
        self._ask_heeded()

    def _ask_heeded(self):
        self.fields["heeded"] = forms.BooleanField(
            label=_("I read what they said, and this respects it"), required=False
        )

    def clean(self):
        cleaned = super().clean()
        checked(self, cleaned.get("start"), cleaned.get("end"))
        consent = self.agreed.get(cleaned.get("ground"))
        named = consent is not None and consent.kind != ConsentKind.PART2_TPO and ";" not in consent.recipient
        if named:
            cleaned["recipient"] = consent.recipient
        elif cleaned.get("ground") == Basis.PERSON:
            cleaned["recipient"] = self.client.name
        elif not cleaned.get("recipient"):
            self.add_error("recipient", _("Say who gets it."))
        return cleaned

    def disclosure(self):
        """What the gate is asked."""
        said = self.cleaned_data
        consent = self.agreed.get(said["ground"])
        reason = "" if consent else dict(GROUNDS)[said["ground"]]
        period = Period(said["start"], said["end"])
        return {
            "basis": Basis.CONSENT if consent else said["ground"],
            "consent": consent,
            "recipient": said["recipient"],
            "purpose": str(reason),
            "information": now_("Record of the service, %(period)s") % {"period": period},
            "parts": ["tcm", period.start.isoformat(), period.end.isoformat()],
            "enrollments": list(said["enrollments"]),
            "way": now_("as a file"),
            "heeded": said.get("heeded", False),
        }

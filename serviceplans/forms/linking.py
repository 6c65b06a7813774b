"""Forms of the services of others."""

from datetime import datetime

from crispy_forms.layout import Div, Layout
from django import forms
from django.db.models import Case, When
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from assessments.models import Need
from casemgmt.agencies.models import PickItem
from casemgmt.agencies.models.program import PickList
from casemgmt.core.forms import HouseForm, HouseModelForm
from clients.forms.days import sensible_day
from clients.models import Consent
from serviceplans.models import ServiceReferral

CHIPS = {"class": "chips"}
# What may stand at the beginning; everything further is a step that somebody vouches for.
BEGINNINGS = [ServiceReferral.Status(s) for s in ("asked", "accepted", "waiting", "running")]


class ConsentChoices(forms.ModelChoiceField):
    """Whom the person lets us tell, and until when."""

    widget = forms.RadioSelect

    def label_from_instance(self, consent):
        said = _("%(whom)s is told: %(what)s") % {"whom": consent.whom(), "what": consent.information}
        day = consent.expires_on
        until = date_format(day, "j M Y") if day else consent.expires_with
        return _("%(said)s (until %(until)s)") % {"said": said, "until": until} if until else said


def _naming(provider):
    """An order in which consents that name this provider come first."""
    return Case(When(recipient__iexact=provider, then=0), default=1)


class ReferralForm(HouseModelForm):
    """A service of somebody else; a second one of the same name is asked about once.

    The provider is told of the person only on a consent that names them, chosen here.
    """

    consent = ConsentChoices(
        queryset=Consent.objects.none(),
        required=False,
        label=_("What the provider is told"),
        empty_label=_("Nothing: they go themselves"),
        blank=True,
    )

    class Meta:
        model = ServiceReferral
        fields = [
            "service", "provider", "contact", "phone", "need", "resource", "status", "asked_on", "next_on", "note",
        ]  # fmt: skip
        widgets = {
            "resource": forms.HiddenInput,
            "status": forms.RadioSelect(attrs=CHIPS),
            "asked_on": forms.DateInput,
            "next_on": forms.DateInput,
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        }
        help_texts = {"next_on": _("When to ask how it goes, or the appointment.")}

    def __init__(self, *args, enrollment, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("asked_on", "next_on"):
            self.fields[name].validators.append(sensible_day)
        self.fields["need"].queryset = (
            Need.objects.visible_to(self.staff).filter(enrollment=enrollment).order_by("-severity", "domain")
        )
        self.fields["need"].empty_label = _("None in particular")
        if self.instance.pk is None:
            self.fields["status"].choices = [(one.value, one.label) for one in BEGINNINGS]
            self.fields["confirmed_by"] = forms.ChoiceField(
                label=_("Known from"),
                choices=ServiceReferral.Source.choices,
                required=False,
                widget=forms.RadioSelect(attrs=CHIPS),
                help_text=_("Only where they receive it already."),
            )
        else:
            # It goes on by steps, each with its day and who vouches for it.
            del self.fields["status"], self.fields["resource"]
        self.fields["consent"].queryset = (
            Consent.objects.visible_to(self.staff)
            .filter(client=enrollment.client_id)
            .outward()
            .select_related("client__agency")
            .order_by(_naming(self.initial.get("provider", "")), "recipient", "pk")
        )
        if self.instance.disclosure_id is not None:
            del self.fields["consent"]
        if "heeded" in self.data:
            self._ask_heeded()
        self._lay_out()
        if "all_the_same" in self.data:
            self._ask_all_the_same()

    def clean(self):
        data = super().clean()
        vouched = data.get("status") in ServiceReferral.VOUCHED
        if vouched and not data.get("confirmed_by") and "confirmed_by" not in self.errors:
            self.add_error("confirmed_by", _("Say from whom you know."))
        if "confirmed_by" in self.fields:
            self.instance.confirmed_by = data.get("confirmed_by", "") if vouched else ""
        return data

    def respect(self, refused):
        """Show what the person wants kept; whoever goes on says that it is heeded."""
        for sentence in refused.sentences:
            self.add_error("consent" if "consent" in self.fields else None, sentence)
        self._ask_heeded()
        self._lay_out()

    def _ask_heeded(self):
        self.fields["heeded"] = forms.BooleanField(
            label=_("I read what they said, and this respects it"), required=False
        )

    def sharing(self):
        """What is said of the provider to the gate."""
        return {
            "consent": self.cleaned_data.get("consent"),
            "heeded": self.cleaned_data.get("heeded", False),
        }

    def warn(self, refused):
        """Show the services there are beside the field, and let the person add this one all the same."""
        for sentence in refused.sentences:
            self.add_error("service", sentence)
        self._ask_all_the_same()

    def _ask_all_the_same(self):
        self.fields["all_the_same"] = forms.BooleanField(label=_("Add it all the same"), required=False)
        self._lay_out()

    def _lay_out(self):
        def there(*names):
            return [name for name in names if name in self.fields]

        self.helper.layout = Layout(
            "submit_key",
            "version",
            *there("resource"),
            "service",
            *there("all_the_same"),
            "provider",
            *there("consent", "heeded"),
            Div("contact", "phone", css_class="form-grid"),
            "need",
            *there("status", "confirmed_by"),
            Div("asked_on", "next_on", css_class="form-grid"),
            "note",
        )


class LackingForm:
    """A form whose verb says field by field what is missing."""

    def lacks(self, refused):
        """Each lack beside its field."""
        for name, sentence in refused.by_field.items():
            self.add_error(name or None, sentence)


class StepForm(LackingForm, HouseForm):
    """The next step of a referral: how it stands, who says so, and what only some of the answers need."""

    status = forms.ChoiceField(label=_("How does it stand?"), widget=forms.RadioSelect(attrs=CHIPS))
    confirmed_by = forms.ChoiceField(
        label=_("Known from"),
        choices=ServiceReferral.Source.choices,
        required=False,
        widget=forms.RadioSelect(attrs=CHIPS),
    )
    appointment_on = forms.DateField(
        label=_("Appointment on"), required=False, widget=forms.DateInput, validators=[sensible_day]
    )
    appointment_time = forms.TimeField(
        label=_("At"), required=False, widget=forms.TimeInput({"type": "time"}, format="%H:%M")
    )
    gap = forms.ModelChoiceField(
        PickItem.objects.all(),
        label=_("Why was it not to be had?"),
        required=False,
        empty_label=None,
        blank=True,
        widget=forms.RadioSelect(attrs=CHIPS),
    )
    on = forms.DateField(label=_("Day"), widget=forms.DateInput, validators=[sensible_day])
    next_on = forms.DateField(
        label=_("Ask again on"),
        required=False,
        widget=forms.DateInput,
        validators=[sensible_day],
        help_text=_("Empty: as the program sets it."),
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False)

    def __init__(self, *args, referral, **kwargs):
        self.instance = referral
        super().__init__(*args, **kwargs)
        # Where it stands already may be said again: nothing new, ask again later.
        asked = ServiceReferral.Status.ASKED
        stati = [one for one in ServiceReferral.Status if one != asked or referral.status == asked]
        self.fields["status"].choices = [(one.value, one.label) for one in stati]
        self.fields["on"].initial = timezone.localdate
        self.fields["gap"].queryset = self.fields["gap"].queryset.of(PickList.GAP)
        self.helper.layout = Layout(
            "submit_key",
            "version",
            "status",
            Div("appointment_on", "appointment_time", css_class="form-grid only-booked"),
            Div("gap", css_class="only-unmet"),
            "confirmed_by",
            "note",
            Div("on", Div("next_on", css_class="only-open"), css_class="form-grid"),
        )

    def clean(self):
        said = super().clean()
        day, time = said.get("appointment_on"), said.get("appointment_time")
        if said.get("status") == ServiceReferral.Status.BOOKED and day and time is None:
            self.add_error("appointment_time", _("Say at what time."))
        return said

    def said(self):
        """The arguments of the step; what the chosen status has no use for is left out."""
        data, status = self.cleaned_data, self.cleaned_data["status"]
        step = {name: data[name] for name in ("on", "confirmed_by", "note")}
        if status == ServiceReferral.Status.BOOKED and data["appointment_on"]:
            at = datetime.combine(data["appointment_on"], data["appointment_time"])
            step["appointment_at"] = timezone.make_aware(at)
        if status in ServiceReferral.UNMET:
            step["gap"] = data["gap"]
        elif status not in ServiceReferral.OVER:
            step["next_on"] = data["next_on"]
        return status, step

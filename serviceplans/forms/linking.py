"""Forms of the services of others."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from assessments.models import Need
from casemgmt.core.forms import HouseModelForm
from clients.models import Consent
from serviceplans.models import (
    ServiceReferral,
)


class ConsentChoices(forms.ModelChoiceField):
    """Whom the person lets us tell, and until when."""

    widget = forms.RadioSelect

    def label_from_instance(self, consent):
        said = _("%(whom)s is told: %(what)s") % {"whom": consent.whom(), "what": consent.information}
        day = consent.expires_on
        until = date_format(day, "j M Y") if day else consent.expires_with
        return _("%(said)s (until %(until)s)") % {"said": said, "until": until} if until else said


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
            "service", "provider", "contact", "phone", "need", "status", "asked_on", "next_on", "ended_on", "note",
        ]  # fmt: skip
        widgets = {
            "asked_on": forms.DateInput,
            "next_on": forms.DateInput,
            "ended_on": forms.DateInput,
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "off"}),
        }
        help_texts = {"next_on": _("When to ask how it goes, or the appointment.")}

    def __init__(self, *args, enrollment, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["need"].queryset = (
            Need.objects.visible_to(self.staff).filter(enrollment=enrollment).order_by("-severity", "domain")
        )
        self.fields["need"].empty_label = _("None in particular")
        if self.instance.pk is None:
            del self.fields["ended_on"]
        self.fields["consent"].queryset = (
            Consent.objects.visible_to(self.staff)
            .filter(client=enrollment.client_id)
            .outward()
            .select_related("client__agency")
            .order_by("recipient", "pk")
        )
        if self.instance.disclosure_id is not None:
            del self.fields["consent"]
        if "heeded" in self.data:
            self._ask_heeded()
        self._lay_out()
        if "all_the_same" in self.data:
            self._ask_all_the_same()

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
        dates = [name for name in ("asked_on", "next_on", "ended_on") if name in self.fields]
        again = ["all_the_same"] if "all_the_same" in self.fields else []
        told = [name for name in ("consent", "heeded") if name in self.fields]
        self.helper.layout = Layout(
            "submit_key",
            "version",
            "service",
            *again,
            "provider",
            *told,
            Div("contact", "phone", css_class="form-grid"),
            Div("need", "status", css_class="form-grid"),
            Div(*dates, css_class="form-grid"),
            "note",
        )

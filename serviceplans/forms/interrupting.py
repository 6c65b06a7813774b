"""The form of a service that stops."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseModelForm
from clients.forms.days import sensible_day
from serviceplans.forms.linking import CHIPS, LackingForm
from serviceplans.models import ServiceInterruption

DAYS = ("known_on", "stops_on", "notified_on")


class InterruptionForm(LackingForm, HouseModelForm):
    """What stops and since when we know; when they were told; how it goes on (REQ-134)."""

    class Meta:
        model = ServiceInterruption
        fields = [
            "service", "kind", "why", "known_on", "stops_on", "notified_on", "notified_how", "continuity",
            "no_continuity_why",
        ]  # fmt: skip
        widgets = {
            "kind": forms.RadioSelect(attrs=CHIPS),
            "notified_how": forms.RadioSelect(attrs=CHIPS),
            "continuity": forms.Textarea(attrs={"rows": 2}),
            **{name: forms.DateInput for name in DAYS},
        }
        help_texts = {"continuity": _("For example: another provider, a later date, who helps until then.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = ServiceInterruption.Kind.choices
        self.fields["notified_how"].choices = ServiceInterruption.How.choices
        for name in DAYS:
            self.fields[name].validators.append(sensible_day)
        self.helper.layout = Layout(
            "submit_key",
            "version",
            "service",
            "kind",
            Div("known_on", "stops_on", css_class="form-grid"),
            "why",
            Div("notified_on", "notified_how", css_class="form-grid"),
            "continuity",
            "no_continuity_why",
        )

    def clean(self):
        said = super().clean()
        known, told = said.get("known_on"), said.get("notified_on")
        if known and told and told < known:
            self.add_error("notified_on", _("They cannot have been told before we knew."))
        return said

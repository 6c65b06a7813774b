"""Forms of what stands above and beside the goals."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseModelForm
from clients.forms.days import sensible_day
from serviceplans.models import (
    DischargeCriterion,
    NeedLeft,
    ServicePlan,
)

SMALL_TEXT = {"rows": 3}


class PlanForm(HouseModelForm):
    """What stands above the goals."""

    merges = True

    class Meta:
        model = ServicePlan
        fields = ["vision", "starts_on", "review_on", "took_part"]
        widgets = {
            "vision": forms.Textarea(attrs=SMALL_TEXT),
            "starts_on": forms.DateInput,
            "review_on": forms.DateInput,
        }
        help_texts = {"review_on": _("Empty: as the program sets it.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("starts_on", "review_on"):
            self.fields[name].validators.append(sensible_day)
        self.helper.layout = Layout(
            "submit_key",
            "version",
            "vision",
            Div("starts_on", "review_on", css_class="form-grid"),
            "took_part",
        )


class CriterionForm(HouseModelForm):
    """What has to be so before service ends."""

    class Meta:
        model = DischargeCriterion
        fields = ["text"]
        help_texts = {"text": _("For example: I have paid my own rent for three months.")}


class NeedLeftForm(HouseModelForm):
    """Why a need waits."""

    class Meta:
        model = NeedLeft
        fields = ["need", "why", "note"]
        widgets = {"need": forms.RadioSelect, "why": forms.RadioSelect}

    def __init__(self, *args, needs, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["need"].queryset = self.fields["need"].queryset.filter(pk__in=needs)
        self.fields["need"].empty_label = None
        self.fields["why"].choices = NeedLeft.Why.choices

"""Forms of the look at a plan."""

from crispy_forms.layout import Div, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.core.forms import HouseModelForm
from serviceplans.models import (
    PlanReview,
)

SMALL_TEXT = {"rows": 3}


class ReviewForm(HouseModelForm):
    """What the look at the plan found."""

    class Meta:
        model = PlanReview
        fields = ["summary", "client_view", "outcome", "reviewed_on", "next_on"]
        widgets = {
            "summary": forms.Textarea(attrs=SMALL_TEXT),
            "client_view": forms.Textarea(attrs=SMALL_TEXT),
            "outcome": forms.RadioSelect,
            "reviewed_on": forms.DateInput,
            "next_on": forms.DateInput,
        }
        help_texts = {"next_on": _("Empty: as the program sets it.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = PlanReview.Outcome.choices
        self.helper.layout = Layout(
            "submit_key",
            "version",
            "summary",
            "client_view",
            "outcome",
            Div("reviewed_on", "next_on", css_class="form-grid"),
        )

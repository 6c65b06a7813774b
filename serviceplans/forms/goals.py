"""Forms of goals, objectives and actions; what may be chosen is the person's own."""

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.db.models import Q
from django.forms.models import fields_for_model
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.domains import Rating
from assessments.models import Need, Strength
from casemgmt.core.forms import HouseForm, HouseModelForm
from serviceplans.charts import plain
from serviceplans.models import (
    Goal,
    Objective,
    PlanAction,
)

CHIPS = {"class": "chips"}


class NeedChoices(forms.ModelMultipleChoiceField):
    """Needs to tap; the urgent ones say so."""

    widget = forms.CheckboxSelectMultiple(attrs=CHIPS)

    def label_from_instance(self, need):
        if need.severity == Rating.URGENT:
            return _("%(need)s (urgent)") % {"need": need}
        return str(need)


class GoalForm(HouseModelForm):
    """A goal, the needs it answers and the strength it builds on."""

    needs = NeedChoices(queryset=Need.objects.none(), required=False, label=_("Answers these needs"))

    class Meta:
        model = Goal
        fields = ["needs", "title", "why", "strength", "agreement"]
        widgets = {"title": forms.Textarea(attrs={"rows": 2}), "agreement": forms.RadioSelect}
        help_texts = {"title": _("For example: “I want a quiet place of my own.”")}

    def __init__(self, *args, enrollment, **kwargs):
        super().__init__(*args, **kwargs)
        needs = Need.objects.visible_to(self.staff).filter(enrollment=enrollment).in_order()
        # A need that was met meanwhile stays where it was chosen.
        chosen = self.initial.get("needs") or []
        self.fields["needs"].queryset = needs.filter(Q(met_on=None) | Q(pk__in=chosen))
        strengths = Strength.objects.visible_to(self.staff).filter(enrollment=enrollment)
        still = Q(ended_on=None) | Q(pk=self.instance.strength_id)
        self.fields["strength"].queryset = strengths.filter(still)
        self.fields["strength"].empty_label = _("None yet")
        self.fields["agreement"].choices = Goal.Agreement.choices


OBJECTIVE_FIELDS = [
    "text", "measure", "unit", "baseline", "target", "target_on", "indicator", "achievable", "relevant",
]  # fmt: skip


OBJECTIVE_WIDGETS = {
    "indicator": forms.RadioSelect,
    "target_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
}


def _row(*fields):
    """Short fields side by side, also on a phone."""
    return Div(*(Div(name, css_class=width) for name, width in fields), css_class="row gx-3")


def objective_layout(unfolded=False):
    """The five prompts of SMART in the order in which one talks."""
    return (
        "text",
        _row(("measure", "col-12 col-md-8"), ("unit", "col-12 col-md-4")),
        _row(("baseline", "col-6 col-md-3"), ("target", "col-6 col-md-3"), ("target_on", "col-12 col-md-6")),
        "indicator",
        Div(
            "achievable", "relevant", template="serviceplans/_fold.html", css_class="open" if unfolded else ""
        ),
    )


class GoalBeginForm(GoalForm):
    """A goal and its first objective at one go; the objective may also come later."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields |= fields_for_model(Objective, OBJECTIVE_FIELDS, widgets=OBJECTIVE_WIDGETS)
        self.fields["text"].required = False
        self.fields["text"].label = _("First objective")
        self.fields["indicator"].required = False
        self.helper.layout = Layout(
            "submit_key",
            "version",
            "needs",
            "title",
            "why",
            "strength",
            "agreement",
            Fieldset(_("How you will both know"), *objective_layout(), css_class="form-section"),
        )

    def clean(self):
        data = super().clean()
        filled = [
            n for n in OBJECTIVE_FIELDS if n not in ("text", "indicator") and data.get(n) not in (None, "")
        ]
        if filled and not data.get("text"):
            self.add_error("text", _("Say in a sentence what will be different."))
        return data

    def objective(self):
        """The unsaved objective, or None where nothing was typed."""
        if not self.cleaned_data["text"]:
            return None
        given = {n: self.cleaned_data[n] for n in OBJECTIVE_FIELDS}
        given["indicator"] = given["indicator"] or Objective.Indicator.OUTCOME
        return Objective(**given)


class ObjectiveForm(HouseModelForm):
    """A step to a goal that can be measured."""

    class Meta:
        model = Objective
        fields = OBJECTIVE_FIELDS
        widgets = OBJECTIVE_WIDGETS

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("baseline", "target"):
            if self.initial.get(name) is not None:
                self.initial[name] = plain(self.initial[name])
        self.helper.layout = Layout("submit_key", "version", *objective_layout(unfolded=True))


class ActionForm(HouseModelForm):
    """Who does what by when."""

    doer = forms.ChoiceField(label=_("Who"), widget=forms.RadioSelect)
    who = forms.CharField(label=_("Name, if somebody else"), max_length=150, required=False)

    class Meta:
        model = PlanAction
        fields = ["text", "doer", "who", "due_on"]
        widgets = {"due_on": forms.DateInput}

    def __init__(self, *args, client, **kwargs):
        super().__init__(*args, **kwargs)
        self.client = client
        self.fields["doer"].choices = [
            ("client", client.name),
            ("me", _("Me")),
            ("other", _("Somebody else")),
        ]
        self.fields["doer"].initial = "me"

    def action(self, objective):
        """The unsaved action with its doer."""
        action = self.save(commit=False)
        action.objective = objective
        doer = self.cleaned_data["doer"]
        action.staff = self.staff if doer == "me" else None
        if doer != "other":
            action.who = self.staff.name if doer == "me" else self.client.name
        return action


class GoalEndForm(HouseForm):
    """How a goal turned out."""

    result = forms.ChoiceField(label=_("Result"), choices=Goal.Result.choices, widget=forms.RadioSelect)
    ended_on = forms.DateField(label=_("On"), initial=timezone.localdate, widget=forms.DateInput)

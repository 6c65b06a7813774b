"""Forms of the plan; what may be chosen is the person's own needs and strengths. The rules are in the models."""

from crispy_forms.layout import Div, Fieldset, Layout
from django import forms
from django.db.models import Q
from django.forms.models import fields_for_model
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from assessments.domains import Rating
from assessments.models import Need, Strength
from casemgmt.core.forms import HouseForm, HouseModelForm
from clients.models import Consent
from serviceplans.charts import plain
from serviceplans.models import (
    Goal,
    NeedLeft,
    Objective,
    PlanAction,
    PlanReview,
    ServicePlan,
    ServiceReferral,
)

CHIPS = {"class": "chips"}
SMALL_TEXT = {"rows": 3}


class NeedChoices(forms.ModelMultipleChoiceField):
    """Needs to tap; the urgent ones say so."""

    widget = forms.CheckboxSelectMultiple(attrs=CHIPS)

    def label_from_instance(self, need):
        if need.severity == Rating.URGENT:
            return _("%(need)s (urgent)") % {"need": need}
        return str(need)


class PlanForm(HouseModelForm):
    """What stands above the goals."""

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
        self.helper.layout = Layout(
            "submit_key",
            "version",
            "vision",
            Div("starts_on", "review_on", css_class="form-grid"),
            "took_part",
        )


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


class SignForm(HouseForm):
    """One's name, typed."""

    typed_name = forms.CharField(
        label=_("Your name"),
        max_length=150,
        help_text=_("Typing it signs. Afterwards nothing here can be changed."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class NeedLeftForm(HouseModelForm):
    """Why an urgent need waits."""

    class Meta:
        model = NeedLeft
        fields = ["need", "why", "note"]
        widgets = {"need": forms.RadioSelect, "why": forms.RadioSelect}

    def __init__(self, *args, needs, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["need"].queryset = self.fields["need"].queryset.filter(pk__in=needs)
        self.fields["need"].empty_label = None
        self.fields["why"].choices = NeedLeft.Why.choices


class GoalEndForm(HouseForm):
    """How a goal turned out."""

    result = forms.ChoiceField(label=_("Result"), choices=Goal.Result.choices, widget=forms.RadioSelect)
    ended_on = forms.DateField(label=_("On"), initial=timezone.localdate, widget=forms.DateInput)


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

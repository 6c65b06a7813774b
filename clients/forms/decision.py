"""The form of the one dated decision."""

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import PickItem, Program, StaffMember
from casemgmt.agencies.models.program import PickList
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm
from casemgmt.resources.models import Resource, ResourceWord
from clients.forms.days import sensible_day
from clients.forms.fields import LONG, offer_choices
from clients.models import EligibilityDecision, IncomingReferral

FOUND = 8  # services shown for a search


class ServiceChoices(forms.ModelMultipleChoiceField):
    """Services of the directory to tick, with who offers them."""

    widget = forms.CheckboxSelectMultiple({"class": "choices"})

    def label_from_instance(self, resource):
        phone = next((p.get("number", "") for p in resource.phones if isinstance(p, dict)), "")
        return " · ".join(filter(None, (resource.name, resource.organization, phone)))


class DecisionForm(HouseForm):
    """Accept, waitlist, refer out or decline; what only one of them needs is shown with that one.

    The questions are those of one program. Sent with `look`, the form only shows again what a new choice of program
    or a search in the directory brings; nothing is decided.
    """

    outcome = forms.ChoiceField(
        label=_("Decision"), choices=EligibilityDecision.Outcome.choices, widget=forms.RadioSelect
    )
    program = forms.ModelChoiceField(Program.objects.all(), label=_("Program"), required=False)
    worker = forms.ModelChoiceField(
        StaffMember.objects.all(),
        label=worded(_("Accountable {worker}")),
        required=False,
        empty_label=_("Decide later"),
    )
    override = forms.CharField(
        label=_("Accept all the same because"), required=False, widget=forms.Textarea({"rows": 2})
    )
    priority = forms.ChoiceField(
        label=_("Priority"),
        choices=[
            (IncomingReferral.Urgency.ROUTINE.value, _("In turn")),
            (IncomingReferral.Urgency.SOON.value, _("Before others")),
            (IncomingReferral.Urgency.URGENT.value, _("First")),
        ],
        initial=IncomingReferral.Urgency.ROUTINE,
        required=False,
        widget=forms.RadioSelect,
    )
    priority_reason = forms.CharField(label=_("Why before others"), required=False, max_length=300)
    expected_on = forms.DateField(
        label=_("A place is expected on"), required=False, widget=forms.DateInput, validators=[sensible_day]
    )
    search = forms.CharField(
        label=_("Find in the directory"),
        required=False,
        max_length=100,
        widget=forms.TextInput({"type": "search", "placeholder": _("For example: food, shelter")}),
    )
    resources = ServiceChoices(Resource.objects.all(), label=_("Offered"), required=False)
    offered = forms.CharField(
        label=_("Not in the directory"),
        required=False,
        max_length=2000,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("One a line: who can help, with phone."),
    )
    follow_up_on = forms.DateField(
        label=_("Ask how it went on"), required=False, widget=forms.DateInput, validators=[sensible_day]
    )
    reason = forms.ModelChoiceField(PickItem.objects.all(), label=_("Reason"), required=False)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(LONG))

    def __init__(self, *args, questions, **kwargs):
        super().__init__(*args, **kwargs)
        offer_choices(self)
        self.fields["reason"].queryset = self.fields["reason"].queryset.of(PickList.DECISION)
        self.program = self._chosen_program()
        self.questions = [q for q in questions if self.program and q.program_id == self.program.pk]
        for question in self.questions:
            self.fields[f"question_{question.pk}"] = forms.TypedChoiceField(
                label=question.question,
                choices=[("yes", _("Yes")), ("no", _("No"))],
                coerce=lambda v: v == "yes",
                empty_value=None,
                required=False,
                widget=forms.RadioSelect({"class": "chips"}),
            )
        if not self.questions or not self.staff.may("eligibility.override"):
            del self.fields["override"]
        self._find()

    def _said(self, name):
        return self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)

    def _chosen_program(self):
        field = self.fields["program"]
        try:
            return field.to_python(self._said("program") or (None if self.is_bound else field.initial))
        except forms.ValidationError:
            return None

    def _find(self):
        """Offer what the search finds and what was ticked before, and nothing else of a long directory."""
        field = self.fields["resources"]
        ticked = self.data.getlist(self.add_prefix("resources")) if self.is_bound else []
        ticked = [int(pk) for pk in ticked if pk.isdecimal() and len(pk) < 19]
        words, self.found_nothing = str(self._said("search") or "").strip()[:100], False
        found = []
        if words:
            known = ResourceWord.objects.visible_to(self.staff)
            (kin,) = known.kin_of((ResourceWord.Kind.WORD, words))
            if kin:
                found = field.queryset.open().with_words(*kin).best_first(*kin)[:FOUND]
                found = [r.pk for r in found]
            self.found_nothing = not found
        field.queryset = field.queryset.filter(pk__in={*found, *ticked})
        self.shows_resources = bool(found or ticked)

    def decision(self):
        """The arguments of Intake.decide."""
        said = self.cleaned_data
        names = (
            "program",
            "worker",
            "reason",
            "note",
            "resources",
            "offered",
            "follow_up_on",
            "priority_reason",
            "expected_on",
        )
        return {name: said[name] for name in names} | {
            "priority": said["priority"] or IncomingReferral.Urgency.ROUTINE,
            "answers": {q.pk: said.get(f"question_{q.pk}") for q in self.questions},
            "override": said.get("override", ""),
        }

    def question_fields(self):
        return [self[f"question_{q.pk}"] for q in self.questions]

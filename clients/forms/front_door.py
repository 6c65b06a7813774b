"""Forms of the front door."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.models import PickItem, Program, StaffMember
from casemgmt.agencies.models.program import PickList
from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm, HouseModelForm
from clients.forms.fields import LONG, DatePartsField, offer_choices
from clients.models import Client, EligibilityDecision, IncomingReferral, Intake

NAME_FIELDS = ["given_name", "family_name", "chosen_name", "born_on", "phone"]


class NamedPerson(forms.Form):
    """The few fields by which a person is known, and the question whether they are known already."""

    known_client = forms.ModelChoiceField(
        Client.objects.all(),
        required=False,
        blank=True,
        empty_label=_("No, this is somebody new"),
        label=_("Is it one of these people?"),
        widget=forms.RadioSelect,
    )
    given_name = forms.CharField(label=_("First name"), max_length=100, required=False)
    family_name = forms.CharField(label=_("Last name"), max_length=100, required=False)
    chosen_name = forms.CharField(
        label=_("Name they go by"),
        max_length=100,
        required=False,
        help_text=_("An alias is enough to begin."),
    )
    born_on = DatePartsField(label=_("Date of birth"), required=False)
    phone = forms.CharField(
        label=_("Phone"),
        max_length=40,
        required=False,
        validators=Client._meta.get_field("phone").validators,
        widget=forms.TextInput({"type": "tel"}),
    )
    nobody_known = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def look_for_matches(self):
        """Offer people who may be the same; True once the worker has decided (REQ-112)."""
        said = self.cleaned_data
        name = f"{said.get('chosen_name') or said.get('given_name') or ''} {said.get('family_name') or ''}"
        legal = f"{said.get('given_name') or ''} {said.get('family_name') or ''}"
        known = Client.objects.to_recognise(self.staff)
        found = known.possible_matches(
            name=name.strip(), born_on=said.get("born_on"), phone=said.get("phone") or ""
        ) | known.possible_matches(name=legal.strip())
        self.matches = list(found.distinct().order_by("name_key", "pk")[:5])
        if not self.matches or said.get("known_client") or said.get("nobody_known"):
            return True
        self.data = self.data.copy()
        self.data[self.add_prefix("nobody_known")] = "on"
        self.add_error(
            "known_client",
            _(
                "Somebody with this name or birth date is known here. Choose them, or send again as somebody new."
            ),
        )
        return False

    def clean(self):
        said = super().clean()
        if not said.get("known_client"):
            if not any((said.get(n) or "").strip() for n in ("given_name", "family_name", "chosen_name")):
                self.add_error("given_name", _("Enter a name, or an alias they go by."))
            if not self.errors:
                self.look_for_matches()
        return said

    def person(self):
        """The person chosen, or a new one."""
        said = self.cleaned_data
        if said.get("known_client"):
            return said["known_client"]
        new = Client(**{name: said[name] for name in NAME_FIELDS if said.get(name)})
        new.save()
        return new

    def offer(self):
        """Show the choice of known people only where there are some, and nobody else in it; returns whom it shows."""
        matches = getattr(self, "matches", [])
        chosen = str((self.data if self.is_bound else self.initial).get("known_client") or "")
        if not matches and not chosen:
            del self.fields["known_client"]
            return []
        field = self.fields["known_client"]
        wanted = {m.pk for m in matches} | (
            {int(chosen)} if chosen.isdecimal() and len(chosen) < 19 else set()
        )
        field.queryset = field.queryset.filter(pk__in=wanted)
        own = {c.pk for c in field.queryset}
        for match in matches:
            match.is_own = match.pk in own
        return {m.pk for m in matches} | own


class ReferralForm(NamedPerson, HouseModelForm):
    """A referral, as it comes in by phone."""

    class Meta:
        model = IncomingReferral
        fields = (
            "source",
            "source_contact",
            "reason",
            "presenting_need",
            "urgency",
            "program",
            "assigned_to",
        )
        widgets = {
            "reason": forms.Textarea(LONG),
            "presenting_need": forms.Textarea(LONG),
            "urgency": forms.RadioSelect,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_choices(self)


class IntakeForm(HouseModelForm):
    """The first meeting; only the reason and the safety question are needed (REQ-113)."""

    class Meta:
        model = Intake
        fields = (
            "reason",
            "safe_now",
            "safety_note",
            "first_help",
            "place_tonight",
            "food_today",
            "medication_low",
            "dependants",
            "helper",
            "other_workers",
            "avoid",
            "program",
            "assigned_to",
            "started_on",
        )
        widgets = {
            "reason": forms.Textarea(LONG),
            "first_help": forms.Textarea(LONG),
            "safety_note": forms.Textarea(LONG),
            "safe_now": forms.RadioSelect,
            "place_tonight": forms.RadioSelect,
            "food_today": forms.RadioSelect,
            "medication_low": forms.RadioSelect,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        offer_choices(self)
        for name in ("safe_now", "place_tonight", "food_today", "medication_low"):
            self.fields[name].choices = Intake.Answer.choices

    def clean_started_on(self):
        day = self.cleaned_data["started_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("The first meeting cannot be in the future."))
        return day

    def clean(self):
        said = super().clean()
        if said.get("safe_now") == Intake.Answer.NO and not (said.get("safety_note") or "").strip():
            self.add_error("safety_note", _("They are not safe: say what was done about it."))
        return said


class NewIntakeForm(NamedPerson, IntakeForm):
    """Who the person is and the first meeting, on one page."""


class DecisionForm(HouseForm):
    """The one dated decision, with the program's own questions."""

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
    reason = forms.ModelChoiceField(PickItem.objects.all(), label=_("Reason"), required=False)
    note = forms.CharField(label=_("Note"), required=False, widget=forms.Textarea(LONG))
    offered = forms.CharField(
        label=_("Resources offered"),
        required=False,
        widget=forms.Textarea({"rows": 2}),
        help_text=_("When referring out: who can help instead, with phone."),
    )
    follow_up_on = forms.DateField(
        label=_("Ask how it went on"),
        required=False,
        widget=forms.DateInput,
        help_text=_("When referring out."),
    )
    override = forms.CharField(
        label=_("Accept all the same because"), required=False, widget=forms.Textarea({"rows": 2})
    )

    def __init__(self, *args, intake, questions, **kwargs):
        super().__init__(*args, **kwargs)
        offer_choices(self)
        self.fields["reason"].queryset = self.fields["reason"].queryset.of(PickList.DECISION)
        self.questions = questions
        for question in questions:
            self.fields[f"question_{question.pk}"] = forms.TypedChoiceField(
                label=f"{question.program}: {question.question}",
                choices=[("yes", _("Yes")), ("no", _("No"))],
                coerce=lambda v: v == "yes",
                empty_value=None,
                required=False,
                widget=forms.RadioSelect,
            )
        if not questions or not self.staff.may("eligibility.override"):
            del self.fields["override"]

    def decision(self):
        """The arguments of Intake.decide."""
        said = self.cleaned_data
        answers = {
            q.pk: said.get(f"question_{q.pk}")
            for q in self.questions
            if said.get("program") and q.program_id == said["program"].pk
        }
        names = ("program", "worker", "reason", "note", "offered", "follow_up_on")
        return {name: said[name] for name in names} | {
            "answers": answers,
            "override": said.get("override", ""),
        }

    def question_fields(self):
        return [self[f"question_{q.pk}"] for q in self.questions]

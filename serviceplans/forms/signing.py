"""Forms of signing: the author's name, and what everybody who has a say answers."""

from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext_lazy as _

from casemgmt.agencies.words import worded
from casemgmt.core.forms import HouseForm, HouseModelForm
from clients.forms.signing import THEMSELF, SignerField
from clients.models import LegalRepresentative
from serviceplans.models import Goal, PlanAddendum, PlanSignature

Answer = PlanSignature.Answer


@dataclass(frozen=True)
class Party:
    """Somebody who answers to the plan: themself, or who represents them; and why they may not today."""

    key: str
    name: str
    representative: LegalRepresentative | None = None
    why_not: str = ""


def _answer_fields(start=""):
    """The four fields of one answer; the names begin with `start`."""
    return {
        f"{start}answer": forms.ChoiceField(
            label=_("Their answer"),
            choices=Answer.choices,
            widget=forms.RadioSelect(attrs={"class": "choices"}),
        ),
        f"{start}told": forms.BooleanField(
            label=worded(_("I was told what the {plan} says, and what signing means.")), required=False
        ),
        f"{start}name": forms.CharField(
            label=_("Name of who signs, typed"),
            max_length=150,
            required=False,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
        ),
        f"{start}view": forms.CharField(
            label=_("In their words"),
            required=False,
            widget=forms.Textarea({"rows": 3}),
            help_text=_("Where they do not sign: what they say about it, or why they could not be asked."),
        ),
    }


def _check_answer(form, start=""):
    """Say beside each field what an answer lacks."""
    said = form.cleaned_data
    answer = said.get(f"{start}answer")
    if answer in (Answer.SIGNED, Answer.AGREED) and not said.get(f"{start}told"):
        form.add_error(f"{start}told", _("Explain it first, then tick this."))
    if answer == Answer.SIGNED and not said.get(f"{start}name") and f"{start}name" not in form.errors:
        form.add_error(f"{start}name", _("Type the name of who signs."))
    if answer in (Answer.REFUSED, Answer.UNABLE) and not said.get(f"{start}view"):
        words = {
            Answer.REFUSED: _("Write down what they say about it."),
            Answer.UNABLE: _("Say why they could not be asked."),
        }
        form.add_error(f"{start}view", words[answer])


def _answer_in(form, start, representative):
    """What `ServicePlan.hear` takes."""
    said = form.cleaned_data
    answer = said[f"{start}answer"]
    return {
        "answer": answer,
        "typed_name": said[f"{start}name"] if answer == Answer.SIGNED else "",
        "view": said[f"{start}view"],
        "representative": representative,
    }


def _name_field(help_text="", required=True):
    return forms.CharField(
        label=_("Your name, typed"),
        max_length=150,
        required=required,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class SignForm(HouseForm):
    """The author's name, what the person says to each goal, and the answer of everybody who has a say."""

    typed_name = _name_field(_("Typing it signs. Afterwards nothing here can be changed."))

    def __init__(self, *args, plan, goals, **kwargs):
        super().__init__(*args, **kwargs)
        self.goals = [goal for goal in goals if not goal.agreement]
        for goal in self.goals:
            self.fields[f"agreement_{goal.pk}"] = forms.ChoiceField(
                label=worded(_("Does the {client} agree?")),
                choices=Goal.Agreement.choices,
                widget=forms.RadioSelect(attrs={"class": "chips"}),
            )
        self.parties, self.cannot = [Party(THEMSELF, plan.enrollment.client.name)], []
        known = LegalRepresentative.objects.visible_to(self.staff).filter(client=plan.enrollment.client_id)
        for row in known:
            party = Party(f"rep{row.pk}", str(row), row, row.why_not_sign("plan"))
            # Sent all the same (the page stood open, or somebody typed it), they are refused beside the field.
            if not party.why_not or self.data.get(f"{party.key}_answer"):
                self.parties.append(party)
            elif row.for_health:
                self.cannot.append(party)
        for party in self.parties:
            self.fields.update(_answer_fields(f"{party.key}_"))

    def clean(self):
        for party in self.parties:
            if party.why_not:
                self.add_error(f"{party.key}_answer", party.why_not)
            else:
                _check_answer(self, f"{party.key}_")

    def agreements(self):
        """Goals with what the person says to each, where it was not said before."""
        return [(goal, self.cleaned_data[f"agreement_{goal.pk}"]) for goal in self.goals]

    def answers(self):
        """What each of them answers, as `ServicePlan.present` takes it."""
        return [_answer_in(self, f"{party.key}_", party.representative) for party in self.parties]

    def rows(self):
        """The parties with their fields, for the page."""
        names = ("answer", "told", "name", "view")
        for party in self.parties:
            yield {"who": party.name} | {name: self[f"{party.key}_{name}"] for name in names}

    def agreement_of(self, goal):
        """The field in which the person says what they think of this goal; None where they said it."""
        name = f"agreement_{goal.pk}"
        return self[name] if name in self.fields else None


class HearForm(HouseForm):
    """What one of them answers later, to a plan that is ready."""

    signer = SignerField(label=_("Whose answer"))

    def __init__(self, *args, plan, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["signer"].offer(plan.enrollment.client, "plan", self.staff)
        wanted = next((who for who in plan.still_wanted() if who != "supervisor"), THEMSELF)
        self.fields["signer"].initial = getattr(wanted, "pk", wanted)
        self.fields.update(_answer_fields())

    def clean(self):
        _check_answer(self)

    def heard(self):
        """What `ServicePlan.hear` takes."""
        return _answer_in(self, "", self.cleaned_data["signer"].representative)


class SecondForm(HouseForm):
    """The name of the second person; a question instead goes back with the plan."""

    typed_name = _name_field(required=False)
    note = forms.CharField(
        label=_("Your question, or what has to change"),
        required=False,
        widget=forms.Textarea({"rows": 3}),
    )

    def clean(self):
        wanted = "note" if "back" in self.data else "typed_name"
        if not self.cleaned_data.get(wanted) and wanted not in self.errors:
            words = {"note": _("Say what has to change."), "typed_name": _("Type your name to sign.")}
            self.add_error(wanted, words[wanted])


class ReopenForm(HouseForm):
    """Why a plan that waits for signatures is opened again."""

    note = forms.CharField(label=_("What has to change"), widget=forms.Textarea({"rows": 3}))


class AddendumForm(HouseModelForm):
    """What is added to a plan after it was signed."""

    class Meta:
        model = PlanAddendum
        fields = ("text",)
        widgets = {"text": forms.Textarea({"rows": 4})}
